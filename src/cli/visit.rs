//! One visit to an address that somebody names: is it a feed, or a page that
//! offers some?

use super::exit::{self, Failure};
use crate::config::{Http, Secret, decoded};
use crate::feed::discovery::{self, Offer};
use crate::feed::{self, Feed};
use crate::fetch::{Client, FeedRequest};
use crate::policy::poll::{Answer, FetchOutcome, Validators};
use crate::text::printable;
use url::Url;

/// What an address answered.
#[derive(Debug)]
pub(super) struct Visit {
    /// The address as it was asked for.
    pub(super) url: Url,
    /// The answer, whole: for a feed it is also the first poll.
    pub(super) outcome: FetchOutcome,
    links: Vec<String>,
}

/// What is there.
#[derive(Debug)]
pub(super) enum Found {
    /// A feed, with the address that answered.
    Feed(Box<Feed>, String),
    /// A page, with the feeds that it offers.
    Page(Vec<Offer>),
}

/// Reads an address as somebody wrote it.
pub(super) fn address(text: &str) -> Result<Url, Failure> {
    let text = text.trim();
    let wrong = |why: &str| {
        let text = without_login(text);
        // What browsers take without a scheme, "localhost:8080" too, is meant so.
        let whole = Url::parse(&format!("https://{text}"));
        let meant = whole.is_ok_and(|url| {
            let host = url.host_str().unwrap_or_default();
            !text.contains("://") && (host.contains('.') || host == "localhost")
        });
        let help = if meant {
            format!("did you mean https://{}?", printable(text, 300))
        } else {
            "write one such as https://example.org/feed.xml".to_owned()
        };
        let text = printable(text, 300);
        Failure::new(exit::USAGE, format!("`{text}` {why}\n  help: {help}"))
    };
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err(wrong("is not an http or https address")),
        Err(_) => Err(wrong("is not an address")),
    }
}

impl Visit {
    /// Asks once; redirects are followed. A `derived` address is one that a page
    /// named, which reaches only what is public.
    pub(super) async fn make(url: Url, derived: bool, http: &Http) -> Result<Self, Failure> {
        let client = Client::new(http).map_err(|error| Failure::new(exit::CONFIG, error))?;
        let (login, bare) = split_login(&url);
        let request = FeedRequest {
            url: bare.clone(),
            home: bare,
            derived,
            validators: Validators::default(),
            login,
            headers: Vec::new(),
        };
        let (outcome, links) = client.visit(&request).await;
        Ok(Self {
            url,
            outcome,
            links,
        })
    }

    /// What came, or why nothing did: 69 where there was no answer, 65 where the
    /// answer is neither a feed nor a page.
    pub(super) fn found(&self) -> Result<Found, Failure> {
        let unavailable = |why: &str| {
            let name = shown(&self.url);
            Failure::new(exit::UNAVAILABLE, format!("{name}: {why}"))
        };
        let (bytes, content_type, url) = match &self.outcome.answer {
            Answer::Body {
                bytes,
                content_type,
                url,
                ..
            } => (bytes, content_type.as_deref(), url),
            Answer::Failed { detail, .. } => return Err(unavailable(detail)),
            Answer::Gone => return Err(unavailable("gone for good (410)")),
            Answer::NotModified(_) | Answer::Redirect { .. } => {
                return Err(unavailable("gave no body"));
            }
        };
        let base = Url::parse(url).unwrap_or_else(|_| self.url.clone());
        let error = match feed::parse(bytes, Some(&base), content_type) {
            Ok(feed) => return Ok(Found::Feed(Box::new(feed), url.clone())),
            Err(error) => error,
        };
        let offers = discovery::discover(bytes, content_type, &base, &self.links);
        let root = feed::root_element(bytes);
        let is_page = root.is_some_and(|root| root == "html" || root == "xhtml")
            || content_type.is_some_and(|it| it.to_ascii_lowercase().contains("html"));
        if is_page || !offers.is_empty() {
            return Ok(Found::Page(offers));
        }
        let name = shown(&self.url);
        Err(Failure::new(
            exit::DATA,
            format!("{name}: neither a feed nor a web page: {error}"),
        ))
    }
}

/// An address without its login, which is for its origin alone, and the login.
pub(super) fn split_login(url: &Url) -> (Option<(String, Secret)>, Url) {
    let mut bare = url.clone();
    let had = !url.username().is_empty() || url.password().is_some();
    // Neither fails for an address that has a host.
    let stripped = bare.set_username("").and_then(|()| bare.set_password(None));
    if !had || stripped.is_err() {
        return (None, bare);
    }
    let login = (
        decoded(url.username()),
        Secret::new(decoded(url.password().unwrap_or_default())),
    );
    (Some(login), bare)
}

/// What somebody typed, without its login if it is an address, fit for a terminal.
pub(super) fn shown_as_typed(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) if url.has_host() => shown(&url),
        _ => printable(without_login(text), 300),
    }
}

/// Text of what is no address, but for what may be a login in it.
fn without_login(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, rest)| rest)
}

/// An address without its login, fit for a terminal.
pub(super) fn shown(url: &Url) -> String {
    printable(split_login(url).1.as_str(), 300)
}
