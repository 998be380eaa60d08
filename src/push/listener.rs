//! The way in: connections from outside, few, short and small.
//!
//! Nothing is known of who connects, so everything has a bound before the first
//! byte is believed. A connection carries one request: hubs come seldom, and
//! one that stays open costs a place.

use super::callback::Callback;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// The most connections at one time; more wait to be accepted.
const CONNECTIONS_MAX: usize = 256;
/// The longest that the head of a request may take to come.
const HEAD_WAIT: Duration = Duration::from_secs(10);
/// The longest that a connection may last.
const CONNECTION_MAX: Duration = Duration::from_mins(3);
/// How long a request that is under way may take when we are told to stop.
const STOP_WAIT: Duration = Duration::from_secs(5);
/// The most headers, and the most bytes of them.
const HEADERS_MAX: usize = 64;
const HEAD_BYTES_MAX: usize = 16 << 10;
/// The rest after a connection could not be accepted: there may be no room for
/// one more.
const ACCEPT_REST: Duration = Duration::from_millis(200);

/// Serves the callback until `stop` is cancelled; then lets requests end.
pub(super) async fn serve(listener: TcpListener, callback: Callback, stop: CancellationToken) {
    let callback = Arc::new(callback);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => match accepted {
                Ok((stream, _)) => {
                    let ours = (Arc::clone(&callback), stop.clone());
                    connections.spawn(converse(stream, ours));
                }
                Err(error) => {
                    warn!("a connection for the callback of hubs could not be accepted: {error}");
                    tokio::time::sleep(ACCEPT_REST).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn converse(stream: TcpStream, (callback, stop): (Arc<Callback>, CancellationToken)) {
    let service = service_fn(|request| {
        let callback = Arc::clone(&callback);
        async move { Ok::<_, Infallible>(callback.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = tokio::time::timeout(CONNECTION_MAX, &mut connection) => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(STOP_WAIT, connection).await
        }
    };
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!("a connection to the callback of hubs broke: {error}"),
        Err(_) => debug!("a connection to the callback of hubs took too long"),
    }
}
