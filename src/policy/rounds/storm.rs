//! Hosts that fail for all of their feeds at the same time.
//!
//! A host in trouble says 404 or 500 of feeds that are there. Were each feed
//! blamed for it, all of them would be asked once a day from then on, each by
//! itself. So the host is asked less and less instead, for one feed at a time, and
//! the first answer that is none of these ends it. A feed that is really gone is
//! told by the others of its host, which work.

use super::Rounds;
use crate::feed::FeedId;
use crate::policy::host::{Host, is_of_a_storm};
use crate::policy::poll::{self, Answer, FetchOutcome, PollReason, Storm};
use jiff::{SignedDuration, Timestamp};

/// So many feeds of a host that fail, and none that does not, mean that the host
/// does.
const STORM_FEEDS: usize = 3;
/// A feed that last succeeded longer ago fails by itself.
const STORM_MEMORY: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Rounds {
    /// Notes whether a feed failed as feeds do when their host does, and says
    /// whether it is the host. Those that failed before that was known are
    /// absolved.
    pub(super) fn storm(
        &mut self,
        host: &Host,
        feed: &FeedId,
        outcome: &FetchOutcome,
        now: Timestamp,
    ) -> Storm {
        if matches!(outcome.answer, Answer::Body { .. } | Answer::NotModified(_)) {
            self.failing.remove(host);
        }
        let worked_at = self.state(feed).and_then(|state| state.succeeded_at);
        let worked = worked_at.is_some_and(|at| now.duration_since(at) < STORM_MEMORY);
        if !worked || !is_of_a_storm(outcome) {
            return Storm::Calm;
        }
        let failing = self.failing.entry(host.clone()).or_default();
        let fresh = outcome.hints.fresh(now).unwrap_or_default();
        let wait = outcome.hints.away(now).unwrap_or_default().max(fresh);
        let added = failing
            .insert(feed.clone(), poll::after(now, wait))
            .is_none();
        if failing.len() < STORM_FEEDS {
            return Storm::Calm;
        }
        if failing.len() > STORM_FEEDS || !added {
            return Storm::Lasts;
        }
        let mut before = failing.clone();
        before.remove(feed);
        for (feed, not_before) in before {
            self.absolve(&feed, not_before);
        }
        Storm::Begins
    }

    /// Takes back what a failure did to a feed, unless it is being asked again.
    fn absolve(&mut self, feed: &FeedId, not_before: Timestamp) {
        let waits = self.agenda.free_at(feed).is_some();
        let Some(known) = self.feeds.get_mut(feed).filter(|_| waits) else {
            return;
        };
        let state = &mut known.state;
        let Some(polled_at) = state.polled_at else {
            return;
        };
        state.failures = state.failures.saturating_sub(1);
        if matches!(state.reason, PollReason::Refused | PollReason::Backoff) {
            let due = poll::after(polled_at, known.target.limits.shortest());
            state.next_poll_at = due.max(not_before).min(state.next_poll_at);
            let due = state.next_poll_at;
            self.agenda.reschedule(feed, due);
        }
    }
}
