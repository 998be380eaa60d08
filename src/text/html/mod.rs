//! HTML to plain text.
//!
//! Feeds hand us HTML, plain text, and plain text that is said to be HTML. What
//! carries no tag that HTML knows is taken as plain text, so that `1 < 2` and
//! `Vec<T>` stay whole and blank lines stay paragraphs. The rest goes through
//! a tokenizer that follows the HTML standard; no tree is built, because only
//! the order of words and the borders of paragraphs matter, and a tokenizer
//! is linear in time on any input.

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, State, Tokenizer};
use std::borrow::Cow;

/// Turns a publisher's HTML, or plain text with entities, into plain text.
///
/// Paragraphs are parted by an empty line, `<br>` ends a line, and any other
/// white space is one space. Scripts, styles and fallbacks for what cannot be
/// shown are left out.
///
/// ```
/// use wirewatch::text::html::to_text;
///
/// assert_eq!(to_text("<p>Seoul &amp;\n Tokyo</p><p>Beijing</p>"), "Seoul & Tokyo\n\nBeijing");
/// ```
pub fn to_text(source: &str) -> String {
    let mut writer = Writer::default();
    if has_tags(source) {
        walk(source, |event| writer.event(&event));
    } else {
        writer.plain_text(&decode_entities(source));
    }
    writer.text
}

/// The title of a page: its `<title>`, else its first `<h1>`.
pub fn title(source: &str) -> Option<String> {
    let mut candidates = [Capture::new(b"title"), Capture::new(b"h1")];
    walk(source, |event| {
        for candidate in &mut candidates {
            candidate.event(&event);
        }
        None
    });
    candidates
        .into_iter()
        .map(|candidate| candidate.writer.text.replace('\n', " "))
        .find(|text| !text.is_empty())
}

/// Whether HTML has an element of this name, in any case.
pub fn is_element(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    kind(name.as_bytes()) != Kind::Inline || INLINE.binary_search(&name.as_str()).is_ok()
}

/// What an element does to the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It is a paragraph, or holds some.
    Block,
    /// It ends a line.
    Line,
    /// It is parted from its neighbours by a space.
    Cell,
    /// Its contents are no text of the article.
    Dropped,
    /// Its text runs on.
    Inline,
}

fn kind(name: &[u8]) -> Kind {
    match name {
        b"address" | b"article" | b"aside" | b"blockquote" | b"body" | b"caption" | b"center"
        | b"dd" | b"details" | b"dialog" | b"div" | b"dl" | b"dt" | b"fieldset" | b"figcaption"
        | b"figure" | b"footer" | b"form" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6"
        | b"head" | b"header" | b"hgroup" | b"hr" | b"html" | b"legend" | b"li" | b"main"
        | b"menu" | b"nav" | b"ol" | b"p" | b"pre" | b"section" | b"summary" | b"table"
        | b"tbody" | b"tfoot" | b"thead" | b"tr" | b"ul" => Kind::Block,
        b"br" => Kind::Line,
        b"td" | b"th" | b"option" => Kind::Cell,
        b"audio" | b"canvas" | b"iframe" | b"noembed" | b"noframes" | b"noscript" | b"object"
        | b"script" | b"select" | b"style" | b"svg" | b"template" | b"textarea" | b"title"
        | b"video" => Kind::Dropped,
        _ => Kind::Inline,
    }
}

/// The elements whose text runs on, sorted; with those of [`kind`] they are all
/// that feeds are known to use.
const INLINE: [&str; 49] = [
    "a", "abbr", "acronym", "area", "b", "base", "bdi", "bdo", "big", "button", "cite", "code",
    "col", "colgroup", "data", "del", "dfn", "em", "embed", "font", "i", "img", "input", "ins",
    "kbd", "label", "link", "map", "mark", "meta", "param", "picture", "q", "rp", "rt", "ruby",
    "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "wbr",
];

/// The longest name in [`INLINE`] and [`kind`].
const NAME_BYTES_MAX: usize = 10;

/// Whether a text has at least one complete tag, comment or declaration of HTML.
fn has_tags(source: &str) -> bool {
    let Some(last_end) = source.rfind('>') else {
        return false;
    };
    source
        .match_indices('<')
        .take_while(|(at, _)| *at < last_end)
        .any(|(at, _)| source.get(at + 1..).is_some_and(opens_tag))
}

fn opens_tag(rest: &str) -> bool {
    if let Some(declaration) = rest.strip_prefix('!') {
        let doctype = declaration.get(.."doctype".len());
        return declaration.starts_with("--")
            || doctype.is_some_and(|word| word.eq_ignore_ascii_case("doctype"));
    }
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let name_bytes = rest
        .bytes()
        .take(NAME_BYTES_MAX + 1)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let (name, after) = rest.split_at_checked(name_bytes).unwrap_or_default();
    let ends = after.starts_with(|c: char| c == '>' || c == '/' || c.is_ascii_whitespace());
    ends && is_element(name)
}

/// A text without tags, its references decoded as HTML has them.
pub(crate) fn decode_entities(source: &str) -> Cow<'_, str> {
    if !source.contains('&') {
        return Cow::Borrowed(source);
    }
    // The tokenizer decodes; a `<` that opens no tag of HTML must not open one here.
    let mut decoded = String::with_capacity(source.len());
    walk(&source.replace('<', "&lt;"), |event| {
        if let CallbackEvent::String { value } = event {
            decoded.push_str(&String::from_utf8_lossy(value));
        }
        None
    });
    Cow::Owned(decoded)
}

/// Shows every token of a text to a handler, which may answer with the state
/// that the tokenizer continues in.
fn walk(source: &str, mut handle: impl FnMut(CallbackEvent<'_>) -> Option<State>) {
    let emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Span<()>| -> Option<State> {
        handle(event)
    });
    let mut tokenizer = Tokenizer::new_with_emitter(source, emitter);
    while let Some(Ok(state)) = tokenizer.next() {
        tokenizer.set_state(state);
    }
}

/// What stands between the last word and the next, from weak to strong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

/// Collects words, with at most one gap between them and none around them.
#[derive(Debug, Default)]
struct Writer {
    text: String,
    gap: Gap,
    /// The start tag that is being read.
    opening: Vec<u8>,
    /// The element whose end is awaited because its contents are dropped.
    dropping: Option<Vec<u8>>,
}

impl Writer {
    fn event(&mut self, event: &CallbackEvent<'_>) -> Option<State> {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.opening.clear();
                self.opening.extend_from_slice(name);
                None
            }
            CallbackEvent::CloseStartTag { self_closing } => self.start_tag(*self_closing),
            CallbackEvent::EndTag { name } => {
                if self.dropping.as_deref() == Some(*name) {
                    self.dropping = None;
                } else if self.dropping.is_none() {
                    self.border(kind(name));
                }
                None
            }
            CallbackEvent::String { value } if self.dropping.is_none() => {
                self.words(&String::from_utf8_lossy(value));
                None
            }
            _ => None,
        }
    }

    fn start_tag(&mut self, self_closing: bool) -> Option<State> {
        if self.dropping.is_some() {
            return None;
        }
        let kind = kind(&self.opening);
        // To a browser `<iframe/>` stays open and swallows what follows; to a
        // reader of news that would be a silent loss of the article.
        if kind != Kind::Dropped || self_closing {
            self.border(kind);
            return None;
        }
        self.dropping = Some(self.opening.clone());
        match self.opening.as_slice() {
            b"script" => Some(State::ScriptData),
            b"style" => Some(State::RawText),
            _ => None,
        }
    }

    fn border(&mut self, kind: Kind) {
        match kind {
            Kind::Block => self.part(Gap::Paragraph),
            Kind::Line => self.part(Gap::Line),
            Kind::Cell => self.part(Gap::Space),
            Kind::Dropped | Kind::Inline => {}
        }
    }

    fn part(&mut self, gap: Gap) {
        self.gap = if gap == Gap::Line && self.gap == Gap::Line {
            Gap::Paragraph
        } else {
            self.gap.max(gap)
        };
    }

    fn words(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.part(Gap::Space);
            } else if !c.is_control() {
                self.close_gap();
                self.text.push(c);
            }
        }
    }

    fn plain_text(&mut self, text: &str) {
        for line in text.lines() {
            if line.trim().is_empty() {
                self.part(Gap::Paragraph);
            } else {
                self.words(line);
                self.part(Gap::Space);
            }
        }
    }

    fn close_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if !self.text.is_empty() {
            self.text.push_str(match gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
    }
}

/// The text of the first element of one name.
#[derive(Debug)]
struct Capture {
    name: &'static [u8],
    state: Captured,
    writer: Writer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Captured {
    NotYet,
    Inside,
    Done,
}

impl Capture {
    fn new(name: &'static [u8]) -> Self {
        Self {
            name,
            state: Captured::NotYet,
            writer: Writer::default(),
        }
    }

    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name }
                if *name == self.name && self.state == Captured::NotYet =>
            {
                self.state = Captured::Inside;
            }
            CallbackEvent::EndTag { name }
                if *name == self.name && self.state == Captured::Inside =>
            {
                self.state = Captured::Done;
            }
            CallbackEvent::String { value } if self.state == Captured::Inside => {
                self.writer.words(&String::from_utf8_lossy(value));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
