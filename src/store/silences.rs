//! Silences, as they are stored: read within the commit that they decide on, so
//! that one that another process adds holds from the next alert on.

use super::values::{millis, sink_name, time, unreadable};
use super::{Store, StoreError};
use crate::policy::silence::{Silence, SilenceId};
use jiff::Timestamp;
use rusqlite::{Connection, Row};

/// The most silences that hold at a time, now or later: each alert is held
/// against all of them.
pub const SILENCES_MAX: usize = 1_000;

impl Store {
    /// Adds a silence; none where there are [`SILENCES_MAX`] already.
    pub async fn add_silence(
        &self,
        silence: Silence,
        now: Timestamp,
    ) -> Result<Option<SilenceId>, StoreError> {
        self.write(move |connection| {
            if standing(connection, now)?.len() >= SILENCES_MAX {
                return Ok(None);
            }
            add(connection, &silence).map(Some)
        })
        .await
    }

    /// The silences that are not over at a time, or all that are kept; the newest
    /// first.
    pub async fn silences(
        &self,
        not_over_at: Option<Timestamp>,
    ) -> Result<Vec<(SilenceId, Silence)>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM silence WHERE ?1 IS NULL OR ends_at > ?1 ORDER BY id DESC",
                )?
                .query_and_then([not_over_at.map(millis)], silence)?
                .collect()
        })
        .await
    }

    /// Ends a silence now; says whether there was one that was not over.
    pub async fn expire_silence(&self, id: SilenceId, now: Timestamp) -> Result<bool, StoreError> {
        self.write(move |connection| {
            let ended = connection
                .prepare_cached(
                    "UPDATE silence SET ends_at = ?2, starts_at = min(starts_at, ?2)
                     WHERE id = ?1 AND ends_at > ?2",
                )?
                .execute((id.0, millis(now)))?;
            Ok(ended > 0)
        })
        .await
    }
}

/// The silences that are not over at a time, the oldest first. One that cannot be
/// read keeps nothing: an alert too many is better than a poll that is not stored.
pub(super) fn standing(
    connection: &Connection,
    now: Timestamp,
) -> Result<Vec<(SilenceId, Silence)>, StoreError> {
    let mut standing =
        connection.prepare_cached("SELECT * FROM silence WHERE ends_at > ?1 ORDER BY id")?;
    let rows = standing.query_and_then([millis(now)], silence)?;
    Ok(rows.filter_map(Result::ok).collect())
}

fn add(connection: &Connection, silence: &Silence) -> Result<SilenceId, StoreError> {
    let id = connection
        .prepare_cached(
            "INSERT INTO silence (selection, sinks, starts_at, ends_at, reason, author)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
        )?
        .query_row(
            (
                serde_json::json!(silence.selection).to_string(),
                serde_json::json!(silence.sinks).to_string(),
                millis(silence.starts_at),
                millis(silence.ends_at),
                &silence.reason,
                &silence.author,
            ),
            |row| row.get(0),
        )?;
    Ok(SilenceId(id))
}

fn silence(row: &Row<'_>) -> Result<(SilenceId, Silence), StoreError> {
    let (selection, sinks): (String, String) = (row.get("selection")?, row.get("sinks")?);
    let selection =
        serde_json::from_str(&selection).map_err(|_| unreadable("silence", &selection))?;
    let names: Vec<String> =
        serde_json::from_str(&sinks).map_err(|_| unreadable("sinks of a silence", &sinks))?;
    let silence = Silence {
        selection,
        sinks: names
            .iter()
            .map(|name| sink_name(name))
            .collect::<Result<_, _>>()?,
        starts_at: time(row.get("starts_at")?)?,
        ends_at: time(row.get("ends_at")?)?,
        reason: row.get("reason")?,
        author: row.get("author")?,
    };
    Ok((SilenceId(row.get("id")?), silence))
}
