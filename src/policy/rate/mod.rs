//! So many in so long: what a route may send, and what a sink takes.

#[cfg(test)]
mod tests;

use super::later;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// The most times that are kept; a rate of more is kept as one of so many in a
/// time that is shorter by as much.
const TIMES_MAX: u32 = 1_000;

/// A number of things in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least 1.
    pub count: u32,
    /// In how long; longer than nothing.
    pub per: SignedDuration,
}

impl Rate {
    /// Whether it is one a second or less, as of services that take messages for
    /// people to read: there a second one under way would only be refused.
    pub fn is_slow(self) -> bool {
        self.per >= SignedDuration::from_secs(i64::from(self.count))
    }
}

/// Keeps a rate: in no window as long as its time are there more than its number.
///
/// A bucket that refills while it is emptied lets through nearly twice its number
/// in one window, and receivers count by windows. So the times themselves are kept,
/// as many as the rate has, and no more than `TIMES_MAX`.
#[derive(Debug, Clone)]
pub struct Meter {
    rate: Rate,
    /// The last ones, in order.
    times: VecDeque<Timestamp>,
}

impl Meter {
    /// Keeps a rate from now on; `earlier` are times that count already, in any
    /// order.
    pub fn new(rate: Rate, earlier: impl IntoIterator<Item = Timestamp>) -> Self {
        let count = rate.count.clamp(1, TIMES_MAX);
        let per = if rate.count > count {
            let share = f64::from(count) / f64::from(rate.count);
            SignedDuration::try_from_secs_f64(rate.per.as_secs_f64() * share).unwrap_or(rate.per)
        } else {
            rate.per
        };
        let mut times: Vec<Timestamp> = earlier.into_iter().collect();
        times.sort_unstable();
        let surplus = times.len().saturating_sub(count as usize);
        times.drain(..surplus);
        Self {
            rate: Rate { count, per },
            times: times.into(),
        }
    }

    /// From when on there may be one more.
    pub fn free_at(&self) -> Option<Timestamp> {
        if self.times.len() < self.rate.count as usize {
            return None;
        }
        let first = self.times.front()?;
        // In a window that ends where it began, the first would still count.
        let wait = self.rate.per.saturating_add(SignedDuration::from_millis(1));
        Some(later(*first, wait))
    }

    /// Counts one, if it may be now; says whether it may.
    ///
    /// A clock that was set back leaves times that are yet to come. They are taken
    /// for now, so that the wait is no longer than one window.
    pub fn admit(&mut self, now: Timestamp) -> bool {
        for time in self.times.iter_mut().rev().take_while(|time| **time > now) {
            *time = now;
        }
        if self.free_at().is_some_and(|time| time > now) {
            return false;
        }
        if self.times.len() >= self.rate.count as usize {
            self.times.pop_front();
        }
        self.times.push_back(now);
        true
    }
}
