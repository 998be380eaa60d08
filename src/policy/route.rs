//! Which sinks an alert goes to, or why to none.

use super::digest::Rules;
use super::selection::{Refusal, Selection};
use super::{RouteName, SinkName};
use crate::alert::Alert;
use crate::watchlist::Severity;
use std::sync::Arc;

/// A route: which alerts go to which sinks, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its name in the configuration.
    pub name: RouteName,
    /// What an alert must be to pass.
    pub selection: Selection,
    /// The least severity that passes.
    pub severity: Severity,
    /// Where alerts go that pass.
    pub sinks: Vec<SinkName>,
    /// Whether later routes are tried for an alert that passed.
    pub next: bool,
    /// What it keeps to in sending them.
    pub rules: Arc<Rules>,
}

/// Where an alert goes, and what each route said to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The sinks that it goes to, each once.
    pub targets: Vec<Target>,
    /// Why it goes nowhere, if it does.
    pub nowhere: Option<NowhereReason>,
    /// What the routes said, in their order; none if there are no routes.
    pub verdicts: Vec<(RouteName, Verdict)>,
}

/// A sink that an alert goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The sink.
    pub sink: SinkName,
    /// The route that chose it first, and by whose rules it goes, if routes did.
    pub route: Option<(RouteName, Arc<Rules>)>,
}

/// What a route says to an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does not pass, for this key first of all.
    Refused(Refusal),
    /// It goes to these sinks of the route, which no earlier one had chosen.
    Passed(Vec<SinkName>),
    /// An earlier route ended it.
    NotTried,
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
    /// The word used in the log, the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoSink => "no-sink",
            Self::NoRoute => "no-route",
            Self::Dropped => "dropped",
        }
    }
}

impl Target {
    /// A sink that gets everything as it comes.
    pub fn plain(sink: SinkName) -> Self {
        Self { sink, route: None }
    }
}

/// Decides where an alert goes.
///
/// Without any route it goes to every sink. Else the routes are tried in their
/// order, up to the first that lets it pass and does not say `continue`. A sink
/// that several choose gets it once, by the rules of the first.
pub fn plan(alert: &Alert, routes: &[Route], sinks: &[SinkName]) -> Plan {
    if sinks.is_empty() {
        return Plan {
            nowhere: Some(NowhereReason::NoSink),
            ..Plan::default()
        };
    }
    if routes.is_empty() {
        return Plan {
            targets: sinks.iter().cloned().map(Target::plain).collect(),
            ..Plan::default()
        };
    }
    let mut plan = Plan::default();
    let (mut ended, mut passed) = (false, false);
    for route in routes {
        let verdict = if ended {
            Verdict::NotTried
        } else if let Some(refusal) = refusal(alert, route) {
            Verdict::Refused(refusal)
        } else {
            passed = true;
            ended = !route.next;
            Verdict::Passed(choose(&mut plan.targets, route))
        };
        plan.verdicts.push((route.name.clone(), verdict));
    }
    plan.nowhere = match (plan.targets.is_empty(), passed) {
        (false, _) => None,
        (true, true) => Some(NowhereReason::Dropped),
        (true, false) => Some(NowhereReason::NoRoute),
    };
    plan
}

/// Adds the sinks of a route that are not chosen yet, and says which those are.
fn choose(targets: &mut Vec<Target>, route: &Route) -> Vec<SinkName> {
    let mut chosen = Vec::new();
    for sink in &route.sinks {
        if targets.iter().any(|known| known.sink == *sink) {
            continue;
        }
        targets.push(Target {
            sink: sink.clone(),
            route: Some((route.name.clone(), Arc::clone(&route.rules))),
        });
        chosen.push(sink.clone());
    }
    chosen
}

/// The first key that keeps an alert from a route.
fn refusal(alert: &Alert, route: &Route) -> Option<Refusal> {
    match route.selection.refusal(alert) {
        Some(Refusal::TopicsAndActors) => Some(Refusal::TopicsAndActors),
        _ if alert.severity < route.severity => Some(Refusal::Severity),
        refusal => refusal,
    }
}
