//! The one place that asks for the time and rolls the dice.

use jiff::Timestamp;

/// The time now.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A number from 0 to 1, for spreading requests in time.
pub fn jitter() -> f64 {
    fastrand::f64()
}
