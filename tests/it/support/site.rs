//! A news site: pages that a test sets and changes, and what was asked of them.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// What a path answers.
#[derive(Debug, Clone)]
pub(crate) enum Page {
    /// A document, with validators and 304 to them.
    Document(String),
    /// A document with these headers.
    Plain(String, Vec<(&'static str, String)>),
    /// A web page.
    Html(String),
    /// A plain text, without validators.
    Text(String),
    /// A status with headers and no body.
    Status(u16, Vec<(&'static str, String)>),
    /// A body that never ends.
    Endless,
    /// Nothing, ever.
    Hang,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

#[derive(Debug, Default)]
struct Shelf {
    pages: Mutex<HashMap<String, Page>>,
    asked: Mutex<Vec<Asked>>,
    rung: Notify,
}

/// A site on loopback; it ends with the test.
#[derive(Debug)]
pub(crate) struct Site {
    port: u16,
    shelf: Arc<Shelf>,
    _servers: JoinSet<()>,
}

/// The same port on every host of a site; none if somebody has it on one of them.
async fn bind() -> Option<(u16, Vec<TcpListener>)> {
    let mut port = 0;
    let mut listeners = Vec::new();
    for host in 1..=HOST_MAX {
        let address = (Ipv4Addr::new(127, 0, 0, host), port);
        let listener = TcpListener::bind(address).await.ok()?;
        port = listener.local_addr().expect("an address").port();
        listeners.push(listener);
    }
    Some((port, listeners))
}

/// The hosts that a site answers as are 127.0.0.1 up to this one.
const HOST_MAX: u8 = 16;

/// When every document of the site was last modified, to be repeated to the byte.
pub(crate) const LAST_MODIFIED: &str = "Sun, 24 Aug 2003 12:00:00 GMT";

impl Site {
    /// Opens a site on several addresses of loopback and on nothing else: a test
    /// is no server for the network that it runs in.
    pub(crate) async fn open() -> Self {
        let shelf = Arc::new(Shelf::default());
        let mut servers = JoinSet::new();
        let (port, listeners) = loop {
            if let Some(bound) = bind().await {
                break bound;
            }
        };
        for listener in listeners {
            let pages = Router::new()
                .fallback(answer)
                .with_state(Arc::clone(&shelf));
            servers.spawn(async move { axum::serve(listener, pages).await.expect("it serves") });
        }
        Self {
            port,
            shelf,
            _servers: servers,
        }
    }

    /// The address of a path on the host 127.0.0.`host`.
    pub(crate) fn url(&self, host: u8, path: &str) -> String {
        assert!((1..=HOST_MAX).contains(&host), "no host {host}");
        format!("http://127.0.0.{host}:{}{path}", self.port)
    }

    /// Sets what a path answers from now on.
    pub(crate) fn set(&self, path: &str, page: Page) {
        self.shelf
            .pages
            .lock()
            .unwrap()
            .insert(path.to_owned(), page);
    }

    /// Every request for a path so far.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.shelf.asked.lock().unwrap();
        asked
            .iter()
            .filter(|asked| asked.path == path)
            .cloned()
            .collect()
    }

    /// Waits until a path was asked for by somebody who knows this version of it.
    pub(crate) async fn wait_for_known(&self, path: &str, etag: &str) {
        let knows = |asked: &Asked| {
            let known = asked.headers.get(header::IF_NONE_MATCH);
            known.is_some_and(|known| known == etag)
        };
        tokio::time::timeout(super::PATIENCE, async {
            loop {
                let rung = self.shelf.rung.notified();
                if self.asked(path).iter().any(knows) {
                    return;
                }
                rung.await;
            }
        })
        .await
        .unwrap_or_else(|_| panic!("nobody knows {etag} of {path}: {:#?}", self.asked(path)));
    }

    /// Waits until there were at least so many requests, whatever they were for.
    pub(crate) async fn wait_for_any(&self, times: usize) {
        let enough = async {
            loop {
                let rung = self.shelf.rung.notified();
                if self.shelf.asked.lock().unwrap().len() >= times {
                    return;
                }
                rung.await;
            }
        };
        let in_time = tokio::time::timeout(super::PATIENCE, enough).await;
        assert!(in_time.is_ok(), "fewer than {times} requests");
    }

    /// Waits until a path was asked for at least so many times.
    pub(crate) async fn wait_for(&self, path: &str, times: usize) -> Vec<Asked> {
        tokio::time::timeout(super::PATIENCE, async {
            loop {
                let rung = self.shelf.rung.notified();
                let asked = self.asked(path);
                if asked.len() >= times {
                    return asked;
                }
                rung.await;
            }
        })
        .await
        .unwrap_or_else(|_| {
            panic!(
                "{path} was asked for {} times, not {times}",
                self.asked(path).len()
            )
        })
    }
}

async fn answer(State(shelf): State<Arc<Shelf>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let page = shelf.pages.lock().unwrap().get(&path).cloned();
    let asked = Asked {
        path,
        headers: headers.clone(),
    };
    shelf.asked.lock().unwrap().push(asked);
    shelf.rung.notify_waiters();
    match page {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(Page::Document(text)) => document(&headers, text),
        Some(Page::Plain(text, headers)) => with(text.into_response(), headers),
        Some(Page::Html(text)) => axum::response::Html(text).into_response(),
        Some(Page::Text(text)) => text.into_response(),
        Some(Page::Status(status, headers)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            with(status.into_response(), headers)
        }
        Some(Page::Endless) => {
            let chunk = Bytes::from(vec![b'a'; 64 * 1024]);
            let chunks =
                futures_util::stream::repeat_with(move || Ok::<_, std::io::Error>(chunk.clone()));
            Body::from_stream(chunks).into_response()
        }
        Some(Page::Hang) => std::future::pending().await,
    }
}

fn with(mut response: Response, headers: Vec<(&'static str, String)>) -> Response {
    for (name, value) in headers {
        let value = value.parse().expect("a header");
        response.headers_mut().insert(name, value);
    }
    response
}

fn document(asked: &HeaderMap, text: String) -> Response {
    let etag = format!("W/\"{:08x}\"", crc32c::crc32c(text.as_bytes()));
    let known = asked
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value == etag.as_str());
    let headers = [
        (header::ETAG, etag),
        (header::LAST_MODIFIED, LAST_MODIFIED.to_owned()),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, text).into_response()
    }
}
