//! A topic at a hub, and what becomes of it.
//!
//! Each function takes a subscription and what happened to it and gives it as it
//! is then, or none where it can be forgotten.

use super::{HubAnswer, Mode, Pace, Unguessable};
use crate::feed::FeedId;
use crate::name::word_of;
use crate::policy::poll::{self, doubled};
use crate::policy::rounds::REDIRECTS_MAX;
use crate::text::printable;
use jiff::{SignedDuration, Timestamp};

/// For how long a hub is asked to announce a feed; it may grant less or more.
pub const LEASE_ASKED: SignedDuration = SignedDuration::from_hours(10 * 24);
/// How often a hub is asked to stop until it is left to the end of the lease.
const LEAVE_ATTEMPTS_MAX: u32 = 3;
/// The longest that a hub can send us away for.
const AWAY_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How much of a hub's words is kept.
const REASON_CHARS_MAX: usize = 200;

/// A topic at a hub, durably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The end of its own callback's path, of 128 bits.
    pub token: Unguessable,
    /// The feed.
    pub feed: FeedId,
    /// The hub's address.
    pub hub: String,
    /// The address by which the hub knows the feed.
    pub topic: String,
    /// The public address that its callback stands below.
    pub callback: String,
    /// What the hub signs with.
    pub secret: Unguessable,
    /// Whether it is wanted; else the hub is to stop.
    pub wanted: bool,
    /// Where the hub sent us, until the request has been answered there.
    pub moved_to: Option<String>,
    /// How often it sent us on.
    pub hops: u32,
    /// What the hub was asked for, as long as it may ask back.
    pub pending: Option<Mode>,
    /// When it was last asked.
    pub asked_at: Option<Timestamp>,
    /// When it is asked next.
    pub next_at: Timestamp,
    /// Until when the hub announces the topic.
    pub lease_until: Option<Timestamp>,
    /// Whether the hub said that it will not announce the topic.
    pub denied: bool,
    /// How often the hub was asked since it last asked back.
    pub failures: u32,
    /// What went wrong last, in words.
    pub error: Option<String>,
    /// When the hub last announced something.
    pub pushed_at: Option<Timestamp>,
    /// How many documents it brought.
    pub pushes: u64,
    /// How many were dropped, since their signature was wrong or missing.
    pub dropped: u64,
}

impl Subscription {
    /// A subscription that the hub is to be asked for now.
    pub fn new(
        feed: FeedId,
        (hub, topic): (String, String),
        callback: String,
        (token, secret): (Unguessable, Unguessable),
        now: Timestamp,
    ) -> Self {
        Self {
            token,
            feed,
            hub,
            topic,
            callback,
            secret,
            wanted: true,
            moved_to: None,
            hops: 0,
            pending: None,
            asked_at: None,
            next_at: now,
            lease_until: None,
            denied: false,
            failures: 0,
            error: None,
            pushed_at: None,
            pushes: 0,
            dropped: 0,
        }
    }

    /// How it stands.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if !self.wanted {
            Standing::Leaving
        } else if self.denied {
            Standing::Denied
        } else if self.lease_until.is_some_and(|until| until > now) {
            Standing::Active
        } else {
            Standing::Pending
        }
    }

    /// Whether what comes under it is taken. A signature proves its hub also
    /// after the lease, and to send it away then would only lose news.
    pub fn is_heard(&self) -> bool {
        self.wanted && !self.denied && self.lease_until.is_some()
    }

    /// Where the hub is asked.
    pub fn asked_where(&self) -> &str {
        self.moved_to.as_deref().unwrap_or(&self.hub)
    }

    /// What the hub is to be asked for.
    pub fn mode(&self) -> Mode {
        if self.wanted {
            Mode::Subscribe
        } else {
            Mode::Unsubscribe
        }
    }

    /// The address at which the hub reaches it.
    pub fn address(&self) -> String {
        let base = self.callback.trim_end_matches('/');
        format!("{base}/{}", self.token.expose())
    }

    /// It while its hub is asked, until the hub asks back; none if it is not
    /// worth asking, so that the subscription can be forgotten.
    #[must_use]
    pub fn asking(mut self, pace: Pace, now: Timestamp) -> Option<Self> {
        let over = self.lease_until.is_some_and(|until| until <= now);
        if !self.wanted && (over || self.failures >= LEAVE_ATTEMPTS_MAX) {
            return None;
        }
        self.pending = Some(self.mode());
        self.asked_at = Some(now);
        self.failures = self.failures.saturating_add(1);
        self.next_at = poll::after(now, doubled(pace.first, self.failures, pace.longest));
        Some(self)
    }

    /// It after the hub answered, which may be after the hub asked back.
    #[must_use]
    pub fn answered(mut self, answer: &HubAnswer, now: Timestamp) -> Self {
        if self.pending.is_none() {
            return self;
        }
        let hops = std::mem::take(&mut self.hops);
        self.moved_to = None;
        match answer {
            HubAnswer::Taken => {}
            HubAnswer::Moved { to } if hops < REDIRECTS_MAX => {
                self.moved_to = Some(to.clone());
                self.hops = hops + 1;
                self.failures = self.failures.saturating_sub(1);
                self.next_at = now;
            }
            HubAnswer::Moved { .. } => self.refused("it redirects without end"),
            HubAnswer::Unheard { detail } => self.error = Some(detail.clone()),
            HubAnswer::Refused { detail, away } => {
                self.refused(detail);
                let away = away.unwrap_or_default().min(AWAY_MAX);
                self.next_at = self.next_at.max(poll::after(now, away));
            }
        }
        self
    }

    fn refused(&mut self, detail: &str) {
        self.pending = None;
        self.error = Some(detail.to_owned());
    }

    /// Whether what a hub asks back is what it was asked for.
    pub fn meant(&self, mode: Mode, topic: &str) -> bool {
        self.pending == Some(mode) && self.topic == topic
    }

    /// It after the hub heard that we meant it; none if that was to stop.
    ///
    /// It is renewed after a half to three quarters of its lease, spread by its
    /// token, so that feeds that were added together do not stay together.
    #[must_use]
    pub fn confirmed(
        mut self,
        lease: Option<SignedDuration>,
        pace: Pace,
        now: Timestamp,
    ) -> Option<Self> {
        if !self.wanted {
            return None;
        }
        let lease = lease.unwrap_or(LEASE_ASKED);
        let part = 0.5 + self.spread() / 4.0;
        let wait = SignedDuration::from_millis((lease.as_millis() as f64 * part) as i64);
        self.pending = None;
        self.moved_to = None;
        self.hops = 0;
        self.denied = false;
        self.failures = 0;
        self.error = None;
        self.lease_until = Some(poll::after(now, lease));
        self.next_at = poll::after(now, wait.max(pace.least));
        Some(self)
    }

    /// It after the hub said that it will not announce the topic, which it may
    /// say at any time; none if it was to stop anyway.
    #[must_use]
    pub fn denied(mut self, reason: &str, pace: Pace, now: Timestamp) -> Option<Self> {
        if !self.wanted {
            return None;
        }
        let reason = printable(reason, REASON_CHARS_MAX);
        self.pending = None;
        self.denied = true;
        self.lease_until = None;
        self.error = Some(if reason.is_empty() {
            "the hub gave no reason".to_owned()
        } else {
            reason
        });
        self.next_at = poll::after(now, pace.longest);
        Some(self)
    }

    /// It when it is no longer wanted; none if its hub need not hear of it, or
    /// could no longer ask back.
    #[must_use]
    pub fn left(mut self, callback: &str, now: Timestamp) -> Option<Self> {
        if self.asked_at.is_none() || self.denied || self.callback != callback {
            return None;
        }
        self.wanted = false;
        self.moved_to = None;
        self.hops = 0;
        self.pending = None;
        self.failures = 0;
        self.next_at = now;
        Some(self)
    }

    /// A number from 0 to 1 that stays with it: its token is random.
    fn spread(&self) -> f64 {
        let digits = self.token.expose().get(..8).unwrap_or_default();
        let number = u32::from_str_radix(digits, 16).unwrap_or_default();
        f64::from(number) / f64::from(u32::MAX)
    }
}

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The hub has not said yet, or not again, that it announces the topic.
    Pending,
    /// The hub announces it.
    Active,
    /// The hub will not.
    Denied,
    /// The hub is to stop.
    Leaving,
}

impl Standing {
    const WORDS: [(&'static str, Self); 4] = [
        ("pending", Self::Pending),
        ("active", Self::Active),
        ("denied", Self::Denied),
        ("leaving", Self::Leaving),
    ];

    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}
