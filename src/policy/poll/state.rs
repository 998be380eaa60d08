//! What is known of a feed between polls.

use super::answer::Validators;
use super::habit::Habit;
use super::moved::Redirect;
use super::rhythm::Rhythm;
use crate::feed::FeedId;
use crate::name::word_of;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use url::Url;

/// What is known of a feed between polls, durably.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedState {
    /// The feed.
    pub feed: FeedId,
    /// The configured address that the rest of this was learnt from.
    pub url: String,
    /// What makes the next request conditional.
    pub validators: Validators,
    /// The SHA-256 of the last body.
    pub body_hash: Option<[u8; 32]>,
    /// When it was last asked for.
    pub polled_at: Option<Timestamp>,
    /// When it last answered with a feed or with "not modified".
    pub succeeded_at: Option<Timestamp>,
    /// When it is asked for next.
    pub next_poll_at: Timestamp,
    /// Why then.
    pub reason: PollReason,
    /// Failures since the last success.
    pub failures: u32,
    /// The last failure in words; gone after a success.
    pub last_error: Option<String>,
    /// The title that the feed gave itself.
    pub title: Option<String>,
    /// How many polls there were.
    pub polls: u64,
    /// How many of them brought "not modified".
    pub not_modified: u64,
    /// What else is remembered.
    pub memory: Memory,
}

/// What is remembered of a feed beside its state.
///
/// It is stored as one value, in which what is missing has its default: a later
/// version may remember more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// The address that the validators came from; none means the configured one.
    pub answered_by: Option<String>,
    /// How long the last body was, in bytes.
    pub body_bytes: Option<u64>,
    /// When the last body came.
    pub body_at: Option<Timestamp>,
    /// Whether the whole was asked for after a week of "not modified".
    pub asked_anew: bool,
    /// Since when it says that it is gone.
    pub gone_since: Option<Timestamp>,
    /// Since when every poll of it has failed by its own fault.
    pub failing_since: Option<Timestamp>,
    /// Whether the operator was told of that.
    pub failure_told: bool,
    /// Where it says that it moved for good.
    pub redirect: Option<Redirect>,
    /// Where it is asked for, since it moved for good.
    pub moved_to: Option<String>,
    /// When it does not want to be asked.
    pub wishes: FeedWishes,
    /// What is usual for it.
    pub habit: Habit,
    /// Until when its publisher wants it left alone, whatever we would like.
    pub wished_until: Option<Timestamp>,
    /// How much it publishes, and when.
    pub rhythm: Rhythm,
}

/// What a feed itself says about when it is worth asking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedWishes {
    /// For how long it may be kept, in minutes (RSS `ttl`).
    pub ttl_minutes: Option<u32>,
    /// Hours of the day in UTC in which nothing is published (RSS `skipHours`).
    pub skip_hours: Vec<u8>,
    /// Days of the week, 0 being Monday, on which nothing is (RSS `skipDays`).
    pub skip_days: Vec<u8>,
}

/// Why a feed is polled next at the time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollReason {
    /// It was never polled.
    New,
    /// It is being asked; the time holds if the answer is never stored.
    Asking,
    /// The configured interval.
    Interval,
    /// What the feed publishes, and when (`every = "auto"`).
    Auto,
    /// Half of the interval or less, because entries may have been missed.
    Gap,
    /// The server said that its answer is fresh until then.
    Fresh,
    /// The server said when to come back.
    RetryAfter,
    /// The feed said for how long it may be kept (`ttl`).
    Ttl,
    /// The feed publishes nothing before (`skipHours`, `skipDays`).
    Skip,
    /// Its host is asked no more often than that.
    Host,
    /// Its server offers nothing to ask conditionally with, so that every poll
    /// takes the whole.
    Unconditional,
    /// It failed, and each failure doubles the wait.
    Backoff,
    /// We are refused (401, 403, 404, 451): asked for once a day.
    Refused,
    /// It is gone (410): asked for once a day, then once a week, in case it
    /// comes back.
    Gone,
    /// No host at all can be reached: our own network is down.
    Offline,
    /// The operator asked for it.
    Asked,
    /// Its hub is asked to announce it, or to stop: no poll, but a request.
    Push,
}

impl PollReason {
    /// Every reason with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 17] = [
        ("new", Self::New),
        ("asking", Self::Asking),
        ("interval", Self::Interval),
        ("auto", Self::Auto),
        ("possible-gap", Self::Gap),
        ("fresh", Self::Fresh),
        ("retry-after", Self::RetryAfter),
        ("ttl", Self::Ttl),
        ("skip", Self::Skip),
        ("host-floor", Self::Host),
        ("no-validators", Self::Unconditional),
        ("backoff", Self::Backoff),
        ("refused", Self::Refused),
        ("gone", Self::Gone),
        ("offline", Self::Offline),
        ("asked", Self::Asked),
        ("push", Self::Push),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// The bounds that a poll keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollLimits {
    /// The wait between two polls.
    pub every: Every,
    /// The least wait.
    pub min: SignedDuration,
    /// The longest wait after failures, and by the rhythm of a feed.
    pub max: SignedDuration,
    /// How many requests all feeds may cost together that go by their rhythm;
    /// none means one a feed in 15 minutes.
    pub requests_per_minute: Option<u32>,
    /// The wait between two requests to its host.
    pub host_spacing: SignedDuration,
    /// How old an entry may be to be alerted at the first poll.
    pub first_run: FirstRun,
}

/// What decides on the wait between two polls, where nobody else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// It is always the same.
    Fixed(SignedDuration),
    /// What the feed publishes, and when, within what all such feeds may cost.
    Auto,
}

impl PollLimits {
    /// The shortest wait that follows from the configuration.
    pub fn shortest(&self) -> SignedDuration {
        match self.every {
            Every::Fixed(every) => every.max(self.min),
            Every::Auto => self.min,
        }
    }
}

/// Which entries of a first poll are alerted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstRun {
    /// None: all are recorded as seen.
    None,
    /// All.
    All,
    /// Those published within this time.
    Within(SignedDuration),
}

impl FeedState {
    /// What is known of a feed that was never polled: it is due now.
    pub fn new(feed: FeedId, url: String, now: Timestamp) -> Self {
        Self {
            feed,
            url,
            validators: Validators::default(),
            body_hash: None,
            polled_at: None,
            succeeded_at: None,
            next_poll_at: now,
            reason: PollReason::New,
            failures: 0,
            last_error: None,
            title: None,
            polls: 0,
            not_modified: 0,
            memory: Memory::default(),
        }
    }

    /// What is known of the feed if it is configured with this address: all of
    /// it where that is the address that it has, or told us that it moved to.
    #[must_use]
    pub fn configured_at(self, url: &str, now: Timestamp) -> Self {
        if self.url == url {
            return self;
        }
        if self.memory.moved_to.as_deref() != Some(url) {
            return Self::new(self.feed, url.to_owned(), now);
        }
        let mut state = self;
        let before = std::mem::replace(&mut state.url, url.to_owned());
        state.memory.answered_by.get_or_insert(before);
        state.memory.moved_to = None;
        state
    }

    /// Moves every time by as much as the clock was set.
    pub fn shift(&mut self, by: SignedDuration) {
        let moved = |at: &mut Timestamp| *at = super::after(*at, by);
        moved(&mut self.next_poll_at);
        let memory = &mut self.memory;
        let times = [
            &mut self.polled_at,
            &mut self.succeeded_at,
            &mut memory.body_at,
            &mut memory.gone_since,
            &mut memory.failing_since,
            &mut memory.wished_until,
            &mut memory.habit.news_at,
            &mut memory.habit.gap_at,
            &mut memory.rhythm.watched_until,
        ];
        times.into_iter().flatten().for_each(moved);
        if let Some(redirect) = &mut memory.redirect {
            moved(&mut redirect.first_at);
        }
    }

    /// What is known of it if the clock was set back since it was last polled:
    /// the wait is as long as it was.
    pub fn corrected(&self, now: Timestamp) -> Option<Self> {
        let polled_at = self.polled_at.filter(|polled_at| *polled_at > now)?;
        let mut state = self.clone();
        state.shift(now.duration_since(polled_at));
        Some(state)
    }

    /// Why it is polled next when it is, in words.
    pub fn why(&self) -> String {
        let why = self.reason.as_str();
        match self.reason {
            PollReason::Auto => {
                let words = self.memory.rhythm.words(self.next_poll_at);
                format!("{why}: {words}")
            }
            _ => why.to_owned(),
        }
    }

    /// Where it is asked for: where it moved to, or as it is configured.
    pub fn start(&self) -> &str {
        self.memory.moved_to.as_deref().unwrap_or(&self.url)
    }

    /// What makes a request for this address conditional: only what came from it.
    pub fn validators_for(&self, url: &Url, now: Timestamp) -> Validators {
        let from = self.memory.answered_by.as_deref().unwrap_or(&self.url);
        if from == url.as_str() && !self.is_stuck(now) {
            return self.validators.clone();
        }
        Validators::default()
    }

    /// Whether "not modified" has been said for so long that it may be a fault
    /// of the server: the whole is then asked for, once.
    pub(super) fn is_stuck(&self, now: Timestamp) -> bool {
        let since = self.memory.body_at.map(|at| now.duration_since(at));
        !self.memory.asked_anew && since.is_some_and(|since| since > super::STUCK_AFTER)
    }
}
