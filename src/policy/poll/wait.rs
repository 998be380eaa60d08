//! The one decision: how long to wait, and why.

use super::answer::{Answer, FailureKind};
use super::state::{Every, FeedState, FeedWishes, PollLimits, PollReason};
use super::{Bounds, Polled};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The longest wait after a first failure; each further one doubles it. Feeds
/// that are asked for more often begin with their own interval.
pub const BACKOFF_FIRST_MAX: SignedDuration = SignedDuration::from_mins(5);
/// The wait of a feed that refuses us, or that is gone at first.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The wait of a feed that is gone for good.
const GONE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The longest `ttl` that is heeded: it is a hint to caches, and a week of it
/// is a mistake.
const TTL_MAX: SignedDuration = SignedDuration::from_hours(6);
/// The wait of a feed that can only be asked for the whole, and what counts as
/// much of it.
const WHOLE: SignedDuration = SignedDuration::from_hours(1);
const MUCH_BYTES: u64 = 200_000;
/// The longest that skipped hours and days put a poll off.
const SKIP_HOURS_MAX: u32 = 7 * 24;

/// How long a feed waits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    /// The longest of all waits that something asks for.
    pub(super) longest: SignedDuration,
    /// What asks for it.
    pub(super) reason: PollReason,
    /// The longest that is not the operator's to shorten.
    pub(super) wished: SignedDuration,
}

/// The wait and what it is for.
pub(super) fn wait(
    state: &FeedState,
    polled: &Polled,
    bounds: Bounds<'_>,
    now: Timestamp,
    jitter: f64,
) -> Wait {
    let Bounds { limits, rule } = bounds;
    let hints = &polled.outcome.hints;
    let mut longest = interval(state, polled, bounds, now);
    let spread = share(longest.0, jitter.clamp(0.0, 1.0) / 10.0);
    longest.0 = longest.0.saturating_add(spread);
    let fresh = hints.fresh(now).filter(SignedDuration::is_positive);
    let mut wished = SignedDuration::ZERO;
    let mut ask = |wait: SignedDuration, reason: PollReason| {
        if reason != PollReason::Backoff {
            wished = wished.max(wait);
        }
        if wait > longest.0 {
            longest = (wait, reason);
        }
    };
    if let Some(floor) = rule.floor {
        ask(floor, PollReason::Host);
    } else if !rule.own {
        if fresh.is_none() && state.validators.is_empty() {
            let much = state.memory.body_bytes.map(|bytes| bytes > MUCH_BYTES);
            let floor = much.map(|much| if much { DAY } else { WHOLE });
            ask(floor.unwrap_or_default(), PollReason::Unconditional);
        }
        if let Some(minutes) = state.memory.wishes.ttl_minutes {
            let ttl = SignedDuration::from_mins(i64::from(minutes));
            ask(ttl.min(TTL_MAX), PollReason::Ttl);
        }
    }
    if state.failures > 0 && !polled.is_absolved() {
        let first = limits.shortest().min(BACKOFF_FIRST_MAX);
        let backoff = doubled(first, state.failures, limits.max);
        ask(backoff.saturating_add(spread), PollReason::Backoff);
    }
    match &polled.outcome.answer {
        Answer::Gone if state.is_gone() => ask(GONE, PollReason::Gone),
        Answer::Gone => ask(DAY, PollReason::Gone),
        Answer::Failed {
            kind: FailureKind::Status(status),
            ..
        } if rule.is_refusal(*status) && !polled.is_absolved() => ask(DAY, PollReason::Refused),
        _ => {}
    }
    if let Some(fresh) = fresh {
        ask(fresh, PollReason::Fresh);
    }
    if let Some(away) = hints.away(now) {
        ask(away, PollReason::RetryAfter);
    }
    let (longest, reason) = longest;
    Wait {
        longest,
        reason,
        wished,
    }
}

/// The wait that nobody but the operator asks for.
fn interval(
    state: &FeedState,
    polled: &Polled,
    bounds: Bounds<'_>,
    now: Timestamp,
) -> (SignedDuration, PollReason) {
    let limits = bounds.limits;
    if polled.offline {
        let wait = limits.shortest().min(BACKOFF_FIRST_MAX);
        return (wait, PollReason::Offline);
    }
    let habit = &state.memory.habit;
    let (every, reason) = match limits.every {
        Every::Fixed(every) => (every, PollReason::Interval),
        Every::Auto => {
            let rhythm = &state.memory.rhythm;
            let wait = rhythm.wait(polled.pace.0, habit.entries_least, limits.max, now);
            (wait, PollReason::Auto)
        }
    };
    let halvings = habit.halvings(now);
    if halvings > 0 {
        let part = every / 2_i32.pow(halvings);
        return (part.max(limits.min), PollReason::Gap);
    }
    (every.max(limits.min), reason)
}

/// The wait that a feed was to have: where its own rhythm decides, what came of
/// it at its last poll.
pub(super) fn planned(before: &FeedState, limits: &PollLimits) -> SignedDuration {
    match limits.every {
        Every::Fixed(every) => every.max(limits.min),
        Every::Auto => before.polled_at.map_or(limits.min, |polled_at| {
            before.next_poll_at.duration_since(polled_at)
        }),
    }
}

/// The first time from `due` on at which a feed is not to be skipped; `due`
/// where it says nothing or skips every hour of the week.
pub fn not_skipped(wishes: &FeedWishes, due: Timestamp) -> Timestamp {
    if wishes.skip_hours.is_empty() && wishes.skip_days.is_empty() {
        return due;
    }
    let mut time = TimeZone::UTC.to_datetime(due);
    for _ in 0..SKIP_HOURS_MAX {
        let day = time.weekday().to_monday_zero_offset();
        let skips = wishes.skip_hours.contains(&(time.hour().unsigned_abs()))
            || wishes.skip_days.contains(&day.unsigned_abs());
        if !skips {
            return TimeZone::UTC.to_timestamp(time).unwrap_or(due);
        }
        let hour = time.date().at(time.hour(), 0, 0, 0);
        let Ok(next) = hour.checked_add(SignedDuration::from_hours(1)) else {
            return due;
        };
        time = next;
    }
    due
}

/// `first`, doubled with each failure after the first, at most `max`.
pub(crate) fn doubled(first: SignedDuration, failures: u32, max: SignedDuration) -> SignedDuration {
    let factor = 1_i32
        .checked_shl(failures.saturating_sub(1))
        .filter(|factor| *factor > 0);
    factor
        .and_then(|factor| first.checked_mul(factor))
        .map_or(max, |wait| wait.min(max))
}

/// A part of a wait, to the millisecond.
fn share(whole: SignedDuration, part: f64) -> SignedDuration {
    SignedDuration::from_millis((whole.as_millis() as f64 * part) as i64)
}
