//! What is known of feeds and hosts between polls.

use super::values::{feed_id, meaning, millis, signed, time, time_if, unreadable, unsigned};
use super::{Store, StoreError, subscriptions};
use crate::feed::FeedId;
use crate::policy::poll::{FeedState, Memory, PollReason, Validators};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use std::collections::HashSet;

const COLUMNS: &str = "name, url, etag, last_modified, body_hash, polled_at, succeeded_at, \
     next_poll_at, reason, failures, last_error, title, polls, not_modified, memory";

impl Store {
    /// Makes the stored feeds those that are configured, and gives their states
    /// in the order of `configured`.
    ///
    /// A feed that is new, or whose address changed, starts afresh and is due
    /// now; what was seen of it stays seen. One that is now configured at the
    /// address that it moved to goes on. A feed that is no longer configured
    /// is kept until [`prune`](Self::prune), in case it comes back.
    pub async fn sync_feeds(
        &self,
        configured: &[(FeedId, String)],
        now: Timestamp,
    ) -> Result<Vec<FeedState>, StoreError> {
        let configured = configured.to_vec();
        self.write(move |connection| sync(connection, &configured, now))
            .await
    }

    /// The state of a feed, if there is one of that name.
    pub async fn feed(&self, feed: &FeedId) -> Result<Option<FeedState>, StoreError> {
        let feed = feed.clone();
        self.read(move |connection| find(connection, &feed)).await
    }

    /// The states of the feeds that are configured, by name.
    pub async fn feeds(&self) -> Result<Vec<FeedState>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM feed WHERE removed_at IS NULL ORDER BY name"
                ))?
                .query_and_then([], state)?
                .collect()
        })
        .await
    }
}

fn sync(
    connection: &Connection,
    configured: &[(FeedId, String)],
    now: Timestamp,
) -> Result<Vec<FeedState>, StoreError> {
    let names: HashSet<&str> = configured.iter().map(|(feed, _)| feed.as_str()).collect();
    let stored: Vec<String> = connection
        .prepare_cached("SELECT name FROM feed WHERE removed_at IS NULL")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for name in stored.iter().filter(|name| !names.contains(name.as_str())) {
        connection
            .prepare_cached("UPDATE feed SET removed_at = ?2 WHERE name = ?1")?
            .execute((name, millis(now)))?;
    }
    configured
        .iter()
        .map(|(feed, url)| {
            connection
                .prepare_cached(
                    "UPDATE feed SET removed_at = NULL WHERE name = ?1 AND removed_at IS NOT NULL",
                )?
                .execute([feed.as_str()])?;
            let known = find(connection, feed)?;
            if let Some(known) = known.as_ref().filter(|known| known.url == *url) {
                return Ok(known.clone());
            }
            let state = known.map_or_else(
                || FeedState::new(feed.clone(), url.clone(), now),
                |known| known.configured_at(url, now),
            );
            save(connection, &state)?;
            if state.reason == PollReason::New {
                // What another address offered says nothing of this one.
                subscriptions::forget_offer(connection, feed)?;
            }
            // Read back, so that a state is the same before and after a restart.
            find(connection, feed)?.ok_or_else(|| unreadable("feed", feed))
        })
        .collect()
}

fn find(connection: &Connection, feed: &FeedId) -> Result<Option<FeedState>, StoreError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM feed WHERE name = ?1"))?
        .query_and_then([feed.as_str()], state)?
        .next()
        .transpose()
}

/// The number that a feed is stored under.
pub(super) fn number(connection: &Connection, feed: &FeedId) -> Result<Option<i64>, StoreError> {
    let found = connection
        .prepare_cached("SELECT number FROM feed WHERE name = ?1")?
        .query_row([feed.as_str()], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Writes the state of a feed, new or known; gives the number it is stored under.
///
/// Whether the feed is configured is not its business: a poll that ends after
/// the feed was removed must not bring it back.
pub(super) fn save(connection: &Connection, state: &FeedState) -> Result<i64, StoreError> {
    let number = connection
        .prepare_cached(
            "INSERT INTO feed (name, url, etag, last_modified, body_hash, polled_at, succeeded_at,
                               next_poll_at, reason, failures, last_error, title, polls,
                               not_modified, memory)
             VALUES (:name, :url, :etag, :last_modified, :body_hash, :polled_at, :succeeded_at,
                     :next_poll_at, :reason, :failures, :last_error, :title, :polls,
                     :not_modified, :memory)
             ON CONFLICT (name) DO UPDATE SET
                 url = :url, etag = :etag, last_modified = :last_modified, body_hash = :body_hash,
                 polled_at = :polled_at, succeeded_at = :succeeded_at,
                 next_poll_at = :next_poll_at, reason = :reason, failures = :failures,
                 last_error = :last_error, title = :title, polls = :polls,
                 not_modified = :not_modified, memory = :memory
             RETURNING number",
        )?
        .query_row(
            named_params! {
                ":name": state.feed.as_str(),
                ":url": state.url,
                ":etag": state.validators.etag,
                ":last_modified": state.validators.last_modified,
                ":body_hash": state.body_hash,
                ":polled_at": state.polled_at.map(millis),
                ":succeeded_at": state.succeeded_at.map(millis),
                ":next_poll_at": millis(state.next_poll_at),
                ":reason": state.reason.as_str(),
                ":failures": state.failures,
                ":last_error": state.last_error,
                ":title": state.title,
                ":polls": signed(state.polls),
                ":not_modified": signed(state.not_modified),
                ":memory": serde_json::to_string(&state.memory).unwrap_or_else(|_| "{}".to_owned()),
            },
            |row| row.get(0),
        )?;
    Ok(number)
}

fn state(row: &Row<'_>) -> Result<FeedState, StoreError> {
    Ok(FeedState {
        feed: feed_id(&row.get::<_, String>("name")?)?,
        url: row.get("url")?,
        validators: Validators {
            etag: row.get("etag")?,
            last_modified: row.get("last_modified")?,
        },
        body_hash: row.get("body_hash")?,
        polled_at: time_if(row.get("polled_at")?)?,
        succeeded_at: time_if(row.get("succeeded_at")?)?,
        next_poll_at: time(row.get("next_poll_at")?)?,
        reason: meaning(
            "reason of a poll",
            &PollReason::WORDS,
            &row.get::<_, String>("reason")?,
        )?,
        failures: row.get("failures")?,
        last_error: row.get("last_error")?,
        title: row.get("title")?,
        polls: unsigned(row.get("polls")?)?,
        not_modified: unsigned(row.get("not_modified")?)?,
        memory: memory(&row.get::<_, String>("memory")?)?,
    })
}

fn memory(json: &str) -> Result<Memory, StoreError> {
    serde_json::from_str(json).map_err(|_| unreadable("memory of a feed", json))
}
