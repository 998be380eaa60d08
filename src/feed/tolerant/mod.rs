//! Our own reader: it takes every document and gives what can be found in it.
//!
//! It builds no tree, because a damaged document has none. It goes through the
//! tokens and knows only whether it stands in the feed or in an entry, whether in
//! a person, image or source, and which field it is collecting. A field ends
//! where its end tag stands, or where another field begins; an entry ends where
//! the next one begins. So a tag that is never closed costs one field at most.
//! Elements that it does not know are as good as not there, and tags that are no
//! fields are kept as the markup of the text that they stand in.

pub(in crate::feed) mod field;
mod fill;

pub(in crate::feed) use fill::person_name;

use super::date;
use super::draft::{Draft, Parts, Wishes, collect};
use super::markup::{Markup, Tag, Token};
use super::names::{self, Prefixes, Vocabulary};
use super::problems::Problems;
use super::references::decode;
use super::survey::is_root;
use super::{ENTRIES_MAX, Format};
use crate::work;
use field::{Field, inside, lookup};
use std::borrow::Cow;
use url::Url;

/// The longest text of one field that is collected, in bytes; what is kept of it
/// is often less.
const FIELD_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A longer base is none, because it would be copied into each link; in bytes.
pub(super) const BASE_BYTES_MAX: usize = 2 * 1024;

/// Reads a document from its root on.
pub(super) fn read(
    text: &str,
    format: Format,
    prefixes: &Prefixes<'_>,
    problems: &mut Problems,
) -> Draft {
    let mut reader = Reader::new(format, prefixes, problems);
    reader.document(text);
    reader.break_off();
    reader.finish()
}

/// Reads what a document says of itself, around its entries.
pub(super) fn read_head(
    around: [&str; 2],
    format: Format,
    prefixes: &Prefixes<'_>,
    problems: &mut Problems,
) -> Draft {
    let mut reader = Reader::new(format, prefixes, problems);
    for part in around {
        reader.document(part);
        reader.end_entry();
    }
    let mut draft = reader.finish();
    draft.entries.clear();
    draft
}

struct Reader<'a, 'p> {
    format: Format,
    prefixes: &'p Prefixes<'a>,
    problems: &'p mut Problems,
    head: Parts,
    wishes: Wishes,
    entries: Vec<Parts>,
    entry: Option<Box<Parts>>,
    /// The person, image, source or aside that we are in, and its name.
    around: Option<(Field, &'a str)>,
    person: Person,
    capture: Option<Capture<'a>>,
    bases: Bases,
}

/// What is known of the person that is being read.
#[derive(Debug, Default)]
struct Person {
    name: Option<String>,
    address: Option<String>,
}

/// The bases of links: each is resolved against the one around it.
#[derive(Debug, Default)]
struct Bases {
    feed: Option<Url>,
    entry: Option<Url>,
}

/// A field whose text is being collected.
struct Capture<'a> {
    field: Field,
    rank: u8,
    name: &'a str,
    tag: Tag<'a>,
    /// How many elements of the same name are open inside of it.
    nested: usize,
    text: String,
    has_markup: bool,
    /// Whether its markup is to be kept as it is, references and all.
    is_raw: bool,
    is_cut: bool,
}

impl Capture<'_> {
    fn push(&mut self, text: &str) {
        let room = FIELD_BYTES_MAX.saturating_sub(self.text.len());
        let kept = text.get(..text.floor_char_boundary(room)).unwrap_or(text);
        self.is_cut |= kept.len() < text.len();
        self.text.push_str(kept);
    }

    fn markup(&mut self, source: &str) {
        self.has_markup = true;
        self.push(source);
    }

    /// Whether this element begins another field instead of being markup of this
    /// one. HTML has elements that are called like ours.
    fn is_broken_by(&self, vocabulary: Vocabulary, name: &str) -> bool {
        const ALSO_HTML: [&str; 6] = ["title", "link", "source", "summary", "image", "body"];
        let is_ambiguous = || ALSO_HTML.iter().any(|it| name.eq_ignore_ascii_case(it));
        lookup(vocabulary, name).is_some()
            && vocabulary != Vocabulary::Xhtml
            && !self.is_raw
            && !(self.has_markup && vocabulary == Vocabulary::Feed && is_ambiguous())
    }
}

impl<'a, 'p> Reader<'a, 'p> {
    fn new(format: Format, prefixes: &'p Prefixes<'a>, problems: &'p mut Problems) -> Self {
        Self {
            format,
            prefixes,
            problems,
            head: Parts::default(),
            wishes: Wishes::default(),
            entries: Vec::new(),
            entry: None,
            around: None,
            person: Person::default(),
            capture: None,
            bases: Bases::default(),
        }
    }

    fn document(&mut self, text: &'a str) {
        for token in Markup::new(text) {
            if self.entries.len() > ENTRIES_MAX {
                break;
            }
            match token {
                Token::Start(tag) => self.start(tag),
                Token::End { name, .. } => self.end(name),
                Token::Text(text) => self.text(text),
                Token::Literal(text) => {
                    if let Some(capture) = &mut self.capture {
                        capture.push(text);
                    }
                }
            }
        }
    }

    /// Ends an entry in which the document breaks off. Half of a guid would be
    /// another guid, and the rest of the entry comes at the next poll: without
    /// what tells the others apart it is better not read yet.
    fn break_off(&mut self) {
        let Some(entry) = &self.entry else {
            return;
        };
        self.problems
            .note("the document breaks off in an entry", "");
        let is_cut = |field| matches!(&self.capture, Some(capture) if capture.field == field);
        let have_guids = self.entries.iter().any(|entry| entry.guid.value.is_some());
        let has_guid = entry.guid.value.is_some();
        let has_link = !entry.links.is_empty();
        if is_cut(Field::Guid) || is_cut(Field::Link) {
            self.capture = None;
        }
        if !has_guid && (have_guids || !has_link) {
            self.capture = None;
            self.entry = None;
        }
    }

    fn finish(mut self) -> Draft {
        self.end_entry();
        Draft {
            format: self.format,
            head: self.head,
            wishes: self.wishes,
            entries: self.entries,
            breaks_off: false,
        }
    }

    fn text(&mut self, text: &str) {
        let Some(capture) = &mut self.capture else {
            return;
        };
        work::count(text.len());
        if capture.is_raw {
            capture.push(text);
        } else {
            capture.push(&decode(text));
        }
    }

    fn resolve(&self, name: &'a str) -> (Vocabulary, &'a str) {
        let (prefix, local) = names::split(name);
        (self.prefixes.vocabulary(prefix), local)
    }

    fn start(&mut self, tag: Tag<'a>) {
        let (prefix, local) = names::split(tag.name);
        let mut vocabulary = self.prefixes.vocabulary(prefix);
        if prefix.is_empty()
            && let Some(address) = own_namespace(tag)
        {
            vocabulary = match names::of_address(address).0 {
                Vocabulary::Unknown => vocabulary,
                declared => declared,
            };
        }
        let meaning = lookup(vocabulary, local);
        if meaning == Some((Field::Entry, 0)) {
            self.end_entry();
            self.begin_entry(tag);
            return;
        }
        if let Some((around, _)) = self.around
            && let Some(field) = inside(around, vocabulary, local)
        {
            self.close_capture();
            if field != Field::Aside {
                self.begin(field, 0, tag);
            }
            return;
        }
        if let Some(capture) = &mut self.capture {
            if !capture.is_broken_by(vocabulary, local) {
                if tag.name == capture.name && !tag.is_empty {
                    capture.nested += 1;
                }
                capture.markup(tag.source);
                return;
            }
            self.close_capture();
        }
        // A person that another field follows was never closed.
        if matches!(self.around, Some((Field::Person, _))) && meaning.is_some() {
            self.close_around();
        }
        if self.around.is_some() {
            return;
        }
        self.context(tag, local);
        if let Some((field, rank)) = meaning {
            self.begin(field, rank, tag);
        }
    }

    fn begin_entry(&mut self, tag: Tag<'a>) {
        let mut entry = Box::<Parts>::default();
        if let Some(about) = tag.attribute("rdf:about") {
            let about = decode(about).into_owned();
            entry.guid.offer(2, about.clone());
            entry.guid_is_link = Some(true);
        }
        if let Some(language) = tag.attribute("xml:lang") {
            entry.language.offer(5, decode(language).into_owned());
        }
        self.bases.entry = base_of(tag, self.bases.feed.as_ref());
        self.entry = Some(entry);
        self.channel_definition(tag);
        if tag.is_empty {
            self.end_entry();
        }
    }

    /// What the root and the channel say in their attributes.
    fn context(&mut self, tag: Tag<'a>, local: &str) {
        if !is_root(local) {
            return;
        }
        if let Some(base) = base_of(tag, self.bases.feed.as_ref()) {
            self.bases.feed = Some(base);
        }
        if let Some(language) = tag.attribute("xml:lang") {
            self.head.language.offer(5, decode(language).into_owned());
        }
        self.channel_definition(tag);
    }

    /// The Channel Definition Format of 1997, which RSS took its names from, has
    /// link and date in the tag of a channel or an item.
    fn channel_definition(&mut self, tag: Tag<'a>) {
        if let Some(href) = tag.attribute("href") {
            let link = self.link(decode(href).into_owned(), tag);
            collect(&mut self.parts().links, link);
        }
        if let Some(at) = tag.attribute("lastmod").and_then(date::parse) {
            self.parts().updated.offer(3, at);
        }
    }

    fn begin(&mut self, field: Field, rank: u8, tag: Tag<'a>) {
        if matches!(
            field,
            Field::Person | Field::Image | Field::Source | Field::Aside
        ) && !tag.is_empty
        {
            self.around = Some((field, tag.name));
            self.person = Person::default();
        }
        let is_told = self.attributes(field, rank, tag);
        if is_told || tag.is_empty || field == Field::Aside {
            return;
        }
        self.capture = Some(Capture {
            field,
            rank,
            name: tag.name,
            tag,
            nested: 0,
            text: String::new(),
            has_markup: false,
            is_raw: is_xhtml(field, tag),
            is_cut: false,
        });
    }

    fn end(&mut self, name: &'a str) {
        let (vocabulary, local) = self.resolve(name);
        if lookup(vocabulary, local) == Some((Field::Entry, 0)) {
            self.end_entry();
            return;
        }
        let closes_around = self.around.is_some_and(|(_, around)| around == name);
        if let Some(capture) = &mut self.capture {
            if capture.name == name && capture.nested > 0 {
                capture.nested -= 1;
                capture.push("</");
                capture.push(name);
                capture.push(">");
            } else if capture.name == name || closes_around {
                self.close_capture();
            } else {
                capture.markup("</");
                capture.push(name);
                capture.push(">");
            }
        }
        if closes_around && self.capture.is_none() {
            self.close_around();
        }
    }

    fn end_entry(&mut self) {
        self.close_capture();
        self.close_around();
        self.bases.entry = None;
        if let Some(entry) = self.entry.take() {
            self.entries.push(*entry);
        }
    }

    fn close_around(&mut self) {
        if let Some((Field::Person, _)) = self.around {
            let person = std::mem::take(&mut self.person);
            if let Some(name) = person.name.or(person.address) {
                self.author(&name);
            }
        }
        self.around = None;
    }

    fn close_capture(&mut self) {
        let Some(mut capture) = self.capture.take() else {
            return;
        };
        if capture.is_cut {
            self.problems.note("a text is too long and is cut", "");
        }
        let text = std::mem::take(&mut capture.text);
        let text = if capture.is_raw {
            without_wrapper(text)
        } else {
            trimmed(text)
        };
        if !text.is_empty() {
            self.put(&capture, text);
        }
    }

    /// What is being read: the entry, else the feed.
    fn parts(&mut self) -> &mut Parts {
        self.entry.as_deref_mut().unwrap_or(&mut self.head)
    }
}

/// A namespace that a tag declares for itself.
fn own_namespace(tag: Tag<'_>) -> Option<&str> {
    tag.inside
        .contains("xmlns")
        .then(|| tag.attribute("xmlns"))?
}

/// The base of what stands in an element.
fn base_of(tag: Tag<'_>, outer: Option<&Url>) -> Option<Url> {
    let told = tag
        .attribute("xml:base")
        .filter(|base| base.len() <= BASE_BYTES_MAX)
        .map(decode);
    match (told, outer) {
        (Some(base), Some(outer)) => outer.join(base.trim()).ok(),
        (Some(base), None) => Url::parse(base.trim()).ok(),
        (None, outer) => outer.cloned(),
    }
}

/// Whether a text is markup of the document itself (RFC 4287, section 3.1.1.3;
/// `mode` is of Atom 0.3).
fn is_xhtml(field: Field, tag: Tag<'_>) -> bool {
    if !matches!(field, Field::Title | Field::Summary | Field::Content) {
        return false;
    }
    let is = |name: &str, value: &str| tag.attribute(name).is_some_and(|it| it.trim() == value);
    is("type", "xhtml")
        || is("mode", "xml")
        || (is("type", "application/xhtml+xml") && tag.attribute("mode").is_none())
        || names::split(tag.name).1.eq_ignore_ascii_case("body")
}

/// XHTML stands in a `<div>` that is no part of it (RFC 4287, section 3.1.1.3).
fn without_wrapper(text: String) -> String {
    let inside = || {
        let start = text.trim();
        let (open, rest) = start.split_once('>')?;
        let (_, name) = names::split(open.strip_prefix('<')?.split_ascii_whitespace().next()?);
        let (content, close) = rest.rsplit_once("</")?;
        let closes = names::split(close.trim_end_matches('>').trim()).1;
        let is_div = |name: &str| name.eq_ignore_ascii_case("div");
        (is_div(name) && is_div(closes)).then_some(content.trim())
    };
    match inside() {
        Some(content) => content.to_owned(),
        None => trimmed(text),
    }
}

/// A text without the space around it, moved only where there is some.
fn trimmed(text: String) -> String {
    match text.trim() {
        same if same.len() == text.len() => text,
        trimmed => Cow::Borrowed(trimmed).into_owned(),
    }
}
