//! Notices to the operator: stored with what they are about, and delivered like
//! alerts.

use super::values::{millis, signed, time};
use super::{Store, StoreError, placing};
use crate::alert::notice::{Notice, Subject};
use crate::alert::payload;
use crate::policy::SinkName;
use jiff::Timestamp;
use rusqlite::Connection;

/// A notice as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRecord {
    /// Its identity.
    pub id: String,
    /// When it was made.
    pub at: Timestamp,
    /// The whole notice as JSON, like a delivery of it, with `seq` 0.
    pub json: Vec<u8>,
}

impl Store {
    /// Says which sinks notices go to from now on.
    pub async fn tell_notices_to(&self, sinks: Vec<SinkName>) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection.execute("DELETE FROM notice_sink", [])?;
            let mut insert = connection.prepare_cached(
                "INSERT INTO notice_sink (name) VALUES (?1) ON CONFLICT DO NOTHING",
            )?;
            for sink in &sinks {
                insert.execute([sink.as_str()])?;
            }
            Ok(())
        })
        .await
    }

    /// Stores a notice with its deliveries, unless it is stored already; says
    /// whether it was added.
    pub async fn add_notice(&self, notice: Notice) -> Result<bool, StoreError> {
        self.write(move |connection| add(connection, &notice)).await
    }

    /// At most `limit` notices, the newest first.
    pub async fn notices(&self, limit: usize) -> Result<Vec<NoticeRecord>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached("SELECT id, at, json FROM notice ORDER BY number DESC LIMIT ?1")?
                .query_and_then([signed(limit as u64)], |row| {
                    Ok(NoticeRecord {
                        id: row.get("id")?,
                        at: time(row.get("at")?)?,
                        json: row.get("json")?,
                    })
                })?
                .collect()
        })
        .await
    }
}

/// Adds a notice with its deliveries, within the transaction of what it is about,
/// unless it is there already; says whether it was added.
///
/// It goes to no sink that it is about: that one takes nothing.
pub(super) fn add(connection: &Connection, notice: &Notice) -> Result<bool, StoreError> {
    let json = payload::notice_json(notice, 0);
    let added = connection
        .prepare_cached(
            "INSERT INTO notice (id, at, kind, subject_kind, subject, json)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute((
            &notice.id().0,
            millis(notice.at),
            notice.kind.as_str(),
            notice.subject.kind(),
            notice.subject.name(),
            &json,
        ))?;
    if added == 0 {
        return Ok(false);
    }
    let about = match &notice.subject {
        Subject::Sink(name) => Some(name.as_str()),
        _ => None,
    };
    let names: Vec<String> = connection
        .prepare_cached("SELECT name FROM notice_sink ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let sinks = names.iter().filter_map(|name| SinkName::new(name).ok());
    for sink in sinks.filter(|sink| about != Some(sink.as_str())) {
        placing::add_notice(connection, (notice, &json), &sink)?;
    }
    Ok(true)
}
