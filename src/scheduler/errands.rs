//! The errands of the scheduler: requests that polls led to.
//!
//! Which errand is sent when is decided in [`policy::rounds`](crate::policy::rounds)
//! and here it is only done, as polls are: on the disk before it is sent, and
//! over when what it brought is on the disk.

use super::{Scheduler, Step, later};
use crate::policy::poll::FetchOutcome;
use crate::policy::rounds::{Errand, ErrandAsk, ErrandEnd, ErrandId, ErrandKind, ErrandTurn, Why};
use crate::store::{BegunErrand, Committed, Ended, RequestNumber, StoreError};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::task::JoinError;
use tracing::{debug, error, info};

/// The most errands at work at one time, so that polls always find room.
const ERRANDS_AT_WORK_MAX: usize = 8;

/// How far an errand has come that brought something.
#[derive(Debug)]
pub(super) struct Brought {
    /// How it ended.
    pub(super) end: ErrandEnd,
    /// What was stored of it.
    pub(super) committed: Committed,
}

impl Scheduler {
    /// Starts the errands that may be started; polls were before.
    pub(super) fn start_errands(&mut self, now: Timestamp, free: usize) {
        let free = free.min(self.room_for_errands());
        for ask in self.rounds.begin_errands(now, free) {
            self.start_errand(ask, now);
        }
        self.note_ended_errands(now);
    }

    /// How many errands may begin.
    pub(super) fn room_for_errands(&self) -> usize {
        let at_work = self.works.values().filter(|work| work.is_errand());
        ERRANDS_AT_WORK_MAX.saturating_sub(at_work.count())
    }

    fn start_errand(&mut self, ask: ErrandAsk, at: Timestamp) {
        let (id, feed) = (ask.errand.id, ask.errand.feed.clone());
        let Some(config) = self.feeds.get(&feed) else {
            return;
        };
        debug!(feed.id = %feed, reason = ask.why.as_str(), hop = ask.hop, "on an errand");
        let (client, store) = (self.client.clone(), self.intake.store.clone());
        let config = Arc::clone(config);
        let (url, why) = (ask.url, ask.why);
        let begun = BegunErrand {
            errand: ask.errand,
            host: ask.host,
            at,
            hop: ask.hop,
            why,
        };
        let handle = self.steps.spawn(async move {
            let number = match store.begin_errand(begun).await {
                Ok(number) => number,
                Err(error) => return Step::Unsent(error),
            };
            let outcome = match why {
                Why::Robots => client.ask_robots(&url).await,
                Why::ArticlePage => client.ask_page(&url).await,
                Why::OlderPage | Why::Poll(_) => client.ask(&super::request(&config, url)).await,
            };
            Step::Answered(number, outcome)
        });
        self.track(id.into(), true, handle);
    }

    /// Takes up errands that were found, by a poll or by another errand.
    pub(super) fn take_errands(&mut self, errands: Vec<Errand>, now: Timestamp) {
        let ends: Vec<(ErrandId, ErrandEnd)> = errands
            .into_iter()
            .filter_map(|errand| {
                let id = errand.id;
                self.rounds.add_errand(errand, now).map(|end| (id, end))
            })
            .collect();
        self.store_ends(ends, now, None);
    }

    /// Takes a finished step of an errand on.
    pub(super) fn advance_errand(
        &mut self,
        id: ErrandId,
        step: Result<Step, JoinError>,
        now: Timestamp,
    ) {
        match step {
            Ok(Step::Answered(number, outcome)) => self.heed_errand(id, number, outcome, now),
            Ok(Step::Noted(Ok(()))) => {}
            Ok(Step::Noted(Err(error))) => self.rest(error, now),
            Ok(Step::Brought(result)) => match *result {
                Ok(brought) => self.finish_errand(id, brought, now),
                Err(error) => self.abandon_errand(id, error, now),
            },
            Ok(Step::Unsent(error)) => self.abandon_errand(id, error, now),
            // No errand ends in these steps.
            Ok(Step::Ingested(_) | Step::Visited(_)) => {}
            Err(error) => {
                if error.is_panic() {
                    error!("an errand ended in a bug of wirewatch; it is tried again: {error}");
                }
                self.rounds.abandon_errand(id, later(now), now);
            }
        }
        self.note_ended_errands(now);
    }

    fn abandon_errand(&mut self, id: ErrandId, error: StoreError, now: Timestamp) {
        self.rounds.abandon_errand(id, later(now), now);
        self.rest(error, now);
    }

    /// The answer is in: what follows from it begins.
    fn heed_errand(
        &mut self,
        id: ErrandId,
        request: RequestNumber,
        outcome: FetchOutcome,
        now: Timestamp,
    ) {
        let host = self.rounds.errand_host(id);
        let errand = self.rounds.errand(id).cloned();
        let (in_short, reached) = (outcome.in_short(), outcome.reached_a_server());
        let turn = self.rounds.errand_answered(id, outcome, now);
        let known = host.and_then(|host| self.rounds.host_state(&host).cloned());
        let Some((host, errand)) = known.zip(errand) else {
            return;
        };
        self.tell_offline(false, reached);
        let ended = Ended {
            request,
            outcome: in_short,
            host,
        };
        let store = self.intake.store.clone();
        match turn {
            ErrandTurn::Follow => {
                self.note(id, async move { store.end_request(ended).await });
            }
            ErrandTurn::Wait(errand) => {
                self.note(id, async move { store.put_errand_off(errand, ended).await });
            }
            ErrandTurn::End(end) => {
                // Of what waited for the same rules, only this one is told of.
                if end == ErrandEnd::Robots {
                    let site = errand.url.host_str().unwrap_or_default();
                    info!(
                        feed.id = %errand.feed, site,
                        "robots.txt keeps us from the pages of the feed, so its own text has to do"
                    );
                }
                self.store_ends(vec![(id, end)], now, Some(ended));
            }
            ErrandTurn::Read(outcome) => self.read_errand(errand, *outcome, ended),
        }
    }

    fn read_errand(&mut self, errand: Errand, outcome: FetchOutcome, ended: Ended) {
        let id = errand.id;
        let Some(config) = self.feeds.get(&errand.feed).map(Arc::clone) else {
            return;
        };
        let intake = self.intake.clone();
        let handle = match errand.kind {
            ErrandKind::OlderPage { left } => {
                let reading = intake.older_page(config, (errand, left), outcome, ended);
                self.steps
                    .spawn(async { Step::Brought(Box::new(reading.await)) })
            }
            ErrandKind::ArticlePage => {
                let state = self.rounds.state(&errand.feed);
                let title = state.and_then(|state| state.title.clone());
                let source = (config, title.unwrap_or_default());
                let reading = intake.article_page(source, errand, outcome, ended);
                self.steps
                    .spawn(async { Step::Brought(Box::new(reading.await)) })
            }
        };
        self.track(id.into(), false, handle);
    }

    fn finish_errand(&mut self, id: ErrandId, brought: Brought, now: Timestamp) {
        debug!(end = brought.end.as_str(), "an errand is over");
        self.rounds.errand_is_over(id);
        self.resting = None;
        if !brought.committed.alerts_made.is_empty() {
            self.stored.notify_waiters();
        }
        self.take_errands(brought.committed.errands, now);
    }

    /// Stores how errands ended for which nothing was asked any more.
    fn note_ended_errands(&mut self, now: Timestamp) {
        let ends = self.rounds.take_ended_errands();
        self.store_ends(ends, now, None);
    }

    fn store_ends(
        &mut self,
        ends: Vec<(ErrandId, ErrandEnd)>,
        now: Timestamp,
        ended: Option<Ended>,
    ) {
        let Some((first, _)) = ends.first() else {
            return;
        };
        for (id, end) in &ends {
            if matches!(
                end,
                ErrandEnd::Spent | ErrandEnd::Failed | ErrandEnd::Astray
            ) {
                info!(errand = id.0, end = end.as_str(), "a page was given up");
            }
        }
        let (first, store) = (*first, self.intake.store.clone());
        self.note(
            first,
            async move { store.end_errands(ends, now, ended).await },
        );
    }

    /// Writes something of an errand down, which nothing waits for.
    fn note(
        &mut self,
        id: ErrandId,
        writing: impl Future<Output = Result<(), StoreError>> + Send + 'static,
    ) {
        let handle = self.steps.spawn(async { Step::Noted(writing.await) });
        self.track(id.into(), false, handle);
    }
}
