//! Alerts as they were made, with what was decided about them.

use super::listing::{DeliveryRecord, deliveries_of};
use super::values::{feed_id, meaning, millis, signed, time};
use super::{Store, StoreError};
use crate::alert::AlertId;
use crate::feed::FeedId;
use crate::watchlist::{ActorId, Severity, TopicId};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

/// Which alerts to list; what is not set does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Those about this topic.
    pub topic: Option<TopicId>,
    /// Those that mention this actor.
    pub actor: Option<ActorId>,
    /// Those of this feed.
    pub feed: Option<FeedId>,
    /// Those that matter at least so much.
    pub severity: Option<Severity>,
    /// Those made at this time or later.
    pub since: Option<Timestamp>,
}

/// An alert as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRecord {
    /// Its identity.
    pub id: AlertId,
    /// When it was made.
    pub at: Timestamp,
    /// How much it matters.
    pub severity: Severity,
    /// The title of its article.
    pub title: String,
    /// The page of its article.
    pub url: Option<String>,
    /// The feed that brought it.
    pub feed: FeedId,
    /// The whole alert as JSON, like a delivery of it, with `seq` 0: it belongs
    /// to no sink.
    pub json: Vec<u8>,
}

/// An alert with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertDetail {
    /// The alert.
    pub record: AlertRecord,
    /// What each route said to it, as JSON; none if there were no routes.
    pub decision: Option<String>,
    /// Its deliveries, in the order in which they were made.
    pub deliveries: Vec<DeliveryRecord>,
}

/// How far a reader of alerts has come; the default is before all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AlertMark(i64);

const COLUMNS: &str = "number, id, at, severity, title, url, feed, json";

impl Store {
    /// At most `limit` alerts, the newest first; all kinds of them without a filter.
    pub async fn alerts(
        &self,
        limit: usize,
        filter: Option<AlertFilter>,
    ) -> Result<Vec<AlertRecord>, StoreError> {
        let filter = filter.unwrap_or_default();
        self.read(move |connection| {
            let severities: Vec<&str> = Severity::WORDS
                .iter()
                .filter(|(_, severity)| Some(*severity) >= filter.severity)
                .map(|(word, _)| *word)
                .collect();
            let about = |list: &str, parameter: &str| {
                format!(
                    "({parameter} IS NULL OR EXISTS
                         (SELECT 1 FROM json_each(CAST(alert.json AS TEXT), '$.data.{list}')
                          WHERE json_extract(value, '$.id') = {parameter}))"
                )
            };
            connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM alert
                     WHERE (?1 IS NULL OR at >= ?1) AND (?2 IS NULL OR feed = ?2)
                       AND severity IN (SELECT value FROM json_each(?3)) AND {} AND {}
                     ORDER BY number DESC LIMIT ?6",
                    about("topics", "?4"),
                    about("actors", "?5"),
                ))?
                .query_and_then(
                    (
                        filter.since.map(millis),
                        filter.feed.as_ref().map(FeedId::as_str),
                        serde_json::json!(severities).to_string(),
                        filter.topic.as_ref().map(TopicId::as_str),
                        filter.actor.as_ref().map(ActorId::as_str),
                        signed(limit as u64),
                    ),
                    record,
                )?
                .collect()
        })
        .await
    }

    /// At most `limit` alerts after a mark, the oldest first, and the mark of the
    /// last of them.
    pub async fn alerts_after(
        &self,
        mark: AlertMark,
        limit: usize,
    ) -> Result<(Vec<AlertRecord>, AlertMark), StoreError> {
        self.read(move |connection| {
            let found: Vec<(i64, AlertRecord)> = connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM alert WHERE number > ?1 ORDER BY number LIMIT ?2"
                ))?
                .query_and_then((mark.0, signed(limit as u64)), |row| {
                    Ok::<_, StoreError>((row.get("number")?, record(row)?))
                })?
                .collect::<Result<_, _>>()?;
            let last = found.last().map_or(mark, |(number, _)| AlertMark(*number));
            Ok((found.into_iter().map(|(_, alert)| alert).collect(), last))
        })
        .await
    }

    /// The mark of the newest alert.
    pub async fn last_alert(&self) -> Result<AlertMark, StoreError> {
        self.read(|connection| {
            let last: Option<i64> = connection
                .prepare_cached("SELECT max(number) FROM alert")?
                .query_row([], |row| row.get(0))?;
            Ok(AlertMark(last.unwrap_or_default()))
        })
        .await
    }

    /// One alert with what became of it, if there is one of this id.
    pub async fn alert(&self, id: &AlertId) -> Result<Option<AlertDetail>, StoreError> {
        let id = id.clone();
        self.read(move |connection| {
            let found = connection
                .prepare_cached(&format!(
                    "SELECT {COLUMNS}, decision FROM alert WHERE id = ?1"
                ))?
                .query_row([&id.0], |row| Ok((record(row), row.get("decision"))))
                .optional()?;
            let Some((record, decision)) = found else {
                return Ok(None);
            };
            Ok(Some(AlertDetail {
                record: record?,
                decision: decision?,
                deliveries: deliveries_of(connection, &id)?,
            }))
        })
        .await
    }
}

fn record(row: &Row<'_>) -> Result<AlertRecord, StoreError> {
    Ok(AlertRecord {
        id: AlertId(row.get("id")?),
        at: time(row.get("at")?)?,
        severity: meaning(
            "severity",
            &Severity::WORDS,
            &row.get::<_, String>("severity")?,
        )?,
        title: row.get("title")?,
        url: row.get("url")?,
        feed: feed_id(&row.get::<_, String>("feed")?)?,
        json: row.get("json")?,
    })
}
