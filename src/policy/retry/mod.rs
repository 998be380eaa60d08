//! Deliveries, how an attempt ended, and whether there is another.
//!
//! [`next`] decides it. Whether the sink is asked at all is a matter of its
//! [endpoint](super::endpoint), and how long a delivery lives one of its age; what
//! is decided here is whether another attempt makes sense, and how long a delivery
//! that fails alone stands back behind the others.

#[cfg(test)]
mod tests;

use super::SinkName;
use super::digest::HoldReason;
use super::endpoint::{Endpoint, EndpointState, moved};
use super::later;
use crate::alert::AlertId;
use crate::alert::notice::{Notice, NoticeKind, Subject};
use crate::name::{of_word, word_of};
use crate::text::count;
use jiff::{SignedDuration, Timestamp};

/// The wait after the first attempt that failed.
const WAIT_FIRST: SignedDuration = SignedDuration::from_secs(5);
/// The longest wait, before chance is added.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(1);

/// Decides what happens to a delivery after an attempt that ended at `now`.
///
/// `endpoint` is what the attempt has made of the sink's endpoint, `has_plainer`
/// whether the sink's format has a plainer form than the one that was refused, and
/// `jitter` a roll of the dice from 0 to 1.
///
/// While the endpoint fails, the delivery is due and waits with all others for the
/// probe. As long as others arrive, one that fails again and again may be the
/// cause itself: it comes back ever more seldom, up to once an hour.
///
/// ```
/// use jiff::{SignedDuration, Timestamp};
/// use wirewatch::policy::endpoint::Endpoint;
/// use wirewatch::policy::retry::{DeliveryOutcome, Next, Tried, next};
///
/// let (endpoint, now) = (Endpoint::default(), Timestamp::UNIX_EPOCH);
/// let outcome = DeliveryOutcome::Unavailable { retry_after: None, detail: "503".into() };
/// let tried = Tried { attempts_before: 2, plain: false };
/// let wait = SignedDuration::from_secs(20);
/// assert_eq!(next(tried, &outcome, &endpoint, false, (now, 0.5)), Next::At(now + wait));
/// ```
pub fn next(
    tried: Tried,
    outcome: &DeliveryOutcome,
    endpoint: &Endpoint,
    has_plainer: bool,
    (now, jitter): (Timestamp, f64),
) -> Next {
    match outcome {
        DeliveryOutcome::Delivered => Next::Done,
        DeliveryOutcome::Refused { .. } if has_plainer && !tried.plain => Next::Plainer(now),
        DeliveryOutcome::Refused { .. } => Next::Dead(DeadReason::Refused),
        _ if endpoint.state != EndpointState::Closed => Next::At(now),
        _ => Next::At(later(now, backoff(tried.attempts_before, jitter))),
    }
}

/// What happened to a delivery before the attempt that is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    /// How many attempts there were.
    pub attempts_before: u32,
    /// Whether it went out in its plainest form already.
    pub plain: bool,
}

/// The wait that doubles with each attempt up to [`WAIT_MAX`], and is moved by
/// chance.
fn backoff(attempts_before: u32, jitter: f64) -> SignedDuration {
    let doubled = 1_i32
        .checked_shl(attempts_before)
        .filter(|factor| *factor > 0)
        .unwrap_or(i32::MAX);
    moved(WAIT_FIRST.saturating_mul(doubled).min(WAIT_MAX), jitter)
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

    /// The identity of a delivery that a person asked for once more: a new one, since
    /// receivers drop what they know. `seq` is the number that it has at the sink; no
    /// name of a sink has a `~`, so it is never the identity of another delivery.
    pub fn again(alert: &AlertId, sink: &SinkName, seq: u64) -> Self {
        let Self(first) = Self::of(alert, sink);
        Self(format!("{first}~{seq}"))
    }
}

/// What kind of thing a delivery brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryKind {
    /// One alert.
    Alert,
    /// Several alerts or notices that were held.
    Digest,
    /// A notice to the operator.
    Notice,
}

impl DeliveryKind {
    /// Every kind with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("alert", Self::Alert),
        ("digest", Self::Digest),
        ("notice", Self::Notice),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// One alert, digest or notice on its way to one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its identity, the same at every attempt.
    pub id: DeliveryId,
    /// What it brings: the id of an alert, a digest or a notice.
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
    /// Whether its receiver refused the full form, so that it gets the plainest.
    pub plain: bool,
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
    /// Held back for a time.
    Held,
    /// Gone out inside a digest.
    Grouped,
    /// Kept from the sink by a silence.
    Suppressed,
}

impl DeliveryState {
    /// Every state with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("pending", Self::Pending),
        ("delivered", Self::Delivered),
        ("dead", Self::Dead),
        ("held", Self::Held),
        ("grouped", Self::Grouped),
        ("suppressed", Self::Suppressed),
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
    /// One more attempt at this time, in the plainest form that there is.
    Plainer(Timestamp),
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

/// Why a delivery is not on its way as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryReason {
    /// Why it was given up.
    Dead(DeadReason),
    /// Why it is held, or was before it went out in a digest.
    Held(HoldReason),
    /// A silence.
    Silenced,
}

impl DeliveryReason {
    /// The word used in the store for what a silence keeps.
    pub const SILENCED: &str = "silenced";

    /// What a word in the store means for a delivery in a state; none if nothing.
    pub fn read(state: DeliveryState, word: &str) -> Option<Self> {
        match state {
            DeliveryState::Held | DeliveryState::Grouped => {
                of_word(&HoldReason::WORDS, word).map(Self::Held)
            }
            DeliveryState::Suppressed => (word == Self::SILENCED).then_some(Self::Silenced),
            _ => of_word(&DeadReason::WORDS, word).map(Self::Dead),
        }
    }

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dead(reason) => reason.as_str(),
            Self::Held(reason) => reason.as_str(),
            Self::Silenced => Self::SILENCED,
        }
    }
}

/// What the operator is told of deliveries that were given up together.
pub fn dead_notice(sink: &SinkName, reason: DeadReason, dead: u64, at: Timestamp) -> Notice {
    let why = match reason {
        DeadReason::Refused => "its receiver does not take what is in them",
        DeadReason::Expired => "it did not take them before they were too old (max_age)",
        DeadReason::Corrupt => "what was stored of them is damaged",
        DeadReason::SinkRemoved => "it is no longer configured",
    };
    Notice {
        kind: NoticeKind::DeliveryDead,
        subject: Subject::Sink(sink.as_str().to_owned()),
        at,
        text: format!(
            "{} to the sink {sink} given up, because {why}. `wirewatch deliveries list --state dead --sink {sink}` shows them, `wirewatch deliveries retry --sink {sink}` sends them again.",
            count(dead, "delivery")
        ),
    }
}
