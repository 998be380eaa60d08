//! The first look at feeds that were added just now.
//!
//! Whoever adds a thousand feeds wants to know which of them are dead. To ask
//! them all for that and then to poll them would be to ask twice, so the look is
//! the first poll: by the rules that hold for every other, and stored like it.

use super::{FeedConfig, ONCE_WAIT_MAX, SLEEP_MAX, Scheduler, Watch, target};
use crate::feed::FeedId;
use crate::fetch::Client;
use crate::policy::Clock;
use crate::policy::host::HostRules;
use crate::policy::poll::FeedState;
use crate::policy::rounds::Rounds;
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::Notify;

impl Scheduler {
    /// A scheduler for feeds that the store does not know, whatever else it knows.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of_new_feeds(
        (feeds, rules): (&[Arc<FeedConfig>], HostRules),
        (client, store): (Client, Store),
        watch: Arc<Watch>,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let now = (clock.now)();
        let mut rounds = Rounds::new(rules, store.hosts().await?);
        for feed in feeds {
            let state = FeedState::new(feed.id.clone(), feed.url.to_string(), now);
            rounds.add(target(feed), state);
        }
        let stored = Arc::new(Notify::new());
        Ok(Self::of(
            feeds,
            rounds,
            (client, store),
            watch,
            stored,
            clock,
        ))
    }

    /// Polls each feed once and tells what came of it. Feeds whose turn does not
    /// come before `until`, because their hosts are asked one request at a time,
    /// are left to a daemon.
    ///
    /// # Errors
    /// When the store takes nothing more.
    pub async fn look(
        mut self,
        until: Timestamp,
        mut told: impl FnMut(&FeedState),
    ) -> Result<(), StoreError> {
        let feeds = self.rounds.states();
        let mut waiting: HashSet<FeedId> = feeds.map(|state| state.feed.clone()).collect();
        while !waiting.is_empty() {
            if let Some((_, error)) = self.resting {
                return Err(error);
            }
            let now = (self.clock.now)();
            let over = now >= until;
            waiting.retain(|feed| match self.rounds.free_at(feed) {
                // It is being asked.
                None => true,
                Some(at) => !over && at.duration_since(now) < ONCE_WAIT_MAX,
            });
            let sleep = if over { SLEEP_MAX } else { self.start_due() };
            tokio::select! {
                Some(step) = self.steps.join_next_with_id() => {
                    let Some(feed) = self.advance(step) else {
                        continue;
                    };
                    self.rounds.retire(&feed);
                    waiting.remove(&feed);
                    if let Some(state) = self.rounds.state(&feed) {
                        told(state);
                    }
                }
                () = tokio::time::sleep(sleep) => {}
            }
        }
        Ok(())
    }
}
