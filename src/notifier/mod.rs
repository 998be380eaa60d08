//! The notifier: takes deliveries from the outbox to their sinks.
//!
//! One worker a sink, so that a sink that is down or slow delays no other. Each is
//! a loop of [`step`](Notifier::step), which starts what may start now, and
//! `take`, which takes in what has ended: attempts, commits and
//! looks into the outbox, all under way at the same time. A request that ends frees
//! its place at once; what became of it is written down together with whatever else
//! ended while the last commit was on its way to the disk.
//!
//! Whether the sink may be asked is decided in
//! [`policy::endpoint`](crate::policy::endpoint), and whether a delivery has another
//! attempt in [`policy::retry`](crate::policy::retry). What is in flight is kept in
//! memory only: after a crash its outcome is unknown, so it is due again, and goes
//! out under the same id. That is why no more than `UNSETTLED_MAX` may be.

mod looking;
mod settling;

use crate::config::SinkConfig;
use crate::policy::endpoint::{Endpoint, Gate};
use crate::policy::rate::Meter;
use crate::policy::retry::{Delivery, DeliveryId};
use crate::policy::{Clock, SinkName, later};
use crate::sink::{Sink, Verdict, fingerprint};
use crate::store::{EndpointRecord, Look, Store, StoreError, Want};
use jiff::{SignedDuration, Timestamp};
use settling::Attempt;
use std::collections::{HashMap, HashSet, VecDeque};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// The most deliveries that are read ahead.
const READ_AHEAD: usize = 256;

/// The same for a sink with a rate: what is read ahead no longer grows too old.
const READ_AHEAD_RATED: usize = 16;

/// The most attempts that are under way or not written down yet: as many may be
/// made again after a crash.
const UNSETTLED_MAX: usize = 64;

/// How often the outbox is looked at without being told to: a delivery that a
/// person made due again from another process is found within this time.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(2);

/// How long a worker rests when the store fails.
const STORE_REST: SignedDuration = SignedDuration::from_secs(5);

/// How long a single round waits for the rate of a sink.
const ROUND_WAIT_MAX: SignedDuration = SignedDuration::from_secs(60);

/// Delivers to one sink until it is told to stop.
#[derive(Debug)]
pub struct Notifier {
    name: SinkName,
    sink: Arc<Sink>,
    max_age: SignedDuration,
    store: Store,
    clock: Clock,
    /// What is known of the endpoint, as it will be stored.
    record: EndpointRecord,
    /// Keeps the rate of the sink, if it has one.
    meter: Option<Meter>,
    /// What was read ahead and may go out.
    waiting: VecDeque<Delivery>,
    tasks: JoinSet<Done>,
    in_flight: HashMap<Id, Flight>,
    /// Attempts that ended and are not on their way to the disk yet.
    ended: Vec<Attempt>,
    /// Attempts that are on their way to the disk, and the task that brings them.
    committing: Vec<Attempt>,
    commit: Option<Id>,
    outlook: looking::Outlook,
    /// The store failed: nothing begins before this time.
    rest_until: Option<Timestamp>,
    failure: Option<StoreError>,
    /// In a single round, what was tried, and whether it arrived.
    round: Option<HashMap<DeliveryId, bool>>,
}

/// A request, or one batch of lines, on its way.
#[derive(Debug)]
struct Flight {
    batch: Arc<Vec<Delivery>>,
    at: Timestamp,
}

/// What ended.
#[derive(Debug)]
enum Done {
    Attempts(Vec<Verdict>),
    Commit(Result<(), StoreError>),
    Look(Want, Box<Result<Look, StoreError>>),
    Expiry(Result<(u64, bool), StoreError>),
}

impl Notifier {
    /// Makes the worker of one sink, which knows of its endpoint what was stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn open(
        config: &SinkConfig,
        sink: Sink,
        store: Store,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let name = config.name.clone();
        let fingerprint = fingerprint(config);
        let known = store.endpoints().await?;
        let known = known.into_iter().find(|record| record.sink == name);
        let mut record = known.unwrap_or_else(|| EndpointRecord {
            sink: name.clone(),
            endpoint: Endpoint::default(),
            fingerprint: fingerprint.clone(),
            resumes: 0,
        });
        // Somebody mended the settings, perhaps; what they were tells nothing.
        if record.fingerprint != fingerprint {
            record.endpoint.reset();
            record.fingerprint = fingerprint;
        }
        let meter = match sink.rate() {
            Some(rate) => {
                let since = (clock.now)().checked_sub(rate.per);
                let since = since.unwrap_or(Timestamp::UNIX_EPOCH);
                let count = rate.count as usize;
                let earlier = store.attempts_since(&name, since, count).await?;
                Some(Meter::new(rate, earlier))
            }
            None => None,
        };
        Ok(Self {
            name,
            sink: Arc::new(sink),
            max_age: config.max_age,
            store,
            clock,
            record,
            meter,
            waiting: VecDeque::new(),
            tasks: JoinSet::new(),
            in_flight: HashMap::new(),
            ended: Vec::new(),
            committing: Vec::new(),
            commit: None,
            outlook: looking::Outlook::default(),
            rest_until: None,
            failure: None,
            round: None,
        })
    }

    /// Delivers until `stop` is cancelled; then lets what is in flight end.
    ///
    /// `stored` is rung when there is something new in the outbox.
    pub async fn run(mut self, stored: Arc<Notify>, stop: CancellationToken) {
        let mut rung = pin!(stored.notified());
        loop {
            let now = (self.clock.now)();
            let wake = self.step(now);
            // A clock that is set must not make it sleep for long.
            let sleep = wake.duration_since(now).min(LOOK_EVERY);
            tokio::select! {
                Some(done) = self.tasks.join_next_with_id() => self.take(done),
                () = &mut rung => {
                    rung.set(stored.notified());
                    self.outlook.more = true;
                }
                () = tokio::time::sleep(sleep.try_into().unwrap_or_default()) => {}
                () = stop.cancelled() => break,
            }
        }
        self.finish().await;
    }

    /// Makes one attempt at everything that is due now, as far as the sink takes
    /// it. Returns how many deliveries are still pending for this sink because an
    /// attempt failed or none could be made.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn run_once(mut self) -> Result<usize, StoreError> {
        self.round = Some(HashMap::new());
        loop {
            let now = (self.clock.now)();
            let wake = self.step(now);
            if let Some(done) = self.tasks.join_next_with_id().await {
                self.take(done);
            } else if self.is_held_by_rate() && wake.duration_since(now) < ROUND_WAIT_MAX {
                let wait = Duration::try_from(wake.duration_since(now));
                tokio::time::sleep(wait.unwrap_or_default()).await;
            } else {
                break;
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
        }
        let untried = self.waiting.len() + self.look_once().await?.due.deliveries.len();
        if untried > 0 {
            warn!(
                sink = %self.name, state = self.record.endpoint.state.as_str(),
                "the sink is not asked now; what is for it waits"
            );
        }
        let tried = self.round.unwrap_or_default();
        Ok(untried + tried.values().filter(|arrived| !**arrived).count())
    }

    /// Starts what may start at this time, and says when there may be more to do
    /// even if nothing ends until then.
    pub fn step(&mut self, now: Timestamp) -> Timestamp {
        if self
            .rest_until
            .is_some_and(|until| until > later(now, STORE_REST))
        {
            // The clock was set back.
            self.rest_until = None;
        }
        if let Some(until) = self.rest_until.filter(|until| *until > now) {
            return until;
        }
        self.start(now);
        self.commit();
        let look_at = self.look(now);
        let gate = match self.gate(now) {
            Gate::Until(time) => Some(time),
            Gate::Free | Gate::One | Gate::Probe if self.waiting.is_empty() => None,
            Gate::Free | Gate::One | Gate::Probe => self.meter.as_ref().and_then(Meter::free_at),
            Gate::Shut => None,
        };
        gate.filter(|time| *time > now)
            .map_or(look_at, |time| time.min(look_at))
    }

    /// Whether anything is under way, whose end [`ended`](Self::ended) waits for.
    pub fn is_busy(&self) -> bool {
        !self.tasks.is_empty()
    }

    /// Waits for something that is under way to end, and takes it in.
    pub async fn ended(&mut self) {
        if let Some(done) = self.tasks.join_next_with_id().await {
            self.take(done);
        }
    }

    /// What may be sent at this time.
    fn gate(&self, now: Timestamp) -> Gate {
        self.record.endpoint.gate(now)
    }

    fn is_held_by_rate(&self) -> bool {
        let now = (self.clock.now)();
        let open = matches!(self.gate(now), Gate::Free | Gate::One | Gate::Probe);
        open && !self.waiting.is_empty()
    }

    /// Starts as many attempts as the sink takes at one time.
    fn start(&mut self, now: Timestamp) {
        let places = match self.gate(now) {
            Gate::Free => self.sink.in_flight_max(),
            Gate::One | Gate::Probe => 1,
            Gate::Until(_) | Gate::Shut => 0,
        };
        while self.in_flight.len() < places && !self.waiting.is_empty() {
            let room = UNSETTLED_MAX.saturating_sub(self.unsettled());
            let size = self.sink.batch_max().min(self.waiting.len()).min(room);
            let admitted = self.meter.as_mut().is_none_or(|meter| meter.admit(now));
            if size == 0 || !admitted {
                return;
            }
            let batch: Arc<Vec<Delivery>> = Arc::new(self.waiting.drain(..size).collect());
            if let Some(round) = &mut self.round {
                round.extend(batch.iter().map(|delivery| (delivery.id.clone(), false)));
            }
            let (sink, sent) = (Arc::clone(&self.sink), Arc::clone(&batch));
            let attempt = async move { Done::Attempts(sink.deliver(&sent, now).await) };
            let id = self.tasks.spawn(attempt).id();
            self.in_flight.insert(id, Flight { batch, at: now });
        }
    }

    /// How many attempts are under way or not written down yet.
    fn unsettled(&self) -> usize {
        let flying: usize = self.in_flight.values().map(|it| it.batch.len()).sum();
        flying + self.ended.len() + self.committing.len()
    }

    /// What must not be read from the outbox: it is in hand already.
    fn in_hand(&self) -> HashSet<DeliveryId> {
        let waiting = self.waiting.iter().map(|delivery| &delivery.id);
        let round = self.round.iter().flat_map(HashMap::keys);
        let mut in_hand = self.in_flight_ids();
        in_hand.extend(waiting.chain(round).cloned());
        in_hand
    }

    fn take(&mut self, done: Result<(Id, Done), JoinError>) {
        let now = (self.clock.now)();
        match done {
            Ok((id, Done::Attempts(verdicts))) => self.land(id, verdicts, now),
            Ok((_, Done::Commit(written))) => self.committed(written, now),
            Ok((_, Done::Look(want, look))) => self.looked(want, *look, now),
            Ok((_, Done::Expiry(expired))) => self.expired(expired, now),
            Err(error) => self.broke(&error, now),
        }
    }

    /// Lets what is in flight end, and writes down how.
    async fn finish(&mut self) {
        self.failure = None;
        loop {
            self.commit();
            let settled = self.commit.is_none() && self.ended.is_empty();
            if self.failure.is_some() || (settled && self.in_flight.is_empty()) {
                return;
            }
            match self.tasks.join_next_with_id().await {
                Some(done) => self.take(done),
                None => return,
            }
        }
    }

    /// The store failed; what was wanted of it is wanted again after a rest.
    fn rest(&mut self, error: StoreError, now: Timestamp) {
        self.rest_until = Some(later(now, STORE_REST));
        self.failure = Some(error);
    }
}
