//! `[route.NAME]`, and whether what routes name exists.

use super::item::{Item, Table};
use super::{FeedConfig, later};
use crate::policy::route::Route;
use crate::policy::{RouteName, SinkName};
use crate::text::suggest;
use crate::watchlist::{Severity, Watchlist};
use std::sync::Arc;

/// What stands for all.
const ALL: &str = "*";

/// Every name that a route may use.
#[derive(Debug)]
pub(super) struct Names {
    topics: Vec<String>,
    actors: Vec<String>,
    feeds: Vec<String>,
    sinks: Vec<String>,
}

impl Names {
    /// Names count as soon as they are written, even where the rest is wrong:
    /// one mistake is not to make a second one.
    pub(super) fn new(
        feed_table: &Table<'_>,
        feeds: &[Arc<FeedConfig>],
        sink_table: &Table<'_>,
        watchlist: &Watchlist,
    ) -> Self {
        let written = |table: &Table<'_>| -> Vec<String> {
            let named = table.named().into_iter();
            named.map(|(name, ..)| name.to_owned()).collect()
        };
        let topics = watchlist.topics.iter();
        let mut names = Self {
            topics: topics
                .clone()
                .map(|topic| topic.id.as_str().to_owned())
                .collect(),
            actors: watchlist
                .actors
                .iter()
                .map(|actor| actor.id.as_str().to_owned())
                .collect(),
            feeds: written(feed_table),
            sinks: written(sink_table),
        };
        names
            .topics
            .extend(topics.flat_map(|topic| topic.tags.iter().cloned()));
        names
            .feeds
            .extend(feeds.iter().flat_map(|feed| feed.tags.iter().cloned()));
        names
    }
}

/// Every route that is sound, in the order of the file.
pub(super) fn routes(table: &Table<'_>, names: &Names) -> Vec<Route> {
    let mut routes = Vec::new();
    for (name, place, item) in table.named() {
        let name = item.name(name, place, RouteName::new);
        if let Some(table) = item.table() {
            routes.extend(route(name, &table, names));
        }
    }
    routes
}

fn route(name: Option<RouteName>, table: &Table<'_>, names: &Names) -> Option<Route> {
    let topics = chosen(table, "topics", "topic or tag", &names.topics);
    let actors = chosen(table, "actors", "actor", &names.actors);
    let feeds = chosen(table, "feeds", "feed or tag", &names.feeds);
    let severity = match table.get("severity") {
        Some(item) => item.word(&Severity::WORDS),
        None => Some(Severity::Info),
    };
    let sinks = table
        .need("sinks", "[\"journal\"]")
        .map(|item| sinks(&item, &names.sinks));
    let next = match table.get("continue") {
        Some(item) => item.boolean(),
        None => Some(true),
    };
    later::refuse_keys(table, "route");
    table.finish();
    let all = || vec![ALL.to_owned()];
    // A route that names topics alone is about them, not about every actor too.
    let (topics, actors) = match (topics, actors) {
        (None, None) => (all(), all()),
        (topics, actors) => (topics.unwrap_or_default(), actors.unwrap_or_default()),
    };
    Some(Route {
        name: name?,
        topics,
        actors,
        feeds: feeds.unwrap_or_else(all),
        severity: severity?,
        sinks: sinks?,
        next: next?,
    })
}

fn chosen(
    table: &Table<'_>,
    key: &'static str,
    noun: &str,
    known: &[String],
) -> Option<Vec<String>> {
    let items = table.get(key)?.texts();
    let known = |(item, text): (Item<'_>, &str)| {
        if text != ALL && !known.iter().any(|name| name == text) {
            unknown(&item, text, noun, known);
        }
        text.to_owned()
    };
    Some(items.into_iter().map(known).collect())
}

fn sinks(item: &Item<'_>, known: &[String]) -> Vec<SinkName> {
    let sink = |(item, text): (Item<'_>, &str)| {
        if !known.iter().any(|name| name == text) {
            unknown(&item, text, "sink", known);
        }
        SinkName::new(text).ok()
    };
    item.texts().into_iter().filter_map(sink).collect()
}

fn unknown(item: &Item<'_>, text: &str, noun: &str, known: &[String]) {
    let help = suggest::help(text, known.iter().map(String::as_str));
    let draft = item
        .error(format!("there is no {noun} `{text}`"))
        .maybe_help(help)
        .doubtful();
    item.reading.note(draft);
}
