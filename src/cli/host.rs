//! `wirewatch host`: what a publisher wants to know: every request that was made
//! of late, why, what came of it, and when the next one is.

use super::exit::{self, Failure};
use super::{Global, block_on, print};
use crate::config::Config;
use crate::policy::host::{Host, HostRule, HostState};
use crate::policy::poll::{FeedState, PollReason};
use crate::policy::rounds::{Errand, ErrandKind, Why};
use crate::store::{RequestRecord, Store};
use crate::text::{count, printable};
use jiff::Timestamp;
use serde_json::json;
use url::Url;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The host, such as example.org, or an address there
    name: String,
    /// How many requests at most
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Print the host as one JSON object, then one a request
    #[arg(long)]
    json: bool,
}

/// The next request to a host.
struct Next {
    feed: String,
    at: Timestamp,
    reason: &'static str,
    /// The reason in words.
    why: String,
}

/// What is asked for at a host, each with the rule that holds for it.
struct Asked {
    feeds: Vec<(FeedState, HostRule)>,
    errands: Vec<(Errand, HostRule)>,
}

impl Asked {
    /// The rule of the longest spacing, which holds for all.
    fn rule(&self) -> Option<HostRule> {
        let of_feeds = self.feeds.iter().map(|(_, rule)| *rule);
        let of_errands = self.errands.iter().map(|(_, rule)| *rule);
        of_feeds.chain(of_errands).max_by_key(|rule| rule.spacing)
    }
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let host = config.hosts.canonical(&named(&arguments.name));
    let (states, errands, state, requests) = block_on(async {
        let store = Store::open_beside(&config.daemon.state_dir)?;
        let known = store.hosts().await?.into_iter();
        let state = known.filter(|known| known.host == host).last();
        let errands = store.errands().await?;
        let requests = store.requests(&host).await?;
        Ok((store.feeds().await?, errands, state, requests))
    })?;
    let state = state.unwrap_or_else(|| HostState::new(host.clone()));
    let asked = Asked {
        feeds: feeds_of(&config, &host, states),
        errands: errands_of(&config, &host, errands),
    };
    let next = next(&asked, &state);
    let latest: Vec<&RequestRecord> = requests.iter().take(arguments.limit).rev().collect();
    if arguments.json {
        print::json(&host_json(&state, &asked, next.as_ref()))?;
        for request in latest {
            print::json(&request_json(request))?;
        }
        return Ok(exit::DONE);
    }
    let mut rows = vec![
        ["SENT", "FEED", "WHY", "ASKED FOR", "ANSWER"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(latest.into_iter().map(row));
    let words = in_words(&state, &asked, next.as_ref());
    let lines = print::table(&rows).into_iter().chain(words);
    lines.into_iter().try_for_each(|line| print::line(&line))?;
    Ok(exit::DONE)
}

/// The host that somebody names, perhaps by an address there.
fn named(text: &str) -> Host {
    let text = text.trim();
    match Url::parse(text) {
        Ok(url) if url.has_host() => Host::of(&url),
        _ => Host::named(text),
    }
}

/// The feeds that are asked for at a host, with the rule that holds for each.
fn feeds_of(config: &Config, host: &Host, states: Vec<FeedState>) -> Vec<(FeedState, HostRule)> {
    let of_host = |state: FeedState| {
        let feed = config.feeds.iter().find(|feed| feed.id == state.feed)?;
        let url = Url::parse(state.start()).ok()?;
        let rule = config.hosts.rule(&url, feed.poll.host_spacing);
        (config.hosts.host(&url) == *host).then_some((state, rule))
    };
    states.into_iter().filter_map(of_host).collect()
}

/// The errands that wait for a host, with the rule that holds for each.
fn errands_of(config: &Config, host: &Host, errands: Vec<Errand>) -> Vec<(Errand, HostRule)> {
    let of_host = |errand: Errand| {
        let feed = config.feeds.iter().find(|feed| feed.id == errand.feed)?;
        let rule = config.hosts.rule(&errand.url, feed.poll.host_spacing);
        (config.hosts.host(&errand.url) == *host).then_some((errand, rule))
    };
    errands.into_iter().filter_map(of_host).collect()
}

fn next(asked: &Asked, host: &HostState) -> Option<Next> {
    let polls = asked.feeds.iter().map(|(state, _)| Next {
        feed: state.feed.to_string(),
        at: state.next_poll_at,
        reason: state.reason.as_str(),
        why: state.why(),
    });
    let errands = asked.errands.iter().map(|(errand, _)| {
        let reason = match errand.kind {
            ErrandKind::OlderPage { .. } => Why::OlderPage.as_str(),
            ErrandKind::ArticlePage => Why::ArticlePage.as_str(),
        };
        Next {
            feed: errand.feed.to_string(),
            at: errand.due,
            reason,
            why: reason.to_owned(),
        }
    });
    let first = polls.chain(errands).min_by_key(|next| next.at)?;
    match host.free(asked.rule()?.spacing) {
        Some((at, reason)) if at > first.at => Some(Next {
            at,
            reason: reason.as_str(),
            why: reason.as_str().to_owned(),
            ..first
        }),
        _ => Some(first),
    }
}

fn in_words(host: &HostState, asked: &Asked, next: Option<&Next>) -> Vec<String> {
    let mut lines = vec![String::new()];
    match asked.rule() {
        Some(rule) => lines.push(format!(
            "{}: {}, one request at a time, {:#} apart",
            host.host,
            count(asked.feeds.len(), "feed"),
            rule.spacing
        )),
        None => lines.push(format!("{}: no feed is asked for there", host.host)),
    }
    if !asked.errands.is_empty() {
        let waiting = count(asked.errands.len(), "page");
        lines.push(format!("waiting for their turn: {waiting}"));
    }
    if let Some((until, reason)) = host.hold {
        lines.push(format!("left alone until {until:.0} ({})", reason.as_str()));
    }
    if let Some(Next { feed, at, why, .. }) = next {
        lines.push(format!("next: {feed} at {at:.0} ({why})"));
    }
    lines
}

fn row(request: &RequestRecord) -> Vec<String> {
    let how = match request.reason {
        Why::Poll(PollReason::Push) => "push",
        _ if request.conditional => "news",
        _ => "all",
    };
    let hop = if request.hop > 0 {
        "redirect"
    } else {
        request.reason.as_str()
    };
    let answer = request.outcome.as_deref().unwrap_or("never stored");
    vec![
        format!("{:.0}", request.at),
        request.feed.clone(),
        hop.to_owned(),
        how.to_owned(),
        printable(answer, 200),
    ]
}

fn host_json(host: &HostState, asked: &Asked, next: Option<&Next>) -> serde_json::Value {
    json!({
        "host": host.host.as_str(),
        "feeds": asked.feeds.len(),
        "pages_waiting": asked.errands.len(),
        "spacing_s": asked.rule().map(|rule| rule.spacing.as_secs_f64()),
        "asked_at": host.asked_at,
        "held_until": host.hold.map(|(until, _)| until),
        "held_for": host.hold.map(|(_, reason)| reason.as_str()),
        "failures": host.failures,
        "next": next.map(|next| json!({
            "feed": next.feed,
            "at": next.at,
            "reason": next.reason,
        })),
    })
}

fn request_json(request: &RequestRecord) -> serde_json::Value {
    json!({
        "at": request.at,
        "feed": request.feed,
        "hop": request.hop,
        "reason": request.reason.as_str(),
        "conditional": request.conditional,
        "outcome": request.outcome,
    })
}
