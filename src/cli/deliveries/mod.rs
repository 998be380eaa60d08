//! `wirewatch deliveries`: what went where, and what did not.

mod replay;

use super::exit::{self, Failure};
use super::{Global, LAST, block_on, print};
use crate::daemon::clock;
use crate::policy::SinkName;
use crate::policy::retry::{DeliveryId, DeliveryReason, DeliveryState};
use crate::store::{AttemptRecord, DeliveryDetail, DeliveryFilter, DeliveryRecord, Store};
use crate::text::printable;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print one JSON object a delivery
    #[arg(long, global = true, display_order = LAST - 1)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List deliveries, the newest first (the default)
    List {
        /// Only those in this state
        #[arg(long)]
        state: Option<State>,
        /// Only those to this sink
        #[arg(long, value_name = "NAME")]
        sink: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 50, value_name = "N")]
        limit: usize,
    },
    /// Show one delivery: its attempts and what is sent
    Show {
        /// Its id
        id: String,
    },
    /// Send dead deliveries again, under the same ids
    Retry {
        /// Their ids
        #[arg(required_unless_present_any = ["all", "sink"])]
        ids: Vec<String>,
        /// All that are dead
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        /// All that are dead of this sink
        #[arg(long, value_name = "NAME", conflicts_with_all = ["ids", "all"])]
        sink: Option<String>,
    },
    /// Send deliveries of a time once more, those that arrived too, under new ids
    ///
    /// The alerts are the same; the `webhook-id` is a new one, since receivers drop
    /// an id that they know. Whoever must not act twice on an alert goes by its
    /// `data.alert`.
    Replay(replay::Arguments),
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum State {
    Pending,
    Delivered,
    Dead,
    Held,
    Grouped,
    Suppressed,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    block_on(async {
        let store = Store::open_beside(&config.daemon.state_dir)?;
        match &arguments.action {
            None => list(&store, DeliveryFilter::default(), 50, arguments.json).await,
            Some(Action::List { state, sink, limit }) => {
                let filter = DeliveryFilter {
                    state: state.map(State::of_store),
                    sink: sink.as_deref().map(sink_name).transpose()?,
                    since: None,
                };
                list(&store, filter, *limit, arguments.json).await
            }
            Some(Action::Show { id }) => show(&store, id, arguments.json).await,
            Some(Action::Retry { ids, sink, .. }) => retry(&store, ids, sink.as_deref()).await,
            Some(Action::Replay(replay)) => {
                replay::run(&config, &store, replay, arguments.json).await
            }
        }
    })
}

impl State {
    fn of_store(self) -> DeliveryState {
        match self {
            Self::Pending => DeliveryState::Pending,
            Self::Delivered => DeliveryState::Delivered,
            Self::Dead => DeliveryState::Dead,
            Self::Held => DeliveryState::Held,
            Self::Grouped => DeliveryState::Grouped,
            Self::Suppressed => DeliveryState::Suppressed,
        }
    }
}

pub(super) fn sink_name(name: &str) -> Result<SinkName, Failure> {
    SinkName::new(name).map_err(|error| Failure::new(exit::USAGE, format!("--sink: {error}")))
}

async fn list(
    store: &Store,
    filter: DeliveryFilter,
    limit: usize,
    json: bool,
) -> Result<u8, Failure> {
    let deliveries = store.deliveries(filter, limit).await?;
    if json {
        for delivery in &deliveries {
            print::json(&record_json(delivery))?;
        }
        return Ok(exit::DONE);
    }
    let head = [
        "DELIVERY",
        "STATE",
        "STORED",
        "ATTEMPTS",
        "NEXT",
        "LAST OUTCOME",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(deliveries.iter().map(|delivery| {
        let next = delivery
            .next_at
            .or(delivery.release_at)
            .map_or_else(|| "-".to_owned(), |time| format!("{time:.0}"));
        let reason = delivery.reason.map_or("", |reason| reason.as_str());
        let last = delivery.last.as_ref().map_or("", |last| {
            if last.detail.is_empty() {
                &last.outcome
            } else {
                &last.detail
            }
        });
        vec![
            delivery.id.0.clone(),
            format!("{} {reason}", delivery.state.as_str())
                .trim_end()
                .to_owned(),
            format!("{:.0}", delivery.created_at),
            delivery.attempts.to_string(),
            next,
            printable(last, 200),
        ]
    }));
    print::table(&rows)
        .iter()
        .try_for_each(|line| print::line(line))?;
    Ok(exit::DONE)
}

async fn show(store: &Store, id: &str, json: bool) -> Result<u8, Failure> {
    let Some(detail) = store.delivery(&DeliveryId(id.to_owned())).await? else {
        return Err(Failure::new(
            exit::NO,
            format!(
                "there is no delivery {id}; `wirewatch deliveries list` shows those that there are"
            ),
        ));
    };
    if json {
        print::json(&detail_json(&detail))?;
        return Ok(exit::DONE);
    }
    let record = &detail.record;
    print::line(&format!(
        "{} to {}: {}",
        record.id.0,
        record.sink,
        record.state.as_str()
    ))?;
    if let Some(reason) = record.reason {
        let why = match record.state {
            DeliveryState::Dead => "given up",
            _ => "held back",
        };
        print::line(&format!("  {why}: {}", reason.as_str()))?;
    }
    for attempt in &detail.attempts {
        print::line(&format!(
            "  attempt {} at {:.0}: {} {}",
            attempt.n,
            attempt.at,
            attempt.outcome,
            printable(&attempt.detail, 500)
        ))?;
    }
    print::line(&String::from_utf8_lossy(&detail.payload))?;
    Ok(exit::DONE)
}

async fn retry(store: &Store, ids: &[String], sink: Option<&str>) -> Result<u8, Failure> {
    let now = clock::now();
    let count = if ids.is_empty() {
        store
            .retry_dead(sink.map(sink_name).transpose()?, None, now)
            .await?
    } else {
        let ids = ids.iter().map(|id| DeliveryId(id.clone())).collect();
        store.retry(ids, now).await?
    };
    print::line(&format!("{count} dead deliveries are due again"))?;
    Ok(if count == 0 { exit::NO } else { exit::DONE })
}

pub(super) fn record_json(record: &DeliveryRecord) -> Value {
    json!({
        "id": record.id.0,
        "sink": record.sink.as_str(),
        "kind": record.kind.as_str(),
        "alert": record.alert.0,
        "seq": record.seq,
        "state": record.state.as_str(),
        "reason": record.reason.map(DeliveryReason::as_str),
        "route": record.route,
        "release_at": record.release_at,
        "digest": record.digest.as_ref().map(|id| &id.0),
        "silence": record.silence.map(|id| id.0),
        "created_at": record.created_at,
        "next_at": record.next_at,
        "finished_at": record.finished_at,
        "attempts": record.attempts,
        "requeues": record.requeues,
        "last": record.last.as_ref().map(attempt_json),
    })
}

fn detail_json(detail: &DeliveryDetail) -> Value {
    let mut json = record_json(&detail.record);
    let attempts: Vec<Value> = detail.attempts.iter().map(attempt_json).collect();
    if let Some(fields) = json.as_object_mut() {
        fields.insert("attempts".to_owned(), Value::from(attempts));
        let payload = serde_json::from_slice(&detail.payload).unwrap_or(Value::Null);
        fields.insert("payload".to_owned(), payload);
    }
    json
}

fn attempt_json(attempt: &AttemptRecord) -> Value {
    json!({
        "n": attempt.n,
        "at": attempt.at,
        "outcome": attempt.outcome,
        "detail": attempt.detail,
    })
}
