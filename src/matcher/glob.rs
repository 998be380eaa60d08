//! Wildcards within one word: `*` for any letters, `?` for one.

use crate::text::Fingerprint;
use crate::work::count;
use aho_corasick::AhoCorasick;
use rustc_hash::FxHashMap;

/// The longest word that is compared with wildcards, in bytes. Longer ones are
/// no words, and what a comparison costs grows with the word times the pattern.
const WORD_BYTES_MAX: usize = 256;

/// The wildcards of a lexicon. Those that begin with two letters are compared
/// with words that begin so; the others with words that have their longest run of
/// letters, which one automaton finds for all of them.
#[derive(Debug, Default)]
pub(super) struct Globs {
    by_start: FxHashMap<[char; 2], Vec<(Glob, Fingerprint)>>,
    open: Vec<(Glob, Fingerprint)>,
    /// The longest run of letters of each open one, until they are finished.
    runs: Vec<String>,
    finder: Option<AhoCorasick>,
    /// A bit for each two letters of ASCII that some begin with.
    ascii_starts: Vec<u64>,
}

impl Globs {
    pub(super) fn add(&mut self, pattern: &str, print: Fingerprint) {
        let glob = (Glob::new(pattern), print);
        if let Some(letters) =
            start(pattern).filter(|letters| !letters.map(is_wild).contains(&true))
        {
            self.note_start(letters);
            self.by_start.entry(letters).or_default().push(glob);
        } else {
            let longest = pattern.split(is_wild).max_by_key(|run| run.len());
            self.runs.push(longest.unwrap_or_default().to_owned());
            self.open.push(glob);
        }
    }

    fn note_start(&mut self, letters: [char; 2]) {
        let ascii = letters.map(|letter| u8::try_from(letter).ok().filter(u8::is_ascii));
        if let [Some(first), Some(second)] = ascii {
            let (word, bit) = ascii_place([first, second]);
            self.ascii_starts.resize(ASCII_WORDS, 0);
            if let Some(starts) = self.ascii_starts.get_mut(word) {
                *starts |= bit;
            }
        }
    }

    /// Makes what was added ready to be compared.
    pub(super) fn finish(&mut self) {
        let runs = std::mem::take(&mut self.runs);
        // Without an automaton, which fails only for a watchlist beyond all
        // bounds, every word is compared.
        self.finder = AhoCorasick::new(runs).ok();
    }

    /// Whether a word may fit any of them, by how it begins in the text: most words
    /// do not, and need not be folded to find out.
    pub(super) fn may_fit(&self, source: &str) -> bool {
        if !self.open.is_empty() {
            return true;
        }
        match source.as_bytes().first_chunk::<2>() {
            Some(letters) if letters.iter().all(u8::is_ascii_alphanumeric) => {
                let (word, bit) = ascii_place(letters.map(|letter| letter.to_ascii_lowercase()));
                let starts = self.ascii_starts.get(word);
                starts.is_some_and(|starts| starts & bit != 0)
            }
            // Other letters may fold to these; a single one of ASCII cannot.
            Some(_) => true,
            None => false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_start.is_empty() && self.open.is_empty()
    }

    /// The prints of the wildcards that a word fits.
    pub(super) fn fitting(&self, word: &str) -> Vec<Fingerprint> {
        if word.len() > WORD_BYTES_MAX {
            return Vec::new();
        }
        let same_start = start(word).and_then(|letters| self.by_start.get(&letters));
        let tried = same_start.into_iter().flatten().chain(self.open_for(word));
        tried
            .filter(|(glob, _)| glob.fits(word))
            .map(|(_, print)| *print)
            .collect()
    }

    /// The open wildcards whose longest run of letters a word has, each once.
    fn open_for(&self, word: &str) -> impl Iterator<Item = &(Glob, Fingerprint)> {
        let mut at: Vec<usize> = match &self.finder {
            _ if self.open.is_empty() => Vec::new(),
            Some(finder) => {
                let found = finder.find_overlapping_iter(word);
                found.map(|run| run.pattern().as_usize()).collect()
            }
            None => (0..self.open.len()).collect(),
        };
        count(at.len());
        at.sort_unstable();
        at.dedup();
        at.into_iter().filter_map(|at| self.open.get(at))
    }
}

/// How many words of bits there are for two letters of seven bits each.
const ASCII_WORDS: usize = (1 << 14) / 64;

fn ascii_place([first, second]: [u8; 2]) -> (usize, u64) {
    let place = usize::from(first & 0x7f) << 7 | usize::from(second & 0x7f);
    (place / 64, 1 << (place % 64))
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
            count(1);
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
