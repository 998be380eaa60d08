//! `wirewatch sinks list`: each sink, where it leads, and how it does.

use super::{Global, block_on, place, print};
use crate::cli::exit::{self, Failure};
use crate::config::{Config, SigningKey, SinkConfig, SinkKind};
use crate::policy::SinkName;
use crate::store::{SinkCount, Store, StoreError};
use crate::text::printable;
use jiff::Timestamp;
use serde_json::json;

/// The columns.
const HEAD: [&str; 7] = [
    "SINK",
    "KIND",
    "FORMAT",
    "TO",
    "LAST SUCCESS",
    "PENDING",
    "DEAD",
];

/// What the store knows of a sink.
#[derive(Debug, Default)]
struct Standing {
    delivered_at: Option<Timestamp>,
    pending: u64,
    dead: u64,
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
    block_on(async {
        let store = match Store::open_beside(&config.daemon.state_dir) {
            Err(StoreError::Missing { .. }) => None,
            opened => Some(opened?),
        };
        let counts = match &store {
            Some(store) => store.counts().await?,
            None => Vec::new(),
        };
        let mut standings = Vec::with_capacity(config.sinks.len());
        for sink in &config.sinks {
            let delivered_at = match &store {
                Some(store) => store.delivered_at(&sink.name).await?,
                None => None,
            };
            standings.push(Standing::of(&sink.name, delivered_at, &counts));
        }
        Ok(standings)
    })
}

impl Standing {
    fn of(sink: &SinkName, delivered_at: Option<Timestamp>, counts: &[SinkCount]) -> Self {
        let count = counts.iter().find(|count| count.sink == *sink);
        Self {
            delivered_at,
            pending: count.map_or(0, |count| count.pending),
            dead: count.map_or(0, |count| count.dead),
        }
    }
}

fn row(sink: &SinkConfig, standing: &Standing) -> Vec<String> {
    let delivered_at = standing
        .delivered_at
        .map_or_else(|| "never".to_owned(), |time| format!("{time:.0}"));
    vec![
        sink.name.to_string(),
        kind(sink).to_owned(),
        format(sink).unwrap_or("-").to_owned(),
        place(&sink.kind).map_or_else(|| "-".to_owned(), |place| printable(&place, 100)),
        delivered_at,
        standing.pending.to_string(),
        standing.dead.to_string(),
    ]
}

fn json(sink: &SinkConfig, standing: &Standing) -> serde_json::Value {
    let place = place(&sink.kind);
    let (path, host) = match &sink.kind {
        SinkKind::File { .. } => (place, None),
        _ => (None, place),
    };
    json!({
        "name": sink.name.as_str(),
        "kind": kind(sink),
        "format": format(sink),
        "host": host,
        "path": path,
        "delivered_at": standing.delivered_at,
        "pending": standing.pending,
        "dead": standing.dead,
        "public_keys": public_keys(sink).collect::<Vec<_>>(),
    })
}

fn kind(sink: &SinkConfig) -> &'static str {
    match &sink.kind {
        SinkKind::Log => "log",
        SinkKind::File { .. } => "file",
        SinkKind::Webhook(_) => "webhook",
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
