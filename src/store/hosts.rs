//! What is known of hosts, and the record of requests to them.
//!
//! A request is written down before it is sent, with what is true until its
//! answer is stored: a daemon that is killed, or that is started over and over,
//! asks nobody more often than one that runs on.

use super::values::{meaning, millis, signed, time, time_if, unreadable, unsigned};
use super::{Store, StoreError, feeds};
use crate::feed::FeedId;
use crate::policy::host::{Host, HostState};
use crate::policy::poll::{FeedState, PollReason};
use crate::policy::rounds::Why;
use jiff::Timestamp;
use rusqlite::{Connection, Row};

/// How many requests to one host are kept.
const REQUESTS_MAX: i64 = 200;

/// A request that is about to be sent.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The feed as it is until the answer is stored.
    pub state: FeedState,
    /// The host as it is until then.
    pub host: HostState,
    /// When.
    pub at: Timestamp,
    /// How many redirects led there.
    pub hop: u32,
    /// Why the feed is asked for.
    pub reason: PollReason,
    /// Whether it is conditional.
    pub conditional: bool,
}

/// How a request ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The number under which it was begun.
    pub request: RequestNumber,
    /// What came, in short.
    pub outcome: String,
    /// What is known of the host now.
    pub host: HostState,
}

/// The number of a request in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestNumber(i64);

/// A request that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRecord {
    /// When.
    pub at: Timestamp,
    /// The feed that it was for, or that led to it.
    pub feed: String,
    /// How many redirects led there.
    pub hop: u64,
    /// Why it was sent.
    pub reason: Why,
    /// Whether it was conditional.
    pub conditional: bool,
    /// What came, in short; none if that was never stored.
    pub outcome: Option<String>,
}

impl Store {
    /// Writes down, durably, that a request is about to be sent.
    pub async fn begin_request(&self, begun: Begun) -> Result<RequestNumber, StoreError> {
        self.write(move |connection| begin(connection, &begun))
            .await
    }

    /// Writes down how a request ended that was not the last of its poll.
    pub async fn end_request(&self, ended: Ended) -> Result<(), StoreError> {
        self.write(move |connection| end(connection, &ended)).await
    }

    /// What is known of every host, by name.
    pub async fn hosts(&self) -> Result<Vec<HostState>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM host ORDER BY name")?
                .query_and_then([], host)?
                .collect()
        })
        .await
    }

    /// The latest requests to a host, the newest first.
    pub async fn requests(&self, host: &Host) -> Result<Vec<RequestRecord>, StoreError> {
        let host = host.clone();
        self.read(move |connection| {
            connection
                .prepare_cached("SELECT * FROM request WHERE host = ?1 ORDER BY number DESC")?
                .query_and_then([host.as_str()], record)?
                .collect()
        })
        .await
    }

    /// Overwrites what is known of feeds and hosts, after the clock was set.
    pub async fn correct(
        &self,
        states: Vec<FeedState>,
        hosts: Vec<HostState>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            for state in &states {
                feeds::save(connection, state)?;
            }
            for host in &hosts {
                connection
                    .prepare_cached("DELETE FROM host WHERE name = ?1")?
                    .execute([host.host.as_str()])?;
                save(connection, host)?;
            }
            Ok(())
        })
        .await
    }
}

fn begin(connection: &Connection, begun: &Begun) -> Result<RequestNumber, StoreError> {
    feeds::save(connection, &begun.state)?;
    save(connection, &begun.host)?;
    let why = Why::Poll(begun.reason);
    add_request(
        connection,
        &begun.host.host,
        &begun.state.feed,
        (begun.hop, why, begun.conditional),
        begun.at,
    )
}

/// Adds a request to the record of its host, and lets the oldest go.
pub(super) fn add_request(
    connection: &Connection,
    host: &Host,
    feed: &FeedId,
    (hop, why, conditional): (u32, Why, bool),
    at: Timestamp,
) -> Result<RequestNumber, StoreError> {
    let number = connection
        .prepare_cached(
            "INSERT INTO request (host, feed, at, hop, reason, conditional)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING number",
        )?
        .query_row(
            (
                host.as_str(),
                feed.as_str(),
                millis(at),
                signed(u64::from(hop)),
                why.as_str(),
                conditional,
            ),
            |row| row.get(0),
        )?;
    connection
        .prepare_cached(
            "DELETE FROM request WHERE host = ?1 AND number <=
                 (SELECT number FROM request WHERE host = ?1
                  ORDER BY number DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute((host.as_str(), REQUESTS_MAX))?;
    Ok(RequestNumber(number))
}

pub(super) fn end(connection: &Connection, ended: &Ended) -> Result<(), StoreError> {
    save(connection, &ended.host)?;
    end_request(connection, ended.request, &ended.outcome)
}

/// Writes what came of a request.
pub(super) fn end_request(
    connection: &Connection,
    request: RequestNumber,
    outcome: &str,
) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE request SET outcome = ?2 WHERE number = ?1")?
        .execute((request.0, outcome))?;
    Ok(())
}

/// Writes what is known of a host, unless somebody knows it of a later request:
/// polls of a host can be stored in another order than they were answered in.
pub(super) fn save(connection: &Connection, state: &HostState) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO host (name, asked_at, not_before, reason, failures)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (name) DO UPDATE SET
                 asked_at = excluded.asked_at, not_before = excluded.not_before,
                 reason = excluded.reason, failures = excluded.failures
             WHERE excluded.asked_at >= coalesce(asked_at, excluded.asked_at)",
        )?
        .execute((
            state.host.as_str(),
            state.asked_at.map(millis),
            state.hold.map(|(until, _)| millis(until)),
            state.hold.map(|(_, reason)| reason.as_str()),
            state.failures,
        ))?;
    Ok(())
}

fn reason(word: &str) -> Result<PollReason, StoreError> {
    meaning("reason of a poll", &PollReason::WORDS, word)
}

fn why(word: &str) -> Result<Why, StoreError> {
    Why::named(word).ok_or_else(|| unreadable("reason of a request", word))
}

fn host(row: &Row<'_>) -> Result<HostState, StoreError> {
    let until = row
        .get::<_, Option<i64>>("not_before")?
        .map(time)
        .transpose()?;
    let why = row
        .get::<_, Option<String>>("reason")?
        .map(|word| reason(&word))
        .transpose()?;
    Ok(HostState {
        host: Host::named(&row.get::<_, String>("name")?),
        asked_at: time_if(row.get("asked_at")?)?,
        hold: until.zip(why),
        failures: row.get("failures")?,
    })
}

fn record(row: &Row<'_>) -> Result<RequestRecord, StoreError> {
    Ok(RequestRecord {
        at: time(row.get("at")?)?,
        feed: row.get("feed")?,
        hop: unsigned(row.get("hop")?)?,
        reason: why(&row.get::<_, String>("reason")?)?,
        conditional: row.get("conditional")?,
        outcome: row.get("outcome")?,
    })
}
