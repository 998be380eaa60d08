//! Telling a jump of the clock from time that passed.

use jiff::{SignedDuration, Timestamp};

/// A smaller difference is the clock being kept right, or two readings that
/// were not taken at once.
const JUMP_LEAST: SignedDuration = SignedDuration::from_secs(1);

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

    /// Takes a reading of both; says by how much the clock was set, if it was.
    pub fn jump(&mut self, now: Timestamp, uptime: SignedDuration) -> Option<SignedDuration> {
        let passed = uptime.saturating_sub(self.uptime);
        let jump = now.duration_since(self.now).saturating_sub(passed);
        *self = Self { now, uptime };
        (jump.abs() >= JUMP_LEAST).then_some(jump)
    }
}
