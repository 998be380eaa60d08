//! A WebSub hub that does what a test tells it, and writes down what it is asked.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use url::{Url, form_urlencoded};

/// What the request of this number, from 1, is answered: a status, and where
/// else to go.
type Script = Box<dyn Fn(usize) -> (u16, Option<String>) + Send>;

struct Desk {
    script: Mutex<Script>,
    hangs: Mutex<bool>,
    asked: Mutex<Vec<Asked>>,
    rung: Notify,
    /// Where callbacks are answered, whatever host they name.
    reached: Mutex<String>,
}

/// A hub on loopback; it ends with the test.
pub(crate) struct Hub {
    address: SocketAddr,
    desk: Arc<Desk>,
    _server: JoinSet<()>,
}

/// What a hub was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) agent: String,
    pub(crate) form: HashMap<String, String>,
    /// The callback as it was named.
    pub(crate) callback: String,
    /// Where it is answered in this test.
    pub(crate) local: String,
    pub(crate) topic: String,
}

impl Hub {
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let desk = Arc::new(Desk {
            script: Mutex::new(Box::new(|_| (202, None))),
            hangs: Mutex::new(false),
            asked: Mutex::default(),
            rung: Notify::new(),
            reached: Mutex::default(),
        });
        let hub = Router::new().fallback(take).with_state(Arc::clone(&desk));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, hub).await.expect("it serves") });
        Self {
            address,
            desk,
            _server: server,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hub", self.address)
    }

    /// Says where callbacks are answered.
    pub(crate) fn reach(&self, address: &str) {
        let host = address.split('/').next().expect("a host");
        host.clone_into(&mut self.desk.reached.lock().unwrap());
    }

    /// Answers as this says from now on.
    pub(crate) fn answer(&self, script: impl Fn(usize) -> (u16, Option<String>) + Send + 'static) {
        *self.desk.script.lock().unwrap() = Box::new(script);
    }

    /// Answers nothing from now on.
    pub(crate) fn hang(&self) {
        *self.desk.hangs.lock().unwrap() = true;
    }

    /// Everything that it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let asked = self.desk.asked.lock().unwrap();
        asked.iter().map(|asked| self.again(asked)).collect()
    }

    /// The same as it is answered now, which a restart changes.
    pub(crate) fn again(&self, asked: &Asked) -> Asked {
        let path = Url::parse(&asked.callback)
            .expect("an address")
            .path()
            .to_owned();
        let reached = self.desk.reached.lock().unwrap();
        Asked {
            local: format!("http://{reached}{path}"),
            ..asked.clone()
        }
    }

    /// Waits until it was asked at least so many times.
    pub(crate) async fn wait_for(&self, times: usize) -> Vec<Asked> {
        tokio::time::timeout(super::PATIENCE, async {
            loop {
                let rung = self.desk.rung.notified();
                let asked = self.asked();
                if asked.len() >= times {
                    return asked;
                }
                rung.await;
            }
        })
        .await
        .unwrap_or_else(|_| panic!("asked {:?}, not {times} times", self.asked()))
    }

    /// Sends the head of a request, with these lines in it and as if so many
    /// bytes were to follow; gives the answer.
    pub(crate) async fn raw(&self, method: &str, url: &str, lines: &str, length: usize) -> String {
        send(method, url, lines, ("", length)).await
    }
}

impl Asked {
    pub(crate) fn secret(&self) -> &str {
        &self.form["hub.secret"]
    }

    /// Asks back; gives the status and the body.
    pub(crate) async fn verify(&self, topic: &str, lease_s: u64) -> (u16, String) {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("hub.mode", &self.form["hub.mode"])
            .append_pair("hub.topic", topic)
            .append_pair("hub.challenge", "the challenge")
            .append_pair("hub.lease_seconds", &lease_s.to_string())
            .finish();
        let answer = send("GET", &format!("{}?{query}", self.local), "", ("", 0)).await;
        let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
        (status(&answer), body.to_owned())
    }

    /// Says that it will not.
    pub(crate) async fn deny(&self, topic: &str, reason: &str) -> u16 {
        let query = format!("hub.mode=denied&hub.topic={topic}&hub.reason={reason}");
        status(&send("GET", &format!("{}?{query}", self.local), "", ("", 0)).await)
    }

    /// Brings a document.
    pub(crate) async fn push(&self, body: &str, signature: Option<&str>) -> u16 {
        let signature = signature.map(|signature| format!("x-hub-signature: {signature}\r\n"));
        let lines = "content-type: application/rss+xml\r\n".to_owned()
            + signature.as_deref().unwrap_or_default();
        status(&send("POST", &self.local, &lines, (body, body.len())).await)
    }

    /// Another path where callbacks are answered.
    pub(crate) fn elsewhere(&self, path: &str) -> String {
        let local = Url::parse(&self.local).expect("an address");
        format!("http://{}{path}", local.authority())
    }
}

fn status(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1);
    status
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("no status in {answer:?}"))
}

/// The first line of an answer.
pub(crate) fn first_line(answer: &str) -> &str {
    answer.lines().next().unwrap_or_default()
}

/// A request to the byte, as no client would tidy it; gives the whole answer.
async fn send(method: &str, url: &str, lines: &str, (body, length): (&str, usize)) -> String {
    let rest = url.strip_prefix("http://").expect("http");
    let (host, path) = rest.split_once('/').expect("a path");
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: monitor.test\r\ncontent-length: {length}\r\n{lines}\r\n{body}"
    );
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    // Who is refused early may not hear the rest.
    let _written = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _read = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn take(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 16)
        .await
        .unwrap_or_else(|_| Bytes::new());
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let of = |name: &str| form.get(name).cloned().unwrap_or_default();
    let agent = head.headers.get("user-agent");
    let asked = Asked {
        path: head.uri.path().to_owned(),
        agent: agent
            .map_or("", |agent| agent.to_str().unwrap_or_default())
            .to_owned(),
        callback: of("hub.callback"),
        local: String::new(),
        topic: of("hub.topic"),
        form,
    };
    let number = {
        let mut all = desk.asked.lock().unwrap();
        all.push(asked);
        all.len()
    };
    let (status, location) = (desk.script.lock().unwrap())(number);
    desk.rung.notify_waiters();
    if *desk.hangs.lock().unwrap() {
        return std::future::pending().await;
    }
    let mut answer = StatusCode::from_u16(status)
        .expect("a status")
        .into_response();
    if let Some(location) = location {
        let location = location.parse().expect("a header");
        answer.headers_mut().insert("location", location);
    }
    answer
}
