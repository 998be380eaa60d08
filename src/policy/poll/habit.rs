//! What is usual for a feed, and when it does something else.
//!
//! Feeds differ by a thousandfold in how much they publish, so each is measured
//! by itself. What is told becomes usual, so that it is not told at each poll.

use super::Notice;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How many times news must have come before their absence means anything.
const NEWS_LEAST: u32 = 10;
/// A silence is shorter than this only by chance: weekends.
const SILENCE_LEAST: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How many of its longest usual waits a silence has to last.
const SILENCE_WAITS: f64 = 3.0;
/// How many readings it takes to know how many entries are usual, and the
/// least number of them that can shrink.
const READINGS_LEAST: u32 = 10;
const ENTRIES_LEAST: f64 = 6.0;
/// How fast the longest wait and the least number of entries are forgotten.
const FORGET: f64 = 0.05;
/// How long it takes until one halving of the interval is taken back.
const HURRY_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most halvings: 64 times as often.
const HALVINGS_MAX: u32 = 6;

/// What is usual for a feed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habit {
    /// When it last had a new entry.
    pub news_at: Option<Timestamp>,
    /// How many times it had any since the first poll.
    pub news: u32,
    /// Its longest wait for a new entry, of late, in seconds.
    pub longest_wait_s: f64,
    /// Whether its silence was told.
    pub silent: bool,
    /// How often its entries were counted.
    pub readings: u32,
    /// The least number of entries that it had, of late.
    pub entries_least: f64,
    /// When entries may last have been missed.
    pub gap_at: Option<Timestamp>,
    /// How often the interval was halved then.
    pub halvings: u32,
}

/// What a body held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    /// How many entries.
    pub entries: usize,
    /// How many of them were never seen before.
    pub new: usize,
    /// Whether they are only what is new (226).
    pub delta: bool,
}

/// When a feed was last read, as seen from a poll of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// Never: this is the first time.
    Never,
    /// About as long ago as it should be.
    InTime,
    /// Longer ago, as after failures.
    LongAgo,
}

impl Habit {
    /// Notes what a body held, and says what is unusual about it.
    pub(super) fn read(&mut self, contents: Contents, last: Last, now: Timestamp) -> Vec<Notice> {
        let mut notices = Vec::new();
        if contents.new > 0 {
            self.news(now);
        }
        if contents.delta {
            return notices;
        }
        let none_known = contents.entries > 0 && contents.new == contents.entries;
        if none_known && last != Last::Never && self.readings > 0 && self.entries_least >= 1.0 {
            let hurries = last == Last::InTime;
            if hurries {
                self.halvings = (self.halvings(now) + 1).min(HALVINGS_MAX);
                self.gap_at = Some(now);
            }
            notices.push(Notice::PossibleGap {
                entries: contents.entries,
                hurries,
            });
        }
        notices.extend(self.count(contents.entries));
        notices
    }

    /// Notes that it had a new entry, be it that a poll found it or a hub.
    pub fn news(&mut self, now: Timestamp) {
        let waited = self.news_at.replace(now).map(|at| now.duration_since(at));
        if let Some(waited) = waited {
            self.news = self.news.saturating_add(1);
            let usual = self.longest_wait_s * (1.0 - FORGET);
            self.longest_wait_s = usual.max(waited.as_secs_f64());
        }
        self.silent = false;
    }

    fn count(&mut self, entries: usize) -> Option<Notice> {
        let found = entries as f64;
        let usual = self.entries_least;
        let known = self.readings >= READINGS_LEAST && usual >= ENTRIES_LEAST;
        let shrank = known && found * 2.0 < usual;
        self.readings = self.readings.saturating_add(1);
        self.entries_least = if self.readings == 1 {
            found
        } else {
            found.min(usual + (found - usual) * FORGET)
        };
        shrank.then_some(Notice::Shrank {
            entries: entries as u64,
            usual: usual as u64,
        })
    }

    /// Says, once, that a feed has had nothing new for longer than it ever did.
    pub(super) fn listen(&mut self, now: Timestamp) -> Option<Notice> {
        let since = self.news_at?;
        let bound_s = (self.longest_wait_s * SILENCE_WAITS).max(SILENCE_LEAST.as_secs_f64());
        let silence_s = now.duration_since(since).as_secs_f64();
        if self.silent || self.news < NEWS_LEAST || silence_s <= bound_s {
            return None;
        }
        self.silent = true;
        Some(Notice::Silent { since })
    }

    /// How often the interval is halved now, because entries may have been
    /// missed: once more at each time, and once less a week.
    pub(super) fn halvings(&self, now: Timestamp) -> u32 {
        let Some(at) = self.gap_at else {
            return 0;
        };
        // A feed of which no number was kept was halved once.
        let weeks = now.duration_since(at).as_hours() / HURRY_FOR.as_hours();
        let weeks = u32::try_from(weeks).unwrap_or_default();
        self.halvings.max(1).saturating_sub(weeks)
    }
}
