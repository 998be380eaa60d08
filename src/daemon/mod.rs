//! The daemon: assembles the rooms, runs them, and ends them in order.
//!
//! Everything that is started is in one set of tasks, and each hears one word,
//! "stop". On SIGTERM or SIGINT no new poll and no new attempt begins; what is
//! under way ends, within 18 seconds or it is cut off; what was not
//! delivered stays in the outbox. SIGHUP ends nothing: it only opens files anew.

pub mod clock;
mod digester;
mod dry_run;
mod hangup;
mod lines;
mod logging;
mod upkeep;

pub use dry_run::dry_run;
pub use lines::LogGuard;
pub use logging::{LogError, start as start_logging};

use crate::config::Config;
use crate::fetch::{Client, FetchError};
use crate::matcher::{Adaptive, CompileError, Matcher};
use crate::metrics::Metrics;
use crate::notifier::Notifier;
use crate::policy::route::Route;
use crate::policy::{Clock, SinkName};
use crate::push::{ListenError, Push};
use crate::scheduler::{Scheduler, Watch};
use crate::sink::{FileSink, Sink, SinkError};
use crate::status::{Status, StatusError};
use crate::store::{Condition, Store, StoreError};
use crate::text::count;
use futures_util::{FutureExt, TryFutureExt};
use sd_notify::NotifyState;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// How long a stop may take until what is under way is cut off.
const DRAIN_S_MAX: u64 = 18;

/// Why the daemon cannot start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A sink.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The place where hubs reach us.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The place where status is told.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// The watchlist.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The operating system does not let us hear signals.
    #[error("cannot listen for signals: {0}")]
    Signals(#[source] std::io::Error),
    /// No room for the store of a dry run.
    #[error("cannot make a temporary folder: {0}")]
    TemporaryStore(#[source] std::io::Error),
    /// A part of the daemon ended by a bug.
    #[error("a part of the daemon ended by itself, which is a bug: {0}")]
    Bug(String),
}

/// The rooms, assembled and not yet running.
#[derive(Debug)]
struct Assembly {
    client: Client,
    store: Store,
    scheduler: Scheduler,
    notifiers: Vec<Notifier>,
    routes: Arc<[Route]>,
    files: Vec<FileSink>,
    stored: Arc<Notify>,
    metrics: Metrics,
}

/// The time and chance of the machine.
pub(crate) const CLOCK: Clock = Clock {
    now: clock::now,
    uptime: clock::uptime,
    jitter: clock::jitter,
};

/// Runs until SIGTERM or SIGINT, or until whoever embeds it cancels `stop`.
///
/// # Errors
/// When it cannot start, or when a part of it ends by itself.
pub async fn run(config: &Config, stop: CancellationToken) -> Result<(), DaemonError> {
    let mut signals = Signals::listen()?;
    let hangup = hear(SignalKind::hangup())?;
    let assembly = assemble(config).await?;
    let store = assembly.store.clone();
    let reach = (assembly.client, store.clone(), CLOCK);
    let ways = (assembly.scheduler.intake(), assembly.scheduler.turns());
    let push = Push::open(config, reach, ways, Arc::clone(&assembly.stored)).await?;
    let mut parts = Parts::new();
    if let Some(push) = push {
        parts.spawn(push.run(stop.clone()).map(Ok));
    }
    if let Some(listen) = config.daemon.listen {
        let told = (store.clone(), assembly.metrics.clone());
        let status = Status::open(listen, told, sink_names(config), CLOCK, stop.clone()).await?;
        parts.spawn(status.run().map(Ok));
    }
    let scheduler = assembly.scheduler.run(stop.clone());
    parts.spawn(scheduler.err_into());
    for notifier in assembly.notifiers {
        let delivering = notifier.run(Arc::clone(&assembly.stored), stop.clone());
        parts.spawn(delivering.map(Ok));
    }
    let stored = Arc::clone(&assembly.stored);
    let releasing = digester::run(store.clone(), assembly.routes, stored, stop.clone());
    parts.spawn(releasing.map(Ok));
    let upkeep = upkeep::run(store.clone(), config.store.retain, stop.clone());
    parts.spawn(upkeep.map(Ok));
    let reopening = hangup::run(hangup, assembly.files, stop.clone());
    parts.spawn(reopening.map(Ok));
    info!(
        feeds = config.feeds.len(),
        sinks = config.sinks.len(),
        topics = config.watchlist.topics.len(),
        actors = config.watchlist.actors.len(),
        "wirewatch {} watches",
        env!("CARGO_PKG_VERSION")
    );
    tell_systemd(&[NotifyState::Ready]);
    let ended = tokio::select! {
        // In this order: a part that ended because it was told to is no fault.
        biased;
        name = signals.next() => { info!("stopping on {name}"); Ok(()) }
        () = stop.cancelled() => Ok(()),
        Some(ended) = parts.join_next() => Err(why_it_ended(ended)),
    };
    tell_systemd(&[NotifyState::Stopping]);
    stop.cancel();
    drain(&mut parts).await;
    store.close().await?;
    info!("stopped");
    ended
}

/// Polls each feed that is due once, makes one attempt at each delivery that is
/// due, and ends. No hub is asked, since it could not ask back. Returns how many deliveries did not succeed.
///
/// # Errors
/// When it cannot start, or when the store fails.
pub async fn run_once(config: &Config) -> Result<usize, DaemonError> {
    let assembly = assemble(config).await?;
    let polled = assembly.scheduler.run_once().await?;
    // Nothing else comes that it could wait for.
    let now = clock::now();
    assembly.store.end_group_waits(now).await?;
    digester::release_due(&assembly.store, &assembly.routes, now).await?;
    let mut failed = 0;
    for notifier in assembly.notifiers {
        failed += notifier.run_once().await?;
    }
    assembly.store.close().await?;
    info!(feeds = polled, failed_deliveries = failed, "done");
    Ok(failed)
}

async fn assemble(config: &Config) -> Result<Assembly, DaemonError> {
    let client = Client::new(&config.http)?;
    let watch = watch_of(config)?;
    let receivers = client.keeping()?;
    let mut sinks = Vec::new();
    for sink in &config.sinks {
        sinks.push((sink, Sink::open(sink, receivers.clone())?));
    }
    let dir = config.daemon.state_dir.clone();
    let opening = tokio::task::spawn_blocking(move || Store::open(&dir, clock::now()));
    let store = opening
        .await
        .map_err(|error| DaemonError::Bug(error.to_string()))??;
    tell_condition(&store, config);
    store.tell_notices_to(config.notices.clone()).await?;
    let orphans = store
        .bury_orphans(&sink_names(config), clock::now())
        .await?;
    if orphans > 0 {
        warn!(
            "{} set aside, because the sink is no longer configured; see `wirewatch deliveries list`",
            count(orphans, "delivery")
        );
    }
    let stored = Arc::new(Notify::new());
    let scheduler = Scheduler::new(
        (&config.feeds, config.hosts.clone()),
        (client.clone(), store.clone()),
        watch,
        Arc::clone(&stored),
        CLOCK,
    )
    .await?;
    let files = sinks.iter().filter_map(|(_, open)| open.files()).collect();
    let mut notifiers = Vec::new();
    for (sink, open) in sinks {
        notifiers.push(Notifier::open(sink, open, store.clone(), CLOCK).await?);
    }
    Ok(Assembly {
        client,
        store,
        scheduler,
        notifiers,
        routes: config.routes.clone().into(),
        files,
        stored,
        metrics: Metrics::new(),
    })
}

/// Says what somebody must know whose store is gone or damaged: it is no quiet
/// night.
fn tell_condition(store: &Store, config: &Config) {
    let dir = config.daemon.state_dir.display();
    match store.condition() {
        Condition::Sound => {}
        Condition::New => {
            info!("a new store was made in {dir}; `first_run` says which entries are news");
        }
        Condition::Mended => error!(
            "the outbox in {dir} was damaged and has been mended; see `wirewatch deliveries list --state dead`, and look after the disk"
        ),
    }
}

fn sink_names(config: &Config) -> Vec<SinkName> {
    config.sinks.iter().map(|sink| sink.name.clone()).collect()
}

/// What is watched, compiled.
pub(crate) fn watch_of(config: &Config) -> Result<Arc<Watch>, CompileError> {
    Ok(Arc::new(Watch {
        matcher: Adaptive::new(Matcher::compile(&config.watchlist)?),
        routes: config.routes.clone(),
        sinks: sink_names(config),
    }))
}

/// The running parts; none of them ends before it is told to.
type Parts = JoinSet<Result<(), DaemonError>>;

fn why_it_ended(part: Result<Result<(), DaemonError>, JoinError>) -> DaemonError {
    match part {
        Ok(Err(error)) => error,
        Ok(Ok(())) => DaemonError::Bug("nobody told it to".to_owned()),
        Err(error) => DaemonError::Bug(error.to_string()),
    }
}

/// Waits for the parts to end; cuts them off after [`DRAIN_S_MAX`].
async fn drain(parts: &mut Parts) {
    let ended = async {
        while let Some(part) = parts.join_next().await {
            if !matches!(part, Ok(Ok(()))) {
                error!("{}", why_it_ended(part));
            }
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(DRAIN_S_MAX), ended).await;
    if in_time.is_err() {
        warn!(
            "cut off what had not ended after {DRAIN_S_MAX} s; deliveries under way go out again at the next start, under the same ids"
        );
        parts.shutdown().await;
    }
}

/// Tells systemd, if it started us; the word is a courtesy, so a failure only
/// shows in the log.
fn tell_systemd(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!("systemd could not be told: {error}");
    }
}

fn hear(kind: SignalKind) -> Result<Signal, DaemonError> {
    signal(kind).map_err(DaemonError::Signals)
}

/// The signals that end the daemon.
#[derive(Debug)]
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, DaemonError> {
        Ok(Self {
            terminate: hear(SignalKind::terminate())?,
            interrupt: hear(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
