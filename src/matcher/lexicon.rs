//! The lexicon: every word and phrase of a watchlist in one structure, so that
//! an article is read once however many there are.
//!
//! Words have numbers; phrases are paths of numbers through a trie, and the
//! node where a phrase ends is its identity. Most tokens of an article have no
//! number or the one of their word, which is one look-up; only where there are
//! wildcards or stems, or where a hyphen or an apostrophe joins tokens, may one
//! have several.
//!
//! The maps hash fast and without secrets: what is in them comes from the
//! watchlist, articles are only looked up.

use super::glob::Globs;
use super::reading::{Reading, Span};
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::FxHashMap;
use std::collections::HashMap;

/// The most places of one phrase that are kept of one article.
const HITS_MAX: usize = 10_000;

/// The most tokens that are tried as one joined word.
const JOINED_MAX: usize = 4;

/// A word or phrase of the lexicon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Leaf(u32);

type WordNumber = u32;

/// One word of a phrase, as the lexicon takes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Piece {
    /// A folded word.
    Word(String),
    /// A folded word with `*` and `?`.
    Wildcard(String),
    /// A folded word that stands for all words of its stem.
    Stem(String),
}

/// Every word and phrase of a watchlist.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    words: FxHashMap<Box<str>, WordNumber>,
    wildcards: FxHashMap<String, WordNumber>,
    stems: FxHashMap<String, WordNumber>,
    globs: Globs,
    /// The node of each word that begins a phrase; the root where it begins none.
    first: Vec<Leaf>,
    steps: FxHashMap<u64, Leaf>,
    /// Whether a phrase ends at a node, or only goes on from it.
    ends: Vec<bool>,
}

/// Where the leaves of a lexicon stand in one article.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// Sorted by leaf, then by place.
    places: Vec<(Leaf, Span)>,
}

impl Hits {
    /// The places of one leaf, in the order of the text.
    pub(super) fn of(&self, leaf: Leaf) -> impl Iterator<Item = Span> {
        let from = self.places.partition_point(|(other, _)| *other < leaf);
        let rest = self.places.get(from..).unwrap_or_default();
        let places = rest.iter().take_while(move |(other, _)| *other == leaf);
        places.map(|(_, span)| *span)
    }

    /// Every place of every leaf, by leaf.
    pub(super) fn all(&self) -> &[(Leaf, Span)] {
        &self.places
    }
}

/// The numbers that some tokens have beside that of their word, each with the
/// count of tokens that it takes; by token.
type Extra = FxHashMap<usize, Vec<(WordNumber, usize)>>;

/// No word of the lexicon.
const NO_WORD: WordNumber = WordNumber::MAX;

impl Lexicon {
    const ROOT: Leaf = Leaf(0);

    /// Adds a phrase; the same phrase is the same leaf. None if it is empty.
    pub(super) fn add(&mut self, pieces: &[Piece]) -> Option<Leaf> {
        let mut at = Self::ROOT;
        for piece in pieces {
            let number = self.number(piece);
            let next = Leaf(self.ends.len().max(1) as u32);
            let step = if at == Self::ROOT {
                let index = number as usize;
                if self.first.len() <= index {
                    self.first.resize(index + 1, Self::ROOT);
                }
                let slot = self.first.get_mut(index)?;
                if *slot == Self::ROOT {
                    *slot = next;
                }
                *slot
            } else {
                *self.steps.entry(step_key(at, number)).or_insert(next)
            };
            if step == next {
                // The root comes first, and no phrase ends there.
                self.ends.resize(next.0 as usize + 1, false);
            }
            at = step;
        }
        if at == Self::ROOT {
            return None;
        }
        *self.ends.get_mut(at.0 as usize)? = true;
        Some(at)
    }

    fn number(&mut self, piece: &Piece) -> WordNumber {
        let next = (self.words.len() + self.wildcards.len() + self.stems.len()) as WordNumber;
        match piece {
            Piece::Word(word) => match self.words.get(word.as_str()) {
                Some(number) => *number,
                None => *self.words.entry(word.as_str().into()).or_insert(next),
            },
            Piece::Stem(word) => *self.stems.entry(word.clone()).or_insert(next),
            Piece::Wildcard(pattern) => {
                let number = *self.wildcards.entry(pattern.clone()).or_insert(next);
                if number == next {
                    self.globs.add(pattern, number);
                }
                number
            }
        }
    }

    /// Gives back the memory that growing took in advance.
    pub(super) fn shrink(&mut self) {
        self.words.shrink_to_fit();
        self.first.shrink_to_fit();
        self.steps.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Finds every leaf in an article.
    pub(super) fn scan(&self, reading: &Reading<'_>) -> Hits {
        let words: Vec<WordNumber> = (0..reading.words().len())
            .map(|at| {
                self.words
                    .get(reading.folded(at))
                    .copied()
                    .unwrap_or(NO_WORD)
            })
            .collect();
        let scan = Scan {
            lexicon: self,
            reading,
            words: &words,
            extra: self.extra(reading),
        };
        let mut places = Vec::new();
        for (first, word) in reading.words().iter().enumerate() {
            if word.token.word_start {
                scan.descend(Self::ROOT, first, first, &mut places);
            }
        }
        places.sort_unstable();
        places.dedup();
        drop_surplus(&mut places);
        Hits { places }
    }

    /// The numbers of tokens beside those of their words.
    fn extra(&self, reading: &Reading<'_>) -> Extra {
        let stems = self.stems_in(reading.language());
        let mut extra = Extra::default();
        if !self.globs.is_empty() || stems.is_some() {
            // Keyed by what an article says, hence the hasher with a secret.
            let mut known: HashMap<&str, Vec<WordNumber>> = HashMap::new();
            for at in 0..reading.words().len() {
                let folded = reading.folded(at);
                let of_word = known
                    .entry(folded)
                    .or_insert_with(|| self.fitting(folded, stems.as_ref()));
                if !of_word.is_empty() {
                    extra.insert(at, of_word.iter().map(|number| (*number, 1)).collect());
                }
            }
        }
        for (at, word) in reading.words().iter().enumerate() {
            if word.token.glued {
                self.number_joined(reading, at, &mut extra);
            }
        }
        extra
    }

    /// Numbers of the words that token `at` makes with those glued to it.
    fn number_joined(&self, reading: &Reading<'_>, at: usize, extra: &mut Extra) {
        let mut joined = reading.folded(at).to_owned();
        let words = reading.words().iter().skip(at).take(JOINED_MAX - 1);
        for (tokens, word) in words.enumerate() {
            if !word.token.glued {
                break;
            }
            joined.push_str(reading.folded(at + tokens + 1));
            let mut numbers = self.fitting(&joined, None);
            numbers.extend(self.words.get(joined.as_str()));
            if !numbers.is_empty() {
                let of_token = extra.entry(at).or_default();
                of_token.extend(numbers.into_iter().map(|number| (number, tokens + 2)));
            }
        }
    }

    /// The wildcards and stems that a word fits.
    fn fitting(&self, folded: &str, stems: Option<&Stems>) -> Vec<WordNumber> {
        let mut numbers: Vec<WordNumber> = self.globs.fitting(folded).collect();
        if let Some(stems) = stems {
            let stem = stems.stemmer.stem(folded);
            numbers.extend(stems.numbers.get(stem.as_ref()).into_iter().flatten());
        }
        numbers
    }

    /// The stems of the lexicon in one language, if it has any.
    fn stems_in(&self, language: Option<&str>) -> Option<Stems> {
        if self.stems.is_empty() {
            return None;
        }
        let stemmer = Stemmer::create(algorithm(language));
        let mut numbers: FxHashMap<String, Vec<WordNumber>> = FxHashMap::default();
        for (word, number) in &self.stems {
            let stem = stemmer.stem(word).into_owned();
            numbers.entry(stem).or_default().push(*number);
        }
        Some(Stems { stemmer, numbers })
    }
}

/// One pass over an article.
struct Scan<'a> {
    lexicon: &'a Lexicon,
    reading: &'a Reading<'a>,
    words: &'a [WordNumber],
    extra: Extra,
}

impl Scan<'_> {
    /// Follows every path that goes on from token `at`, and notes its leaves.
    fn descend(&self, node: Leaf, first: usize, at: usize, places: &mut Vec<(Leaf, Span)>) {
        let Some(&number) = self.words.get(at) else {
            return;
        };
        if number != NO_WORD {
            self.step(node, (number, 1), first, at, places);
        }
        if self.extra.is_empty() {
            return;
        }
        for &numbered in self.extra.get(&at).into_iter().flatten() {
            self.step(node, numbered, first, at, places);
        }
    }

    fn step(
        &self,
        node: Leaf,
        (number, tokens): (WordNumber, usize),
        first: usize,
        at: usize,
        places: &mut Vec<(Leaf, Span)>,
    ) {
        let next = if node == Lexicon::ROOT {
            self.lexicon
                .first
                .get(number as usize)
                .copied()
                .unwrap_or(Lexicon::ROOT)
        } else {
            let step = self.lexicon.steps.get(&step_key(node, number));
            step.copied().unwrap_or(Lexicon::ROOT)
        };
        if next == Lexicon::ROOT {
            return;
        }
        let after = at + tokens;
        let span = Span {
            first: first as u32,
            last: after as u32 - 1,
        };
        if self.lexicon.ends.get(next.0 as usize) == Some(&true) {
            places.push((next, span));
        }
        if self.reading.same_segment(at, after) {
            self.descend(next, first, after, places);
        }
    }
}

/// Keeps the first places of a leaf that has too many.
fn drop_surplus(places: &mut Vec<(Leaf, Span)>) {
    if places.len() <= HITS_MAX {
        return;
    }
    let (mut current, mut count) = (Lexicon::ROOT, 0);
    places.retain(|(leaf, _)| {
        count = if *leaf == current { count + 1 } else { 1 };
        current = *leaf;
        count <= HITS_MAX
    });
}

fn step_key(node: Leaf, number: WordNumber) -> u64 {
    (u64::from(node.0) << 32) | u64::from(number)
}

struct Stems {
    stemmer: Stemmer,
    numbers: FxHashMap<String, Vec<WordNumber>>,
}

/// The Snowball stemmer of a language; English where there is none.
fn algorithm(language: Option<&str>) -> Algorithm {
    match language {
        Some("ar") => Algorithm::Arabic,
        Some("da") => Algorithm::Danish,
        Some("nl") => Algorithm::Dutch,
        Some("fi") => Algorithm::Finnish,
        Some("fr") => Algorithm::French,
        Some("de") => Algorithm::German,
        Some("el") => Algorithm::Greek,
        Some("hu") => Algorithm::Hungarian,
        Some("it") => Algorithm::Italian,
        Some("no" | "nb" | "nn") => Algorithm::Norwegian,
        Some("pt") => Algorithm::Portuguese,
        Some("ro") => Algorithm::Romanian,
        Some("ru") => Algorithm::Russian,
        Some("es") => Algorithm::Spanish,
        Some("sv") => Algorithm::Swedish,
        Some("ta") => Algorithm::Tamil,
        Some("tr") => Algorithm::Turkish,
        _ => Algorithm::English,
    }
}
