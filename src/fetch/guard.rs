//! The guard: where a request may go.
//!
//! What the operator wrote is reached as written, a literal private address and
//! `localhost` included. What is derived, a redirect or the address that a name
//! resolves to, is reached only if it is public or the operator allows it. The
//! check is on the address that is then connected to, so a name that resolves
//! to something else a moment later changes nothing.

use super::address::is_public;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// Whose word an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It stands in the configuration.
    Operator,
    /// Somebody else sent us there.
    Derived,
}

/// Why a request may not go somewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(pub(super) String);

/// The networks that the operator allows beside the public internet.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    allow: Arc<[IpNet]>,
}

impl Guard {
    pub(super) fn new(allow: &[IpNet]) -> Self {
        Self {
            allow: allow.into(),
        }
    }

    /// Whether an address may be connected to on anybody's word.
    pub(super) fn permits(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        is_public(canonical)
            || self
                .allow
                .iter()
                .any(|network| network.contains(&canonical))
    }

    /// What is left of the addresses of a name: those that may be connected to.
    pub(super) fn sift(
        &self,
        name: &str,
        mut found: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Refusal> {
        let first = found.first().map(SocketAddr::ip);
        found.retain(|found| {
            self.permits(found.ip()) || (is_localhost(name) && found.ip().is_loopback())
        });
        match first {
            Some(first) if found.is_empty() => Err(Refusal(format!(
                "{name} resolves to {first}, which is not public; `http.allow` can list it"
            ))),
            _ => Ok(found),
        }
    }

    /// Checks what can be checked before a name is resolved.
    pub(super) fn check(&self, url: &Url, word: Word) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal(format!(
                "`{}:` addresses are not fetched",
                url.scheme()
            )));
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            // What the resolver lets through for the operator alone, and what a
            // proxy would look up for itself.
            Some(Host::Domain(name)) if means_who_asks(name) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(Refusal("the address names no host".to_owned())),
        };
        if word == Word::Operator || self.permits(literal) {
            return Ok(());
        }
        Err(Refusal(format!(
            "this leads to {literal}, which is not public; `http.allow` can list it"
        )))
    }
}

/// The one name that may resolve to this machine.
fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
}

/// Whether a name stands for the machine that looks it up (RFC 6761, section 6.3).
fn means_who_asks(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.rsplit('.').next().is_some_and(is_localhost)
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let name = name.as_str();
            let found = tokio::net::lookup_host((name, 0)).await?.collect();
            let permitted = guard.sift(name, found)?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}
