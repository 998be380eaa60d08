//! What loads but does not do what its author may expect.

use super::item::{Item, Table};
use super::problem::Lint;
use super::reading::{Draft, Place, Reading};
use super::{Config, amounts};
use crate::policy::SinkName;
use crate::policy::host::is_own;
use crate::policy::poll::{Every, PollLimits};
use crate::policy::route::Route;
use crate::watchlist::query::Query;
use crate::watchlist::{ActorId, Place as WatchlistPlace, TopicId, Watchlist};
use jiff::SignedDuration;
use std::collections::{BTreeMap, HashMap, HashSet};
use url::Url;

/// Polling somebody else's server more often than this is impolite.
const POLITE: SignedDuration = SignedDuration::from_mins(5);

/// A secret that everybody on the machine can read from the file.
pub(super) fn literal_secret(item: &Item<'_>) {
    let file = item.reading.file_of(item.place());
    if !file.is_some_and(|file| file.world_readable) {
        return;
    }
    let draft = Draft::warning(
        Lint::ReadableSecret,
        item.place(),
        &item.path,
        "a secret in a file that everybody on this machine can read",
    )
    .help("keep it elsewhere, such as { file = \"…\" }, or take the file from others: chmod o-r");
    item.reading.note(draft);
}

/// A webhook whose receiver cannot know who sends.
pub(super) fn unsigned(table: &Table<'_>) {
    let draft = Draft::warning(
        Lint::UnsignedWebhook,
        table.place,
        &table.path,
        "without a `secret` the receiver cannot tell our requests from anybody's",
    )
    .help("add a line such as: secret = { file = \"webhook.secret\" }");
    table.reading.note(draft);
}

/// Sinks that the routes leave out: whoever adds a sink expects to hear of it. One
/// that is there for notices has its use.
pub(super) fn unrouted(sinks: &Table<'_>, routes: &[Route], for_notices: &[SinkName]) {
    let leads_to = |name: &str| {
        let routed = routes.iter().flat_map(|route| &route.sinks);
        let mut targets = routed.chain(for_notices);
        targets.any(|sink| sink.as_str() == name)
    };
    if routes.is_empty() {
        return;
    }
    for (name, place, item) in sinks.named() {
        if !leads_to(name) {
            let message = "no route leads to this sink, so no alert goes there";
            let draft = Draft::warning(Lint::UnroutedSink, place, &item.path, message);
            let help = format!("add \"{name}\" to the `sinks` of a route");
            item.reading.note(draft.help(help));
        }
    }
}

/// Topics that no route carries, and actors that make alerts which none carries,
/// each with its place, a message and its help. What others are made of need not
/// go anywhere.
pub(super) fn unrouted_names(
    watchlist: &Watchlist,
    routes: &[Route],
) -> Vec<(WatchlistPlace, String, String)> {
    if routes.is_empty() {
        return Vec::new();
    }
    let named = |list: fn(&Route) -> &[String]| -> HashSet<&str> {
        let names = routes.iter().flat_map(list);
        names.map(String::as_str).collect()
    };
    let (topics, actors) = (
        named(|route| route.selection.topics.as_slice()),
        named(|route| route.selection.actors.as_slice()),
    );
    let (used_topics, used_actors) = used(watchlist);
    let mut unrouted = Vec::new();
    for topic in &watchlist.topics {
        let mut tags = topic.tags.iter().map(String::as_str);
        let carried = topics.contains("*")
            || topics.contains(topic.id.as_str())
            || tags.any(|tag| topics.contains(tag));
        if !carried && !used_topics.contains(&topic.id) {
            unrouted.push((
                WatchlistPlace::Topic(topic.id.clone(), "name"),
                "no route carries this topic, so its alerts go nowhere".to_owned(),
                format!("add \"{}\" to the `topics` of a route", topic.id),
            ));
        }
    }
    for actor in watchlist.actors.iter().filter(|actor| actor.alert) {
        let carried = actors.contains("*") || actors.contains(actor.id.as_str());
        if !carried && !used_actors.contains(&actor.id) {
            unrouted.push((
                WatchlistPlace::Actor(actor.id.clone(), "name"),
                "no route carries this actor, so its alerts go nowhere".to_owned(),
                format!(
                    "add \"{}\" to the `actors` of a route, or set alert = false",
                    actor.id
                ),
            ));
        }
    }
    unrouted
}

/// The topics and actors that queries refer to, the latter with all who belong
/// to them.
fn used(watchlist: &Watchlist) -> (HashSet<&TopicId>, HashSet<&ActorId>) {
    let (mut topics, mut waiting) = (HashSet::new(), Vec::new());
    for topic in &watchlist.topics {
        for query in std::iter::once(&topic.query).chain(&topic.unless) {
            query.walk(&mut |part| match part {
                Query::Actor { id, .. } => waiting.push(id),
                Query::Topic(id) => {
                    topics.insert(id);
                }
                _ => {}
            });
        }
    }
    let mut members: HashMap<&ActorId, Vec<&ActorId>> = HashMap::new();
    for actor in &watchlist.actors {
        for group in &actor.member_of {
            members.entry(group).or_default().push(&actor.id);
        }
    }
    let mut actors = HashSet::new();
    while let Some(id) = waiting.pop() {
        if actors.insert(id) {
            waiting.extend(members.get(id).into_iter().flatten());
        }
    }
    (topics, actors)
}

/// What is seen of the addresses of all feeds.
#[derive(Debug, Default)]
pub(super) struct Manners<'a> {
    addresses: HashMap<String, Item<'a>>,
    twice: Vec<Draft>,
    hasty: Vec<Hasty<'a>>,
}

/// An interval that is too short, and the feeds that it holds for.
#[derive(Debug)]
struct Hasty<'a> {
    every: SignedDuration,
    item: Item<'a>,
    hosts: Vec<String>,
}

impl<'a> Manners<'a> {
    pub(super) fn see(
        &mut self,
        url: &Url,
        item: &Item<'a>,
        every: SignedDuration,
        set_at: Option<&Item<'a>>,
    ) {
        let mut address = url.clone();
        address.set_fragment(None);
        let address = address.as_str().trim_end_matches('/').to_owned();
        let address = address.replacen("http://", "https://", 1);
        if let Some(first) = self.addresses.get(&address) {
            let place = item.reading.describe(first.place());
            let draft = Draft::warning(
                Lint::SameFeedTwice,
                item.place(),
                &item.path,
                "another feed has this address",
            );
            self.twice
                .push(draft.help(format!("the first is at {place}; remove one of the two")));
        } else {
            self.addresses.insert(address, item.clone());
        }
        self.see_interval(url, every, set_at);
    }

    /// Notes who is asked how often.
    pub(super) fn see_interval(
        &mut self,
        url: &Url,
        every: SignedDuration,
        set_at: Option<&Item<'a>>,
    ) {
        let (Some(set_at), Some(host)) = (set_at, public_host(url)) else {
            return;
        };
        if every >= POLITE {
            return;
        }
        let same = |hasty: &&mut Hasty<'_>| hasty.item.place() == set_at.place();
        match self.hasty.iter_mut().find(same) {
            Some(hasty) => hasty.hosts.push(host),
            None => self.hasty.push(Hasty {
                every,
                item: set_at.clone(),
                hosts: vec![host],
            }),
        }
    }

    pub(super) fn note(self, reading: &Reading) {
        for draft in self.twice {
            reading.note(draft);
        }
        for hasty in self.hasty {
            let first = hasty.hosts.first().map_or("", String::as_str);
            let others = match hasty.hosts.len() {
                0 | 1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let message = format!(
                "every {} is often for {first}{others}",
                amounts::show(hasty.every)
            );
            let draft = Draft::warning(
                Lint::ImpoliteInterval,
                hasty.item.place(),
                &hasty.item.path,
                message,
            );
            reading.note(draft.help(
                "publishers block clients that ask more than every 5m; on a server of your own this is fine",
            ));
        }
    }
}

/// The host of an address that belongs to the public.
fn public_host(url: &Url) -> Option<String> {
    (!is_own(url)).then(|| url.host_str().unwrap_or_default().to_owned())
}

/// What is missing for the whole to do anything.
pub(super) fn whole(config: &Config, reading: &Reading) {
    let note = |lint, message: &str, help: &str| {
        reading.note(Draft::warning(lint, &Place::File(0), "", message).help(help));
    };
    if config.feeds.is_empty() {
        note(
            Lint::NoFeeds,
            "there are no feeds: nothing is polled",
            "add a table [feed.NAME] with a `url`, or a list of feeds: opml = [\"feeds.opml\"]",
        );
    }
    if config.sinks.is_empty() {
        note(
            Lint::NoSinks,
            "there are no sinks: alerts are stored and told to nobody",
            "add a table [sink.journal.log]",
        );
    }
    for message in crowded(config) {
        note(
            Lint::CrowdedHost,
            &message,
            "remove feeds, raise `every`, or set `spacing` in a table such as [host.\"example.org\"] if the host allows it",
        );
    }
    let watchlist = &config.watchlist;
    if watchlist.topics.is_empty() && !watchlist.actors.iter().any(|actor| actor.alert) {
        note(
            Lint::NothingToAlert,
            "there is no topic, and no actor that makes alerts: nothing is ever alerted",
            "name a file of topics and actors: watchlists = [\"watchlist.toml\"]",
        );
    }
}

/// The hosts that have more feeds than can be asked for in their interval, one
/// at a time and spaced, each in words.
fn crowded(config: &Config) -> Vec<String> {
    let mut hosts: BTreeMap<_, (i32, SignedDuration, SignedDuration)> = BTreeMap::new();
    for feed in &config.feeds {
        let rule = config.hosts.rule(&feed.url, feed.poll.host_spacing);
        let (feeds, spacing, every) = hosts.entry(config.hosts.host(&feed.url)).or_insert((
            0,
            rule.spacing,
            longest(&feed.poll),
        ));
        *feeds += 1;
        *spacing = rule.spacing.max(*spacing);
        *every = longest(&feed.poll).min(*every);
    }
    let words = |(host, (feeds, spacing, every)): (_, (i32, SignedDuration, SignedDuration))| {
        let round = spacing.checked_mul(feeds).unwrap_or(SignedDuration::MAX);
        let (spacing, every) = (amounts::show(spacing), (every, amounts::show(every)));
        (feeds > 1 && round > every.0).then(|| {
            format!(
                "{host} has {feeds} feeds and is asked once in {spacing}, so a round takes {}, not {}",
                amounts::show(round),
                every.1
            )
        })
    };
    hosts.into_iter().filter_map(words).collect()
}

/// The longest interval that a feed may have while all is well.
fn longest(limits: &PollLimits) -> SignedDuration {
    match limits.every {
        Every::Fixed(every) => every,
        Every::Auto => limits.max,
    }
}
