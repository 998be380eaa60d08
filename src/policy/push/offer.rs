//! Where feeds say that they are announced, and what follows from it.

use super::link::{self, HubLinks};
use super::subscription::Subscription;
use crate::feed::Polling;
use url::Url;

/// The most hubs of one feed that are asked to stop: a feed that names another
/// one at each poll has had its share.
const LEAVING_MAX: usize = 4;

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
