//! What people look at: deliveries with their attempts, alerts, counts.

use super::values::{feed_id, meaning, millis, signed, sink_name, time, time_if, unsigned};
use super::{Store, StoreError};
use crate::alert::AlertId;
use crate::feed::FeedId;
use crate::policy::SinkName;
use crate::policy::retry::{DeadReason, DeliveryId, DeliveryState};
use crate::watchlist::Severity;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

/// Which deliveries to list; what is not set does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Those in this state.
    pub state: Option<DeliveryState>,
    /// Those to this sink.
    pub sink: Option<SinkName>,
    /// Those stored at this time or later.
    pub since: Option<Timestamp>,
}

/// A delivery as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its identity.
    pub id: DeliveryId,
    /// Where it goes.
    pub sink: SinkName,
    /// What it tells.
    pub alert: AlertId,
    /// Its number among the deliveries of its sink.
    pub seq: u64,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it is dead, if it is.
    pub reason: Option<DeadReason>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it is tried next, while it is pending.
    pub next_at: Option<Timestamp>,
    /// When it arrived or was given up.
    pub finished_at: Option<Timestamp>,
    /// How many attempts there were.
    pub attempts: u32,
    /// How many times a person had it tried again.
    pub requeues: u32,
    /// The last attempt, if there was one.
    pub last: Option<AttemptRecord>,
}

/// One attempt at a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// Its number, from 1.
    pub n: u32,
    /// When it ended.
    pub at: Timestamp,
    /// How it ended, in one word.
    pub outcome: String,
    /// What happened, in words; empty when it arrived.
    pub detail: String,
}

/// A delivery with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryDetail {
    /// The delivery.
    pub record: DeliveryRecord,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptRecord>,
    /// What is sent.
    pub payload: Vec<u8>,
}

/// An alert as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRecord {
    /// Its identity.
    pub id: AlertId,
    /// When it was made.
    pub at: Timestamp,
    /// How much it matters.
    pub severity: Severity,
    /// The title of its article.
    pub title: String,
    /// The page of its article.
    pub url: Option<String>,
    /// The feed that brought it.
    pub feed: FeedId,
    /// The whole alert as JSON, like a delivery of it, with `seq` 0: it belongs
    /// to no sink.
    pub json: Vec<u8>,
}

/// How many deliveries of a sink are not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkCount {
    /// The sink.
    pub sink: SinkName,
    /// Those on their way.
    pub pending: u64,
    /// Those given up.
    pub dead: u64,
}

pub(super) const DELIVERY: &str =
    "SELECT delivery.*, attempt.n, attempt.at, attempt.outcome, attempt.detail
     FROM delivery LEFT JOIN attempt
         ON attempt.delivery = delivery.number AND attempt.n = delivery.attempts";

impl Store {
    /// At most `limit` deliveries, the newest first.
    pub async fn deliveries(
        &self,
        filter: DeliveryFilter,
        limit: usize,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(&format!(
                    "{DELIVERY} WHERE (?1 IS NULL OR delivery.state = ?1)
                                  AND (?2 IS NULL OR delivery.sink = ?2)
                                  AND (?3 IS NULL OR delivery.created_at >= ?3)
                     ORDER BY delivery.number DESC LIMIT ?4"
                ))?
                .query_and_then(
                    (
                        filter.state.map(DeliveryState::as_str),
                        filter.sink.as_ref().map(SinkName::as_str),
                        filter.since.map(millis),
                        signed(limit as u64),
                    ),
                    record,
                )?
                .collect()
        })
        .await
    }

    /// One delivery with its attempts and payload, if there is one of this id.
    pub async fn delivery(&self, id: &DeliveryId) -> Result<Option<DeliveryDetail>, StoreError> {
        let id = id.clone();
        self.read(move |connection| {
            let found = connection
                .prepare_cached(&format!("{DELIVERY} WHERE delivery.id = ?1"))?
                .query_and_then([&id.0], |row| -> Result<_, StoreError> {
                    let number: i64 = row.get("number")?;
                    Ok((number, record(row)?, row.get("payload")?))
                })?
                .next()
                .transpose()?;
            let Some((number, record, payload)) = found else {
                return Ok(None);
            };
            let attempts = connection
                .prepare_cached(
                    "SELECT n, at, outcome, detail FROM attempt WHERE delivery = ?1 ORDER BY n",
                )?
                .query_and_then([number], attempt)?
                .collect::<Result<_, _>>()?;
            Ok(Some(DeliveryDetail {
                record,
                attempts,
                payload,
            }))
        })
        .await
    }

    /// At most `limit` alerts made at a time or later, the newest first.
    pub async fn alerts(
        &self,
        limit: usize,
        since: Option<Timestamp>,
    ) -> Result<Vec<AlertRecord>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT id, at, severity, title, url, feed, json FROM alert
                     WHERE ?1 IS NULL OR at >= ?1 ORDER BY number DESC LIMIT ?2",
                )?
                .query_and_then((since.map(millis), signed(limit as u64)), alert)?
                .collect()
        })
        .await
    }

    /// How many deliveries are pending and dead, for each sink that has any.
    pub async fn counts(&self) -> Result<Vec<SinkCount>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(
                    "SELECT sink, sum(pending) AS pending, sum(dead) AS dead FROM (
                         SELECT sink, count(*) AS pending, 0 AS dead
                         FROM delivery WHERE state = 'pending' GROUP BY sink
                         UNION ALL
                         SELECT sink, 0, count(*)
                         FROM delivery WHERE state = 'dead' GROUP BY sink
                     ) GROUP BY sink ORDER BY sink",
                )?
                .query_and_then([], |row| {
                    Ok(SinkCount {
                        sink: sink_name(&row.get::<_, String>("sink")?)?,
                        pending: unsigned(row.get("pending")?)?,
                        dead: unsigned(row.get("dead")?)?,
                    })
                })?
                .collect()
        })
        .await
    }

    /// When a delivery last arrived at a sink, of those that are still kept.
    pub async fn delivered_at(&self, sink: &SinkName) -> Result<Option<Timestamp>, StoreError> {
        let sink = sink.clone();
        self.read(move |connection| {
            let millis: Option<i64> = connection
                .prepare_cached(
                    "SELECT finished_at FROM delivery
                     WHERE finished_at IS NOT NULL AND sink = ?1 AND state = 'delivered'
                     ORDER BY finished_at DESC LIMIT 1",
                )?
                .query_row([sink.as_str()], |row| row.get(0))
                .optional()?;
            time_if(millis)
        })
        .await
    }
}

pub(super) fn record(row: &Row<'_>) -> Result<DeliveryRecord, StoreError> {
    let reason = row.get::<_, Option<String>>("reason")?;
    let attempted = row.get::<_, Option<u32>>("n")?.is_some();
    Ok(DeliveryRecord {
        id: DeliveryId(row.get("id")?),
        sink: sink_name(&row.get::<_, String>("sink")?)?,
        alert: AlertId(row.get("alert")?),
        seq: unsigned(row.get("seq")?)?,
        state: meaning(
            "state of a delivery",
            &DeliveryState::WORDS,
            &row.get::<_, String>("state")?,
        )?,
        reason: reason
            .map(|word| meaning("reason of a dead delivery", &DeadReason::WORDS, &word))
            .transpose()?,
        created_at: time(row.get("created_at")?)?,
        next_at: time_if(row.get("next_at")?)?,
        finished_at: time_if(row.get("finished_at")?)?,
        attempts: row.get("attempts")?,
        requeues: row.get("requeues")?,
        last: attempted.then(|| attempt(row)).transpose()?,
    })
}

fn attempt(row: &Row<'_>) -> Result<AttemptRecord, StoreError> {
    Ok(AttemptRecord {
        n: row.get("n")?,
        at: time(row.get("at")?)?,
        outcome: row.get("outcome")?,
        detail: row.get("detail")?,
    })
}

fn alert(row: &Row<'_>) -> Result<AlertRecord, StoreError> {
    Ok(AlertRecord {
        id: AlertId(row.get("id")?),
        at: time(row.get("at")?)?,
        severity: meaning(
            "severity",
            &Severity::WORDS,
            &row.get::<_, String>("severity")?,
        )?,
        title: row.get("title")?,
        url: row.get("url")?,
        feed: feed_id(&row.get::<_, String>("feed")?)?,
        json: row.get("json")?,
    })
}
