//! Keeps documents with too many entries from filling the memory.
//!
//! `feed_rs` makes an entry of every item before it gives back the first, and
//! an empty item of 29 bytes becomes a kilobyte or more: a body of 16 MB would
//! take 20 times its size. So what is beyond the entries that we read is taken
//! out before. Tags are looked for without parsing: inside a comment or CDATA
//! they count too, which can only matter to a document that has ten thousand.

use super::ENTRIES_MAX;
use std::borrow::Cow;

/// The most objects of a JSON document: entries have a few each.
const OBJECTS_MAX: usize = 20 * ENTRIES_MAX;

/// The document with one entry more than are read, if it has more, so that the
/// reader of the entries sees that there were; none if that cannot be done.
pub(super) fn thin(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        let objects = memchr::memchr_iter(b'{', bytes).count();
        return (objects <= OBJECTS_MAX).then_some(Cow::Borrowed(bytes));
    }
    let Some(cut) = entry_tags(bytes, b"<").nth(ENTRIES_MAX + 1) else {
        return without_hidden_crowd(bytes);
    };
    let last_end = entry_tags(bytes, b"</").last().filter(|end| *end > cut)?;
    let tail = bytes.get(last_end..)?;
    let close = tail.iter().position(|byte| *byte == b'>')?;
    let kept = [bytes.get(..cut)?, tail.get(close + 1..)?].concat();
    Some(Cow::Owned(kept))
}

/// In UTF-16 every other byte hides the tags; such a crowd is refused whole.
fn without_hidden_crowd(bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    if bytes.contains(&0) {
        let plain: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        if entry_tags(&plain, b"<").nth(ENTRIES_MAX + 1).is_some() {
            return None;
        }
    }
    Some(Cow::Borrowed(bytes))
}

/// Where tags of entries begin: `<item`, `<entry`, with any prefix.
fn entry_tags<'a>(bytes: &'a [u8], open: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    memchr::memchr_iter(b'<', bytes).filter_map(move |at| {
        let name = bytes.get(at..)?.strip_prefix(open)?;
        is_entry(name).then_some(at)
    })
}

fn is_entry(rest: &[u8]) -> bool {
    /// Longer names are no prefix and no name of ours.
    const NAME_BYTES_MAX: usize = 64;
    let rest = rest.get(..NAME_BYTES_MAX).unwrap_or(rest);
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
    let Some(length) = rest.iter().position(ends) else {
        return false;
    };
    let name = rest.get(..length).unwrap_or_default();
    let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
    matches!(local, b"item" | b"entry")
}
