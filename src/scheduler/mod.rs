//! The scheduler: polls the feeds that are due and commits what they brought.
//!
//! Who is asked when is decided in [`policy::rounds`](crate::policy::rounds) and
//! [`policy::poll`](crate::policy::poll); here it is only done. A poll has two
//! stages: the requests, for which their hosts are kept, and the ingest, for
//! which none is. Each request is on the disk before it is sent. A poll counts
//! as done when its one transaction is on the disk; if that fails, nothing of it
//! happened and the feed is asked again later, without the validators that were
//! not stored. What a poll leads to is asked for in the same way (see `errands`),
//! and who else has to send something to a host gets a turn there (see `visits`).

mod edits;
mod errands;
mod extract;
mod full_text;
mod ingest;
mod look;
mod older;
mod visits;

pub use ingest::{Ingested, Intake, Pushed, Watch};
pub use visits::{HostTurn, HostTurns};

use crate::config::FeedConfig;
use crate::feed::FeedId;
use crate::fetch::{Client, FeedRequest};
use crate::policy::Clock;
use crate::policy::agenda::Call;
use crate::policy::host::HostRules;
use crate::policy::poll::{FeedState, FetchOutcome, Polled, Validators};
use crate::policy::rounds::{Ask, Refusal, Rounds, Steady, Target, Turn, VisitId};
use crate::store::{Begun, Ended, RequestNumber, Store, StoreError};
use errands::Brought;
use futures_util::TryFutureExt;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};
use url::Url;
use visits::Wanted;

/// The most polls and errands at work at one time: each may hold a body in memory.
const WORKS_MAX: usize = 64;

/// How long intake rests after the store could not take a poll.
const STORE_REST: SignedDuration = SignedDuration::from_secs(10);

/// The longest sleep, so that a jump of the clock is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(30);

/// How often it is looked whether the operator asked for a poll.
pub(crate) const ASKED_EVERY: Duration = Duration::from_secs(5);

/// The longest that one round over all feeds waits for a redirect that is to be
/// followed later.
const ONCE_WAIT_MAX: SignedDuration = SignedDuration::from_mins(1);

/// How far a poll has come.
#[derive(Debug)]
enum Step {
    /// The request was written down, sent and answered.
    Answered(RequestNumber, FetchOutcome),
    /// The request could not be written down, so it was not sent.
    Unsent(StoreError),
    /// An answer that another request follows was written down, or was not.
    Noted(Result<(), StoreError>),
    Ingested(Box<Result<Ingested, StoreError>>),
    /// What an errand brought was stored, or was not.
    Brought(Box<Result<Brought, StoreError>>),
    /// A visit is over, and was refused or not.
    Visited(Option<Refusal>),
}

/// A poll or an errand at work.
#[derive(Debug)]
struct Work {
    call: Call,
    fetching: bool,
    /// By how much the clock had been set when this step began.
    set_by: SignedDuration,
    handle: AbortHandle,
}

impl Work {
    fn is_errand(&self) -> bool {
        matches!(self.call, Call::Errand(_))
    }

    fn is_visit(&self) -> bool {
        matches!(self.call, Call::Visit(_))
    }
}

/// Polls feeds until it is told to stop.
#[derive(Debug)]
pub struct Scheduler {
    client: Client,
    /// The same, for hosts that are asked for one thing.
    closing: Client,
    intake: Intake,
    clock: Clock,
    steady: Steady,
    /// By how much the clock has been set since the start.
    set_by: SignedDuration,
    feeds: HashMap<FeedId, Arc<FeedConfig>>,
    rounds: Rounds,
    turns: HostTurns,
    /// The turns that are asked for.
    wanted: mpsc::Receiver<Wanted>,
    /// Who waits for their turns.
    waiting: HashMap<VisitId, oneshot::Sender<HostTurn>>,
    steps: JoinSet<Step>,
    works: HashMap<Id, Work>,
    /// Rung when deliveries were stored.
    stored: Arc<Notify>,
    /// Whether no host at all can be reached.
    offline: bool,
    /// Until when intake rests because the store cannot take more, and why.
    resting: Option<(Timestamp, StoreError)>,
}

impl Scheduler {
    /// Takes up the feeds where the store left them.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn new(
        (feeds, rules): (&[Arc<FeedConfig>], HostRules),
        (client, store): (Client, Store),
        watch: Arc<Watch>,
        stored: Arc<Notify>,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let now = (clock.now)();
        let targets: Vec<Target> = feeds.iter().map(|feed| target(feed)).collect();
        let rounds = take_up(targets, rules, &store, now).await?;
        let errands = store.errands().await?;
        let mut scheduler = Self::of(feeds, rounds, (client, store), watch, stored, clock);
        scheduler.take_errands(errands, now);
        Ok(scheduler)
    }

    fn of(
        feeds: &[Arc<FeedConfig>],
        rounds: Rounds,
        (client, store): (Client, Store),
        watch: Arc<Watch>,
        stored: Arc<Notify>,
        clock: Clock,
    ) -> Self {
        let feeds = feeds.iter().cloned();
        let (turns, wanted) = HostTurns::open();
        Self {
            // What was set up once can be set up again; if not, one does for both.
            closing: client.closing().unwrap_or_else(|_| client.clone()),
            client,
            intake: Intake::new(store, watch, clock),
            clock,
            steady: Steady::new((clock.now)(), (clock.uptime)()),
            set_by: SignedDuration::ZERO,
            feeds: feeds.map(|feed| (feed.id.clone(), feed)).collect(),
            rounds,
            turns,
            wanted,
            waiting: HashMap::new(),
            steps: JoinSet::new(),
            works: HashMap::new(),
            stored,
            offline: false,
            resting: None,
        }
    }

    /// The way into the store that its polls take, for what else brings feeds.
    pub fn intake(&self) -> Intake {
        self.intake.clone()
    }

    /// Polls until `stop` is cancelled; then lets ingests end and drops fetches.
    ///
    /// # Errors
    /// When the store is closed: nothing more can come of it.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), StoreError> {
        let mut asked = tokio::time::interval(ASKED_EVERY);
        asked.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let led_to = Arc::clone(&self.intake.led_to);
        loop {
            if let Some((_, StoreError::Closed)) = &self.resting {
                return Err(StoreError::Closed);
            }
            self.heed_jump().await;
            let wait = self.start_due();
            tokio::select! {
                Some(step) = self.steps.join_next_with_id() => {
                    self.heed_jump().await;
                    self.advance(step);
                }
                () = tokio::time::sleep(wait) => {}
                _ = asked.tick() => self.heed_operator().await,
                Some(wanted) = self.wanted.recv() => self.take_visit(wanted),
                errands = led_to.take() => self.take_errands(errands, (self.clock.now)()),
                () = stop.cancelled() => break,
            }
        }
        for work in self.works.values().filter(|work| work.fetching) {
            work.handle.abort();
        }
        while let Some(step) = self.steps.join_next_with_id().await {
            // What was fetched in the last moment is fetched again next time.
            if !matches!(step, Ok((_, Step::Answered(..)))) {
                self.advance(step);
            }
        }
        Ok(())
    }

    /// Polls each feed that is due now once, and does the errands that this leads
    /// to. Returns how many feeds there were.
    ///
    /// # Errors
    /// When the store could not take what they brought.
    pub async fn run_once(mut self) -> Result<usize, StoreError> {
        let now = (self.clock.now)();
        let due = self
            .rounds
            .states()
            .filter(|state| state.next_poll_at <= now);
        let mut waiting: HashSet<FeedId> = due.map(|state| state.feed.clone()).collect();
        let count = waiting.len();
        loop {
            let now = (self.clock.now)();
            let soon = |free_at: Option<Timestamp>| {
                free_at.is_none_or(|free_at| free_at.duration_since(now) < ONCE_WAIT_MAX)
            };
            waiting.retain(|feed| soon(self.rounds.free_at(feed)));
            let on_errands = self.resting.is_none() && self.rounds.errands_free_at().any(soon);
            let writing = self.works.values().any(Work::is_errand);
            if waiting.is_empty() && !on_errands && !writing {
                break;
            }
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

    /// Keeps every wait as long as it was meant to be when the clock is set.
    async fn heed_jump(&mut self) {
        let Clock { now, uptime, .. } = self.clock;
        let Some(by) = self.steady.jump(uptime(), now(), uptime()) else {
            return;
        };
        warn!("the clock was set by {by:#}; every wait stays as long as it was");
        self.set_by = self.set_by.saturating_add(by);
        self.rounds.shift(by);
        let (states, hosts) = self.rounds.written((self.clock.now)());
        let store = &self.intake.store;
        let moved = store
            .correct(states, hosts)
            .and_then(|()| store.bring_near((self.clock.now)()));
        if let Err(error) = moved.await {
            warn!("the waits in the store could not be moved: {error}");
        }
        self.stored.notify_waiters();
    }

    /// Polls early what the operator asked for.
    async fn heed_operator(&mut self) {
        let now = (self.clock.now)();
        match self.intake.store.take_asked().await {
            Ok(asked) => {
                for (feed, asked_at) in asked {
                    info!(feed.id = %feed, "a poll was asked for");
                    self.rounds.hurry(&feed, asked_at, now);
                }
            }
            Err(error) => debug!("it is not known whether a poll was asked for: {error}"),
        }
    }

    /// Starts what may be started; returns how long nothing else will be due.
    fn start_due(&mut self) -> Duration {
        let now = (self.clock.now)();
        if let Some((until, _)) = self.resting.as_ref().filter(|(until, _)| *until > now) {
            return sleep_between(now, *until);
        }
        for ask in self.rounds.begin(now, self.room()) {
            self.start(ask, now);
        }
        self.start_visits(now);
        self.start_errands(now, self.room());
        if self.room() == 0 {
            return SLEEP_MAX;
        }
        // With as many errands as there may be, the end of one is what to wait for.
        let errands = (self.room_for_errands() > 0).then(|| self.rounds.next_errand_wake());
        let wakes = self.rounds.next_wake().into_iter().chain(errands.flatten());
        wakes
            .min()
            .map_or(SLEEP_MAX, |wake| sleep_between(now, wake))
    }

    /// How many polls or errands may begin; visits hold nothing in memory.
    fn room(&self) -> usize {
        let visits = self.works.values().filter(|work| work.is_visit());
        WORKS_MAX.saturating_sub(self.works.len() - visits.count())
    }

    fn start(&mut self, ask: Ask, at: Timestamp) {
        let feed = ask.state.feed.clone();
        let Some(config) = self.feeds.get(&feed) else {
            return;
        };
        let due = self.rounds.state(&feed).map(|state| state.next_poll_at);
        let late_ms = due.map(|due| at.as_millisecond() - due.as_millisecond());
        debug!(feed.id = %feed, reason = ask.reason.as_str(), hop = ask.hop, late_ms, "polling");
        let client = if ask.alone {
            self.closing.clone()
        } else {
            self.client.clone()
        };
        let store = self.intake.store.clone();
        let request = FeedRequest {
            validators: ask.validators,
            ..request(config, ask.url)
        };
        let begun = Begun {
            state: ask.state,
            host: ask.host,
            at,
            hop: ask.hop,
            reason: ask.reason,
            conditional: !request.validators.is_empty(),
        };
        let handle = self.steps.spawn(async move {
            match store.begin_request(begun).await {
                Ok(number) => Step::Answered(number, client.ask(&request).await),
                Err(error) => Step::Unsent(error),
            }
        });
        self.track(Call::Poll(feed), true, handle);
    }

    fn track(&mut self, call: Call, fetching: bool, handle: AbortHandle) {
        let work = Work {
            call,
            fetching,
            set_by: self.set_by,
            handle,
        };
        self.works.insert(work.handle.id(), work);
    }

    /// Takes a finished step on; returns the feed whose poll is over.
    fn advance(&mut self, step: Result<(Id, Step), JoinError>) -> Option<FeedId> {
        let id = step.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Work { call, set_by, .. } = self.works.remove(&id)?;
        let now = (self.clock.now)();
        let step = step.map(|(_, step)| step);
        let feed = match call {
            Call::Poll(feed) => feed,
            Call::Errand(errand) => {
                self.advance_errand(errand, step, now);
                return None;
            }
            Call::Visit(visit) => {
                self.advance_visit(visit, step, now);
                return None;
            }
        };
        match step {
            Ok(Step::Answered(number, outcome)) => {
                self.heed(&feed, number, outcome, now);
                return None;
            }
            // What errands and visits bring is not heard here.
            Ok(Step::Noted(Ok(())) | Step::Brought(_) | Step::Visited(_)) => return None,
            Ok(Step::Noted(Err(error))) => {
                self.rest(error, now);
                return None;
            }
            Ok(Step::Unsent(error)) => {
                self.rounds.abandon(&feed, later(now), now);
                self.rest(error, now);
            }
            Ok(Step::Ingested(result)) => match *result {
                Ok(ingested) => self.settle(&feed, set_by, ingested),
                Err(error) => {
                    self.rounds.abandon(&feed, later(now), now);
                    self.rest(error, now);
                }
            },
            Err(error) => {
                if error.is_panic() {
                    error!(feed.id = %feed, "a poll ended in a bug of wirewatch; the feed is asked again later: {error}");
                }
                self.rounds.abandon(&feed, later(now), now);
            }
        }
        Some(feed)
    }

    /// The answer is in: what follows from it begins.
    fn heed(
        &mut self,
        feed: &FeedId,
        request: RequestNumber,
        outcome: FetchOutcome,
        now: Timestamp,
    ) {
        let host = self.rounds.host_at(feed);
        let (in_short, reached) = (outcome.in_short(), outcome.reached_a_server());
        let turn = self.rounds.answered(feed, outcome, now);
        let Some(host) = host.and_then(|host| self.rounds.host_state(&host)) else {
            return;
        };
        let ended = Ended {
            request,
            outcome: in_short,
            host: host.clone(),
        };
        match turn {
            Turn::Follow => {
                let store = self.intake.store.clone();
                let handle = self
                    .steps
                    .spawn(async move { Step::Noted(store.end_request(ended).await) });
                self.track(feed.into(), false, handle);
            }
            Turn::Settle(polled) => {
                self.tell_offline(polled.offline, reached);
                self.ingest(feed, *polled, ended);
            }
        }
    }

    /// Says once that our own network is down, and once that it is back.
    fn tell_offline(&mut self, offline: bool, reached: bool) {
        if offline && !self.offline {
            warn!(
                notice = "network.down",
                "no host can be reached, so our own network seems to be down; no feed is blamed for it"
            );
            self.offline = true;
        } else if reached && self.offline {
            info!(notice = "network.up", "hosts can be reached again");
            self.offline = false;
        }
    }

    fn ingest(&mut self, feed: &FeedId, polled: Polled, ended: Ended) {
        let known = self.feeds.get(feed).zip(self.rounds.state(feed));
        let Some(((config, state), rule)) = known.zip(self.rounds.rule_of(feed)) else {
            return;
        };
        let (config, state) = (Arc::clone(config), state.clone());
        let ingesting = self
            .intake
            .clone()
            .ingest(config, rule, state, polled, ended);
        let handle = self
            .steps
            .spawn(async { Step::Ingested(Box::new(ingesting.await)) });
        self.track(feed.into(), false, handle);
    }

    fn settle(&mut self, feed: &FeedId, set_by: SignedDuration, mut ingested: Ingested) {
        // It was settled by the clock as it went then.
        let by = self.set_by.saturating_sub(set_by);
        let next = &mut ingested.state.next_poll_at;
        *next = next.checked_add(by).unwrap_or(*next);
        if let Some(before) = self.rounds.state(feed) {
            report(before, &ingested);
        }
        self.rounds.settled(ingested.state);
        self.resting = None;
        if ingested.to_deliver {
            self.stored.notify_waiters();
        }
        self.take_errands(ingested.errands, (self.clock.now)());
    }

    /// The store took nothing: intake rests for a while, and as long as it
    /// takes nothing no request is sent, so a full disk costs none.
    fn rest(&mut self, error: StoreError, now: Timestamp) {
        if self.resting.is_none() {
            error!("polling rests, because the store took nothing: {error}");
        }
        self.resting = Some((later(now), error));
    }
}

/// A request to a feed's own server, as its operator wants it made.
fn request(feed: &FeedConfig, url: Url) -> FeedRequest {
    FeedRequest {
        url,
        home: feed.url.clone(),
        derived: feed.listed.is_some(),
        validators: Validators::default(),
        login: feed.login.clone(),
        headers: feed.headers.clone(),
    }
}

fn target(feed: &FeedConfig) -> Target {
    Target {
        feed: feed.id.clone(),
        url: feed.url.clone(),
        limits: feed.poll,
    }
}

/// The rounds as the store remembers them.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn take_up(
    targets: Vec<Target>,
    rules: HostRules,
    store: &Store,
    now: Timestamp,
) -> Result<Rounds, StoreError> {
    let addresses: Vec<_> = targets
        .iter()
        .map(|target| (target.feed.clone(), target.url.to_string()))
        .collect();
    let mut states = store.sync_feeds(&addresses, now).await?;
    let mut hosts = store.hosts().await?;
    let (mut feeds_corrected, mut hosts_corrected) = (Vec::new(), Vec::new());
    for state in &mut states {
        if let Some(corrected) = state.corrected(now) {
            *state = corrected.clone();
            feeds_corrected.push(corrected);
        }
    }
    for host in &mut hosts {
        if let Some(corrected) = host.corrected(now) {
            *host = corrected.clone();
            hosts_corrected.push(corrected);
        }
    }
    if !feeds_corrected.is_empty() || !hosts_corrected.is_empty() {
        warn!("the clock was set back since the last run; every wait stays as long as it was");
        store.correct(feeds_corrected, hosts_corrected).await?;
        store.bring_near(now).await?;
    }
    let mut rounds = Rounds::new(rules, hosts);
    for (target, state) in targets.into_iter().zip(states) {
        rounds.add(target, state);
    }
    Ok(rounds)
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
    for notice in &ingested.notices {
        warn!(feed.id = %feed, notice = notice.name(), "{}", notice.text());
    }
    for problem in &ingested.problems {
        debug!(feed.id = %feed, "repaired in the feed: {problem}");
    }
    debug!(
        feed.id = %feed, entries = ingested.entries, revised = ingested.revised, alerts = ingested.alerts,
        next = %rounded(state.next_poll_at), reason = state.reason.as_str(), "polled"
    );
}
