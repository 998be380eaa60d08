//! What people look at: deliveries with their attempts.

use super::values::{meaning, millis, signed, sink_name, time, time_if, unreadable, unsigned};
use super::{Store, StoreError};
use crate::alert::AlertId;
use crate::policy::SinkName;
use crate::policy::retry::{DeliveryId, DeliveryKind, DeliveryReason, DeliveryState};
use crate::policy::silence::SilenceId;
use jiff::Timestamp;
use rusqlite::{Connection, Row};

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
    /// What kind of thing it brings.
    pub kind: DeliveryKind,
    /// What it brings: the id of an alert, a digest or a notice.
    pub alert: AlertId,
    /// Its number among the deliveries of its sink.
    pub seq: u64,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it is not on its way as it came, if it is not.
    pub reason: Option<DeliveryReason>,
    /// The route by whose rules it goes, if one chose it.
    pub route: Option<String>,
    /// When it is looked at again, while it is held.
    pub release_at: Option<Timestamp>,
    /// The delivery of the digest that it went out in, if it did.
    pub digest: Option<DeliveryId>,
    /// The silence that keeps it from its sink, if one does.
    pub silence: Option<SilenceId>,
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
}

/// The deliveries of an alert, replays among them: their ids begin alike.
pub(super) fn deliveries_of(
    connection: &Connection,
    alert: &AlertId,
) -> Result<Vec<DeliveryRecord>, StoreError> {
    connection
        .prepare_cached(&format!(
            "{DELIVERY} WHERE delivery.id > ?1 AND delivery.id < ?2 ORDER BY delivery.number"
        ))?
        // In ASCII, ` comes after _ at once.
        .query_and_then(
            (format!("msg_{}_", alert.0), format!("msg_{}`", alert.0)),
            record,
        )?
        .collect()
}

pub(super) fn record(row: &Row<'_>) -> Result<DeliveryRecord, StoreError> {
    let reason = row.get::<_, Option<String>>("reason")?;
    let attempted = row.get::<_, Option<u32>>("n")?.is_some();
    let state = meaning(
        "state of a delivery",
        &DeliveryState::WORDS,
        &row.get::<_, String>("state")?,
    )?;
    Ok(DeliveryRecord {
        id: DeliveryId(row.get("id")?),
        sink: sink_name(&row.get::<_, String>("sink")?)?,
        kind: meaning(
            "kind of a delivery",
            &DeliveryKind::WORDS,
            &row.get::<_, String>("kind")?,
        )?,
        alert: AlertId(row.get("alert")?),
        seq: unsigned(row.get("seq")?)?,
        state,
        reason: reason
            .map(|word| {
                DeliveryReason::read(state, &word)
                    .ok_or_else(|| unreadable("reason of a delivery", &word))
            })
            .transpose()?,
        route: row.get("route")?,
        release_at: time_if(row.get("release_at")?)?,
        digest: row.get::<_, Option<String>>("digest")?.map(DeliveryId),
        silence: row.get::<_, Option<i64>>("silence")?.map(SilenceId),
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
