//! Deliveries, how an attempt ended, and whether there is another.
//!
//! [`next`] decides it. A sink that cannot be reached is asked again ever more
//! seldom, up to once an hour, until the alert is older than the sink's
//! `max_age`: how often is a matter of the sink's health, how long a matter of
//! the alert's worth. Chance keeps deliveries that failed together from coming
//! back together.

#[cfg(test)]
mod tests;

use super::SinkName;
use crate::alert::AlertId;
use crate::name::word_of;
use jiff::{SignedDuration, Timestamp};

/// The wait after the first attempt that found the sink unavailable.
const UNAVAILABLE_FIRST: SignedDuration = SignedDuration::from_secs(5);
/// The wait after the first attempt that found the sink misconfigured: a person
/// has to act, so that haste is of no use.
const MISCONFIGURED_FIRST: SignedDuration = SignedDuration::from_mins(10);
/// The longest wait, before chance is added.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(1);
/// How far chance moves a wait, as a part of it, in both directions.
const JITTER: f64 = 0.2;
/// The longest `Retry-After` that is believed.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Decides what happens to a delivery after an attempt that ended at `now`.
///
/// `attempts_before` counts the attempts before this one; `jitter` is a roll of
/// the dice from 0 to 1. A sink's `Retry-After` is a floor that is never
/// undercut (RFC 9110, section 10.2.3). The last attempt falls on the expiry,
/// `created_at` plus `max_age`, at the latest; when the sink asked for silence
/// beyond it, the delivery expires now.
///
/// ```
/// use jiff::{SignedDuration, Timestamp};
/// use wirewatch::policy::retry::{DeliveryOutcome, Next, next};
///
/// let now = Timestamp::UNIX_EPOCH;
/// let outcome = DeliveryOutcome::Unavailable { retry_after: None, detail: "503".into() };
/// let max_age = SignedDuration::from_hours(72);
/// let wait = SignedDuration::from_secs(20);
/// assert_eq!(next(2, &outcome, now, max_age, now, 0.5), Next::At(now + wait));
/// ```
pub fn next(
    attempts_before: u32,
    outcome: &DeliveryOutcome,
    created_at: Timestamp,
    max_age: SignedDuration,
    now: Timestamp,
    jitter: f64,
) -> Next {
    let (first, floor) = match outcome {
        DeliveryOutcome::Delivered => return Next::Done,
        DeliveryOutcome::Refused { .. } => return Next::Dead(DeadReason::Refused),
        DeliveryOutcome::Unavailable { retry_after, .. } => (
            UNAVAILABLE_FIRST,
            retry_after.unwrap_or_default().min(RETRY_AFTER_MAX),
        ),
        DeliveryOutcome::Misconfigured { .. } | DeliveryOutcome::Gone { .. } => {
            (MISCONFIGURED_FIRST, SignedDuration::ZERO)
        }
    };
    let expiry = later(created_at, max_age);
    let allowed_at = later(now, floor);
    if now >= expiry || allowed_at > expiry {
        return Next::Dead(DeadReason::Expired);
    }
    let wait = backoff(first, attempts_before, jitter).max(floor);
    Next::At(later(now, wait).min(expiry))
}

/// The wait that starts at `first`, doubles with each attempt up to
/// [`WAIT_MAX`], and is moved by chance.
fn backoff(first: SignedDuration, attempts_before: u32, jitter: f64) -> SignedDuration {
    let doubled = 1_i32
        .checked_shl(attempts_before)
        .filter(|factor| *factor > 0)
        .unwrap_or(i32::MAX);
    let wait = first.saturating_mul(doubled).min(WAIT_MAX);
    let moved = wait.as_secs_f64() * (1.0 - JITTER + 2.0 * JITTER * jitter);
    SignedDuration::from_millis((moved * 1000.0) as i64)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Identity of a delivery: what receivers see as `webhook-id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub String);

impl DeliveryId {
    /// The identity of the delivery of an alert to a sink.
    ///
    /// It depends on nothing else, so that a receiver knows an alert again
    /// whatever happened in between, and has no `.`, which parts the signed
    /// content of Standard Webhooks.
    pub fn of(alert: &AlertId, sink: &SinkName) -> Self {
        Self(format!("msg_{}_{sink}", alert.0))
    }
}

/// One alert on its way to one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its identity, the same at every attempt.
    pub id: DeliveryId,
    /// What it brings.
    pub alert: AlertId,
    /// Where it goes.
    pub sink: SinkName,
    /// Its number among the deliveries of that sink, from 1 without a gap.
    pub seq: u64,
    /// What is sent: the same bytes at every attempt.
    pub payload: Vec<u8>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// How many attempts there were.
    pub attempts: u32,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// On its way.
    Pending,
    /// Arrived.
    Delivered,
    /// Given up and kept for a person.
    Dead,
}

impl DeliveryState {
    /// Every state with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("pending", Self::Pending),
        ("delivered", Self::Delivered),
        ("dead", Self::Dead),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The sink has it.
    Delivered,
    /// Not now: the sink could not be reached, or said so.
    Unavailable {
        /// How long the sink asked us to wait.
        retry_after: Option<SignedDuration>,
        /// What happened, in words, without secrets.
        detail: String,
    },
    /// Not until somebody mends the sink's settings (401, 403, 404, 3xx).
    Misconfigured {
        /// What happened, in words, without secrets.
        detail: String,
    },
    /// The receiver says that it is no more (410) and wants nothing of us again.
    Gone {
        /// What happened, in words, without secrets.
        detail: String,
    },
    /// Never: the sink does not take this payload (400, 413, 415, 422).
    Refused {
        /// What happened, in words, without secrets.
        detail: String,
    },
}

impl DeliveryOutcome {
    /// The word used in the store and in output.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Unavailable { .. } => "unavailable",
            Self::Misconfigured { .. } => "misconfigured",
            Self::Gone { .. } => "gone",
            Self::Refused { .. } => "refused",
        }
    }

    /// What happened, in words; empty when it arrived.
    pub fn detail(&self) -> &str {
        match self {
            Self::Delivered => "",
            Self::Unavailable { detail, .. }
            | Self::Misconfigured { detail }
            | Self::Gone { detail }
            | Self::Refused { detail } => detail,
        }
    }
}

/// What happens to a delivery after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it arrived.
    Done,
    /// Another attempt at this time.
    At(Timestamp),
    /// Nothing until a person asks for it.
    Dead(DeadReason),
}

/// Why a delivery was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadReason {
    /// The sink does not take the payload.
    Refused,
    /// It grew older than the sink's `max_age`.
    Expired,
    /// Its stored bytes no longer have their checksum.
    Corrupt,
    /// Its sink is no longer configured.
    SinkRemoved,
}

impl DeadReason {
    /// Every reason with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("refused", Self::Refused),
        ("expired", Self::Expired),
        ("corrupt", Self::Corrupt),
        ("sink-removed", Self::SinkRemoved),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}
