//! `wirewatch run`: the daemon in the foreground.

use super::exit::{self, Failure};
use super::{Global, block_on, print};
use crate::daemon;
use crate::policy::SinkName;
use crate::text::{count, printable};
use serde_json::Value;
use std::cell::Cell;
use tokio_util::sync::CancellationToken;
use tracing::warn;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Poll each feed that is due once, deliver, and exit
    #[arg(long)]
    once: bool,
    /// Print the alerts that would be sent; store and send nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let (config, warnings) = global.load()?;
    let _log = global.start_logging(config.daemon.log_format)?;
    for problem in &warnings {
        let help = problem.help.as_deref().unwrap_or_default();
        warn!(place = problem.place, help, "{}", problem.message);
    }
    block_on(async {
        if arguments.dry_run {
            let printed = Cell::new(0);
            daemon::dry_run(&config, arguments.once, |payload, sinks| {
                printed.set(printed.get() + 1);
                print_alert(payload, sinks);
            })
            .await?;
            let alerts = count(printed.get(), "alert");
            print::complain(&format!("{alerts}; nothing was sent, and nothing stored"));
            Ok(exit::DONE)
        } else if arguments.once {
            match daemon::run_once(&config).await? {
                0 => Ok(exit::DONE),
                failed => Err(Failure::new(
                    exit::UNAVAILABLE,
                    format!(
                        "{} failed, and will be tried again at the next run",
                        count(failed, "delivery")
                    ),
                )),
            }
        } else {
            daemon::run(&config, CancellationToken::new()).await?;
            Ok(exit::DONE)
        }
    })
}

/// Prints an alert as a person reads it. A reader who went away does not stop
/// the run: the log goes on.
fn print_alert(payload: &[u8], sinks: &[SinkName]) {
    let Ok(payload) = serde_json::from_slice::<Value>(payload) else {
        return;
    };
    for text in alert_lines(&payload, sinks) {
        if let Err(failure) = print::line(&text) {
            print::complain(&failure.message);
        }
    }
}

/// The lines that tell an alert: what, where, why, and where it would go.
pub(super) fn alert_lines(payload: &Value, sinks: &[SinkName]) -> Vec<String> {
    const QUOTES_MAX: usize = 5;
    let text = |pointer: &str| {
        let value = payload.pointer(pointer).and_then(Value::as_str);
        printable(value.unwrap_or_default(), 200)
    };
    let mut lines = vec![print::bold(&format!(
        "[{}] {}",
        text("/data/severity"),
        text("/data/article/title")
    ))];
    lines.push(format!(
        "  {} ({})",
        text("/data/article/url"),
        text("/data/article/feed/id")
    ));
    for kind in ["topics", "actors"] {
        let found = payload.pointer(&format!("/data/{kind}"));
        for matched in found.and_then(Value::as_array).into_iter().flatten() {
            let name = matched.get("name").and_then(Value::as_str).unwrap_or("");
            let evidence = matched.get("evidence").and_then(Value::as_array);
            let mut quotes: Vec<String> = Vec::new();
            for piece in evidence.into_iter().flatten() {
                let quote = piece.get("quote").and_then(Value::as_str).unwrap_or("");
                let quote = format!("“{}”", printable(quote, 60));
                if !quotes.contains(&quote) && quotes.len() < QUOTES_MAX {
                    quotes.push(quote);
                }
            }
            let name = printable(name, 100);
            lines.push(format!(
                "  {} {name}: {}",
                kind.trim_end_matches('s'),
                quotes.join(" ")
            ));
        }
    }
    if !sinks.is_empty() {
        let names: Vec<&str> = sinks.iter().map(SinkName::as_str).collect();
        lines.push(format!("  would go to {}", names.join(", ")));
    }
    lines
}
