//! When a feed is polled next, and why then.
//!
//! [`settle`] takes what is known of a feed and how a poll of it ended and
//! gives what is known now. The publisher's wishes come first: `Retry-After`
//! (RFC 9110, section 10.2.3) and freshness (RFC 9111, section 4.2) are floors
//! that no setting lowers. Errors slow a feed down to a cap and never end it.

#[cfg(test)]
mod tests;

use crate::feed::FeedId;
use crate::name::word_of;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// The longest that an answer is taken to be fresh, whatever its server says.
const FRESH_MAX: SignedDuration = SignedDuration::from_hours(24);
/// The longest that a server can send us away for.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The longest wait after a first failure; each further one doubles it. Feeds
/// that are asked for more often begin with their own interval.
const BACKOFF_FIRST_MAX: SignedDuration = SignedDuration::from_mins(5);
/// The wait of a whole host after 429 or 503 without `Retry-After`; it doubles.
const HOST_WAIT_FIRST: SignedDuration = SignedDuration::from_mins(10);
/// The longest of those waits, and the wait of a feed that is gone.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What a poll leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What is known of the feed now.
    pub state: FeedState,
    /// Until when no feed of its host is to be asked for.
    pub host_not_before: Option<Timestamp>,
}

/// Decides when a feed is polled next, from how a poll of it ended.
///
/// `jitter` is from 0 to 1 and only ever makes the wait longer, by up to a
/// tenth, so that feeds do not come to march in step.
pub fn settle(
    state: &FeedState,
    outcome: &FetchOutcome,
    limits: &PollLimits,
    now: Timestamp,
    jitter: f64,
) -> Settled {
    let mut next = state.clone();
    next.polled_at = Some(now);
    next.polls += 1;
    match &outcome.answer {
        Answer::Body {
            bytes, validators, ..
        } => {
            // Both are replaced, also by nothing: a validator of an older body
            // could make the server say "not modified" to something that we
            // never saw.
            next.validators = validators.clone();
            next.body_hash = Some(hash(bytes));
            succeed(&mut next, now);
        }
        Answer::NotModified(validators) => {
            let known = &mut next.validators;
            known.etag = validators.etag.clone().or(known.etag.take());
            known.last_modified = validators
                .last_modified
                .clone()
                .or(known.last_modified.take());
            next.not_modified += 1;
            succeed(&mut next, now);
        }
        Answer::Gone => fail(&mut next, "the server says that it is gone for good (410)"),
        Answer::Failed { detail, .. } => fail(&mut next, detail),
    }
    let (wait, reason) = wait(&next, outcome, limits, jitter);
    next.next_poll_at = after(now, wait);
    next.reason = reason;
    Settled {
        host_not_before: host_not_before(state, outcome, now),
        state: next,
    }
}

/// Whether an outcome brings a body that was read before, byte for byte.
pub fn is_unchanged(state: &FeedState, outcome: &FetchOutcome) -> bool {
    match &outcome.answer {
        Answer::Body { bytes, .. } => state.body_hash == Some(hash(bytes)),
        _ => false,
    }
}

/// Whether an entry of a first poll is news, or only recorded as seen.
///
/// An entry without a date, or with one in the future, is news: its publisher
/// did not say that it is old.
pub fn is_fresh_news(rule: FirstRun, published: Option<Timestamp>, now: Timestamp) -> bool {
    match rule {
        FirstRun::None => false,
        FirstRun::All => true,
        FirstRun::Within(age) => {
            published.is_none_or(|published| now.duration_since(published) <= age)
        }
    }
}

fn succeed(state: &mut FeedState, now: Timestamp) {
    state.succeeded_at = Some(now);
    state.failures = 0;
    state.last_error = None;
}

fn fail(state: &mut FeedState, detail: &str) {
    state.failures = state.failures.saturating_add(1);
    state.last_error = Some(detail.to_owned());
}

/// The wait and what it is for: the longest of all that ask for one.
fn wait(
    state: &FeedState,
    outcome: &FetchOutcome,
    limits: &PollLimits,
    jitter: f64,
) -> (SignedDuration, PollReason) {
    let every = limits.every.max(limits.min);
    let spread = share(every, jitter.clamp(0.0, 1.0) / 10.0);
    let mut longest = (every.saturating_add(spread), PollReason::Interval);
    let mut ask = |wait: SignedDuration, reason: PollReason| {
        if wait > longest.0 {
            longest = (wait, reason);
        }
    };
    if state.failures > 0 {
        let first = every.min(BACKOFF_FIRST_MAX);
        let backoff = doubled(first, state.failures, limits.max);
        ask(backoff.saturating_add(spread), PollReason::Backoff);
    }
    if outcome.answer == Answer::Gone {
        ask(DAY, PollReason::Gone);
    }
    if let Some(fresh) = outcome.hints.fresh_for {
        ask(fresh.min(FRESH_MAX), PollReason::Fresh);
    }
    if let Some(away) = outcome.hints.retry_after {
        ask(away.min(RETRY_AFTER_MAX), PollReason::RetryAfter);
    }
    longest
}

/// Until when a whole host is to be left alone: it said so, or it is overloaded.
///
/// To be heeded as soon as the answer is in, before anything of it is stored.
pub fn host_not_before(
    state: &FeedState,
    outcome: &FetchOutcome,
    now: Timestamp,
) -> Option<Timestamp> {
    let asked = outcome
        .hints
        .retry_after
        .map(|wait| wait.min(RETRY_AFTER_MAX));
    let overloaded = matches!(
        outcome.answer,
        Answer::Failed {
            kind: FailureKind::Status(429 | 503),
            ..
        }
    );
    let failures = state.failures.saturating_add(1);
    let wait = asked.or_else(|| overloaded.then(|| doubled(HOST_WAIT_FIRST, failures, DAY)))?;
    Some(after(now, wait))
}

/// `first`, doubled with each failure after the first, at most `max`.
fn doubled(first: SignedDuration, failures: u32, max: SignedDuration) -> SignedDuration {
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

fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What a server gave to make the next request conditional (RFC 9110, section 8.8).
///
/// Opaque bytes: what goes back is exactly what came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// The `ETag`, quotes and weakness mark included.
    pub etag: Option<Vec<u8>>,
    /// The `Last-Modified` date, as it was written.
    pub last_modified: Option<Vec<u8>>,
}

/// What is known of a feed between polls, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedState {
    /// The feed.
    pub feed: FeedId,
    /// The address that the rest of this was learnt from.
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
}

/// Why a feed is polled next at the time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollReason {
    /// It was never polled.
    New,
    /// The configured interval.
    Interval,
    /// The server said that its answer is fresh until then.
    Fresh,
    /// The server said when to come back.
    RetryAfter,
    /// It failed, and each failure doubles the wait.
    Backoff,
    /// It is gone (410): asked for once a day, in case it comes back.
    Gone,
}

impl PollReason {
    /// Every reason with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("new", Self::New),
        ("interval", Self::Interval),
        ("fresh", Self::Fresh),
        ("retry-after", Self::RetryAfter),
        ("backoff", Self::Backoff),
        ("gone", Self::Gone),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// What a server said about when to come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// For how long its answer stays fresh.
    pub fresh_for: Option<SignedDuration>,
    /// How long to keep away.
    pub retry_after: Option<SignedDuration>,
}

/// How a request for a feed ended.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchOutcome {
    /// What it brought.
    pub answer: Answer,
    /// What the server said about when to come back.
    pub hints: Hints,
}

/// What a request for a feed brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A body.
    Body {
        /// The decoded bytes.
        bytes: Vec<u8>,
        /// The media type that the server named.
        content_type: Option<String>,
        /// What makes the next request conditional.
        validators: Validators,
        /// The address that answered, after redirects.
        url: String,
    },
    /// Nothing new (304), perhaps with new validators.
    NotModified(Validators),
    /// The feed is gone for good (410).
    Gone,
    /// It failed.
    Failed {
        /// How.
        kind: FailureKind,
        /// What happened, in words, without secrets.
        detail: String,
    },
}

/// How a request for a feed failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Its name did not resolve.
    Dns,
    /// No connection came about.
    Connect,
    /// It took too long.
    Timeout,
    /// The server answered with this status.
    Status(u16),
    /// The body was larger than the limit.
    TooLarge,
    /// The address, or one that it led to, is not to be reached.
    Refused,
    /// Too many redirects, or one that cannot be followed.
    Redirect,
    /// The connection broke.
    Broken,
    /// The body is not a feed.
    NotAFeed,
}

/// The bounds that a poll keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollLimits {
    /// The wait between two polls.
    pub every: SignedDuration,
    /// The least wait.
    pub min: SignedDuration,
    /// The longest wait after failures.
    pub max: SignedDuration,
    /// The wait between two requests to its host, from start to start.
    pub host_spacing: SignedDuration,
    /// How old an entry may be to be alerted at the first poll.
    pub first_run: FirstRun,
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
        }
    }
}
