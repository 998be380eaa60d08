//! `wirewatch feeds list`: the state of each feed.

use super::{Global, block_on, print};
use crate::cli::exit::{self, Failure};
use crate::config::{Config, FeedConfig};
use crate::daemon::clock;
use crate::feed::FeedId;
use crate::policy::host::{Host, HostState};
use crate::policy::poll::FeedState;
use crate::policy::push::Subscription;
use crate::store::{Store, StoreError};
use crate::text::printable;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use url::Url;

/// The columns; the state is last, as it may be of any width.
const HEAD: [&str; 9] = [
    "FEED",
    "LAST SUCCESS",
    "NEXT POLL",
    "WHY",
    "POLLS",
    "304",
    "A DAY",
    "PUSH",
    "STATE",
];

pub(super) fn run(global: &Global, as_json: bool) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let known = known(&config)?;
    let feeds = of_configured(&config, known.feeds, &known.hosts);
    let push = |feed: &FeedState| {
        let mut of_feed = known.pushed.iter().filter(|push| push.feed == feed.feed);
        of_feed.find(|push| push.wanted)
    };
    if as_json {
        for feed in &feeds {
            print::json(&json(feed, push(feed)))?;
        }
        return Ok(exit::DONE);
    }
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    rows.extend(feeds.iter().map(|feed| row(feed, push(feed))));
    print::table(&rows)
        .iter()
        .try_for_each(|line| print::line(line))?;
    Ok(exit::DONE)
}

/// What the store knows.
#[derive(Default)]
struct Known {
    feeds: Vec<FeedState>,
    hosts: Vec<HostState>,
    pushed: Vec<Subscription>,
}

/// Asks the store; there is none before the first run.
fn known(config: &Config) -> Result<Known, Failure> {
    block_on(async {
        let store = match Store::open_beside(&config.daemon.state_dir) {
            Err(StoreError::Missing { .. }) => return Ok(Known::default()),
            opened => opened?,
        };
        Ok(Known {
            feeds: store.feeds().await?,
            hosts: store.hosts().await?,
            pushed: store.subscriptions().await?,
        })
    })
}

/// The state of each configured feed, by name. What was removed from the
/// configuration is remembered for a while, and no longer a feed.
fn of_configured(config: &Config, states: Vec<FeedState>, hosts: &[HostState]) -> Vec<FeedState> {
    let now = clock::now();
    let mut states: HashMap<FeedId, FeedState> = states
        .into_iter()
        .map(|state| (state.feed.clone(), state))
        .collect();
    let held: HashMap<&Host, _> = hosts
        .iter()
        .filter_map(|host| Some((&host.host, host.hold?)))
        .collect();
    let state = |feed: &Arc<FeedConfig>| {
        let new = || FeedState::new(feed.id.clone(), feed.url.to_string(), now);
        let known = states.remove(&feed.id);
        let mut state = known.map_or_else(new, |it| it.configured_at(feed.url.as_str(), now));
        // No feed is asked for while its host is left alone.
        let url = Url::parse(state.start()).ok();
        let hold = url.and_then(|url| held.get(&config.hosts.host(&url)).copied());
        if let Some((until, reason)) = hold.filter(|(until, _)| *until > state.next_poll_at) {
            (state.next_poll_at, state.reason) = (until, reason);
        }
        state
    };
    let mut feeds: Vec<FeedState> = config.feeds.iter().map(state).collect();
    feeds.sort_by(|a, b| a.feed.cmp(&b.feed));
    feeds
}

fn row(feed: &FeedState, push: Option<&Subscription>) -> Vec<String> {
    let time = |time: Option<jiff::Timestamp>| {
        time.map_or_else(|| "never".to_owned(), |time| format!("{time:.0}"))
    };
    let state = match &feed.last_error {
        Some(error) => format!("failing ({}): {}", feed.failures, printable(error, 200)),
        None if feed.succeeded_at.is_some() => unusual(feed).unwrap_or_else(|| "ok".to_owned()),
        None => "new".to_owned(),
    };
    vec![
        feed.feed.to_string(),
        time(feed.succeeded_at),
        time(Some(feed.next_poll_at)),
        feed.why(),
        feed.polls.to_string(),
        share(feed),
        a_day(feed),
        push.map_or("-", |push| push.standing(clock::now()).as_str())
            .to_owned(),
        state,
    ]
}

/// What is unusual about a feed that works.
fn unusual(feed: &FeedState) -> Option<String> {
    let memory = &feed.memory;
    if let Some(to) = &memory.moved_to {
        return Some(format!("moved to {}", printable(to, 200)));
    }
    let since = memory.habit.news_at.filter(|_| memory.habit.silent);
    since.map(|since| format!("silent since {since:.0}"))
}

/// The share of polls that brought nothing new, in percent.
fn share(feed: &FeedState) -> String {
    match (feed.not_modified * 100).checked_div(feed.polls) {
        Some(percent) => format!("{percent} %"),
        None => "-".to_owned(),
    }
}

/// How many entries a day are expected of it.
fn a_day(feed: &FeedState) -> String {
    match feed.succeeded_at {
        Some(_) => format!("{:.1}", feed.memory.rhythm.entries_per_day()),
        None => "-".to_owned(),
    }
}

fn json(feed: &FeedState, push: Option<&Subscription>) -> serde_json::Value {
    json!({
        "id": feed.feed.as_str(),
        "url": feed.url,
        "title": feed.title,
        "polled_at": feed.polled_at,
        "succeeded_at": feed.succeeded_at,
        "next_poll_at": feed.next_poll_at,
        "reason": feed.reason.as_str(),
        "entries_per_day": feed.memory.rhythm.entries_per_day(),
        "failures": feed.failures,
        "error": feed.last_error,
        "polls": feed.polls,
        "not_modified": feed.not_modified,
        "moved_to": feed.memory.moved_to,
        "gone_since": feed.memory.gone_since,
        "silent": feed.memory.habit.silent,
        "possible_gap_at": feed.memory.habit.gap_at,
        "push": push.map(push_json),
    })
}

fn push_json(push: &Subscription) -> serde_json::Value {
    json!({
        "state": push.standing(clock::now()).as_str(),
        "hub": push.hub,
        "topic": push.topic,
        "lease_until": push.lease_until,
        "next_at": push.next_at,
        "failures": push.failures,
        "error": push.error,
        "pushed_at": push.pushed_at,
        "pushes": push.pushes,
        "dropped": push.dropped,
    })
}
