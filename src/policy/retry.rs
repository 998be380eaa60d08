//! Deliveries, how an attempt ended, and whether there is another.

use super::SinkName;
use jiff::{SignedDuration, Timestamp};

/// Identity of a delivery: what receivers see as `webhook-id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub String);

/// One alert on its way to one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its identity, the same at every attempt.
    pub id: DeliveryId,
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
        Self::WORDS
            .iter()
            .find(|(_, state)| *state == self)
            .map_or("", |(word, _)| word)
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
    /// Not until somebody mends the sink's settings (401, 403, 404, 410, 3xx).
    Misconfigured {
        /// What happened, in words, without secrets.
        detail: String,
    },
    /// Never: the sink does not take this payload (400, 413, 415, 422).
    Refused {
        /// What happened, in words, without secrets.
        detail: String,
    },
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
