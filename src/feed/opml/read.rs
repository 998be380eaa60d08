//! From OPML to feeds.
//!
//! Names of elements and attributes in any case, types missing or wrong,
//! ampersands bare, tags that are never closed: what names an address is a feed,
//! and every other outline that has something inside is a folder.

use super::{DEPTH_MAX, FEEDS_MAX, Opml, OpmlError, Outline, TAG_CHARS_MAX};
use crate::feed::discovery::feed_scheme;
use crate::feed::markup::{Markup, Tag, Token};
use crate::feed::references;

/// The most outlines that are open at one time; deeper ones are as good as none.
const OPEN_MAX: usize = 1024;

/// The most folders that are remembered; into more of them nothing is put.
const FOLDERS_MAX: usize = 1000;

/// Reads a list.
///
/// # Errors
/// When the text has nothing that a list has.
///
/// ```
/// let text = r#"<opml version="2.0"><body><outline text="Asia">
///   <outline type="rss" text="Wire" xmlUrl="https://example.org/?a=1&amp;b=2"/>
/// </outline></body></opml>"#;
/// let list = wirewatch::feed::opml::parse(text)?;
/// assert_eq!(list.feeds[0].url, "https://example.org/?a=1&b=2");
/// assert_eq!(list.feeds[0].tags, ["Asia"]);
/// # Ok::<(), wirewatch::feed::opml::OpmlError>(())
/// ```
pub fn parse(text: &str) -> Result<Opml, OpmlError> {
    let mut reader = Reader::default();
    for token in Markup::new(text) {
        match token {
            Token::Start(tag) => reader.start(text, tag),
            Token::End { name, at } => reader.end(local(name), at),
            Token::Text(_) | Token::Literal(_) => {}
        }
    }
    reader.finish()
}

#[derive(Debug, Default)]
struct Reader {
    opml: Opml,
    is_opml: bool,
    /// The outlines that are open, each with its tag if it is a folder.
    open: Vec<Option<String>>,
    /// How many are open beyond those.
    deeper: usize,
}

impl Reader {
    fn start(&mut self, text: &str, tag: Tag<'_>) {
        let name = local(tag.name);
        let is_outline = is(name, "outline");
        self.is_opml |= is_outline || is(name, "opml");
        if is_outline {
            self.outline(text, mended(text, tag));
        }
    }

    fn outline(&mut self, text: &str, tag: Tag<'_>) {
        let attributes = Attributes::of(tag);
        let name = attributes.text("text").or_else(|| attributes.text("title"));
        let folder = if let Some(url) = attributes.address() {
            self.feed(text, url, &attributes, name);
            None
        } else {
            name
        };
        if tag.is_empty {
            return;
        }
        if self.open.len() < OPEN_MAX {
            self.open.push(folder.and_then(|name| as_tag(&name)));
        } else {
            self.deeper += 1;
        }
    }

    fn feed(
        &mut self,
        text: &str,
        address: &str,
        attributes: &Attributes<'_>,
        title: Option<String>,
    ) {
        if self.opml.feeds.len() == FEEDS_MAX {
            self.opml.is_cut = true;
            return;
        }
        let start = (address.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let mut tags = self.path();
        let categories = attributes.text("category").unwrap_or_default();
        for tag in categories.split([',', '/']).filter_map(as_tag) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        self.opml.feeds.push(Outline {
            url: feed_scheme(&references::decode(address)),
            title,
            site: attributes.text("htmlUrl"),
            tags,
            place: start..start + address.len(),
        });
    }

    /// The folders that are open, each once.
    fn path(&self) -> Vec<String> {
        let mut path: Vec<String> = Vec::new();
        for tag in self.open.iter().flatten().take(DEPTH_MAX) {
            if !path.contains(tag) {
                path.push(tag.clone());
            }
        }
        path
    }

    fn end(&mut self, name: &str, at: usize) {
        if is(name, "body") {
            self.opml.end = Some(at);
        } else if is(name, "opml") {
            self.opml.end.get_or_insert(at);
        } else if is(name, "outline") {
            if self.deeper > 0 {
                self.deeper -= 1;
                return;
            }
            let path = self.path();
            let is_folder = self.open.pop().is_some_and(|tag| tag.is_some());
            if is_folder && self.opml.folders.len() < FOLDERS_MAX {
                self.opml.folders.entry(path).or_insert(at);
            }
        }
    }

    fn finish(self) -> Result<Opml, OpmlError> {
        if self.is_opml {
            Ok(self.opml)
        } else {
            Err(OpmlError::NotOpml)
        }
    }
}

/// The longest tag that is mended, in bytes.
const TAG_BYTES_MAX: usize = 16 * 1024;

/// A tag that seems to be torn as it was meant: a `<` in a name that its writer
/// did not escape begins no tag if no letter follows.
fn mended<'a>(text: &'a str, tag: Tag<'a>) -> Tag<'a> {
    if tag.is_whole {
        return tag;
    }
    let start = tag.at + 1 + tag.name.len();
    let end = text.floor_char_boundary((start + TAG_BYTES_MAX).min(text.len()));
    let rest = text.get(start..end).unwrap_or_default();
    let mut quote = None;
    let mut bytes = rest.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match (byte, quote) {
            (b'<', _) => {
                let next = bytes.peek().map_or(0, |(_, next)| *next);
                if next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?') {
                    return tag;
                }
            }
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            (b'>', None) => {
                let inside = rest.get(..at).unwrap_or_default().trim_ascii_end();
                return Tag {
                    inside: inside.strip_suffix('/').unwrap_or(inside),
                    is_empty: inside.ends_with('/'),
                    ..tag
                };
            }
            _ => {}
        }
    }
    tag
}

/// The attributes of an outline that mean something.
#[derive(Debug)]
struct Attributes<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Attributes<'a> {
    fn of(tag: Tag<'a>) -> Self {
        const KNOWN: [&str; 7] = [
            "xmlurl", "url", "type", "text", "title", "htmlurl", "category",
        ];
        let known =
            |(name, _): &(&str, &str)| KNOWN.iter().any(|known| name.eq_ignore_ascii_case(known));
        Self(tag.attributes().filter(known).collect())
    }

    /// The value of an attribute as it was written.
    fn get(&self, name: &str) -> Option<&'a str> {
        let mut named = self.0.iter().filter(|(found, _)| is(found, name));
        named.next().map(|(_, value)| *value)
    }

    fn text(&self, name: &str) -> Option<String> {
        one_line(&references::decode(self.get(name)?))
    }

    /// The address of a feed. Some programs write `url`, which is that of a page
    /// or of another list unless the type says otherwise.
    fn address(&self) -> Option<&'a str> {
        let of_feed = |kind: &&str| ["rss", "atom", "feed"].iter().any(|it| is(kind.trim(), it));
        let other = || self.get("type").filter(of_feed).and(self.get("url"));
        let address = self.get("xmlUrl").or_else(other)?.trim();
        (!address.is_empty()).then_some(address)
    }
}

fn is(name: &str, expected: &str) -> bool {
    name.eq_ignore_ascii_case(expected)
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// A text on one line; none if it is empty.
fn one_line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// The name of a folder as a tag; `*` stands for all tags and is none.
fn as_tag(name: &str) -> Option<String> {
    let line = one_line(name)?;
    let tag: String = line.chars().take(TAG_CHARS_MAX).collect();
    let tag = tag.trim_end();
    (tag != "*").then(|| tag.to_owned())
}
