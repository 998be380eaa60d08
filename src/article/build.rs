//! An entry and its feed to an article.

use super::{Article, ArticleId};
use crate::feed::{Entry, FeedId, canonical_link, fingerprint};
use crate::text::{detect, fold, html, primary_subtag};

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
///
/// Content that says no more than the summary is left out, so that no mention
/// counts twice. An entry with neither title nor text is still an article: it
/// can be seen and counted, though no query matches it.
pub fn build(entry: &Entry, origin: &Origin<'_>) -> Article {
    let title = entry.title.clone().unwrap_or_default();
    let summary = entry
        .summary
        .as_deref()
        .map(html::to_text)
        .unwrap_or_default();
    let mut body = entry
        .content
        .as_deref()
        .map(html::to_text)
        .unwrap_or_default();
    if body == summary {
        body.clear();
    }
    let language = [entry.language.as_deref(), origin.language]
        .into_iter()
        .flatten()
        .find_map(primary_subtag)
        .or_else(|| detect_in(&[&title, &summary, &body]));
    Article {
        id: identity(entry.link.as_deref(), &title).unwrap_or_else(|| own_id(entry, origin.feed)),
        url: entry.link.clone(),
        title,
        summary,
        body,
        published: entry.published.or(entry.updated),
        language,
        authors: entry.authors.clone(),
        categories: entry.categories.clone(),
        source: origin.source.to_owned(),
        feed: Some(origin.feed.clone()),
        tags: origin.tags.to_vec(),
    }
}

/// The identity of an article that no other entry can have: for an entry without
/// a link, and for one whose link and title stand for several.
pub fn own_id(entry: &Entry, feed: &FeedId) -> ArticleId {
    ArticleId(fingerprint(&[feed.as_str(), &entry.key.0]))
}

/// The identity of an article that has a link: one page under one title.
pub(super) fn identity(link: Option<&str>, title: &str) -> Option<ArticleId> {
    let link = canonical_link(link?)?;
    let words: Vec<&str> = title.split_whitespace().collect();
    Some(ArticleId(fingerprint(&[&link, &fold(&words.join(" "))])))
}

/// The language of the fields together: alone, a title is often too short.
pub(super) fn detect_in(fields: &[&str]) -> Option<String> {
    /// Enough for a guess; the rest of a long body would only be copied.
    const FIELD_CHARS_MAX: usize = 200;

    let mut together = String::new();
    for field in fields {
        together.extend(field.chars().take(FIELD_CHARS_MAX));
        together.push('\n');
    }
    detect(&together).map(str::to_owned)
}
