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
mod offer;
mod subscription;
#[cfg(test)]
mod tests;

pub use intent::{Intent, intent};
pub use link::{HubLinks, hub_links};
pub use offer::{Changes, Offer, changes};
pub use subscription::{LEASE_ASKED, Standing, Subscription};

use super::poll::{BACKOFF_FIRST_MAX, PollLimits};
use crate::name::word_of;
use jiff::SignedDuration;
use std::fmt;

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
            first: limits.shortest().min(BACKOFF_FIRST_MAX),
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
