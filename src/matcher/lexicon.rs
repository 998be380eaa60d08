//! The lexicon: every word and phrase of a watchlist in one structure, so that
//! an article is read once however many there are.
//!
//! Phrases are paths of a trie, and the leaf where a phrase ends is its identity.
//! Most tokens of an article take the step of their own word; only where there
//! are wildcards or stems, or where a hyphen or an apostrophe joins tokens, may
//! one take several. An article is walked in breadth: first the beginnings of all
//! phrases, then all their second words, so that look-ups do not wait for one
//! another.
//!
//! The maps hash fast and without secrets: what is in them comes from the
//! watchlist, articles are only looked up.

use super::glob::Globs;
use super::reading::{Reading, Span};
pub(super) use super::trie::Leaf;
use super::trie::{Node, Step, Trie};
use crate::text::{Fingerprint, Token};
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// The most places of one phrase that are kept of one article.
const HITS_MAX: usize = 10_000;

/// The most tokens that are tried as one joined word.
const JOINED_MAX: usize = 4;

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
    trie: Trie,
    wildcards: FxHashSet<Fingerprint>,
    globs: Globs,
    stems: FxHashMap<String, Fingerprint>,
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

/// A word that a token stands for beside its own, alone or with those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Extra {
    at: u32,
    print: Fingerprint,
    tokens: u32,
}

impl Lexicon {
    /// Adds a phrase; the same phrase is the same leaf. None if it is empty.
    pub(super) fn add(&mut self, pieces: &[Piece]) -> Option<Leaf> {
        let prints: Vec<Fingerprint> = pieces.iter().map(|piece| self.print(piece)).collect();
        self.trie.add(prints.into_iter())
    }

    /// Adds a phrase of the words of tokens.
    pub(super) fn add_tokens(&mut self, tokens: &[Token]) -> Option<Leaf> {
        self.trie.add(tokens.iter().map(|token| token.print))
    }

    /// What a piece is known by. No word of a text has the signs of the others.
    fn print(&mut self, piece: &Piece) -> Fingerprint {
        match piece {
            Piece::Word(word) => Fingerprint::of(word),
            Piece::Stem(word) => {
                let print = Fingerprint::of(&format!("~{word}"));
                *self.stems.entry(word.clone()).or_insert(print)
            }
            Piece::Wildcard(pattern) => {
                let print = Fingerprint::of(pattern);
                if self.wildcards.insert(print) {
                    self.globs.add(pattern, print);
                }
                print
            }
        }
    }

    /// Makes what was added ready to be looked up.
    pub(super) fn finish(&mut self) {
        self.trie.finish();
        self.wildcards = FxHashSet::default();
    }

    /// Finds every leaf in an article.
    pub(super) fn scan(&self, reading: &Reading<'_>) -> Hits {
        let mut scan = Scan {
            trie: &self.trie,
            tokens: reading.tokens(),
            extra: self.extra(reading),
            places: Vec::new(),
        };
        let mut begin = 0;
        for end in reading.ends() {
            scan.segment(begin..end);
            begin = end;
        }
        let mut places = scan.places;
        places.sort_unstable();
        places.dedup();
        drop_surplus(&mut places);
        Hits { places }
    }

    /// The words that tokens stand for beside their own, in the order of the text.
    fn extra(&self, reading: &Reading<'_>) -> Vec<Extra> {
        let mut extra = Vec::new();
        let stems = self.stems_in(reading.language());
        let tokens = reading.tokens();
        if !self.globs.is_empty() || stems.is_some() {
            let mut known: FxHashMap<Fingerprint, Vec<Fingerprint>> = FxHashMap::default();
            for (at, token) in tokens.iter().enumerate() {
                let fitting = known
                    .entry(token.print)
                    .or_insert_with(|| self.fitting(&reading.folded(at), stems.as_ref()));
                extra.extend(fitting.iter().map(|print| Extra {
                    at: at as u32,
                    print: *print,
                    tokens: 1,
                }));
            }
        }
        for (at, token) in tokens.iter().enumerate() {
            if token.glued {
                self.add_joined(reading, at, &mut extra);
            }
        }
        extra.sort_unstable();
        extra
    }

    /// Adds the words that token `at` makes with those glued to it.
    fn add_joined(&self, reading: &Reading<'_>, at: usize, extra: &mut Vec<Extra>) {
        let mut joined = reading.folded(at);
        let tokens = reading.tokens().iter().skip(at).take(JOINED_MAX - 1);
        for (glued, token) in tokens.enumerate() {
            if !token.glued {
                break;
            }
            joined.push_str(&reading.folded(at + glued + 1));
            let wildcards = self.globs.fitting(&joined);
            let prints = wildcards.chain([Fingerprint::of(&joined)]);
            extra.extend(prints.map(|print| Extra {
                at: at as u32,
                print,
                tokens: glued as u32 + 2,
            }));
        }
    }

    /// The wildcards and stems that a word fits.
    fn fitting(&self, folded: &str, stems: Option<&Stems>) -> Vec<Fingerprint> {
        let mut prints: Vec<Fingerprint> = self.globs.fitting(folded).collect();
        if let Some(stems) = stems {
            let stem = stems.stemmer.stem(folded);
            prints.extend(stems.prints.get(stem.as_ref()).into_iter().flatten());
        }
        prints
    }

    /// The stems of the lexicon in one language, if it has any.
    fn stems_in(&self, language: Option<&str>) -> Option<Stems> {
        if self.stems.is_empty() {
            return None;
        }
        let stemmer = Stemmer::create(algorithm(language));
        let mut prints: FxHashMap<String, Vec<Fingerprint>> = FxHashMap::default();
        for (word, print) in &self.stems {
            let stem = stemmer.stem(word).into_owned();
            prints.entry(stem).or_default().push(*print);
        }
        Some(Stems { stemmer, prints })
    }
}

/// One pass over an article.
struct Scan<'a> {
    trie: &'a Trie,
    tokens: &'a [Token],
    extra: Vec<Extra>,
    places: Vec<(Leaf, Span)>,
}

/// A path that has begun at token `first` and goes on at token `at`.
#[derive(Debug, Clone, Copy)]
struct Path {
    node: Node,
    first: u32,
    at: u32,
}

impl Scan<'_> {
    /// Follows every path through the tokens of one segment.
    fn segment(&mut self, range: Range<usize>) {
        let tokens = self.tokens.get(range.clone()).unwrap_or_default();
        let numbered = (range.start as u32..).zip(tokens);
        let mut paths: Vec<Path> = numbered
            .filter(|(at, token)| token.word_start && self.may_begin(*at, token))
            .map(|(at, _)| Path {
                node: Node::ROOT,
                first: at,
                at,
            })
            .collect();
        let mut longer = Vec::new();
        while !paths.is_empty() {
            for path in &paths {
                self.go_on(*path, range.end as u32, &mut longer);
            }
            paths.clear();
            std::mem::swap(&mut paths, &mut longer);
        }
    }

    fn may_begin(&self, at: u32, token: &Token) -> bool {
        self.trie.may_have(Node::ROOT.key(token.print)) || !self.extra_at(at).is_empty()
    }

    /// Takes every step that goes on from a path.
    fn go_on(&mut self, path: Path, end: u32, longer: &mut Vec<Path>) {
        let Some(token) = self.tokens.get(path.at as usize) else {
            return;
        };
        if let Some(step) = self.step(path.node, token.print) {
            self.take(path, step, 1, end, longer);
        }
        for number in self.extra_at(path.at) {
            let Some(extra) = self.extra.get(number).copied() else {
                break;
            };
            if let Some(step) = self.step(path.node, extra.print) {
                self.take(path, step, extra.tokens, end, longer);
            }
        }
    }

    fn step(&self, node: Node, word: Fingerprint) -> Option<Step> {
        let key = node.key(word);
        self.trie.may_have(key).then(|| self.trie.step(key))?
    }

    fn take(&mut self, path: Path, step: Step, tokens: u32, end: u32, longer: &mut Vec<Path>) {
        let after = path.at + tokens;
        if let Some(leaf) = step.leaf() {
            let span = Span {
                first: path.first,
                last: after - 1,
            };
            self.places.push((leaf, span));
        }
        if after < end {
            longer.push(Path {
                node: step.node(),
                first: path.first,
                at: after,
            });
        }
    }

    /// The extra words of a token.
    fn extra_at(&self, at: u32) -> Range<usize> {
        if self.extra.is_empty() {
            return 0..0;
        }
        let from = self.extra.partition_point(|extra| extra.at < at);
        let rest = self.extra.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|extra| extra.at == at).count();
        from..from + count
    }
}

/// Keeps the first places of a leaf that has too many.
fn drop_surplus(places: &mut Vec<(Leaf, Span)>) {
    if places.len() <= HITS_MAX {
        return;
    }
    let (mut current, mut count) = (None, 0);
    places.retain(|(leaf, _)| {
        count = if current == Some(*leaf) { count + 1 } else { 1 };
        current = Some(*leaf);
        count <= HITS_MAX
    });
}

struct Stems {
    stemmer: Stemmer,
    prints: FxHashMap<String, Vec<Fingerprint>>,
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
