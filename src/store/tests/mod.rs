//! The store on real files; each test has a folder of its own.

mod asked;
mod deciding;
mod durability;
mod endpoints;
mod errands;
mod feeds;
mod hosts;
mod model;
mod outbox;
mod polls;
mod prune;
mod replay;
mod seen;
mod subscriptions;

use super::*;
use crate::alert::{Alert, AlertId, FeedRef};
use crate::article::{Article, ArticleId};
use crate::feed::{EntryKey, FeedId, Print};
use crate::matcher::Matches;
use crate::policy::SinkName;
use crate::policy::poll::{FeedState, Memory, PollReason, Validators};
use crate::policy::retry::{DeliveryId, DeliveryOutcome, Next};
use crate::policy::route::{Plan, Target};
use crate::watchlist::Severity;
use std::collections::HashSet;
use tempfile::TempDir;

const DAY_S: i64 = 24 * 60 * 60;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn folder() -> TempDir {
    TempDir::new().unwrap()
}

fn open(dir: &TempDir) -> Store {
    Store::open(dir.path(), at(0)).unwrap()
}

/// A connection of somebody else, to look into the file or to do it harm.
fn stranger(dir: &TempDir) -> Connection {
    Connection::open(dir.path().join("wirewatch.db")).unwrap()
}

fn count(dir: &TempDir, table: &str) -> i64 {
    stranger(dir)
        .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get(0)
        })
        .unwrap()
}

fn feed(name: &str) -> FeedId {
    FeedId::new(name).unwrap()
}

fn sink(name: &str) -> SinkName {
    SinkName::new(name).unwrap()
}

fn sinks(names: &[&str]) -> Vec<SinkName> {
    names.iter().map(|name| sink(name)).collect()
}

fn key(text: &str) -> EntryKey {
    EntryKey(text.to_owned())
}

fn sighting(id: &str) -> Sighting {
    Sighting {
        key: key(id),
        second_key: None,
        print: Print(7),
        link: None,
        published: None,
    }
}

/// Which of these entries of a feed were never seen.
async fn unseen(store: &Store, of: &str, ids: &[&str]) -> HashSet<EntryKey> {
    let sightings = ids.iter().map(|id| sighting(id)).collect();
    store.recognise(&feed(of), sightings).await.unwrap().new
}

fn delivery_id(alert: &str, to: &str) -> DeliveryId {
    DeliveryId::of(&AlertId(alert.to_owned()), &sink(to))
}

fn state(name: &str) -> FeedState {
    FeedState {
        feed: feed(name),
        url: format!("https://{name}.example/rss"),
        validators: Validators {
            etag: Some(b"W/\"\xff1\"".to_vec()),
            last_modified: Some(b"Tue, 24 Nov 2026 09:00:00 GMT".to_vec()),
        },
        body_hash: Some([7; 32]),
        polled_at: Some(at(100)),
        succeeded_at: Some(at(90)),
        next_poll_at: at(1000),
        reason: PollReason::Backoff,
        failures: 2,
        last_error: Some("503".to_owned()),
        title: Some("A feed".to_owned()),
        polls: 9,
        not_modified: 4,
        memory: Memory {
            moved_to: Some("https://moved.example/rss".to_owned()),
            body_at: Some(at(80)),
            ..Memory::default()
        },
    }
}

fn article(id: &str) -> Article {
    Article {
        id: ArticleId(id.to_owned()),
        url: Some(format!("https://news.example/{id}")),
        title: format!("Title of {id}"),
        summary: "Summary".to_owned(),
        body: "Body".to_owned(),
        published: Some(at(50)),
        language: Some("en".to_owned()),
        authors: vec!["A. Writer".to_owned()],
        categories: vec!["World".to_owned()],
        source: "BBC".to_owned(),
        feed: Some(feed("bbc")),
        tags: vec!["asia".to_owned()],
    }
}

fn alert(id: &str, made_at: Timestamp) -> Alert {
    Alert {
        id: AlertId(id.to_owned()),
        at: made_at,
        seen: made_at,
        severity: Severity::High,
        article: article(id),
        feed: FeedRef {
            id: feed("bbc"),
            title: "BBC News".to_owned(),
            url: "https://bbc.example/rss".to_owned(),
            publisher: "BBC".to_owned(),
            tags: Vec::new(),
        },
        matches: Matches::default(),
    }
}

/// To these sinks, as it comes.
fn plan(to: &[&str]) -> Plan {
    Plan {
        targets: sinks(to).into_iter().map(Target::plain).collect(),
        ..Plan::default()
    }
}

/// A poll that found nothing.
fn quiet_poll(of: &str, when: Timestamp) -> PollResult {
    PollResult::empty(when, state(of))
}

/// A poll that found new entries, each with an article and an alert of its name.
fn poll(of: &str, when: Timestamp, new: &[&str], to: &[&str]) -> PollResult {
    PollResult {
        entries: new
            .iter()
            .map(|id| SeenEntry {
                sighting: sighting(id),
                article_id: ArticleId((*id).to_owned()),
            })
            .collect(),
        articles: new.iter().map(|id| article(id)).collect(),
        alerts: new
            .iter()
            .map(|id| NewAlert {
                alert: alert(id, when),
                plan: plan(to),
            })
            .collect(),
        ..quiet_poll(of, when)
    }
}

/// The ids and numbers of what is due.
async fn look(store: &Store, to: &str, now: Timestamp, want: Want) -> Look {
    let ask = Ask {
        sink: sink(to),
        now,
        expired: at(0),
        want,
        skip: HashSet::new(),
    };
    store.look(ask).await.unwrap()
}

async fn due(store: &Store, to: &str, now: Timestamp) -> Vec<(String, u64)> {
    let due = store.due(&sink(to), now, 100, &HashSet::new()).await;
    due.unwrap()
        .deliveries
        .into_iter()
        .map(|delivery| (delivery.id.0, delivery.seq))
        .collect()
}

async fn settle(store: &Store, id: DeliveryId, when: Timestamp, next: Next) {
    let outcome = match next {
        Next::Done => DeliveryOutcome::Delivered,
        Next::At(_) => DeliveryOutcome::Unavailable {
            retry_after: None,
            detail: "503 Service Unavailable".to_owned(),
        },
        Next::Plainer(_) | Next::Dead(_) => DeliveryOutcome::Refused {
            detail: "413 Content Too Large".to_owned(),
        },
    };
    let settlement = Settlement {
        id,
        at: when,
        outcome,
        next,
    };
    store.settle(vec![settlement]).await.unwrap();
}
