//! The digester: lets go what was held, when its time has come.
//!
//! What is held and until when is in the store, so that a restart forgets nothing.

use super::clock;
use crate::policy::retry::DeadReason;
use crate::policy::route::Route;
use crate::store::{Store, StoreError};
use crate::text::count;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

/// How often it is looked without being told to, so that a clock that is set is
/// noticed.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// How long it rests when the store fails.
const STORE_REST: Duration = Duration::from_secs(5);

/// Releases what is due until `stop` is cancelled; rings `stored` when there is
/// something to deliver, and looks anew when somebody else does.
pub(super) async fn run(
    store: Store,
    routes: Arc<[Route]>,
    stored: Arc<Notify>,
    stop: CancellationToken,
) {
    loop {
        // Registered before the store is read, so that no ring is missed.
        let rung = stored.notified();
        let now = clock::now();
        let wait = match release_due(&store, &routes, now).await {
            Ok((released, next)) => {
                if released > 0 {
                    stored.notify_waiters();
                }
                next.map_or(LOOK_EVERY, |next| until(now, next))
            }
            Err(error) => {
                error!("what is held cannot be looked at: {error}");
                STORE_REST
            }
        };
        tokio::select! {
            () = rung => {}
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Releases everything that is due at a time; gives how many deliveries came of
/// it, and when something is due next.
pub(super) async fn release_due(
    store: &Store,
    routes: &Arc<[Route]>,
    now: Timestamp,
) -> Result<(usize, Option<Timestamp>), StoreError> {
    let mut deliveries = 0;
    loop {
        let next = store.next_release().await?;
        if next.is_none_or(|next| next > now) {
            return Ok((deliveries, next));
        }
        let released = store.release(routes, now).await?;
        for id in &released.corrupt {
            error!(
                delivery.id = %id.0, reason = DeadReason::Corrupt.as_str(),
                "a held delivery no longer has its checksum and was set aside; see `wirewatch deliveries show {}`", id.0
            );
        }
        if released.deliveries > 0 {
            info!(
                "{} that had been held went out in {}",
                count(released.parts, "message"),
                count(released.deliveries, "delivery")
            );
        }
        deliveries += released.deliveries;
    }
}

fn until(now: Timestamp, next: Timestamp) -> Duration {
    // Times are kept to the millisecond: half of one too early would be too early.
    let wait = Duration::try_from(next.duration_since(now)).unwrap_or_default();
    (wait + Duration::from_millis(1)).min(LOOK_EVERY)
}
