//! Written text to phrases of the lexicon, in every spelling that counts.

use super::lexicon::Piece;
use crate::text::{fold, is_apostrophe, is_hyphen, tokenise};

/// The phrases that a written name, word or phrase stands for: its words apart,
/// and, where hyphens or apostrophes join some, those joined ("Young-kwan" is
/// "Young kwan" and "Youngkwan").
pub(super) fn phrases(text: &str) -> Vec<Vec<Piece>> {
    let chunks = chunks(text);
    let apart: Vec<Piece> = chunks.iter().map(|chunk| piece(&chunk.folded)).collect();
    let mut phrases = Vec::new();
    // "voa-*" joined would be "voa*", which is another wish.
    let bare_wildcard = |chunk: &Chunk| !chunk.folded.contains(char::is_alphanumeric);
    if chunks.iter().any(|chunk| chunk.glued) && !chunks.iter().any(bare_wildcard) {
        let mut joined = Vec::new();
        let mut word = String::new();
        for chunk in &chunks {
            word.push_str(&chunk.folded);
            if !chunk.glued {
                joined.push(piece(&std::mem::take(&mut word)));
            }
        }
        phrases.push(joined);
    }
    if !apart.is_empty() {
        phrases.insert(0, apart);
    }
    phrases
}

/// How a text is compared where its case counts: without the full stops of
/// dotted capitals, and with one hyphen and one apostrophe for all.
pub(super) fn exact(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '.' => None,
            _ if is_hyphen(c) => Some('-'),
            _ if is_apostrophe(c) => Some('\''),
            _ => Some(c),
        })
        .collect()
}

struct Chunk {
    folded: String,
    /// Whether a hyphen or an apostrophe ties it to the next.
    glued: bool,
}

fn chunks(text: &str) -> Vec<Chunk> {
    if text.contains(['*', '?']) {
        return wildcard_chunks(text);
    }
    let tokens = tokenise(text);
    tokens
        .all()
        .iter()
        .map(|token| Chunk {
            folded: tokens.folded(token).to_owned(),
            glued: token.glued,
        })
        .collect()
}

/// Parts a text that has wildcards, which the tokeniser would drop.
fn wildcard_chunks(text: &str) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
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
        chunks.push(Chunk {
            folded: fold_wildcard(from.get(..end).unwrap_or_default()),
            glued: false,
        });
        rest = from.get(end..).unwrap_or_default();
    }
    chunks
}

fn fold_wildcard(word: &str) -> String {
    word.split_inclusive(['*', '?'])
        .map(|part| match part.char_indices().next_back() {
            Some((last, wildcard @ ('*' | '?'))) => {
                fold(part.get(..last).unwrap_or_default()) + wildcard.encode_utf8(&mut [0; 4])
            }
            _ => fold(part),
        })
        .collect()
}

fn piece(folded: &str) -> Piece {
    if folded.contains(['*', '?']) {
        Piece::Wildcard(folded.to_owned())
    } else {
        Piece::Word(folded.to_owned())
    }
}
