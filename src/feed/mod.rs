//! Feeds: from bytes to entries.
//!
//! [`parse()`] reads RSS, Atom, RDF and JSON Feed and gives one shape for all of
//! them. It is the only place that knows `feed_rs`, runs it where a panic of
//! its own cannot reach us, and gives every entry an identity of our own: the
//! publisher's guid where there is one, else the link, else a hash, and never
//! a random one, so that an entry is the same entry at the next poll.

mod convert;
mod crowd;
pub(crate) mod date;
mod depth;
mod key;
mod link;
mod parse;
mod problems;
mod root;
mod shield;

pub(crate) use key::fingerprint;
pub use link::canonical_link;
pub use parse::{ParseError, parse};
pub(crate) use root::root_element;

use jiff::Timestamp;

name_type! {
    /// The name of a configured feed.
    FeedId
}

/// The format that a feed was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RSS 0.9x and 2.0.
    Rss,
    /// Atom (RFC 4287).
    Atom,
    /// RSS 1.0, an RDF vocabulary.
    Rdf,
    /// JSON Feed 1.x.
    Json,
}

impl Format {
    /// The word used in output: `rss`, `atom`, `rdf` or `json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Rdf => "rdf",
            Self::Json => "json",
        }
    }
}

/// A parsed feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// The format it was written in.
    pub format: Format,
    /// Its title as plain text.
    pub title: Option<String>,
    /// The web page that it belongs to.
    pub link: Option<String>,
    /// What it says about itself, as plain text.
    pub description: Option<String>,
    /// The language that it declares, as it wrote it (`en-gb`).
    pub language: Option<String>,
    /// How long the publisher asks us to keep it, in minutes (RSS `ttl`).
    pub ttl_minutes: Option<u32>,
    /// Hours of the day in UTC in which it publishes nothing (RSS `skipHours`).
    pub skip_hours: Vec<u8>,
    /// Days of the week, 0 being Monday, on which it publishes nothing (RSS
    /// `skipDays`).
    pub skip_days: Vec<u8>,
    /// Its entries in document order, at most [`ENTRIES_MAX`].
    pub entries: Vec<Entry>,
    /// What had to be repaired or was left out, in words.
    pub problems: Vec<String>,
}

/// The most entries that are read from one feed; more are cut and reported.
pub const ENTRIES_MAX: usize = 10_000;

/// One entry of a feed (RSS `item`, Atom `entry`).
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Our identity of it within its feed.
    pub key: EntryKey,
    /// The publisher's identifier, if it gave one.
    pub guid: Option<String>,
    /// Its title as plain text.
    pub title: Option<String>,
    /// The page that it links to, absolute where the feed's base is known.
    pub link: Option<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// When it was last changed.
    pub updated: Option<Timestamp>,
    /// Names of its authors.
    pub authors: Vec<String>,
    /// Its categories, as the publisher labels them.
    pub categories: Vec<String>,
    /// Its summary, the publisher's HTML.
    pub summary: Option<String>,
    /// Its content, the publisher's HTML.
    pub content: Option<String>,
    /// Its own language, where it differs from the feed's.
    pub language: Option<String>,
}

/// Our identity of an entry within its feed: the same at every poll.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryKey(pub String);

#[cfg(test)]
mod tests;
