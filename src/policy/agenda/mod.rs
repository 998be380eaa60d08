//! The agenda: what may be asked for now, host by host.
//!
//! A host has at most one request in flight, requests to it keep their distance,
//! and where it asked to be left alone, all that is asked for there waits. Polls
//! of feeds go before errands, since news is found by them; visits are few, and
//! take their turns among polls. The agenda is made from
//! the store at the start and holds nothing that the store does not know but
//! what is in flight.

#[cfg(test)]
mod tests;

use super::host::Host;
use crate::feed::FeedId;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};

/// The number of an errand in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ErrandId(pub i64);

/// The number of a visit since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VisitId(pub u64);

/// What is asked for at a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// A feed, at its time.
    Poll(FeedId),
    /// Something that a poll led to.
    Errand(ErrandId),
    /// A request of somebody else, such as one to a hub.
    Visit(VisitId),
}

impl From<&FeedId> for Call {
    fn from(feed: &FeedId) -> Self {
        Self::Poll(feed.clone())
    }
}

impl From<ErrandId> for Call {
    fn from(errand: ErrandId) -> Self {
        Self::Errand(errand)
    }
}

impl From<VisitId> for Call {
    fn from(visit: VisitId) -> Self {
        Self::Visit(visit)
    }
}

/// Hosts by when they can next be asked for something, the earliest first.
type Ready = BTreeSet<(Timestamp, Host)>;

/// What is due when, and which hosts may be asked.
#[derive(Debug, Default)]
pub struct Agenda {
    calls: HashMap<Call, Slot>,
    hosts: HashMap<Host, HostSlot>,
    /// The hosts that are free, for polls and visits, and for errands.
    first_ready: Ready,
    errands_ready: Ready,
}

#[derive(Debug)]
struct Slot {
    host: Host,
    /// None while it is being asked for.
    due: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct HostSlot {
    /// Polls and visits.
    first: Lane,
    errands: Lane,
    /// What is being asked for.
    busy: Option<Call>,
    spacing: SignedDuration,
    /// Not before this time: spacing, or because it said so.
    not_before: Option<Timestamp>,
}

/// What waits at a host.
#[derive(Debug, Default)]
struct Lane {
    /// The earliest last. Most hosts have one feed, for which a tree is large.
    due: Vec<(Timestamp, Call)>,
    /// What the agenda's order of hosts says of it.
    ready: Option<Timestamp>,
}

impl HostSlot {
    fn lane(&mut self, call: &Call) -> &mut Lane {
        match call {
            Call::Poll(_) | Call::Visit(_) => &mut self.first,
            Call::Errand(_) => &mut self.errands,
        }
    }
}

impl Lane {
    fn insert(&mut self, due: Timestamp, call: Call) {
        let new = (due, call);
        let at = self.due.partition_point(|it| *it > new);
        self.due.insert(at, new);
    }

    fn remove(&mut self, due: Timestamp, call: Call) {
        let gone = (due, call);
        let at = self.due.partition_point(|it| *it > gone);
        if self.due.get(at) == Some(&gone) {
            self.due.remove(at);
        }
    }

    /// Brings the order of hosts up to date for this lane.
    fn settle(
        &mut self,
        order: &mut Ready,
        host: &Host,
        (busy, not_before): (bool, Option<Timestamp>),
    ) {
        let first = self.due.last().filter(|_| !busy);
        let ready = first.map(|(due, _)| not_before.map_or(*due, |time| time.max(*due)));
        if ready == self.ready {
            return;
        }
        if let Some(before) = std::mem::replace(&mut self.ready, ready) {
            order.remove(&(before, host.clone()));
        }
        if let Some(ready) = ready {
            order.insert((ready, host.clone()));
        }
    }

    fn shift(&mut self, moved: impl Fn(Timestamp) -> Timestamp) {
        for (due, _) in &mut self.due {
            *due = moved(*due);
        }
        // Times at the end of what can be said may have become one.
        self.due.sort_unstable_by(|a, b| b.cmp(a));
        self.ready = self.ready.map(moved);
    }
}

impl Agenda {
    /// An empty agenda.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what is to be asked for at a host from a time on, in the past or to
    /// come; what is there already moves to that host, as a redirect demands.
    ///
    /// Between two requests to a host lies the longest spacing that anything
    /// there asks for.
    pub fn insert(
        &mut self,
        call: impl Into<Call>,
        (host, spacing): (Host, SignedDuration),
        due: Timestamp,
    ) {
        let call = call.into();
        self.remove(call.clone());
        let of_host = self.hosts.entry(host.clone()).or_default();
        of_host.spacing = of_host.spacing.max(spacing);
        self.calls.insert(call.clone(), Slot { host, due: None });
        self.reschedule(call, due);
    }

    /// Takes away what waits; what is being asked for has to be released first.
    pub fn remove(&mut self, call: impl Into<Call>) {
        let call = call.into();
        let Some(Slot { host, due }) = self.calls.remove(&call) else {
            return;
        };
        if let Some((due, of_host)) = due.zip(self.hosts.get_mut(&host)) {
            of_host.lane(&call).remove(due, call);
        }
        self.settle(&host);
    }

    /// Takes at most `limit` polls and visits that may be made now, the longest
    /// due first. Their hosts are busy until they are released, and they
    /// themselves are not taken again before they are rescheduled.
    pub fn take(&mut self, now: Timestamp, limit: usize) -> Vec<Call> {
        let mut taken = Vec::new();
        while taken.len() < limit {
            let first = self.first_ready.first().cloned();
            match first.and_then(|first| self.take_at(first, now, |host| &mut host.first)) {
                Some(call) => taken.push(call),
                None => break,
            }
        }
        taken
    }

    /// Takes errands in the same way; to be called after [`Agenda::take`], so
    /// that they come after polls.
    pub fn take_errands(&mut self, now: Timestamp, limit: usize) -> Vec<ErrandId> {
        let mut taken = Vec::new();
        while taken.len() < limit {
            let first = self.errands_ready.first().cloned();
            match first.and_then(|first| self.take_at(first, now, |host| &mut host.errands)) {
                Some(Call::Errand(errand)) => taken.push(errand),
                _ => break,
            }
        }
        taken
    }

    /// Takes the first of a lane of a host, if its time has come.
    fn take_at(
        &mut self,
        (ready, host): (Timestamp, Host),
        now: Timestamp,
        lane: impl Fn(&mut HostSlot) -> &mut Lane,
    ) -> Option<Call> {
        if ready > now {
            return None;
        }
        let slot = self.hosts.get_mut(&host)?;
        let (_, call) = lane(slot).due.pop()?;
        slot.busy = Some(call.clone());
        slot.not_before = later(slot.not_before, now.checked_add(slot.spacing).ok());
        self.settle(&host);
        if let Some(slot) = self.calls.get_mut(&call) {
            slot.due = None;
        }
        Some(call)
    }

    /// Frees the host of what was asked for: its answer is in. The next request
    /// to the host keeps its distance from this one's end.
    pub fn release(&mut self, call: impl Into<Call>, now: Timestamp) {
        let call = call.into();
        let Some(host) = self.calls.get(&call).map(|slot| slot.host.clone()) else {
            return;
        };
        if let Some(slot) = self
            .hosts
            .get_mut(&host)
            .filter(|slot| slot.busy.as_ref() == Some(&call))
        {
            slot.busy = None;
            slot.not_before = later(slot.not_before, now.checked_add(slot.spacing).ok());
        }
        self.settle(&host);
    }

    /// Says when something is due next.
    pub fn reschedule(&mut self, call: impl Into<Call>, due: Timestamp) {
        let call = call.into();
        let Some(slot) = self.calls.get_mut(&call) else {
            return;
        };
        let before = slot.due.replace(due);
        let host = slot.host.clone();
        let lane = self.hosts.entry(host.clone()).or_default().lane(&call);
        if let Some(before) = before {
            lane.remove(before, call.clone());
        }
        lane.insert(due, call);
        self.settle(&host);
    }

    /// Leaves a host alone until a time, at least.
    pub fn hold_host(&mut self, host: &Host, until: Timestamp) {
        let slot = self.hosts.entry(host.clone()).or_default();
        slot.not_before = later(slot.not_before, Some(until));
        self.settle(host);
    }

    /// Moves every time by as much as the clock jumped, so that each wait is as
    /// long as it was meant to be.
    pub fn shift(&mut self, by: SignedDuration) {
        let moved = |time: Timestamp| time.checked_add(by).unwrap_or(time);
        for slot in self.calls.values_mut() {
            slot.due = slot.due.map(moved);
        }
        for slot in self.hosts.values_mut() {
            slot.first.shift(moved);
            slot.errands.shift(moved);
            slot.not_before = slot.not_before.map(moved);
        }
        for order in [&mut self.first_ready, &mut self.errands_ready] {
            *order = std::mem::take(order)
                .into_iter()
                .map(|(time, host)| (moved(time), host))
                .collect();
        }
    }

    /// Whether nothing else of its host waits.
    pub fn is_alone(&self, feed: &FeedId) -> bool {
        let call = Call::from(feed);
        let slot = self.calls.get(&call);
        let host = slot.and_then(|slot| self.hosts.get(&slot.host));
        host.is_none_or(|host| {
            let mut waiting = host.first.due.iter().chain(&host.errands.due);
            waiting.all(|(_, other)| *other == call)
        })
    }

    /// When something is due and its host may be asked; none while it is being
    /// asked for.
    pub fn free_at(&self, call: impl Into<Call>) -> Option<Timestamp> {
        let slot = self.calls.get(&call.into())?;
        let held = self.hosts.get(&slot.host)?.not_before;
        slot.due.map(|due| held.map_or(due, |held| held.max(due)))
    }

    /// When there will next be a poll or a visit that may be made, if nothing
    /// changes; the past if there is one now.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.first_ready.first().map(|(ready, _)| *ready)
    }

    /// The same for errands.
    pub fn next_errand(&self) -> Option<Timestamp> {
        self.errands_ready.first().map(|(ready, _)| *ready)
    }

    /// Brings the order of hosts up to date for one of them.
    fn settle(&mut self, host: &Host) {
        let Some(slot) = self.hosts.get_mut(host) else {
            return;
        };
        let state = (slot.busy.is_some(), slot.not_before);
        slot.first.settle(&mut self.first_ready, host, state);
        slot.errands.settle(&mut self.errands_ready, host, state);
    }
}

fn later(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    // None sorts first, so the later of both is the maximum.
    a.max(b)
}
