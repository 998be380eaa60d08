//! When a feed is polled next, and why then.
//!
//! [`settle`] takes what is known of a feed and how a poll of it ended and
//! gives what is known now. The publisher's wishes come first: `Retry-After`
//! (RFC 9110, section 10.2.3) and freshness (RFC 9111, section 4.2) are floors
//! that no setting lowers. Errors slow a feed down to a cap and never end it.

use crate::feed::FeedId;
use jiff::{SignedDuration, Timestamp};

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
        Self::WORDS
            .iter()
            .find(|(_, reason)| *reason == self)
            .map_or("", |(word, _)| word)
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
