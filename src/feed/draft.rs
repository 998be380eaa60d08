//! What the readers of all formats fill in, before it is bounded, made plain and
//! given its identity in [`super::finish`].

use super::Format;
use jiff::Timestamp;
use jiff::civil::Weekday;

/// A feed as one reader found it.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) format: Format,
    pub(super) head: Parts,
    pub(super) wishes: Wishes,
    /// In document order; one more than are kept, if there are more.
    pub(super) entries: Vec<Parts>,
    /// Whether the document ends before it is closed.
    pub(super) breaks_off: bool,
}

/// When the publisher wants to be asked, as far as the document says so.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub(super) ttl_minutes: Option<u32>,
    pub(super) skip_hours: Vec<u8>,
    pub(super) skip_days: Vec<Weekday>,
    pub(super) period_minutes: Option<u32>,
    pub(super) period_frequency: Option<u32>,
}

/// What a feed and an entry have alike.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) guid: Slot<String>,
    /// Whether the guid is said to be a link, or said to be none.
    pub(super) guid_is_link: Option<bool>,
    pub(super) title: Slot<String>,
    pub(super) summary: Slot<String>,
    pub(super) content: Slot<String>,
    pub(super) language: Slot<String>,
    pub(super) published: Slot<Timestamp>,
    pub(super) updated: Slot<Timestamp>,
    pub(super) links: Vec<RawLink>,
    pub(super) authors: Vec<String>,
    /// Those of a podcast, which count where no others are named.
    pub(super) other_authors: Vec<String>,
    pub(super) categories: Vec<String>,
    pub(super) image: Slot<String>,
    pub(super) comments: Slot<String>,
    pub(super) source_title: Slot<String>,
    pub(super) source_link: Slot<String>,
    pub(super) latitude: Option<f64>,
    pub(super) longitude: Option<f64>,
    pub(super) place: Slot<String>,
}

/// A link as it was written, or made absolute by an `xml:base`.
#[derive(Debug, Clone, Default)]
pub(super) struct RawLink {
    pub(super) href: String,
    pub(super) rel: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) length_bytes: Option<u64>,
}

/// The relation of the link that `FeedBurner` replaced by one of its own, which
/// leads nowhere since its redirects were shut down.
pub(super) const ORIGINAL: &str = "original";

/// A value that may be told more than once: what has the lowest rank counts, and
/// of those the first.
#[derive(Debug, Clone)]
pub(super) struct Slot<T> {
    pub(super) value: Option<T>,
    rank: u8,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            value: None,
            rank: u8::MAX,
        }
    }
}

impl<T> From<Option<T>> for Slot<T> {
    fn from(value: Option<T>) -> Self {
        let rank = if value.is_some() { 0 } else { u8::MAX };
        Self { value, rank }
    }
}

impl<T> Slot<T> {
    pub(super) fn offer(&mut self, rank: u8, value: T) {
        if rank < self.rank {
            self.rank = rank;
            self.value = Some(value);
        }
    }
}

/// The most links, names or labels of an entry that are collected; what is kept
/// of them is bounded again, but a hostile document must not fill the memory first.
pub(super) const COLLECTED_MAX: usize = 256;

/// Adds to a list that must not grow without end.
pub(super) fn collect<T>(list: &mut Vec<T>, item: T) {
    if list.len() < COLLECTED_MAX {
        list.push(item);
    }
}
