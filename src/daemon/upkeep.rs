//! Upkeep: once an hour, what is older than it is to be kept goes.

use super::clock;
use crate::store::Store;
use jiff::SignedDuration;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

const EVERY: Duration = Duration::from_hours(1);

/// Prunes the store until `stop` is cancelled.
pub(super) async fn run(store: Store, retain: SignedDuration, stop: CancellationToken) {
    loop {
        if let Ok(before) = clock::now().checked_sub(retain) {
            match store.prune(before).await {
                Ok(pruned) if pruned.is_empty() => {}
                Ok(pruned) => info!(
                    articles = pruned.articles,
                    alerts = pruned.alerts,
                    deliveries = pruned.deliveries,
                    "removed what was older than {before}"
                ),
                Err(error) => warn!("old articles could not be removed: {error}"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}
