//! Letting go what was held: as digests, or alone where nothing else waits.
//!
//! It is one transaction a turn, so that a crash leaves each alert either held or
//! in the outbox, and never in both or in neither.

use super::placing::{self, NOTICES, Parcel};
use super::values::{millis, signed, sink_name, time_if};
use super::{Store, StoreError, outbox};
use crate::alert::DigestId;
use crate::alert::message::Message;
use crate::alert::payload::{DigestHead, digest_json, with_seq};
use crate::policy::SinkName;
use crate::policy::digest::{self, DIGEST_PARTS_MAX, Hold, HoldReason, Rules};
use crate::policy::retry::{DeadReason, DeliveryId, DeliveryKind};
use crate::policy::route::Route;
use crate::text::hex;
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The most deliveries that one turn makes of what waits in one lane: polls wait
/// while they are made.
const TURN_MAX: usize = 16;

/// What came of what was held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// How many deliveries are on their way now.
    pub deliveries: usize,
    /// How many alerts and notices are in them.
    pub parts: usize,
    /// What was found to be damaged and is dead now.
    pub corrupt: Vec<DeliveryId>,
}

/// One that is held.
struct Part {
    number: i64,
    id: DeliveryId,
    reason: String,
    payload: Vec<u8>,
    message: Message,
}

impl Store {
    /// When something that is held is to be looked at next.
    pub async fn next_release(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|connection| {
            let next = connection
                .prepare_cached("SELECT min(release_at) FROM delivery WHERE state = 'held'")?
                .query_row([], |row| row.get(0))?;
            time_if(next)
        })
        .await
    }

    /// Sends what has been held for long enough, by the rules that its routes have
    /// now, and holds the rest until it may be sent.
    ///
    /// One call does a bounded part of the work: there may be more to release at
    /// the same time. What a route held that is gone goes out at once.
    pub async fn release(
        &self,
        routes: &Arc<[Route]>,
        now: Timestamp,
    ) -> Result<Released, StoreError> {
        let routes = Arc::clone(routes);
        self.write(move |connection| {
            let mut released = Released::default();
            for (sink, route) in due_lanes(connection, now)? {
                let known = routes.iter().find(|known| known.name.as_str() == route);
                let rules = match known {
                    Some(known) => Arc::clone(&known.rules),
                    None if route == NOTICES => Arc::new(Rules::of_notices()),
                    None => Arc::default(),
                };
                let lane = Lane {
                    connection,
                    sink: &sink_name(&sink)?,
                    route: &route,
                    rules: &rules,
                    now,
                };
                lane.release(&mut released)?;
            }
            Ok(released)
        })
        .await
    }

    /// Makes what waits for others due now: nothing else will come.
    pub async fn end_group_waits(&self, now: Timestamp) -> Result<(), StoreError> {
        self.write(move |connection| {
            connection
                .prepare_cached(
                    "UPDATE delivery SET release_at = ?1
                     WHERE state = 'held' AND reason = ?2 AND release_at > ?1",
                )?
                .execute((millis(now), HoldReason::GroupWait.as_str()))?;
            Ok(())
        })
        .await
    }
}

fn due_lanes(connection: &Connection, now: Timestamp) -> Result<Vec<(String, String)>, StoreError> {
    let lanes = connection
        .prepare_cached(
            "SELECT DISTINCT sink, route FROM delivery
             WHERE state = 'held' AND release_at <= ?1",
        )?
        .query_map([millis(now)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(lanes)
}

/// What one route sends to one sink.
struct Lane<'a> {
    connection: &'a Connection,
    sink: &'a SinkName,
    route: &'a str,
    rules: &'a Rules,
    now: Timestamp,
}

impl Lane<'_> {
    fn release(&self, released: &mut Released) -> Result<(), StoreError> {
        for _ in 0..TURN_MAX {
            let lane = (self.sink, self.route);
            let sent_at = placing::nth_sent_at(self.connection, lane, self.rules)?;
            if let Some(hold) = digest::release(self.rules, sent_at, self.now) {
                return self.hold_longer(hold);
            }
            let parts = self.parts(released)?;
            let any = DigestId("0".repeat(32));
            let sizes = parts.iter().map(|part| {
                let head = self.head(&part.reason, &any);
                digest_json(&head, std::slice::from_ref(&part.message), 0).len()
            });
            let count = digest::fitting(sizes).min(parts.len());
            match parts.get(..count) {
                None | Some([]) => return Ok(()),
                Some([alone]) => self.send(alone)?,
                Some(several) => self.send_digest(several)?,
            }
            released.deliveries += 1;
            released.parts += count;
        }
        Ok(())
    }

    fn hold_longer(&self, hold: Hold) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE delivery SET release_at = ?3, reason = ?4
                 WHERE state = 'held' AND sink = ?1 AND route = ?2",
            )?
            .execute((
                self.sink.as_str(),
                self.route,
                millis(hold.until),
                hold.reason.as_str(),
            ))?;
        Ok(())
    }

    /// The oldest that wait. What is damaged is given up, as in the outbox.
    fn parts(&self, released: &mut Released) -> Result<Vec<Part>, StoreError> {
        let mut held = self.connection.prepare_cached(
            "SELECT number, id, reason, payload, crc FROM delivery
             WHERE state = 'held' AND sink = ?1 AND route = ?2 ORDER BY number LIMIT ?3",
        )?;
        let limit = signed(DIGEST_PARTS_MAX as u64);
        let found: Vec<(i64, DeliveryId, Option<Part>)> = held
            .query_and_then((self.sink.as_str(), self.route, limit), |row| {
                let id = outbox::lossy_id(row)?;
                Ok::<_, StoreError>((row.get("number")?, id, sound_part(row).ok().flatten()))
            })?
            .collect::<Result<_, _>>()?;
        let mut parts = Vec::new();
        let mut damaged = 0;
        for (number, id, part) in found {
            if let Some(part) = part {
                parts.push(part);
            } else {
                outbox::bury(self.connection, number, DeadReason::Corrupt, self.now)?;
                released.corrupt.push(id);
                damaged += 1;
            }
        }
        let reason = DeadReason::Corrupt;
        outbox::tell_dead(self.connection, self.sink, reason, damaged, self.now)?;
        Ok(parts)
    }

    fn head<'a>(&'a self, reason: &str, id: &'a DigestId) -> DigestHead<'a> {
        let known = HoldReason::WORDS.iter().find(|(word, _)| *word == reason);
        DigestHead {
            id,
            at: self.now,
            reason: known.map_or(HoldReason::Limit.as_str(), |(word, _)| word),
            route: (self.route != NOTICES).then_some(self.route),
        }
    }

    /// Sends what waits alone as what it is. Its time runs from now on: it must not
    /// expire by having been held.
    fn send(&self, part: &Part) -> Result<(), StoreError> {
        let seq = placing::take_seq(self.connection, self.sink)?;
        let payload = with_seq(&part.payload, seq);
        let now = millis(self.now);
        self.connection
            .prepare_cached(
                "UPDATE delivery SET state = 'pending', reason = NULL, release_at = NULL,
                     seq = ?2, payload = ?3, crc = ?4, created_at = ?5, next_at = ?5, sent_at = ?6
                 WHERE number = ?1",
            )?
            .execute((
                part.number,
                signed(seq),
                &payload,
                crc32c::crc32c(&payload),
                now,
                self.rules.limit.map(|_| now),
            ))?;
        Ok(())
    }

    fn send_digest(&self, parts: &[Part]) -> Result<(), StoreError> {
        let id = digest_id(parts);
        let reason = parts.first().map_or("", |part| part.reason.as_str());
        let messages: Vec<Message> = parts.iter().map(|part| part.message.clone()).collect();
        let parcel = Parcel {
            kind: DeliveryKind::Digest,
            brings: &id.0,
            sink: self.sink,
            route: Some(self.route),
            at: self.now,
            payload: &digest_json(&self.head(reason, &id), &messages, 0),
        };
        placing::add_digest(self.connection, &parcel, self.rules)?;
        let delivery = parcel.id();
        let mut group = self.connection.prepare_cached(
            "UPDATE delivery SET state = 'grouped', release_at = NULL, digest = ?2, finished_at = ?3
             WHERE number = ?1",
        )?;
        for part in parts {
            group.execute((part.number, &delivery.0, millis(self.now)))?;
        }
        Ok(())
    }
}

fn sound_part(row: &Row<'_>) -> Result<Option<Part>, StoreError> {
    let payload: Vec<u8> = row.get("payload")?;
    if crc32c::crc32c(&payload) != row.get::<_, u32>("crc")? {
        return Ok(None);
    }
    let Ok(message) = Message::read(&payload) else {
        return Ok(None);
    };
    Ok(Some(Part {
        number: row.get("number")?,
        id: DeliveryId(row.get("id")?),
        reason: row.get("reason")?,
        payload,
        message,
    }))
}

/// The identity of a digest: what is in it, and for whom.
fn digest_id(parts: &[Part]) -> DigestId {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.id.0.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    DigestId(hex(digest.get(..16).unwrap_or_default()))
}
