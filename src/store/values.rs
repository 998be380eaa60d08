//! Values on their way into the database and back.
//!
//! What comes back is read as strictly as any input: a bit can flip, and a
//! person can edit the file.

use super::StoreError;
use crate::feed::{EntryKey, FeedId};
use crate::name::of_word;
use crate::policy::SinkName;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Display;

/// Times are stored as milliseconds since 1970.
pub(super) fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

pub(super) fn time(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millis).map_err(|_| unreadable("time", &millis))
}

pub(super) fn time_if(millis: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    millis.map(time).transpose()
}

/// SQLite counts with signs; no count of ours comes near the difference.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(count: i64) -> Result<u64, StoreError> {
    u64::try_from(count).map_err(|_| unreadable("count", &count))
}

/// The value that a word stands for in a table of words.
pub(super) fn meaning<T: Copy>(
    what: &'static str,
    words: &[(&'static str, T)],
    text: &str,
) -> Result<T, StoreError> {
    of_word(words, text).ok_or_else(|| unreadable(what, text))
}

pub(super) fn feed_id(text: &str) -> Result<FeedId, StoreError> {
    FeedId::new(text).map_err(|_| unreadable("name of a feed", text))
}

pub(super) fn sink_name(text: &str) -> Result<SinkName, StoreError> {
    SinkName::new(text).map_err(|_| unreadable("name of a sink", text))
}

pub(super) fn unreadable(what: &'static str, value: &(impl Display + ?Sized)) -> StoreError {
    StoreError::Unreadable {
        what,
        value: value.to_string(),
    }
}

/// Entry keys are stored as the first 16 bytes of their SHA-256: keys can be
/// long, and two of one feed meet with a chance of 1 in 10²⁵ at ten million.
pub(super) fn short_key(key: &EntryKey) -> [u8; 16] {
    let full: [u8; 32] = Sha256::digest(key.0.as_bytes()).into();
    full.first_chunk().copied().unwrap_or_default()
}
