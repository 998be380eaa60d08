//! What sites say of their pages in robots.txt (RFC 9309).
//!
//! A feed is published to be polled; a page that it links to is somebody's to
//! keep robots from. The rules are kept for a day, by origin, and what is kept
//! of all of them together is bounded, since whoever writes links chooses the
//! origins.

use crate::policy::poll::{self, Answer, FailureKind, FetchOutcome};
use jiff::{SignedDuration, Timestamp};
use robotxt::{AccessResult, Robots};
use std::collections::HashMap;
use url::Url;

/// What we are called in robots.txt: the product of our User-Agent.
const NAME: &str = "wirewatch";
/// How long rules are kept (RFC 9309, section 2.4).
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a site whose rules cannot be had counts as closed.
const CLOSED: SignedDuration = SignedDuration::from_hours(1);
/// The most that is kept, as the bytes of the files that it comes from; in
/// memory it is up to some seven times as much.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// What the name of an origin and its place in the book count for.
const ENTRY_BYTES: usize = 256;

/// Whether a page may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its site was not asked yet.
    Unknown,
    Allowed,
    Disallowed,
    /// The rules cannot be had until then, which closes the site (section 2.3.1.4).
    Closed(Timestamp),
}

/// The rules of sites, by origin.
#[derive(Debug, Default)]
pub(super) struct RobotsBook {
    sites: HashMap<String, Site>,
    bytes: usize,
}

#[derive(Debug)]
struct Site {
    /// None if they cannot be had.
    rules: Option<Robots>,
    until: Timestamp,
    bytes: usize,
}

/// What tells one site from another.
pub(super) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Where the rules for an address stand.
pub(super) fn robots_url(url: &Url) -> Option<Url> {
    url.join("/robots.txt").ok()
}

impl RobotsBook {
    pub(super) fn verdict(&self, url: &Url, now: Timestamp) -> Verdict {
        match self.sites.get(&origin(url)) {
            Some(site) if site.until > now => match &site.rules {
                Some(rules) if rules.is_url_allowed(url) => Verdict::Allowed,
                Some(_) => Verdict::Disallowed,
                None => Verdict::Closed(site.until),
            },
            _ => Verdict::Unknown,
        }
    }

    /// Notes what asking for the rules of a site came to.
    pub(super) fn note(&mut self, origin: String, outcome: &FetchOutcome, now: Timestamp) {
        let access = access(&outcome.answer);
        let (rules, kept) = match access {
            AccessResult::Unreachable => (None, CLOSED),
            access => (Some(Robots::from_access(access, NAME)), KEPT),
        };
        let bytes = ENTRY_BYTES
            + match access {
                AccessResult::Successful(text) => text.len(),
                _ => 0,
            };
        let site = Site {
            rules,
            until: poll::after(now, kept),
            bytes,
        };
        self.bytes += bytes;
        if let Some(before) = self.sites.insert(origin, site) {
            self.bytes -= before.bytes;
        }
        while self.bytes > BYTES_MAX {
            self.forget_one();
        }
    }

    /// Forgets what is kept for the shortest time; it is asked for again.
    fn forget_one(&mut self) {
        let first = self.sites.iter().min_by_key(|(_, site)| site.until);
        let Some(origin) = first.map(|(origin, _)| origin.clone()) else {
            self.bytes = 0;
            return;
        };
        if let Some(site) = self.sites.remove(&origin) {
            self.bytes -= site.bytes;
        }
    }

    pub(super) fn shift(&mut self, by: SignedDuration) {
        for site in self.sites.values_mut() {
            site.until = poll::after(site.until, by);
        }
    }
}

/// What an answer says of access, as section 2.3.1 reads it. To be told to slow
/// down is no word on what may be asked for.
fn access(answer: &Answer) -> AccessResult<'_> {
    match answer {
        Answer::Body { bytes, .. } => AccessResult::Successful(bytes),
        Answer::Gone => AccessResult::Unavailable,
        Answer::Redirect { .. }
        | Answer::Failed {
            kind: FailureKind::Redirect,
            ..
        } => AccessResult::TooManyRedirects,
        Answer::Failed {
            kind: FailureKind::Status(status),
            ..
        } if (400..500).contains(status) && *status != 429 => AccessResult::Unavailable,
        Answer::NotModified(_) | Answer::Failed { .. } => AccessResult::Unreachable,
    }
}

#[cfg(test)]
mod tests;
