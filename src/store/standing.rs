//! How the whole stands, for whoever watches the watcher.

use super::values::{sink_name, time_if, unsigned};
use super::{Store, StoreError};
use crate::policy::SinkName;
use jiff::Timestamp;

/// How feeds and sinks stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Configured feeds whose last poll succeeded, or that were not polled yet.
    pub feeds_good: u64,
    /// Configured feeds whose last poll failed.
    pub feeds_failing: u64,
    /// Each sink that has deliveries on their way or dead ones.
    pub sinks: Vec<SinkStanding>,
    /// The size of the database, in bytes.
    pub bytes: u64,
}

/// How a sink stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkStanding {
    /// The sink.
    pub sink: SinkName,
    /// Its deliveries on their way.
    pub pending: u64,
    /// When the oldest of them was stored.
    pub oldest_pending: Option<Timestamp>,
    /// Its deliveries that were given up.
    pub dead: u64,
}

impl Store {
    /// How everything stands.
    pub async fn standing(&self) -> Result<Standing, StoreError> {
        self.read(|connection| {
            let feeds = connection.query_row(
                "SELECT coalesce(sum(failures = 0), 0), coalesce(sum(failures > 0), 0)
                 FROM feed WHERE removed_at IS NULL",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let bytes = connection.query_row(
                "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
                [],
                |row| row.get(0),
            )?;
            let sinks = connection
                .prepare_cached(
                    "SELECT sink, sum(pending) AS pending, min(oldest) AS oldest,
                            sum(dead) AS dead FROM (
                         SELECT sink, count(*) AS pending, min(created_at) AS oldest, 0 AS dead
                         FROM delivery WHERE state = 'pending' GROUP BY sink
                         UNION ALL
                         SELECT sink, 0, NULL, count(*)
                         FROM delivery WHERE state = 'dead' GROUP BY sink
                     ) GROUP BY sink ORDER BY sink",
                )?
                .query_and_then([], |row| {
                    Ok::<_, StoreError>(SinkStanding {
                        sink: sink_name(&row.get::<_, String>("sink")?)?,
                        pending: unsigned(row.get("pending")?)?,
                        oldest_pending: time_if(row.get("oldest")?)?,
                        dead: unsigned(row.get("dead")?)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(Standing {
                feeds_good: unsigned(feeds.0)?,
                feeds_failing: unsigned(feeds.1)?,
                sinks,
                bytes: unsigned(bytes)?,
            })
        })
        .await
    }

    /// Whether the store can be read: the cheapest question there is.
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.read(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(()))?))
            .await
    }
}
