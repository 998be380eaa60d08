//! The notifier: takes deliveries from the outbox to their sinks.
//!
//! One worker a sink, so that a sink that is down or slow delays no other. A
//! worker takes what is due, has a few attempts in flight at a time, and writes
//! down how each ended; whether there is another attempt is decided in
//! [`policy::retry`](crate::policy::retry). What is in flight is kept in memory
//! only: after a crash its outcome is unknown, so it is due again, and goes out
//! under the same id.

use crate::policy::retry::{self, DeadReason, Delivery, DeliveryId, DeliveryOutcome, Next};
use crate::policy::{Clock, SinkName};
use crate::sink::Sink;
use crate::store::{Settlement, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

/// The most deliveries that are read ahead.
const READ_AHEAD: usize = 256;

/// How often the outbox is looked at without being told to: a delivery that a
/// person made due again from another process is found within this time.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long a worker rests when the store fails.
const STORE_REST: Duration = Duration::from_secs(5);

/// Delivers to one sink until it is told to stop.
#[derive(Debug)]
pub struct Notifier {
    name: SinkName,
    sink: Arc<Sink>,
    max_age: SignedDuration,
    store: Store,
    clock: Clock,
    waiting: VecDeque<Delivery>,
    attempts: JoinSet<Vec<Attempt>>,
    /// What each task has in flight.
    in_flight: HashMap<Id, Vec<DeliveryId>>,
    failing: bool,
}

/// One attempt and how it ended.
#[derive(Debug)]
struct Attempt {
    delivery: Delivery,
    outcome: DeliveryOutcome,
    at: Timestamp,
}

impl Notifier {
    /// Makes the worker of one sink.
    pub fn new(
        name: SinkName,
        sink: Sink,
        max_age: SignedDuration,
        store: Store,
        clock: Clock,
    ) -> Self {
        Self {
            name,
            sink: Arc::new(sink),
            max_age,
            store,
            clock,
            waiting: VecDeque::new(),
            attempts: JoinSet::new(),
            in_flight: HashMap::new(),
            failing: false,
        }
    }

    /// Delivers until `stop` is cancelled; then lets what is in flight end.
    ///
    /// `stored` is rung when there is something new in the outbox.
    pub async fn run(mut self, stored: Arc<Notify>, stop: CancellationToken) {
        loop {
            // Registered before the outbox is read, so that no ring is missed.
            let rung = stored.notified();
            let sleep = match self.start_due().await {
                Ok(sleep) => sleep,
                Err(error) => {
                    error!(sink = %self.name, "the outbox cannot be read: {error}");
                    STORE_REST
                }
            };
            tokio::select! {
                Some(done) = self.attempts.join_next_with_id() => { self.settle(done).await; }
                () = rung => {}
                () = tokio::time::sleep(sleep) => {}
                () = stop.cancelled() => break,
            }
        }
        self.finish().await;
    }

    /// Makes one attempt at everything that is due now. Returns how many
    /// deliveries are still pending for this sink because the attempt failed.
    pub async fn run_once(mut self) -> Result<usize, StoreError> {
        let started = (self.clock.now)();
        let mut failed = 0;
        let mut tried = HashSet::new();
        loop {
            self.refill(started).await?;
            self.waiting
                .retain(|delivery| tried.insert(delivery.id.clone()));
            if self.waiting.is_empty() && self.attempts.is_empty() {
                return Ok(failed);
            }
            self.start();
            if let Some(done) = self.attempts.join_next_with_id().await {
                failed += self.settle(done).await;
            }
        }
    }

    async fn start_due(&mut self) -> Result<Duration, StoreError> {
        let now = (self.clock.now)();
        self.refill(now).await?;
        self.start();
        if !self.waiting.is_empty() {
            return Ok(LOOK_EVERY);
        }
        let next = self.store.next_due(&self.name, &self.skip()).await?;
        let wait = next.filter(|next| *next > now).map_or(LOOK_EVERY, |next| {
            Duration::try_from(next.duration_since(now)).unwrap_or(LOOK_EVERY)
        });
        Ok(wait.min(LOOK_EVERY))
    }

    /// Reads what is due, if nothing is read ahead.
    async fn refill(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if !self.waiting.is_empty() {
            return Ok(());
        }
        let due = self
            .store
            .due(&self.name, now, READ_AHEAD, &self.skip())
            .await?;
        for id in &due.corrupt {
            error!(
                sink = %self.name, delivery.id = %id.0, reason = DeadReason::Corrupt.as_str(),
                "a stored delivery no longer has its checksum and was set aside; see `wirewatch deliveries show {}`", id.0
            );
        }
        self.waiting.extend(due.deliveries);
        Ok(())
    }

    /// What must not go out a second time while its first attempt is under way.
    fn skip(&self) -> HashSet<DeliveryId> {
        self.in_flight.values().flatten().cloned().collect()
    }

    /// Starts as many attempts as the sink takes at one time.
    fn start(&mut self) {
        while self.in_flight.len() < self.sink.in_flight_max() && !self.waiting.is_empty() {
            let size = self.sink.batch_max().min(self.waiting.len());
            let batch: Vec<Delivery> = self.waiting.drain(..size).collect();
            let ids = batch.iter().map(|delivery| delivery.id.clone()).collect();
            let (sink, now) = (Arc::clone(&self.sink), self.clock.now);
            let handle = self.attempts.spawn(async move {
                let at = now();
                let verdicts = sink.deliver(&batch, at).await;
                let attempts = batch.into_iter().zip(verdicts);
                attempts
                    .map(|(delivery, verdict)| Attempt {
                        delivery,
                        outcome: verdict.outcome,
                        at,
                    })
                    .collect()
            });
            self.in_flight.insert(handle.id(), ids);
        }
    }

    /// Writes down how attempts ended, and what follows. Returns how many failed.
    async fn settle(&mut self, done: Result<(Id, Vec<Attempt>), JoinError>) -> usize {
        let (id, attempts) = match done {
            Ok(done) => done,
            Err(error) => {
                self.in_flight.remove(&error.id());
                error!(sink = %self.name, "an attempt ended in a bug of wirewatch; it is made again: {error}");
                return 1;
            }
        };
        let now = (self.clock.now)();
        let settlements: Vec<Settlement> = attempts
            .iter()
            .map(|attempt| {
                let next = retry::next(
                    attempt.delivery.attempts,
                    &attempt.outcome,
                    attempt.delivery.created_at,
                    self.max_age,
                    now,
                    (self.clock.jitter)(),
                );
                Settlement {
                    id: attempt.delivery.id.clone(),
                    at: attempt.at,
                    outcome: attempt.outcome.clone(),
                    next,
                }
            })
            .collect();
        let failed = attempts
            .iter()
            .filter(|attempt| attempt.outcome != DeliveryOutcome::Delivered)
            .count();
        let following: Vec<Next> = settlements.iter().map(|it| it.next.clone()).collect();
        if let Err(error) = self.store.settle(settlements).await {
            // The deliveries stay pending and go out again under their ids.
            error!(sink = %self.name, "an attempt could not be written down: {error}");
            tokio::time::sleep(STORE_REST).await;
        } else {
            // Only now can whoever reads the log find it in the store.
            for (attempt, next) in attempts.iter().zip(&following) {
                self.report(attempt, next);
            }
        }
        self.failing = failed > 0;
        self.in_flight.remove(&id);
        failed
    }

    fn report(&self, attempt: &Attempt, next: &Next) {
        let id = &attempt.delivery.id.0;
        let detail = attempt.outcome.detail();
        match next {
            Next::Done if self.failing => {
                info!(sink = %self.name, delivery.id = %id, "the sink takes deliveries again");
            }
            Next::Done => debug!(sink = %self.name, delivery.id = %id, "delivered"),
            Next::At(time) => warn!(
                sink = %self.name, delivery.id = %id, attempt = attempt.delivery.attempts + 1, next = format!("{time:.0}"),
                "a delivery failed and is tried again: {detail}"
            ),
            Next::Dead(reason) => error!(
                sink = %self.name, delivery.id = %id, reason = reason.as_str(),
                "a delivery was given up: {detail}; `wirewatch deliveries retry {id}` sends it again"
            ),
        }
    }

    async fn finish(&mut self) {
        while let Some(done) = self.attempts.join_next_with_id().await {
            self.settle(done).await;
        }
    }
}
