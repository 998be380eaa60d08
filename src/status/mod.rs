//! What the daemon says of itself over HTTP, where `daemon.listen` is set.
//!
//! `/healthz`: the process is alive. `/readyz`: the store can be read and no stop
//! has begun. `/metrics`: everything that is counted. It is read-only, and it
//! answers only who asks for it by its own name: a page in a browser that was led
//! to a private address by a foreign name (DNS rebinding) gets nothing.

#[cfg(test)]
mod tests;

use crate::metrics::{Metric, Metrics};
use crate::policy::{Clock, SinkName};
use crate::store::{Store, StoreError};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::http::{StatusCode, uri::Authority};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// The form of metrics that Prometheus and its kin read.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How long an answer that is under way may take when we are told to stop.
const STOP_WAIT: Duration = Duration::from_secs(5);

/// Why nothing is said.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen at {listen} (daemon.listen): {source}")]
pub struct StatusError {
    listen: SocketAddr,
    source: std::io::Error,
}

impl StatusError {
    /// Whether another program listens there, perhaps not for long.
    pub fn is_taken(&self) -> bool {
        self.source.kind() == std::io::ErrorKind::AddrInUse
    }
}

/// The listener with what it tells of.
#[derive(Debug)]
pub struct Status {
    listener: TcpListener,
    told: Arc<Told>,
}

#[derive(Debug)]
struct Told {
    bound: SocketAddr,
    store: Store,
    metrics: Metrics,
    sinks: Vec<SinkName>,
    clock: Clock,
    stop: CancellationToken,
}

impl Status {
    /// Opens the listener.
    ///
    /// # Errors
    /// When the address cannot be had.
    pub async fn open(
        listen: SocketAddr,
        (store, metrics): (Store, Metrics),
        sinks: Vec<SinkName>,
        clock: Clock,
        stop: CancellationToken,
    ) -> Result<Self, StatusError> {
        let cannot = |source| StatusError { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(cannot)?;
        let bound = listener.local_addr().map_err(cannot)?;
        info!("status is told at http://{bound}/");
        metrics.set(Metric::Started, &[], (clock.now)().as_second() as f64);
        metrics.set(Metric::Build, &[env!("CARGO_PKG_VERSION")], 1.0);
        Ok(Self {
            listener,
            told: Arc::new(Told {
                bound,
                store,
                metrics,
                sinks,
                clock,
                stop,
            }),
        })
    }

    /// Answers until the stop.
    pub async fn run(self) {
        let stop = self.told.stop.clone();
        let routes = Router::new()
            .route("/healthz", get(|| async { "alive\n" }))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .layer(middleware::from_fn_with_state(
                Arc::clone(&self.told),
                guard,
            ))
            .with_state(Arc::clone(&self.told));
        let stopped = stop.clone();
        let serving = axum::serve(self.listener, routes)
            .with_graceful_shutdown(async move { stopped.cancelled().await });
        let cut_off = async {
            stop.cancelled().await;
            tokio::time::sleep(STOP_WAIT).await;
        };
        tokio::select! {
            served = async { serving.await } => {
                if let Err(error) = served {
                    warn!("status is not told any more: {error}");
                    // The rest of the daemon goes on without it.
                    self.told.stop.cancelled().await;
                }
            }
            () = cut_off => {}
        }
    }
}

/// Answers only who asks for us by a name of ours, and lets no browser guess what
/// an answer is.
async fn guard(State(told): State<Arc<Told>>, request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let mut response = if host.is_some_and(|host| is_ours(host, told.bound)) {
        next.run(request).await
    } else {
        let words = "this host is none of ours; ask by the address in daemon.listen\n";
        (StatusCode::MISDIRECTED_REQUEST, words).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Whether a `Host` names us: an address, which no foreign name stands for, or
/// `localhost`.
fn is_ours(host: &str, bound: SocketAddr) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    let port = authority.port_u16().unwrap_or(80);
    port == bound.port()
        && (name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok())
}

async fn ready(State(told): State<Arc<Told>>) -> Response {
    if told.stop.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n").into_response();
    }
    match told.store.answers().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => unavailable(&error),
    }
}

fn unavailable(error: &StoreError) -> Response {
    warn!("status cannot be told: {error}");
    let words = "the store cannot be read; see the log\n";
    (StatusCode::SERVICE_UNAVAILABLE, words).into_response()
}

async fn metrics(State(told): State<Arc<Told>>) -> Response {
    match told.measure((told.clock.now)()).await {
        Ok(()) => ([(CONTENT_TYPE, OPEN_METRICS)], told.metrics.text()).into_response(),
        Err(error) => unavailable(&error),
    }
}

impl Told {
    /// Says of the store what it is now.
    async fn measure(&self, now: Timestamp) -> Result<(), StoreError> {
        let (metrics, standing) = (&self.metrics, self.store.standing().await?);
        for metric in [
            Metric::Feeds,
            Metric::Pending,
            Metric::OldestPending,
            Metric::Dead,
        ] {
            metrics.clear(metric);
        }
        // A sink without deliveries is at 0 and not absent.
        for sink in &self.sinks {
            for metric in [Metric::Pending, Metric::OldestPending, Metric::Dead] {
                metrics.set(metric, &[sink.as_str()], 0.0);
            }
        }
        for sink in &standing.sinks {
            let labels = &[sink.sink.as_str()];
            metrics.set(Metric::Pending, labels, sink.pending as f64);
            metrics.set(Metric::Dead, labels, sink.dead as f64);
            if let Some(oldest) = sink.oldest_pending {
                let age = now.duration_since(oldest).as_secs_f64().max(0.0);
                metrics.set(Metric::OldestPending, labels, age);
            }
        }
        metrics.set(Metric::Feeds, &["good"], standing.feeds_good as f64);
        metrics.set(Metric::Feeds, &["failing"], standing.feeds_failing as f64);
        metrics.set(Metric::StoreBytes, &[], standing.bytes as f64);
        Ok(())
    }
}
