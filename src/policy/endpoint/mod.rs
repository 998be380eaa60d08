//! An endpoint: the far side of one sink, and whether it may be asked now.
//!
//! How often a sink is tried is a matter of its own health, not of how many
//! alerts wait for it: after [`FAILURES_MAX`] failures in a row the endpoint is
//! open (as a circuit breaker is), and until one probe succeeds nothing else is
//! sent, so that an outage of three days costs some eighty requests and no alert
//! loses its attempts. How long an alert is kept is decided by its age alone.
//!
//! What a receiver says of itself holds for the endpoint as a whole: after a
//! `Retry-After` no delivery goes out before that time (RFC 9110, section
//! 10.2.3), and after 410 none at all until a person has looked.

#[cfg(test)]
mod tests;

use super::retry::DeliveryOutcome;
use super::{SinkName, later};
use crate::alert::notice::{Notice, NoticeKind, Subject};
use crate::name::word_of;
use jiff::{SignedDuration, Timestamp};

/// How many failures in a row open an endpoint.
pub const FAILURES_MAX: u32 = 5;
/// The waits between probes; the last one goes on.
const PROBE_WAITS: [SignedDuration; 6] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_secs(30),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(1),
];
/// The longest of them with chance, generously.
const PROBE_WAIT_MAX: SignedDuration = SignedDuration::from_hours(2);
/// Where a fault of the settings begins: a person has to act, so that haste is
/// of no use.
const FAULT_STEP: usize = 3;
/// How far chance moves a wait, as a part of it, in both directions: endpoints
/// that fell together must not come back together.
const JITTER: f64 = 0.2;
/// The longest silence that a receiver can ask for.
const FLOOR_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Whether an endpoint is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EndpointState {
    /// It takes what it is sent, as far as is known.
    #[default]
    Closed,
    /// It fails; one probe at a time says whether it still does.
    Open,
    /// It said that it is gone; nothing is sent until a person resumes it.
    Paused,
}

impl EndpointState {
    /// Every state with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("closed", Self::Closed),
        ("open", Self::Open),
        ("paused", Self::Paused),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// What is known of an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// Whether it is asked.
    pub state: EndpointState,
    /// How many failures there were in a row, probes among them.
    pub failures: u32,
    /// How many of the waits between probes have begun since it opened.
    pub probes: u32,
    /// Since when it is in its state; none if it never left the first one.
    pub since: Option<Timestamp>,
    /// When it is probed; only while it is open.
    pub next_probe: Option<Timestamp>,
    /// Before this time it wants nothing.
    pub not_before: Option<Timestamp>,
    /// How the last failure read, without secrets; kept after a recovery.
    pub last_error: Option<String>,
    /// When it last took something.
    pub succeeded_at: Option<Timestamp>,
}

/// What may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// As much as the sink takes.
    Free,
    /// One request at a time.
    One,
    /// One request, to see whether it still fails.
    Probe,
    /// Nothing before this time.
    Until(Timestamp),
    /// Nothing until a person resumes it.
    Shut,
}

/// What became of an endpoint by an attempt, for the log and for the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It began to fail.
    Opened,
    /// It said that it is gone.
    Paused,
    /// It takes deliveries again, after it had failed since this time.
    Recovered {
        /// When it began to fail.
        since: Timestamp,
    },
}

impl Change {
    /// What the operator is told of it, by another sink; `detail` is what the
    /// receiver said last.
    pub fn notice(self, sink: &SinkName, detail: &str, at: Timestamp) -> Notice {
        let (kind, text) = match self {
            Self::Opened => (
                NoticeKind::SinkFails,
                format!(
                    "Nothing is delivered to the sink {sink} for now: {detail}. What is for it waits and goes out when it takes deliveries again, or is given up when it is too old. `wirewatch sinks list` shows when it is asked next."
                ),
            ),
            Self::Paused => (
                NoticeKind::SinkFails,
                format!(
                    "The receiver behind the sink {sink} says that it is gone: {detail}. Nothing is sent to it until its settings are changed or `wirewatch deliveries retry --sink {sink}` is run."
                ),
            ),
            Self::Recovered { since } => (
                NoticeKind::SinkRecovered,
                format!(
                    "The sink {sink} takes deliveries again. It had failed since {since:.0}; what waited for it goes out now, the oldest first."
                ),
            ),
        };
        Notice {
            kind,
            subject: Subject::Sink(sink.as_str().to_owned()),
            at,
            text,
        }
    }
}

/// An attempt that ended, as far as it matters to its endpoint.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'a> {
    /// How it ended.
    pub outcome: &'a DeliveryOutcome,
    /// How long the receiver wants to be left alone, whatever became of it.
    pub rest: Option<SignedDuration>,
    /// When it began.
    pub started_at: Timestamp,
}

impl Endpoint {
    /// What may be sent at this time.
    pub fn gate(&self, now: Timestamp) -> Gate {
        let probe = match self.state {
            EndpointState::Paused => return Gate::Shut,
            EndpointState::Open => self.next_probe,
            EndpointState::Closed => None,
        };
        // What lies further away than anything that is ever set was set by a clock
        // that was wrong.
        let probe = probe.filter(|time| *time <= later(now, PROBE_WAIT_MAX));
        let floor = self
            .not_before
            .filter(|time| *time <= later(now, FLOOR_MAX));
        match floor.max(probe) {
            Some(time) if time > now => Gate::Until(time),
            _ if self.state == EndpointState::Open => Gate::Probe,
            // After a failure one tells as much as four would, and costs one.
            _ if self.failures > 0 => Gate::One,
            _ => Gate::Free,
        }
    }

    /// Takes in how an attempt ended at `now`; `jitter` is a roll of the dice
    /// from 0 to 1. Says what changed, if anything did.
    ///
    /// A payload that was refused is an answer like any other: the endpoint is
    /// well. What began before the endpoint opened tells nothing new when it
    /// fails, and does not bring the next probe forward or put it off.
    ///
    /// ```
    /// use jiff::{SignedDuration, Timestamp};
    /// use wirewatch::policy::endpoint::{Change, Endpoint, Ended, Gate};
    /// use wirewatch::policy::retry::DeliveryOutcome;
    ///
    /// let (mut endpoint, now) = (Endpoint::default(), Timestamp::UNIX_EPOCH);
    /// let outcome = DeliveryOutcome::Unavailable { retry_after: None, detail: "503".into() };
    /// let ended = Ended { outcome: &outcome, rest: None, started_at: now };
    /// for _ in 1..5 {
    ///     assert_eq!(endpoint.take(ended, now, 0.5), None);
    /// }
    /// assert_eq!(endpoint.take(ended, now, 0.5), Some(Change::Opened));
    /// assert_eq!(endpoint.gate(now), Gate::Until(now + SignedDuration::from_secs(5)));
    /// ```
    pub fn take(&mut self, ended: Ended<'_>, now: Timestamp, jitter: f64) -> Option<Change> {
        self.rest(ended.rest, now);
        match ended.outcome {
            DeliveryOutcome::Delivered => {
                self.succeeded_at = self.succeeded_at.max(Some(now));
                self.recover(now)
            }
            // It answers, whatever it thinks of this payload.
            DeliveryOutcome::Refused { .. } => self.recover(now),
            DeliveryOutcome::Unavailable {
                retry_after,
                detail,
            } => {
                self.rest(*retry_after, now);
                self.fail(detail, 0, &ended, (now, jitter))
            }
            DeliveryOutcome::Misconfigured { detail } => {
                self.fail(detail, FAULT_STEP, &ended, (now, jitter))
            }
            DeliveryOutcome::Gone { detail } => self.pause(detail, now),
        }
    }

    /// Lets a person's word hold: whatever it was, one request now tells. What
    /// the receiver asked for still holds.
    pub fn resume(&mut self, now: Timestamp) {
        if self.state != EndpointState::Closed {
            self.state = EndpointState::Open;
            self.probes = 0;
            self.next_probe = Some(now);
        }
    }

    /// Keeps only what is not about the settings, which are others now.
    pub fn reset(&mut self) {
        *self = Self {
            succeeded_at: self.succeeded_at,
            ..Self::default()
        };
    }

    fn recover(&mut self, now: Timestamp) -> Option<Change> {
        if self.state == EndpointState::Paused {
            return None;
        }
        self.failures = 0;
        if self.state == EndpointState::Closed {
            return None;
        }
        let since = self.since.unwrap_or(now);
        self.state = EndpointState::Closed;
        self.since = Some(now);
        self.probes = 0;
        self.next_probe = None;
        Some(Change::Recovered { since })
    }

    fn fail(
        &mut self,
        detail: &str,
        first_step: usize,
        ended: &Ended<'_>,
        (now, jitter): (Timestamp, f64),
    ) -> Option<Change> {
        self.last_error = Some(detail.to_owned());
        match self.state {
            EndpointState::Paused => None,
            EndpointState::Closed => {
                self.failures = self.failures.saturating_add(1);
                if self.failures < FAILURES_MAX && first_step == 0 {
                    return None;
                }
                self.state = EndpointState::Open;
                self.since = Some(now);
                self.probes = 0;
                self.wait(first_step, now, jitter);
                Some(Change::Opened)
            }
            EndpointState::Open => {
                if self
                    .next_probe
                    .is_none_or(|probe| ended.started_at >= probe)
                {
                    self.failures = self.failures.saturating_add(1);
                    self.wait(first_step, now, jitter);
                }
                None
            }
        }
    }

    /// Begins the next wait, which is none of those before `first_step`.
    fn wait(&mut self, first_step: usize, now: Timestamp, jitter: f64) {
        let last = PROBE_WAITS.len() - 1;
        let step = (self.probes as usize).max(first_step).min(last);
        self.probes = step as u32 + 1;
        let wait = PROBE_WAITS.get(step).copied().unwrap_or(FLOOR_MAX);
        self.next_probe = Some(later(now, moved(wait, jitter)));
    }

    fn pause(&mut self, detail: &str, now: Timestamp) -> Option<Change> {
        self.last_error = Some(detail.to_owned());
        if self.state == EndpointState::Paused {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        if self.state == EndpointState::Closed {
            self.since = Some(now);
        }
        self.state = EndpointState::Paused;
        self.next_probe = None;
        Some(Change::Paused)
    }

    fn rest(&mut self, wait: Option<SignedDuration>, now: Timestamp) {
        let wait = wait.unwrap_or_default().min(FLOOR_MAX);
        if wait.is_positive() {
            self.not_before = self.not_before.max(Some(later(now, wait)));
        }
    }
}

/// A wait that chance has moved.
pub(super) fn moved(wait: SignedDuration, jitter: f64) -> SignedDuration {
    let seconds = wait.as_secs_f64() * (1.0 - JITTER + 2.0 * JITTER * jitter);
    SignedDuration::from_millis((seconds * 1000.0) as i64)
}
