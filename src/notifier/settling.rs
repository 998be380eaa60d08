//! Taking in how attempts ended, writing it down, and saying it.

use super::{Done, Flight, Notifier};
use crate::policy::endpoint::{Change, Ended, EndpointState, Gate};
use crate::policy::retry::{self, DeliveryId, DeliveryOutcome, Next, Tried};
use crate::sink::Verdict;
use crate::store::{Settlement, StoreError};
use jiff::Timestamp;
use std::collections::HashSet;
use tokio::task::{Id, JoinError};
use tracing::{debug, error, info, warn};

/// One attempt, how it ended and what follows.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) id: DeliveryId,
    number: u32,
    at: Timestamp,
    outcome: DeliveryOutcome,
    next: Next,
    change: Option<Change>,
    ended_at: Timestamp,
    /// The endpoint failed before it: how it ended is no news.
    is_known: bool,
}

impl Attempt {
    fn settlement(&self) -> Settlement {
        Settlement {
            id: self.id.clone(),
            at: self.at,
            outcome: self.outcome.clone(),
            next: self.next.clone(),
        }
    }
}

impl Notifier {
    /// Takes in the end of a request: its place is free, and what it says of the
    /// endpoint holds from now on.
    pub(super) fn land(&mut self, id: Id, verdicts: Vec<Verdict>, now: Timestamp) {
        let Some(Flight { batch, at }) = self.in_flight.remove(&id) else {
            return;
        };
        for (delivery, verdict) in batch.iter().zip(verdicts) {
            let is_known = self.record.endpoint.state != EndpointState::Closed;
            let ended = Ended {
                outcome: &verdict.outcome,
                rest: verdict.rest,
                started_at: at,
            };
            let change = self.record.endpoint.take(ended, now, (self.clock.jitter)());
            let tried = Tried {
                attempts_before: delivery.attempts,
                plain: delivery.plain,
            };
            let moment = (now, (self.clock.jitter)());
            let next = retry::next(
                tried,
                &verdict.outcome,
                &self.record.endpoint,
                self.sink.has_plainer(),
                moment,
            );
            self.mark(&delivery.id, &next);
            self.ended.push(Attempt {
                id: delivery.id.clone(),
                number: delivery.attempts.saturating_add(1),
                at,
                outcome: verdict.outcome,
                next,
                change,
                ended_at: now,
                is_known,
            });
        }
        if !matches!(self.gate(now), Gate::Free | Gate::One) {
            // Which one is the next probe is decided by the outbox, and what waits
            // for long may grow too old.
            self.waiting.clear();
            self.outlook.more = true;
        }
    }

    /// Notes for a single round how a delivery stands.
    fn mark(&mut self, id: &DeliveryId, next: &Next) {
        let Some(round) = &mut self.round else {
            return;
        };
        match next {
            Next::Done => _ = round.insert(id.clone(), true),
            Next::Plainer(_) => _ = round.remove(id),
            Next::At(_) | Next::Dead(_) => {}
        }
    }

    /// Begins to write down what has ended, if nothing is being written.
    pub(super) fn commit(&mut self) {
        if self.commit.is_some() || self.ended.is_empty() {
            return;
        }
        self.committing = std::mem::take(&mut self.ended);
        let settlements = self.committing.iter().map(Attempt::settlement).collect();
        let told = self.committing.iter().filter_map(|attempt| {
            let (detail, at) = (attempt.outcome.detail(), attempt.ended_at);
            Some(attempt.change?.notice(&self.name, detail, at))
        });
        let told = told.collect();
        let (store, record) = (self.store.clone(), self.record.clone());
        let commit = async move { Done::Commit(store.settle_at(record, settlements, told).await) };
        self.commit = Some(self.tasks.spawn(commit).id());
    }

    /// Takes in that attempts were written down, or were not.
    pub(super) fn committed(&mut self, written: Result<(), StoreError>, now: Timestamp) {
        self.commit = None;
        let mut attempts = std::mem::take(&mut self.committing);
        if let Err(error) = written {
            error!(sink = %self.name, "attempts could not be written down yet: {error}");
            attempts.append(&mut self.ended);
            self.ended = attempts;
            return self.rest(error, now);
        }
        // Only now can whoever reads the log find it in the store.
        for attempt in &attempts {
            self.report(attempt);
            if let Next::At(time) | Next::Plainer(time) = attempt.next {
                if time <= now {
                    self.outlook.more = true;
                } else if let Some(at) = &mut self.outlook.at {
                    *at = time.min(*at);
                }
            }
        }
    }

    /// Takes in that a task ended by a bug. What it had in flight counts as failed:
    /// made again at once, it would only fail again.
    pub(super) fn broke(&mut self, error: &JoinError, now: Timestamp) {
        error!(sink = %self.name, "a part of the notifier ended in a bug of wirewatch: {error}");
        let id = error.id();
        if let Some(flight) = self.in_flight.get(&id) {
            let outcome = DeliveryOutcome::Unavailable {
                retry_after: None,
                detail: "the attempt ended in a bug of wirewatch".to_owned(),
            };
            let verdicts = vec![Verdict::from(outcome); flight.batch.len()];
            self.land(id, verdicts, now);
        } else if self.commit == Some(id) {
            self.committed(Err(StoreError::Closed), now);
        } else {
            self.outlook.task = None;
            self.outlook.more = true;
            self.rest(StoreError::Closed, now);
        }
    }

    /// What is under way or not written down, and so must not be given up.
    pub(super) fn in_flight_ids(&self) -> HashSet<DeliveryId> {
        let flying = self.in_flight.values().flat_map(|it| it.batch.iter());
        let written = self.ended.iter().chain(&self.committing);
        flying
            .map(|delivery| &delivery.id)
            .chain(written.map(|attempt| &attempt.id))
            .cloned()
            .collect()
    }

    /// Says what happened: of a delivery while its sink takes others, and of the
    /// sink when that changes. How probes end is no news.
    fn report(&self, attempt: &Attempt) {
        let id = &attempt.id.0;
        let detail = attempt.outcome.detail();
        match (&attempt.next, attempt.change) {
            (_, Some(change)) => self.report_change(change, &attempt.outcome),
            (Next::Done, None) => debug!(sink = %self.name, delivery.id = %id, "delivered"),
            (Next::At(_), None) if attempt.is_known => debug!(
                sink = %self.name, delivery.id = %id, attempt = attempt.number,
                "the sink still fails: {detail}"
            ),
            (Next::At(time), None) => warn!(
                sink = %self.name, delivery.id = %id, attempt = attempt.number, next = format!("{time:.0}"),
                "a delivery failed and is tried again: {detail}"
            ),
            (Next::Plainer(_), None) => warn!(
                sink = %self.name, delivery.id = %id, attempt = attempt.number,
                "a delivery was refused and goes out once more in a plainer form: {detail}"
            ),
            (Next::Dead(_), None) => {}
        }
        if let Next::Dead(reason) = &attempt.next {
            error!(
                sink = %self.name, delivery.id = %id, reason = reason.as_str(),
                "a delivery was given up: {detail}; `wirewatch deliveries retry {id}` sends it again"
            );
        }
    }

    fn report_change(&self, change: Change, outcome: &DeliveryOutcome) {
        let (endpoint, detail) = (&self.record.endpoint, outcome.detail());
        let next = endpoint.next_probe.max(endpoint.not_before);
        let next = next.map_or_else(|| "-".to_owned(), |time| format!("{time:.0}"));
        match (change, outcome) {
            (Change::Opened, DeliveryOutcome::Misconfigured { .. }) => error!(
                sink = %self.name, next,
                "the sink refuses us, and what is for it waits; mend its settings: {detail}"
            ),
            (Change::Opened, _) => warn!(
                sink = %self.name, failures = endpoint.failures, next,
                "the sink takes nothing, and what is for it waits: {detail}"
            ),
            (Change::Paused, _) => error!(
                sink = %self.name,
                "the sink is gone, and nothing is sent to it until `wirewatch deliveries retry --sink {}`: {detail}", self.name
            ),
            (Change::Recovered { since }, _) => info!(
                sink = %self.name, since = format!("{since:.0}"),
                "the sink takes deliveries again"
            ),
        }
    }
}
