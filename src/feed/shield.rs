//! Hides from the parser what costs it far more than it is worth to us.
//!
//! `feed_rs` copies the Media RSS of an entry into each `media:group` of it,
//! and the `xml:base` in force into each element and link: 320 kB of groups and
//! credits take it 4 s, and a long base can fill the memory. Documents that go
//! so far are read without the two. What is counted here may be off, but only
//! upwards, whatever the encoding: what hides a tag from us hides it from the
//! parser, because all encodings that it knows write ASCII as ASCII, but for
//! the zero bytes of UTF-16.

use super::problems::Problems;
use std::borrow::Cow;

const MEDIA_RSS: &[u8] = b"http://search.yahoo.com/mrss/";
const XML_BASE: &[u8] = b"xml:base";

/// Groups times bytes: the most that may be copied into groups. It takes less
/// than a second, and feeds in use stay below a tenth of it.
const COPIED_BYTES_MAX: usize = 200_000_000;

/// The longest base, in bytes.
const BASE_BYTES_MAX: usize = 2 * 1024;

/// The document without Media RSS or `xml:base`, where they go too far.
pub(super) fn shield<'a>(bytes: &'a [u8], problems: &mut Problems) -> Cow<'a, [u8]> {
    let plain = without_zeros(bytes);
    let mut shielded = Cow::Borrowed(bytes);
    if finds(&plain, MEDIA_RSS).next().is_some() {
        let groups = finds(&plain, b"group").count();
        if groups.saturating_mul(plain.len()) > COPIED_BYTES_MAX {
            problems.note("the feed is too large for its Media RSS to be read", "");
            hide(shielded.to_mut(), MEDIA_RSS);
        }
    }
    if finds(&plain, XML_BASE).any(|rest| value_bytes(rest) > BASE_BYTES_MAX) {
        problems.note("an xml:base is too long, so that none is used", "");
        hide(shielded.to_mut(), XML_BASE);
    }
    shielded
}

/// UTF-16 as far as it is ASCII; any other text as it is.
fn without_zeros(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.contains(&0) {
        bytes.iter().copied().filter(|byte| *byte != 0).collect()
    } else {
        Cow::Borrowed(bytes)
    }
}

/// What follows each place where a word stands.
fn finds<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    bytes
        .windows(word.len())
        .enumerate()
        .filter(move |(_, window)| *window == word)
        .filter_map(move |(at, _)| bytes.get(at + word.len()..))
}

/// The length of the quoted value that follows the name of an attribute.
fn value_bytes(after_name: &[u8]) -> usize {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let Some(start) = after_name.iter().position(is_quote) else {
        return 0;
    };
    let value = after_name.get(start + 1..).unwrap_or_default();
    let quote = after_name.get(start);
    value
        .iter()
        .position(|byte| Some(byte) == quote)
        .unwrap_or(value.len())
}

/// Changes the first letter of a word wherever it stands, also in UTF-16.
fn hide(bytes: &mut [u8], word: &[u8]) {
    let mut wide: Vec<u8> = word.iter().flat_map(|byte| [*byte, 0]).collect();
    wide.pop();
    for pattern in [word, wide.as_slice()] {
        let places: Vec<usize> = bytes
            .windows(pattern.len())
            .enumerate()
            .filter(|(_, window)| *window == pattern)
            .map(|(at, _)| at)
            .collect();
        for at in places {
            if let Some(first) = bytes.get_mut(at) {
                *first = b'_';
            }
        }
    }
}
