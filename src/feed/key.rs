//! Identity of entries: the same at every poll, and no two alike in one document.
//!
//! The publisher's guid comes first, then the link, then a hash of what the
//! entry says. Some publishers give every entry the same guid (the address of
//! the site, or nothing but a version); then all entries that share a key get
//! one made of more of them. Which key an entry gets never depends on its place
//! in the document, because publishers reorder.

use super::link::identifying_link;
use super::problems::Problems;
use super::{Entry, EntryKey, Print};
use crate::text::html;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// A longer guid or link is replaced by its hash, in bytes.
const KEY_BYTES_MAX: usize = 512;

/// How much of a summary tells two entries apart; more would make a new entry
/// of each correction further down.
const SUMMARY_CHARS: usize = 256;

/// How much of a hash is kept, in bytes.
const FINGERPRINT_BYTES: usize = 16;

/// Gives every entry its key.
pub(super) fn assign(entries: &mut [Entry], problems: &mut Problems) {
    let mut keys: Vec<String> = entries.iter().map(first_choice).collect();
    for entry in &mut *entries {
        entry.second_key = EntryKey(without_guid(entry));
    }
    if has_repeats(&keys) {
        part(&mut keys, entries, problems);
    }
    for (key, entry) in keys.into_iter().zip(entries) {
        entry.key = EntryKey(key);
    }
}

fn has_repeats(keys: &[String]) -> bool {
    let mut seen = HashSet::with_capacity(keys.len());
    !keys.iter().all(|key| seen.insert(key))
}

/// Makes keys that are shared of more of their entries, until none is.
fn part(keys: &mut [String], entries: &[Entry], problems: &mut Problems) {
    for guid in shared(keys)
        .zip(entries)
        .filter_map(|(shared, entry)| entry.guid.as_deref().filter(|_| shared))
    {
        problems.note(
            "entries share a guid, so that more is needed to tell them apart",
            guid,
        );
    }
    for refined in [guid_and_link, whole] {
        let shared: Vec<bool> = shared(keys).collect();
        for ((key, entry), shared) in keys.iter_mut().zip(entries).zip(shared) {
            if shared {
                *key = refined(entry);
            }
        }
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for key in keys {
        let repeats = seen.entry(key.clone()).or_default();
        if *repeats > 0 {
            *key = fingerprint(&[key, &repeats.to_string()]);
        }
        *repeats += 1;
    }
}

/// For each key, whether another entry has it too.
fn shared(keys: &[String]) -> impl Iterator<Item = bool> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    keys.iter()
        .map(move |key| counts.get(key.as_str()).is_some_and(|count| *count > 1))
}

fn first_choice(entry: &Entry) -> String {
    let link = || entry.link.as_deref().and_then(identifying_link);
    match entry.guid.clone().or_else(link) {
        Some(key) if key.len() <= KEY_BYTES_MAX => key,
        Some(long) => fingerprint(&[&long]),
        None => whole(entry),
    }
}

/// Link and title: what is left of an entry when its guid says nothing.
fn without_guid(entry: &Entry) -> String {
    let link = entry.link.as_deref().and_then(identifying_link);
    match (link, &entry.title) {
        (None, None) => whole(entry),
        (link, title) => fingerprint(&[
            &link.unwrap_or_default(),
            title.as_deref().unwrap_or_default(),
        ]),
    }
}

fn guid_and_link(entry: &Entry) -> String {
    match (&entry.guid, &entry.link) {
        (Some(guid), Some(link)) => {
            fingerprint(&[guid, &identifying_link(link).unwrap_or_default()])
        }
        _ => whole(entry),
    }
}

fn whole(entry: &Entry) -> String {
    let date = entry.published.map(|at| at.to_string()).unwrap_or_default();
    let told = entry.summary.as_ref().or(entry.content.as_ref());
    let summary: String = told
        .map(|source| html::to_text(source).chars().take(SUMMARY_CHARS).collect())
        .unwrap_or_default();
    fingerprint(&[
        entry.guid.as_deref().unwrap_or_default(),
        &entry
            .link
            .as_deref()
            .and_then(identifying_link)
            .unwrap_or_default(),
        entry.title.as_deref().unwrap_or_default(),
        &date,
        &summary,
    ])
}

impl Print {
    /// The print of these parts: a checksum that no version of a library changes,
    /// and the length beside it, because a checksum alone is short.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut checksum = 0;
        let mut bytes = 0;
        for part in parts {
            // A byte that is in no text parts them.
            checksum = crc32c::crc32c_append(checksum, part.as_bytes());
            checksum = crc32c::crc32c_append(checksum, &[0xff]);
            bytes += part.len();
        }
        Self(u64::from(checksum) << 32 | (bytes as u64 & u64::from(u32::MAX)))
    }
}

/// The first 32 hexadecimal digits of the SHA-256 of these parts, each with its
/// length, so that `["ab", "c"]` and `["a", "bc"]` differ.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let hash = hasher.finalize();
    let mut digits = String::with_capacity(2 * FINGERPRINT_BYTES);
    for byte in hash.iter().take(FINGERPRINT_BYTES) {
        for half in [byte >> 4, byte & 0xf] {
            digits.extend(char::from_digit(u32::from(half), 16));
        }
    }
    digits
}
