//! What a word or phrase of a query finds, as far as two can be compared.
//!
//! A phrase is rows of folded words: its words apart, and, where hyphens or
//! apostrophes join some, those joined, as the matcher looks for them. Wherever
//! comparing is not certain the answer is no, so that nothing is called
//! superfluous that may find something of its own.

use crate::text::{fold, tokenise};
use crate::watchlist::query::{Word, WordForm};

const WILDCARDS: [char; 2] = ['*', '?'];

/// A word or phrase in the form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Term {
    /// Folded words in a row, in each way to write them.
    Rows(Vec<Vec<String>>),
    /// The same, found in exactly this case.
    Exact(String, Vec<Vec<String>>),
    /// Words of one stem.
    Stem(String),
    /// Equal to itself alone, such as wildcards tied to words by a hyphen.
    Other(String),
}

impl Term {
    pub(super) fn of_word(word: &Word) -> Self {
        match word.form {
            WordForm::Folded => Self::of_text(&word.text),
            WordForm::Exact => Self::Exact(word.text.clone(), rows(&word.text)),
            WordForm::Stem => Self::Stem(fold(&word.text)),
        }
    }

    pub(super) fn of_phrase(words: &[Word]) -> Self {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        Self::of_text(&texts.join(" "))
    }

    fn of_text(text: &str) -> Self {
        if !text.contains(WILDCARDS) {
            return Self::Rows(rows(text));
        }
        let simple = |c: char| c.is_alphanumeric() || c.is_whitespace() || WILDCARDS.contains(&c);
        if !text.chars().all(simple) {
            return Self::Other(fold(text));
        }
        // Folding leaves the wildcards as they are.
        Self::Rows(vec![text.split_whitespace().map(fold).collect()])
    }

    /// The only word that it is, if it is one without wildcards.
    pub(super) fn plain_word(&self) -> Option<&str> {
        match self {
            Self::Rows(rows) | Self::Exact(_, rows) => match rows.as_slice() {
                [row] => match row.as_slice() {
                    [word] if !word.contains(WILDCARDS) => Some(word),
                    _ => None,
                },
                _ => None,
            },
            Self::Stem(_) | Self::Other(_) => None,
        }
    }

    /// The fewest words of a text that it takes.
    pub(super) fn words_min(&self) -> usize {
        match self {
            Self::Rows(rows) | Self::Exact(_, rows) => rows.iter().map(Vec::len).min().unwrap_or(1),
            Self::Stem(_) | Self::Other(_) => 1,
        }
    }

    /// Whether `other` is found at every place where this is found.
    pub(super) fn is_found_as(&self, other: &Self) -> bool {
        self == other || self.each_row(other, same_place)
    }

    /// Whether `other` is found in every text in which this is found, if only
    /// as a part of it: where "nuclear weapon" is, "weapon" is.
    pub(super) fn brings(&self, other: &Self) -> bool {
        self == other || self.each_row(other, inside)
    }

    fn each_row(&self, other: &Self, covers: fn(&[String], &[String]) -> bool) -> bool {
        let (Self::Rows(own) | Self::Exact(_, own), Self::Rows(others)) = (self, other) else {
            return false;
        };
        own.iter()
            .all(|row| others.iter().any(|other| covers(other, row)))
    }
}

/// The words of a text apart, and, where some are joined, those as one.
pub(super) fn rows(text: &str) -> Vec<Vec<String>> {
    let tokens = tokenise(text);
    let mut apart = Vec::new();
    let mut joined: Vec<String> = Vec::new();
    let mut glued = false;
    for token in tokens.all() {
        let folded = token.folded(text);
        apart.push(folded.clone());
        match joined.last_mut().filter(|_| glued) {
            Some(last) => last.push_str(&folded),
            None => joined.push(folded),
        }
        glued = token.glued;
    }
    if joined.len() == apart.len() {
        return vec![apart];
    }
    vec![apart, joined]
}

fn same_place(wide: &[String], row: &[String]) -> bool {
    wide.len() == row.len() && wide.iter().zip(row).all(|(wide, word)| fits(wide, word))
}

fn inside(wide: &[String], row: &[String]) -> bool {
    row.windows(wide.len().max(1))
        .enumerate()
        .any(|(at, part)| (at == 0 || !begins_in_word(part)) && same_place(wide, part))
}

/// Whether a row may begin in the middle of a word: a syllable of Hangul has no
/// space before it where a particle or another noun is written together with it.
fn begins_in_word(row: &[String]) -> bool {
    row.first().is_some_and(|word| {
        word.starts_with(|c| matches!(c, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}'))
    })
}

/// Whether every word that fits `narrow`, which may have wildcards too, fits
/// `wide`. Goes back to the last `*` only, as the matcher does.
fn fits(wide: &str, narrow: &str) -> bool {
    if !wide.contains(WILDCARDS) {
        return wide == narrow;
    }
    let (wide, narrow): (Vec<char>, Vec<char>) = (wide.chars().collect(), narrow.chars().collect());
    let (mut at, mut of) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (wide.get(at), narrow.get(of)) {
            (None, None) => return true,
            (Some('*'), _) => {
                retry = Some((at + 1, of));
                at += 1;
            }
            // `?` is one letter, which a `*` need not be.
            (Some('?'), Some(c)) if *c != '*' => (at, of) = (at + 1, of + 1),
            (Some(letter), Some(c)) if letter == c => (at, of) = (at + 1, of + 1),
            _ => match retry {
                Some((after, from)) if from < narrow.len() => {
                    retry = Some((after, from + 1));
                    (at, of) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
}
