//! OPML: lists of feeds, as readers exchange them.
//!
//! It lives beside the feeds because it is read with the same tokenizer: lists
//! are exported by programs that forget to escape as often as publishers do.
//! Folders become tags, and tags become folders: a feed with two tags stands in
//! two folders, which every reader understands. What is read keeps its place, so
//! that a mistake can be shown, and a list that somebody wrote is added to
//! without a change to anything else in it.

mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::parse;
pub use write::{insert, write};

use std::collections::BTreeMap;
use std::ops::Range;

/// The most feeds that are read from one list.
pub const FEEDS_MAX: usize = 100_000;

/// The deepest folder; what lies deeper counts as lying there.
const DEPTH_MAX: usize = 16;

/// The longest tag, in characters.
const TAG_CHARS_MAX: usize = 100;

/// A list of feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opml {
    /// Its feeds, in the order of the document. A feed that stands in several
    /// folders is there several times.
    pub feeds: Vec<Outline>,
    /// Its folders, each with its path and the place where another outline can
    /// be put into it.
    folders: BTreeMap<Vec<String>, usize>,
    /// Where another outline can be put at the top.
    end: Option<usize>,
    /// Whether there are more feeds than are read.
    pub is_cut: bool,
}

/// A feed in a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Its address as it is written.
    pub url: String,
    /// What the list calls it.
    pub title: Option<String>,
    /// The page that it belongs to.
    pub site: Option<String>,
    /// The folders that it stands in, from the outermost, and its categories.
    pub tags: Vec<String>,
    /// Where its address stands, in bytes of the document.
    pub place: Range<usize>,
}

/// Why a text is no list of feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// It has nothing that a list has.
    #[error("this is no OPML: it has neither <opml> nor <outline>")]
    NotOpml,
}

/// Decodes a list that came from elsewhere, in whatever encoding it is.
pub fn decode(bytes: &[u8]) -> String {
    super::decode::decode(bytes, None, &mut super::problems::Problems::default()).into_owned()
}
