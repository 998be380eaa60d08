//! Holding alerts back, and letting them go together.
//!
//! A route may keep quiet for hours, may wait for what else comes, and may send
//! only so much in so long. What it holds back for one of these is never lost: it
//! waits in the store and goes out as digests. A digest counts as one, so that a
//! flood fits into any limit. [`place`] decides for what comes, [`release`] for
//! what waits; both look at one lane, which is what one route sends to one sink.

#[cfg(test)]
mod tests;

use super::mute::{self, Window};
use super::poll::after;
use super::rate::Rate;
use crate::name::word_of;
use jiff::{SignedDuration, Timestamp};

/// The most alerts in one digest.
pub const DIGEST_PARTS_MAX: usize = 100;
/// The largest digest, in bytes: what intermediaries of `CloudEvents` must pass
/// on (`CloudEvents` 1.0, "Size Limits"), and what many receivers take.
pub const DIGEST_BYTES_MAX: usize = 64 << 10;

/// What notices to one sink are kept to: who hears of a hundred feeds at once wants
/// to hear it together.
const NOTICE_RATE: Rate = Rate {
    count: 10,
    per: SignedDuration::from_hours(1),
};

/// What a route asks for beside who gets its alerts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// How long the first alert waits for others; zero is not at all.
    pub group_wait: SignedDuration,
    /// How much it sends to each of its sinks in which time.
    pub limit: Option<Rate>,
    /// When it keeps quiet.
    pub mute: Vec<Window>,
}

/// Why an alert is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldReason {
    /// It waits for others to come with.
    GroupWait,
    /// The route has sent as much as it may.
    Limit,
    /// The route keeps quiet.
    Muted,
}

impl HoldReason {
    /// Every reason with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("group-wait", Self::GroupWait),
        ("limit", Self::Limit),
        ("muted", Self::Muted),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// What is held is held for this reason and until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// When it is looked at again.
    pub until: Timestamp,
}

/// What is known of a lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct History {
    /// How the oldest is held that waits in it.
    pub waiting: Option<Hold>,
    /// When that was sent which has to be a limit's time ago before more is sent:
    /// the latest but as many as the limit allows, less one.
    pub nth_sent_at: Option<Timestamp>,
}

impl Rules {
    /// What notices to the operator keep to.
    pub fn of_notices() -> Self {
        Self {
            limit: Some(NOTICE_RATE),
            ..Self::default()
        }
    }

    /// Whether there is nothing to keep to.
    pub fn is_none(&self) -> bool {
        self.group_wait.is_zero() && self.limit.is_none() && self.mute.is_empty()
    }
}

/// Decides whether an alert is sent now, or how it is held. What comes while
/// others wait in its lane waits with them.
pub fn place(rules: &Rules, history: History, now: Timestamp) -> Option<Hold> {
    if history.waiting.is_some() {
        return history.waiting;
    }
    let group = || Hold {
        reason: HoldReason::GroupWait,
        until: after(now, rules.group_wait),
    };
    release(rules, history.nth_sent_at, now).or_else(|| (!rules.group_wait.is_zero()).then(group))
}

/// Decides whether one delivery of what waits may go out now, or how all of it
/// is held longer.
pub fn release(rules: &Rules, nth_sent_at: Option<Timestamp>, now: Timestamp) -> Option<Hold> {
    let muted = || {
        let until = mute::muted_until(&rules.mute, now)?;
        Some(Hold {
            reason: HoldReason::Muted,
            until,
        })
    };
    let limited = || {
        // What was sent in the future was sent before the clock was set back.
        let sent_at = nth_sent_at?.min(now);
        let until = after(sent_at, rules.limit?.per);
        (until > now).then_some(Hold {
            reason: HoldReason::Limit,
            until,
        })
    };
    muted().or_else(limited)
}

/// How many of the parts that wait, given by how large each is as a digest of
/// its own, make one delivery: all of them, unless that were too large.
pub fn fitting(sizes: impl IntoIterator<Item = usize>) -> usize {
    let mut bytes = 0_usize;
    let fits = |size: &usize| {
        bytes = bytes.saturating_add(*size);
        bytes <= DIGEST_BYTES_MAX
    };
    let sizes = sizes.into_iter().take(DIGEST_PARTS_MAX);
    sizes.take_while(fits).count().max(1)
}
