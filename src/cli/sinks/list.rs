//! `wirewatch sinks list`: each sink, where it leads, and how it does.

use super::{Global, block_on, place, print};
use crate::cli::exit::{self, Failure};
use crate::config::{Config, SigningKey, SinkConfig, SinkKind};
use crate::daemon::clock;
use crate::policy::SinkName;
use crate::policy::endpoint::{Endpoint, EndpointState};
use crate::store::{Store, StoreError};
use crate::text::printable;
use jiff::Timestamp;
use serde_json::json;

/// The columns; the state is last, as it may be of any width.
const HEAD: [&str; 8] = [
    "SINK",
    "KIND",
    "FORMAT",
    "TO",
    "LAST SUCCESS",
    "PENDING",
    "DEAD",
    "STATE",
];

/// What the store knows of a sink.
#[derive(Debug, Default)]
struct Standing {
    pending: u64,
    dead: u64,
    /// None before anything was sent to it.
    endpoint: Option<Endpoint>,
}

pub(super) fn run(global: &Global, as_json: bool) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let standings = standings(&config)?;
    let sinks = config.sinks.iter().zip(&standings);
    if as_json {
        for (sink, standing) in sinks {
            print::json(&json(sink, standing))?;
        }
        return Ok(exit::DONE);
    }
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    rows.extend(sinks.map(|(sink, standing)| row(sink, standing)));
    print::table(&rows)
        .iter()
        .try_for_each(|line| print::line(line))?;
    for sink in &config.sinks {
        for key in public_keys(sink) {
            print::line(&format!("receivers of {} verify with {key}", sink.name))?;
        }
    }
    Ok(exit::DONE)
}

/// Asks the store about each sink in turn; there is none before the first run.
fn standings(config: &Config) -> Result<Vec<Standing>, Failure> {
    let (counts, endpoints) = block_on(async {
        let store = match Store::open_beside(&config.daemon.state_dir) {
            Err(StoreError::Missing { .. }) => return Ok((Vec::new(), Vec::new())),
            opened => opened?,
        };
        Ok((store.standing().await?.sinks, store.endpoints().await?))
    })?;
    let of = |sink: &SinkConfig| {
        let count = counts.iter().find(|count| count.sink == sink.name);
        let record = endpoints.iter().find(|record| record.sink == sink.name);
        Standing {
            pending: count.map_or(0, |count| count.pending),
            dead: count.map_or(0, |count| count.dead),
            endpoint: record.map(|record| record.endpoint.clone()),
        }
    };
    Ok(config.sinks.iter().map(of).collect())
}

fn row(sink: &SinkConfig, standing: &Standing) -> Vec<String> {
    let succeeded_at = standing.endpoint.as_ref().and_then(|it| it.succeeded_at);
    vec![
        sink.name.to_string(),
        kind(sink).to_owned(),
        format(sink).unwrap_or("-").to_owned(),
        place(&sink.kind).map_or_else(|| "-".to_owned(), |place| printable(&place, 100)),
        succeeded_at.map_or_else(|| "never".to_owned(), |time| format!("{time:.0}")),
        standing.pending.to_string(),
        standing.dead.to_string(),
        in_words(standing.endpoint.as_ref(), &sink.name),
    ]
}

/// How an endpoint does, and what can be done about it.
fn in_words(endpoint: Option<&Endpoint>, sink: &SinkName) -> String {
    let Some(endpoint) = endpoint else {
        return "new".to_owned();
    };
    let error = printable(endpoint.last_error.as_deref().unwrap_or_default(), 200);
    let time =
        |time: Option<Timestamp>| time.map_or_else(|| "-".to_owned(), |time| format!("{time:.0}"));
    let since = time(endpoint.since);
    match endpoint.state {
        EndpointState::Closed if endpoint.failures > 0 => {
            format!("failing ({}): {error}", endpoint.failures)
        }
        EndpointState::Closed => match endpoint.not_before {
            Some(until) if until > clock::now() => format!("wants nothing until {until:.0}"),
            _ => "ok".to_owned(),
        },
        EndpointState::Open => {
            let next = time(endpoint.next_probe.max(endpoint.not_before));
            format!("failing since {since}, tried again at {next}: {error}")
        }
        EndpointState::Paused => {
            format!("gone since {since}, until `wirewatch sinks test {sink}` succeeds: {error}")
        }
    }
}

fn json(sink: &SinkConfig, standing: &Standing) -> serde_json::Value {
    let place = place(&sink.kind);
    let (path, host) = match &sink.kind {
        SinkKind::File(_) => (place, None),
        _ => (None, place),
    };
    json!({
        "name": sink.name.as_str(),
        "kind": kind(sink),
        "format": format(sink),
        "host": host,
        "path": path,
        "succeeded_at": standing.endpoint.as_ref().and_then(|it| it.succeeded_at),
        "pending": standing.pending,
        "dead": standing.dead,
        "endpoint": standing.endpoint.as_ref().map(endpoint_json),
        "public_keys": public_keys(sink).collect::<Vec<_>>(),
    })
}

fn endpoint_json(endpoint: &Endpoint) -> serde_json::Value {
    json!({
        "state": endpoint.state.as_str(),
        "since": endpoint.since,
        "failures": endpoint.failures,
        "next_probe": endpoint.next_probe,
        "not_before": endpoint.not_before,
        "error": endpoint.last_error,
    })
}

fn kind(sink: &SinkConfig) -> &'static str {
    match &sink.kind {
        SinkKind::Log => "log",
        SinkKind::File(_) => "file",
        SinkKind::Webhook(_) => "webhook",
        SinkKind::Email(_) => "email",
    }
}

fn format(sink: &SinkConfig) -> Option<&'static str> {
    match &sink.kind {
        SinkKind::Webhook(webhook) => Some(webhook.format_word),
        _ => None,
    }
}

/// What receivers verify signatures with, where that is no secret.
fn public_keys(sink: &SinkConfig) -> impl Iterator<Item = String> {
    let keys = match &sink.kind {
        SinkKind::Webhook(webhook) => webhook.keys.as_slice(),
        _ => &[],
    };
    keys.iter().filter_map(SigningKey::public)
}
