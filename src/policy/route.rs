//! Which sinks an alert goes to, or why to none.

use super::{RouteName, SinkName};
use crate::alert::Alert;
use crate::feed::FeedId;
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

/// Where an alert goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// To these sinks, each once; with the route that chose it, if routes did.
    To(Vec<(SinkName, Option<RouteName>)>),
    /// Nowhere.
    Nowhere(NowhereReason),
}

/// Why an alert goes nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NowhereReason {
    /// No sink is configured.
    NoSink,
    /// No route lets it pass.
    NoRoute,
    /// The routes that let it pass have no sinks, on purpose.
    Dropped,
}

impl NowhereReason {
    /// The word used in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSink => "no-sink",
            Self::NoRoute => "no-route",
            Self::Dropped => "dropped",
        }
    }
}

impl Plan {
    /// The sinks that it goes to.
    pub fn sinks(&self) -> Vec<SinkName> {
        match self {
            Self::To(sinks) => sinks.iter().map(|(sink, _)| sink.clone()).collect(),
            Self::Nowhere(_) => Vec::new(),
        }
    }
}

/// Decides where an alert goes.
///
/// Without any route it goes to every sink. Else the routes are tried in their
/// order, up to the first that lets it pass and does not say `continue`. A
/// route lets an alert pass with any of its topics or actors, and all of its
/// other keys.
pub fn plan(alert: &Alert, routes: &[Route], sinks: &[SinkName]) -> Plan {
    if sinks.is_empty() {
        return Plan::Nowhere(NowhereReason::NoSink);
    }
    if routes.is_empty() {
        return Plan::To(sinks.iter().map(|sink| (sink.clone(), None)).collect());
    }
    let mut chosen: Vec<(SinkName, Option<RouteName>)> = Vec::new();
    let mut passed = false;
    for route in routes.iter().filter(|route| passes(alert, route)) {
        passed = true;
        for sink in &route.sinks {
            if !chosen.iter().any(|(known, _)| known == sink) {
                chosen.push((sink.clone(), Some(route.name.clone())));
            }
        }
        if !route.next {
            break;
        }
    }
    match (chosen.is_empty(), passed) {
        (false, _) => Plan::To(chosen),
        (true, true) => Plan::Nowhere(NowhereReason::Dropped),
        (true, false) => Plan::Nowhere(NowhereReason::NoRoute),
    }
}

fn passes(alert: &Alert, route: &Route) -> bool {
    let matches = &alert.matches;
    let by_topic = matches.topics.iter().any(|topic| {
        let tags = topic.tags.iter().map(String::as_str);
        names(&route.topics, std::iter::once(&*topic.id).chain(tags))
    });
    let by_actor = matches
        .actors
        .iter()
        .any(|actor| names(&route.actors, std::iter::once(&*actor.id)));
    (by_topic || by_actor)
        && alert.severity >= route.severity
        && names(&route.feeds, feed_names(&alert.feed.id, &alert.feed.tags))
}

fn feed_names<'a>(id: &'a FeedId, tags: &'a [String]) -> impl Iterator<Item = &'a str> {
    std::iter::once(id.as_str()).chain(tags.iter().map(String::as_str))
}

/// Whether a list names one of these, or all with `*`.
fn names<'a>(list: &[String], mut of: impl Iterator<Item = &'a str>) -> bool {
    list.iter().any(|name| name == "*") || of.any(|name| list.iter().any(|wanted| wanted == name))
}
