//! An entry and its feed to an article.

use super::{Article, ArticleId};
use crate::feed::{Entry, FeedId};

/// What an entry's feed adds to its article.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The feed.
    pub feed: &'a FeedId,
    /// The configured publisher, else the feed's title.
    pub source: &'a str,
    /// The feed's tags.
    pub tags: &'a [String],
    /// The configured language, else the feed's own.
    pub language: Option<&'a str>,
}

/// Makes an article of an entry.
pub fn build(_entry: &Entry, _origin: &Origin<'_>) -> Article {
    let _ = ArticleId(String::new());
    unimplemented!()
}
