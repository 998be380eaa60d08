//! The outbox: what is due, what became of it, and what is given up.
//!
//! What is due and how old it may get is asked for with the state of the sink's
//! endpoint, in `endpoints`.

use super::endpoints::{self, Ask, Want};
use super::values::{millis, signed, sink_name, time, unsigned};
use super::{Store, StoreError, notices};
use crate::alert::AlertId;
use crate::policy::SinkName;
use crate::policy::retry::{self, DeadReason, Delivery, DeliveryId, DeliveryOutcome, Next};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashSet;

/// How much of what a sink said is kept of each attempt.
const DETAIL_BYTES_MAX: usize = 2 << 10;
/// No attempt is put off for longer, in milliseconds: an hour, moved by chance.
const WAIT_MS_MAX: i64 = 2 * 60 * 60 * 1000;

/// What is due at a sink.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// What can be sent; what waited longest comes first.
    pub deliveries: Vec<Delivery>,
    /// What was found to be damaged and is dead now.
    pub corrupt: Vec<DeliveryId>,
}

/// How an attempt at a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The delivery.
    pub id: DeliveryId,
    /// When the attempt began.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: DeliveryOutcome,
    /// What happens to the delivery now.
    pub next: Next,
}

impl Store {
    /// At most `limit` deliveries that are due at a sink, the oldest first and
    /// without those in `skip`.
    ///
    /// The caller keeps what it has in flight in `skip`, until it is settled. A
    /// delivery whose bytes no longer have their checksum is made dead and
    /// never given out; where there are such, another call may bring more.
    pub async fn due(
        &self,
        sink: &SinkName,
        now: Timestamp,
        limit: usize,
        skip: &HashSet<DeliveryId>,
    ) -> Result<Due, StoreError> {
        let ask = Ask {
            sink: sink.clone(),
            now,
            expired: Timestamp::UNIX_EPOCH,
            want: Want::Oldest(limit),
            skip: skip.clone(),
        };
        Ok(self.look(ask).await?.due)
    }

    /// Records attempts and what follows from them, all in one commit.
    ///
    /// What arrived has arrived, even if it was given up in the meantime; other
    /// outcomes change only deliveries that are still pending.
    pub async fn settle(&self, settlements: Vec<Settlement>) -> Result<(), StoreError> {
        self.write(move |connection| {
            settlements.iter().try_for_each(|settlement| {
                settle_one(connection, settlement)?;
                Ok(())
            })
        })
        .await
    }

    /// Makes these deliveries pending and due now, where they are dead; says how
    /// many were. Their age counts anew.
    pub async fn retry(&self, ids: Vec<DeliveryId>, now: Timestamp) -> Result<u64, StoreError> {
        self.write(move |connection| {
            let mut retried = 0;
            for id in &ids {
                retried += connection
                    .prepare_cached(
                        "UPDATE delivery SET state = 'pending', reason = NULL, next_at = ?2,
                                             finished_at = NULL, requeues = requeues + 1,
                                             retried_at = ?2
                         WHERE id = ?1 AND state = 'dead'",
                    )?
                    .execute((&id.0, millis(now)))? as u64;
            }
            Ok(retried)
        })
        .await
    }

    /// Makes dead deliveries pending and due now: those of one sink if one is
    /// named, and those stored since a time if one is given; says how many. A sink
    /// that is named is resumed, whatever its endpoint said.
    pub async fn retry_dead(
        &self,
        sink: Option<SinkName>,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.write(move |connection| {
            let retried = connection
                .prepare_cached(
                    "UPDATE delivery SET state = 'pending', reason = NULL, next_at = ?1,
                                         finished_at = NULL, requeues = requeues + 1,
                                         retried_at = ?1
                     WHERE state = 'dead' AND (?2 IS NULL OR sink = ?2)
                                          AND (?3 IS NULL OR created_at >= ?3)",
                )?
                .execute((
                    millis(now),
                    sink.as_ref().map(SinkName::as_str),
                    since.map(millis),
                ))?;
            if let Some(sink) = &sink {
                endpoints::resume(connection, sink, now)?;
            }
            Ok(retried as u64)
        })
        .await
    }

    /// Makes due what would wait longer than anything is put off: the clock was set
    /// back since it was decided.
    pub async fn bring_near(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| bring_near(connection, now))
            .await
    }

    /// Gives up what is pending or held for sinks that are no longer configured; says
    /// how many deliveries those were.
    pub async fn bury_orphans(
        &self,
        known_sinks: &[SinkName],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let known_sinks: HashSet<SinkName> = known_sinks.iter().cloned().collect();
        self.write(move |connection| {
            let pending: Vec<String> = connection
                .prepare_cached(
                    "SELECT sink FROM delivery WHERE state = 'pending'
                     UNION SELECT sink FROM delivery WHERE state = 'held'",
                )?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let known = |name: &str| known_sinks.iter().any(|sink| sink.as_str() == name);
            let mut buried = 0;
            for orphan in pending.iter().filter(|name| !known(name)) {
                let dead = connection
                    .prepare_cached(
                        "UPDATE delivery SET state = 'dead', reason = ?2, next_at = NULL,
                                             finished_at = ?3, release_at = NULL
                         WHERE sink = ?1 AND state IN ('pending', 'held')",
                    )?
                    .execute((orphan, DeadReason::SinkRemoved.as_str(), millis(now)))?
                    as u64;
                tell_dead(
                    connection,
                    &sink_name(orphan)?,
                    DeadReason::SinkRemoved,
                    dead,
                    now,
                )?;
                buried += dead;
            }
            Ok(buried)
        })
        .await
    }
}

type Damaged = Vec<(i64, DeliveryId)>;

/// What is wanted of what is due, and what of it is damaged.
pub(super) fn find_due(
    connection: &Connection,
    ask: &Ask,
) -> Result<(Vec<Delivery>, Damaged), StoreError> {
    let (order, limit) = match ask.want {
        Want::Nothing => return Ok(Default::default()),
        Want::Oldest(limit) => ("seq", limit),
        Want::Probe => ("attempts, seq", 1),
    };
    let (mut sound, mut damaged) = (Vec::new(), Vec::new());
    let mut due = connection.prepare_cached(&format!(
        "SELECT number, id, alert, seq, payload, crc, created_at, attempts, plain
         FROM delivery INDEXED BY delivery_by_seq
         WHERE sink = ?1 AND state = 'pending' AND next_at <= ?2
         ORDER BY {order} LIMIT ?3"
    ))?;
    let looked_at = signed(limit.saturating_add(ask.skip.len()) as u64);
    let mut rows = due.query((ask.sink.as_str(), millis(ask.now), looked_at))?;
    while let Some(row) = rows.next()? {
        let id = lossy_id(row)?;
        if ask.skip.contains(&id) {
            continue;
        }
        // One row that cannot be read must not keep the others from being sent.
        match sound_delivery(row, &ask.sink) {
            Ok(Some(delivery)) => sound.push(delivery),
            Ok(None) | Err(_) => damaged.push((row.get("number")?, id)),
        }
        if sound.len() >= limit {
            break;
        }
    }
    Ok((sound, damaged))
}

/// As [`Store::bring_near`].
pub(super) fn bring_near(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE delivery SET next_at = ?1 WHERE state = 'pending' AND next_at > ?2",
        )?
        .execute((millis(now), millis(now).saturating_add(WAIT_MS_MAX)))?;
    Ok(())
}

/// The delivery in a row, if its payload still has its checksum, and its id is that
/// of what it brings.
pub(super) fn sound_delivery(
    row: &Row<'_>,
    sink: &SinkName,
) -> Result<Option<Delivery>, StoreError> {
    let payload: Vec<u8> = row.get("payload")?;
    if crc32c::crc32c(&payload) != row.get::<_, u32>("crc")? {
        return Ok(None);
    }
    let (id, alert) = (DeliveryId(row.get("id")?), AlertId(row.get("alert")?));
    let seq = unsigned(row.get("seq")?)?;
    // A receiver would take another id for another alert.
    if id != DeliveryId::of(&alert, sink) && id != DeliveryId::again(&alert, sink, seq) {
        return Ok(None);
    }
    Ok(Some(Delivery {
        id,
        alert,
        sink: sink.clone(),
        seq,
        payload,
        created_at: time(row.get("created_at")?)?,
        attempts: row.get("attempts")?,
        plain: row.get("plain")?,
    }))
}

/// The id in a row, legible even where a flipped bit made it something else.
pub(super) fn lossy_id(row: &Row<'_>) -> Result<DeliveryId, StoreError> {
    let bytes = row.get_ref("id")?.as_bytes().unwrap_or_default();
    Ok(DeliveryId(String::from_utf8_lossy(bytes).into_owned()))
}

pub(super) fn bury(
    connection: &Connection,
    number: i64,
    reason: DeadReason,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE delivery SET state = 'dead', reason = ?2, next_at = NULL, finished_at = ?3,
                                 release_at = NULL
             WHERE number = ?1 AND state IN ('pending', 'held')",
        )?
        .execute((number, reason.as_str(), millis(at)))?;
    Ok(())
}

/// Records one attempt; says why the delivery was given up, if that is news to
/// anybody. That a notice did not arrive is none: it would only lead to another.
pub(super) fn settle_one(
    connection: &Connection,
    settlement: &Settlement,
) -> Result<Option<DeadReason>, StoreError> {
    let (state, dead, next_at, finished_at) = match &settlement.next {
        Next::Done => ("delivered", None, None, Some(settlement.at)),
        Next::At(time) | Next::Plainer(time) => ("pending", None, Some(*time), None),
        Next::Dead(reason) => ("dead", Some(*reason), None, Some(settlement.at)),
    };
    let settled: Option<(i64, i64, bool)> = connection
        .prepare_cached(
            "UPDATE delivery SET state = ?2, reason = ?3, next_at = ?4, finished_at = ?5,
                                 attempts = attempts + 1, plain = plain OR ?6
             WHERE id = ?1 AND (state = 'pending' OR (state = 'dead' AND ?2 = 'delivered'))
             RETURNING number, attempts,
                       kind = 'notice' OR coalesce(route, '') = 'operator.notice'",
        )?
        .query_row(
            (
                &settlement.id.0,
                state,
                dead.map(DeadReason::as_str),
                next_at.map(millis),
                finished_at.map(millis),
                matches!(settlement.next, Next::Plainer(_)),
            ),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((number, attempt, is_notice)) = settled else {
        return Ok(None);
    };
    connection
        .prepare_cached(
            "INSERT INTO attempt (delivery, n, at, outcome, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            number,
            attempt,
            millis(settlement.at),
            settlement.outcome.as_str(),
            kept(settlement.outcome.detail()),
        ))?;
    Ok(dead.filter(|_| !is_notice))
}

/// Tells the operator that deliveries were given up, if any were.
pub(super) fn tell_dead(
    connection: &Connection,
    sink: &SinkName,
    reason: DeadReason,
    dead: u64,
    at: Timestamp,
) -> Result<(), StoreError> {
    if dead > 0 {
        notices::add(connection, &retry::dead_notice(sink, reason, dead, at))?;
    }
    Ok(())
}

/// As much as is kept of what a receiver said.
pub(super) fn kept(detail: &str) -> &str {
    detail
        .get(..detail.floor_char_boundary(DETAIL_BYTES_MAX))
        .unwrap_or_default()
}
