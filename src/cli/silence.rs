//! `wirewatch silence`: not hearing of something for a time, with a reason.

use super::deliveries::sink_name;
use super::exit::{self, Failure};
use super::{Global, LAST, block_on, moment, print};
use crate::config::{self, Config};
use crate::daemon::clock;
use crate::policy::SinkName;
use crate::policy::selection::{ALL, Selection};
use crate::policy::silence::{Silence, SilenceId};
use crate::store::{SILENCES_MAX, Store};
use crate::text::{printable, suggest};
use clap::ArgGroup;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The longest reason or author, in characters.
const TEXT_CHARS_MAX: usize = 500;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print one JSON object a silence
    #[arg(long, global = true, display_order = LAST - 1)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Keep alerts from sinks for a time; they are recorded and can be replayed
    Add(Box<New>),
    /// List the silences that are not over, the newest first (the default)
    List {
        /// Those that are over as well
        #[arg(long)]
        all: bool,
    },
    /// End a silence now
    Expire {
        /// Its number
        id: i64,
    },
}

/// What is kept away: alerts with any of the topics or actors, and one of each
/// other kind.
#[derive(Debug, clap::Args)]
#[command(
    group = ArgGroup::new("what").required(true).multiple(true)
        .args(["topics", "actors", "feeds", "publishers", "tags", "sinks"]),
    group = ArgGroup::new("end").required(true).args(["lasts", "until"]),
)]
struct New {
    /// About this topic, by name or tag; may be given several times, like the others
    #[arg(long = "topic", value_name = "NAME")]
    topics: Vec<String>,
    /// Mentioning this actor
    #[arg(long = "actor", value_name = "NAME")]
    actors: Vec<String>,
    /// Of this feed, by name or tag
    #[arg(long = "feed", value_name = "NAME")]
    feeds: Vec<String>,
    /// Of this publisher
    #[arg(long = "publisher", value_name = "NAME")]
    publishers: Vec<String>,
    /// With this tag of a topic or feed
    #[arg(long = "tag", value_name = "NAME")]
    tags: Vec<String>,
    /// Only at this sink
    #[arg(long = "sink", value_name = "NAME")]
    sinks: Vec<String>,
    /// For how long, from now on: "2h", "3d"
    #[arg(long = "for", value_name = "TIME")]
    lasts: Option<String>,
    /// Until when: a date (UTC) or a time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Why, for whoever wonders later
    #[arg(long)]
    reason: String,
    /// Who says so
    #[arg(long, env = "USER", hide_env_values = true, default_value = "unknown")]
    author: String,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let (config, _) = global.load()?;
    let now = clock::now();
    block_on(async {
        let store = Store::open_beside(&config.daemon.state_dir)?;
        match &arguments.action {
            Some(Action::Add(new)) => {
                let silence = new.silence(&config, now)?;
                add(&store, silence, arguments.json, now).await
            }
            None => list(&store, Some(now), arguments.json, now).await,
            Some(Action::List { all }) => {
                list(&store, (!all).then_some(now), arguments.json, now).await
            }
            Some(Action::Expire { id }) => expire(&store, SilenceId(*id), now).await,
        }
    })
}

async fn add(
    store: &Store,
    silence: Silence,
    as_json: bool,
    now: Timestamp,
) -> Result<u8, Failure> {
    let Some(id) = store.add_silence(silence.clone(), now).await? else {
        let message = format!("there are {SILENCES_MAX} silences already; expire some first");
        return Err(Failure::new(exit::NO, message));
    };
    if as_json {
        print::json(&silence_json(id, &silence, now))?;
    } else {
        print::line(&format!(
            "silence {} until {:.0}: {}",
            id.0,
            silence.ends_at,
            what(&silence)
        ))?;
    }
    Ok(exit::DONE)
}

async fn list(
    store: &Store,
    not_over_at: Option<Timestamp>,
    as_json: bool,
    now: Timestamp,
) -> Result<u8, Failure> {
    let silences = store.silences(not_over_at).await?;
    if as_json {
        for (id, silence) in &silences {
            print::json(&silence_json(*id, silence, now))?;
        }
        return Ok(exit::DONE);
    }
    let head = ["SILENCE", "FROM", "UNTIL", "AUTHOR", "WHAT", "REASON"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(silences.iter().map(|(id, silence)| {
        vec![
            id.0.to_string(),
            format!("{:.0}", silence.starts_at),
            format!("{:.0}", silence.ends_at),
            printable(&silence.author, 40),
            what(silence),
            printable(&silence.reason, 200),
        ]
    }));
    let lines = print::table(&rows);
    lines.iter().try_for_each(|line| print::line(line))?;
    Ok(exit::DONE)
}

async fn expire(store: &Store, id: SilenceId, now: Timestamp) -> Result<u8, Failure> {
    if store.expire_silence(id, now).await? {
        print::line(&format!("silence {} is over", id.0))?;
        return Ok(exit::DONE);
    }
    let message = format!(
        "there is no silence {} that is not over; `wirewatch silence list` shows those that there are",
        id.0
    );
    Err(Failure::new(exit::NO, message))
}

impl New {
    fn silence(&self, config: &Config, now: Timestamp) -> Result<Silence, Failure> {
        self.refuse_unknown(config)?;
        let given = |names: &[String]| (!names.is_empty()).then(|| names.to_vec());
        let or_all = |names: &[String]| given(names).unwrap_or_else(|| vec![ALL.to_owned()]);
        let ends_at = self.ends_at(now)?;
        Ok(Silence {
            selection: Selection {
                feeds: or_all(&self.feeds),
                publishers: or_all(&self.publishers),
                tags: or_all(&self.tags),
                ..Selection::of(given(&self.topics), given(&self.actors))
            },
            sinks: self
                .sinks
                .iter()
                .map(|name| sink_name(name))
                .collect::<Result<_, _>>()?,
            starts_at: now,
            ends_at,
            reason: said("--reason", &self.reason)?,
            author: said("--author", &self.author)?,
        })
    }

    fn ends_at(&self, now: Timestamp) -> Result<Timestamp, Failure> {
        let usage = |message: String| Failure::new(exit::USAGE, message);
        let lasts = match &self.lasts {
            Some(text) => config::duration(text).map_err(|error| {
                usage(format!("--for: {error}; write it as in \"2h\" or \"3d\""))
            })?,
            None => SignedDuration::ZERO,
        };
        let ends_at = match &self.until {
            Some(text) => moment::past("--until", text, now)?,
            None => now.checked_add(lasts).unwrap_or(Timestamp::MAX),
        };
        if ends_at <= now {
            let message = "the silence would be over already; --for 2h lasts from now on";
            return Err(usage(message.to_owned()));
        }
        Ok(ends_at)
    }

    /// Who silences something that does not exist would wonder why it is not quiet.
    fn refuse_unknown(&self, config: &Config) -> Result<(), Failure> {
        let topics = &config.watchlist.topics;
        let tags_of_topics = topics.iter().flat_map(|topic| &topic.tags);
        let tags_of_topics: Vec<&str> = tags_of_topics.map(String::as_str).collect();
        let tags_of_feeds = config.feeds.iter().flat_map(|feed| &feed.tags);
        let tags_of_feeds: Vec<&str> = tags_of_feeds.map(String::as_str).collect();
        let topic_names = topics.iter().map(|topic| topic.id.as_str()).collect();
        let feed_names = config.feeds.iter().map(|feed| feed.id.as_str()).collect();
        let actors = config.watchlist.actors.iter();
        let actors = actors.map(|actor| actor.id.as_str()).collect();
        let sinks = config.sinks.iter().map(|sink| sink.name.as_str()).collect();
        let topics_or_tags = [topic_names, tags_of_topics.clone()].concat();
        let feeds_or_tags = [feed_names, tags_of_feeds.clone()].concat();
        let tags = [tags_of_topics, tags_of_feeds].concat();
        known("--topic", "topic or tag", &self.topics, &topics_or_tags)?;
        known("--actor", "actor", &self.actors, &actors)?;
        known("--feed", "feed or tag", &self.feeds, &feeds_or_tags)?;
        known("--tag", "tag", &self.tags, &tags)?;
        known("--sink", "sink", &self.sinks, &sinks)
    }
}

fn known(option: &str, noun: &str, names: &[String], known: &Vec<&str>) -> Result<(), Failure> {
    let is_known = |name: &&String| *name == ALL || known.contains(&name.as_str());
    let Some(name) = names.iter().find(|name| !is_known(name)) else {
        return Ok(());
    };
    let help = suggest::help(name, known.iter().copied());
    let help = help.map(|help| format!("; {help}")).unwrap_or_default();
    let name = printable(name, 100);
    let message = format!("{option}: there is no {noun} `{name}`{help}");
    Err(Failure::new(exit::USAGE, message))
}

fn said(option: &str, text: &str) -> Result<String, Failure> {
    let text = printable(text, TEXT_CHARS_MAX);
    if text.trim().is_empty() {
        let message = format!("{option}: write something, for whoever wonders later");
        return Err(Failure::new(exit::USAGE, message));
    }
    Ok(text)
}

/// What a silence keeps from whom, in words.
fn what(silence: &Silence) -> String {
    let Selection {
        topics,
        actors,
        feeds,
        publishers,
        tags,
    } = &silence.selection;
    let is_all = |names: &[String]| names.iter().any(|name| name == ALL);
    let mut parts: Vec<String> = Vec::new();
    if !is_all(topics) || !is_all(actors) {
        let either = [("topic", topics), ("actor", actors)];
        let named = either.iter().filter(|(_, names)| !names.is_empty());
        let named = named.map(|(noun, names)| format!("{noun} {}", names.join(" or ")));
        parts.push(named.collect::<Vec<_>>().join(" or "));
    }
    for (noun, names) in [("feed", feeds), ("publisher", publishers), ("tag", tags)] {
        if !is_all(names) {
            parts.push(format!("{noun} {}", names.join(" or ")));
        }
    }
    if !silence.sinks.is_empty() {
        let names: Vec<&str> = silence.sinks.iter().map(SinkName::as_str).collect();
        parts.push(format!("at {}", names.join(" and ")));
    }
    printable(&parts.join(", "), 300)
}

fn silence_json(id: SilenceId, silence: &Silence, now: Timestamp) -> Value {
    json!({
        "id": id.0,
        "selection": silence.selection,
        "sinks": silence.sinks,
        "starts_at": silence.starts_at,
        "ends_at": silence.ends_at,
        "reason": silence.reason,
        "author": silence.author,
        "holds": silence.holds_at(now),
    })
}
