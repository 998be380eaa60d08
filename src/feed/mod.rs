//! Feeds: from bytes to entries.
//!
//! [`parse()`] reads RSS, Atom, RDF and JSON Feed and gives one shape for all of
//! them. Feeds come from templates that nobody validates, and an alert that is
//! lost to an ampersand is lost in silence; so a damaged document is read as far
//! as a person could read it, and [`Feed::problems`] says what was mended. Every
//! entry gets an identity of our own: the publisher's guid where there is one,
//! else the link, else a hash, and never a random one, so that an entry is the
//! same entry at the next poll.

mod charset;
pub(crate) mod date;
mod decode;
mod depth;
pub mod discovery;
mod draft;
mod entities;
mod finish;
mod first;
mod json;
mod key;
mod link;
mod markup;
mod names;
pub mod opml;
mod parse;
mod problems;
mod references;
mod root;
mod survey;
mod tolerant;

pub(crate) use key::fingerprint;
pub use link::canonical_link;
pub(crate) use link::header::{WebLink, header_links};
pub use parse::{ParseError, parse};
pub(crate) use root::root_element;

use jiff::Timestamp;
use jiff::civil::Weekday;

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
    /// Whether the document breaks off. The entries before that are sound; the
    /// others have not been seen, so that its validators are not worth keeping.
    pub breaks_off: bool,
    /// Its title as plain text.
    pub title: Option<String>,
    /// The web page that it belongs to.
    pub link: Option<String>,
    /// What it says about itself, as plain text.
    pub description: Option<String>,
    /// The language that it declares, as it wrote it (`en-gb`).
    pub language: Option<String>,
    /// Names of its authors.
    pub authors: Vec<String>,
    /// Its categories.
    pub categories: Vec<String>,
    /// Its logo, as an address.
    pub image: Option<String>,
    /// When it was last changed, as it says.
    pub updated: Option<Timestamp>,
    /// Where and when its publisher wants it to be read.
    pub polling: Polling,
    /// Its entries in document order, at most [`ENTRIES_MAX`].
    pub entries: Vec<Entry>,
    /// What had to be repaired or was left out, in words.
    pub problems: Vec<String>,
}

/// What a feed says of how it is to be polled. All of it is a publisher's wish:
/// none of it is checked against the feed's own habits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Polling {
    /// The WebSub hubs that announce its changes (`rel=hub`).
    pub hubs: Vec<String>,
    /// Its own address (`rel=self`), which is its topic at a hub.
    pub address: Option<String>,
    /// Where its older entries go on (`rel=next`, RFC 5005).
    pub next_page: Option<String>,
    /// The archive before this document (`rel=prev-archive`, RFC 5005).
    pub previous_archive: Option<String>,
    /// How long it may be kept, in minutes (RSS `ttl`).
    pub ttl_minutes: Option<u32>,
    /// How often it changes, in minutes (`sy:updatePeriod`, `sy:updateFrequency`).
    pub period_minutes: Option<u32>,
    /// Hours of the day in UTC, 0 to 23, at which it is not to be polled.
    pub skip_hours: Vec<u8>,
    /// Days at which it is not to be polled.
    pub skip_days: Vec<Weekday>,
}

/// The most entries that are read from one feed; more are cut and reported.
pub const ENTRIES_MAX: usize = 10_000;

/// One entry of a feed (RSS `item`, Atom `entry`).
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Our identity of it within its feed.
    pub key: EntryKey,
    /// An identity without the guid: made of link and title. It stays where a
    /// publisher changes all guids, and so tells such a change from news.
    pub second_key: EntryKey,
    /// What it says, in short: it differs where title, summary or content do, and
    /// so tells an edit from a repetition.
    pub print: Print,
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
    /// What comes with it: sound, film, pictures.
    pub enclosures: Vec<Enclosure>,
    /// Its picture, as an address.
    pub image: Option<String>,
    /// Where it is commented on.
    pub comments: Option<String>,
    /// Who published it first, where the feed repeats others (`source`).
    pub source: Option<String>,
    /// Where it happened.
    pub place: Option<Place>,
}

/// A file that comes with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Where it is.
    pub url: String,
    /// What it is, as the publisher says: `audio/mpeg`.
    pub media_type: Option<String>,
    /// Its size in bytes, as the publisher says.
    pub length_bytes: Option<u64>,
}

/// A point on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Degrees north, from -90 to 90.
    pub latitude: f64,
    /// Degrees east, from -180 to 180.
    pub longitude: f64,
}

/// A hash of what an entry says. It is for comparison with the same entry at
/// another poll, not for identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Print(pub u64);

/// Our identity of an entry within its feed: the same at every poll.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryKey(pub String);

#[cfg(test)]
mod tests;
