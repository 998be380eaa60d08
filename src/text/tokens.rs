//! Plain text to tokens, each with the bytes that it came from.
//!
//! One rule for all languages: a token is a run of letters, digits and their
//! marks. Hyphens and apostrophes part tokens but are remembered, so that
//! "Young-kwan" can be found as "Youngkwan"; a possessive *s* is dropped; dotted
//! capitals ("U.S.") are one token. Scripts that write no spaces give one token
//! a character with its signs, Hangul one a syllable; Katakana spells foreign
//! words, whose ends show where another script begins, so a run of it is one.
//! Sentences and paragraphs are counted on the way.

use super::fingerprint::{Fingerprint, ascii_word_length, load, lower_case};
use super::fold::{fold_into, is_ignorable, is_mark};
use crate::work::count;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// The most tokens that are read of one text; the rest is not matched.
pub const TOKENS_MAX: usize = 500_000;

/// The most bytes that are read of one text, so that a place in it is a number of
/// 32 bits.
const TEXT_BYTES_MAX: usize = u32::MAX as usize;

/// The most capitals of an acronym with dots. Longer runs are none, and would be
/// read to their end from each of their letters.
const DOTTED_MAX: usize = 16;

/// Words that end in a full stop without ending a sentence.
const ABBREVIATIONS: &[&str] = &[
    "adm", "apr", "aug", "ave", "brig", "capt", "cf", "co", "col", "corp", "cpl", "dec", "dept",
    "dr", "ed", "eg", "est", "feb", "fr", "gen", "gov", "hon", "ie", "inc", "jan", "jr", "jul",
    "jun", "lt", "ltd", "maj", "mar", "messrs", "mr", "mrs", "ms", "mt", "no", "nos", "nov", "oct",
    "op", "pp", "prof", "pvt", "rep", "reps", "rev", "sen", "sens", "sep", "sept", "sgt", "sr",
    "st", "vol", "vs",
];

static ABBREVIATION_PRINTS: LazyLock<FxHashSet<Fingerprint>> =
    LazyLock::new(|| ABBREVIATIONS.iter().copied().map(Fingerprint::of).collect());

/// Texts in tokens, one text after the other.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    tokens: Vec<Token>,
    /// The first sentence of each paragraph but the first.
    paragraphs: Vec<u32>,
}

/// One token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its first byte in its text.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
    /// What its folded form is known by.
    pub print: Fingerprint,
    /// The number of its sentence, from 0.
    pub sentence: u32,
    /// Whether only a hyphen or an apostrophe stands between it and the next.
    pub glued: bool,
    /// Whether a word begins here; false inside a word of several tokens.
    pub word_start: bool,
}

impl Token {
    /// The token as `text`, from which it was read, has it.
    pub fn source<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }

    /// The folded form of the token, which was read from `text`.
    pub fn folded(&self, text: &str) -> String {
        let mut folded = String::new();
        fold_word(self.source(text), &mut folded);
        folded
    }
}

impl Tokens {
    /// The tokens in the order of the text.
    pub fn all(&self) -> &[Token] {
        &self.tokens
    }

    /// The number of the paragraph that a sentence belongs to, from 0.
    pub fn paragraph(&self, sentence: u32) -> u32 {
        self.paragraphs.partition_point(|first| *first <= sentence) as u32
    }

    /// Reads one more text. It begins a sentence and a paragraph of its own.
    pub(crate) fn read(&mut self, text: &str) {
        let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX));
        let text = text.unwrap_or_default();
        // Words of English have five letters and a space; a guess too low costs
        // a copy, one too high only address space.
        self.tokens.reserve(text.len() / 5);
        let begins = self.tokens.last().map_or(0, |last| last.sentence + 1);
        if begins > 0 {
            self.paragraphs.push(begins);
        }
        let mut reader = Reader {
            text,
            first: self.tokens.len(),
            sentence: begins,
            out: self,
            scratch: String::new(),
            sentence_ended: false,
            space: false,
            line_ends: 0,
        };
        reader.read();
    }
}

/// Parts a text into tokens, at most [`TOKENS_MAX`], in linear time.
///
/// ```
/// use wirewatch::text::tokenise;
/// let text = "Mr. Bolton's U.S. non-aggression plan";
/// let words: Vec<_> = tokenise(text).all().iter().map(|t| t.folded(text)).collect();
/// assert_eq!(words, ["mr", "bolton", "us", "non", "aggression", "plan"]);
/// ```
pub fn tokenise(text: &str) -> Tokens {
    let mut tokens = Tokens::default();
    tokens.read(text);
    tokens
}

/// Folds a word of the text, dotted capitals without their dots.
fn fold_word(word: &str, folded: &mut String) {
    count(word.len());
    if word.contains('.') {
        let letters: String = word.chars().filter(|&c| c != '.').collect();
        fold_into(&letters, folded);
    } else {
        fold_into(word, folded);
    }
}

struct Reader<'a> {
    text: &'a str,
    out: &'a mut Tokens,
    /// The number of the first token of this text.
    first: usize,
    /// Where words are folded that cannot be folded on the way.
    scratch: String,
    sentence: u32,
    /// A sentence may have ended since the last token.
    sentence_ended: bool,
    /// White space stood between the last token and here.
    space: bool,
    /// Line ends since the last token.
    line_ends: u32,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut at = 0;
        while self.out.tokens.len() < TOKENS_MAX {
            count(1);
            match self.text.as_bytes().get(at) {
                None => break,
                Some(b' ') => {
                    self.space = true;
                    at += 1;
                }
                Some(byte) if byte.is_ascii_alphanumeric() => at = self.read_ascii(at),
                Some(_) => at = self.read_any(at),
            }
        }
    }

    /// Reads a word that begins with a letter or digit of ASCII, as most do:
    /// eight bytes at a time, folded on the way.
    fn read_ascii(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut print = Fingerprint::EMPTY;
        let mut end = at;
        loop {
            count(1);
            let eight = load(bytes, end);
            let length = ascii_word_length(eight);
            if length > 0 {
                print = print.with(lower_case(eight, length));
            }
            end += length;
            if length < 8 {
                break;
            }
        }
        // What follows may belong to the word, or make it one of dotted capitals.
        match bytes.get(end) {
            Some(byte) if !byte.is_ascii() => self.read_any(at),
            Some(b'.') if end == at + 1 => self.read_any(at),
            next => {
                self.push(at, end, true, print);
                // Most words are followed by a space, which is passed at once.
                self.space = next == Some(&b' ');
                end + usize::from(self.space)
            }
        }
    }

    /// The last token of this text so far.
    fn last(&self) -> Option<&Token> {
        self.out.tokens.get(self.first..)?.last()
    }

    /// Reads whatever begins at byte `at`; returns the byte after it.
    fn read_any(&mut self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let Some(c) = rest.chars().next() else {
            return self.text.len();
        };
        let after = at + c.len_utf8();
        if is_unspaced(c) {
            let end = self.cluster_end(c, after);
            self.push_word(at, end, true);
            end
        } else if is_hangul(c) {
            let inside_word = self.last().is_some_and(|last| last.end as usize == at)
                && self.before(at).is_some_and(is_hangul);
            let end = self.run_end(after, is_jamo_tail);
            self.push_word(at, end, !inside_word);
            end
        } else if is_word(c) {
            let end = self
                .dotted_capitals(at)
                .unwrap_or_else(|| self.word_end(c, at));
            self.push_word(at, end, true);
            end
        } else {
            self.gap(c, at, after)
        }
    }

    /// Reads a character between words.
    fn gap(&mut self, c: char, at: usize, after: usize) -> usize {
        match c {
            '\n' | '\u{2029}' => {
                self.space = true;
                self.line_ends += if c == '\n' { 1 } else { 2 };
            }
            '.' => self.sentence_ended |= !self.is_abbreviation(at),
            '!' | '?' | '…' => self.sentence_ended = true,
            '。' | '！' | '？' => {
                self.sentence_ended = true;
                self.space = true;
            }
            _ if c.is_whitespace() => self.space = true,
            _ if self.is_joint(c, at, after) => return self.join(c, at, after),
            _ => {}
        }
        after
    }

    /// Whether a character may tie two tokens together: a hyphen, an apostrophe,
    /// the quotation mark inside a Hebrew acronym (Unicode Annex 29, "word boundaries"),
    /// the dot between the words of a foreign name in Katakana.
    fn is_joint(&self, c: char, at: usize, after: usize) -> bool {
        let stands_in = |script: fn(char) -> bool| {
            self.before(at).is_some_and(script) && self.next(after).is_some_and(script)
        };
        match c {
            '"' | '\u{201D}' | '\u{05F4}' => stands_in(is_hebrew),
            '\u{30FB}' | '\u{FF65}' | '\u{30A0}' | '\u{FF1D}' => stands_in(is_katakana),
            _ => is_hyphen(c) || is_apostrophe(c),
        }
    }

    /// Reads a hyphen or an apostrophe: a possessive, a joint, or neither.
    fn join(&mut self, c: char, at: usize, after: usize) -> usize {
        let touches = self.last().is_some_and(|last| last.end as usize == at);
        let mut following = self.text.get(after..).unwrap_or_default().chars();
        let (next, second) = (following.next(), following.next());
        if !touches {
            return after;
        }
        let is_possessive = is_apostrophe(c)
            && matches!(next, Some('s' | 'S'))
            && !second.is_some_and(|second| is_word(second) || is_hyphen(second));
        if is_possessive {
            return after + 1;
        }
        if next.is_some_and(is_word)
            && let Some(last) = self.out.tokens.last_mut()
        {
            last.glued = true;
        }
        after
    }

    /// Whether a full stop at `at` belongs to an abbreviation, an initial or
    /// dotted capitals, and so need not end a sentence.
    fn is_abbreviation(&self, at: usize) -> bool {
        let Some(last) = self.last().filter(|last| last.end as usize == at) else {
            return self.before(at) == Some('.');
        };
        let is_initial = last.end - last.start == 1
            && !last.source(self.text).starts_with(|c: char| c.is_numeric());
        is_initial || ABBREVIATION_PRINTS.contains(&last.print)
    }

    /// Adds a token whose folded form is not known yet.
    fn push_word(&mut self, start: usize, end: usize, word_start: bool) {
        self.scratch.clear();
        let word = self.text.get(start..end).unwrap_or_default();
        fold_word(word, &mut self.scratch);
        let print = Fingerprint::of(&self.scratch);
        self.push(start, end, word_start, print);
    }

    #[inline]
    fn push(&mut self, start: usize, end: usize, word_start: bool, print: Fingerprint) {
        if self.sentence_ended || self.line_ends > 0 {
            self.end_sentence(start);
        }
        self.space = false;
        self.out.tokens.push(Token {
            start: start as u32,
            end: end as u32,
            print,
            sentence: self.sentence,
            glued: false,
            word_start,
        });
    }

    /// Decides whether what stood before byte `at` ended a sentence.
    #[inline(never)]
    fn end_sentence(&mut self, at: usize) {
        if self.out.tokens.len() > self.first {
            if self.line_ends >= 2 {
                self.sentence += 1;
                self.out.paragraphs.push(self.sentence);
            } else if self.sentence_ended && self.space && !self.is_lower_case(at) {
                self.sentence += 1;
            }
        }
        (self.sentence_ended, self.line_ends) = (false, 0);
    }

    /// The byte after the word that begins with `first` at `at`.
    fn word_end(&self, first: char, at: usize) -> usize {
        let katakana = is_katakana(first);
        let is_part = |c: char| {
            c.is_ascii_alphanumeric() && !katakana
                || !c.is_ascii()
                    && (is_mark(c)
                        || is_word(c)
                            && !is_unspaced(c)
                            && !is_hangul(c)
                            && is_katakana(c) == katakana)
        };
        let rest = self.text.get(at..).unwrap_or_default();
        let mut end = at;
        for (offset, c) in rest.char_indices() {
            count(1);
            if is_part(c) {
                end = at + offset + c.len_utf8();
            } else if !is_ignorable(c) {
                break;
            }
        }
        end
    }

    /// The byte after the run that begins at `at` of characters that belong.
    fn run_end(&self, at: usize, belongs: fn(char) -> bool) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        at + rest.find(|c| !belongs(c)).unwrap_or(rest.len())
    }

    /// The byte after the signs that belong to the character `base`, which ends
    /// at `at`: vowels, tones, voicing marks, and letters stacked below it.
    fn cluster_end(&self, base: char, at: usize) -> usize {
        let mut end = at;
        let mut last = base;
        for c in self.text.get(at..).unwrap_or_default().chars() {
            count(1);
            let stacked = matches!(last, '\u{1039}' | '\u{17D2}') && is_unspaced(c);
            // A long *am* may be typed as its two halves, which fold to the same.
            let second_half = last == '\u{0E4D}' && c == '\u{0E32}';
            if !(is_sign(c) || stacked || second_half) {
                break;
            }
            end += c.len_utf8();
            last = c;
        }
        end
    }

    /// The byte after dotted capitals ("U.S.", "U.N.") that begin at `at`: two or
    /// more single capitals with full stops between them and perhaps after.
    fn dotted_capitals(&self, at: usize) -> Option<usize> {
        let mut chars = self.text.get(at..)?.char_indices().peekable();
        let mut capitals = 0;
        let mut end = at;
        while let Some((offset, c)) = chars.next_if(|(_, c)| c.is_uppercase()) {
            count(1);
            capitals += 1;
            if capitals > DOTTED_MAX {
                return None;
            }
            end = at + offset + c.len_utf8();
            match chars.next_if(|(_, c)| *c == '.') {
                Some((dot, _)) => end = at + dot + 1,
                None => break,
            }
        }
        let whole = !chars.peek().is_some_and(|(_, c)| is_word(*c));
        let has_dot = self.text.get(at..end)?.contains('.');
        (capitals >= 2 && has_dot && whole).then_some(end)
    }

    fn before(&self, at: usize) -> Option<char> {
        self.text.get(..at)?.chars().next_back()
    }

    fn next(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    fn is_lower_case(&self, at: usize) -> bool {
        self.next(at).is_some_and(char::is_lowercase)
    }
}

/// Letters and digits; not the apostrophes that Unicode counts as letters.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || !c.is_ascii() && c.is_alphanumeric() && !is_modifier_apostrophe(c)
}

/// Hyphens and the dashes that are used as such; an em dash parts clauses.
pub(crate) fn is_hyphen(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{058A}'
            | '\u{05BE}'
            | '\u{2010}'
            | '\u{2011}'
            | '\u{2012}'
            | '\u{2013}'
            | '\u{2212}'
            | '\u{FE63}'
            | '\u{FF0D}'
    )
}

pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '\u{05F3}'
            | '\u{2018}'
            | '\u{2019}'
            | '\u{201B}'
            | '\u{2032}'
            | '`'
            | '\u{00B4}'
            | '\u{FF07}'
    ) || is_modifier_apostrophe(c)
}

/// The letters of Unicode that are written as apostrophes: in Ukrainian, in
/// Polynesian languages, and for soft signs, hamza and ayn in romanisations.
fn is_modifier_apostrophe(c: char) -> bool {
    matches!(c, '\u{02B9}'..='\u{02BF}')
}

/// Hangul syllables, and the letters that make one where it is decomposed.
pub(crate) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{AC00}'..='\u{D7A3}' | '\u{1100}'..='\u{11FF}')
}

/// The vowels and final consonants of a decomposed Hangul syllable.
fn is_jamo_tail(c: char) -> bool {
    matches!(c, '\u{1160}'..='\u{11FF}')
}

fn is_hebrew(c: char) -> bool {
    matches!(c, '\u{05D0}'..='\u{05EA}')
}

fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}')
}

/// Characters of scripts that write no spaces: Han, Hiragana, Thai, Lao, Khmer, Myanmar.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{309F}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}')
        && c.is_alphanumeric()
}

/// Signs that belong to the character before them in these scripts. A tone is
/// part of the word: without it, the Thai for "news" is the Thai for "white".
fn is_sign(c: char) -> bool {
    matches!(c,
        '\u{0E31}' | '\u{0E33}'..='\u{0E3A}' | '\u{0E47}'..='\u{0E4E}' | '\u{0EB1}' | '\u{0EB3}'..='\u{0EBC}'
        | '\u{0EC8}'..='\u{0ECE}' | '\u{102B}'..='\u{103E}' | '\u{1056}'..='\u{1059}' | '\u{105E}'..='\u{1060}'
        | '\u{17B4}'..='\u{17D3}' | '\u{17DD}')
        || is_mark(c)
}
