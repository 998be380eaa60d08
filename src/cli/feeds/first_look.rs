//! The first look at a feed that is being added.
//!
//! Publishers count what an address asks for, and a feed that is validated,
//! shown and then polled anew was asked for three times (some answer 429 to
//! that). So the one request by which a command finds out whether there is a
//! feed is the first poll of it as well: its entries are seen, alerts are made,
//! and what makes the next request conditional is stored.

use crate::cli::exit::{self, Failure};
use crate::cli::visit::Visit;
use crate::config::{Config, FeedConfig};
use crate::daemon::{self, CLOCK};
use crate::policy::host::{HostRule, HostState};
use crate::policy::poll::{self, FeedState, Pace, PollReason, Polled, Storm};
use crate::scheduler::{Ingested, Intake};
use crate::store::{Begun, Ended, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The longest that a command waits for its turn at a host.
const TURN_WAIT_MAX: SignedDuration = SignedDuration::from_mins(2);

/// Opens the store beside a daemon that may run; makes it, or brings it up to
/// date, if there is none.
pub(super) fn open_store(config: &Config) -> Result<Store, Failure> {
    let dir = &config.daemon.state_dir;
    let opened = match Store::open_beside(dir) {
        Err(StoreError::Missing { .. } | StoreError::Older { .. }) => {
            Store::open(dir, (CLOCK.now)())
        }
        opened => opened,
    };
    Ok(opened?)
}

/// A look at one address, with what it costs its host.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) visit: Visit,
    host: HostState,
    rule: HostRule,
    asked_at: Timestamp,
}

impl Look {
    /// Waits for the turn of the host and asks once. What the host says of being
    /// asked is stored whatever comes of it.
    pub(super) async fn take(
        store: &Store,
        config: &Config,
        feed: &FeedConfig,
        visit: impl AsyncFnOnce() -> Result<Visit, Failure>,
    ) -> Result<Self, Failure> {
        let rule = config.hosts.rule(&feed.url, feed.poll.host_spacing);
        let mut host = turn(store, config, feed, rule).await?;
        let asked_at = (CLOCK.now)();
        host.asked_at = Some(asked_at);
        store.note_host(host.clone()).await?;
        let visit = visit().await?;
        let answered_at = (CLOCK.now)();
        host.asked_at = Some(answered_at);
        if visit.outcome.reached_a_server() {
            host.note(&visit.outcome, &feed.poll, answered_at);
        }
        store.note_host(host.clone()).await?;
        Ok(Self {
            visit,
            host,
            rule,
            asked_at,
        })
    }

    /// Stores it as the first poll of a feed.
    pub(super) async fn keep(
        self,
        store: &Store,
        config: &Config,
        feed: &FeedConfig,
    ) -> Result<Ingested, Failure> {
        let watch = daemon::watch_of(config).map_err(daemon::DaemonError::from)?;
        let state = FeedState::new(feed.id.clone(), feed.url.to_string(), self.asked_at);
        let request = store
            .begin_request(Begun {
                state: poll::asking(&state, &feed.poll, self.asked_at),
                host: self.host.clone(),
                at: self.asked_at,
                hop: 0,
                reason: PollReason::New,
                conditional: false,
            })
            .await?;
        let ended = Ended {
            request,
            outcome: self.visit.outcome.in_short(),
            host: self.host.clone(),
        };
        let polled = Polled {
            outcome: self.visit.outcome,
            moved_to: None,
            offline: false,
            // One feed tells nothing of its host, or of what all may cost.
            storm: Storm::Calm,
            pace: Pace::default(),
            hold: self.host.hold,
        };
        let intake = Intake::new(store.clone(), watch, CLOCK);
        let feed = Arc::new(feed.clone());
        Ok(intake.ingest(feed, self.rule, state, polled, ended).await?)
    }
}

/// Waits until the host may be asked, if that is soon. That it could not be
/// reached of late is our affair: whoever tries by hand may.
async fn turn(
    store: &Store,
    config: &Config,
    feed: &FeedConfig,
    rule: HostRule,
) -> Result<HostState, Failure> {
    let host = config.hosts.host(&feed.url);
    let known = store.hosts().await?;
    let known = known.into_iter().find(|known| known.host == host);
    let mut state = known.unwrap_or_else(|| HostState::new(host));
    state.hold = state.hold.filter(|(_, why)| *why != PollReason::Backoff);
    let now = (CLOCK.now)();
    let Some((at, _)) = state.free(rule.spacing).filter(|(at, _)| *at > now) else {
        return Ok(state);
    };
    let wait = at.duration_since(now);
    if wait > TURN_WAIT_MAX {
        return Err(Failure::new(
            exit::TRY_AGAIN,
            format!(
                "{} wants to be left alone until {at:.0}; try again then",
                state.host
            ),
        ));
    }
    tokio::time::sleep(wait.unsigned_abs()).await;
    Ok(state)
}
