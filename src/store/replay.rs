//! Replays: deliveries that are over, sent once more because a person asked.
//!
//! A replay is a delivery of its own with an id of its own, since a receiver that
//! keeps to Standard Webhooks drops an id that it knows. It tells the same alert;
//! only its number is new, so that a receiver that looks for gaps sees none.

use super::listing::{DELIVERY, DeliveryRecord, record};
use super::outbox::{lossy_id, sound_delivery};
use super::values::{millis, signed};
use super::{Store, StoreError, placing};
use crate::alert::payload;
use crate::policy::SinkName;
use crate::policy::retry::{DeliveryId, DeliveryState};
use jiff::Timestamp;
use rusqlite::Connection;

/// The most deliveries of one slice: what one commit writes, while the daemon waits.
pub const REPLAY_SLICE: usize = 200;

/// Which deliveries to send once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayFilter {
    /// Those to this sink.
    pub sink: SinkName,
    /// Those in one of these states.
    pub states: Vec<DeliveryState>,
    /// Those stored at this time or later.
    pub since: Timestamp,
    /// Those stored before this time.
    pub until: Timestamp,
}

/// How far a replay has come; the default is its beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplayMark(i64);

/// What one slice of a replay did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// How many deliveries are due again.
    pub count: u64,
    /// Those whose stored bytes no longer have their checksum; they stay as they are.
    pub corrupt: Vec<DeliveryId>,
    /// Where the next slice begins, if there is one.
    pub next: Option<ReplayMark>,
}

impl Store {
    /// The deliveries of the slice at a mark, the oldest first, and where the next
    /// slice begins, if there is one.
    pub async fn replayable(
        &self,
        filter: ReplayFilter,
        mark: ReplayMark,
    ) -> Result<(Vec<DeliveryRecord>, Option<ReplayMark>), StoreError> {
        self.read(move |connection| {
            let found = slice(connection, &filter, mark)?;
            let records = found
                .iter()
                .map(|number| {
                    connection
                        .prepare_cached(&format!("{DELIVERY} WHERE delivery.number = ?1"))?
                        .query_one([number], |row| Ok(record(row)))?
                })
                .collect::<Result<_, _>>()?;
            Ok((records, next(&found)))
        })
        .await
    }

    /// Sends the slice at a mark once more, to the sink `to`, all in one commit.
    ///
    /// What is sent again is stored at `now`, so a `filter` that ends then never
    /// finds it.
    pub async fn replay(
        &self,
        filter: ReplayFilter,
        mark: ReplayMark,
        to: SinkName,
        now: Timestamp,
    ) -> Result<Replayed, StoreError> {
        self.write(move |connection| {
            let found = slice(connection, &filter, mark)?;
            let mut replayed = Replayed {
                count: 0,
                corrupt: Vec::new(),
                next: next(&found),
            };
            for number in found {
                match replay_one(connection, number, (&filter.sink, &to), now)? {
                    None => replayed.count += 1,
                    Some(corrupt) => replayed.corrupt.push(corrupt),
                }
            }
            Ok(replayed)
        })
        .await
    }
}

fn next(slice: &[i64]) -> Option<ReplayMark> {
    let last = slice.last().filter(|_| slice.len() == REPLAY_SLICE);
    last.copied().map(ReplayMark)
}

fn slice(
    connection: &Connection,
    filter: &ReplayFilter,
    mark: ReplayMark,
) -> Result<Vec<i64>, StoreError> {
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let numbers = connection
        .prepare_cached(
            "SELECT number FROM delivery
             WHERE number > ?1 AND sink = ?2 AND created_at >= ?3 AND created_at < ?4
                   AND state IN (SELECT value FROM json_each(?5))
             ORDER BY number LIMIT ?6",
        )?
        .query_map(
            (
                mark.0,
                filter.sink.as_str(),
                millis(filter.since),
                millis(filter.until),
                serde_json::json!(states).to_string(),
                signed(REPLAY_SLICE as u64),
            ),
            |row| row.get(0),
        )?
        .collect::<Result<_, _>>()?;
    Ok(numbers)
}

/// Gives the id of the delivery if its row is damaged.
fn replay_one(
    connection: &Connection,
    number: i64,
    (from, to): (&SinkName, &SinkName),
    now: Timestamp,
) -> Result<Option<DeliveryId>, StoreError> {
    let (id, found) = connection
        .prepare_cached(
            "SELECT id, alert, seq, payload, crc, created_at, attempts, plain FROM delivery
             WHERE number = ?1",
        )?
        .query_one([number], |row| {
            Ok((lossy_id(row), sound_delivery(row, from)))
        })?;
    // One row that cannot be read must not keep the others from being sent.
    let Ok(Some(delivery)) = found else {
        return id.map(Some);
    };
    let seq = placing::take_seq(connection, to)?;
    let payload = payload::with_seq(&delivery.payload, seq);
    connection
        .prepare_cached(
            "INSERT INTO delivery (id, sink, alert, kind, seq, payload, crc, state,
                                   created_at, next_at)
             SELECT ?1, ?2, alert, kind, ?3, ?4, ?5, 'pending', ?6, ?6
             FROM delivery WHERE number = ?7",
        )?
        .execute((
            DeliveryId::again(&delivery.alert, to, seq).0,
            to.as_str(),
            signed(seq),
            &payload,
            crc32c::crc32c(&payload),
            millis(now),
            number,
        ))?;
    Ok(None)
}
