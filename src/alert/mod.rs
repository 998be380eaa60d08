//! Alerts: what we tell, and the versioned form in which we tell it.
//!
//! [`build`] decides whether an article makes an alert; [`payload`] writes it
//! as the JSON that receivers rely on; [`message`] reads that back for those who
//! tell it to people. [`notice`] is what the operator is told.

pub mod message;
pub mod notice;
mod passages;
pub mod payload;
mod sample;
#[cfg(test)]
mod tests;

pub use passages::{Passage, passages};
pub use sample::sample;

use crate::article::Article;
use crate::feed::FeedId;
use crate::matcher::Matches;
use crate::watchlist::Severity;
use jiff::Timestamp;

/// Identity of an alert: 32 hexadecimal digits, the same for the same article.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AlertId(pub String);

/// Identity of a digest: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DigestId(pub String);

/// The feed that brought an article, as an alert tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedRef {
    /// Its name in the configuration.
    pub id: FeedId,
    /// Its own title.
    pub title: String,
    /// Its address, without credentials.
    pub url: String,
    /// Who publishes it.
    pub publisher: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// An article that somebody wants to be told about.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Its identity.
    pub id: AlertId,
    /// When it was made.
    pub at: Timestamp,
    /// When the article was first seen.
    pub seen: Timestamp,
    /// The highest severity of its topics; `normal` for actors alone.
    pub severity: Severity,
    /// The article.
    pub article: Article,
    /// The feed that brought it.
    pub feed: FeedRef,
    /// Why.
    pub matches: Matches<'static>,
}

/// Makes an alert of an article that matched, or nothing if nobody asked.
///
/// An article is alerted when a topic matches or when an actor with
/// `alert = true` is mentioned. The id depends on the article alone, so that
/// the same article can never make two alerts.
pub fn build(
    article: Article,
    feed: FeedRef,
    matches: Matches<'static>,
    seen: Timestamp,
    now: Timestamp,
) -> Option<Alert> {
    let asked_for = !matches.topics.is_empty() || matches.actors.iter().any(|actor| actor.alert);
    if !asked_for {
        return None;
    }
    let severity = matches
        .topics
        .iter()
        .map(|topic| topic.severity)
        .max()
        .unwrap_or_default();
    Some(Alert {
        id: AlertId(article.id.0.clone()),
        at: now,
        seen,
        severity,
        article,
        feed,
        matches,
    })
}
