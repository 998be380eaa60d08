//! What had to be repaired or was left out of a feed, in words.
//!
//! A feed with ten thousand bad links has one problem, not ten thousand: each
//! kind is counted and shown with the first case that had it.

/// The longest example, in characters.
const EXAMPLE_CHARS_MAX: usize = 80;

/// The problems of one feed, counted by kind.
#[derive(Debug, Default)]
pub(super) struct Problems {
    kinds: Vec<Problem>,
}

#[derive(Debug)]
struct Problem {
    what: &'static str,
    count: usize,
    example: String,
}

impl Problems {
    /// Notes one case of a kind.
    pub(super) fn note(&mut self, what: &'static str, example: &str) {
        match self.kinds.iter_mut().find(|kind| kind.what == what) {
            Some(kind) => kind.count += 1,
            None => self.kinds.push(Problem {
                what,
                count: 1,
                example: plain_line(example, EXAMPLE_CHARS_MAX),
            }),
        }
    }

    /// Whether nothing was noted.
    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Takes over what was noted elsewhere.
    pub(super) fn append(&mut self, others: Self) {
        for other in others.kinds {
            match self.kinds.iter_mut().find(|kind| kind.what == other.what) {
                Some(kind) => kind.count += other.count,
                None => self.kinds.push(other),
            }
        }
    }

    /// One sentence a kind, in the order in which they were met.
    pub(super) fn into_words(self) -> Vec<String> {
        self.kinds
            .into_iter()
            .map(|problem| match (problem.count, problem.example.as_str()) {
                (1, "") => problem.what.to_owned(),
                (1, example) => format!("{}: {example}", problem.what),
                (count, "") => format!("{} ({count} times)", problem.what),
                (count, example) => format!("{} ({count} times): {example}", problem.what),
            })
            .collect()
    }
}

/// A text of unknown origin, safe to print: one line, no control characters,
/// and at most so many characters.
pub(super) fn plain_line(text: &str, chars_max: usize) -> String {
    let mut line = String::new();
    let mut chars = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_direction(*c));
    line.extend(chars.by_ref().take(chars_max));
    if chars.next().is_some() {
        line.pop();
        line.push('…');
    }
    line.trim().to_owned()
}

/// Characters that reorder the line they are printed in.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
