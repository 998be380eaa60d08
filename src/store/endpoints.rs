//! What is known of the far sides of sinks, and what can go to them now.
//!
//! An endpoint is written together with the attempts that made it what it is, so
//! that a daemon that starts again neither hammers a receiver that fails nor
//! forgets what it asked for. A person can resume one from another process; the
//! daemon then sees that the count of resumes is another, and its own idea of the
//! endpoint, which is older, is not written over the person's word.

use super::outbox::{self, Due, Settlement};
use super::values::{meaning, millis, signed, sink_name, time_if, unsigned};
use super::{Store, StoreError, notices};
use crate::alert::notice::Notice;
use crate::policy::SinkName;
use crate::policy::endpoint::{Endpoint, EndpointState};
use crate::policy::retry::{DeadReason, DeliveryId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashSet;

/// The most deliveries that one transaction gives up.
const SLICE_ROWS: usize = 1_000;

/// An endpoint as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRecord {
    /// The sink that it is the far side of.
    pub sink: SinkName,
    /// What is known of it.
    pub endpoint: Endpoint,
    /// What its settings were, hashed.
    pub fingerprint: String,
    /// How often a person resumed it.
    pub resumes: u64,
}

/// What is wanted of the outbox of a sink.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The sink.
    pub sink: SinkName,
    /// The time now.
    pub now: Timestamp,
    /// Deliveries from this time and before are too old.
    pub expired: Timestamp,
    /// Which deliveries.
    pub want: Want,
    /// What is under way and must not be given out again.
    pub skip: HashSet<DeliveryId>,
}

/// Which of the deliveries that are due are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// None.
    Nothing,
    /// At most so many of the oldest.
    Oldest(usize),
    /// The oldest of those that were tried least: one that makes its receiver fail
    /// must not be every probe.
    Probe,
}

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What is due.
    pub due: Due,
    /// When something else is due.
    pub next_due: Option<Timestamp>,
    /// The endpoint, if it was ever written.
    pub record: Option<EndpointRecord>,
    /// Whether there are deliveries that are too old.
    pub has_expired: bool,
}

impl Store {
    /// Every endpoint that something was ever sent to, by the name of its sink.
    pub async fn endpoints(&self) -> Result<Vec<EndpointRecord>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM endpoint ORDER BY sink")?
                .query_and_then([], record)?
                .collect()
        })
        .await
    }

    /// Looks into the outbox of a sink, with all that matters to it, at one time.
    ///
    /// A delivery whose bytes no longer have their checksum is made dead and never
    /// given out; where there are such, another call may bring more.
    pub async fn look(&self, ask: Ask) -> Result<Look, StoreError> {
        let (now, sink) = (ask.now, ask.sink.clone());
        let (mut look, damaged) = self.read(move |connection| look(connection, &ask)).await?;
        if damaged.is_empty() {
            return Ok(look);
        }
        let (numbers, corrupt): (Vec<i64>, Vec<DeliveryId>) = damaged.into_iter().unzip();
        self.write(move |connection| {
            for number in &numbers {
                outbox::bury(connection, *number, DeadReason::Corrupt, now)?;
            }
            let dead = numbers.len() as u64;
            outbox::tell_dead(connection, &sink, DeadReason::Corrupt, dead, now)
        })
        .await?;
        look.due.corrupt = corrupt;
        Ok(look)
    }

    /// Records attempts, what follows from them, what they made of the endpoint and
    /// what the operator is told of it, all in one commit. That deliveries were given
    /// up is told in one notice.
    pub async fn settle_at(
        &self,
        record: EndpointRecord,
        settlements: Vec<Settlement>,
        told: Vec<Notice>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            let mut dead = None;
            for settlement in &settlements {
                if let Some(reason) = outbox::settle_one(connection, settlement)? {
                    let (_, count, _) = *dead.get_or_insert((reason, 0, settlement.at));
                    dead = Some((reason, count + 1, settlement.at));
                }
            }
            if let Some((reason, count, at)) = dead {
                outbox::tell_dead(connection, &record.sink, reason, count, at)?;
            }
            for notice in &told {
                notices::add(connection, notice)?;
            }
            put(connection, &record)
        })
        .await
    }

    /// Gives up deliveries of a sink from `expired` and before, as many as one
    /// commit may hold and without those in `skip`; says how many, and whether
    /// there are more. With the `first` commit of several the operator is told of
    /// all of them.
    pub async fn expire(
        &self,
        sink: &SinkName,
        expired: Timestamp,
        skip: &HashSet<DeliveryId>,
        (now, first): (Timestamp, bool),
    ) -> Result<(u64, bool), StoreError> {
        let (sink, skip) = (sink.clone(), skip.clone());
        self.write(move |connection| {
            let numbers = find_expired(connection, &sink, expired, &skip, SLICE_ROWS)?;
            if first && !numbers.is_empty() {
                let dead = count_expired(connection, &sink, expired)?;
                outbox::tell_dead(connection, &sink, DeadReason::Expired, dead, now)?;
            }
            for number in &numbers {
                outbox::bury(connection, *number, DeadReason::Expired, now)?;
            }
            Ok((numbers.len() as u64, numbers.len() >= SLICE_ROWS))
        })
        .await
    }

    /// Lets the next delivery of a sink go out now, although its endpoint fails or
    /// said that it is gone; says whether it did.
    pub async fn resume(&self, sink: &SinkName, now: Timestamp) -> Result<bool, StoreError> {
        let sink = sink.clone();
        self.write(move |connection| resume(connection, &sink, now))
            .await
    }

    /// When attempts at a sink began since a time, at most `limit` of them.
    pub async fn attempts_since(
        &self,
        sink: &SinkName,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let sink = sink.clone();
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT attempt.at FROM delivery JOIN attempt
                         ON attempt.delivery = delivery.number
                     WHERE delivery.sink = ?1 AND attempt.at > ?2
                         AND (delivery.finished_at > ?2
                              OR delivery.state = 'pending' AND delivery.attempts > 0)
                     ORDER BY attempt.at DESC LIMIT ?3",
                )?
                .query_and_then(
                    (sink.as_str(), millis(since), signed(limit as u64)),
                    |row| super::values::time(row.get(0)?),
                )?
                .collect()
        })
        .await
    }
}

/// Lets a person's word hold, and marks that there was one.
pub(super) fn resume(
    connection: &Connection,
    sink: &SinkName,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(mut record) = get(connection, sink)? else {
        return Ok(false);
    };
    if record.endpoint.state == EndpointState::Closed {
        return Ok(false);
    }
    record.endpoint.resume(now);
    put(connection, &record)?;
    connection
        .prepare_cached("UPDATE endpoint SET resumes = resumes + 1 WHERE sink = ?1")?
        .execute([sink.as_str()])?;
    Ok(true)
}

type Damaged = Vec<(i64, DeliveryId)>;

fn look(connection: &Connection, ask: &Ask) -> Result<(Look, Damaged), StoreError> {
    let mut look = Look {
        due: Due::default(),
        next_due: None,
        record: get(connection, &ask.sink)?,
        has_expired: !find_expired(connection, &ask.sink, ask.expired, &ask.skip, 1)?.is_empty(),
    };
    // What is too old goes first, so that none of it goes out.
    if look.has_expired || ask.want == Want::Nothing {
        return Ok((look, Vec::new()));
    }
    let (deliveries, damaged) = outbox::find_due(connection, ask)?;
    look.due.deliveries = deliveries;
    look.next_due = time_if(
        connection
            .prepare_cached(
                "SELECT min(next_at) FROM delivery
                 WHERE sink = ?1 AND state = 'pending' AND next_at > ?2",
            )?
            .query_row((ask.sink.as_str(), millis(ask.now)), |row| row.get(0))?,
    )?;
    Ok((look, damaged))
}

fn find_expired(
    connection: &Connection,
    sink: &SinkName,
    expired: Timestamp,
    skip: &HashSet<DeliveryId>,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::new();
    let mut old = connection.prepare_cached(
        "SELECT number, id FROM delivery INDEXED BY delivery_by_age
         WHERE sink = ?1 AND state = 'pending' AND coalesce(retried_at, created_at) <= ?2
         ORDER BY coalesce(retried_at, created_at) LIMIT ?3",
    )?;
    let looked_at = signed(limit.saturating_add(skip.len()) as u64);
    let mut rows = old.query((sink.as_str(), millis(expired), looked_at))?;
    while let Some(row) = rows.next()? {
        if found.len() >= limit {
            break;
        }
        if !skip.contains(&outbox::lossy_id(row)?) {
            found.push(row.get("number")?);
        }
    }
    Ok(found)
}

/// How many are too old, notices aside: that one of those did not arrive is not
/// told, for it would only lead to another.
fn count_expired(
    connection: &Connection,
    sink: &SinkName,
    expired: Timestamp,
) -> Result<u64, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT count(*) FROM delivery INDEXED BY delivery_by_age
             WHERE sink = ?1 AND state = 'pending' AND kind != 'notice'
                 AND coalesce(retried_at, created_at) <= ?2",
        )?
        .query_row((sink.as_str(), millis(expired)), |row| row.get(0))?;
    unsigned(found)
}

fn get(connection: &Connection, sink: &SinkName) -> Result<Option<EndpointRecord>, StoreError> {
    connection
        .prepare_cached("SELECT * FROM endpoint WHERE sink = ?1")?
        .query_row([sink.as_str()], |row| Ok(record(row)))
        .optional()?
        .transpose()
}

fn record(row: &Row<'_>) -> Result<EndpointRecord, StoreError> {
    let state: String = row.get("state")?;
    Ok(EndpointRecord {
        sink: sink_name(&row.get::<_, String>("sink")?)?,
        endpoint: Endpoint {
            state: meaning("state of an endpoint", &EndpointState::WORDS, &state)?,
            failures: row.get("failures")?,
            probes: row.get("probes")?,
            since: time_if(row.get("since")?)?,
            next_probe: time_if(row.get("next_probe")?)?,
            not_before: time_if(row.get("not_before")?)?,
            last_error: row.get("last_error")?,
            succeeded_at: time_if(row.get("succeeded_at")?)?,
        },
        fingerprint: row.get("fingerprint")?,
        resumes: unsigned(row.get("resumes")?)?,
    })
}

/// Writes an endpoint, unless a person resumed it meanwhile.
fn put(connection: &Connection, record: &EndpointRecord) -> Result<(), StoreError> {
    let endpoint = &record.endpoint;
    connection
        .prepare_cached(
            "INSERT INTO endpoint (sink, state, failures, probes, since, next_probe, not_before,
                                   last_error, succeeded_at, fingerprint, resumes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (sink) DO UPDATE SET
                 state = excluded.state, failures = excluded.failures,
                 probes = excluded.probes, since = excluded.since,
                 next_probe = excluded.next_probe, not_before = excluded.not_before,
                 last_error = excluded.last_error, succeeded_at = excluded.succeeded_at,
                 fingerprint = excluded.fingerprint
             WHERE resumes = excluded.resumes",
        )?
        .execute((
            record.sink.as_str(),
            endpoint.state.as_str(),
            endpoint.failures,
            endpoint.probes,
            endpoint.since.map(millis),
            endpoint.next_probe.map(millis),
            endpoint.not_before.map(millis),
            endpoint.last_error.as_deref().map(outbox::kept),
            endpoint.succeeded_at.map(millis),
            &record.fingerprint,
            signed(record.resumes),
        ))?;
    Ok(())
}
