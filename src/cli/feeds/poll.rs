//! `wirewatch feeds poll`: a poll as early as the publisher allows.
//!
//! The command asks nobody itself: it leaves word in the store. A daemon that
//! runs looks there every few seconds; one that is started later finds the feed
//! due.

use super::remove::named;
use super::{Global, block_on, print};
use crate::cli::exit::{self, Failure};
use crate::daemon::CLOCK;
use crate::policy::host::HostState;
use crate::policy::poll::{self, PollReason};
use crate::scheduler::ASKED_EVERY;
use crate::store::Store;
use jiff::Timestamp;
use serde_json::json;
use url::Url;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Its name in the configuration
    id: String,
}

pub(super) fn run(global: &Global, arguments: &Arguments, as_json: bool) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let feed = named(&config, &arguments.id)?;
    let (at, reason) = block_on(async {
        let store = Store::open_beside(&config.daemon.state_dir)?;
        let now = (CLOCK.now)();
        let states = store.feeds().await?;
        let Some(state) = states.into_iter().find(|state| state.feed == feed.id) else {
            let message = format!(
                "no daemon knows {} yet; it is polled as soon as one starts",
                feed.id
            );
            return Err(Failure::new(exit::TRY_AGAIN, message));
        };
        let url = Url::parse(state.start()).unwrap_or_else(|_| feed.url.clone());
        let host = config.hosts.host(&url);
        let hosts = store.hosts().await?;
        let known = hosts.into_iter().find(|known| known.host == host);
        let host = known.unwrap_or_else(|| HostState::new(host));
        let rule = config.hosts.rule(&url, feed.poll.host_spacing);
        let (due, reason) = poll::earliest(&state, &feed.poll, now);
        store.ask_for_poll(&feed.id, due, now).await?;
        let free = host.free(rule.spacing).filter(|(at, _)| *at > due);
        Ok(free.unwrap_or((due, reason)))
    })?;
    if as_json {
        let json = json!({ "id": feed.id.as_str(), "at": at, "reason": reason.as_str() });
        return print::json(&json).map(|()| exit::DONE);
    }
    print::line(&format!(
        "{}: {}",
        feed.id,
        in_words(at, reason, (CLOCK.now)())
    ))?;
    print::complain(&format!(
        "a daemon that runs hears of it within {} s; without one, it holds for the next start",
        ASKED_EVERY.as_secs()
    ));
    Ok(exit::DONE)
}

fn in_words(at: Timestamp, reason: PollReason, now: Timestamp) -> String {
    if at <= now {
        return "polled now".to_owned();
    }
    let why = match reason {
        PollReason::Asked => return format!("polled at {at:.0}, as was asked before"),
        PollReason::Interval => "poll.min lies between two polls",
        PollReason::Host => "its host is asked once in a while only",
        PollReason::RetryAfter => "its host asked to be left alone",
        PollReason::Skip => "it publishes nothing before",
        PollReason::Fresh => "its publisher asked for that wait",
        _ => return format!("polled at {at:.0} ({})", reason.as_str()),
    };
    format!("polled at {at:.0}, not before: {why}")
}

#[cfg(test)]
#[path = "poll_tests.rs"]
mod tests;
