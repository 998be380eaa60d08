//! `wirewatch demo`: the whole system on one machine, with no internet.
//!
//! A news site and a receiver on loopback, and between them the real daemon
//! with the shipped watchlist, on a store that is removed at the end. What
//! arrives at the receiver is printed.

mod receiver;
mod site;

use super::exit::{self, Failure};
use super::run::alert_lines;
use super::{Global, block_on, print};
use crate::config::{self, Config, Environment, LogFormat};
use crate::daemon::{self, clock};
use receiver::Received;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long `--once` waits for the story.
const STORY_S_MAX: u64 = 30;

/// The most webhooks that wait to be printed.
const UNPRINTED_MAX: usize = 64;

/// What the story must be alerted with.
const TOPIC: &str = "dprk-nuclear";
const ACTORS: [&str; 4] = [
    "john-bolton",
    "yoon-young-kwan",
    "ban-ki-moon",
    "un-security-council",
];

const WATCHLIST: &str = include_str!("../../../config/watchlist.toml");

/// An example key, public and good for nothing else.
const SECRET: &str = "whsec_d2lyZXdhdGNoIGRlbW8gd2lyZXdhdGNoIGRlbW8=";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// End after the story of 2003 was alerted
    #[arg(long)]
    once: bool,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let _log = global.start_logging(LogFormat::Text)?;
    let io = |error: std::io::Error| Failure::new(exit::IO, format!("demo: {error}"));
    let dir = tempfile::tempdir().map_err(io)?;
    block_on(async {
        let site = TcpListener::bind("127.0.0.1:0").await.map_err(io)?;
        let hooks = TcpListener::bind("127.0.0.1:0").await.map_err(io)?;
        let (site_at, hooks_at) = (
            site.local_addr().map_err(io)?,
            hooks.local_addr().map_err(io)?,
        );
        let config = write_config(dir.path(), &site_at.to_string(), &hooks_at.to_string())?;
        let (sender, received) = mpsc::channel(UNPRINTED_MAX);
        let mut servers = JoinSet::new();
        servers.spawn(async { axum::serve(site, site::pages(clock::now())).await });
        servers.spawn(async { axum::serve(hooks, receiver::hooks(sender)).await });
        introduce(&site_at.to_string(), &hooks_at.to_string())?;
        let outcome = watch(&config, received, arguments.once).await;
        servers.shutdown().await;
        outcome
    })
}

fn introduce(site: &str, hooks: &str) -> Result<(), Failure> {
    print::line("The demo runs on this machine alone.")?;
    print::line(&format!(
        "  a news site at http://{site}/ with feeds in RSS, Atom, RDF and JSON"
    ))?;
    print::line(&format!("  a receiver of webhooks at http://{hooks}/hook"))?;
    print::line("  wirewatch between them, with the watchlist of config/watchlist.toml")?;
    print::line("")
}

/// Writes the configuration that a user would write, and loads it.
fn write_config(dir: &Path, site: &str, hooks: &str) -> Result<Config, Failure> {
    let feeds: String = site::FEEDS
        .iter()
        .map(|(name, path)| format!("[feed.{name}]\nurl = \"http://{site}{path}\"\n\n"))
        .collect();
    let main = format!(
        "watchlists = [\"watchlist.toml\"]\n\n[daemon]\nstate_dir = \"state\"\n\n\
         [poll]\nhost_spacing = \"100ms\"\nfirst_run = \"all\"\n\n{feeds}\
         [sink.receiver.webhook]\nurl = \"http://{hooks}/hook\"\nsecret = \"{SECRET}\"\n"
    );
    let file = dir.join("wirewatch.toml");
    let written = std::fs::write(&file, main)
        .and_then(|()| std::fs::write(dir.join("watchlist.toml"), WATCHLIST));
    written.map_err(|error| Failure::new(exit::IO, format!("{}: {error}", dir.display())))?;
    // The environment of the user is not that of the demo.
    let (config, _) = config::load(&file, &Environment::default())
        .map_err(|problems| Failure::new(exit::SOFTWARE, problems))?;
    Ok(config)
}

/// Runs the daemon and prints what arrives, until the story has arrived with
/// `once`, or until a signal without.
async fn watch(
    config: &Config,
    mut received: mpsc::Receiver<Received>,
    once: bool,
) -> Result<u8, Failure> {
    let stop = CancellationToken::new();
    let mut daemon = std::pin::pin!(daemon::run(config, stop.clone()));
    let mut deadline = std::pin::pin!(tokio::time::sleep(Duration::from_secs(STORY_S_MAX)));
    let code = loop {
        tokio::select! {
            ended = &mut daemon => {
                ended?;
                return Ok(exit::DONE);
            }
            Some(webhook) = received.recv() => {
                tell(&webhook)?;
                if once && is_the_story(&webhook.body) {
                    break exit::DONE;
                }
            }
            () = &mut deadline, if once => {
                print::complain("demo: the story of 2003 was not alerted with its topic and actors in time");
                break exit::UNAVAILABLE;
            }
        }
    };
    // Whatever is being delivered is taken in while the daemon ends.
    stop.cancel();
    received.close();
    daemon.await?;
    Ok(code)
}

fn tell(webhook: &Received) -> Result<(), Failure> {
    let signed = if webhook.signed {
        "signed"
    } else {
        "not signed"
    };
    print::line(&format!("The receiver got {} ({signed}):", webhook.id))?;
    for line in alert_lines(&webhook.body, &[]) {
        print::line(&format!("  {line}"))?;
    }
    print::line("")
}

fn is_the_story(body: &Value) -> bool {
    let ids = |pointer: &str| -> Vec<&str> {
        let matched = body.pointer(pointer).and_then(Value::as_array);
        let ids = matched.into_iter().flatten();
        ids.filter_map(|matched| matched.get("id")?.as_str())
            .collect()
    };
    let actors = ids("/data/actors");
    ids("/data/topics").contains(&TOPIC) && ACTORS.iter().all(|actor| actors.contains(actor))
}
