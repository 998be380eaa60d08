//! The one place that asks for the time and rolls the dice.

use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

/// The time now.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A number from 0 to 1, for spreading requests in time.
pub fn jitter() -> f64 {
    fastrand::f64()
}

/// How long the machine has been up, sleep included, by a clock that nobody sets.
pub fn uptime() -> SignedDuration {
    // Linux stops its monotonic clock while it sleeps.
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    let time = clock_gettime(clock);
    SignedDuration::from_secs(time.tv_sec).saturating_add(SignedDuration::from_nanos(time.tv_nsec))
}
