//! Pages and robots.txt: what is asked for on the word of a feed.
//!
//! Neither is a feed: nothing of the operator's goes with the request, nothing
//! is conditional, and less of a body is taken.

use super::guard::Word;
use super::{Cap, Client, Failure, body, hints_of, no_body, redirect, text};
use crate::policy::poll::{Answer, FailureKind, FetchOutcome, Validators};
use reqwest::{Response, StatusCode, header};
use url::Url;

/// The largest page that is read: what is larger is no article.
const PAGE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How much of a robots.txt is read; the rest does not count (RFC 9309,
/// section 2.5).
const ROBOTS_BYTES_MAX: u64 = 500 * 1024;

const ACCEPT_PAGE: &str = "text/html, application/xhtml+xml;q=0.9";
const ACCEPT_ROBOTS: &str = "text/plain, */*;q=0.5";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Page,
    Robots,
}

impl Client {
    /// Asks for the page of an article, once: a redirect is an answer.
    pub async fn ask_page(&self, url: &Url) -> FetchOutcome {
        self.ask_derived(url, What::Page).await
    }

    /// Asks for a robots.txt, once: a redirect is an answer. Of a long one the
    /// beginning is the answer.
    pub async fn ask_robots(&self, url: &Url) -> FetchOutcome {
        self.ask_derived(url, What::Robots).await
    }

    async fn ask_derived(&self, url: &Url, what: What) -> FetchOutcome {
        let asked = tokio::time::timeout(self.timeout, self.derived_in_time(url, what)).await;
        asked
            .unwrap_or_else(|_| Err(self.too_slow()))
            .unwrap_or_else(FetchOutcome::from)
    }

    async fn derived_in_time(&self, url: &Url, what: What) -> Result<FetchOutcome, Failure> {
        self.guard
            .check(url, Word::Derived)
            .map_err(Failure::refused)?;
        let accept = match what {
            What::Page => ACCEPT_PAGE,
            What::Robots => ACCEPT_ROBOTS,
        };
        let request = self.http.get(url.clone()).header(header::ACCEPT, accept);
        let response = self.answer(request, url).await?;
        let hints = hints_of(&response);
        let answer = match redirect(&response, url, url) {
            Ok(Some(answer)) => answer,
            Ok(None) => self.read_derived(response, url, what).await,
            Err(failure) => failure.into(),
        };
        Ok(FetchOutcome { answer, hints })
    }

    async fn read_derived(&self, response: Response, url: &Url, what: What) -> Answer {
        if response.status() != StatusCode::OK {
            return no_body(&response, url);
        }
        let content_type = text(response.headers(), &header::CONTENT_TYPE);
        if what == What::Page && !may_be_page(content_type.as_deref()) {
            return Failure {
                kind: FailureKind::NotAPage,
                detail: "it is no web page".to_owned(),
            }
            .into();
        }
        let cap = match what {
            What::Page => Cap::Refuse(PAGE_BYTES_MAX.min(self.body_bytes_max), ""),
            What::Robots => Cap::Cut(ROBOTS_BYTES_MAX),
        };
        match body(response, url, cap).await {
            Ok(bytes) => Answer::Body {
                bytes,
                content_type,
                validators: Validators::default(),
                url: url.to_string(),
                delta: false,
                links: Box::default(),
            },
            Err(failure) => failure.into(),
        }
    }
}

/// Whether a media type is that of a web page; without one it may be.
fn may_be_page(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|content_type| {
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        ["text/html", "application/xhtml+xml"]
            .iter()
            .any(|known| media_type.eq_ignore_ascii_case(known))
    })
}
