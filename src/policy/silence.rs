//! Silences: alerts that somebody does not want to hear of for a time.
//!
//! A silence has an end, an author and a reason, so that nobody has to guess a
//! month later why it is quiet. What it keeps from a sink is recorded.

use super::SinkName;
use super::selection::Selection;
use crate::alert::Alert;
use jiff::Timestamp;

/// Identity of a silence: a small number, since people type it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SilenceId(pub i64);

/// What is kept from which sinks, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Which alerts.
    pub selection: Selection,
    /// From which sinks; none means all.
    pub sinks: Vec<SinkName>,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when, that moment not among it.
    pub ends_at: Timestamp,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub author: String,
}

impl Silence {
    /// Whether it holds at a time.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.starts_at <= now && now < self.ends_at
    }

    /// Whether it keeps an alert from a sink at a time.
    pub fn covers(&self, alert: &Alert, sink: &SinkName, now: Timestamp) -> bool {
        self.holds_at(now)
            && (self.sinks.is_empty() || self.sinks.contains(sink))
            && self.selection.refusal(alert).is_none()
    }
}

/// The first silence that keeps an alert from a sink.
pub fn silenced_by(
    silences: &[(SilenceId, Silence)],
    alert: &Alert,
    sink: &SinkName,
    now: Timestamp,
) -> Option<SilenceId> {
    let covering = |(_, silence): &&(SilenceId, Silence)| silence.covers(alert, sink, now);
    silences.iter().find(covering).map(|(id, _)| *id)
}
