//! The JSON that receivers rely on: alerts, and matches as `match` prints them.
//!
//! These are wire types: names and order of keys are a promise to users.

use super::Alert;
use crate::article::Article;
use crate::matcher::{ActorMatch, Because, Evidence, Matches, TopicMatch};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Writes an alert as one line of JSON without a line end.
///
/// `seq` grows by one per sink, so that a receiver can see a gap.
pub fn alert_json(alert: &Alert, seq: u64) -> Vec<u8> {
    to_json(&Envelope {
        kind: "article.matched",
        timestamp: alert.at,
        data: AlertData {
            alert: &alert.id.0,
            seq,
            severity: alert.severity.as_str(),
            article: ArticleData::of(alert),
            topics: alert.matches.topics.iter().map(TopicData::of).collect(),
            actors: alert.matches.actors.iter().map(ActorData::of).collect(),
            story: StoryData {
                // Until articles are grouped, each tells a story of its own.
                id: &alert.article.id.0,
                state: "first",
                articles: 1,
                publishers: vec![&alert.feed.publisher],
            },
            latency_ms: Latency {
                published_to_seen: alert.article.published.map(|published| {
                    alert
                        .seen
                        .as_millisecond()
                        .saturating_sub(published.as_millisecond())
                        .max(0)
                }),
                seen_to_alert: alert
                    .at
                    .as_millisecond()
                    .saturating_sub(alert.seen.as_millisecond())
                    .max(0),
            },
        },
    })
}

/// Writes what was found in an article, as `match --json` prints it.
///
/// With `with_text`, the plain text that the offsets point into is part of it.
pub fn matches_json(article: &Article, matches: &Matches<'_>, with_text: bool) -> Vec<u8> {
    to_json(&MatchReport {
        id: &article.id.0,
        topics: matches.topics.iter().map(TopicData::of).collect(),
        actors: matches.actors.iter().map(ActorData::of).collect(),
        text: with_text.then(|| {
            BTreeMap::from([
                ("title", article.title.as_str()),
                ("summary", article.summary.as_str()),
                ("body", article.body.as_str()),
            ])
        }),
    })
}

/// These types hold only strings and finite numbers, which always serialise;
/// the empty object is there so that no path can panic.
fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec())
}

#[derive(Serialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: Timestamp,
    data: AlertData<'a>,
}

#[derive(Serialize)]
struct AlertData<'a> {
    alert: &'a str,
    seq: u64,
    severity: &'static str,
    article: ArticleData<'a>,
    topics: Vec<TopicData<'a>>,
    actors: Vec<ActorData<'a>>,
    story: StoryData<'a>,
    latency_ms: Latency,
}

#[derive(Serialize)]
struct ArticleData<'a> {
    id: &'a str,
    url: Option<&'a str>,
    title: &'a str,
    summary: &'a str,
    published: Option<Timestamp>,
    seen: Timestamp,
    language: Option<&'a str>,
    authors: &'a [String],
    feed: FeedData<'a>,
}

#[derive(Serialize)]
struct FeedData<'a> {
    id: &'a str,
    title: &'a str,
    url: &'a str,
    publisher: &'a str,
    tags: &'a [String],
}

#[derive(Serialize)]
struct StoryData<'a> {
    id: &'a str,
    state: &'static str,
    articles: u64,
    publishers: Vec<&'a str>,
}

#[derive(Serialize)]
struct Latency {
    published_to_seen: Option<i64>,
    seen_to_alert: i64,
}

#[derive(Serialize)]
struct MatchReport<'a> {
    id: &'a str,
    topics: Vec<TopicData<'a>>,
    actors: Vec<ActorData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<BTreeMap<&'static str, &'a str>>,
}

#[derive(Serialize)]
struct TopicData<'a> {
    id: &'a str,
    name: &'a str,
    severity: &'static str,
    score: f64,
    evidence: Vec<EvidenceData<'a>>,
}

#[derive(Serialize)]
struct ActorData<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'static str,
    mentions: usize,
    salience: &'static str,
    confidence: f64,
    evidence: Vec<EvidenceData<'a>>,
}

#[derive(Serialize)]
struct EvidenceData<'a> {
    field: &'static str,
    start: usize,
    end: usize,
    quote: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    term: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
}

impl<'a> ArticleData<'a> {
    fn of(alert: &'a Alert) -> Self {
        let (article, feed) = (&alert.article, &alert.feed);
        Self {
            id: &article.id.0,
            url: article.url.as_deref(),
            title: &article.title,
            summary: &article.summary,
            published: article.published,
            seen: alert.seen,
            language: article.language.as_deref(),
            authors: &article.authors,
            feed: FeedData {
                id: feed.id.as_str(),
                title: &feed.title,
                url: &feed.url,
                publisher: &feed.publisher,
                tags: &feed.tags,
            },
        }
    }
}

impl<'a> TopicData<'a> {
    fn of(topic: &'a TopicMatch<'_>) -> Self {
        Self {
            id: &topic.id,
            name: &topic.name,
            severity: topic.severity.as_str(),
            score: topic.score,
            evidence: topic.evidence.iter().map(EvidenceData::of).collect(),
        }
    }
}

impl<'a> ActorData<'a> {
    fn of(actor: &'a ActorMatch<'_>) -> Self {
        Self {
            id: &actor.id,
            name: &actor.name,
            kind: actor.kind.as_str(),
            mentions: actor.mentions,
            salience: actor.salience.as_str(),
            confidence: actor.confidence,
            evidence: actor.evidence.iter().map(EvidenceData::of).collect(),
        }
    }
}

impl<'a> EvidenceData<'a> {
    fn of(evidence: &'a Evidence<'_>) -> Self {
        let (term, alias, class) = match &evidence.because {
            Because::Term(term) => (Some(&**term), None, None),
            Because::Alias { text, class } => (None, Some(&**text), Some(class.as_str())),
        };
        Self {
            field: evidence.field.as_str(),
            start: evidence.start,
            end: evidence.end,
            quote: &evidence.quote,
            term,
            alias,
            class,
        }
    }
}
