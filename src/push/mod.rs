//! Push: feeds that are told to us, beside those that we ask for (WebSub).
//!
//! Two halves that share nothing but the store: `hubs` asks hubs to announce
//! feeds, and `callback` answers when they ask back and takes in what they
//! bring, behind a `listener` that trusts nobody. What they bring goes the way
//! of a poll into the store, by the same keys, so that nothing is told twice;
//! polls go on as if there were no hubs.

mod asking;
mod callback;
mod hubs;
mod listener;
mod signature;
#[cfg(test)]
mod tests;

use crate::config::Config;
use crate::feed::FeedId;
use crate::fetch::Client;
use crate::policy::Clock;
use crate::scheduler::{HostTurns, Intake};
use crate::store::Store;
use callback::Callback;
use hubs::Hubs;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::info;

/// Why hubs cannot reach us.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for hubs at {listen} (websub.listen): {source}")]
pub struct ListenError {
    listen: SocketAddr,
    source: std::io::Error,
}

impl ListenError {
    /// Whether another program listens there, perhaps not for long.
    pub fn is_taken(&self) -> bool {
        self.source.kind() == std::io::ErrorKind::AddrInUse
    }
}

/// Both halves, and the place where hubs reach us.
#[derive(Debug)]
pub struct Push {
    listener: TcpListener,
    callback: Callback,
    hubs: Hubs,
    intake: Intake,
}

impl Push {
    /// Opens the callback, if one is configured.
    ///
    /// # Errors
    /// When the address to listen at cannot be had.
    pub async fn open(
        config: &Config,
        (client, store, clock): (Client, Store, Clock),
        (intake, turns): (Intake, HostTurns),
        stored: Arc<Notify>,
    ) -> Result<Option<Self>, ListenError> {
        let Some(websub) = &config.websub else {
            return Ok(None);
        };
        let listen = websub.listen;
        let cannot = |source| ListenError { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(cannot)?;
        let bound = listener.local_addr().map_err(cannot)?;
        let feeds = config.feeds.iter();
        let feeds: HashMap<FeedId, _> = feeds
            .map(|feed| (feed.id.clone(), Arc::clone(feed)))
            .collect();
        let feeds = Arc::new(feeds);
        let timeout = config.http.timeout.unsigned_abs();
        let path = websub.callback.path().trim_end_matches('/').to_owned();
        info!("hubs are answered at {bound}{path}");
        let callback = Callback {
            path,
            store: store.clone(),
            intake: intake.clone(),
            feeds: Arc::clone(&feeds),
            clock,
            stored,
            asked_back: Arc::default(),
            body_bytes_max: usize::try_from(config.http.body_bytes_max).unwrap_or(usize::MAX),
            body_wait: timeout,
            room: Callback::room(),
        };
        let hubs = Hubs::new(
            (client, store, clock),
            turns,
            feeds,
            websub.callback.to_string(),
            timeout,
        );
        Ok(Some(Self {
            listener,
            callback,
            hubs,
            intake,
        }))
    }

    /// Asks hubs and answers them until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        let asked_back = Arc::clone(&self.callback.asked_back);
        let rings = (self.intake.offered(), &*asked_back);
        let answering = listener::serve(self.listener, self.callback, stop.clone());
        let asking = self.hubs.run(rings, stop);
        tokio::join!(answering, asking);
    }
}
