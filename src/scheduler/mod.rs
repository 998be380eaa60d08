//! The scheduler: polls the feeds that are due and commits what they brought.
//!
//! When a feed is due, and how long a host is left alone, is decided in
//! [`policy::poll`](crate::policy::poll) and [`policy::agenda`](crate::policy::agenda);
//! here it is only done. A poll has two stages: the fetch, for which the host
//! is kept, and the ingest, for which it is not. A poll counts as done when its
//! one transaction is on the disk; if that fails, nothing of it happened and
//! the feed is asked again, without the validators that were not stored.

mod ingest;

pub use ingest::Watch;

use crate::config::FeedConfig;
use crate::feed::FeedId;
use crate::fetch::{Client, FeedRequest};
use crate::policy::Clock;
use crate::policy::agenda::{Agenda, Host};
use crate::policy::poll::{self, FeedState, FetchOutcome};
use crate::store::{Store, StoreError};
use ingest::{Ingested, Intake};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

/// The most polls at work at one time: each may hold a body in memory.
const POLLS_MAX: usize = 64;

/// How long intake rests after the store could not take a poll.
const STORE_REST: SignedDuration = SignedDuration::from_secs(10);

/// The longest sleep, so that a jump of the clock is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// A feed with what is known of it.
#[derive(Debug)]
struct Known {
    config: Arc<FeedConfig>,
    host: Host,
    state: FeedState,
}

/// How far a poll has come.
#[derive(Debug)]
enum Step {
    Fetched(FetchOutcome),
    Ingested(Box<Result<Ingested, StoreError>>),
}

/// A poll at work.
#[derive(Debug)]
struct Poll {
    feed: FeedId,
    fetching: bool,
    handle: AbortHandle,
}

/// Polls feeds until it is told to stop.
#[derive(Debug)]
pub struct Scheduler {
    client: Client,
    intake: Intake,
    clock: Clock,
    feeds: HashMap<FeedId, Known>,
    agenda: Agenda,
    steps: JoinSet<Step>,
    polls: HashMap<Id, Poll>,
    /// Rung when deliveries were stored.
    stored: Arc<Notify>,
    /// Until when intake rests because the store cannot take more, and why.
    resting: Option<(Timestamp, StoreError)>,
}

impl Scheduler {
    /// Takes up the feeds where the store left them.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn new(
        feeds: &[FeedConfig],
        (client, store): (Client, Store),
        watch: Arc<Watch>,
        stored: Arc<Notify>,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let now = (clock.now)();
        let addresses: Vec<_> = feeds
            .iter()
            .map(|feed| (feed.id.clone(), feed.url.to_string()))
            .collect();
        let mut states: HashMap<FeedId, FeedState> = store
            .sync_feeds(&addresses, now)
            .await?
            .into_iter()
            .map(|state| (state.feed.clone(), state))
            .collect();
        let mut agenda = Agenda::new();
        let mut known = HashMap::new();
        for config in feeds {
            let Some(state) = states.remove(&config.id) else {
                continue;
            };
            let host = Host::of(&config.url);
            let spacing = config.poll.host_spacing;
            agenda.insert(&config.id, (host.clone(), spacing), state.next_poll_at);
            let config = Arc::new(config.clone());
            known.insert(
                state.feed.clone(),
                Known {
                    config,
                    host,
                    state,
                },
            );
        }
        for (host, until) in store.host_waits().await? {
            agenda.hold_host(&Host::named(&host), until);
        }
        Ok(Self {
            client,
            intake: Intake::new(store, watch, clock),
            clock,
            feeds: known,
            agenda,
            steps: JoinSet::new(),
            polls: HashMap::new(),
            stored,
            resting: None,
        })
    }

    /// Polls until `stop` is cancelled; then lets ingests end and drops fetches.
    ///
    /// # Errors
    /// When the store is closed: nothing more can come of it.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), StoreError> {
        loop {
            if let Some((_, StoreError::Closed)) = &self.resting {
                return Err(StoreError::Closed);
            }
            let wait = self.start_due();
            tokio::select! {
                Some(step) = self.steps.join_next_with_id() => { self.advance(step); }
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => break,
            }
        }
        for poll in self.polls.values().filter(|poll| poll.fetching) {
            poll.handle.abort();
        }
        while let Some(step) = self.steps.join_next_with_id().await {
            // What was fetched in the last moment is fetched again next time.
            if !matches!(step, Ok((_, Step::Fetched(_)))) {
                self.advance(step);
            }
        }
        Ok(())
    }

    /// Polls each feed that is due now once. Returns how many there were.
    ///
    /// # Errors
    /// When the store could not take what they brought.
    pub async fn run_once(mut self) -> Result<usize, StoreError> {
        let now = (self.clock.now)();
        let due = self
            .feeds
            .values()
            .filter(|known| known.state.next_poll_at <= now);
        let mut waiting: HashSet<FeedId> = due.map(|known| known.state.feed.clone()).collect();
        let count = waiting.len();
        while !waiting.is_empty() {
            let sleep = self.start_due();
            tokio::select! {
                Some(step) = self.steps.join_next_with_id() => {
                    if let Some(feed) = self.advance(step) {
                        waiting.remove(&feed);
                    }
                }
                () = tokio::time::sleep(sleep) => {}
            }
        }
        self.resting.map_or(Ok(count), |(_, error)| Err(error))
    }

    /// Starts what may be started; returns how long nothing else will be due.
    fn start_due(&mut self) -> Duration {
        let now = (self.clock.now)();
        if let Some((until, _)) = self.resting.as_ref().filter(|(until, _)| *until > now) {
            return sleep_between(now, *until);
        }
        let free = POLLS_MAX.saturating_sub(self.polls.len());
        for feed in self.agenda.take(now, free) {
            self.start(feed);
        }
        if self.polls.len() >= POLLS_MAX {
            return SLEEP_MAX;
        }
        self.agenda
            .next_wake()
            .map_or(SLEEP_MAX, |wake| sleep_between(now, wake))
    }

    fn start(&mut self, feed: FeedId) {
        let Some(known) = self.feeds.get(&feed) else {
            return;
        };
        debug!(feed.id = %feed, reason = known.state.reason.as_str(), "polling");
        let client = self.client.clone();
        let request = FeedRequest {
            url: known.config.url.clone(),
            validators: known.state.validators.clone(),
            login: known.config.login.clone(),
            headers: known.config.headers.clone(),
        };
        let handle = self
            .steps
            .spawn(async move { Step::Fetched(client.get(&request).await) });
        self.track(feed, true, handle);
    }

    fn track(&mut self, feed: FeedId, fetching: bool, handle: AbortHandle) {
        let poll = Poll {
            feed,
            fetching,
            handle,
        };
        self.polls.insert(poll.handle.id(), poll);
    }

    /// Takes a finished step on; returns the feed whose poll is over.
    fn advance(&mut self, step: Result<(Id, Step), JoinError>) -> Option<FeedId> {
        let id = step.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let poll = self.polls.remove(&id)?;
        let now = (self.clock.now)();
        match step {
            Ok((_, Step::Fetched(outcome))) => {
                self.ingest(poll.feed, outcome);
                return None;
            }
            Ok((_, Step::Ingested(result))) => match *result {
                Ok(ingested) => self.settle(&poll.feed, ingested),
                Err(error) => self.rest(&poll.feed, error, now),
            },
            Err(error) => {
                self.agenda.release(&poll.feed);
                if error.is_panic() {
                    error!(feed.id = %poll.feed, "a poll ended in a bug of wirewatch; the feed is asked again later: {error}");
                }
                self.agenda.reschedule(&poll.feed, later(now));
            }
        }
        Some(poll.feed)
    }

    /// The answer is in: the host may be asked for something else, unless the
    /// answer says otherwise, and what it brought is stored.
    fn ingest(&mut self, feed: FeedId, outcome: FetchOutcome) {
        let Some(known) = self.feeds.get(&feed) else {
            return;
        };
        let now = (self.clock.now)();
        if let Some(until) = poll::host_not_before(&known.state, &outcome, now) {
            self.agenda.hold_host(&known.host, until);
        }
        self.agenda.release(&feed);
        let (config, state) = (Arc::clone(&known.config), known.state.clone());
        let ingesting = self.intake.clone().ingest(config, state, outcome);
        let handle = self
            .steps
            .spawn(async { Step::Ingested(Box::new(ingesting.await)) });
        self.track(feed, false, handle);
    }

    fn settle(&mut self, feed: &FeedId, ingested: Ingested) {
        let Some(known) = self.feeds.get_mut(feed) else {
            return;
        };
        report(&known.state, &ingested);
        self.agenda.reschedule(feed, ingested.state.next_poll_at);
        known.state = ingested.state;
        self.resting = None;
        if ingested.alerts > 0 {
            self.stored.notify_waiters();
        }
    }

    /// Nothing of the poll was stored: the feed is asked again, and intake
    /// rests for a while so that a full disk does not cost requests.
    fn rest(&mut self, feed: &FeedId, error: StoreError, now: Timestamp) {
        if self.resting.is_none() {
            error!("polling rests, because the store took nothing: {error}");
        }
        self.resting = Some((later(now), error));
        self.agenda.reschedule(feed, later(now));
    }
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(STORE_REST).unwrap_or(Timestamp::MAX)
}

fn sleep_between(now: Timestamp, wake: Timestamp) -> Duration {
    Duration::try_from(wake.duration_since(now))
        .unwrap_or_default()
        .min(SLEEP_MAX)
}

/// A time as people read it, to the second.
fn rounded(time: Timestamp) -> String {
    format!("{time:.0}")
}

/// Says what a poll changed: a failure each time, a recovery once.
fn report(before: &FeedState, ingested: &Ingested) {
    let state = &ingested.state;
    let feed = &state.feed;
    if let Some(detail) = &state.last_error {
        warn!(
            feed.id = %feed, failures = state.failures, next = %rounded(state.next_poll_at),
            reason = state.reason.as_str(), "the feed failed: {detail}"
        );
    } else if before.failures > 0 {
        info!(feed.id = %feed, failures = before.failures, "the feed works again");
    }
    for problem in &ingested.problems {
        debug!(feed.id = %feed, "repaired in the feed: {problem}");
    }
    debug!(
        feed.id = %feed, entries = ingested.entries, alerts = ingested.alerts,
        next = %rounded(state.next_poll_at), reason = state.reason.as_str(), "polled"
    );
}
