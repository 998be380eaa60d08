//! The agenda: which feeds may be polled now, host by host.
//!
//! A host has at most one request in flight, requests to it keep their distance,
//! and where it asked to be left alone, all of its feeds wait. The agenda is
//! made from the store at the start and holds nothing that the store does not
//! know but what is in flight.

#[cfg(test)]
mod tests;

use super::host::Host;
use crate::feed::FeedId;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};

/// Which feeds are due when, and which hosts may be asked.
#[derive(Debug, Default)]
pub struct Agenda {
    feeds: HashMap<FeedId, Slot>,
    hosts: HashMap<Host, HostSlot>,
    /// When each free host can next be asked for something, the earliest first.
    ready: BTreeSet<(Timestamp, Host)>,
}

#[derive(Debug)]
struct Slot {
    host: Host,
    /// None while it is being polled.
    due: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct HostSlot {
    /// The earliest last. Most hosts have one feed, for which a tree is large.
    due: Vec<(Timestamp, FeedId)>,
    /// The feed that is being polled.
    busy: Option<FeedId>,
    spacing: SignedDuration,
    /// Not before this time: spacing, or because it said so.
    not_before: Option<Timestamp>,
    /// What `ready` says of it.
    ready: Option<Timestamp>,
}

impl HostSlot {
    fn insert(&mut self, due: Timestamp, feed: FeedId) {
        let new = (due, feed);
        let at = self.due.partition_point(|it| *it > new);
        self.due.insert(at, new);
    }

    fn remove(&mut self, due: Timestamp, feed: &FeedId) {
        self.due.retain(|(at, it)| *at != due || it != feed);
    }

    /// When it can next be asked for something.
    fn ready_at(&self) -> Option<Timestamp> {
        let (due, _) = self.due.last().filter(|_| self.busy.is_none())?;
        Some(
            self.not_before
                .map_or(*due, |not_before| not_before.max(*due)),
        )
    }
}

impl Agenda {
    /// An empty agenda.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a feed of a host that is due at a time, in the past or to come; one
    /// that is there already moves to that host, as a redirect demands.
    ///
    /// Between two requests to a host lies the longest spacing that one of its
    /// feeds asks for.
    pub fn insert(
        &mut self,
        feed: &FeedId,
        (host, spacing): (Host, SignedDuration),
        due: Timestamp,
    ) {
        let of_host = self.hosts.entry(host.clone()).or_default();
        of_host.spacing = of_host.spacing.max(spacing);
        let slot = Slot { host, due: None };
        if let Some(Slot {
            host,
            due: Some(due),
        }) = self.feeds.insert(feed.clone(), slot)
        {
            if let Some(before) = self.hosts.get_mut(&host) {
                before.remove(due, feed);
            }
            self.settle(&host);
        }
        self.reschedule(feed, due);
    }

    /// Takes at most `limit` feeds that may be polled now, the longest due
    /// first. Their hosts are busy until they are released, and they themselves
    /// are not taken again before they are rescheduled.
    pub fn take(&mut self, now: Timestamp, limit: usize) -> Vec<FeedId> {
        let mut taken = Vec::new();
        while taken.len() < limit {
            let Some((_, host)) = self
                .ready
                .first()
                .filter(|(ready, _)| *ready <= now)
                .cloned()
            else {
                break;
            };
            let Some(slot) = self.hosts.get_mut(&host) else {
                break;
            };
            let next = slot.due.pop();
            slot.busy = next.as_ref().map(|(_, feed)| feed.clone());
            slot.not_before = later(slot.not_before, now.checked_add(slot.spacing).ok());
            self.settle(&host);
            if let Some((_, feed)) = next {
                if let Some(slot) = self.feeds.get_mut(&feed) {
                    slot.due = None;
                }
                taken.push(feed);
            }
        }
        taken
    }

    /// Frees the host of a feed: its answer is in. The next request to the host
    /// keeps its distance from this one's end.
    pub fn release(&mut self, feed: &FeedId, now: Timestamp) {
        let Some(host) = self.feeds.get(feed).map(|slot| slot.host.clone()) else {
            return;
        };
        if let Some(slot) = self
            .hosts
            .get_mut(&host)
            .filter(|slot| slot.busy.as_ref() == Some(feed))
        {
            slot.busy = None;
            slot.not_before = later(slot.not_before, now.checked_add(slot.spacing).ok());
        }
        self.settle(&host);
    }

    /// Says when a feed is due next.
    pub fn reschedule(&mut self, feed: &FeedId, due: Timestamp) {
        let Some(slot) = self.feeds.get_mut(feed) else {
            return;
        };
        let before = slot.due.replace(due);
        let host = slot.host.clone();
        let of_host = self.hosts.entry(host.clone()).or_default();
        if let Some(before) = before {
            of_host.remove(before, feed);
        }
        of_host.insert(due, feed.clone());
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
        for slot in self.feeds.values_mut() {
            slot.due = slot.due.map(moved);
        }
        for slot in self.hosts.values_mut() {
            let due = std::mem::take(&mut slot.due);
            slot.due = due
                .into_iter()
                .map(|(due, feed)| (moved(due), feed))
                .collect();
            slot.not_before = slot.not_before.map(moved);
            slot.ready = slot.ready.map(moved);
        }
        let ready = std::mem::take(&mut self.ready);
        self.ready = ready
            .into_iter()
            .map(|(time, host)| (moved(time), host))
            .collect();
    }

    /// Whether no other feed of its host waits to be polled.
    pub fn is_alone(&self, feed: &FeedId) -> bool {
        let slot = self.feeds.get(feed);
        let host = slot.and_then(|slot| self.hosts.get(&slot.host));
        host.is_none_or(|host| host.due.iter().all(|(_, other)| other == feed))
    }

    /// When a feed is due and its host may be asked; none while it is polled.
    pub fn free_at(&self, feed: &FeedId) -> Option<Timestamp> {
        let slot = self.feeds.get(feed)?;
        let held = self.hosts.get(&slot.host)?.not_before;
        slot.due.map(|due| held.map_or(due, |held| held.max(due)))
    }

    /// When there will next be a feed that may be polled, if nothing changes;
    /// the past if there is one now.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.ready.first().map(|(ready, _)| *ready)
    }

    /// Brings `ready` up to date for one host.
    fn settle(&mut self, host: &Host) {
        let Some(slot) = self.hosts.get_mut(host) else {
            return;
        };
        let ready = slot.ready_at();
        if ready == slot.ready {
            return;
        }
        if let Some(before) = std::mem::replace(&mut slot.ready, ready) {
            self.ready.remove(&(before, host.clone()));
        }
        if let Some(ready) = ready {
            self.ready.insert((ready, host.clone()));
        }
    }
}

fn later(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    // None sorts first, so the later of both is the maximum.
    a.max(b)
}
