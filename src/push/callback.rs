//! The callback: what hubs ask and bring, and how they are answered.
//!
//! A document is in the store before its hub hears that it was taken: what is
//! lost before that the hub sends again, and what is taken is not lost. To read
//! and to match one takes milliseconds, so no hub waits long for its answer.

use super::signature::is_signed;
use crate::config::FeedConfig;
use crate::feed::FeedId;
use crate::policy::Clock;
use crate::policy::host::Host;
use crate::policy::push::{self, Intent, Mode, Pace, Subscription, Unguessable};
use crate::scheduler::{Intake, Pushed};
use crate::store::{Store, StoreError};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use hyper::{Method, Request, Response, StatusCode};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tracing::{debug, error, info, warn};
use url::Url;

/// The most documents that are read or taken in at one time: each is held in
/// memory.
const BODIES_MAX: usize = 16;
/// The longest that a document waits for its turn.
const TURN_WAIT: Duration = Duration::from_secs(10);
/// When a hub is to come again if there was no room, or no store.
const RETRY_S: u64 = 30;
/// The length of a token, in hexadecimal digits.
pub(super) const TOKEN_CHARS: usize = 32;

/// What answers at the callback.
#[derive(Debug)]
pub(super) struct Callback {
    /// The path that every callback stands below.
    pub(super) path: String,
    pub(super) store: Store,
    pub(super) intake: Intake,
    pub(super) feeds: Arc<HashMap<FeedId, Arc<FeedConfig>>>,
    pub(super) clock: Clock,
    /// Rung when deliveries were stored.
    pub(super) stored: Arc<Notify>,
    /// Rung when a hub asked back, which changes when it is asked next.
    pub(super) asked_back: Arc<Notify>,
    /// The largest document, in bytes.
    pub(super) body_bytes_max: usize,
    /// The longest that a document may take to come.
    pub(super) body_wait: Duration,
    pub(super) room: Semaphore,
}

type Answer = Response<Full<Bytes>>;

impl Callback {
    /// How many documents there is room for.
    pub(super) fn room() -> Semaphore {
        Semaphore::new(BODIES_MAX)
    }

    /// Answers a request. Who does not know the path of a subscription learns
    /// nothing.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Answer {
        let Some(token) = self.token(request.uri().path()) else {
            // The path itself may hold a token, if a proxy changed the rest.
            debug!("somebody asked for a path below which no callback stands");
            return status(StatusCode::NOT_FOUND);
        };
        let answered = match *request.method() {
            Method::GET => {
                let query = request.uri().query().unwrap_or_default();
                self.verify(&token, query).await
            }
            Method::POST => self.take(&token, request).await,
            _ => Ok(status(StatusCode::METHOD_NOT_ALLOWED)),
        };
        answered.unwrap_or_else(|error| {
            error!("a hub is sent away for now, because the store failed: {error}");
            later()
        })
    }

    /// The token at the end of a path.
    fn token(&self, path: &str) -> Option<Unguessable> {
        let token = path.strip_prefix(&self.path)?.strip_prefix('/')?;
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_token = token.len() == TOKEN_CHARS && token.bytes().all(digit);
        is_token.then(|| Unguessable::new(token.to_owned()))
    }

    /// Says whether we meant what a hub was asked for, or hears that it will not.
    async fn verify(&self, token: &Unguessable, query: &str) -> Result<Answer, StoreError> {
        let Some(intent) = push::intent(query) else {
            return Ok(status(StatusCode::NOT_FOUND));
        };
        let now = (self.clock.now)();
        let feeds = Arc::clone(&self.feeds);
        let asked = intent.clone();
        let change = move |known: Subscription| {
            let feed = feeds.get(&known.feed);
            let pace = feed.map_or_else(Pace::default, |feed| Pace::of(&feed.poll));
            let before = known.clone();
            let is_ours = match &asked {
                Intent::Verify { mode, topic, .. } => known.meant(*mode, topic),
                Intent::Denied { topic, .. } => known.topic == *topic,
            };
            if !is_ours {
                return (Some(known), None);
            }
            let after = match &asked {
                Intent::Verify { lease, .. } => known.confirmed(*lease, pace, now),
                Intent::Denied { reason, .. } => known.denied(reason, pace, now),
            };
            (after.clone(), Some((before, after)))
        };
        let changed = self.store.change_subscription(token, change).await?;
        let Some((before, after)) = changed.flatten() else {
            return Ok(status(StatusCode::NOT_FOUND));
        };
        self.asked_back.notify_one();
        tell(&intent, &before, after.as_ref());
        Ok(match intent {
            Intent::Verify { challenge, .. } => echo(challenge),
            Intent::Denied { .. } => status(StatusCode::OK),
        })
    }

    /// Takes in what a hub brings.
    async fn take(
        &self,
        token: &Unguessable,
        request: Request<Incoming>,
    ) -> Result<Answer, StoreError> {
        let Some(known) = self.store.subscription(token).await? else {
            return Ok(status(StatusCode::GONE));
        };
        let config = self.feeds.get(&known.feed).filter(|feed| feed.push);
        let (Some(config), true) = (config, known.wanted && !known.denied) else {
            return Ok(status(StatusCode::GONE));
        };
        if !known.is_heard() {
            // It was never confirmed, so nobody can mean it yet.
            return Ok(status(StatusCode::NOT_FOUND));
        }
        let turn = tokio::time::timeout(TURN_WAIT, self.room.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Ok(later());
        };
        let (head, body) = request.into_parts();
        let bytes = match self.read(body).await {
            Ok(bytes) => bytes,
            Err(refused) => return Ok(refused),
        };
        let text = |name: &str| text(&head.headers, name);
        let signature = text("x-hub-signature").unwrap_or_default();
        let secret = known.secret.clone();
        let checking = move || {
            let signed = is_signed(&signature, secret.expose().as_bytes(), &bytes);
            signed.then_some(bytes)
        };
        let Ok(Some(bytes)) = tokio::task::spawn_blocking(checking).await else {
            return self.dropped(&known).await;
        };
        let content_type = text(CONTENT_TYPE.as_str());
        let pushed = self
            .intake
            .ingest_pushed(config, token, bytes, content_type)
            .await?;
        Ok(self.taken(&known, &pushed))
    }

    /// Reads a document as far as it may be held.
    async fn read(&self, body: Incoming) -> Result<Vec<u8>, Answer> {
        let reading = Limited::new(body, self.body_bytes_max).collect();
        match tokio::time::timeout(self.body_wait, reading).await {
            Ok(Ok(read)) => Ok(read.to_bytes().to_vec()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Err(status(StatusCode::PAYLOAD_TOO_LARGE))
            }
            Ok(Err(_)) => Err(status(StatusCode::BAD_REQUEST)),
            Err(_) => Err(status(StatusCode::REQUEST_TIMEOUT)),
        }
    }

    fn taken(&self, known: &Subscription, pushed: &Pushed) -> Answer {
        let feed = &known.feed;
        match pushed {
            Pushed::Stored { entries, alerts } => {
                debug!(feed.id = %feed, entries, alerts, "pushed");
                if *alerts > 0 {
                    self.stored.notify_waiters();
                }
            }
            Pushed::NotAFeed(why) => {
                warn!(feed.id = %feed, "the hub brought what is no feed, so the next poll has to do: {why}");
            }
            Pushed::NoFeed => return status(StatusCode::GONE),
        }
        status(StatusCode::ACCEPTED)
    }

    /// Drops a document that its hub did not sign. Whoever sent it is told that
    /// it was taken, so that guessing gets nowhere (WebSub, section 8).
    async fn dropped(&self, known: &Subscription) -> Result<Answer, StoreError> {
        let count = |mut known: Subscription| {
            known.dropped = known.dropped.saturating_add(1);
            let dropped = known.dropped;
            (Some(known), dropped)
        };
        let counted = self.store.change_subscription(&known.token, count).await?;
        let dropped = counted.unwrap_or_default();
        // Whoever sends many is not to fill the log.
        if dropped.is_power_of_two() {
            warn!(
                feed.id = %known.feed, dropped,
                "a document was dropped, because the signature of the hub is wrong or missing"
            );
        }
        Ok(status(StatusCode::ACCEPTED))
    }
}

/// Says what came of a hub's question.
fn tell(intent: &Intent, before: &Subscription, after: Option<&Subscription>) {
    let feed = &before.feed;
    let hub = host(&before.hub);
    match (intent, after) {
        (Intent::Verify { mode, .. }, Some(after)) if *mode == Mode::Subscribe => {
            let until = after.lease_until.unwrap_or(after.next_at);
            let until = format!("{until:.0}");
            if before.lease_until.is_none() {
                info!(feed.id = %feed, %hub, %until, "the hub announces the feed");
            } else {
                debug!(feed.id = %feed, %hub, %until, "the hub goes on to announce the feed");
            }
        }
        (Intent::Verify { .. }, _) => {
            info!(feed.id = %feed, %hub, "the hub no longer announces the feed");
        }
        (Intent::Denied { .. }, after) => {
            let reason = after.and_then(|after| after.error.as_deref());
            let reason = reason.unwrap_or_default();
            warn!(feed.id = %feed, %hub, "the hub will not announce the feed, which is polled as before: {reason}");
        }
    }
}

/// The host of a hub, for the log: paths can be secrets.
pub(super) fn host(hub: &str) -> String {
    Url::parse(hub).map_or_else(|_| String::new(), |url| Host::of(&url).to_string())
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    value.to_str().ok().map(str::to_owned)
}

fn status(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

fn later() -> Answer {
    let mut answer = status(StatusCode::SERVICE_UNAVAILABLE);
    let headers = answer.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from(RETRY_S));
    answer
}

/// Sends a challenge back, as text that no browser takes for a page.
fn echo(challenge: String) -> Answer {
    let mut answer = Response::new(Full::from(challenge));
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}
