//! Feeds that moved for good.
//!
//! A captive portal, or a site that is being repaired, sends 301 as well, so a
//! new address is adopted only after it was named several times over a week,
//! by redirects that were all permanent, and while it has the same entries.

use super::Notice;
use super::state::Memory;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How often a new address has to be named, and over which time.
const TIMES_LEAST: u32 = 5;
const TIME_LEAST: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where a feed says that it moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// The new address.
    pub to: String,
    /// When it was first named.
    pub first_at: Timestamp,
    /// How often it was named since, without a break.
    pub times: u32,
}

/// Notes where a poll that succeeded was led: `to` if every redirect on its way
/// was permanent. `proved` says that the same feed is there.
pub(super) fn note(
    memory: &mut Memory,
    to: Option<&str>,
    proved: bool,
    now: Timestamp,
) -> Option<Notice> {
    let Some(to) = to else {
        memory.redirect = None;
        return None;
    };
    let known = memory.redirect.take().filter(|known| known.to == to);
    let mut redirect = known.unwrap_or_else(|| Redirect {
        to: to.to_owned(),
        first_at: now,
        times: 0,
    });
    redirect.times = redirect.times.saturating_add(1);
    let lasting = now.duration_since(redirect.first_at) >= TIME_LEAST;
    if proved && lasting && redirect.times >= TIMES_LEAST {
        memory.moved_to = Some(redirect.to.clone());
        return Some(Notice::Moved { to: redirect.to });
    }
    memory.redirect = Some(redirect);
    None
}
