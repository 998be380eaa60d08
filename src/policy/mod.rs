//! Decisions in time: when to poll, whether to retry, where an alert goes.
//!
//! Pure functions of values, the time and a roll of the dice among them, that
//! return a value with its reason. Whoever acts on it logs, counts and shows
//! that same reason. The nouns that the edges share live here too: what a fetch
//! brought, what a delivery is, how it ended.

pub mod agenda;
pub mod digest;
pub mod endpoint;
pub mod host;
pub mod mute;
pub mod page;
pub mod poll;
pub mod push;
pub mod rate;
pub mod retry;
pub mod rounds;
pub mod route;
pub mod selection;
pub mod silence;

use jiff::{SignedDuration, Timestamp};

/// Where the loops get time and chance from, once per step.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The time now.
    pub now: fn() -> Timestamp,
    /// How long the machine has been up, sleep included: a clock that nobody
    /// sets, to tell a jump of the other one from time that passed.
    pub uptime: fn() -> SignedDuration,
    /// A number from 0 to 1.
    pub jitter: fn() -> f64,
}

name_type! {
    /// The name of a configured sink.
    SinkName
}
name_type! {
    /// The name of a configured route.
    RouteName
}

/// A time so much later, or the last that there is.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
