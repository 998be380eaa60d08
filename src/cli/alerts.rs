//! `wirewatch alerts`: what was alerted of late.

use super::exit::{self, Failure};
use super::{Global, LAST, block_on, print, run};
use crate::store::Store;
use serde_json::Value;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// How many alerts at most
    #[arg(long, global = true, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Print one JSON object an alert
    #[arg(long, global = true, display_order = LAST - 1)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the latest alerts, the newest first (the default)
    List,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let (None | Some(Action::List)) = arguments.action;
    let (config, _) = global.load()?;
    let alerts = block_on(async {
        let store = Store::open_beside(&config.daemon.state_dir)?;
        Ok(store.alerts(arguments.limit, None).await?)
    })?;
    for alert in &alerts {
        if arguments.json {
            print::json_line(&alert.json)?;
            continue;
        }
        let payload: Value = serde_json::from_slice(&alert.json)
            .map_err(|error| Failure::new(exit::DATA, format!("alert {}: {error}", alert.id.0)))?;
        print::line(&format!("{:.0}  {}", alert.at, alert.id.0))?;
        for line in run::alert_lines(&payload, &[]) {
            print::line(&line)?;
        }
    }
    Ok(exit::DONE)
}
