//! The receiver of the demo: takes webhooks on loopback and tells what came.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use tokio::sync::mpsc::Sender;

/// A webhook as it came in.
#[derive(Debug)]
pub(super) struct Received {
    /// Its `webhook-id`.
    pub(super) id: String,
    /// Whether it was signed.
    pub(super) signed: bool,
    /// Its body.
    pub(super) body: Value,
}

/// A receiver that hands what comes in to `sender`. It answers 503 when nobody
/// takes it, so that the sender tries again.
pub(super) fn hooks(sender: Sender<Received>) -> Router {
    Router::new()
        .route("/hook", post(receive))
        .with_state(sender)
}

async fn receive(
    State(sender): State<Sender<Received>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Ok(body) = serde_json::from_slice(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let received = Received {
        id: header("webhook-id").unwrap_or_default().to_owned(),
        signed: header("webhook-signature").is_some(),
        body,
    };
    match sender.send(received).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
