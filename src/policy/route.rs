//! Which sinks an alert goes to, or why to none.

use super::{RouteName, SinkName};
use crate::watchlist::Severity;

/// A route: which alerts go to which sinks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its name in the configuration.
    pub name: RouteName,
    /// Topics by name or tag that pass; `*` is all.
    pub topics: Vec<String>,
    /// Actors by name that pass; `*` is all.
    pub actors: Vec<String>,
    /// Feeds by name or tag that pass; `*` is all.
    pub feeds: Vec<String>,
    /// The least severity that passes.
    pub severity: Severity,
    /// Where alerts go that pass.
    pub sinks: Vec<SinkName>,
    /// Whether later routes are tried for an alert that passed.
    pub next: bool,
}
