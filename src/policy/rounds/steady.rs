//! Telling a jump of the clock from time that passed.

use jiff::{SignedDuration, Timestamp};

/// A smaller difference is the clock being kept right, or two readings that
/// were not taken at once.
const JUMP_LEAST: SignedDuration = SignedDuration::from_secs(1);
/// Readings that lie further apart compare nothing: a thread that was held up
/// between them would take the pause for a jump, and then ask too early.
const APART_MOST: SignedDuration = SignedDuration::from_millis(250);

/// Compares the clock with the time that the machine has been up.
#[derive(Debug, Clone, Copy)]
pub struct Steady {
    now: Timestamp,
    uptime: SignedDuration,
}

impl Steady {
    /// Begins with a reading of both.
    pub fn new(now: Timestamp, uptime: SignedDuration) -> Self {
        Self { now, uptime }
    }

    /// Takes a reading of the clock between two of the uptime; says by how much
    /// the clock was set, if it was.
    pub fn jump(
        &mut self,
        uptime: SignedDuration,
        now: Timestamp,
        uptime_after: SignedDuration,
    ) -> Option<SignedDuration> {
        if uptime_after.saturating_sub(uptime) > APART_MOST {
            // The next reading compares with the last good one.
            return None;
        }
        let passed = uptime.saturating_sub(self.uptime);
        let jump = now.duration_since(self.now).saturating_sub(passed);
        *self = Self { now, uptime };
        (jump.abs() >= JUMP_LEAST).then_some(jump)
    }
}
