//! Push: which hub is asked to announce a feed, when, and what its word is worth.
//!
//! After WebSub (W3C Recommendation of 23 January 2018). A feed names hubs and
//! the topic that it is to them ([`Offer`]); a [`Subscription`] is one topic at
//! one hub. A hub is asked, asks back at the callback whether we meant it, and
//! from then on announces the feed until its lease ends. Each request counts as
//! a failure until the hub has asked back, so that one that is killed, lost or
//! never answered is made again later, and ever later.
//!
//! Polls go on whatever a hub does: what it leaves out, they find.

mod intent;
mod link;
#[cfg(test)]
mod tests;

pub use intent::{Intent, intent};
pub use link::{HubLinks, hub_links};

use super::poll::{self, BACKOFF_FIRST_MAX, PollLimits, doubled};
use super::rounds::REDIRECTS_MAX;
use crate::feed::{FeedId, Polling};
use crate::name::word_of;
use crate::text::printable;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use url::Url;

/// For how long a hub is asked to announce a feed; it may grant less or more.
pub const LEASE_ASKED: SignedDuration = SignedDuration::from_hours(10 * 24);
/// How often a hub is asked to stop until it is left to the end of the lease.
const LEAVE_ATTEMPTS_MAX: u32 = 3;
/// The most hubs of one feed that are asked to stop: a feed that names another
/// one at each poll has had its share.
const LEAVING_MAX: usize = 4;
/// The longest that a hub can send us away for.
const AWAY_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How much of a hub's words is kept.
const REASON_CHARS_MAX: usize = 200;

/// Where a feed says that its changes are announced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// The hubs, the first being the one to ask.
    pub hubs: Vec<String>,
    /// The address by which they know the feed.
    pub topic: String,
}

impl Offer {
    /// What an answer offers: its headers come first, then the feed in its body
    /// (WebSub, section 4). Without an address of its own the feed is known by
    /// the one that answered.
    pub fn of(links: &HubLinks, polling: &Polling, answered_by: &str) -> Self {
        let usable = |address: &&String| Url::parse(address).is_ok_and(|url| link::is_usable(&url));
        let hubs = if links.hubs.is_empty() {
            &polling.hubs
        } else {
            &links.hubs
        };
        let address = [&links.address, &polling.address];
        let address = address.into_iter().flatten().find(usable);
        Self {
            hubs: hubs.iter().filter(usable).cloned().collect(),
            topic: address.map_or(answered_by, String::as_str).to_owned(),
        }
    }
}

/// Something that gives power to whoever knows it, and so is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Unguessable(String);

impl Unguessable {
    /// Hides a text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Shows it, to whoever needs it to do its work.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Unguessable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What a hub is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// To announce a topic.
    Subscribe,
    /// To stop it.
    Unsubscribe,
}

impl Mode {
    /// Every mode with its word (`hub.mode`).
    pub const WORDS: [(&'static str, Self); 2] = [
        ("subscribe", Self::Subscribe),
        ("unsubscribe", Self::Unsubscribe),
    ];

    /// The word used in requests and in the store.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
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

/// How fast a hub is asked again: as fast as the feed would be polled.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The least wait.
    least: SignedDuration,
    /// The wait after a first failure; each further one doubles it.
    first: SignedDuration,
    /// The longest wait.
    longest: SignedDuration,
}

impl Pace {
    /// The pace that follows from the limits of a feed.
    pub fn of(limits: &PollLimits) -> Self {
        Self {
            least: limits.min,
            first: limits.every.max(limits.min).min(BACKOFF_FIRST_MAX),
            longest: limits.max,
        }
    }
}

impl Default for Pace {
    /// What holds for a feed that is no longer configured.
    fn default() -> Self {
        Self {
            least: BACKOFF_FIRST_MAX,
            first: BACKOFF_FIRST_MAX,
            longest: SignedDuration::from_hours(24),
        }
    }
}

/// How a request to a hub was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubAnswer {
    /// It was taken; the hub will ask back.
    Taken,
    /// It was not.
    Refused {
        /// What the hub said, in words.
        detail: String,
        /// How long it wants to be left alone.
        away: Option<SignedDuration>,
    },
    /// The hub is elsewhere.
    Moved {
        /// Where.
        to: String,
    },
    /// Nobody knows: the hub may have heard it.
    Unheard {
        /// What happened, in words.
        detail: String,
    },
}

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

/// What is to change about the subscriptions of one feed.
#[derive(Debug, PartialEq, Eq)]
pub struct Changes<'a> {
    /// Those that are no longer wanted.
    pub leave: Vec<&'a Subscription>,
    /// Those that are not wanted and too many.
    pub forget: Vec<&'a Subscription>,
    /// The hub and the topic of one that is.
    pub start: Option<(String, String)>,
}

impl Changes<'_> {
    /// Whether everything can stay as it is.
    pub fn is_empty(&self) -> bool {
        self.leave.is_empty() && self.forget.is_empty() && self.start.is_none()
    }
}

/// Compares what a feed offers with the subscriptions that it has. `offer` is
/// none for a feed that is not to be pushed.
///
/// A subscription stays as long as its hub is among those that are offered: a
/// feed that lists its hubs in another order has not changed them.
pub fn changes<'a>(
    offer: Option<&Offer>,
    known: &'a [Subscription],
    callback: &str,
) -> Changes<'a> {
    let is_offered = |known: &Subscription| {
        let of = |offer: &Offer| offer.topic == known.topic && offer.hubs.contains(&known.hub);
        known.callback == callback && offer.is_some_and(of)
    };
    let (wanted, leaving): (Vec<_>, Vec<_>) = known.iter().partition(|known| known.wanted);
    let kept = wanted.iter().copied().find(|known| is_offered(known));
    let first = offer.and_then(|offer| Some((offer.hubs.first()?.clone(), offer.topic.clone())));
    Changes {
        leave: wanted
            .into_iter()
            .filter(|known| kept.is_none_or(|kept| kept.token != known.token))
            .collect(),
        forget: leaving.into_iter().skip(LEAVING_MAX).collect(),
        start: first.filter(|_| kept.is_none()),
    }
}
