//! The rounds: what to ask for now, and what an answer leads to.
//!
//! Everything about asking that is not asking itself: the scheduler sends what
//! [`Rounds::begin`] gives it, stores what it is told to, and hands back what
//! came. A redirect is one more stop of the same poll: the feed waits its turn
//! at the host that it was sent to, so no host is asked twice at once or too
//! soon because another one sent us there. What a poll leads to beside that is
//! an errand, which waits for its turn in the same way (see `errand`); and so
//! does a visit, which somebody else makes (see `visit`).

mod errand;
mod robots;
mod steady;
mod storm;
#[cfg(test)]
mod tests;
mod visit;

pub use super::agenda::{ErrandId, VisitId};
pub use errand::{
    AGE_MAX, ERRANDS_MAX, Errand, ErrandAsk, ErrandEnd, ErrandKind, ErrandTurn, OLDER_PAGES_MAX,
    TRIES_MAX, Why,
};
pub use steady::Steady;
pub use visit::Refusal;

use super::agenda::{Agenda, Call};
use super::host::{Host, HostRule, HostRules, HostState};
use super::poll::{
    self, Answer, FailureKind, FeedState, FetchOutcome, Measured, PollLimits, PollReason, Polled,
    Storm, Validators,
};
use crate::feed::FeedId;
use errand::Pending;
use jiff::{SignedDuration, Timestamp};
use robots::RobotsBook;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use url::Url;

/// The most redirects that a poll follows.
pub const REDIRECTS_MAX: u32 = 5;
/// So many hosts that cannot be reached, and none that can, mean that our own
/// network is down.
const HOSTS_DOWN: usize = 3;

/// A feed that is polled.
#[derive(Debug, Clone)]
pub struct Target {
    /// The feed.
    pub feed: FeedId,
    /// Its configured address.
    pub url: Url,
    /// When it is polled.
    pub limits: PollLimits,
}

/// A request to be sent, after what it means was stored.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where it goes.
    pub url: Url,
    /// Whether somebody else than the operator named that address.
    pub derived: bool,
    /// What makes it conditional.
    pub validators: Validators,
    /// The feed as it is until the answer is stored.
    pub state: FeedState,
    /// The host as it is until then.
    pub host: HostState,
    /// Why it is asked now.
    pub reason: PollReason,
    /// How many redirects led here.
    pub hop: u32,
    /// Whether the host will be asked for nothing else soon.
    pub alone: bool,
}

/// What an answer leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// Another request, when its turn comes.
    Follow,
    /// The poll is over, and what it brought can be read.
    Settle(Box<Polled>),
}

#[derive(Debug)]
struct Known {
    target: Target,
    state: FeedState,
    trail: Option<Trail>,
}

/// How far redirects have led a poll.
#[derive(Debug)]
struct Trail {
    to: Url,
    hops: u32,
    permanent: bool,
}

/// All feeds and hosts, and who is asked when.
#[derive(Debug, Default)]
pub struct Rounds {
    rules: HostRules,
    agenda: Agenda,
    /// Apart from the table, of which up to half is empty.
    feeds: HashMap<FeedId, Box<Known>>,
    hosts: HashMap<Host, HostState>,
    /// The hosts of the feeds.
    homes: BTreeSet<Host>,
    /// The hosts that could not be reached since one last could.
    down: BTreeSet<Host>,
    /// The feeds of each host that worked lately and failed since one worked,
    /// with the times before which their server does not want to be asked.
    failing: HashMap<Host, BTreeMap<FeedId, Timestamp>>,
    /// How fast feeds are polled that go by their own rhythm.
    pace: Measured,
    errands: HashMap<ErrandId, Pending>,
    /// The hosts of the visits that are not over.
    visits: HashMap<VisitId, Host>,
    visits_added: u64,
    /// The visits that began and whose turn was not given yet.
    visits_begun: Vec<(VisitId, HostState)>,
    robots: RobotsBook,
    /// Errands that ended while others were heard.
    ended: Vec<(ErrandId, ErrandEnd)>,
}

impl Rounds {
    /// Rounds without feeds, to hosts of which this is known.
    pub fn new(rules: HostRules, hosts: impl IntoIterator<Item = HostState>) -> Self {
        let mut rounds = Self {
            rules,
            ..Self::default()
        };
        for known in hosts {
            let host = rounds.rules.canonical(&known.host);
            let state = rounds.host(&host);
            state.failures = state.failures.max(known.failures);
            state.asked_at = state.asked_at.max(known.asked_at);
            if let Some((until, reason)) = known.hold {
                state.hold_until(until, reason);
                rounds.agenda.hold_host(&host, until);
            }
        }
        rounds
    }

    /// Adds a feed where it was left.
    pub fn add(&mut self, target: Target, state: FeedState) {
        let known = Box::new(Known {
            target,
            state,
            trail: None,
        });
        let (host, rule) = self.place(&known.start(), &known.target.limits);
        self.keep_distance(&host, rule.spacing);
        let feed = known.target.feed.clone();
        let due = known.state.next_poll_at;
        self.agenda.insert(&feed, (host.clone(), rule.spacing), due);
        self.homes.insert(host);
        self.feeds.insert(feed, known);
        self.pace.forget();
    }

    /// Takes polls that may be made now: at most `limit`, with the visits that
    /// begin meanwhile and are given by [`Rounds::take_begun_visits`].
    pub fn begin(&mut self, now: Timestamp, limit: usize) -> Vec<Ask> {
        let mut asks = Vec::new();
        for call in self.agenda.take(now, limit) {
            match call {
                Call::Poll(feed) => asks.extend(self.ask(&feed, now)),
                Call::Visit(visit) => self.begin_visit(visit, now),
                // These are taken by themselves.
                Call::Errand(_) => {}
            }
        }
        asks
    }

    fn ask(&mut self, feed: &FeedId, now: Timestamp) -> Option<Ask> {
        let known = self.feeds.get_mut(feed)?;
        let open = poll::not_skipped(&known.state.memory.wishes, now);
        if open > now && known.trail.is_none() {
            // Its turn came late, at a time in which it is to be skipped.
            known.state.next_poll_at = open;
            known.state.reason = PollReason::Skip;
            self.agenda.release(feed, now);
            self.agenda.reschedule(feed, open);
            return None;
        }
        let url = known.url();
        let moved = known.trail.is_some() || known.state.memory.moved_to.is_some();
        let (hop, reason) = (
            known.trail.as_ref().map_or(0, |trail| trail.hops),
            known.state.reason,
        );
        let validators = known.state.validators_for(&url, now);
        let state = poll::asking(&known.state, &known.target.limits, now);
        let host = self.rules.host(&url);
        let alone = self.agenda.is_alone(feed);
        let of_host = self.host(&host);
        of_host.asked_at = Some(now);
        Some(Ask {
            alone,
            host: of_host.clone(),
            url,
            derived: moved,
            validators,
            state,
            reason,
            hop,
        })
    }

    /// Notes an answer: its host may be asked for something else, unless the
    /// answer says otherwise.
    pub fn answered(&mut self, feed: &FeedId, outcome: FetchOutcome, now: Timestamp) -> Turn {
        self.agenda.release(feed, now);
        let Some(known) = self.feeds.get(feed) else {
            return Turn::Follow;
        };
        let (url, limits) = (known.url(), known.target.limits);
        let host = self.rules.host(&url);
        let offline = self.is_offline(&host, &outcome);
        let storm = self.storm(&host, feed, &outcome, now);
        self.note_host(&host, &outcome, &limits, (now, offline, storm));
        let outcome = match outcome.answer {
            Answer::Redirect { ref to, permanent } => {
                let wait = outcome.hints.away(now).unwrap_or_default();
                if self.follow(feed, to, permanent, poll::after(now, wait)) {
                    return Turn::Follow;
                }
                FetchOutcome {
                    answer: Answer::Failed {
                        kind: FailureKind::Redirect,
                        detail: format!("more than {REDIRECTS_MAX} redirects"),
                    },
                    ..outcome
                }
            }
            _ => outcome,
        };
        let trail = self
            .feeds
            .get_mut(feed)
            .and_then(|known| known.trail.take());
        let led = trail.filter(|trail| trail.permanent);
        let hold = self.hosts.get(&host).and_then(|host| host.hold);
        Turn::Settle(Box::new(Polled {
            outcome,
            hold,
            moved_to: led.map(|trail| trail.to.to_string()),
            offline,
            storm,
            pace: self.pace_at(now),
        }))
    }

    fn pace_at(&mut self, now: Timestamp) -> poll::Pace {
        let feeds = self.feeds.values();
        let memories = feeds.map(|known| (&known.target.limits, &known.state.memory));
        self.pace.at(now, memories)
    }

    /// Notes an answer of a host, whatever it was asked for.
    fn note_host(
        &mut self,
        host: &Host,
        outcome: &FetchOutcome,
        limits: &PollLimits,
        (now, offline, storm): (Timestamp, bool, Storm),
    ) {
        if outcome.reached_a_server() {
            self.down.clear();
        }
        let of_host = self.host(host);
        of_host.asked_at = Some(now);
        if !offline {
            of_host.note(outcome, limits, now);
        }
        if storm != Storm::Calm {
            of_host.note_storm(limits, now);
        }
        if let Some((until, _)) = of_host.hold {
            self.agenda.hold_host(host, until);
        }
    }

    /// Sends a poll on to another address; false if it was sent on enough.
    fn follow(&mut self, feed: &FeedId, to: &Url, permanent: bool, due: Timestamp) -> bool {
        let Some(known) = self.feeds.get_mut(feed) else {
            return false;
        };
        let (hops, before) = known
            .trail
            .as_ref()
            .map_or((0, true), |trail| (trail.hops, trail.permanent));
        if hops >= REDIRECTS_MAX {
            return false;
        }
        known.trail = Some(Trail {
            to: to.clone(),
            hops: hops + 1,
            permanent: permanent && before,
        });
        let limits = known.target.limits;
        let (host, rule) = self.place(to, &limits);
        self.keep_distance(&host, rule.spacing);
        self.agenda.insert(feed, (host, rule.spacing), due);
        true
    }

    /// Notes how a poll was settled and stored.
    pub fn settled(&mut self, state: FeedState) {
        let feed = state.feed.clone();
        if let Some(known) = self.feeds.get_mut(&feed) {
            known.state = state;
        }
        self.go_home(&feed);
    }

    /// Gives a poll up of which nothing could be stored: the feed is asked again
    /// as if we had been killed, and not before `rest`.
    pub fn abandon(&mut self, feed: &FeedId, rest: Timestamp, now: Timestamp) {
        self.agenda.release(feed, now);
        if let Some(known) = self.feeds.get_mut(feed) {
            let asking = poll::asking(&known.state, &known.target.limits, now);
            known.state.next_poll_at = asking.next_poll_at.max(rest);
            known.state.reason = PollReason::Backoff;
        }
        self.go_home(feed);
    }

    fn go_home(&mut self, feed: &FeedId) {
        let Some(known) = self.feeds.get_mut(feed) else {
            return;
        };
        known.trail = None;
        let (start, limits, due) = (known.start(), known.target.limits, known.state.next_poll_at);
        let (host, rule) = self.place(&start, &limits);
        self.agenda.insert(feed, (host, rule.spacing), due);
    }

    /// Lets a feed rest for good: once is enough.
    pub fn retire(&mut self, feed: &FeedId) {
        self.agenda.reschedule(feed, Timestamp::MAX);
    }

    /// Polls a feed as early as its publisher lets us, because its operator asked
    /// for it at some time; not if it was polled since.
    pub fn hurry(&mut self, feed: &FeedId, asked_at: Timestamp, now: Timestamp) {
        let waits = self.agenda.free_at(feed).is_some();
        let Some(known) = self.feeds.get_mut(feed) else {
            return;
        };
        let polled = known.state.polled_at.is_some_and(|at| at >= asked_at);
        if polled || !waits || known.trail.is_some() {
            return;
        }
        let (due, _) = poll::earliest(&known.state, &known.target.limits, now);
        if due < known.state.next_poll_at {
            known.state.next_poll_at = due;
            known.state.reason = PollReason::Asked;
            self.agenda.reschedule(feed, due);
        }
    }

    /// Moves every wait by as much as the clock jumped.
    pub fn shift(&mut self, by: SignedDuration) {
        self.agenda.shift(by);
        self.shift_errands(by);
        for known in self.feeds.values_mut() {
            known.state.shift(by);
        }
        for host in self.hosts.values_mut() {
            host.asked_at = host.asked_at.map(|at| poll::after(at, by));
            host.hold = host
                .hold
                .map(|(until, reason)| (poll::after(until, by), reason));
        }
    }

    /// Everything as it is to be stored: a feed that is being asked as one
    /// whose answer may never be.
    pub fn written(&self, now: Timestamp) -> (Vec<FeedState>, Vec<HostState>) {
        let state = |known: &Known| match self.agenda.free_at(&known.target.feed) {
            Some(_) => known.state.clone(),
            None => poll::asking(&known.state, &known.target.limits, now),
        };
        (
            self.feeds.values().map(|known| state(known)).collect(),
            self.hosts.values().cloned().collect(),
        )
    }

    /// When there will next be something to ask for, if nothing changes.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.agenda.next_wake()
    }

    /// What is known of a feed.
    pub fn state(&self, feed: &FeedId) -> Option<&FeedState> {
        self.feeds.get(feed).map(|known| &known.state)
    }

    /// What is known of every feed.
    pub fn states(&self) -> impl Iterator<Item = &FeedState> {
        self.feeds.values().map(|known| &known.state)
    }

    /// The host that a feed is asked at now.
    pub fn host_at(&self, feed: &FeedId) -> Option<Host> {
        let known = self.feeds.get(feed)?;
        Some(self.rules.host(&known.url()))
    }

    /// What is known of a host.
    pub fn host_state(&self, host: &Host) -> Option<&HostState> {
        self.hosts.get(host)
    }

    /// When a feed can be asked next, if nothing changes; none while it is
    /// being asked.
    pub fn free_at(&self, feed: &FeedId) -> Option<Timestamp> {
        self.agenda.free_at(feed)
    }

    /// The rule for the host of a feed.
    pub fn rule_of(&self, feed: &FeedId) -> Option<HostRule> {
        let known = self.feeds.get(feed)?;
        let (_, rule) = self.place(&known.start(), &known.target.limits);
        Some(rule)
    }

    fn place(&self, url: &Url, limits: &PollLimits) -> (Host, HostRule) {
        (
            self.rules.host(url),
            self.rules.rule(url, limits.host_spacing),
        )
    }

    /// Keeps the distance from the last request to a host, whatever it was for.
    fn keep_distance(&mut self, host: &Host, spacing: SignedDuration) {
        if let Some(asked_at) = self.hosts.get(host).and_then(|host| host.asked_at) {
            self.agenda.hold_host(host, poll::after(asked_at, spacing));
        }
    }

    fn host(&mut self, host: &Host) -> &mut HostState {
        self.hosts
            .entry(host.clone())
            .or_insert_with(|| HostState::new(host.clone()))
    }

    /// Notes whether a host was reached, and says whether no host at all is.
    fn is_offline(&mut self, host: &Host, outcome: &FetchOutcome) -> bool {
        let silent = matches!(
            outcome.answer,
            Answer::Failed {
                kind: FailureKind::Dns | FailureKind::Connect | FailureKind::Timeout,
                ..
            }
        );
        if silent {
            self.down.insert(host.clone());
        }
        silent && self.seems_offline()
    }

    /// Whether so many hosts are silent, and none answered since, that it is us:
    /// with one host nobody can say whose fault it is.
    fn seems_offline(&self) -> bool {
        self.down.len() >= HOSTS_DOWN.min(self.homes.len()).max(2)
    }
}

impl Known {
    /// Where a poll begins.
    fn start(&self) -> Url {
        Url::parse(self.state.start()).unwrap_or_else(|_| self.target.url.clone())
    }

    /// Where it is asked for now.
    fn url(&self) -> Url {
        self.trail
            .as_ref()
            .map_or_else(|| self.start(), |trail| trail.to.clone())
    }
}
