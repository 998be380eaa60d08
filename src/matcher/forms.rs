//! Written text to phrases of the lexicon, in every spelling that counts.

use super::inflection::{Name, Use, inflected, is_as_written, may_inflect};
use super::lexicon::{Leaf, Lexicon, Piece};
use super::romanisation::romanised;
use super::spelling::spellings;
use crate::text::{Fingerprint, fold, is_apostrophe, is_hyphen, is_ignorable, tokenise};
use crate::watchlist::ActorKind;
use std::borrow::Cow;

/// The phrases that a written name, word or phrase stands for: its words apart,
/// and, where hyphens or apostrophes join some, those joined ("Young-kwan" is
/// "Young kwan" and "Youngkwan").
pub(super) fn phrases(text: &str) -> Vec<Vec<Piece>> {
    rows(text).iter().map(|row| phrase(row)).collect()
}

/// The most phrases of one alias.
const ALIAS_PHRASES_MAX: usize = 128;

/// Adds the phrases that an alias stands for to a lexicon, and tells of the leaf
/// of each: its [`phrases`], those of its other spellings, and the inflected forms
/// of all of them. Acronyms and weak aliases are taken as they are written, and so
/// is what has wildcards.
pub(super) fn add_alias(text: &str, usage: Use, lexicon: &mut Lexicon, mut to: impl FnMut(Leaf)) {
    if is_plain(text) && !may_inflect(text, usage) {
        // Most aliases of a large watchlist are one row of plain words.
        let tokens = tokenise(text);
        let words = tokens.all().iter().map(|token| token.print);
        lexicon.add_words(words).into_iter().for_each(to);
        return;
    }
    if is_as_written(usage.class) || text.contains(WILDCARDS) {
        for phrase in phrases(text) {
            lexicon.add(&phrase).into_iter().for_each(&mut to);
        }
        return;
    }
    let mut room = ALIAS_PHRASES_MAX;
    for (nth, spelling) in spellings(text).iter().enumerate() {
        let rows = rows(spelling);
        if let Some(own) = rows
            .first()
            .filter(|_| nth == 0 && usage.kind == ActorKind::Person)
        {
            for row in romanised(own, usage.class) {
                lexicon
                    .add_words(row.into_iter())
                    .into_iter()
                    .for_each(&mut to);
            }
        }
        for row in rows {
            if room == 0 {
                return;
            }
            room -= 1;
            let words = row.iter().map(|word| Fingerprint::of(&word.folded));
            lexicon.add_words(words).into_iter().for_each(&mut to);
            for form in inflected(&row, usage, room).iter().flat_map(Name::forms) {
                room -= 1;
                lexicon.add_words(form).into_iter().for_each(&mut to);
            }
        }
    }
}

/// Whether a text is of words and spaces of ASCII alone, and so spelled in one way.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
}

/// The words of a text apart, and, where some are joined, those as one.
fn rows(text: &str) -> Vec<Vec<Chunk<'_>>> {
    let apart = chunks(text);
    if apart.is_empty() {
        return Vec::new();
    }
    // "voa-*" joined would be "voa*", which is another wish.
    let bare_wildcard = |chunk: &Chunk<'_>| !chunk.folded.contains(char::is_alphanumeric);
    if !apart.iter().any(|chunk| chunk.glued) || apart.iter().any(bare_wildcard) {
        return vec![apart];
    }
    let mut joined: Vec<Chunk<'_>> = Vec::new();
    for chunk in &apart {
        match joined.last_mut().filter(|last| last.glued) {
            Some(last) => {
                last.written.to_mut().push_str(&chunk.written);
                last.folded.push_str(&chunk.folded);
                last.glued = chunk.glued;
            }
            None => joined.push(chunk.clone()),
        }
    }
    vec![apart, joined]
}

fn phrase(row: &[Chunk<'_>]) -> Vec<Piece> {
    row.iter().map(|chunk| piece(&chunk.folded)).collect()
}

/// How a text is compared where its case counts: without the full stops of
/// dotted capitals and what does not show, in letters of ordinary width, and with
/// one hyphen, one apostrophe and one quotation mark for all.
pub(super) fn exact(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '.' => None,
            _ if c.is_ascii_alphanumeric() => Some(c),
            _ if is_ignorable(c) => None,
            _ if is_hyphen(c) => Some('-'),
            _ if is_apostrophe(c) => Some('\''),
            '\u{201D}' | '\u{05F4}' => Some('"'),
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - FULL_WIDTH),
            _ => Some(c),
        })
        .collect()
}

/// How far the full-width letters stand from those of ASCII.
const FULL_WIDTH: u32 = 0xFEE0;

const WILDCARDS: [char; 2] = ['*', '?'];

/// A word of a text.
#[derive(Clone)]
pub(super) struct Chunk<'t> {
    /// As the text has it.
    pub(super) written: Cow<'t, str>,
    pub(super) folded: String,
    /// Whether a hyphen or an apostrophe ties it to the next.
    glued: bool,
}

fn chunks(text: &str) -> Vec<Chunk<'_>> {
    if text.contains(WILDCARDS) {
        return wildcard_chunks(text);
    }
    let tokens = tokenise(text);
    tokens
        .all()
        .iter()
        .map(|token| Chunk {
            written: token.source(text).into(),
            folded: token.folded(text),
            glued: token.glued,
        })
        .collect()
}

/// Parts a text that has wildcards, which the tokeniser would drop.
fn wildcard_chunks(text: &str) -> Vec<Chunk<'_>> {
    let mut chunks: Vec<Chunk<'_>> = Vec::new();
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '*' | '?');
    let mut rest = text;
    while let Some(start) = rest.find(belongs) {
        let joint = rest.get(..start).unwrap_or_default();
        let from = rest.get(start..).unwrap_or_default();
        let end = from.find(|c| !belongs(c)).unwrap_or(from.len());
        let is_joint =
            joint.chars().count() == 1 && joint.chars().all(|c| is_hyphen(c) || is_apostrophe(c));
        if let Some(last) = chunks.last_mut() {
            last.glued = is_joint;
        }
        let written = from.get(..end).unwrap_or_default();
        chunks.push(Chunk {
            written: written.into(),
            folded: fold_wildcard(written),
            glued: false,
        });
        rest = from.get(end..).unwrap_or_default();
    }
    chunks
}

fn fold_wildcard(word: &str) -> String {
    word.split_inclusive(WILDCARDS)
        .map(|part| match part.char_indices().next_back() {
            Some((last, wildcard @ ('*' | '?'))) => {
                fold(part.get(..last).unwrap_or_default()) + wildcard.encode_utf8(&mut [0; 4])
            }
            _ => fold(part),
        })
        .collect()
}

fn piece(folded: &str) -> Piece {
    if folded.contains(WILDCARDS) {
        Piece::Wildcard(folded.to_owned())
    } else {
        Piece::Word(folded.to_owned())
    }
}
