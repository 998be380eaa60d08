//! Wildcards within one word: `*` for any letters, `?` for one.

use crate::text::Fingerprint;
use rustc_hash::FxHashMap;

/// The wildcards of a lexicon. Those that begin with two letters are compared
/// with words that begin so, and only the others with every word.
#[derive(Debug, Default)]
pub(super) struct Globs {
    by_start: FxHashMap<[char; 2], Vec<(Glob, Fingerprint)>>,
    open: Vec<(Glob, Fingerprint)>,
}

impl Globs {
    pub(super) fn add(&mut self, pattern: &str, print: Fingerprint) {
        let list = match start(pattern).filter(|letters| !letters.iter().any(|c| is_wild(*c))) {
            Some(letters) => self.by_start.entry(letters).or_default(),
            None => &mut self.open,
        };
        list.push((Glob::new(pattern), print));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_start.is_empty() && self.open.is_empty()
    }

    /// The prints of the wildcards that a word fits.
    pub(super) fn fitting(&self, word: &str) -> impl Iterator<Item = Fingerprint> {
        let same_start = start(word).and_then(|letters| self.by_start.get(&letters));
        let tried = same_start.into_iter().flatten().chain(&self.open);
        tried
            .filter(move |(glob, _)| glob.fits(word))
            .map(|(_, print)| *print)
    }
}

fn start(text: &str) -> Option<[char; 2]> {
    let mut letters = text.chars();
    Some([letters.next()?, letters.next()?])
}

fn is_wild(c: char) -> bool {
    matches!(c, '*' | '?')
}

/// A word with wildcards, ready to be compared with folded words.
#[derive(Debug)]
struct Glob(Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Letter(char),
    One,
    Any,
}

impl Glob {
    fn new(pattern: &str) -> Self {
        let mut parts: Vec<Part> = pattern
            .chars()
            .map(|c| match c {
                '*' => Part::Any,
                '?' => Part::One,
                letter => Part::Letter(letter),
            })
            .collect();
        parts.dedup_by(|a, b| *a == Part::Any && *b == Part::Any);
        Self(parts)
    }

    /// Whether a word fits. Goes back to the last `*` only, so the time is at
    /// most the product of both lengths, whatever the pattern.
    fn fits(&self, word: &str) -> bool {
        let (mut at, mut rest) = (0, word.chars());
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let before = rest.clone();
            match (self.0.get(at), rest.next()) {
                (Some(Part::Any), _) => {
                    retry = Some((at, before.clone()));
                    rest = before;
                    at += 1;
                }
                (Some(Part::One), Some(_)) => at += 1,
                (Some(Part::Letter(letter)), Some(c)) if *letter == c => at += 1,
                (None, None) => return true,
                _ => {
                    let Some((star, mut from)) = retry.take() else {
                        return false;
                    };
                    if from.next().is_none() {
                        return false;
                    }
                    rest = from.clone();
                    retry = Some((star, from));
                    at = star + 1;
                }
            }
        }
    }
}
