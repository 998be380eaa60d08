//! `format = "…"` of a webhook: what its receiver understands, with the keys that
//! it needs beside the address.

use super::item::Table;

/// What a receiver understands.
#[derive(Debug, Clone)]
pub enum Format {
    /// The stored JSON, after Standard Webhooks.
    Standard,
}

/// Every format by its word.
const WORDS: [(&str, Read); 1] = [("standard", |_| Some(Format::Standard))];

type Read = fn(&Table<'_>) -> Option<Format>;

/// Reads the format of a webhook and its keys; gives its word as well.
pub(super) fn format(table: &Table<'_>) -> Option<(&'static str, Format)> {
    let words = WORDS.map(|(word, read)| (word, (word, read)));
    let (word, read) = match table.get("format") {
        Some(item) => item.word(&words)?,
        None => return Some(("standard", Format::Standard)),
    };
    Some((word, read(table)?))
}
