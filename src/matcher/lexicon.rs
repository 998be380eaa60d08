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
use super::hits::{Hits, Place};
use super::reading::{Reading, Span};
pub(super) use super::trie::Leaf;
use super::trie::{Look, Node, Step, Trie};
use crate::text::{Fingerprint, Token};
use crate::work::count;
use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;

/// The most places of all phrases, and the most words beside their own that the
/// tokens of one article stand for. An article of ten thousand words in which each
/// fits a hundred wildcards is far from it.
const PLACES_MAX: usize = 2_000_000;

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

    /// Adds a phrase of folded words.
    pub(super) fn add_words(
        &mut self,
        words: impl DoubleEndedIterator<Item = Fingerprint>,
    ) -> Option<Leaf> {
        self.trie.add(words)
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
        self.globs.finish();
        self.wildcards = FxHashSet::default();
    }

    /// Finds every leaf in an article.
    pub(super) fn scan(&self, reading: &Reading<'_>) -> Hits {
        let mut scan = Scan {
            trie: &self.trie,
            tokens: reading.tokens(),
            extra: self.extra(reading),
            took_extra: false,
            places: Vec::new(),
        };
        for (tokens, _) in reading.texts() {
            scan.segment(tokens);
        }
        let mut places = scan.places;
        // Only joined words and wildcards lead to one leaf on several paths, and
        // only they have two lengths for one number of words.
        if scan.took_extra {
            places.sort_unstable();
            places.dedup();
        }
        Hits::of(places)
    }

    /// The words that tokens stand for beside their own, in the order of the text.
    fn extra(&self, reading: &Reading<'_>) -> Vec<Extra> {
        let mut extra = Vec::new();
        let stems = self.stems_in(reading.language());
        let tokens = reading.tokens();
        if !self.globs.is_empty() || stems.is_some() {
            let mut known: FxHashMap<Fingerprint, Vec<Fingerprint>> = FxHashMap::default();
            let texts = reading.texts();
            let words = texts.flat_map(|(range, text)| range.map(move |at| (at, text)));
            for ((at, text), token) in words.zip(tokens) {
                if extra.len() > PLACES_MAX {
                    break;
                }
                if stems.is_none() && !self.globs.may_fit(token.source(text)) {
                    continue;
                }
                let fitting = known
                    .entry(token.print)
                    .or_insert_with(|| self.fitting(&token.folded(text), stems.as_ref()));
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
            let mut prints = self.globs.fitting(&joined);
            prints.push(Fingerprint::of(&joined));
            extra.extend(prints.into_iter().map(|print| Extra {
                at: at as u32,
                print,
                tokens: glued as u32 + 2,
            }));
        }
    }

    /// The wildcards and stems that a word fits.
    fn fitting(&self, folded: &str, stems: Option<&Stems>) -> Vec<Fingerprint> {
        let mut prints = self.globs.fitting(folded);
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
    /// Whether a path went on with one of these.
    took_extra: bool,
    places: Vec<Place>,
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
        let end = range.end as u32;
        let mut paths = self.beginnings(range);
        let mut longer = Vec::new();
        let mut looks: Vec<Look> = Vec::new();
        while !paths.is_empty() {
            // All look-ups of a round begin before the first is needed.
            looks.clear();
            looks.extend(paths.iter().map(|path| self.look(*path)));
            for (path, look) in paths.iter().zip(&looks) {
                self.go_on(*path, *look, end, &mut longer);
            }
            paths.clear();
            std::mem::swap(&mut paths, &mut longer);
        }
    }

    /// The places of a segment where a path may begin.
    fn beginnings(&self, range: Range<usize>) -> Vec<Path> {
        let tokens = self.tokens.get(range.clone()).unwrap_or_default();
        let mut starts = vec![0; tokens.len() + 1];
        let mut count = 0;
        for (at, token) in (range.start as u32..).zip(tokens) {
            // Written whether it counts or not: a processor cannot guess which do.
            if let Some(start) = starts.get_mut(count) {
                *start = at;
            }
            let may_begin = self.trie.may_have(Node::ROOT.key(token.print));
            count += usize::from(may_begin && token.word_start);
        }
        starts.truncate(count);
        let words = self.extra.iter().map(|extra| extra.at);
        let extra = words.filter(|at| range.contains(&(*at as usize)));
        starts.extend(extra.filter(|at| self.begins_word(*at)));
        if !self.extra.is_empty() {
            starts.sort_unstable();
            starts.dedup();
        }
        let begun = starts.into_iter().map(|at| Path {
            node: Node::ROOT,
            first: at,
            at,
        });
        begun.collect()
    }

    fn begins_word(&self, at: u32) -> bool {
        let token = self.tokens.get(at as usize);
        token.is_some_and(|token| token.word_start)
    }

    /// Looks for the step that goes on from a path with the word of its token.
    fn look(&self, path: Path) -> Look {
        let token = self.tokens.get(path.at as usize);
        let key = token.map_or(0, |token| path.node.key(token.print));
        if path.node == Node::ROOT {
            // The filter was asked before.
            self.trie.fetch(key)
        } else {
            self.trie.look(key)
        }
    }

    /// Takes every step that goes on from a path.
    fn go_on(&mut self, path: Path, look: Look, end: u32, longer: &mut Vec<Path>) {
        if let Some(step) = self.trie.step(look) {
            self.take(path, step, 1, end, longer);
        }
        for number in self.extra_at(path.at) {
            count(1);
            let Some(extra) = self.extra.get(number).copied() else {
                break;
            };
            let look = self.trie.look(path.node.key(extra.print));
            if let Some(step) = self.trie.step(look) {
                self.took_extra = true;
                self.take(path, step, extra.tokens, end, longer);
            }
        }
    }

    fn take(&mut self, path: Path, step: Step, tokens: u32, end: u32, longer: &mut Vec<Path>) {
        let after = path.at + tokens;
        if let Some(leaf) = step.leaf().filter(|_| self.places.len() < PLACES_MAX) {
            let span = Span {
                first: path.first,
                last: after - 1,
            };
            self.places.push(Place::of(leaf, span));
        }
        if let Some(node) = step.node().filter(|_| after < end) {
            longer.push(Path {
                node,
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
        let until = from + rest.iter().take_while(|extra| extra.at == at).count();
        count(until - from);
        from..until
    }
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
