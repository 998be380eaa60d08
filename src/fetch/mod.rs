//! The one HTTP client, for everything that goes out.
//!
//! It asks politely (conditional requests, no cookies, no Referer, an honest
//! User-Agent), takes no more than it can hold, waits no longer than it was
//! told, and goes nowhere that the guard refuses: literal addresses and each
//! redirect are checked before the request, names when they are resolved, and
//! the address that answered once more. No proxy but the configured one, which
//! looks names up for itself: where they lead to is then the proxy's to judge.
//! What an answer repeats of the secrets of its request is not kept.

mod address;
mod guard;
mod hints;
mod mask;
mod page;
#[cfg(test)]
mod tests;

pub use address::is_public;

use crate::config::{Http, Secret};
use crate::policy::poll::{Answer, FailureKind, FetchOutcome, Hints, Validators};
use crate::policy::push::{HubLinks, hub_links};
use crate::text::printable;
use bytes::Bytes;
use guard::{Guard, Refusal, Word};
use jiff::{SignedDuration, Timestamp};
use mask::Mask;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode};
use std::borrow::Cow;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::time::Duration;
use url::Url;

/// The most redirects that are followed.
const REDIRECTS_MAX: u32 = crate::policy::rounds::REDIRECTS_MAX;
/// How connections are made and kept.
#[derive(Debug, Clone, Copy)]
struct Keep {
    /// The longest wait for one.
    connect: Duration,
    /// How long one is kept that nobody uses.
    time: Duration,
    /// How many of those are kept for one host.
    most: usize,
}
/// Polls of one host come in bursts, a few seconds apart.
const AT_FEEDS: Keep = Keep {
    connect: Duration::from_secs(10),
    time: Duration::from_secs(3),
    most: 2,
};
/// Alerts come in bursts as well, to several sinks at one host; servers drop a
/// connection that is idle for a minute, so we are first.
const AT_RECEIVERS: Keep = Keep {
    connect: Duration::from_secs(5),
    time: Duration::from_secs(30),
    most: 16,
};
/// How much of an answer to a webhook is read, and how much of that is kept.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
const ANSWER_CHARS_KEPT: usize = 500;

const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
     application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5";

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The contact cannot stand in a header.
    #[error("http.contact cannot be sent in a header: {0}")]
    Contact(String),
    /// TLS or the proxy cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[source] reqwest::Error),
}

/// The HTTP client; clones share its connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    config: Http,
    guard: Guard,
    timeout: Duration,
    body_bytes_max: u64,
    /// With a proxy, the address that answers is the proxy's.
    proxied: bool,
}

/// A request for a feed.
#[derive(Debug, Clone)]
pub struct FeedRequest {
    /// Its address.
    pub url: Url,
    /// The address that the operator wrote: login and headers are for its
    /// origin, and whatever else is asked for is somebody else's word.
    pub home: Url,
    /// Whether that address is somebody else's word as well, as one from a list
    /// of feeds or from a web page is.
    pub derived: bool,
    /// What makes it conditional, sent byte for byte as it came.
    pub validators: Validators,
    /// User name and password.
    pub login: Option<(String, Secret)>,
    /// Headers of the operator's.
    pub headers: Vec<(String, Secret)>,
}

/// How something is handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verb {
    /// As one more thing.
    #[default]
    Post,
    /// As the thing at its address, so that handing it over again changes nothing.
    Put,
}

/// A webhook to be sent, or a request to a hub.
#[derive(Debug, Clone)]
pub struct PostRequest<'a> {
    /// How it is handed over.
    pub verb: Verb,
    /// The receiver.
    pub url: &'a Url,
    /// Whether somebody else than the operator named it.
    pub derived: bool,
    /// Headers.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The longest that it may take in all.
    pub timeout: Duration,
}

/// How a webhook ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PostOutcome {
    /// The receiver answered; a redirect is an answer.
    Answered {
        /// Its status.
        status: u16,
        /// How long it asked us to wait.
        retry_after: Option<SignedDuration>,
        /// Until when it asked us to wait, if it named a time.
        retry_at: Option<Timestamp>,
        /// How many more requests it takes for now, and when it takes more
        /// (`X-RateLimit-Remaining`, `X-RateLimit-Reset-After`).
        room: Option<(u64, SignedDuration)>,
        /// Where it says that it is instead, if that can be followed.
        location: Option<Box<Url>>,
        /// The beginning of its body, at most 16 KiB, as it came.
        body: Vec<u8>,
        /// The beginning of its body, fit to be shown.
        body_start: String,
    },
    /// There was no answer.
    Failed {
        /// How it failed.
        kind: FailureKind,
        /// What happened, in words, without the address.
        detail: String,
    },
}

/// A failure on the way to an answer.
#[derive(Debug)]
pub struct Failure {
    /// How it failed.
    pub kind: FailureKind,
    /// What happened, in words.
    pub detail: String,
}

impl Client {
    /// Makes the client.
    ///
    /// # Errors
    /// When the contact cannot stand in a header, or TLS or the proxy cannot
    /// be set up.
    pub fn new(config: &Http) -> Result<Self, FetchError> {
        // Another client of this process may have installed it already.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard::new(&config.allow);
        Ok(Self {
            http: build(config, &guard, AT_FEEDS)?,
            config: config.clone(),
            guard,
            timeout: config.timeout.unsigned_abs(),
            body_bytes_max: config.body_bytes_max,
            proxied: config.proxy.is_some(),
        })
    }

    /// The same client, but for that it keeps no connection after its answer.
    /// Kept for a host that will be asked for nothing else soon, each would cost
    /// forty kilobytes, and the host a place.
    ///
    /// # Errors
    /// When TLS or the proxy cannot be set up.
    pub fn closing(&self) -> Result<Self, FetchError> {
        Ok(Self {
            http: build(
                &self.config,
                &self.guard,
                Keep {
                    most: 0,
                    ..AT_FEEDS
                },
            )?,
            ..self.clone()
        })
    }

    /// The same client, but for that it keeps connections as the receiver of alerts
    /// needs them: as many as are under way at one time, and for longer.
    ///
    /// # Errors
    /// When TLS or the proxy cannot be set up.
    pub fn keeping(&self) -> Result<Self, FetchError> {
        Ok(Self {
            http: build(&self.config, &self.guard, AT_RECEIVERS)?,
            ..self.clone()
        })
    }

    /// Asks for a feed, once: a redirect is an answer, so that whoever asks can
    /// wait for the turn of the host that it leads to.
    pub async fn ask(&self, request: &FeedRequest) -> FetchOutcome {
        let asked = tokio::time::timeout(self.timeout, self.ask_in_time(request)).await;
        asked
            .unwrap_or_else(|_| Err(self.too_slow()))
            .unwrap_or_else(FetchOutcome::from)
    }

    /// Asks for a feed and follows redirects, for somebody who waits for it.
    pub async fn get(&self, request: &FeedRequest) -> FetchOutcome {
        self.visit(request).await.0
    }

    /// As [`get`](Self::get), for a page that may offer feeds: its `Link`
    /// headers come beside the answer.
    pub async fn visit(&self, request: &FeedRequest) -> (FetchOutcome, Vec<String>) {
        let asked = tokio::time::timeout(self.timeout, self.follow(request)).await;
        asked
            .unwrap_or_else(|_| Err(self.too_slow()))
            .unwrap_or_else(|failure| (failure.into(), Vec::new()))
    }

    fn too_slow(&self) -> Failure {
        Failure {
            kind: FailureKind::Timeout,
            detail: format!("it took longer than {:?}", self.timeout),
        }
    }

    /// Sends a webhook, or asks a hub. Redirects are not followed: what is sent
    /// is meant for the receiver that was named.
    ///
    /// The status is the answer. That the body after it is cut off, by its
    /// sender or by the end of the time, changes nothing: to call it a failure
    /// would send again what was taken.
    ///
    /// What the answer repeats of the request's secrets is left out of it.
    pub async fn post(&self, mut request: PostRequest<'_>) -> PostOutcome {
        let (timeout, url) = (request.timeout, request.url);
        let sent = Bytes::from(std::mem::take(&mut request.body));
        let mask = Mask::of(&request, sent.clone(), self.config.proxy.as_ref());
        let mut end = pin!(tokio::time::sleep(timeout));
        let answered = tokio::select! {
            answered = self.send_post(request, sent) => answered,
            () = &mut end => Err(Failure {
                kind: FailureKind::Timeout,
                detail: format!("no answer within {timeout:?}"),
            }),
        };
        let mut response = match answered {
            Ok(response) => response,
            Err(Failure { kind, detail }) => return PostOutcome::Failed { kind, detail },
        };
        let mut body = Vec::new();
        tokio::select! {
            () = read_start(&mut response, &mut body) => {}
            () = end => {}
        }
        let body = mask.hide(&body).into_owned();
        let hints = hints_of(&response);
        PostOutcome::Answered {
            status: response.status().as_u16(),
            retry_after: hints.retry_after,
            retry_at: hints.retry_at,
            room: room(response.headers()),
            location: moved_to(&response, url),
            body_start: printable(&String::from_utf8_lossy(&body), ANSWER_CHARS_KEPT),
            body,
        }
    }

    /// The addresses of a host that the operator named, for what is no HTTP: a
    /// literal address as it is, a name as far as the guard lets it through.
    ///
    /// # Errors
    /// When there is none.
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        if let Ok(literal) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(literal, port)]);
        }
        let found = tokio::net::lookup_host((host, port)).await;
        let found = found.map_err(|error| Failure {
            kind: FailureKind::Dns,
            detail: format!("{host} cannot be resolved: {error}"),
        })?;
        let found = found.collect();
        self.guard.sift(host, found).map_err(Failure::refused)
    }

    async fn follow(&self, request: &FeedRequest) -> Result<(FetchOutcome, Vec<String>), Failure> {
        let mut request = request.clone();
        for _ in 0..=REDIRECTS_MAX {
            let response = self.send(&request).await?;
            let links = lines(&response, "link").map(str::to_owned).collect();
            let outcome = self.hear(response, &request).await;
            let Answer::Redirect { to, .. } = outcome.answer else {
                return Ok((outcome, links));
            };
            request.url = *to;
            request.validators = Validators::default();
        }
        Err(Failure {
            kind: FailureKind::Redirect,
            detail: format!("more than {REDIRECTS_MAX} redirects"),
        })
    }

    async fn ask_in_time(&self, request: &FeedRequest) -> Result<FetchOutcome, Failure> {
        let response = self.send(request).await?;
        Ok(self.hear(response, request).await)
    }

    async fn send(&self, request: &FeedRequest) -> Result<Response, Failure> {
        let url = &request.url;
        let word = if *url == request.home && !request.derived {
            Word::Operator
        } else {
            Word::Derived
        };
        self.guard.check(url, word).map_err(Failure::refused)?;
        self.answer(self.request(request)?, url).await
    }

    /// The request as it is sent.
    fn request(&self, of: &FeedRequest) -> Result<RequestBuilder, Failure> {
        let ask = self.http.get(of.url.clone()).header(header::ACCEPT, ACCEPT);
        let ask = conditional(ask, &of.validators);
        if of.url.origin() == of.home.origin() {
            return private_headers(ask, of);
        }
        Ok(ask)
    }

    /// The headers that a request is sent with, but for those that its
    /// connection adds; none if it cannot be sent.
    pub fn headers(&self, request: &FeedRequest) -> Option<HeaderMap> {
        let request = self.request(request).ok()?.build().ok()?;
        Some(request.headers().clone())
    }

    /// What an answer to a request means, however it came.
    pub async fn hear(&self, response: impl Into<Response>, request: &FeedRequest) -> FetchOutcome {
        let response = response.into();
        let hints = hints_of(&response);
        let redirect = redirect(&response, &request.url, &request.home);
        let answer = match redirect {
            Ok(Some(answer)) => answer,
            Ok(None) => self.read(response, request).await,
            // The hints were said before, and still hold.
            Err(failure) => failure.into(),
        };
        FetchOutcome { answer, hints }
    }

    async fn read(&self, response: Response, request: &FeedRequest) -> Answer {
        let (url, status) = (&request.url, response.status());
        match status {
            StatusCode::OK | StatusCode::IM_USED => {
                let validators = validators(response.headers());
                let content_type = text(response.headers(), &header::CONTENT_TYPE);
                let links = Box::new(links(&response, url));
                let most = Cap::Refuse(self.body_bytes_max, " (http.body_max)");
                match body(response, url, most).await {
                    Ok(bytes) => Answer::Body {
                        bytes,
                        content_type,
                        validators,
                        url: url.to_string(),
                        links,
                        delta: status == StatusCode::IM_USED,
                    },
                    Err(failure) => failure.into(),
                }
            }
            StatusCode::NOT_MODIFIED if !request.validators.is_empty() => {
                Answer::NotModified(validators(response.headers()))
            }
            _ => no_body(&response, url),
        }
    }

    async fn send_post(&self, request: PostRequest<'_>, body: Bytes) -> Result<Response, Failure> {
        let url = request.url;
        let word = if request.derived {
            Word::Derived
        } else {
            Word::Operator
        };
        self.guard.check(url, word).map_err(Failure::refused)?;
        let mut post = match request.verb {
            Verb::Post => self.http.post(url.clone()),
            Verb::Put => self.http.put(url.clone()),
        }
        .body(body);
        for (name, value) in request.headers {
            post = post.header(&*name, value);
        }
        self.answer(post, url).await
    }

    /// Sends a request and checks who answered.
    async fn answer(&self, request: RequestBuilder, url: &Url) -> Result<Response, Failure> {
        let response = request.send().await.map_err(|error| failure(&error, url))?;
        let literal = !matches!(url.host(), Some(url::Host::Domain(_)));
        let known = literal || self.proxied || host(url).eq_ignore_ascii_case("localhost");
        match response.remote_addr() {
            Some(address) if !known && !self.guard.permits(address.ip()) => Err(Failure {
                kind: FailureKind::Refused,
                detail: format!(
                    "{} was answered by {}, which is not public",
                    host(url),
                    address.ip()
                ),
            }),
            _ => Ok(response),
        }
    }
}

impl Failure {
    fn refused(refusal: Refusal) -> Self {
        Self {
            kind: FailureKind::Refused,
            detail: refusal.0,
        }
    }
}

impl From<Failure> for FetchOutcome {
    fn from(failure: Failure) -> Self {
        Self {
            answer: failure.into(),
            hints: Hints::default(),
        }
    }
}

impl From<Failure> for Answer {
    fn from(Failure { kind, detail }: Failure) -> Self {
        Self::Failed { kind, detail }
    }
}

/// How much of a body is held.
#[derive(Debug, Clone, Copy)]
enum Cap {
    /// So many bytes; a larger one is refused, in the name of a setting.
    Refuse(u64, &'static str),
    /// So many bytes; the rest is left.
    Cut(u64),
}

/// What an answer means that brings nothing to be read.
fn no_body(response: &Response, url: &Url) -> Answer {
    match response.status() {
        StatusCode::GONE => Answer::Gone,
        status => Answer::Failed {
            kind: FailureKind::Status(status.as_u16()),
            detail: format!(
                "{} answered {}",
                host(url),
                in_words(status, response.headers())
            ),
        },
    }
}

/// Reads a body as far as it may be held.
async fn body(mut response: Response, url: &Url, cap: Cap) -> Result<Vec<u8>, Failure> {
    let (most, setting) = match cap {
        Cap::Refuse(most, setting) => (most, setting),
        Cap::Cut(most) => (most, ""),
    };
    let too_large = || Failure {
        kind: FailureKind::TooLarge,
        detail: format!("the answer is larger than {most} bytes{setting}"),
    };
    let refuses = matches!(cap, Cap::Refuse(..));
    let length = response.content_length();
    if refuses && length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| failure(&error, url))?
    {
        let free = most - bytes.len() as u64;
        if chunk.len() as u64 <= free {
            bytes.extend_from_slice(&chunk);
        } else if refuses {
            return Err(too_large());
        } else {
            bytes.extend_from_slice(chunk.get(..free as usize).unwrap_or_default());
            break;
        }
    }
    Ok(bytes)
}

/// Reads the beginning of a body, as far as it comes.
async fn read_start(response: &mut Response, body: &mut Vec<u8>) {
    while let Ok(Some(chunk)) = response.chunk().await {
        let free = ANSWER_BYTES_MAX - body.len();
        body.extend_from_slice(chunk.get(..free.min(chunk.len())).unwrap_or_default());
        if body.len() >= ANSWER_BYTES_MAX {
            break;
        }
    }
}

fn build(config: &Http, guard: &Guard, keep: Keep) -> Result<reqwest::Client, FetchError> {
    let timeout = config.timeout.unsigned_abs();
    #[expect(clippy::disallowed_methods, reason = "this is the one guarded client")]
    let mut builder = reqwest::Client::builder()
        .user_agent(user_agent(&config.contact)?)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .dns_resolver(guard.clone())
        .connect_timeout(timeout.min(keep.connect))
        .pool_idle_timeout(keep.time)
        .pool_max_idle_per_host(keep.most);
    if let Some(proxy) = &config.proxy {
        let proxy = reqwest::Proxy::all(proxy.as_str()).map_err(FetchError::Client)?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(FetchError::Client)
}

fn user_agent(contact: &str) -> Result<HeaderValue, FetchError> {
    let version = env!("CARGO_PKG_VERSION");
    let text = if contact.is_empty() {
        format!("wirewatch/{version} (news feed monitor)")
    } else {
        format!("wirewatch/{version} (news feed monitor; {contact})")
    };
    HeaderValue::from_str(&text).map_err(|error| FetchError::Contact(error.to_string()))
}

fn conditional(mut request: RequestBuilder, validators: &Validators) -> RequestBuilder {
    let known = [
        (header::IF_NONE_MATCH, &validators.etag),
        (header::IF_MODIFIED_SINCE, &validators.last_modified),
    ];
    for (name, bytes) in known {
        // They came as header values, so they can go as such.
        if let Some(value) = bytes
            .as_ref()
            .and_then(|bytes| HeaderValue::from_bytes(bytes).ok())
        {
            request = request.header(name, value);
        }
    }
    if validators.is_empty() {
        return request;
    }
    // Only what is new, from servers that can tell (RFC 3229).
    request.header("a-im", "feed")
}

/// Login and headers of the operator's, for the origin that they were given for.
fn private_headers(
    mut request: RequestBuilder,
    of: &FeedRequest,
) -> Result<RequestBuilder, Failure> {
    if let Some((user, password)) = &of.login {
        request = request.basic_auth(user, Some(password.expose()));
    }
    for (name, value) in &of.headers {
        let unusable = || Failure {
            kind: FailureKind::Refused,
            detail: format!("the configured header `{name}` cannot be sent"),
        };
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unusable())?;
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| unusable())?;
        value.set_sensitive(true);
        request = request.header(header, value);
    }
    Ok(request)
}

/// Where an answer sends us, if it does.
fn redirect(response: &Response, from: &Url, home: &Url) -> Result<Option<Answer>, Failure> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = text(response.headers(), &header::LOCATION);
    let location = location.ok_or_else(|| misled(from, "redirects nowhere"))?;
    let to = Box::new(target(from, &location, home)?);
    let permanent = matches!(status, 301 | 308);
    Ok(Some(Answer::Redirect { to, permanent }))
}

/// The address that an answer sends us to, if it can be followed.
fn moved_to(response: &Response, from: &Url) -> Option<Box<Url>> {
    match redirect(response, from, from) {
        Ok(Some(Answer::Redirect { to, .. })) => Some(to),
        _ => None,
    }
}

/// A status, with what helps where a wall in front of the site refused us: to
/// ask again, or under another name, would not.
fn in_words(status: StatusCode, headers: &HeaderMap) -> String {
    let challenged = headers
        .get("cf-mitigated")
        .is_some_and(|value| value.as_bytes() == b"challenge");
    if challenged {
        format!("{status}, a challenge for browsers; ask the site to let feed readers in")
    } else {
        status.to_string()
    }
}

/// The address that a `Location` stands for.
///
/// Who we are to a server is the operator's to say, so a login inside of the
/// location counts for nothing; one inside of the address that was asked for
/// stays at its origin.
fn target(from: &Url, location: &str, asked: &Url) -> Result<Url, Failure> {
    let mut target = from
        .join(location)
        .map_err(|_| misled(from, "redirects to what is no address"))?;
    if from.scheme() == "https" && target.scheme() == "http" {
        return Err(misled(from, "sends from https to http"));
    }
    let (user, password) = if target.origin() == asked.origin() {
        (asked.username(), asked.password())
    } else {
        ("", None)
    };
    // Fails for addresses that cannot have a login, and these have none.
    let _without = target
        .set_username(user)
        .and_then(|()| target.set_password(password));
    Ok(target)
}

fn misled(by: &Url, how: &str) -> Failure {
    Failure {
        kind: FailureKind::Redirect,
        detail: format!("{} {how}", host(by)),
    }
}

fn validators(headers: &HeaderMap) -> Validators {
    let bytes = |name| {
        headers
            .get(name)
            .map(|value: &HeaderValue| value.as_bytes().to_vec())
    };
    Validators {
        etag: bytes(header::ETAG),
        last_modified: bytes(header::LAST_MODIFIED),
    }
}

fn hints_of(response: &Response) -> Hints {
    let limited = response.status() == StatusCode::TOO_MANY_REQUESTS;
    hints::hints(limited, |name| lines(response, name).collect())
}

/// The hubs that an answer names.
fn links(response: &Response, url: &Url) -> HubLinks {
    hub_links(lines(response, "link"), url)
}

/// Every line of a header that is text.
fn lines<'a>(response: &'a Response, name: &str) -> impl Iterator<Item = &'a str> {
    let lines = response.headers().get_all(name).iter();
    lines.filter_map(|line| std::str::from_utf8(line.as_bytes()).ok())
}

/// A header as text: it should be ASCII, and is UTF-8 where it is not.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    String::from_utf8(headers.get(name)?.as_bytes().to_vec()).ok()
}

/// How many more requests a receiver takes for now, and when it takes more.
fn room(headers: &HeaderMap) -> Option<(u64, SignedDuration)> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let (left, reset_s) = (
        number("x-ratelimit-remaining")?,
        number("x-ratelimit-reset-after")?,
    );
    let reset = SignedDuration::try_from_secs_f64(reset_s).ok()?;
    Some((left.max(0.0) as u64, reset))
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("the server")
}

/// What went wrong, in words, without the address: paths and queries of feeds
/// and webhooks can be secrets.
fn failure(error: &reqwest::Error, url: &Url) -> Failure {
    let mut cause: &(dyn Error + 'static) = error;
    while let Some(source) = cause.source() {
        cause = source;
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return Failure::refused(refusal.clone());
        }
    }
    let host = host(url);
    let (kind, what) = if error.is_timeout() {
        (FailureKind::Timeout, "took too long to connect")
    } else if error.is_dns() {
        (FailureKind::Dns, "cannot be found")
    } else if error.is_connect() {
        (FailureKind::Connect, "cannot be reached")
    } else {
        (FailureKind::Broken, "broke off")
    };
    Failure {
        kind,
        detail: format!("{host} {what}: {cause}"),
    }
}
