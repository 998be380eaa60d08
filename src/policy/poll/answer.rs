//! What a request for a feed brought, as the fetch tells it.

use crate::policy::push::HubLinks;
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// The longest that an answer is taken to be fresh, whatever its server says.
const FRESH_MAX: SignedDuration = SignedDuration::from_hours(24);
/// The longest that a server can send us away for.
const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);

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
        /// The hubs that its headers name, and what it is to them.
        links: Box<HubLinks>,
        /// Whether it holds only what is new (226, RFC 3229), so that an entry
        /// that is missing is not gone.
        delta: bool,
    },
    /// Nothing new (304), perhaps with new validators.
    NotModified(Validators),
    /// It is elsewhere.
    Redirect {
        /// Where.
        to: Box<Url>,
        /// Whether for good (301 and 308).
        permanent: bool,
    },
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

impl FetchOutcome {
    /// The outcome in a word or two, for the record of requests.
    pub fn in_short(&self) -> String {
        match &self.answer {
            Answer::Body { delta: true, .. } => "226".to_owned(),
            Answer::Body { bytes, .. } => format!("200, {} bytes", bytes.len()),
            Answer::NotModified(_) => "304".to_owned(),
            Answer::Redirect { to, permanent } => {
                let how = if *permanent { "moved" } else { "elsewhere" };
                format!("{how}, to {}", to.host_str().unwrap_or_default())
            }
            Answer::Gone => "410".to_owned(),
            Answer::Failed {
                kind: FailureKind::Status(status),
                ..
            } => status.to_string(),
            Answer::Failed { detail, .. } => detail.clone(),
        }
    }

    /// Whether a server answered at all, be it with an error.
    pub fn reached_a_server(&self) -> bool {
        !matches!(
            self.answer,
            Answer::Failed {
                kind: FailureKind::Dns
                    | FailureKind::Connect
                    | FailureKind::Timeout
                    | FailureKind::Broken
                    | FailureKind::Refused,
                ..
            }
        )
    }

    /// Whether no connection came about: the name did not resolve, nobody
    /// listened, or TLS failed.
    pub fn found_no_server(&self) -> bool {
        matches!(
            self.answer,
            Answer::Failed {
                kind: FailureKind::Dns | FailureKind::Connect,
                ..
            }
        )
    }
}

/// How a request for a feed failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// Its name did not resolve.
    Dns,
    /// No connection came about, TLS included.
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
    /// The body is not a web page.
    NotAPage,
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

impl Validators {
    /// Whether there is nothing that could make a request conditional.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes over what a 304 says anew (RFC 9111, section 4.3.4); what it
    /// leaves out still holds.
    pub fn merge(&mut self, newer: &Self) {
        self.etag = newer.etag.clone().or(self.etag.take());
        self.last_modified = newer.last_modified.clone().or(self.last_modified.take());
    }
}

/// What a server said about when to come back.
///
/// A date counts from the server's own clock where it tells it, and becomes a
/// duration; without one it stays a date.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hints {
    /// For how long its answer stays fresh.
    pub fresh_for: Option<SignedDuration>,
    /// Until when its answer stays fresh, by a server that does not tell its time.
    pub fresh_until: Option<Timestamp>,
    /// How long to keep away.
    pub retry_after: Option<SignedDuration>,
    /// Until when to keep away, by a server that does not tell its time.
    pub retry_at: Option<Timestamp>,
}

impl Hints {
    /// For how long the answer is fresh, at most a day.
    pub fn fresh(&self, now: Timestamp) -> Option<SignedDuration> {
        from_now(self.fresh_for, self.fresh_until, now).map(|fresh| fresh.min(FRESH_MAX))
    }

    /// How long to keep away, at most a week.
    pub fn away(&self, now: Timestamp) -> Option<SignedDuration> {
        from_now(self.retry_after, self.retry_at, now).map(|away| away.min(RETRY_AFTER_MAX))
    }
}

fn from_now(
    wait: Option<SignedDuration>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Option<SignedDuration> {
    let until = until.map(|until| until.duration_since(now));
    wait.or_else(|| until.filter(|wait| !wait.is_negative()))
}
