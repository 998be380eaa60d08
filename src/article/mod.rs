//! Articles: what is matched.
//!
//! [`build()`] turns an entry into plain text fields; [`Input`] is an article as
//! a user hands it to `match`. Every offset that is ever reported counts bytes
//! in the text of one of these fields.

mod build;
pub mod input;

pub use crate::feed::canonical_link;
pub use build::{Origin, build, own_id};
pub use input::{Input, InputError};

pub use crate::feed::FeedId;
use crate::text::Field;
use jiff::Timestamp;

/// Identity of an article: 32 hexadecimal digits.
///
/// Two entries with the same canonical link and the same title are the same
/// article, whichever feeds carry them; an entry without a link is its own, and so
/// are entries of one document that have both in common and say different things. An
/// article given to `match` keeps the id that it came with, whatever its form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArticleId(pub String);

/// An article, ready to be matched.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Its identity.
    pub id: ArticleId,
    /// The page that it can be read at.
    pub url: Option<String>,
    /// Title, as plain text.
    pub title: String,
    /// Summary, as plain text.
    pub summary: String,
    /// Body, as plain text; paragraphs are parted by an empty line. It is empty
    /// when it would say just what the summary says.
    pub body: String,
    /// When it was published, if the publisher said so.
    pub published: Option<Timestamp>,
    /// Its language as a two-letter code: the feed's word first, else detected.
    pub language: Option<String>,
    /// Names of its authors.
    pub authors: Vec<String>,
    /// Its categories.
    pub categories: Vec<String>,
    /// Who published it: the feed's configured publisher, else its title.
    pub source: String,
    /// The feed that brought it, if one did.
    pub feed: Option<FeedId>,
    /// The tags of that feed.
    pub tags: Vec<String>,
}

impl Article {
    /// The values of one field, in order; most fields have one value.
    pub fn values(&self, field: Field) -> Vec<&str> {
        match field {
            Field::Title => vec![&self.title],
            Field::Summary => vec![&self.summary],
            Field::Body => vec![&self.body],
            Field::Author => self.authors.iter().map(String::as_str).collect(),
            Field::Source => vec![&self.source],
            Field::Feed => self.feed.iter().map(FeedId::as_str).collect(),
            Field::Tag => self.tags.iter().map(String::as_str).collect(),
            Field::Language => self.language.iter().map(String::as_str).collect(),
            Field::Url => self.url.iter().map(String::as_str).collect(),
            Field::Category => self.categories.iter().map(String::as_str).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
