//! The dry run: everything but storing and sending.
//!
//! It runs on a store of its own that is removed at the end, and where the
//! notifier would send, it prints. Since it knows of no earlier polls, the
//! `first_run` rule of each feed decides which entries count as news. What a route
//! would hold back for a while is printed with the rest.

use super::{CLOCK, DaemonError, Parts, Signals, clock, sink_names, watch_of};
use crate::alert::AlertId;
use crate::config::Config;
use crate::fetch::Client;
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryOutcome, Next};
use crate::scheduler::Scheduler;
use crate::store::{Settlement, Store, StoreError};
use futures_util::TryFutureExt;
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The most deliveries that are read at one time.
const READ_AHEAD: usize = 256;

/// Polls, and calls `print` with the payload of each alert that would be sent
/// and the sinks that it would go to; once over all due feeds, or until a signal.
///
/// # Errors
/// When it cannot start, or when its temporary store fails.
pub async fn dry_run(
    config: &Config,
    once: bool,
    print: impl Fn(&[u8], &[SinkName]),
) -> Result<(), DaemonError> {
    let mut signals = Signals::listen()?;
    let dir = tempfile::tempdir().map_err(DaemonError::TemporaryStore)?;
    let store = Store::open(dir.path(), clock::now())?;
    let stored = Arc::new(Notify::new());
    let scheduler = Scheduler::new(
        (&config.feeds, config.hosts.clone()),
        (Client::new(&config.http)?, store.clone()),
        watch_of(&without_rules(config))?,
        Arc::clone(&stored),
        CLOCK,
    )
    .await?;
    let sinks = sink_names(config);
    if once {
        scheduler.run_once().await?;
        print_due(&store, &sinks, &print).await?;
        return Ok(store.close().await?);
    }
    let stopping = CancellationToken::new();
    let mut parts = Parts::new();
    let polling = scheduler.run(stopping.clone());
    parts.spawn(polling.err_into());
    loop {
        let rung = stored.notified();
        print_due(&store, &sinks, &print).await?;
        tokio::select! {
            () = rung => {}
            _ = signals.next() => break,
        }
    }
    stopping.cancel();
    super::drain(&mut parts).await;
    Ok(store.close().await?)
}

/// The configuration as it would be if no route held anything back.
fn without_rules(config: &Config) -> Config {
    let mut config = config.clone();
    for route in &mut config.routes {
        route.rules = Arc::default();
    }
    config
}

/// Prints what is due, each alert once with all its sinks.
async fn print_due(
    store: &Store,
    sinks: &[SinkName],
    print: &impl Fn(&[u8], &[SinkName]),
) -> Result<(), StoreError> {
    let now = clock::now();
    let mut alerts: Vec<Printed> = Vec::new();
    for sink in sinks {
        loop {
            let due = store.due(sink, now, READ_AHEAD, &HashSet::new()).await?;
            if due.deliveries.is_empty() {
                break;
            }
            let settled = due.deliveries.iter().map(|delivery| Settlement {
                id: delivery.id.clone(),
                at: now,
                outcome: DeliveryOutcome::Delivered,
                next: Next::Done,
            });
            store.settle(settled.collect()).await?;
            for delivery in due.deliveries {
                gather(&mut alerts, delivery);
            }
        }
    }
    for alert in alerts {
        print(&alert.payload, &alert.sinks);
    }
    Ok(())
}

/// An alert with the sinks that it would go to.
struct Printed {
    alert: AlertId,
    payload: Vec<u8>,
    sinks: Vec<SinkName>,
}

fn gather(alerts: &mut Vec<Printed>, delivery: Delivery) {
    match alerts
        .iter_mut()
        .find(|printed| printed.alert == delivery.alert)
    {
        Some(printed) => printed.sinks.push(delivery.sink),
        None => alerts.push(Printed {
            alert: delivery.alert,
            payload: delivery.payload,
            sinks: vec![delivery.sink],
        }),
    }
}
