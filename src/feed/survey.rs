//! One look at a document before it is read: what it declares, what is in it,
//! and what is wrong with it.
//!
//! The survey decides which reader a document gets. It also counts the entries
//! and what each of them has, because the first reader drops in silence what it
//! does not know; what that reader gives is held against these counts.

use super::draft::Parts;
use super::markup::{Markup, Tag, Token};
use super::names::{self, Prefixes, Spelling, Vocabulary};
use super::problems::Problems;
use super::references::{self, Form};
use super::tolerant::BASE_BYTES_MAX;
use super::tolerant::field::{Field, lookup};
use super::{ENTRIES_MAX, Format};
use crate::text::html;

/// A larger document goes to our own reader, which needs less memory, in bytes.
const FIRST_READER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// As many entries go to the first reader, which makes a kilobyte of each.
const FIRST_READER_ENTRIES_MAX: usize = 2_000;

/// As small a field in the mean, in bytes: the first reader makes two hundred bytes of
/// each, and feeds in use have longer ones.
const FIRST_READER_FIELD_BYTES_MIN: usize = 32;

/// Groups times bytes: `feed_rs` copies the Media RSS of an entry into each
/// `media:group` of it. Feeds in use stay below a tenth of this.
const COPIED_BYTES_MAX: usize = 200_000_000;

/// What an entry was seen to have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    /// One bit for each of [`LINK`] and its neighbours.
    parts: u8,
    guid_is_link: Option<bool>,
}

const LINK: u8 = 1;
const TITLE: u8 = 2;
const DATE: u8 = 4;
const TEXT: u8 = 8;
const GUID: u8 = 16;

impl Seen {
    fn has(self, part: u8) -> bool {
        self.parts & part != 0
    }
}

/// What was found in a document.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    pub(super) prefixes: Prefixes<'a>,
    entries: Vec<Seen>,
    /// The document before its first entry and after its last.
    around: [&'a str; 2],
    /// Whether only our own reader can do it justice.
    is_beyond_first: bool,
    is_closed: bool,
}

impl<'a> Survey<'a> {
    /// What the document says around its entries.
    pub(super) fn around(&self) -> [&'a str; 2] {
        self.around
    }

    /// Whether the document ends before its root is closed.
    pub(super) fn breaks_off(&self) -> bool {
        !self.is_closed && self.entries.len() <= ENTRIES_MAX
    }

    /// Whether the first reader is worth a try.
    pub(super) fn suits_first(&self) -> bool {
        !self.is_beyond_first
    }

    /// Completes what the first reader found, if it lost nothing; else says what.
    /// Where dates were met that nobody can read, none is missed.
    pub(super) fn verify(
        &self,
        found: &mut [Parts],
        has_odd_dates: bool,
    ) -> Result<(), &'static str> {
        if found.len() != self.entries.len() {
            return Err("entries");
        }
        for (parts, seen) in found.iter_mut().zip(&self.entries) {
            let has_date = parts.published.value.is_some() || parts.updated.value.is_some();
            let has_text = parts.summary.value.is_some() || parts.content.value.is_some();
            let lost = [
                (seen.has(LINK) && parts.links.is_empty(), "links"),
                (seen.has(TITLE) && parts.title.value.is_none(), "titles"),
                (seen.has(DATE) && !has_date && !has_odd_dates, "dates"),
                (seen.has(TEXT) && !has_text, "texts"),
                (seen.has(GUID) && parts.guid.value.is_none(), "guids"),
            ];
            if let Some((_, what)) = lost.into_iter().find(|(is_lost, _)| *is_lost) {
                return Err(what);
            }
            parts.guid_is_link = seen.guid_is_link;
        }
        Ok(())
    }
}

/// The root of a feed, where it begins, and the format that it tells.
pub(super) fn root(text: &str) -> Option<(usize, Format)> {
    /// Some sites print this much before their feed, in tags.
    const TAGS_MAX: usize = 2_000;
    let mut is_page = false;
    let tags = Markup::new(text).filter_map(|token| match token {
        Token::Start(tag) => Some(tag),
        _ => None,
    });
    for tag in tags.take(TAGS_MAX) {
        let (prefix, local) = names::split(tag.name);
        let is = |name: &str| local.eq_ignore_ascii_case(name);
        let format = if is("rss") || is("channel") {
            Format::Rss
        } else if is("feed") {
            Format::Atom
        } else if is("rdf") {
            Format::Rdf
        } else if !is_page && prefix.is_empty() && is("item") {
            Format::Rss
        } else if !is_page && prefix.is_empty() && is("entry") {
            Format::Atom
        } else {
            is_page |= is("html") || is("head") || is("body");
            continue;
        };
        return (!is_page).then_some((tag.at, format));
    }
    None
}

/// Looks through a document from its root on.
pub(super) fn survey<'a>(text: &'a str, format: Format, problems: &mut Problems) -> Survey<'a> {
    let mut surveyor = Surveyor {
        text,
        format,
        prefixes: Prefixes::default(),
        problems,
        entries: Vec::new(),
        first_entry: None,
        last_end: None,
        pending: None,
        raw: None,
        field: None,
        label: None,
        groups: 0,
        fields: 0,
        is_in_entry: false,
        is_beyond_first: text.len() > FIRST_READER_BYTES_MAX,
        root: Root::Awaited,
        last_prefix: None,
    };
    let mut markup = Markup::new(text);
    for token in markup.by_ref() {
        surveyor.token(token);
        if surveyor.entries.len() > ENTRIES_MAX {
            break;
        }
    }
    surveyor.is_beyond_first |= markup.is_torn;
    surveyor.finish()
}

/// Whether a tag holds a word with an `x` first, which few tags have at all.
fn holds(inside: &str, word: &str) -> bool {
    let first = memchr::memchr(b'x', inside.as_bytes());
    first.is_some_and(|at| inside.get(at..).is_some_and(|rest| rest.contains(word)))
}

/// How far the root has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Awaited,
    Open,
    Closed,
}

/// Whether an element holds a whole feed.
pub(super) fn is_root(local: &str) -> bool {
    let roots = ["rss", "feed", "rdf", "channel"];
    roots.iter().any(|root| local.eq_ignore_ascii_case(root))
}

struct Surveyor<'a, 'p> {
    text: &'a str,
    format: Format,
    prefixes: Prefixes<'a>,
    problems: &'p mut Problems,
    entries: Vec<Seen>,
    first_entry: Option<usize>,
    last_end: Option<usize>,
    /// The field whose text would show that the entry has it.
    pending: Option<Field>,
    /// The element whose contents are XHTML.
    raw: Option<&'a str>,
    /// The element of text that is open.
    field: Option<&'a str>,
    /// The author or category that is open.
    label: Option<&'a str>,
    groups: usize,
    fields: usize,
    is_in_entry: bool,
    is_beyond_first: bool,
    root: Root,
    last_prefix: Option<(&'a str, Vocabulary)>,
}

impl<'a> Surveyor<'a, '_> {
    fn token(&mut self, token: Token<'a>) {
        match token {
            Token::Start(tag) => self.start(tag),
            Token::End { name, at } => self.end(name, at),
            Token::Text(text) => {
                self.references(text);
                self.text(text);
            }
            Token::Literal(text) => self.text(text),
        }
    }

    fn text(&mut self, text: &str) {
        if self.pending.is_none() || text.trim_ascii().is_empty() {
            return;
        }
        // An address beside a character that is not ASCII makes feed_rs 3.0.0
        // panic.
        self.is_beyond_first |=
            self.pending == Some(Field::Person) && text.contains('@') && !text.is_ascii();
        self.saw_text();
    }

    fn defect(&mut self, what: &'static str, example: &str) {
        self.problems.note(what, example);
        self.is_beyond_first = true;
    }

    fn references(&mut self, text: &str) {
        for form in references::forms(text) {
            match form {
                Form::Sound => {}
                Form::Named => self.defect("entities that XML does not know are decoded", ""),
                Form::NoCharacter => self.defect("references to no character are left out", ""),
                Form::Bare => self.defect("ampersands that are not escaped are taken as such", ""),
            }
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        if self.raw.is_some() {
            return;
        }
        if !tag.inside.is_empty() {
            self.references(tag.inside);
            // `xmlns`, `xml:base`; most tags have no attribute of XML at all.
            if holds(tag.inside, "xml") {
                self.declarations(tag);
            }
        }
        if !tag.is_whole {
            self.defect("a tag is torn", tag.source);
        }
        let (prefix, local) = names::split(tag.name);
        let vocabulary = self.vocabulary(prefix);
        if self.root == Root::Awaited {
            let is_whole = tag.is_empty || !is_root(local);
            self.root = if is_whole { Root::Closed } else { Root::Open };
            self.check_root(tag, local);
            return;
        }
        if vocabulary == Vocabulary::Media && local == "group" {
            self.groups += 1;
        }
        let Some((field, _)) = lookup(vocabulary, local) else {
            if self.field.is_some() && prefix.is_empty() && html::is_element(local) {
                self.defect("markup that is not escaped stands in the text", tag.source);
            }
            // RSS has authors without parts, and Atom those with a name of their own.
            self.is_beyond_first |= self.format != Format::Atom && self.label.is_some();
            return;
        };
        if field == Field::Entry {
            if self.is_in_entry {
                self.defect("an entry is not closed", "");
            }
            self.first_entry.get_or_insert(tag.at);
            self.entries.push(Seen::default());
            self.is_in_entry = !tag.is_empty;
            self.is_beyond_first |= tag.inside.contains(":about") || !prefix.is_empty();
            return;
        }
        self.fields += 1;
        self.field(tag, field, vocabulary, prefix, local);
    }

    fn field(
        &mut self,
        tag: Tag<'a>,
        field: Field,
        vocabulary: Vocabulary,
        prefix: &str,
        local: &str,
    ) {
        let is_text = matches!(field, Field::Title | Field::Summary | Field::Content);
        if is_text && !tag.is_empty {
            self.field = Some(tag.name);
            if holds(tag.inside, "xhtml") {
                self.raw = Some(tag.name);
            }
        }
        if !self.is_in_entry {
            return;
        }
        if is_text && tag.inside.contains('/') {
            let kind = tag.attribute("type").unwrap_or_default().trim();
            self.is_beyond_first |= kind.contains('/') && !kind.starts_with("text/");
        }
        if let Field::Person | Field::Category = field {
            self.label = Some(tag.name).filter(|_| !tag.is_empty);
            let is_label = field == Field::Category && self.format == Format::Atom;
            self.is_beyond_first |= is_label && !tag.inside.contains("term");
        }
        self.is_beyond_first |= !self.is_known_to_first(field, vocabulary, prefix, local);
        if tag.is_empty && field != Field::Link {
            return;
        }
        if let (Field::Link, Some(href)) = (field, tag.attribute("href")) {
            let is_page = tag.attribute("rel").is_none_or(|rel| rel == "alternate");
            if let Some(seen) = self.entries.last_mut().filter(|_| is_page) {
                seen.parts |= if href.trim().is_empty() { 0 } else { LINK };
            }
            return;
        }
        if field == Field::Guid
            && let Some(said) = tag.attribute("isPermaLink")
            && let Some(seen) = self.entries.last_mut()
        {
            seen.guid_is_link = Some(said.trim().eq_ignore_ascii_case("true"));
        }
        self.pending = Some(field);
        if self.raw.is_some() {
            self.saw_text();
        }
    }

    fn end(&mut self, name: &'a str, at: usize) {
        self.pending = None;
        if self.label == Some(name) {
            self.label = None;
        }
        if self.field == Some(name) {
            self.field = None;
        }
        let (prefix, local) = names::split(name);
        if self.raw.is_some() && self.raw != Some(name) && !is_root(local) {
            return;
        }
        self.raw = None;
        if matches!(local, "item" | "entry") && self.vocabulary(prefix) == Vocabulary::Feed {
            self.is_in_entry = false;
            self.last_end = Some(at);
        }
        if is_root(local) {
            self.root = Root::Closed;
        }
    }

    fn saw_text(&mut self) {
        let (Some(seen), true) = (self.entries.last_mut(), self.is_in_entry) else {
            return;
        };
        seen.parts |= match self.pending.take() {
            Some(Field::Title) => TITLE,
            Some(Field::Link) => LINK,
            Some(Field::Guid) => GUID,
            Some(Field::Published | Field::Updated) => DATE,
            Some(Field::Summary | Field::Content) => TEXT,
            _ => 0,
        };
    }

    fn vocabulary(&mut self, prefix: &'a str) -> Vocabulary {
        if prefix.is_empty() {
            return Vocabulary::Feed;
        }
        if let Some((last, vocabulary)) = self.last_prefix
            && last == prefix
        {
            return vocabulary;
        }
        let vocabulary = self.prefixes.vocabulary(prefix);
        let is_known = !matches!(vocabulary, Vocabulary::Unknown | Vocabulary::Other);
        if is_known && self.prefixes.declared(prefix).is_none() {
            self.defect("a prefix is not declared and is taken as usual", prefix);
        }
        self.last_prefix = Some((prefix, vocabulary));
        vocabulary
    }

    fn declarations(&mut self, tag: Tag<'a>) {
        if tag.inside.contains("xml:base") {
            self.is_beyond_first = true;
            let base = tag.attribute("xml:base").unwrap_or_default();
            if base.len() > BASE_BYTES_MAX {
                self.defect("an xml:base is too long and is not used", "");
            }
        }
        if !tag.inside.contains("xmlns") {
            return;
        }
        for (name, address) in tag.attributes() {
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) => match rest.strip_prefix(':') {
                    Some(prefix) => prefix,
                    None => continue,
                },
                None => continue,
            };
            let (mut vocabulary, spelling) = names::of_address(address);
            if vocabulary == Vocabulary::Unknown && !prefix.is_empty() {
                vocabulary = names::of_prefix(prefix);
                if !matches!(vocabulary, Vocabulary::Unknown | Vocabulary::Other) {
                    self.defect("a namespace is unknown and is taken by its prefix", address);
                }
            }
            match spelling {
                Spelling::Wrong => self.defect("the address of a namespace is misspelt", address),
                Spelling::Unknown if prefix.is_empty() => self.is_beyond_first = true,
                Spelling::Right | Spelling::Unknown => {}
            }
            if prefix.is_empty() {
                // A namespace for one element only; the first reader goes by it.
                self.is_beyond_first |=
                    self.root != Root::Awaited && vocabulary != Vocabulary::Xhtml;
            } else {
                self.prefixes.declare(prefix, vocabulary);
                self.last_prefix = None;
            }
        }
    }

    fn check_root(&mut self, tag: Tag<'a>, local: &str) {
        let namespace = tag.attribute("xmlns");
        match self.format {
            Format::Rss if local == "rss" => match tag.attribute("version") {
                None => self.defect("the version of RSS is missing", ""),
                Some("2.0" | "0.91" | "0.92") => {}
                Some(_) => self.is_beyond_first = true,
            },
            Format::Atom => {
                self.is_beyond_first |= namespace != Some("http://www.w3.org/2005/Atom");
            }
            Format::Rdf => {
                self.is_beyond_first |= namespace != Some("http://purl.org/rss/1.0/");
            }
            Format::Rss | Format::Json => self.defect("the root of the feed is missing", ""),
        }
        if self.format == Format::Rss && namespace.is_some() {
            self.is_beyond_first = true;
        }
    }

    /// Whether the first reader takes a field of an entry from this element.
    fn is_known_to_first(
        &self,
        field: Field,
        vocabulary: Vocabulary,
        prefix: &str,
        local: &str,
    ) -> bool {
        match vocabulary {
            Vocabulary::Feed if !prefix.is_empty() => false,
            Vocabulary::Feed => match field {
                Field::Title | Field::Link | Field::Guid | Field::Person | Field::Category => true,
                Field::Published => matches!(local, "pubDate" | "published"),
                Field::Updated => local == "updated" && self.format == Format::Atom,
                Field::Summary if self.format == Format::Atom => local == "summary",
                Field::Summary => local == "description",
                Field::Content => self.format == Format::Atom,
                Field::Enclosure | Field::Comments => self.format == Format::Rss,
                _ => false,
            },
            Vocabulary::Content => self.format != Format::Atom,
            Vocabulary::Dublin => match field {
                Field::Person => self.format != Format::Atom && local == "creator",
                Field::Published => self.format != Format::Atom,
                _ => false,
            },
            // A picture without a film is lost on it.
            Vocabulary::Media => {
                self.format != Format::Rdf && !matches!(field, Field::Category | Field::Picture)
            }
            _ => false,
        }
    }

    fn finish(self) -> Survey<'a> {
        let head = self.text.get(..self.first_entry.unwrap_or(self.text.len()));
        let tail = self.last_end.and_then(|at| self.text.get(at..));
        let copied = self.groups.saturating_mul(self.text.len());
        Survey {
            prefixes: self.prefixes,
            is_beyond_first: self.is_beyond_first
                || self.entries.len() > FIRST_READER_ENTRIES_MAX
                || copied > COPIED_BYTES_MAX
                || self.text.len() < self.fields * FIRST_READER_FIELD_BYTES_MIN,
            entries: self.entries,
            is_closed: self.root == Root::Closed,
            around: [head.unwrap_or_default(), tail.unwrap_or_default()],
        }
    }
}
