//! The turns of others: requests that the scheduler does not send itself.
//!
//! Whoever sends one waits here until the host may be asked, and says when the
//! answer is in. Meanwhile nothing else is sent to that host: the rounds know of
//! the visit as they know of their polls.

use super::{Scheduler, Step};
use crate::policy::host::HostState;
use crate::policy::rounds::{Refusal, VisitId};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinError;
use tracing::error;
use url::Url;

/// The most that are on the way to be waited for.
const WANTED_MAX: usize = 16;

/// A turn that somebody waits for.
#[derive(Debug)]
pub(super) struct Wanted {
    url: Url,
    spacing: SignedDuration,
    turn: oneshot::Sender<HostTurn>,
}

/// Where turns are given; clones share it.
#[derive(Debug, Clone)]
pub struct HostTurns(mpsc::Sender<Wanted>);

/// A turn at a host, which is over when this is dropped.
#[derive(Debug)]
pub struct HostTurn {
    /// When it began.
    pub at: Timestamp,
    /// The host as it is until the answer is in.
    pub host: HostState,
    over: oneshot::Sender<Option<Refusal>>,
}

impl HostTurns {
    /// The place where turns are given, and where they are asked for.
    pub(super) fn open() -> (Self, mpsc::Receiver<Wanted>) {
        let (wanted, asked_for) = mpsc::channel(WANTED_MAX);
        (Self(wanted), asked_for)
    }

    /// Waits until an address may be asked, where `spacing` holds for hosts that
    /// nothing is known of; none when nobody gives turns any more.
    pub async fn wait(&self, url: Url, spacing: SignedDuration) -> Option<HostTurn> {
        let (turn, given) = oneshot::channel();
        let wanted = Wanted { url, spacing, turn };
        self.0.send(wanted).await.ok()?;
        given.await.ok()
    }
}

impl HostTurn {
    /// The answer is in; a refusal of it holds for everything of the host.
    pub fn end(self, refusal: Option<Refusal>) {
        // Only a scheduler that has ended does not hear it.
        self.over.send(refusal).ok();
    }
}

impl Scheduler {
    /// The place where others wait for their turns.
    pub fn turns(&self) -> HostTurns {
        self.turns.clone()
    }

    pub(super) fn take_visit(&mut self, wanted: Wanted) {
        let now = (self.clock.now)();
        let id = self.rounds.add_visit(&wanted.url, wanted.spacing, now);
        self.waiting.insert(id, wanted.turn);
    }

    /// Gives the turns that have come.
    pub(super) fn start_visits(&mut self, now: Timestamp) {
        for (id, host) in self.rounds.take_begun_visits() {
            let Some(turn) = self.waiting.remove(&id) else {
                continue;
            };
            let (over, heard) = oneshot::channel();
            let given = HostTurn {
                at: now,
                host,
                over,
            };
            let handle = self.steps.spawn(async move {
                // Whoever has gone sends nothing, and drops the other end.
                drop(turn.send(given));
                Step::Visited(heard.await.ok().flatten())
            });
            self.track(id.into(), true, handle);
        }
    }

    /// Takes a finished step of a visit on: it is over, and what is known of its
    /// host now is written down.
    pub(super) fn advance_visit(
        &mut self,
        id: VisitId,
        step: Result<Step, JoinError>,
        now: Timestamp,
    ) {
        let refusal = match step {
            Ok(Step::Visited(refusal)) => refusal,
            Ok(Step::Noted(Err(error))) => return self.rest(error, now),
            Ok(_) => return,
            Err(error) => {
                if error.is_panic() {
                    error!("a visit ended in a bug of wirewatch: {error}");
                }
                None
            }
        };
        if let Some(host) = self.rounds.visited(id, refusal, now) {
            let store = self.intake.store.clone();
            let noting = async move { Step::Noted(store.note_host(host).await) };
            let handle = self.steps.spawn(noting);
            self.track(id.into(), false, handle);
        }
    }
}
