//! What hosts are known for, and what the operator says of them.
//!
//! A rule holds for a name and all names below it, which then count as one
//! host: sites limit an address of ours, not one of their names.

use super::{Host, is_own};
use jiff::SignedDuration;
use std::collections::HashMap;
use url::Url;

/// How a host is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostRule {
    /// The least time between two requests.
    pub spacing: SignedDuration,
    /// The least time between two polls of one of its feeds, in place of what
    /// follows from what its server offers.
    pub floor: Option<SignedDuration>,
    /// Whether it is a machine of the operator's own network: the floors that
    /// spare strangers do not hold.
    pub own: bool,
    /// Whether it says 404 for feeds that are there.
    pub flaky: bool,
}

impl HostRule {
    /// Whether a status refuses us for longer than an error lasts.
    pub fn is_refusal(&self, status: u16) -> bool {
        !self.own && (matches!(status, 401 | 403 | 451) || status == 404 && !self.flaky)
    }
}

/// What an operator says of a host; what is missing is as it would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HostOverride {
    /// The least time between two requests.
    pub spacing: Option<SignedDuration>,
    /// The least time between two polls of one of its feeds.
    pub floor: Option<SignedDuration>,
}

/// A host that is known for something.
struct KnownHost {
    name: &'static str,
    spacing_ms: i64,
    floor_s: i64,
    flaky: bool,
}

/// Hosts that block whoever asks too often, as their owners or other readers
/// found. Each stands for all names below it.
const KNOWN: [KnownHost; 6] = [
    // One request a minute and address without a login, whatever the path;
    // often without Retry-After (since June 2026).
    known("reddit.com", 61_000, 0),
    // Says 404 and 500 for every feed for hours on most days.
    KnownHost {
        flaky: true,
        ..known("youtube.com", 2_000, 0)
    },
    // Its guide for developers: one request at a time, spaced.
    known("openrss.org", 600_000, 0),
    // Ten requests a second are allowed; a fifth of that is never blamed.
    known("sec.gov", 500, 0),
    known("nasdaq.com", 30_000, 0),
    // Its owner tests readers: an hour between conditional requests.
    known("rachelbythebay.com", 2_000, 3_600),
];

const fn known(name: &'static str, spacing_ms: i64, floor_s: i64) -> KnownHost {
    KnownHost {
        name,
        spacing_ms,
        floor_s,
        flaky: false,
    }
}

/// What is known of hosts, the operator's word first.
#[derive(Debug, Clone, Default)]
pub struct HostRules {
    overrides: HashMap<Host, HostOverride>,
}

impl HostRules {
    /// The built-in rules with what the operator says.
    pub fn new(overrides: impl IntoIterator<Item = (Host, HostOverride)>) -> Self {
        Self {
            overrides: overrides.into_iter().collect(),
        }
    }

    /// The host that an address counts for.
    pub fn host(&self, url: &Url) -> Host {
        self.canonical(&Host::of(url))
    }

    /// The host that a name counts for: the longest name at its end that has a
    /// rule, else itself.
    pub fn canonical(&self, host: &Host) -> Host {
        let names = host.and_above();
        names
            .into_iter()
            .find(|name| self.overrides.contains_key(name) || built_in(name).is_some())
            .unwrap_or_else(|| host.clone())
    }

    /// The rule for an address, where `spacing` is what holds for hosts that
    /// nothing is known of.
    pub fn rule(&self, url: &Url, spacing: SignedDuration) -> HostRule {
        let host = self.host(url);
        let own = is_own(url);
        let known = host.and_above().iter().find_map(built_in);
        let said = self.overrides.get(&host).copied().unwrap_or_default();
        let built_in_spacing =
            known.map(|known| SignedDuration::from_millis(known.spacing_ms).max(spacing));
        let built_in_floor = known
            .filter(|known| known.floor_s > 0)
            .map(|known| SignedDuration::from_secs(known.floor_s));
        HostRule {
            spacing: said.spacing.or(built_in_spacing).unwrap_or(spacing),
            floor: said.floor.or(built_in_floor),
            own,
            flaky: known.is_some_and(|known| known.flaky),
        }
    }
}

fn built_in(host: &Host) -> Option<&'static KnownHost> {
    KNOWN.iter().find(|known| known.name == host.as_str())
}
