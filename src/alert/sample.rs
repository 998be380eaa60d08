//! A made-up alert, for trying a sink.

use super::{Alert, AlertId, FeedRef};
use crate::article::{Article, ArticleId};
use crate::feed::FeedId;
use crate::matcher::{ActorMatch, Because, Evidence, Matches, TopicMatch};
use crate::text::{Field, hex};
use crate::watchlist::{ActorKind, AliasClass, Salience, Severity};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

const TITLE: &str = "This is a test of wirewatch";
const SUMMARY: &str = "Alerts look like this one. Nothing happened: somebody wanted to see \
                       whether they arrive here, with the words marked that made a match.";

/// An alert that says that it is a test, with one topic and one actor, so that a
/// person sees how alerts will look. Each moment gives another id.
pub fn sample(now: Timestamp) -> Option<Alert> {
    let digest = Sha256::digest(format!("test {now}"));
    let id = hex(digest.get(..16).unwrap_or_default());
    let feed = FeedId::new("test").ok()?;
    let topic = TopicMatch {
        id: "test".into(),
        name: "A test".into(),
        severity: Severity::Info,
        tags: Vec::new().into(),
        score: 1.0,
        evidence: evidence("words marked", Because::Term)
            .into_iter()
            .collect(),
    };
    let actor = ActorMatch {
        id: "somebody".into(),
        name: "Somebody".into(),
        kind: ActorKind::Person,
        alert: true,
        mentions: 1,
        salience: Salience::Lead,
        confidence: 1.0,
        evidence: evidence("somebody", alias).into_iter().collect(),
    };
    Some(Alert {
        id: AlertId(id.clone()),
        at: now,
        seen: now,
        severity: Severity::Info,
        article: Article {
            id: ArticleId(id),
            url: Some("https://example.org/wirewatch-test".into()),
            title: TITLE.into(),
            summary: SUMMARY.into(),
            body: String::new(),
            published: Some(now),
            language: Some("en".into()),
            authors: Vec::new(),
            categories: Vec::new(),
            source: "wirewatch".into(),
            feed: Some(feed.clone()),
            tags: Vec::new(),
        },
        feed: FeedRef {
            id: feed,
            title: "Tests".into(),
            url: "https://example.org/wirewatch-test.xml".into(),
            publisher: "wirewatch".into(),
            tags: Vec::new(),
        },
        matches: Matches {
            topics: vec![topic],
            actors: vec![actor],
        },
    })
}

fn alias(text: Cow<'static, str>) -> Because<'static> {
    Because::Alias {
        text,
        class: AliasClass::Strong,
    }
}

fn evidence(
    term: &'static str,
    because: fn(Cow<'static, str>) -> Because<'static>,
) -> Option<Evidence<'static>> {
    let start = SUMMARY.find(term)?;
    Some(Evidence {
        field: Field::Summary,
        start,
        end: start + term.len(),
        quote: term.into(),
        because: because(term.into()),
    })
}
