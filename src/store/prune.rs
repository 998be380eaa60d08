//! Forgetting what is older than the retention.
//!
//! In slices, so that no poll waits for a long transaction. Nothing that is
//! still on its way is forgotten, nor an entry that may still be in its feed.

use super::poll::SEEN_EVERY_MS;
use super::values::millis;
use super::{Store, StoreError};
use jiff::Timestamp;
use rusqlite::Params;

/// The most rows that one transaction removes.
const SLICE_ROWS: u32 = 1_000;

/// How much was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Articles.
    pub articles: u64,
    /// Alerts.
    pub alerts: u64,
    /// Deliveries that had arrived or were dead.
    pub deliveries: u64,
    /// Entries that left their feeds.
    pub entries: u64,
}

impl Pruned {
    /// Whether nothing was old enough to go.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Store {
    /// Forgets articles, alerts and finished deliveries from before a time, the
    /// entries that left their feeds before it, and feeds that were removed
    /// from the configuration before it.
    pub async fn prune(&self, before: Timestamp) -> Result<Pruned, StoreError> {
        let before = millis(before);
        let pruned = Pruned {
            articles: self
                .forget(
                    "DELETE FROM article WHERE number IN
                         (SELECT number FROM article WHERE seen < ?1 LIMIT ?2)",
                    (before, SLICE_ROWS),
                )
                .await?,
            alerts: self
                .forget(
                    "DELETE FROM alert WHERE number IN
                         (SELECT number FROM alert WHERE at < ?1 LIMIT ?2)",
                    (before, SLICE_ROWS),
                )
                .await?,
            deliveries: self.prune_deliveries(before).await?,
            entries: self.prune_entries(before).await?,
        };
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "DELETE FROM host WHERE coalesce(not_before, 0) < ?1
                                        AND coalesce(asked_at, 0) < ?1",
                )?
                .execute([before])?;
            connection
                .prepare_cached("DELETE FROM silence WHERE ends_at < ?1")?
                .execute([before])?;
            connection
                .prepare_cached("DELETE FROM notice WHERE at < ?1")?
                .execute([before])?;
            connection
                .prepare_cached("DELETE FROM request WHERE at < ?1")?
                .execute([before])?;
            connection
                .prepare_cached("DELETE FROM errand WHERE ended_at < ?1")?
                .execute([before])?;
            connection
                .prepare_cached(
                    "DELETE FROM feed WHERE removed_at < ?1
                         AND NOT EXISTS (SELECT 1 FROM seen WHERE seen.feed = feed.number)",
                )?
                .execute([before])?;
            connection
                .prepare_cached("DELETE FROM hub_offer WHERE feed NOT IN (SELECT name FROM feed)")?
                .execute([])?;
            connection
                .prepare_cached(
                    "DELETE FROM subscription WHERE max(next_at, coalesce(lease_until, 0)) < ?1",
                )?
                .execute([before])?;
            Ok(())
        })
        .await?;
        Ok(pruned)
    }

    async fn prune_deliveries(&self, before: i64) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let removed = self
                .write(move |connection| {
                    let numbers: Vec<i64> = connection
                        .prepare_cached(
                            "SELECT number FROM delivery
                             WHERE finished_at < ?1 AND state NOT IN ('pending', 'held') LIMIT ?2",
                        )?
                        .query_map((before, SLICE_ROWS), |row| row.get(0))?
                        .collect::<Result<_, _>>()?;
                    for number in &numbers {
                        connection
                            .prepare_cached("DELETE FROM attempt WHERE delivery = ?1")?
                            .execute([number])?;
                        connection
                            .prepare_cached("DELETE FROM delivery WHERE number = ?1")?
                            .execute([number])?;
                    }
                    Ok(numbers.len() as u64)
                })
                .await?;
            total += removed;
            if removed < u64::from(SLICE_ROWS) {
                return Ok(total);
            }
        }
    }

    /// Entries are looked through by a reader first: there are many, nearly all
    /// stay, and nobody waits for a reader.
    async fn prune_entries(&self, before: i64) -> Result<u64, StoreError> {
        let feeds: Vec<(i64, i64)> = self
            .read(move |connection| {
                // An entry that was in the feed when it was last read was noted
                // within the day before that.
                let gone = "SELECT number, min(?1, CASE WHEN removed_at < ?1 THEN ?1
                                               ELSE coalesce(read_at - ?2 + 1, 0) END) AS gone
                            FROM feed";
                connection
                    .prepare_cached(&format!(
                        "SELECT number, gone FROM ({gone}) WHERE EXISTS
                             (SELECT 1 FROM seen WHERE feed = number AND last_seen < gone)"
                    ))?
                    .query_and_then((before, SEEN_EVERY_MS), |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })?
                    .collect()
            })
            .await?;
        let mut total = 0;
        for (feed, gone) in feeds {
            total += self
                .forget(
                    "DELETE FROM seen WHERE feed = ?1 AND key IN
                         (SELECT key FROM seen WHERE feed = ?1 AND last_seen < ?2 LIMIT ?3)",
                    (feed, gone, SLICE_ROWS),
                )
                .await?;
        }
        Ok(total)
    }

    /// Removes rows slice by slice until a slice is not full.
    async fn forget(
        &self,
        sql: &'static str,
        params: impl Params + Copy + Send + 'static,
    ) -> Result<u64, StoreError> {
        let mut total = 0;
        loop {
            let removed = self
                .write(
                    move |connection| Ok(connection.prepare_cached(sql)?.execute(params)? as u64),
                )
                .await?;
            total += removed;
            if removed < u64::from(SLICE_ROWS) {
                return Ok(total);
            }
        }
    }
}
