//! The log: to standard error, as lines for people or as JSON.

use super::lines::{Lines, LogGuard};
use crate::config::LogFormat;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// What was asked for is neither a level nor a filter.
    #[error(transparent)]
    Level(#[from] ParseError),
    /// The system gives no thread to write it.
    #[error("the log cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Starts logging, once a process; it ends in order when the guard is dropped.
///
/// `level` is a level (`error` to `trace`) or a filter of tracing-subscriber
/// (`wirewatch=debug,reqwest=warn`). Colour only on a terminal and without
/// `NO_COLOR`.
///
/// # Errors
/// When `level` is neither, and when there is no thread for it.
pub fn start(format: LogFormat, level: &str, no_color: bool) -> Result<LogGuard, LogError> {
    let filter = EnvFilter::try_new(level)?;
    let terminal = std::io::stderr().is_terminal();
    let as_json = match format {
        LogFormat::Auto => !terminal,
        LogFormat::Text => false,
        LogFormat::Json => true,
    };
    let (lines, guard) = Lines::start()?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(lines)
        .with_ansi(terminal && !no_color);
    let registry = tracing_subscriber::registry().with(filter);
    // A second start, as in tests that run several daemons, keeps the first.
    let started = if as_json {
        registry.with(lines.json().flatten_event(true)).try_init()
    } else {
        registry.with(lines.with_target(false)).try_init()
    };
    if started.is_ok() {
        log_panics();
    }
    Ok(guard)
}

/// Panics go to the log like everything else, and not as raw lines: a parser of
/// others may panic on a feed, which is caught and then only worth a line.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        tracing::warn!(place, "a panic: {message}");
    }));
}
