//! `wirewatch alerts`: what was alerted of late, and what became of it.

pub(super) mod show;

use super::exit::{self, Failure};
use super::{Global, LAST, block_on, moment, print, run};
use crate::daemon::clock;
use crate::feed::FeedId;
use crate::name::NameError;
use crate::store::{AlertFilter, AlertRecord, Store};
use crate::watchlist::{ActorId, Severity, TopicId};
use serde_json::Value;
use std::time::Duration;

/// How often it is looked whether there are new alerts.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The most alerts that are read at one time.
const READ_AHEAD: usize = 256;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    choice: Choice,
    /// How many alerts at most
    #[arg(long, global = true, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Print one JSON object an alert
    #[arg(long, global = true, display_order = LAST - 1)]
    json: bool,
}

/// Which alerts are listed.
#[derive(Debug, Default, clap::Args)]
struct Choice {
    /// Only those about this topic
    #[arg(long, value_name = "ID")]
    topic: Option<String>,
    /// Only those that mention this actor
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only those of this feed
    #[arg(long, value_name = "ID")]
    feed: Option<String>,
    /// Only those that matter at least so much
    #[arg(long, value_parser = severity, value_name = "SEVERITY")]
    severity: Option<Severity>,
    /// Only those made since: "2h" ago, or a date or time
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// List the notices to the operator instead
    #[arg(long, conflicts_with_all = ["topic", "actor", "feed", "severity", "since"])]
    notices: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the latest alerts, the newest first (the default)
    List {
        #[command(flatten)]
        choice: Choice,
    },
    /// Show one alert: why it matched, what each route said, and where it went
    Show {
        /// Its id
        id: String,
    },
    /// Print alerts as they come, until interrupted
    Tail,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let json = arguments.json;
    block_on(async {
        let store = Store::open_beside(&config.daemon.state_dir)?;
        match &arguments.action {
            None => list(&store, &arguments.choice, arguments.limit, json).await,
            Some(Action::List { choice }) => list(&store, choice, arguments.limit, json).await,
            Some(Action::Show { id }) => show::show(&store, id, json).await,
            Some(Action::Tail) => tail(&store, json).await,
        }
    })
}

async fn list(store: &Store, choice: &Choice, limit: usize, json: bool) -> Result<u8, Failure> {
    if choice.notices {
        for notice in store.notices(limit).await? {
            if json {
                print::json_line(&notice.json)?;
            } else {
                let lines = show::notice_lines(&notice.json)?;
                lines.iter().try_for_each(|line| print::line(line))?;
            }
        }
        return Ok(exit::DONE);
    }
    for alert in store.alerts(limit, Some(choice.filter()?)).await? {
        print_alert(&alert, json)?;
    }
    Ok(exit::DONE)
}

async fn tail(store: &Store, json: bool) -> Result<u8, Failure> {
    let mut mark = store.last_alert().await?;
    loop {
        let (alerts, next) = store.alerts_after(mark, READ_AHEAD).await?;
        for alert in &alerts {
            print_alert(alert, json)?;
        }
        mark = next;
        if alerts.len() < READ_AHEAD {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn print_alert(alert: &AlertRecord, json: bool) -> Result<(), Failure> {
    if json {
        return print::json_line(&alert.json);
    }
    let payload: Value = serde_json::from_slice(&alert.json)
        .map_err(|error| Failure::new(exit::DATA, format!("alert {}: {error}", alert.id.0)))?;
    print::line(&format!("{:.0}  {}", alert.at, alert.id.0))?;
    let lines = run::alert_lines(&payload, &[]);
    lines.iter().try_for_each(|line| print::line(line))
}

impl Choice {
    fn filter(&self) -> Result<AlertFilter, Failure> {
        let since = self.since.as_deref();
        let since = since.map(|text| moment::past("--since", text, clock::now()));
        Ok(AlertFilter {
            topic: named("--topic", self.topic.as_deref(), TopicId::new)?,
            actor: named("--actor", self.actor.as_deref(), ActorId::new)?,
            feed: named("--feed", self.feed.as_deref(), FeedId::new)?,
            severity: self.severity,
            since: since.transpose()?,
        })
    }
}

fn named<T>(
    option: &str,
    name: Option<&str>,
    new: fn(&str) -> Result<T, NameError>,
) -> Result<Option<T>, Failure> {
    name.map(new)
        .transpose()
        .map_err(|error| Failure::new(exit::USAGE, format!("{option}: {error}")))
}

fn severity(word: &str) -> Result<Severity, String> {
    let known = Severity::WORDS.iter().find(|(known, _)| *known == word);
    let words: Vec<&str> = Severity::WORDS.iter().map(|(word, _)| *word).collect();
    known
        .map(|(_, severity)| *severity)
        .ok_or_else(|| format!("write one of {}", words.join(", ")))
}
