//! `wirewatch feeds export`: all feeds as an OPML list.

use super::{Global, block_on, print};
use crate::cli::exit::{self, Failure};
use crate::config::{Config, FeedConfig};
use crate::feed::FeedId;
use crate::feed::opml::{self, Outline};
use crate::store::Store;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn run(global: &Global, as_json: bool) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let titles = titles(&config);
    let title = |feed: &FeedConfig| {
        let listed = feed.listed.as_ref().and_then(|listed| listed.title.clone());
        titles.get(&feed.id).cloned().or(listed)
    };
    if as_json {
        for feed in &config.feeds {
            let json = json!({
                "id": feed.id.as_str(),
                "url": feed.url.as_str(),
                "title": title(feed),
                "tags": feed.tags,
            });
            print::json(&json)?;
        }
        return Ok(exit::DONE);
    }
    // A login is nobody else's business, and stands in no address any more.
    let outline = |feed: &Arc<FeedConfig>| Outline {
        url: feed.url.to_string(),
        title: title(feed).or_else(|| Some(feed.id.to_string())),
        tags: feed.tags.clone(),
        ..Outline::default()
    };
    let feeds: Vec<Outline> = config.feeds.iter().map(outline).collect();
    print::line(opml::write("wirewatch", &feeds).trim_end())?;
    Ok(exit::DONE)
}

/// What the feeds call themselves, as far as they were ever polled.
fn titles(config: &Config) -> HashMap<FeedId, String> {
    let states = block_on(async {
        let store = Store::open_beside(&config.daemon.state_dir)?;
        Ok(store.feeds().await?)
    });
    let states = states.unwrap_or_default().into_iter();
    states
        .filter_map(|state| Some((state.feed, state.title?)))
        .collect()
}
