//! The way out: hubs are asked to announce feeds, again before their leases
//! end, and to stop.
//!
//! What is asked of whom and when is decided in
//! [`policy::push`](crate::policy::push), and what is due is read from the
//! store: at a start, nothing is asked that would not have been asked anyway. A
//! hub is a host as any other: each request waits for its turn there, among the
//! polls of the scheduler, and is written down.

use super::asking::{Asked, Question, ask, tell};
use super::callback::{TOKEN_CHARS, host};
use crate::config::FeedConfig;
use crate::feed::FeedId;
use crate::fetch::Client;
use crate::policy::Clock;
use crate::policy::push::{self, Offer, Pace, Subscription, Unguessable};
use crate::scheduler::HostTurns;
use crate::store::{Store, StoreError};
use crate::text::hex;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};
use url::Url;

/// The most hubs that are asked, or wait for their turns, at one time.
const REQUESTS_MAX: usize = 256;
/// The rest after the store failed.
const REST: Duration = Duration::from_secs(10);
/// The longest sleep, so that a jump of the clock is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(30);
/// The wait between two requests to a hub of a feed that is no longer configured.
const SPACING: SignedDuration = SignedDuration::from_secs(2);
/// The length of a secret: hexadecimal digits for 256 bits, below the 200 bytes
/// that a hub takes (WebSub, section 5.1).
const SECRET_CHARS: usize = 64;

/// Why hubs cannot be asked for now.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// Asks hubs until it is told to stop.
#[derive(Debug)]
pub(super) struct Hubs {
    client: Client,
    store: Store,
    clock: Clock,
    turns: HostTurns,
    feeds: Arc<HashMap<FeedId, Arc<FeedConfig>>>,
    /// The public address that callbacks stand below.
    callback: String,
    /// The longest that a hub may take to answer.
    timeout: Duration,
    /// The last offer that was acted on; none before the first look.
    offer_seen: Option<u64>,
    requests: JoinSet<Result<Asked, StoreError>>,
    /// The hubs that are being asked, or wait for it.
    busy: HashMap<Id, String>,
    /// The hubs that are to be left alone for now.
    waits: HashMap<String, Timestamp>,
}

impl Hubs {
    pub(super) fn new(
        (client, store, clock): (Client, Store, Clock),
        turns: HostTurns,
        feeds: Arc<HashMap<FeedId, Arc<FeedConfig>>>,
        callback: String,
        timeout: Duration,
    ) -> Self {
        Self {
            client,
            store,
            clock,
            turns,
            feeds,
            callback,
            timeout,
            offer_seen: None,
            requests: JoinSet::new(),
            busy: HashMap::new(),
            waits: HashMap::new(),
        }
    }

    /// Asks what is due until `stop` is cancelled. `offered` rings when a feed
    /// is announced elsewhere than before, `asked_back` when a hub did that.
    pub(super) async fn run(
        mut self,
        (offered, asked_back): (&Notify, &Notify),
        stop: CancellationToken,
    ) {
        let mut in_trouble = false;
        loop {
            let wait = match self.step().await {
                Ok(wait) => {
                    in_trouble = false;
                    wait
                }
                Err(trouble) => {
                    if !in_trouble {
                        error!("no hub is asked for now: {trouble}");
                    }
                    in_trouble = true;
                    REST
                }
            };
            tokio::select! {
                () = offered.notified(), if !in_trouble => {}
                () = asked_back.notified(), if !in_trouble => {}
                Some(asked) = self.requests.join_next_with_id() => self.heed(asked),
                () = tokio::time::sleep(wait) => {}
                () = stop.cancelled() => break,
            }
        }
        // A hub that hears of it after all asks back in vain, and is asked again.
        self.requests.shutdown().await;
    }

    /// Starts what may be started; gives how long nothing else will be due.
    async fn step(&mut self) -> Result<Duration, Trouble> {
        let now = (self.clock.now)();
        self.arrange(now).await?;
        self.waits.retain(|_, until| *until > now);
        let mut wake: Option<Timestamp> = None;
        for next in self.store.next_subscriptions(now).await? {
            if self.requests.len() >= REQUESTS_MAX {
                break;
            }
            let hub = next.asked_where().to_owned();
            let Ok(url) = Url::parse(&hub) else {
                continue;
            };
            if self.busy.values().any(|busy| *busy == hub) {
                continue;
            }
            let was_set = next.asked_at.is_some_and(|asked| asked > now);
            let due = if was_set { now } else { next.next_at };
            let at = self.waits.get(&hub).map_or(due, |until| due.max(*until));
            if at <= now {
                self.start(next, url);
            } else {
                wake = Some(wake.map_or(at, |wake| wake.min(at)));
            }
        }
        let sleep = wake.map_or(SLEEP_MAX, |wake| {
            Duration::try_from(wake.duration_since(now)).unwrap_or_default()
        });
        Ok(sleep.min(SLEEP_MAX))
    }

    /// Makes subscriptions of what feeds offer. At the first look, feeds that
    /// are no longer configured, or no longer to be pushed, lose theirs.
    async fn arrange(&mut self, now: Timestamp) -> Result<(), Trouble> {
        let seen = self.offer_seen.unwrap_or_default();
        let offers = self.store.hub_offers(seen).await?;
        let last = offers.last().map_or(seen, |(number, ..)| *number);
        let mut offers: HashMap<FeedId, Offer> = offers
            .into_iter()
            .map(|(_, feed, offer)| (feed, offer))
            .collect();
        let changed: Vec<FeedId> = if self.offer_seen.is_some() {
            offers.keys().cloned().collect()
        } else {
            self.changed(&offers).await?
        };
        for feed in changed {
            let offer = offers.remove(&feed).filter(|_| self.is_pushed(&feed));
            let fresh = (unguessable(TOKEN_CHARS)?, unguessable(SECRET_CHARS)?);
            let callback = self.callback.clone();
            self.store
                .arrange_subscriptions(feed, offer, callback, fresh, now)
                .await?;
        }
        self.offer_seen = Some(last);
        Ok(())
    }

    /// The feeds whose subscriptions are not what follows from their offers.
    async fn changed(&self, offers: &HashMap<FeedId, Offer>) -> Result<Vec<FeedId>, StoreError> {
        let mut known: HashMap<FeedId, Vec<Subscription>> = HashMap::new();
        for subscription in self.store.subscriptions().await? {
            let of_feed = known.entry(subscription.feed.clone()).or_default();
            of_feed.push(subscription);
        }
        let feeds: BTreeSet<&FeedId> = offers.keys().chain(known.keys()).collect();
        let differs = |feed: &&FeedId| {
            let offer = offers.get(*feed).filter(|_| self.is_pushed(feed));
            let known = known.get(*feed).map_or(&[][..], Vec::as_slice);
            !push::changes(offer, known, &self.callback).is_empty()
        };
        Ok(feeds.into_iter().filter(differs).cloned().collect())
    }

    fn is_pushed(&self, feed: &FeedId) -> bool {
        self.feeds.get(feed).is_some_and(|feed| feed.push)
    }

    fn start(&mut self, next: Subscription, url: Url) {
        let hub = next.asked_where().to_owned();
        let limits = self.feeds.get(&next.feed).map(|feed| feed.poll);
        let question = Question {
            token: next.token,
            url,
            pace: limits.map_or_else(Pace::default, |limits| Pace::of(&limits)),
            spacing: limits.map_or(SPACING, |limits| limits.host_spacing),
            timeout: self.timeout,
        };
        let reach = (self.client.clone(), self.store.clone(), self.clock);
        let handle = self
            .requests
            .spawn(ask(reach, self.turns.clone(), question));
        self.busy.insert(handle.id(), hub);
    }

    fn heed(&mut self, asked: Result<(Id, Result<Asked, StoreError>), JoinError>) {
        let id = asked.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(hub) = self.busy.remove(&id) else {
            return;
        };
        let host = host(&hub);
        match asked {
            Ok((_, Ok(Asked::Done(answer, Some(now))))) => tell(&answer, &now),
            Ok((_, Ok(Asked::Done(_, None) | Asked::Nothing))) => {}
            Ok((_, Err(error))) => {
                warn!(%host, "what a hub was asked could not be written down: {error}");
                self.wait_a_while(hub);
            }
            Err(error) => {
                error!(%host, "a request to a hub ended in a bug of wirewatch: {error}");
                self.wait_a_while(hub);
            }
        }
    }

    fn wait_a_while(&mut self, hub: String) {
        let until = (self.clock.now)().checked_add(REST);
        self.waits.insert(hub, until.unwrap_or(Timestamp::MAX));
    }
}

/// So many random hexadecimal digits.
fn unguessable(chars: usize) -> Result<Unguessable, getrandom::Error> {
    let mut bytes = vec![0; chars / 2];
    getrandom::fill(&mut bytes)?;
    Ok(Unguessable::new(hex(&bytes)))
}
