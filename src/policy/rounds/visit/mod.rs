//! Visits: requests that somebody else sends to a host, in its turn.
//!
//! Hubs are asked by the room that knows them, and at a time of its own. But a
//! publisher counts requests, not our rooms: a visit waits until its host is
//! free, keeps it while it lasts, and what the host says to it of when to come
//! back holds for all.

use super::Rounds;
use crate::policy::agenda::VisitId;
use crate::policy::host::{Host, HostState};
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// A refusal that a visit met with: the status, and how long to keep away.
pub type Refusal = (u16, Option<SignedDuration>);

impl Rounds {
    /// Adds a visit, to be made as soon as its host is free; `spacing` is the
    /// least time between two requests to hosts that nothing is known of.
    pub fn add_visit(&mut self, url: &Url, spacing: SignedDuration, now: Timestamp) -> VisitId {
        self.visits_added = self.visits_added.wrapping_add(1);
        let id = VisitId(self.visits_added);
        let host = self.rules.host(url);
        let spacing = self.rules.rule(url, spacing).spacing;
        self.keep_distance(&host, spacing);
        self.agenda.insert(id, (host.clone(), spacing), now);
        self.visits.insert(id, host);
        id
    }

    pub(super) fn begin_visit(&mut self, id: VisitId, now: Timestamp) {
        if let Some(host) = self.visits.get(&id).cloned() {
            let of_host = self.host(&host);
            of_host.asked_at = Some(now);
            let known = of_host.clone();
            self.visits_begun.push((id, known));
        }
    }

    /// The visits that [`Rounds::begin`] let begin, each once, with their hosts
    /// as they are until the visits are over.
    pub fn take_begun_visits(&mut self) -> Vec<(VisitId, HostState)> {
        std::mem::take(&mut self.visits_begun)
    }

    /// Notes that a visit is over; gives what is known of its host now.
    pub fn visited(
        &mut self,
        id: VisitId,
        refusal: Option<Refusal>,
        now: Timestamp,
    ) -> Option<HostState> {
        self.agenda.release(id, now);
        self.agenda.remove(id);
        let host: Host = self.visits.remove(&id)?;
        let of_host = self.host(&host);
        of_host.asked_at = Some(now);
        if let Some((status, away)) = refusal {
            of_host.note_refusal(status, away, now);
        }
        let known = of_host.clone();
        if let Some((until, _)) = known.hold {
            self.agenda.hold_host(&host, until);
        }
        Some(known)
    }
}

#[cfg(test)]
mod tests;
