//! Hosts: who answers, what is known of them, and until when they are left alone.
//!
//! Publishers count requests by host, so a wait that one feed is told holds for
//! all feeds of its host.

mod rules;
#[cfg(test)]
mod tests;

pub use rules::{HostOverride, HostRule, HostRules};

use super::poll::{self, Answer, FailureKind, FetchOutcome, PollLimits, PollReason};
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::sync::Arc;
use url::Url;

/// The wait of a host after 429 or 503 without `Retry-After`; it doubles.
const OVERLOADED_FIRST: SignedDuration = SignedDuration::from_mins(10);
/// The longest wait of a host that fails for many feeds at the same time.
const STORM_MAX: SignedDuration = SignedDuration::from_hours(6);
/// The longest of the waits of a host that is overloaded.
const OVERLOADED_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A host as politeness counts it: by its name, whatever the port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(Arc<str>);

impl Host {
    /// The host of an address.
    pub fn of(url: &Url) -> Self {
        Self::named(url.host_str().unwrap_or_default())
    }

    /// The host of this name.
    pub fn named(name: &str) -> Self {
        Self(name.trim_end_matches('.').to_ascii_lowercase().into())
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Itself and the names that it stands below, the longest first.
    fn and_above(&self) -> Vec<Self> {
        let mut names = vec![self.clone()];
        let mut rest = self.as_str();
        while let Some((_, above)) = rest.split_once('.') {
            names.push(Self(above.into()));
            rest = above;
        }
        names
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether an address is of the operator's own network, by how it is written:
/// a private or loopback address, or a name that the public internet has not.
pub fn is_own(url: &Url) -> bool {
    const OWN: [&str; 5] = ["localhost", "local", "internal", "test", "home.arpa"];
    match url.host() {
        Some(url::Host::Domain(name)) => OWN.iter().any(|own| {
            let above = name.trim_end_matches('.').strip_suffix(own);
            above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        }),
        Some(url::Host::Ipv4(address)) => {
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
        }
        Some(url::Host::Ipv6(address)) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
        None => false,
    }
}

/// Whether a host says of a feed what it says of all when something is wrong
/// with it: that it is not there, or that it cannot be given. `YouTube` says so of
/// every feed for hours on most days. 503 is not among it: it names its wait, or
/// has one of its own.
pub fn is_of_a_storm(outcome: &FetchOutcome) -> bool {
    matches!(
        outcome.answer,
        Answer::Failed {
            kind: FailureKind::Status(404 | 500..=502 | 504..=599),
            ..
        }
    )
}

/// Whether a status says that the host has too much to do.
fn is_overload(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// What is known of a host, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostState {
    /// The host.
    pub host: Host,
    /// When it was last asked for anything, or answered.
    pub asked_at: Option<Timestamp>,
    /// Until when it is left alone, and why.
    pub hold: Option<(Timestamp, PollReason)>,
    /// How many times in a row it sent us away, or could not be reached.
    pub failures: u32,
}

impl HostState {
    /// What is known of a host that was never asked.
    pub fn new(host: Host) -> Self {
        Self {
            host,
            asked_at: None,
            hold: None,
            failures: 0,
        }
    }

    /// Notes an answer of the host: until when it is left alone now.
    ///
    /// To be heeded as soon as the answer is in, before anything of it is stored.
    pub fn note(&mut self, outcome: &FetchOutcome, limits: &PollLimits, now: Timestamp) {
        if let Answer::Failed {
            kind: FailureKind::Status(status),
            ..
        } = outcome.answer
            && is_overload(status)
        {
            self.note_refusal(status, outcome.hints.away(now), now);
            return;
        }
        let unreachable = outcome.found_no_server();
        if unreachable {
            self.failures = self.failures.saturating_add(1);
        } else if !is_of_a_storm(outcome) {
            self.failures = 0;
        }
        if let Some(away) = outcome.hints.away(now) {
            self.hold_until(poll::after(now, away), PollReason::RetryAfter);
        } else if unreachable {
            let first = limits.shortest().min(poll::BACKOFF_FIRST_MAX);
            let wait = poll::doubled(first, self.failures, limits.max);
            self.hold_until(poll::after(now, wait), PollReason::Backoff);
        }
    }

    /// Notes an answer with a status of an error, to whatever request: the host
    /// is left alone for as long as it says, or as long as an overloaded one is.
    pub fn note_refusal(&mut self, status: u16, away: Option<SignedDuration>, now: Timestamp) {
        let overloaded = is_overload(status);
        if overloaded {
            self.failures = self.failures.saturating_add(1);
        }
        let failures = self.failures;
        let grown = || poll::doubled(OVERLOADED_FIRST, failures, OVERLOADED_MAX);
        if let Some(wait) = away.or_else(|| overloaded.then(grown)) {
            self.hold_until(poll::after(now, wait), PollReason::RetryAfter);
        }
    }

    /// Notes that it fails for many of its feeds: it is left alone as a whole.
    pub fn note_storm(&mut self, limits: &PollLimits, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        let first = limits.shortest().min(poll::BACKOFF_FIRST_MAX);
        let wait = poll::doubled(first, self.failures, STORM_MAX.min(limits.max));
        self.hold_until(poll::after(now, wait), PollReason::Backoff);
    }

    /// When it may be asked again, and what for it waits until then.
    pub fn free(&self, spacing: SignedDuration) -> Option<(Timestamp, PollReason)> {
        let spaced = self
            .asked_at
            .map(|at| (poll::after(at, spacing), PollReason::Host));
        // Of two the later.
        spaced
            .into_iter()
            .chain(self.hold)
            .max_by_key(|(at, _)| *at)
    }

    /// What is known of it if the clock was set back since it was last asked:
    /// each wait is as long as it was.
    pub fn corrected(&self, now: Timestamp) -> Option<Self> {
        let asked_at = self.asked_at.filter(|asked_at| *asked_at > now)?;
        let hold = self
            .hold
            .map(|(until, reason)| (poll::after(now, until.duration_since(asked_at)), reason));
        Some(Self {
            asked_at: Some(now),
            hold,
            ..self.clone()
        })
    }

    /// Leaves it alone until a time, at least.
    pub fn hold_until(&mut self, until: Timestamp, reason: PollReason) {
        if self.hold.is_none_or(|(known, _)| known < until) {
            self.hold = Some((until, reason));
        }
    }
}
