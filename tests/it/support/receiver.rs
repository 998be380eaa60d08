//! A receiver of webhooks: takes them, or refuses them as a test wants it.

use super::SECRET;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// A webhook that came.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    headers: HeaderMap,
    bytes: Bytes,
    pub(crate) body: Value,
}

impl Webhook {
    /// Whether the official library takes its signature for good.
    pub(crate) fn is_signed(&self) -> bool {
        self.is_signed_with(SECRET, &self.bytes)
    }

    /// Whether the official library takes its signature for that of these bytes.
    pub(crate) fn is_signed_with(&self, secret: &str, bytes: &[u8]) -> bool {
        let verifier = standardwebhooks::Webhook::new(secret).expect("a key");
        verifier.verify(bytes, &self.headers).is_ok()
    }

    /// What a header of it says.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("plain text")
    }

    /// Its body as it came.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The ids of its topics or actors.
    pub(crate) fn ids(&self, kind: &str) -> Vec<&str> {
        let matched = self.body["data"][kind].as_array().expect("a list");
        matched
            .iter()
            .filter_map(|matched| matched["id"].as_str())
            .collect()
    }
}

/// Says with which status the attempt of this number, from 1, is answered;
/// nothing is no answer at all.
type Script = Box<dyn Fn(usize) -> Option<u16> + Send>;

/// Hears the id of each webhook that is taken, before it is answered.
type Witness = Box<dyn Fn(&str) + Send>;

struct Desk {
    script: Mutex<Script>,
    witness: Mutex<Witness>,
    attempts: Mutex<usize>,
    tried: Mutex<Vec<Webhook>>,
    taken: Mutex<Vec<Webhook>>,
    notices: Mutex<Vec<Webhook>>,
    rung: Notify,
}

/// A receiver on loopback; it ends with the test.
pub(crate) struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    _server: JoinSet<()>,
}

impl Receiver {
    /// Opens a receiver that takes everything.
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let desk = Arc::new(Desk {
            script: Mutex::new(Box::new(|_| Some(204))),
            witness: Mutex::new(Box::new(|_| ())),
            attempts: Mutex::new(0),
            tried: Mutex::default(),
            taken: Mutex::default(),
            notices: Mutex::default(),
            rung: Notify::new(),
        });
        let hooks = Router::new().fallback(take).with_state(Arc::clone(&desk));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, hooks).await.expect("it serves") });
        Self {
            address,
            desk,
            _server: server,
        }
    }

    /// A sink of this name that sends here, as configuration.
    pub(crate) fn sink(&self, name: &str) -> String {
        self.sink_signing(name, &format!("\"{SECRET}\""))
    }

    /// A sink of this name that sends here and signs with these keys, as TOML.
    pub(crate) fn sink_signing(&self, name: &str, keys: &str) -> String {
        format!(
            "[sink.{name}.webhook]\nurl = \"http://{}/{name}?token=do-not-print\"\nsecret = {keys}\n",
            self.address
        )
    }

    /// The host and port of it.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers as this says from now on.
    pub(crate) fn answer(&self, script: impl Fn(usize) -> Option<u16> + Send + 'static) {
        *self.desk.script.lock().unwrap() = Box::new(script);
    }

    /// Has the id of each webhook heard when it is taken, before it is answered.
    pub(crate) fn witness(&self, witness: impl Fn(&str) + Send + 'static) {
        *self.desk.witness.lock().unwrap() = Box::new(witness);
    }

    /// How many attempts there were.
    pub(crate) fn attempts(&self) -> usize {
        *self.desk.attempts.lock().unwrap()
    }

    /// Everything that came and was answered, whatever the answer.
    pub(crate) fn tried(&self) -> Vec<Webhook> {
        self.desk.tried.lock().unwrap().clone()
    }

    /// What the operator was told, attempt by attempt: nothing of it is an alert.
    pub(crate) fn notices(&self) -> Vec<Webhook> {
        self.desk.notices.lock().unwrap().clone()
    }

    /// Waits until the operator was told at least so much.
    pub(crate) async fn wait_for_notices(&self, notices: usize) -> Vec<Webhook> {
        let enough = |desk: &Desk| desk.notices.lock().unwrap().len() >= notices;
        self.wait(&format!("{notices} notices"), enough).await;
        self.notices()
    }

    /// Every alert or digest that was taken, attempt by attempt.
    pub(crate) fn taken(&self) -> Vec<Webhook> {
        self.desk.taken.lock().unwrap().clone()
    }

    /// Waits until there were at least so many attempts.
    pub(crate) async fn wait_for_attempts(&self, attempts: usize) {
        self.wait(&format!("{attempts} attempts"), |desk| {
            *desk.attempts.lock().unwrap() >= attempts
        })
        .await;
    }

    /// Waits until webhooks of at least so many ids were taken.
    pub(crate) async fn wait_for(&self, ids: usize) -> Vec<Webhook> {
        let enough = |desk: &Desk| {
            let taken = desk.taken.lock().unwrap();
            let ids_taken: std::collections::HashSet<_> =
                taken.iter().map(|webhook| &webhook.id).collect();
            ids_taken.len() >= ids
        };
        self.wait(&format!("{ids} webhooks"), enough).await;
        self.taken()
    }

    /// Waits whether more than so many are taken within so many seconds.
    pub(crate) async fn wait_for_more_than(&self, taken: usize, seconds: u64) -> bool {
        let more = async {
            loop {
                let rung = self.desk.rung.notified();
                if self.desk.taken.lock().unwrap().len() > taken {
                    return;
                }
                rung.await;
            }
        };
        let wait = std::time::Duration::from_secs(seconds);
        tokio::time::timeout(wait, more).await.is_ok()
    }

    async fn wait(&self, what: &str, enough: impl Fn(&Desk) -> bool) {
        tokio::time::timeout(super::PATIENCE, async {
            loop {
                let rung = self.desk.rung.notified();
                if enough(&self.desk) {
                    return;
                }
                rung.await;
            }
        })
        .await
        .unwrap_or_else(|_| {
            panic!(
                "waited for {what}; took {}, attempts {}",
                self.taken().len(),
                self.attempts()
            )
        });
    }
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, bytes: Bytes) -> StatusCode {
    let status = {
        let mut attempts = desk.attempts.lock().unwrap();
        *attempts += 1;
        (desk.script.lock().unwrap())(*attempts)
    };
    let Some(status) = status else {
        desk.rung.notify_waiters();
        return std::future::pending().await;
    };
    let webhook = Webhook {
        id: headers["webhook-id"].to_str().expect("an id").to_owned(),
        body: serde_json::from_slice(&bytes).expect("JSON"),
        headers,
        bytes,
    };
    desk.tried.lock().unwrap().push(webhook.clone());
    if (200..300).contains(&status) {
        (desk.witness.lock().unwrap())(&webhook.id);
        let webhooks = if webhook.body["type"] == "operator.notice" {
            &desk.notices
        } else {
            &desk.taken
        };
        webhooks.lock().unwrap().push(webhook);
    }
    desk.rung.notify_waiters();
    StatusCode::from_u16(status).expect("a status")
}
