//! What feeds offer by push, and what is known of the hubs that do it.
//!
//! Each change of a subscription reads it and writes it in one operation of the
//! writer: a hub may ask back while its answer is still on the way, and neither
//! may undo what the other brought about.

use super::hosts::{self, RequestNumber};
use super::poll::{Committed, PollResult, commit_found};
use super::values::{feed_id, meaning, millis, signed, time, time_if, unreadable, unsigned};
use super::{Store, StoreError};
use crate::feed::FeedId;
use crate::policy::host::HostState;
use crate::policy::poll::PollReason;
use crate::policy::push::{self, HubAnswer, Mode, Offer, Pace, Subscription, Unguessable};
use crate::policy::rounds::Why;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

/// A request to a hub that is to be sent, now that its host may be asked.
#[derive(Debug, Clone)]
pub struct HubRequest {
    /// The subscription that it is for.
    pub token: Unguessable,
    /// How fast it is repeated.
    pub pace: Pace,
    /// The host as it is until the answer is in.
    pub host: HostState,
    /// When.
    pub at: Timestamp,
}

/// Whether a request to a hub may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubTurn {
    /// It is written down, and may be sent.
    Ask(RequestNumber, Box<Subscription>),
    /// There is nothing to ask: it is not due any more, or not there.
    Nothing,
}

/// How a request to a hub ended.
#[derive(Debug, Clone)]
pub struct HubEnded {
    /// The number under which it was begun.
    pub request: RequestNumber,
    /// The subscription that it was for.
    pub token: Unguessable,
    /// What came, in short.
    pub outcome: String,
    /// What it means.
    pub answer: HubAnswer,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// What feeds offer, as far as it changed after a number, each with its own
    /// number; zero comes before all.
    pub async fn hub_offers(&self, after: u64) -> Result<Vec<(u64, FeedId, Offer)>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT number, feed, hubs, topic FROM hub_offer
                     WHERE number > ?1 ORDER BY number",
                )?
                .query_and_then([signed(after)], |row| {
                    let feed = feed_id(&row.get::<_, String>("feed")?)?;
                    Ok((unsigned(row.get("number")?)?, feed, offer(row)?))
                })?
                .collect()
        })
        .await
    }

    /// Every subscription, by feed.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM subscription ORDER BY feed, token")?
                .query_and_then([], subscription)?
                .collect()
        })
        .await
    }

    /// The subscription with that token.
    pub async fn subscription(
        &self,
        token: &Unguessable,
    ) -> Result<Option<Subscription>, StoreError> {
        let token = token.clone();
        self.read(move |connection| find(connection, &token)).await
    }

    /// The next subscription of each hub that is to be asked for something, be
    /// it due or not. One that was asked in the future is due: the clock was set.
    pub async fn next_subscriptions(
        &self,
        now: Timestamp,
    ) -> Result<Vec<Subscription>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT *, min(CASE WHEN asked_at > ?1 THEN 0 ELSE next_at END)
                     FROM subscription GROUP BY coalesce(moved_to, hub)",
                )?
                .query_and_then([millis(now)], subscription)?
                .collect()
        })
        .await
    }

    /// Makes the subscriptions of a feed those that follow from what it offers,
    /// or none; `fresh` is the token and the secret of one that is new.
    pub async fn arrange_subscriptions(
        &self,
        feed: FeedId,
        offer: Option<Offer>,
        callback: String,
        fresh: (Unguessable, Unguessable),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            let known: Vec<Subscription> = connection
                .prepare_cached("SELECT * FROM subscription WHERE feed = ?1")?
                .query_and_then([feed.as_str()], subscription)?
                .collect::<Result<_, _>>()?;
            let changes = push::changes(offer.as_ref(), &known, &callback);
            for left in changes.leave {
                put(connection, left, left.clone().left(&callback, now))?;
            }
            for forgotten in changes.forget {
                put(connection, forgotten, None)?;
            }
            if let Some(at) = changes.start {
                save(
                    connection,
                    &Subscription::new(feed, at, callback, fresh, now),
                )?;
            }
            Ok(())
        })
        .await
    }

    /// Changes a subscription, if it is there; `change` gives what it is then,
    /// or none to forget it, and what it has to say to the caller.
    pub async fn change_subscription<T: Send + 'static>(
        &self,
        token: &Unguessable,
        change: impl FnOnce(Subscription) -> (Option<Subscription>, T) + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        let token = token.clone();
        self.write(move |connection| {
            let Some(before) = find(connection, &token)? else {
                return Ok(None);
            };
            let (after, said) = change(before.clone());
            if after.as_ref() != Some(&before) {
                put(connection, &before, after)?;
            }
            Ok(Some(said))
        })
        .await
    }

    /// Writes down, durably, that a hub is about to be asked, if there is still
    /// something to ask.
    pub async fn begin_hub_request(&self, request: HubRequest) -> Result<HubTurn, StoreError> {
        self.write(move |connection| begin(connection, &request))
            .await
    }

    /// Writes down how a request to a hub ended; gives its subscription as it is
    /// now, if there is one.
    pub async fn end_hub_request(
        &self,
        ended: HubEnded,
    ) -> Result<Option<Subscription>, StoreError> {
        self.write(move |connection| {
            hosts::end_request(connection, ended.request, &ended.outcome)?;
            let Some(before) = find(connection, &ended.token)? else {
                return Ok(None);
            };
            let after = before.clone().answered(&ended.answer, ended.at);
            save(connection, &after)?;
            Ok(Some(after))
        })
        .await
    }

    /// Stores what a hub brought of a feed: all of it, durably, or nothing.
    ///
    /// Of the feed itself nothing changes, so its polls go on as before. Gives
    /// none if there is no such feed.
    pub async fn commit_push(
        &self,
        token: &Unguessable,
        push: PollResult,
    ) -> Result<Option<Committed>, StoreError> {
        let token = token.clone();
        self.write(move |connection| {
            let feed = connection
                .prepare_cached("SELECT number FROM feed WHERE name = ?1 AND removed_at IS NULL")?
                .query_row([push.state.feed.as_str()], |row| row.get(0))
                .optional()?;
            let Some(feed) = feed else {
                return Ok(None);
            };
            connection
                .prepare_cached(
                    "UPDATE subscription SET pushed_at = ?2, pushes = pushes + 1 WHERE token = ?1",
                )?
                .execute((token.expose(), millis(push.at)))?;
            commit_found(connection, feed, &push).map(Some)
        })
        .await
    }
}

/// Notes what a feed offers; says whether that is something else than before.
pub(super) fn save_offer(
    connection: &Connection,
    feed: &FeedId,
    offered: &Offer,
) -> Result<bool, StoreError> {
    let known = connection
        .prepare_cached("SELECT hubs, topic FROM hub_offer WHERE feed = ?1")?
        .query_and_then([feed.as_str()], offer)?
        .next()
        .transpose()?;
    let none_before = known.as_ref().is_none_or(|known| known.hubs.is_empty());
    if known.as_ref() == Some(offered) || (none_before && offered.hubs.is_empty()) {
        return Ok(false);
    }
    let hubs = serde_json::to_string(&offered.hubs).unwrap_or_else(|_| "[]".to_owned());
    connection
        .prepare_cached("INSERT OR REPLACE INTO hub_offer (feed, hubs, topic) VALUES (?1, ?2, ?3)")?
        .execute((feed.as_str(), hubs, &offered.topic))?;
    Ok(true)
}

/// Forgets what a feed offered.
pub(super) fn forget_offer(connection: &Connection, feed: &FeedId) -> Result<(), StoreError> {
    connection
        .prepare_cached("DELETE FROM hub_offer WHERE feed = ?1")?
        .execute([feed.as_str()])?;
    Ok(())
}

fn begin(connection: &Connection, request: &HubRequest) -> Result<HubTurn, StoreError> {
    let Some(known) = find(connection, &request.token)? else {
        return Ok(HubTurn::Nothing);
    };
    let was_set = known.asked_at.is_some_and(|asked| asked > request.at);
    if known.next_at > request.at && !was_set {
        return Ok(HubTurn::Nothing);
    }
    let Some(asking) = known.clone().asking(request.pace, request.at) else {
        put(connection, &known, None)?;
        return Ok(HubTurn::Nothing);
    };
    save(connection, &asking)?;
    hosts::save(connection, &request.host)?;
    let why = (asking.hops, Why::Poll(PollReason::Push), false);
    let host = &request.host.host;
    let number = hosts::add_request(connection, host, &asking.feed, why, request.at)?;
    Ok(HubTurn::Ask(number, Box::new(asking)))
}

fn find(connection: &Connection, token: &Unguessable) -> Result<Option<Subscription>, StoreError> {
    connection
        .prepare_cached("SELECT * FROM subscription WHERE token = ?1")?
        .query_and_then([token.expose()], subscription)?
        .next()
        .transpose()
}

/// Puts what a subscription has become in its place.
fn put(
    connection: &Connection,
    before: &Subscription,
    after: Option<Subscription>,
) -> Result<(), StoreError> {
    if let Some(after) = after {
        return save(connection, &after);
    }
    connection
        .prepare_cached("DELETE FROM subscription WHERE token = ?1")?
        .execute([before.token.expose()])?;
    Ok(())
}

fn save(connection: &Connection, subscription: &Subscription) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO subscription
                 (token, feed, hub, topic, callback, secret, wanted, moved_to, hops, pending,
                  asked_at, next_at, lease_until, denied, failures, error, pushed_at, pushes,
                  dropped)
             VALUES (:token, :feed, :hub, :topic, :callback, :secret, :wanted, :moved_to, :hops,
                     :pending, :asked_at, :next_at, :lease_until, :denied, :failures, :error,
                     :pushed_at, :pushes, :dropped)",
        )?
        .execute(named_params! {
            ":token": subscription.token.expose(),
            ":feed": subscription.feed.as_str(),
            ":hub": subscription.hub,
            ":topic": subscription.topic,
            ":callback": subscription.callback,
            ":secret": subscription.secret.expose(),
            ":wanted": subscription.wanted,
            ":moved_to": subscription.moved_to,
            ":hops": subscription.hops,
            ":pending": subscription.pending.map(Mode::as_str),
            ":asked_at": subscription.asked_at.map(millis),
            ":next_at": millis(subscription.next_at),
            ":lease_until": subscription.lease_until.map(millis),
            ":denied": subscription.denied,
            ":failures": subscription.failures,
            ":error": subscription.error,
            ":pushed_at": subscription.pushed_at.map(millis),
            ":pushes": signed(subscription.pushes),
            ":dropped": signed(subscription.dropped),
        })?;
    Ok(())
}

fn subscription(row: &Row<'_>) -> Result<Subscription, StoreError> {
    let pending: Option<String> = row.get("pending")?;
    let pending = pending.map(|word| meaning("mode of a subscription", &Mode::WORDS, &word));
    Ok(Subscription {
        token: Unguessable::new(row.get("token")?),
        feed: feed_id(&row.get::<_, String>("feed")?)?,
        hub: row.get("hub")?,
        topic: row.get("topic")?,
        callback: row.get("callback")?,
        secret: Unguessable::new(row.get("secret")?),
        wanted: row.get("wanted")?,
        moved_to: row.get("moved_to")?,
        hops: row.get("hops")?,
        pending: pending.transpose()?,
        asked_at: time_if(row.get("asked_at")?)?,
        next_at: time(row.get("next_at")?)?,
        lease_until: time_if(row.get("lease_until")?)?,
        denied: row.get("denied")?,
        failures: row.get("failures")?,
        error: row.get("error")?,
        pushed_at: time_if(row.get("pushed_at")?)?,
        pushes: unsigned(row.get("pushes")?)?,
        dropped: unsigned(row.get("dropped")?)?,
    })
}

fn offer(row: &Row<'_>) -> Result<Offer, StoreError> {
    let hubs: String = row.get("hubs")?;
    Ok(Offer {
        hubs: serde_json::from_str(&hubs).map_err(|_| unreadable("list of hubs", &hubs))?,
        topic: row.get("topic")?,
    })
}
