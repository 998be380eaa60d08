//! The lexicon: every word and phrase of a watchlist in one structure, so that
//! an article is read once however many there are.
//!
//! Words have numbers; phrases are paths of numbers through a trie, and the
//! node where a phrase ends is its identity. A token of an article may have
//! several numbers: of the word itself, of wildcards that it fits, of its stem.
//! Tokens parted by a hyphen or an apostrophe are tried joined as well.

use super::glob::Glob;
use super::reading::{Reading, Span};
use rust_stemmers::{Algorithm, Stemmer};
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
    words: HashMap<String, WordNumber>,
    wildcards: HashMap<String, (Glob, WordNumber)>,
    stems: HashMap<String, WordNumber>,
    steps: HashMap<(Leaf, WordNumber), Leaf>,
    leaves: u32,
}

/// Where the leaves of a lexicon stand in one article.
#[derive(Debug, Default)]
pub(super) struct Hits(HashMap<Leaf, Vec<Span>>);

impl Hits {
    /// The places of one leaf, in the order of the text.
    pub(super) fn of(&self, leaf: Leaf) -> &[Span] {
        self.0.get(&leaf).map_or(&[], Vec::as_slice)
    }

    /// Every leaf that was found, in no order.
    pub(super) fn all(&self) -> impl Iterator<Item = (Leaf, &[Span])> {
        self.0.iter().map(|(leaf, spans)| (*leaf, spans.as_slice()))
    }
}

impl Lexicon {
    const ROOT: Leaf = Leaf(0);

    /// Adds a phrase; the same phrase is the same leaf. None if it is empty.
    pub(super) fn add(&mut self, pieces: &[Piece]) -> Option<Leaf> {
        let mut at = Self::ROOT;
        for piece in pieces {
            let number = self.number(piece);
            let next = Leaf(self.leaves + 1);
            at = *self.steps.entry((at, number)).or_insert(next);
            if at == next {
                self.leaves += 1;
            }
        }
        (at != Self::ROOT).then_some(at)
    }

    fn number(&mut self, piece: &Piece) -> WordNumber {
        let next = (self.words.len() + self.wildcards.len() + self.stems.len()) as WordNumber;
        match piece {
            Piece::Word(word) => *self.words.entry(word.clone()).or_insert(next),
            Piece::Stem(word) => *self.stems.entry(word.clone()).or_insert(next),
            Piece::Wildcard(pattern) => {
                let fresh = || (Glob::new(pattern), next);
                self.wildcards
                    .entry(pattern.clone())
                    .or_insert_with(fresh)
                    .1
            }
        }
    }

    /// Finds every leaf in an article.
    pub(super) fn scan(&self, reading: &Reading<'_>) -> Hits {
        let numbers = self.number_tokens(reading);
        let mut hits = Hits::default();
        for (first, word) in reading.words().iter().enumerate() {
            if word.token.word_start {
                self.descend(Self::ROOT, first, first, &numbers, &mut hits);
            }
        }
        hits
    }

    /// Follows every path that goes on from token `at`, and notes its leaves.
    fn descend(&self, node: Leaf, first: usize, at: usize, words: &[Numbered], hits: &mut Hits) {
        let Some(numbered) = words.get(at) else {
            return;
        };
        for &(number, tokens) in &numbered.numbers {
            let Some(&next) = self.steps.get(&(node, number)) else {
                continue;
            };
            let after = at + tokens;
            let spans = hits.0.entry(next).or_default();
            let span = Span {
                first: first as u32,
                last: after as u32 - 1,
            };
            if spans.len() < HITS_MAX && spans.last() != Some(&span) {
                spans.push(span);
            }
            if words
                .get(after)
                .is_some_and(|word| word.segment == numbered.segment)
            {
                self.descend(next, first, after, words, hits);
            }
        }
    }

    /// Gives every token its numbers, and how many tokens each takes.
    fn number_tokens(&self, reading: &Reading<'_>) -> Vec<Numbered> {
        let stems = self.stems_in(reading.language());
        let mut known: HashMap<&str, Vec<WordNumber>> = HashMap::new();
        let mut numbered = Vec::with_capacity(reading.words().len());
        for (at, word) in reading.words().iter().enumerate() {
            let folded = reading.folded(at);
            let of_word = known
                .entry(folded)
                .or_insert_with(|| self.numbers_of(folded, stems.as_ref()));
            let mut numbers: Vec<_> = of_word.iter().map(|number| (*number, 1)).collect();
            if word.token.glued {
                self.number_joined(reading, at, &mut numbers);
            }
            numbered.push(Numbered {
                segment: word.segment,
                numbers,
            });
        }
        numbered
    }

    /// Numbers of the words that token `at` makes with those glued to it.
    fn number_joined(
        &self,
        reading: &Reading<'_>,
        at: usize,
        numbers: &mut Vec<(WordNumber, usize)>,
    ) {
        let mut joined = reading.folded(at).to_owned();
        let words = reading.words().iter().skip(at).take(JOINED_MAX - 1);
        for (tokens, word) in words.enumerate() {
            if !word.token.glued {
                break;
            }
            joined.push_str(reading.folded(at + tokens + 1));
            let of_joined = self.numbers_of(&joined, None);
            numbers.extend(of_joined.into_iter().map(|number| (number, tokens + 2)));
        }
    }

    fn numbers_of(&self, folded: &str, stems: Option<&Stems>) -> Vec<WordNumber> {
        let mut numbers = Vec::new();
        numbers.extend(self.words.get(folded));
        let fitting = self
            .wildcards
            .values()
            .filter(|(glob, _)| glob.fits(folded));
        numbers.extend(fitting.map(|(_, number)| *number));
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
        let mut numbers: HashMap<String, Vec<WordNumber>> = HashMap::new();
        for (word, number) in &self.stems {
            let stem = stemmer.stem(word).into_owned();
            numbers.entry(stem).or_default().push(*number);
        }
        Some(Stems { stemmer, numbers })
    }
}

/// A token with its numbers, each with the count of tokens that it takes.
struct Numbered {
    segment: u32,
    numbers: Vec<(WordNumber, usize)>,
}

struct Stems {
    stemmer: Stemmer,
    numbers: HashMap<String, Vec<WordNumber>>,
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
