//! The JSON that receivers rely on: alerts, digests, notices, and matches as
//! `match` prints them.
//!
//! These are wire types: names and order of keys are a promise to users. What is
//! stored and sent as it is (`standard`) is also what every other format is made
//! from, by way of [`message`](super::message).

use super::message::{ArticleMessage, Content, Message, NoticeMessage};
use super::notice::Notice;
use super::passages::{Passage, passages};
use super::{Alert, DigestId};
use crate::article::Article;
use crate::matcher::{ActorMatch, Because, Evidence, Matches, TopicMatch};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Writes an alert as one line of JSON without a line end.
///
/// `seq` grows by one per sink, so that a receiver can see a gap.
pub fn alert_json(alert: &Alert, seq: u64) -> Vec<u8> {
    alert_as("article.matched", alert, seq)
}

/// Writes an alert that says that it is a test.
pub fn test_json(alert: &Alert, seq: u64) -> Vec<u8> {
    alert_as("test", alert, seq)
}

/// Writes what the operator is told.
pub fn notice_json(notice: &Notice, seq: u64) -> Vec<u8> {
    let id = notice.id();
    to_json(&Envelope {
        kind: "operator.notice",
        timestamp: notice.at,
        data: NoticeData {
            notice: &id.0,
            seq,
            severity: notice.kind.severity().as_str(),
            kind: notice.kind.as_str(),
            subject: SubjectData {
                kind: notice.subject.kind(),
                id: notice.subject.name(),
            },
            title: &notice.title(),
            text: &notice.text,
        },
    })
}

/// Why alerts come together, and from when to when they were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestHead<'a> {
    /// Its identity.
    pub id: &'a DigestId,
    /// When it was made.
    pub at: Timestamp,
    /// Why: `group-wait`, `limit` or `muted`.
    pub reason: &'static str,
    /// The route that held them, if one did.
    pub route: Option<&'a str>,
}

/// Writes several stored alerts and notices as one delivery. Of each it keeps
/// what a person needs; the whole is stored under its id.
pub fn digest_json(head: &DigestHead<'_>, parts: &[Message], seq: u64) -> Vec<u8> {
    let mut alerts = Vec::new();
    let mut notices = Vec::new();
    for part in parts {
        match &part.content {
            Content::Article(article) => alerts.push(BriefData::of(part, article)),
            Content::Notice(notice) => notices.push(BriefNotice::of(part, notice)),
            // Digests are not held, so none is inside another.
            Content::Digest(_) => {}
        }
    }
    let severity = parts.iter().map(|part| part.severity).max();
    to_json(&Envelope {
        kind: "digest",
        timestamp: head.at,
        data: DigestData {
            digest: &head.id.0,
            seq,
            severity: severity.unwrap_or_default().as_str(),
            reason: head.reason,
            route: head.route,
            since: parts.iter().map(|part| part.at).min(),
            until: parts.iter().map(|part| part.at).max(),
            count: alerts.len() + notices.len(),
            alerts,
            notices,
        },
    })
}

/// The same payload with another number. The number of what is held is given
/// only when it goes out, so that a receiver sees no gap.
pub fn with_seq(payload: &[u8], seq: u64) -> Vec<u8> {
    const KEY: &[u8] = b"\"seq\":";
    // Before it stand only keys and ids of our own, none of which has these
    // bytes in it.
    let Some(at) = payload.windows(KEY.len()).position(|bytes| bytes == KEY) else {
        return payload.to_vec();
    };
    let (head, rest) = payload.split_at(at + KEY.len());
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (_, tail) = rest.split_at(digits);
    [head, seq.to_string().as_bytes(), tail].concat()
}

fn alert_as(kind: &'static str, alert: &Alert, seq: u64) -> Vec<u8> {
    to_json(&Envelope {
        kind,
        timestamp: alert.at,
        data: AlertData {
            alert: &alert.id.0,
            seq,
            severity: alert.severity.as_str(),
            article: ArticleData::of(alert),
            topics: alert.matches.topics.iter().map(TopicData::of).collect(),
            actors: alert.matches.actors.iter().map(ActorData::of).collect(),
            passages: passages(&alert.article, &alert.matches)
                .iter()
                .map(PassageData::of)
                .collect(),
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

/// A piece of evidence, as it stands in a match.
pub fn evidence_json(evidence: &Evidence<'_>) -> serde_json::Value {
    serde_json::to_value(EvidenceData::of(evidence)).unwrap_or_default()
}

/// These types hold only strings and finite numbers, which always serialise;
/// the empty object is there so that no path can panic.
fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec())
}

#[derive(Serialize)]
struct Envelope<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: Timestamp,
    data: T,
}

#[derive(Serialize)]
struct NoticeData<'a> {
    notice: &'a str,
    seq: u64,
    severity: &'static str,
    kind: &'a str,
    subject: SubjectData<'a>,
    title: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct SubjectData<'a> {
    kind: &'a str,
    id: &'a str,
}

#[derive(Serialize)]
struct DigestData<'a> {
    digest: &'a str,
    seq: u64,
    severity: &'static str,
    reason: &'static str,
    route: Option<&'a str>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    count: usize,
    alerts: Vec<BriefData<'a>>,
    notices: Vec<BriefNotice<'a>>,
}

/// An alert inside a digest.
#[derive(Serialize)]
struct BriefData<'a> {
    alert: &'a str,
    severity: &'static str,
    article: BriefArticle<'a>,
    topics: Vec<BriefMatch<'a>>,
    actors: Vec<BriefMatch<'a>>,
    passages: Vec<PassageData>,
}

#[derive(Serialize)]
struct BriefArticle<'a> {
    url: Option<&'a str>,
    title: &'a str,
    published: Option<Timestamp>,
    seen: Option<Timestamp>,
    feed: BriefFeed<'a>,
}

#[derive(Serialize)]
struct BriefFeed<'a> {
    id: &'a str,
    publisher: &'a str,
}

#[derive(Serialize)]
struct BriefMatch<'a> {
    id: &'a str,
    name: &'a str,
}

/// A notice inside a digest.
#[derive(Serialize)]
struct BriefNotice<'a> {
    notice: &'a str,
    severity: &'static str,
    kind: &'a str,
    subject: SubjectData<'a>,
    title: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct PassageData {
    field: &'static str,
    text: String,
    marks: Vec<[usize; 2]>,
}

#[derive(Serialize)]
struct AlertData<'a> {
    alert: &'a str,
    seq: u64,
    severity: &'static str,
    article: ArticleData<'a>,
    topics: Vec<TopicData<'a>>,
    actors: Vec<ActorData<'a>>,
    passages: Vec<PassageData>,
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

impl PassageData {
    fn of(passage: &Passage) -> Self {
        Self {
            field: passage.field.as_str(),
            text: passage.text.clone(),
            marks: passage.marks.iter().map(|it| [it.start, it.end]).collect(),
        }
    }
}

impl<'a> BriefData<'a> {
    fn of(message: &'a Message, article: &'a ArticleMessage) -> Self {
        let brief = |matched: &'a super::message::MatchMessage| BriefMatch {
            id: &matched.id,
            name: &matched.name,
        };
        Self {
            alert: &message.id,
            severity: message.severity.as_str(),
            article: BriefArticle {
                url: article.url.as_deref(),
                title: &article.title,
                published: article.published,
                seen: article.seen,
                feed: BriefFeed {
                    id: &article.feed,
                    publisher: &article.publisher,
                },
            },
            topics: article.topics.iter().map(brief).collect(),
            actors: article.actors.iter().map(brief).collect(),
            passages: article
                .passages
                .iter()
                .take(1)
                .map(PassageData::of)
                .collect(),
        }
    }
}

impl<'a> BriefNotice<'a> {
    fn of(message: &'a Message, notice: &'a NoticeMessage) -> Self {
        Self {
            notice: &message.id,
            severity: message.severity.as_str(),
            kind: &notice.kind,
            subject: SubjectData {
                kind: &notice.subject_kind,
                id: &notice.subject,
            },
            title: &notice.title,
            text: &notice.text,
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
