//! What an operator asks of the daemon while it runs, and what a command that
//! asked a host itself leaves behind.

use super::values::{feed_id, millis, time};
use super::{Store, StoreError, hosts};
use crate::feed::FeedId;
use crate::policy::host::HostState;
use crate::policy::poll::PollReason;
use jiff::Timestamp;
use rusqlite::Connection;

impl Store {
    /// Asks for a feed to be polled at a time, if that is earlier than it would
    /// be: a daemon that runs hears of it by [`take_asked`](Self::take_asked),
    /// one that is started later finds it due.
    pub async fn ask_for_poll(
        &self,
        feed: &FeedId,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let feed = feed.clone();
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE feed SET next_poll_at = ?2, reason = ?3
                     WHERE name = ?1 AND next_poll_at > ?2",
                )?
                .execute((feed.as_str(), millis(due), PollReason::Asked.as_str()))?;
            connection
                .prepare_cached(
                    "INSERT INTO asked (feed, at) VALUES (?1, ?2)
                     ON CONFLICT (feed) DO UPDATE SET at = excluded.at",
                )?
                .execute((feed.as_str(), millis(now)))?;
            Ok(())
        })
        .await
    }

    /// The feeds that polls were asked for since the last time, and when.
    pub async fn take_asked(&self) -> Result<Vec<(FeedId, Timestamp)>, StoreError> {
        // Nearly always there is none, and nothing is written.
        let found = self.read(asked).await?;
        if found.is_empty() {
            return Ok(found);
        }
        self.write(|connection| {
            let asked = asked(connection)?;
            connection.execute("DELETE FROM asked", [])?;
            Ok(asked)
        })
        .await
    }

    /// Stores what a request that was no poll taught us of a host.
    pub async fn note_host(&self, host: HostState) -> Result<(), StoreError> {
        self.write(move |connection| hosts::save(connection, &host))
            .await
    }
}

fn asked(connection: &Connection) -> Result<Vec<(FeedId, Timestamp)>, StoreError> {
    connection
        .prepare_cached("SELECT feed, at FROM asked")?
        .query_and_then([], |row| {
            let name: String = row.get(0)?;
            Ok((feed_id(&name)?, time(row.get(1)?)?))
        })?
        .collect()
}
