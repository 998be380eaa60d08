//! The store: everything that outlives the process, and all SQL.
//!
//! The database is the queue. What one poll found commits in one transaction
//! with the feed's validators and its next poll ([`Store::commit_poll`]), so
//! that a crash before it means that the feed is asked again, and a crash after
//! it that the outbox delivers. A delivery leaves the outbox only by
//! [`Store::settle`]; one process owns the store, hence no lease is written:
//! after a crash what was in flight is due again, under the same id.
//!
//! SQLite with a write-ahead log and `synchronous = FULL`: commits outlast
//! power loss, and group commit (see `writer`) makes them cheap. The payload of
//! each delivery carries a CRC32C, because neither SQLite nor the disk notices
//! a flipped bit.
//!
//! Times are kept to the millisecond.

mod alerts;
mod articles;
mod asked;
mod endpoints;
mod errands;
mod error;
mod feeds;
mod hosts;
mod listing;
mod notices;
mod open;
mod outbox;
mod placing;
mod poll;
mod prune;
mod readers;
mod release;
mod replay;
mod schema;
mod seen;
mod silences;
mod standing;
mod subscriptions;
#[cfg(test)]
mod tests;
mod values;
mod writer;

pub use alerts::{AlertDetail, AlertFilter, AlertMark, AlertRecord};
pub use articles::StoredArticle;
pub use endpoints::{Ask, EndpointRecord, Look, Want};
pub use errands::{BegunErrand, ErrandResult, NewErrand};
pub use error::StoreError;
pub use hosts::{Begun, Ended, RequestNumber, RequestRecord};
pub use listing::{AttemptRecord, DeliveryDetail, DeliveryFilter, DeliveryRecord};
pub use notices::NoticeRecord;
pub use open::Condition;
pub use outbox::{Due, Settlement};
pub use poll::{Committed, NewAlert, PollResult, SeenEntry};
pub use prune::Pruned;
pub use release::Released;
pub use replay::{REPLAY_SLICE, ReplayFilter, ReplayMark, Replayed};
pub use seen::{ChangedEntry, KnownArticle, Recognised, Sighting};
pub use silences::SILENCES_MAX;
pub use standing::{SinkStanding, Standing};
pub use subscriptions::{HubEnded, HubRequest, HubTurn};

use jiff::Timestamp;
use readers::Readers;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use writer::Writer;

/// How many connections the daemon reads with.
const DAEMON_READERS: usize = 3;

/// A handle of an open store; clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: Writer,
    readers: Arc<Readers>,
    condition: Condition,
}

impl Store {
    /// Opens the store in a folder as its only daemon; makes both if missing.
    ///
    /// Blocks, after an unclean stop for as long as the database takes to check.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another daemon has it, [`StoreError::Newer`]
    /// when a newer version wrote it, [`StoreError::Damaged`] when the check
    /// after an unclean stop fails.
    pub fn open(dir: &Path, now: Timestamp) -> Result<Self, StoreError> {
        Self::of(open::alone(dir, DAEMON_READERS, now)?)
    }

    /// Opens the store in a folder while a daemon may be using it, for commands
    /// that list or retry. Blocks.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none, [`StoreError::Older`] when
    /// the daemon has not brought it up to date yet.
    pub fn open_beside(dir: &Path) -> Result<Self, StoreError> {
        Self::of(open::beside(dir, 1)?)
    }

    fn of(opened: open::Opened) -> Result<Self, StoreError> {
        Ok(Self {
            inner: Arc::new(Inner {
                writer: Writer::start(opened.writer, opened.lock)?,
                readers: Readers::new(opened.readers),
                condition: opened.condition,
            }),
        })
    }

    /// How it was found when it was opened.
    pub fn condition(&self) -> Condition {
        self.inner.condition
    }

    /// Ends the store after what it was asked before, marks that it ended
    /// cleanly, and lets go of the lock. Other handles can no longer write.
    ///
    /// Without it, dropping the last handle ends the store too, but the next
    /// start checks the database.
    pub async fn close(self) -> Result<(), StoreError> {
        self.inner.writer.close().await
    }

    /// Runs one operation: all of it, durably, or nothing.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.write(work).await
    }

    /// Reads one state of the database.
    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.readers.read(work).await
    }
}
