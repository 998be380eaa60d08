//! A server that says everything again that it is told: no answer could leak more.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;

/// How many hosts it is.
const HOSTS: u8 = 4;

/// A server on loopback; it ends with the test.
pub(super) struct Echo {
    addresses: Vec<SocketAddr>,
    said: Arc<Mutex<Vec<String>>>,
    _server: JoinSet<()>,
}

impl Echo {
    pub(super) async fn open() -> Self {
        let said = Arc::<Mutex<Vec<String>>>::default();
        let mut server = JoinSet::new();
        let mut addresses = Vec::new();
        for host in 1..=HOSTS {
            let listener = tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 0, host), 0)).await;
            let listener = listener.expect("a port");
            addresses.push(listener.local_addr().expect("an address"));
            let router = Router::new().fallback(repeat).with_state(Arc::clone(&said));
            server.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        }
        Self {
            addresses,
            said,
            _server: server,
        }
    }

    /// One of its hosts, from 0: what one of them is spared for a while, the
    /// others are not.
    pub(super) fn at(&self, host: usize) -> SocketAddr {
        self.addresses[host]
    }

    /// Everything that was said again.
    pub(super) fn said(&self) -> String {
        self.said.lock().unwrap().concat()
    }
}

/// Answers the status that the path begins with, with everything in the body,
/// and once more in what a redirect leads to.
async fn repeat(State(said): State<Arc<Mutex<Vec<String>>>>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let mut text = format!("{} {}\n", head.method, head.uri);
    for (name, value) in &head.headers {
        writeln!(text, "{name}: {}", value.to_str().unwrap_or_default()).expect("a text");
    }
    writeln!(text, "\n{}", String::from_utf8_lossy(&body)).expect("a text");
    said.lock().unwrap().push(text.clone());
    let status = head.uri.path().split('/').nth(1).unwrap_or_default();
    let status: u16 = status.parse().unwrap_or(404);
    let mut answer = (StatusCode::from_u16(status).expect("a status"), text).into_response();
    if (300..400).contains(&status) {
        let away = format!("http://127.0.0.1:1{}", head.uri);
        let away = away.parse().expect("a header");
        answer.headers_mut().insert("location", away);
    }
    answer
}
