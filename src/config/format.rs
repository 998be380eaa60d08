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

/// Reads the format of a webhook and its keys.
pub(super) fn format(table: &Table<'_>) -> Option<Format> {
    match table.get("format") {
        Some(item) => item.word(&WORDS)?(table),
        None => Some(Format::Standard),
    }
}
