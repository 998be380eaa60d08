//! Broken JSON made whole: what templates print that a parser refuses.
//!
//! Line breaks inside of strings, escapes that there are none of, commas before
//! a bracket that closes, lists that are never closed, and documents that break
//! off. It goes through the text
//! once and changes nothing that is sound.

/// How deep brackets are followed; deeper ones are refused by the parser.
const DEPTH_MAX: usize = 200;

/// The document with its small faults mended.
pub(super) fn mend(document: &str) -> String {
    let mut mender = Mender {
        out: String::with_capacity(document.len() + DEPTH_MAX),
        open: Vec::new(),
        is_key: false,
        is_in_pair: false,
        comma: None,
        comma_before_last: None,
    };
    let mut rest = document.chars();
    while let Some(c) = rest.next() {
        if c == '"' {
            mender.before_value();
            let closed = mender.string(&mut rest);
            if !closed {
                mender.out.push('"');
                break;
            }
        } else if mender.outside(c) {
            break;
        }
    }
    mender.close();
    mender.out
}

/// The number of an escape, and what follows it.
fn unit(digits: &str) -> (Option<u32>, &str) {
    let Some((four, after)) = digits.split_at_checked(4) else {
        return (None, digits);
    };
    if !four.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return (None, digits);
    }
    (u32::from_str_radix(four, 16).ok(), after)
}

struct Mender {
    out: String,
    /// The brackets that are open, as what closes them.
    open: Vec<char>,
    /// Whether a key was read, and no colon and value for it.
    is_key: bool,
    /// Whether the last escape was the first half of a pair.
    is_in_pair: bool,
    /// Where a comma stands that nothing has followed yet.
    comma: Option<usize>,
    /// Where the comma stands that the last value followed.
    comma_before_last: Option<usize>,
}

impl Mender {
    /// Takes a character outside of strings; tells whether the document is over.
    fn outside(&mut self, c: char) -> bool {
        match c {
            '{' | '[' => {
                self.before_value();
                if self.open.len() < DEPTH_MAX {
                    self.open.push(if c == '{' { '}' } else { ']' });
                }
                self.is_key = false;
            }
            '}' | ']' => {
                self.drop_comma();
                // A bracket of the other kind was forgotten before this one.
                while self.open.last().is_some_and(|open| *open != c) && self.open.contains(&c) {
                    if let Some(forgotten) = self.open.pop() {
                        self.out.push(forgotten);
                    }
                }
                self.open.pop();
                self.is_key = false;
            }
            ',' => {
                self.comma = Some(self.out.len());
                self.is_key = false;
            }
            ':' => {
                self.close_list();
                self.is_key = false;
            }
            _ if c.is_whitespace() => {}
            _ => self.before_value(),
        }
        self.out.push(c);
        self.open.is_empty()
    }

    fn before_value(&mut self) {
        self.comma_before_last = self.comma.take();
    }

    /// A colon in a list: the list was not closed before the key that it follows.
    fn close_list(&mut self) {
        if self.open.last() == Some(&']')
            && let Some(at) = self.comma_before_last.take()
        {
            self.out.insert(at, ']');
            self.open.pop();
        }
    }

    fn drop_comma(&mut self) {
        if let Some(at) = self.comma.take() {
            self.out.truncate(at);
        }
    }

    /// Takes a string after its opening quote; tells whether it was closed.
    fn string(&mut self, rest: &mut std::str::Chars<'_>) -> bool {
        self.out.push('"');
        self.is_key = self.open.last() == Some(&'}') && self.awaits_key();
        while let Some(c) = rest.next() {
            match c {
                '"' => {
                    self.out.push('"');
                    return true;
                }
                '\\' => self.escape(rest),
                _ if c < ' ' => self.out.push(' '),
                _ => self.out.push(c),
            }
        }
        false
    }

    fn escape(&mut self, rest: &mut std::str::Chars<'_>) {
        match rest.next() {
            Some('u') => {
                // Half of a pair, or a torn number, stands for no character.
                let (first, after) = unit(rest.as_str());
                let (second, _) = unit(after.strip_prefix("\\u").unwrap_or_default());
                let is_whole = match (first, second) {
                    (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => true,
                    (Some(0xd800..=0xdbff) | None, _) => false,
                    // The second half of the pair that was kept before it.
                    (Some(0xdc00..=0xdfff), _) => self.is_in_pair,
                    (Some(_), _) => true,
                };
                self.is_in_pair = is_whole && matches!(first, Some(0xd800..=0xdbff));
                if is_whole {
                    self.out.push_str("\\u");
                } else if first.is_some() {
                    *rest = after.chars();
                }
            }
            Some(c @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {
                self.out.push('\\');
                self.out.push(c);
            }
            Some(c) if c >= ' ' => self.out.push(c),
            _ => {}
        }
    }

    /// Whether the last thing outside of strings asks for a key.
    fn awaits_key(&self) -> bool {
        let before = self.out.trim_end_matches('"').trim_end();
        before.ends_with(['{', ','])
    }

    /// Closes all that is open at the end of a document that breaks off.
    fn close(&mut self) {
        self.drop_comma();
        if self.open.is_empty() {
            return;
        }
        if self.out.trim_end().ends_with(':') {
            self.out.push_str("null");
        } else if self.is_key {
            self.out.push_str(":null");
        } else {
            self.drop_torn_word();
        }
        while let Some(close) = self.open.pop() {
            self.out.push(close);
        }
    }

    /// A number is a value wherever it breaks off; `tru` is none.
    fn drop_torn_word(&mut self) {
        let kept = self.out.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let is_torn = kept.len() < self.out.len()
            && !["true", "false", "null"]
                .iter()
                .any(|word| self.out.ends_with(word));
        if is_torn {
            let kept = kept.len();
            self.out.truncate(kept);
            self.out.push_str("null");
        }
    }
}
