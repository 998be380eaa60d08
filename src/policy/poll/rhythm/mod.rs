//! How much a feed publishes, and in which hours of the week.
//!
//! Under a number of requests that all feeds share, the mean delay of entries is
//! least when a feed is polled in proportion to the square root of its rate (the
//! minimum of the sum of rate × interval under a fixed sum of 1 / interval). A
//! rate of news follows the clock of an editorial office, so the rate that
//! counts is that of the hour: a poll is due when the root of the rate, summed
//! over the hours since the last one, has reached what all feeds have to reach
//! (see [`Pace`](super::Pace)).
//!
//! What is old counts less, half as much after four weeks: offices move, and
//! summer time comes.

mod hours;
#[cfg(test)]
mod tests;

pub use hours::Hours;

use crate::text::count;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// After how many days something counts half.
const HALF_LIFE_DAYS: f64 = 28.0;
/// How far back the dates of a first poll are looked at, in days.
const HISTORY_DAYS: f64 = 56.0;
/// What is supposed of a feed that nothing is known of: half an entry in a
/// quarter of a day. It is little, so that a first day outweighs it.
const SUPPOSED_ENTRIES: f64 = 0.5;
const SUPPOSED_DAYS: f64 = 0.25;
/// The most entries of one poll that count: a site that moves to another system
/// brings its whole archive, and does not publish it.
const NEWS_MAX: usize = 100;
/// A date that is so much older than the last poll is none of publication.
const LATE_DAYS: f64 = 1.0;
/// The part of the entries of a feed that may be new at a poll, so that some
/// that are known are always there to show that none was missed.
const WINDOW_SHARE: f64 = 1.0 / 3.0;
/// How many times its share of the requests a feed of few entries may take for
/// that, so that the budget holds.
pub(super) const WINDOW_HASTE: f64 = 4.0;
const HOUR_S: f64 = 3600.0;
pub(super) const DAY_S: f64 = 24.0 * HOUR_S;

/// How much a feed publishes, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rhythm {
    /// Until when it was watched.
    pub watched_until: Option<Timestamp>,
    /// For how many days, old ones counting less.
    pub days: f64,
    /// How many entries came in them, old ones counting less.
    pub entries: f64,
    /// In which hours of the week.
    pub hours: Hours,
    /// The mean root of its hours, of the root of their mean: 1 where it
    /// publishes evenly.
    pub evenness: f64,
}

impl Default for Rhythm {
    fn default() -> Self {
        Self {
            watched_until: None,
            days: 0.0,
            entries: 0.0,
            hours: Hours::default(),
            evenness: 1.0,
        }
    }
}

impl Rhythm {
    /// Notes that a feed was read, and when what was new in it was published, as
    /// far as it says so.
    pub fn watch(&mut self, news: &[Option<Timestamp>], now: Timestamp) {
        match self.watched_until {
            None => self.look_back(news, now),
            Some(until) => self.look_on(news, until, now),
        }
        self.watched_until = Some(now);
        if !news.is_empty() {
            let hours = self.hours.relative();
            let count = hours.len() as f64;
            self.evenness = hours.iter().map(|part| part.sqrt()).sum::<f64>() / count;
        }
    }

    /// Learns from the dates of a first poll.
    fn look_back(&mut self, news: &[Option<Timestamp>], now: Timestamp) {
        let mut ages: Vec<f64> = news
            .iter()
            .flatten()
            .map(|at| days_between(*at, now))
            .filter(|age| *age >= 0.0)
            .collect();
        ages.sort_by(f64::total_cmp);
        let all = ages.len();
        ages.retain(|age| *age <= HISTORY_DAYS);
        let span = if ages.len() < all {
            HISTORY_DAYS
        } else {
            // The oldest is where the view begins, and not an event in it.
            ages.pop().unwrap_or_default()
        };
        self.days = (1.0 - faded(span)) * HALF_LIFE_DAYS / std::f64::consts::LN_2;
        self.entries = ages.iter().map(|age| faded(*age)).sum();
        for age in ages {
            let ago = SignedDuration::from_secs((age * DAY_S) as i64);
            self.hours.count(now.checked_sub(ago).unwrap_or(now), now);
        }
    }

    fn look_on(&mut self, news: &[Option<Timestamp>], until: Timestamp, now: Timestamp) {
        let passed = days_between(until, now).clamp(0.0, HISTORY_DAYS);
        let kept = faded(passed);
        self.days = self.days * kept + passed;
        self.entries = self.entries * kept + news.len().min(NEWS_MAX) as f64;
        for published in news.iter().take(NEWS_MAX) {
            let said =
                published.filter(|at| *at <= now && days_between(*at, now) <= passed + LATE_DAYS);
            self.hours.count(said.unwrap_or(now), now);
        }
    }

    /// How many entries a day it publishes, of late.
    pub fn entries_per_day(&self) -> f64 {
        (self.entries + SUPPOSED_ENTRIES) / (self.days + SUPPOSED_DAYS)
    }

    /// Its share of all requests, beside that of other feeds.
    pub fn weight(&self) -> f64 {
        self.entries_per_day().sqrt() * self.evenness
    }

    /// How many polls a day keep entries of a feed of `window` from being missed.
    pub(super) fn polls_least(&self, window: f64) -> f64 {
        let room = window * WINDOW_SHARE;
        if room > 0.0 {
            self.entries_per_day() / room
        } else {
            0.0
        }
    }

    /// How much of its mean it publishes in the hour of a time.
    pub fn hour(&self, at: Timestamp) -> f64 {
        let hours = self.hours.relative();
        hours.get(Hours::index(at)).copied().unwrap_or(1.0)
    }

    /// How long it takes until the root of the rate has summed up to `pace`, or
    /// until a good part of a feed of `window` entries is expected to be new; at
    /// most `max`.
    pub(super) fn wait(
        &self,
        pace: f64,
        window: f64,
        max: SignedDuration,
        now: Timestamp,
    ) -> SignedDuration {
        let rate = self.entries_per_day();
        let hours = self.hours.relative();
        let max_s = max.as_secs_f64();
        let start_s = now.as_second() as f64;
        let room = window * WINDOW_SHARE;
        let (mut waited_s, mut root, mut expected) = (0.0, 0.0, 0.0);
        while waited_s < max_s {
            let at_s = start_s + waited_s;
            let index = Hours::index_of(at_s as i64);
            let rate = rate * hours.get(index).copied().unwrap_or(1.0);
            let rest_s = HOUR_S - at_s.rem_euclid(HOUR_S);
            let rest = rest_s / DAY_S;
            let until = |pace: f64| (pace - root) / (rate.sqrt() * rest);
            let mut part = until(pace);
            if room > 0.0 {
                let new = (room - expected) / (rate * rest);
                part = part.min(new.max(until(pace / WINDOW_HASTE)));
            }
            if part < 1.0 {
                waited_s += rest_s * part.max(0.0);
                break;
            }
            waited_s += rest_s;
            root += rate.sqrt() * rest;
            expected += rate * rest;
        }
        SignedDuration::from_millis((waited_s.min(max_s) * 1000.0) as i64)
    }

    /// In words, for people.
    pub(super) fn words(&self, at: Timestamp) -> String {
        let per_day = self.entries_per_day();
        let amount = if per_day >= 9.5 {
            format!("{per_day:.0} entries a day")
        } else if per_day >= 0.95 {
            format!("{per_day:.1} entries a day")
        } else {
            let days = format!("{:.0}", 1.0 / per_day);
            format!("an entry in {}", count(days, "day"))
        };
        match self.hour(at) {
            hour if hour >= 1.5 => format!("{amount}, a busy hour"),
            hour if hour <= 0.67 => format!("{amount}, a quiet hour"),
            _ => amount,
        }
    }
}

/// What is left of a weight of 1 after some days.
fn faded(days: f64) -> f64 {
    (-days / HALF_LIFE_DAYS).exp2()
}

fn days_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / DAY_S
}
