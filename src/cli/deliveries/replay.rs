//! `wirewatch deliveries replay`: what was sent, sent once more.

use super::{print, sink_name};
use crate::cli::exit::{self, Failure};
use crate::cli::{moment, sinks};
use crate::config::Config;
use crate::daemon::clock;
use crate::policy::SinkName;
use crate::policy::retry::DeliveryState;
use crate::store::{DeliveryRecord, ReplayFilter, ReplayMark, Store};
use crate::text::count;
use jiff::Timestamp;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The sink whose deliveries are sent again
    #[arg(long, value_name = "NAME")]
    sink: String,
    /// From when on they were stored: "2h" ago, "2026-11-24" (UTC) or
    /// "2026-11-24T09:00:00Z"
    #[arg(long, value_name = "TIME")]
    since: String,
    /// Until when they were stored; without it, until now
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Which of them; without it, those that arrived and those that are dead; all are
    /// these and what a silence suppressed
    #[arg(long)]
    state: Option<State>,
    /// Another sink that they are sent to, such as a new one that lacks the past
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Print which would be sent, and send none
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum State {
    Delivered,
    Dead,
    Suppressed,
    All,
}

impl State {
    /// What is on its way is never sent again beside itself, nor what went out inside
    /// a digest, which is a delivery of its own.
    fn of_store(this: Option<Self>) -> Vec<DeliveryState> {
        match this {
            Some(Self::Delivered) => vec![DeliveryState::Delivered],
            Some(Self::Dead) => vec![DeliveryState::Dead],
            Some(Self::Suppressed) => vec![DeliveryState::Suppressed],
            None => vec![DeliveryState::Delivered, DeliveryState::Dead],
            Some(Self::All) => vec![
                DeliveryState::Delivered,
                DeliveryState::Dead,
                DeliveryState::Suppressed,
            ],
        }
    }
}

pub(super) async fn run(
    config: &Config,
    store: &Store,
    arguments: &Arguments,
    as_json: bool,
) -> Result<u8, Failure> {
    let now = clock::now();
    let filter = filter(arguments, now)?;
    let to = arguments.to.as_deref().unwrap_or(&arguments.sink);
    let to = sinks::named(config, to)?.name.clone();
    if arguments.dry_run {
        return show(store, filter, as_json).await;
    }
    let sent = send(store, filter, &to, now).await?;
    if as_json {
        print::json(&json!({ "sink": to.as_str(), "replayed": sent }))?;
    } else {
        print::line(&format!("{} due at {to}", are(sent)))?;
    }
    Ok(if sent == 0 { exit::NO } else { exit::DONE })
}

fn filter(arguments: &Arguments, now: Timestamp) -> Result<ReplayFilter, Failure> {
    let until = arguments.until.as_deref();
    let until = until.map(|text| moment::past("--until", text, now));
    Ok(ReplayFilter {
        sink: sink_name(&arguments.sink)?,
        states: State::of_store(arguments.state),
        since: moment::past("--since", &arguments.since, now)?,
        // What is sent again is stored now, and must not be sent again once more.
        until: until.transpose()?.unwrap_or(now).min(now),
    })
}

/// Prints every delivery that would be sent.
async fn show(store: &Store, filter: ReplayFilter, as_json: bool) -> Result<u8, Failure> {
    let mut mark = Some(ReplayMark::default());
    let mut found = false;
    while let Some(at) = mark {
        let (records, next) = store.replayable(filter.clone(), at).await?;
        found |= !records.is_empty();
        for record in &records {
            print_one(record, as_json)?;
        }
        mark = next;
    }
    Ok(if found { exit::DONE } else { exit::NO })
}

fn print_one(record: &DeliveryRecord, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return print::json(&super::record_json(record));
    }
    print::line(&format!(
        "{}  {:.0}  {}",
        record.id.0,
        record.created_at,
        record.state.as_str()
    ))
}

/// Sends slice by slice; each is durable before the next begins.
async fn send(
    store: &Store,
    filter: ReplayFilter,
    to: &SinkName,
    now: Timestamp,
) -> Result<u64, Failure> {
    let mut mark = Some(ReplayMark::default());
    let mut sent = 0;
    while let Some(at) = mark {
        let replayed = match store.replay(filter.clone(), at, to.clone(), now).await {
            Ok(replayed) => replayed,
            Err(error) => {
                if sent > 0 {
                    print::complain(&format!("{} due at {to}, not all", are(sent)));
                }
                return Err(error.into());
            }
        };
        for id in &replayed.corrupt {
            print::complain(&format!("{} is damaged and was left out", id.0));
        }
        sent += replayed.count;
        mark = replayed.next;
    }
    if sent > 0 {
        // Whoever asks for it knows that the sink can be reached again.
        store.resume(to, now).await?;
    }
    Ok(sent)
}

fn are(deliveries: u64) -> String {
    let verb = if deliveries == 1 { "is" } else { "are" };
    format!("{} {verb}", count(deliveries, "delivery"))
}
