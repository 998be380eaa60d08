//! From what a fetch brought to one transaction.
//!
//! The fetch has happened; from here on nothing may be lost. New entries become
//! articles, articles that match become alerts with their deliveries, and all
//! of it commits together with the feed's validators and its next poll.

use crate::alert::{self, Alert, FeedRef};
use crate::article::{self, Article, Origin};
use crate::config::FeedConfig;
use crate::feed::{self, Entry, EntryKey, Feed};
use crate::matcher::Matcher;
use crate::policy::agenda::Host;
use crate::policy::poll::{self, Answer, FailureKind, FeedState, FetchOutcome, FirstRun, Settled};
use crate::policy::route::{self, Route};
use crate::policy::{Clock, SinkName};
use crate::store::{NewAlert, PollResult, SeenEntry, Store, StoreError};
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use tracing::warn;
use url::Url;

/// What is watched and who is told, for the life of a configuration.
#[derive(Debug)]
pub struct Watch {
    /// The compiled watchlist.
    pub matcher: Matcher,
    /// The routes.
    pub routes: Vec<Route>,
    /// The sinks, for when there are no routes.
    pub sinks: Vec<SinkName>,
}

/// What a poll came to.
#[derive(Debug)]
pub(super) struct Ingested {
    pub(super) state: FeedState,
    /// How many entries were new.
    pub(super) entries: usize,
    /// How many alerts were stored.
    pub(super) alerts: usize,
    /// What had to be repaired in the feed.
    pub(super) problems: Vec<String>,
}

/// Stores what a fetch brought, all of it or nothing.
pub(super) async fn ingest(
    store: &Store,
    watch: Arc<Watch>,
    config: Arc<FeedConfig>,
    state: FeedState,
    outcome: FetchOutcome,
    clock: Clock,
) -> Result<Ingested, StoreError> {
    let seen_at = (clock.now)();
    let unchanged = poll::is_unchanged(&state, &outcome);
    let (outcome, feed) = if unchanged {
        (outcome, None)
    } else {
        read_feed(outcome, state.feed.clone()).await
    };
    let settled = poll::settle(&state, &outcome, &config.poll, seen_at, (clock.jitter)());
    let mut result = nothing_found(settled, &config, seen_at);
    let mut problems = Vec::new();
    if let Some(mut feed) = feed {
        problems = std::mem::take(&mut feed.problems);
        result.state.title = feed.title.clone();
        let keys: Vec<EntryKey> = feed.entries.iter().map(|entry| entry.key.clone()).collect();
        let new: HashSet<EntryKey> = store.unseen(&state.feed, keys).await?;
        let first_run = state
            .succeeded_at
            .is_none()
            .then_some(config.poll.first_run);
        let task = Sorting {
            watch,
            config: Arc::clone(&config),
            first_run,
            seen_at,
            clock,
        };
        let sorted = tokio::task::spawn_blocking(move || task.sort(&feed, &new)).await;
        match sorted {
            Ok(sorted) => sorted.put_into(&mut result),
            Err(error) => return failed(store, &state, &config, &error, clock).await,
        }
    }
    commit(store, result, problems).await
}

/// What is stored of a poll without new entries.
fn nothing_found(settled: Settled, config: &FeedConfig, at: Timestamp) -> PollResult {
    let host = || Host::of(&config.url).to_string();
    PollResult {
        at,
        state: settled.state,
        host_wait: settled.host_not_before.map(|until| (host(), until)),
        entries: Vec::new(),
        still_seen: Vec::new(),
        articles: Vec::new(),
        alerts: Vec::new(),
    }
}

async fn commit(
    store: &Store,
    result: PollResult,
    problems: Vec<String>,
) -> Result<Ingested, StoreError> {
    let state = result.state.clone();
    let entries = result.entries.len();
    let committed = store.commit_poll(result).await?;
    Ok(Ingested {
        state,
        entries,
        alerts: committed.alerts_made.len(),
        problems,
    })
}

/// A bug in matching must not make entries count as seen: the poll is settled
/// as a failure, so that the feed is read again, and somebody is told.
async fn failed(
    store: &Store,
    state: &FeedState,
    config: &FeedConfig,
    error: &tokio::task::JoinError,
    clock: Clock,
) -> Result<Ingested, StoreError> {
    warn!(feed.id = %state.feed, "matching ended in a bug of wirewatch: {error}");
    let outcome = not_a_feed("its entries could not be matched, by a bug of wirewatch".to_owned());
    let now = (clock.now)();
    let settled = poll::settle(state, &outcome, &config.poll, now, (clock.jitter)());
    let result = nothing_found(settled, config, now);
    commit(store, result, Vec::new()).await
}

/// Parses a body off the async threads; one that is no feed makes the poll a
/// failure, which keeps the old validators and so asks for the whole again.
async fn read_feed(outcome: FetchOutcome, id: feed::FeedId) -> (FetchOutcome, Option<Feed>) {
    if !matches!(outcome.answer, Answer::Body { .. }) {
        return (outcome, None);
    }
    let parsing = tokio::task::spawn_blocking(move || {
        let parsed = match &outcome.answer {
            Answer::Body {
                bytes,
                content_type,
                url,
                ..
            } => {
                let base = Url::parse(url).ok();
                Some(feed::parse(bytes, base.as_ref(), content_type.as_deref()))
            }
            _ => None,
        };
        (outcome, parsed)
    });
    match parsing.await {
        Ok((outcome, Some(Ok(feed)))) => (outcome, Some(feed)),
        Ok((outcome, Some(Err(error)))) => {
            let failure = not_a_feed(error.to_string());
            (
                FetchOutcome {
                    hints: outcome.hints,
                    ..failure
                },
                None,
            )
        }
        Ok((outcome, None)) => (outcome, None),
        Err(error) => {
            warn!(feed.id = %id, "parsing ended in a bug of wirewatch: {error}");
            (
                not_a_feed("it could not be read, by a bug of wirewatch".to_owned()),
                None,
            )
        }
    }
}

fn not_a_feed(detail: String) -> FetchOutcome {
    FetchOutcome {
        answer: Answer::Failed {
            kind: FailureKind::NotAFeed,
            detail,
        },
        hints: poll::Hints::default(),
    }
}

/// Entries to articles and alerts: plain code, away from the async threads.
struct Sorting {
    watch: Arc<Watch>,
    config: Arc<FeedConfig>,
    first_run: Option<FirstRun>,
    seen_at: Timestamp,
    clock: Clock,
}

#[derive(Default)]
struct Sorted {
    entries: Vec<SeenEntry>,
    still_seen: Vec<EntryKey>,
    articles: Vec<Article>,
    alerts: Vec<NewAlert>,
}

impl Sorted {
    fn put_into(self, result: &mut PollResult) {
        result.entries = self.entries;
        result.still_seen = self.still_seen;
        result.articles = self.articles;
        result.alerts = self.alerts;
    }
}

impl Sorting {
    fn sort(&self, feed: &Feed, new: &HashSet<EntryKey>) -> Sorted {
        let source = FeedRef {
            id: self.config.id.clone(),
            title: feed.title.clone().unwrap_or_default(),
            url: self.config.url.to_string(),
            publisher: self.publisher(feed),
            tags: self.config.tags.clone(),
        };
        let language = self
            .config
            .language
            .clone()
            .or_else(|| feed.language.clone());
        let origin = Origin {
            feed: &source.id,
            source: &source.publisher,
            tags: &source.tags,
            language: language.as_deref(),
        };
        let mut sorted = Sorted::default();
        for entry in &feed.entries {
            if !new.contains(&entry.key) {
                sorted.still_seen.push(entry.key.clone());
                continue;
            }
            let article = article::build(entry, &origin);
            sorted.entries.push(SeenEntry {
                key: entry.key.clone(),
                article_id: article.id.clone(),
            });
            if let Some(alert) = self.alert(entry, &article, &source) {
                let plan = route::plan(&alert, &self.watch.routes, &self.watch.sinks);
                sorted.alerts.push(NewAlert {
                    alert,
                    sinks: plan.sinks(),
                });
            }
            sorted.articles.push(article);
        }
        sorted
    }

    fn alert(&self, entry: &Entry, article: &Article, source: &FeedRef) -> Option<Alert> {
        let published = entry.published.or(entry.updated);
        let fresh = self
            .first_run
            .is_none_or(|rule| poll::is_fresh_news(rule, published, self.seen_at));
        if !fresh {
            return None;
        }
        let matches = self.watch.matcher.matches(article);
        let now = (self.clock.now)();
        alert::build(article.clone(), source.clone(), matches, self.seen_at, now)
    }

    /// The operator's word first, then the feed's, then its host.
    fn publisher(&self, feed: &Feed) -> String {
        let title = feed.title.clone().filter(|title| !title.is_empty());
        let host = || Host::of(&self.config.url).to_string();
        self.config.publisher.clone().or(title).unwrap_or_else(host)
    }
}
