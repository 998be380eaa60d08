//! Where a delivery is put: on its way, back until later, or aside.
//!
//! What is decided is decided inside the transaction that stores the alert, since
//! it depends on what was sent and what waits: two polls that commit one after
//! the other must not both take the last room under a limit.

use super::StoreError;
use super::values::{meaning, millis, signed, time, time_if, unsigned};
use crate::alert::notice::Notice;
use crate::alert::{Alert, AlertId, payload};
use crate::policy::SinkName;
use crate::policy::digest::{self, History, Hold, HoldReason, Rules};
use crate::policy::retry::{DeliveryId, DeliveryKind, DeliveryReason};
use crate::policy::route::{NowhereReason, Plan, Target, Verdict};
use crate::policy::silence::{Silence, SilenceId, silenced_by};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use serde_json::{Value, json};

/// What stands for a route where notices go by rules of their own; no route can
/// have this name.
pub(super) const NOTICES: &str = "operator.notice";

/// What is to be delivered, as yet without a number.
pub(super) struct Parcel<'a> {
    pub(super) kind: DeliveryKind,
    /// The id of the alert, digest or notice.
    pub(super) brings: &'a str,
    pub(super) sink: &'a SinkName,
    /// By whose rules it goes, if by any.
    pub(super) route: Option<&'a str>,
    pub(super) at: Timestamp,
    /// What is sent, whatever number it has.
    pub(super) payload: &'a [u8],
}

impl Parcel<'_> {
    pub(super) fn id(&self) -> DeliveryId {
        DeliveryId::of(&AlertId(self.brings.to_owned()), self.sink)
    }
}

/// Where it is put.
enum Standing {
    /// On its way, and whether that counts toward a limit.
    Sent {
        counts: bool,
    },
    Held(Hold),
    Silenced(SilenceId),
}

/// Puts an alert for one of its sinks where it belongs; says why it is not sent
/// now, if it is not.
pub(super) fn add_alert(
    connection: &Connection,
    (alert, json): (&Alert, &[u8]),
    target: &Target,
    silences: &[(SilenceId, Silence)],
) -> Result<Option<DeliveryReason>, StoreError> {
    let Target { sink, route } = target;
    let parcel = Parcel {
        kind: DeliveryKind::Alert,
        brings: &alert.id.0,
        sink,
        route: route.as_ref().map(|(name, _)| name.as_str()),
        at: alert.at,
        payload: json,
    };
    // A retention shorter than the life of a delivery can bring this about.
    if is_known(connection, &parcel)? {
        return Ok(None);
    }
    if let Some(silence) = silenced_by(silences, alert, sink, alert.at) {
        insert(connection, &parcel, &Standing::Silenced(silence))?;
        return Ok(Some(DeliveryReason::Silenced));
    }
    let Some((name, rules)) = route else {
        insert(connection, &parcel, &Standing::Sent { counts: false })?;
        return Ok(None);
    };
    let hold = place(connection, &parcel, name.as_str(), rules)?;
    Ok(hold.map(|hold| DeliveryReason::Held(hold.reason)))
}

/// Puts a notice for a sink where it belongs.
pub(super) fn add_notice(
    connection: &Connection,
    (notice, json): (&Notice, &[u8]),
    sink: &SinkName,
) -> Result<(), StoreError> {
    let parcel = Parcel {
        kind: DeliveryKind::Notice,
        brings: &notice.id().0,
        sink,
        route: Some(NOTICES),
        at: notice.at,
        payload: json,
    };
    if is_known(connection, &parcel)? {
        return Ok(());
    }
    place(connection, &parcel, NOTICES, &Rules::of_notices())?;
    Ok(())
}

/// Puts a digest on its way.
pub(super) fn add_digest(
    connection: &Connection,
    parcel: &Parcel<'_>,
    rules: &Rules,
) -> Result<(), StoreError> {
    let counts = rules.limit.is_some();
    insert(connection, parcel, &Standing::Sent { counts })
}

fn place(
    connection: &Connection,
    parcel: &Parcel<'_>,
    route: &str,
    rules: &Rules,
) -> Result<Option<Hold>, StoreError> {
    let lane = (parcel.sink, route);
    let hold = if rules.is_none() {
        None
    } else {
        let waiting = waiting(connection, lane)?;
        let nth_sent_at = match waiting {
            Some(_) => None,
            None => nth_sent_at(connection, lane, rules)?,
        };
        let history = History {
            waiting,
            nth_sent_at,
        };
        digest::place(rules, history, parcel.at)
    };
    let counts = rules.limit.is_some();
    let standing = hold.map_or(Standing::Sent { counts }, Standing::Held);
    insert(connection, parcel, &standing)?;
    Ok(hold)
}

/// How the oldest is held that waits in a lane; nothing, if that cannot be read.
fn waiting(
    connection: &Connection,
    (sink, route): (&SinkName, &str),
) -> Result<Option<Hold>, StoreError> {
    let mut oldest = connection.prepare_cached(
        "SELECT reason, release_at FROM delivery
         WHERE state = 'held' AND sink = ?1 AND route = ?2 ORDER BY number LIMIT 1",
    )?;
    let mut found = oldest.query_and_then((sink.as_str(), route), |row| {
        let word: String = row.get("reason")?;
        Ok::<_, StoreError>(Hold {
            reason: meaning("reason of a held delivery", &HoldReason::WORDS, &word)?,
            until: time(row.get("release_at")?)?,
        })
    })?;
    Ok(found.next().and_then(Result::ok))
}

/// When that was sent which has to be long enough ago before more is sent.
pub(super) fn nth_sent_at(
    connection: &Connection,
    (sink, route): (&SinkName, &str),
    rules: &Rules,
) -> Result<Option<Timestamp>, StoreError> {
    let Some(limit) = rules.limit else {
        return Ok(None);
    };
    let sent_at: Option<i64> = connection
        .prepare_cached(
            "SELECT sent_at FROM delivery
             WHERE sink = ?1 AND route = ?2 AND sent_at IS NOT NULL
             ORDER BY sent_at DESC LIMIT 1 OFFSET ?3",
        )?
        .query_row(
            (sink.as_str(), route, limit.count.saturating_sub(1)),
            |row| row.get(0),
        )
        .optional()?;
    time_if(sent_at)
}

/// The next number of a sink. It is taken only by what is sent, so that a
/// receiver sees no gap.
pub(super) fn take_seq(connection: &Connection, sink: &SinkName) -> Result<u64, StoreError> {
    let seq = connection
        .prepare_cached(
            "INSERT INTO sink (name, seq) VALUES (?1, 1)
             ON CONFLICT (name) DO UPDATE SET seq = seq + 1 RETURNING seq",
        )?
        .query_row([sink.as_str()], |row| row.get(0))?;
    unsigned(seq)
}

fn is_known(connection: &Connection, parcel: &Parcel<'_>) -> Result<bool, StoreError> {
    let known = connection
        .prepare_cached("SELECT 1 FROM delivery WHERE id = ?1")?
        .query_row([&parcel.id().0], |_| Ok(()))
        .optional()?;
    Ok(known.is_some())
}

fn insert(
    connection: &Connection,
    parcel: &Parcel<'_>,
    standing: &Standing,
) -> Result<(), StoreError> {
    let at = millis(parcel.at);
    let seq = match standing {
        Standing::Sent { .. } => take_seq(connection, parcel.sink)?,
        _ => 0,
    };
    let payload = payload::with_seq(parcel.payload, seq);
    let (state, reason) = match standing {
        Standing::Sent { .. } => ("pending", None),
        Standing::Held(hold) => ("held", Some(hold.reason.as_str())),
        Standing::Silenced(_) => ("suppressed", Some(DeliveryReason::SILENCED)),
    };
    let sent = matches!(standing, Standing::Sent { .. });
    let counts = matches!(standing, Standing::Sent { counts: true });
    let (release_at, silence) = match standing {
        Standing::Held(hold) => (Some(millis(hold.until)), None),
        Standing::Silenced(silence) => (None, Some(silence.0)),
        Standing::Sent { .. } => (None, None),
    };
    connection
        .prepare_cached(
            "INSERT INTO delivery (id, sink, alert, kind, seq, payload, crc, state, reason, route,
                                   created_at, next_at, finished_at, sent_at, release_at, silence)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        )?
        .execute(rusqlite::params![
            parcel.id().0,
            parcel.sink.as_str(),
            parcel.brings,
            parcel.kind.as_str(),
            signed(seq),
            payload,
            crc32c::crc32c(&payload),
            state,
            reason,
            parcel.route,
            at,
            sent.then_some(at),
            silence.map(|_| at),
            counts.then_some(at),
            release_at,
            silence,
        ])?;
    Ok(())
}

/// What each route said, as it is stored; nothing where there are no routes.
pub(super) fn decision_json(plan: &Plan) -> Option<String> {
    if plan.verdicts.is_empty() && plan.nowhere.is_none() {
        return None;
    }
    let said = plan.verdicts.iter().map(|(route, verdict)| match verdict {
        Verdict::Refused(by) => {
            json!({"route": route.as_str(), "verdict": "refused", "by": by.as_str()})
        }
        Verdict::Passed(sinks) => {
            json!({"route": route.as_str(), "verdict": "passed", "sinks": sinks})
        }
        Verdict::NotTried => json!({"route": route.as_str(), "verdict": "not-tried"}),
    });
    let decision = json!({
        "routes": said.collect::<Vec<Value>>(),
        "nowhere": plan.nowhere.map(NowhereReason::as_str),
    });
    Some(decision.to_string())
}
