//! `[route.NAME]`, and whether what routes name exists.

use super::item::{Item, Table};
use super::{FeedConfig, later};
use crate::policy::digest::Rules;
use crate::policy::mute::{self, MuteError, Window};
use crate::policy::rate::Rate;
use crate::policy::route::Route;
use crate::policy::selection::{ALL, Selection};
use crate::policy::{RouteName, SinkName};
use crate::text::suggest;
use crate::watchlist::{Severity, Watchlist};
use jiff::SignedDuration;
use std::sync::Arc;

/// The longest `group_wait`: who waits longer for news reads the page.
const GROUP_WAIT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// The largest number in a `limit`: so many are looked through for each alert.
const LIMIT_COUNT_MAX: u32 = 10_000;
/// The longest time in a `limit`: what was sent is remembered for so long.
const LIMIT_PER_MAX: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The most windows of one route.
const WINDOWS_MAX: usize = 50;

/// Every name that a route may use.
#[derive(Debug)]
pub(super) struct Names {
    topics: Vec<String>,
    actors: Vec<String>,
    feeds: Vec<String>,
    tags: Vec<String>,
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
            tags: Vec::new(),
            sinks: written(sink_table),
        };
        let topic_tags: Vec<String> = topics.flat_map(|topic| topic.tags.clone()).collect();
        let feed_tags: Vec<String> = feeds.iter().flat_map(|feed| feed.tags.clone()).collect();
        names.topics.extend_from_slice(&topic_tags);
        names.feeds.extend_from_slice(&feed_tags);
        names.tags = [topic_tags, feed_tags].concat();
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
    let tags = chosen(table, "tags", "tag", &names.tags);
    // Feeds that say themselves who publishes them are not known before they are read.
    let publishers = table.get("publishers").map(|item| texts(&item));
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
    let rules = rules(table);
    later::refuse_keys(table, "route");
    table.finish();
    let all = || vec![ALL.to_owned()];
    Some(Route {
        name: name?,
        selection: Selection {
            feeds: feeds.unwrap_or_else(all),
            publishers: publishers.unwrap_or_else(all),
            tags: tags.unwrap_or_else(all),
            ..Selection::of(topics, actors)
        },
        severity: severity?,
        sinks: sinks?,
        next: next?,
        rules: Arc::new(rules?),
    })
}

fn rules(table: &Table<'_>) -> Option<Rules> {
    let group_wait = match table.get("group_wait") {
        Some(item) => group_wait(&item),
        None => Some(SignedDuration::ZERO),
    };
    let limit = match table.get("limit") {
        Some(item) => limit(&item).map(Some),
        None => Some(None),
    };
    let mute = match table.get("mute") {
        Some(item) => windows(&item),
        None => Some(Vec::new()),
    };
    Some(Rules {
        group_wait: group_wait?,
        limit: limit?,
        mute: mute?,
    })
}

fn group_wait(item: &Item<'_>) -> Option<SignedDuration> {
    let wait = item.duration()?;
    if wait > GROUP_WAIT_MAX {
        return item.fail(
            "this is too long to wait for others",
            "write \"24h\" or less",
        );
    }
    Some(wait)
}

fn limit(item: &Item<'_>) -> Option<Rate> {
    let rate = item.rate()?;
    if rate.count > LIMIT_COUNT_MAX || rate.per > LIMIT_PER_MAX {
        let help = format!("write at most {LIMIT_COUNT_MAX} in at most \"7d\"");
        return item.fail("no route can keep to this limit", &help);
    }
    Some(rate)
}

fn windows(item: &Item<'_>) -> Option<Vec<Window>> {
    let texts = item.texts();
    if texts.len() > WINDOWS_MAX {
        let message = format!("there are {} windows", texts.len());
        return item.fail(message, &format!("write at most {WINDOWS_MAX}"));
    }
    let count = texts.len();
    let windows: Vec<Window> = texts
        .into_iter()
        .filter_map(|(item, text)| window(&item, text))
        .collect();
    if windows.len() < count {
        return None;
    }
    if mute::never_end(&windows) {
        return item.fail(
            "these windows leave no time at which anything is sent",
            "leave a gap, or remove the route",
        );
    }
    Some(windows)
}

fn window(item: &Item<'_>, text: &str) -> Option<Window> {
    const HELP: &str =
        "write a window such as \"22:00-07:00 Europe/Berlin\" or \"Sat,Sun 00:00-24:00 UTC\"";
    let error = match Window::parse(text) {
        Ok(window) => return Some(window),
        Err(error) => error,
    };
    let help = match &error {
        MuteError::Zone(zone) => {
            let known: Vec<String> = zones();
            suggest::help(zone, known.iter().map(String::as_str))
        }
        MuteError::NoZone => Some(format!(
            "write it as in \"{text} Europe/Berlin\", or with UTC"
        )),
        _ => None,
    };
    let help = help.unwrap_or_else(|| HELP.to_owned());
    item.fail(error.to_string(), &help)
}

/// The names of all time zones.
fn zones() -> Vec<String> {
    let zones = jiff::tz::db().available();
    zones.map(|zone| zone.as_str().to_owned()).collect()
}

fn texts(item: &Item<'_>) -> Vec<String> {
    let texts = item.texts().into_iter();
    texts.map(|(_, text)| text.to_owned()).collect()
}

/// The sinks that `daemon.notices` names; none where it means all.
pub(super) fn notice_sinks(item: Option<&Item<'_>>, names: &Names) -> Option<Vec<SinkName>> {
    let item = item?;
    let is_all = texts(item).iter().any(|text| text == ALL);
    (!is_all).then(|| sinks(item, &names.sinks))
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
