//! Markup to tokens, whatever its state.
//!
//! A parser of XML stops at the first thing that is torn, and all that follows
//! is lost with it; one of HTML goes on, but knows no CDATA and no prefixes, and
//! forgets how names were written. So this tokenizer is our own: it takes every
//! text, gives tags, text and CDATA in their order, and never fails. What opens
//! and never closes is text; a tag ends at the latest where the next one begins,
//! so that one torn quote does not swallow the rest. Each byte is looked at a
//! bounded number of times.

use crate::work;
use memchr::memmem;

/// A piece of a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'a> {
    Start(Tag<'a>),
    End {
        name: &'a str,
        at: usize,
    },
    /// Text whose references are still to be decoded.
    Text(&'a str),
    /// The contents of a CDATA section.
    Literal(&'a str),
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    /// What stands between the name and the end.
    pub(super) inside: &'a str,
    /// Whether it ends in `/>`.
    pub(super) is_empty: bool,
    /// Where it begins.
    pub(super) at: usize,
    /// The tag as it was written.
    pub(super) source: &'a str,
    /// Whether it ends where it should.
    pub(super) is_whole: bool,
}

impl<'a> Tag<'a> {
    pub(super) fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.inside }
    }

    /// The value of an attribute as it was written, by its local name.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// Hands out the tokens of a document.
#[derive(Debug)]
pub(super) struct Markup<'a> {
    text: &'a str,
    at: usize,
    next_open: Finder,
    comment_end: Finder,
    section_start: memmem::Finder<'static>,
    section_end: Finder,
    subset_end: Finder,
    instruction_end: Finder,
    /// Whether something opened and never closed.
    pub(super) is_torn: bool,
}

const SECTION: &str = "<![CDATA[";

impl<'a> Markup<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            next_open: Finder::new(b"<"),
            comment_end: Finder::new(b"-->"),
            section_start: memmem::Finder::new(SECTION),
            section_end: Finder::new(b"]]>"),
            subset_end: Finder::new(b"]>"),
            instruction_end: Finder::new(b">"),
            is_torn: false,
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn rest(&self, at: usize) -> &'a str {
        self.text.get(at..).unwrap_or_default()
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Whether a tag, comment, section or instruction begins at a `<`.
    fn opens(&self, at: usize) -> bool {
        match self.byte(at + 1) {
            Some(b'!' | b'?') => true,
            Some(b'/') => self.byte(at + 2).is_some_and(begins_name),
            Some(byte) => begins_name(byte),
            None => false,
        }
    }

    /// Text up to the next `<` after `from`.
    fn text_from(&mut self, start: usize, from: usize) -> Token<'a> {
        let end = self.next_open.find(self.text, from);
        let end = end.unwrap_or(self.text.len());
        self.at = end;
        Token::Text(self.slice(start, end))
    }

    /// What begins with `<!` or `<?`; nothing if it is skipped.
    fn declaration(&mut self, at: usize) -> Option<Token<'a>> {
        let rest = self.rest(at);
        if rest.starts_with("<!--") {
            return self.skip(at, 4, Which::Comment);
        }
        if rest.starts_with(SECTION) {
            return self.section(at);
        }
        if rest.starts_with("<!") {
            // A subset of its own begins with a bracket, before any other markup.
            let has_subset = rest
                .bytes()
                .skip(2)
                .take_while(|byte| !matches!(byte, b'>' | b'<'))
                .any(|byte| byte == b'[');
            let end = if has_subset {
                Which::Subset
            } else {
                Which::Instruction
            };
            return self.skip(at, 2, end);
        }
        self.skip(at, 2, Which::Instruction)
    }

    /// Goes to the end of what is no part of the document.
    fn skip(&mut self, at: usize, open_bytes: usize, which: Which) -> Option<Token<'a>> {
        let finder = match which {
            Which::Comment => &mut self.comment_end,
            Which::Subset => &mut self.subset_end,
            Which::Instruction => &mut self.instruction_end,
        };
        if let Some(end) = finder.find(self.text, at + open_bytes) {
            self.at = end + finder.needle.needle().len();
            return None;
        }
        self.is_torn = true;
        Some(self.text_from(at, at + open_bytes))
    }

    fn section(&mut self, at: usize) -> Option<Token<'a>> {
        let start = at + SECTION.len();
        let end = self.section_end.find(self.text, start);
        let inside = self.slice(start, end.unwrap_or(self.text.len()));
        let nested = end.and_then(|_| {
            let nested = self.section_start.find(inside.as_bytes());
            work::count(nested.unwrap_or(inside.len()));
            nested
        });
        // A section in a section: the first one was never closed, and what
        // follows it is the markup that it should have hidden.
        if end.is_none() || nested.is_some() {
            self.is_torn = true;
            self.at = start;
            return None;
        }
        self.at = start + inside.len() + 3;
        Some(Token::Literal(inside))
    }

    fn end_tag(&mut self, at: usize) -> Token<'a> {
        let name = name(self.rest(at + 2));
        let name_end = at + 2 + name.len();
        let limit = self.next_open.find(self.text, at + 1);
        let tail = self.slice(name_end, limit.unwrap_or(self.text.len()));
        let close = memchr::memchr(b'>', tail.as_bytes());
        self.is_torn |= close.is_none();
        self.at = close.map_or(name_end, |close| name_end + close + 1);
        Token::End { name, at }
    }

    fn start_tag(&mut self, at: usize) -> Token<'a> {
        let name = name(self.rest(at + 1));
        let name_end = at + 1 + name.len();
        let limit = self.next_open.find(self.text, at + 1);
        let tail = self.slice(name_end, limit.unwrap_or(self.text.len()));
        work::count(tail.len());
        let close = tag_end(tail);
        let end = close.or_else(|| memchr::memchr(b'>', tail.as_bytes()));
        let inside = tail.get(..end.unwrap_or(tail.len())).unwrap_or_default();
        self.at = name_end + inside.len() + usize::from(end.is_some());
        let trimmed = inside.trim_ascii_end();
        let is_whole = close.is_some();
        self.is_torn |= !is_whole;
        Token::Start(Tag {
            name,
            inside: trimmed.strip_suffix('/').unwrap_or(trimmed),
            is_empty: end.is_some() && trimmed.ends_with('/'),
            at,
            source: self.slice(at, self.at),
            is_whole,
        })
    }
}

impl<'a> Iterator for Markup<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            work::count(1);
            let at = self.at;
            let first = self.byte(at)?;
            if first != b'<' {
                return Some(self.text_from(at, at));
            }
            if !self.opens(at) {
                return Some(self.text_from(at, at + 1));
            }
            match self.byte(at + 1) {
                Some(b'!' | b'?') => {
                    if let Some(token) = self.declaration(at) {
                        return Some(token);
                    }
                }
                Some(b'/') => return Some(self.end_tag(at)),
                _ => return Some(self.start_tag(at)),
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Which {
    Comment,
    Subset,
    Instruction,
}

/// Looks for one thing, and remembers where the next one is or that there is
/// none, so that all searches together cross the text once.
#[derive(Debug)]
struct Finder {
    needle: memmem::Finder<'static>,
    /// Where the search began that gave `found`.
    from: usize,
    found: Option<usize>,
    has_searched: bool,
}

impl Finder {
    fn new(needle: &'static [u8]) -> Self {
        Self {
            needle: memmem::Finder::new(needle),
            from: 0,
            found: None,
            has_searched: false,
        }
    }

    fn find(&mut self, text: &str, from: usize) -> Option<usize> {
        let is_fresh =
            self.has_searched && from >= self.from && self.found.is_none_or(|at| at >= from);
        if !is_fresh {
            let rest = text.as_bytes().get(from..).unwrap_or_default();
            let found = match self.needle.needle() {
                [byte] => memchr::memchr(*byte, rest),
                _ => self.needle.find(rest),
            };
            work::count(found.unwrap_or(rest.len()));
            self.found = found.map(|at| from + at);
            self.from = from;
            self.has_searched = true;
        }
        self.found
    }
}

/// Where a tag ends: at the first `>` outside of quotes.
fn tag_end(tail: &str) -> Option<usize> {
    let bytes = tail.as_bytes();
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        let next = at + memchr::memchr3(b'>', b'"', b'\'', rest)?;
        match bytes.get(next)? {
            b'>' => return Some(next),
            quote => {
                let quoted = bytes.get(next + 1..)?;
                at = next + 1 + memchr::memchr(*quote, quoted)? + 1;
            }
        }
    }
}

fn begins_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn name(rest: &str) -> &str {
    let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'<');
    let end = rest.bytes().position(is_end).unwrap_or(rest.len());
    work::count(end);
    rest.get(..end).unwrap_or_default()
}

/// The attributes of a tag: names as they were written, and values whose
/// references are still to be decoded.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let rest = self.rest.trim_start_matches(|c: char| {
            c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '/' | '=')
        });
        let is_end = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\'');
        let name_end = rest.bytes().position(is_end).unwrap_or(rest.len());
        let (name, rest) = rest.split_at_checked(name_end)?;
        if name.is_empty() {
            return None;
        }
        let Some(value) = rest.trim_ascii_start().strip_prefix('=') else {
            self.rest = rest;
            return Some((name, ""));
        };
        let value = value.trim_ascii_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, rest) = if let Some(quote) = quote {
            let inside = value.get(1..)?;
            inside.split_once(quote).unwrap_or((inside, ""))
        } else {
            let end = value.bytes().position(|byte| byte.is_ascii_whitespace());
            value.split_at_checked(end.unwrap_or(value.len()))?
        };
        self.rest = rest;
        Some((name, value))
    }
}
