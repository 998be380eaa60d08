//! A news site: pages that a test sets and changes, and what was asked of them.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// What a path answers.
#[derive(Debug, Clone)]
pub(crate) enum Page {
    /// A document, with validators and 304 to them.
    Document(String),
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
    address: SocketAddr,
    shelf: Arc<Shelf>,
    _server: JoinSet<()>,
}

/// When every document of the site was last modified, to be repeated to the byte.
pub(crate) const LAST_MODIFIED: &str = "Sun, 24 Aug 2003 12:00:00 GMT";

impl Site {
    /// Opens a site on all addresses of 127.0.0.0/8.
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("0.0.0.0:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let shelf = Arc::new(Shelf::default());
        let pages = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shelf));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, pages).await.expect("it serves") });
        Self {
            address,
            shelf,
            _server: server,
        }
    }

    /// The address of a path on the host 127.0.0.`host`.
    pub(crate) fn url(&self, host: u8, path: &str) -> String {
        format!("http://127.0.0.{host}:{}{path}", self.address.port())
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
        Some(Page::Status(status, headers)) => {
            let mut response = StatusCode::from_u16(status)
                .expect("a status")
                .into_response();
            for (name, value) in headers {
                response
                    .headers_mut()
                    .insert(name, value.parse().expect("a header"));
            }
            response
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
