//! Looking into the outbox: what is due, what is too old, and whether a person
//! resumed the endpoint.

use super::{Done, LOOK_EVERY, Notifier, READ_AHEAD, READ_AHEAD_RATED};
use crate::policy::endpoint::Gate;
use crate::policy::later;
use crate::policy::retry::DeadReason;
use crate::store::{Ask, Look, StoreError, Want};
use crate::text::count;
use jiff::Timestamp;
use tokio::task::Id;
use tracing::{error, info};

/// What is known of the outbox without looking into it.
#[derive(Debug, Default)]
pub(super) struct Outlook {
    /// Whether something may be due that was not read.
    pub(super) more: bool,
    /// When to look again in any case; none before the first look.
    pub(super) at: Option<Timestamp>,
    /// The look that is under way, or the giving up of what is too old.
    pub(super) task: Option<Id>,
    /// How many were given up in one go.
    pub(super) expired: u64,
}

impl Notifier {
    /// Looks, if there is reason to; says when there is next.
    pub(super) fn look(&mut self, now: Timestamp) -> Timestamp {
        let soonest = later(now, LOOK_EVERY);
        if self.outlook.task.is_some() {
            return soonest;
        }
        let at = self.outlook.at.unwrap_or(now).min(soonest);
        let want = self.want(now);
        if at <= now {
            self.outlook.more = true;
        } else if !self.outlook.more || want == Want::Nothing {
            return at;
        }
        if want != Want::Nothing {
            self.outlook.more = false;
        }
        self.outlook.at = Some(soonest);
        let (store, ask) = (self.store.clone(), self.ask(want, now));
        let look = async move { Done::Look(want, Box::new(store.look(ask).await)) };
        self.outlook.task = Some(self.tasks.spawn(look).id());
        soonest
    }

    /// One more look at what is due, whether or not it may be sent.
    pub(super) async fn look_once(&self) -> Result<Look, StoreError> {
        let ask = self.ask(Want::Oldest(READ_AHEAD), (self.clock.now)());
        self.store.look(ask).await
    }

    fn ask(&self, want: Want, now: Timestamp) -> Ask {
        Ask {
            sink: self.name.clone(),
            now,
            expired: self.too_old(now),
            want,
            skip: self.in_hand(),
        }
    }

    /// What was stored then or before is too old now.
    fn too_old(&self, now: Timestamp) -> Timestamp {
        now.checked_sub(self.max_age).unwrap_or(Timestamp::MIN)
    }

    fn want(&self, now: Timestamp) -> Want {
        let ahead = if self.meter.is_some() {
            READ_AHEAD_RATED
        } else {
            READ_AHEAD
        };
        match self.gate(now) {
            Gate::Free | Gate::One if self.waiting.len() <= ahead / 2 => Want::Oldest(ahead),
            Gate::Probe if self.waiting.is_empty() && self.in_flight.is_empty() => Want::Probe,
            _ => Want::Nothing,
        }
    }

    /// Takes in what a look brought.
    pub(super) fn looked(&mut self, want: Want, look: Result<Look, StoreError>, now: Timestamp) {
        self.outlook.task = None;
        let look = match look {
            Ok(look) => look,
            Err(error) => {
                error!(sink = %self.name, "the outbox cannot be read: {error}");
                self.outlook.more = true;
                return self.rest(error, now);
            }
        };
        if let Some(stored) = look.record.filter(|it| it.resumes != self.record.resumes) {
            // What the receiver asked for a moment ago may not be stored yet.
            let floor = self.record.endpoint.not_before;
            self.record.endpoint = stored.endpoint;
            self.record.endpoint.not_before = floor.max(self.record.endpoint.not_before);
            self.record.resumes = stored.resumes;
            self.waiting.clear();
            self.outlook.more = true;
            info!(sink = %self.name, "a person resumed the sink");
            return;
        }
        if look.has_expired {
            return self.expire(now);
        }
        for id in &look.due.corrupt {
            error!(
                sink = %self.name, delivery.id = %id.0, reason = DeadReason::Corrupt.as_str(),
                "a stored delivery no longer has its checksum and was set aside; see `wirewatch deliveries show {}`", id.0
            );
        }
        let full = match want {
            Want::Nothing => return,
            Want::Probe => false,
            Want::Oldest(limit) => look.due.deliveries.len() >= limit,
        };
        if full || !look.due.corrupt.is_empty() {
            self.outlook.more = true;
        }
        // The endpoint may have begun to fail while the outbox was read.
        let still_wanted = match (want, self.gate(now)) {
            (Want::Probe, gate) => gate == Gate::Probe,
            (_, gate) => matches!(gate, Gate::Free | Gate::One),
        };
        if still_wanted {
            self.waiting.extend(look.due.deliveries);
        } else {
            self.outlook.more = true;
        }
        if let (Some(next), Some(at)) = (look.next_due, &mut self.outlook.at) {
            *at = next.min(*at);
        }
    }

    /// Begins, or goes on, to give up what is too old.
    fn expire(&mut self, now: Timestamp) {
        let (store, name, skip) = (self.store.clone(), self.name.clone(), self.in_flight_ids());
        let (before, moment) = (self.too_old(now), (now, self.outlook.expired == 0));
        self.waiting.clear();
        let expiry = async move { Done::Expiry(store.expire(&name, before, &skip, moment).await) };
        self.outlook.task = Some(self.tasks.spawn(expiry).id());
    }

    /// Takes in that some were given up.
    pub(super) fn expired(&mut self, done: Result<(u64, bool), StoreError>, now: Timestamp) {
        self.outlook.task = None;
        self.outlook.more = true;
        match done {
            Ok((expired, more)) => {
                self.outlook.expired += expired;
                if more {
                    return self.expire(now);
                }
                let expired = std::mem::take(&mut self.outlook.expired);
                if expired > 0 {
                    error!(
                        sink = %self.name, reason = DeadReason::Expired.as_str(),
                        "gave up {}, because the sink did not take them within {:#}; `wirewatch deliveries retry --sink {}` sends them again",
                        count(expired, "delivery"), self.max_age, self.name
                    );
                }
            }
            Err(error) => {
                error!(sink = %self.name, "what is too old cannot be given up: {error}");
                self.rest(error, now);
            }
        }
    }
}
