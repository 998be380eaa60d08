//! `wirewatch feeds import`: the feeds of a list into the configuration.
//!
//! They go into an OPML file beside it, which the key `opml` names: a thousand
//! tables would bury what somebody wrote. Each is then polled once, which tells
//! the dead from the living and spares a daemon its first request.

use super::edit::{self, Edit};
use super::first_look;
use super::progress::Progress;
use super::{Global, block_on, print};
use crate::cli::exit::{self, Failure};
use crate::config::{Config, FeedConfig, Http};
use crate::daemon::{self, CLOCK};
use crate::feed::opml::{self, Opml, Outline};
use crate::feed::{FeedId, canonical_link};
use crate::fetch::Client;
use crate::scheduler::Scheduler;
use crate::text::printable;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// The file that is made when the configuration names none.
const LIST: &str = "feeds.opml";
/// The largest list, in bytes.
const LIST_BYTES_MAX: u64 = 16 << 20;
/// The longest that one feed is waited for, and all of them together: what has
/// not answered by then a daemon asks.
const ANSWER_MAX: SignedDuration = SignedDuration::from_secs(8);
const LOOK_MAX: SignedDuration = SignedDuration::from_mins(2);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The list; `-` is standard input
    #[arg(value_name = "FILE.opml")]
    file: PathBuf,
    /// Poll each new feed once, to tell which are dead (the default)
    #[arg(long, overrides_with = "no_check")]
    check: bool,
    /// Ask nobody; the daemon polls them when it starts
    #[arg(long, overrides_with = "check")]
    no_check: bool,
    /// Leave dead feeds out
    #[arg(long, conflicts_with = "no_check")]
    skip_dead: bool,
}

/// What becomes of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// It is new, and nothing more is known.
    Added,
    /// It is new and works.
    Works,
    /// It is new and dead, for this reason.
    Dead(String),
    /// It was configured before.
    AlreadyThere,
    /// Its address is none, for this reason.
    Unusable(String),
}

/// A feed of the list.
#[derive(Debug)]
struct Imported {
    outline: Outline,
    id: Option<FeedId>,
    outcome: Outcome,
}

pub(super) fn run(global: &Global, arguments: &Arguments, as_json: bool) -> Result<u8, Failure> {
    let (mut edit, config) = Edit::open(global)?;
    let list = read(&arguments.file)?;
    let mut feeds = sort(list, &config);
    if feeds.is_empty() {
        let name = arguments.file.display();
        print::complain(&format!("{name}: no feed is in this list"));
    }
    let new = |feeds: &[Imported]| -> Vec<Outline> {
        let new = feeds.iter().filter(|feed| feed.outcome == Outcome::Added);
        new.map(|feed| feed.outline.clone()).collect()
    };
    let added = new(&feeds);
    if !added.is_empty() {
        let target = Target::find(&edit, &arguments.file)?;
        if target.is_source && arguments.skip_dead {
            let message = "--skip-dead: this list becomes a part of the configuration as it is; take the dead feeds out of it";
            return Err(Failure::new(exit::USAGE, message));
        }
        let config = target.write(&mut edit, &added)?;
        note_ids(&mut feeds, &config);
        // They are configured by now; what follows is for the summary.
        if !arguments.no_check
            && let Err(failure) = look(&mut feeds, &config)
        {
            let message = format!("not all could be asked: {}", failure.message);
            print::complain(&message);
        }
        if arguments.skip_dead {
            let living: Vec<Outline> = feeds
                .iter()
                .filter(|feed| matches!(feed.outcome, Outcome::Added | Outcome::Works))
                .map(|feed| feed.outline.clone())
                .collect();
            target.write(&mut edit, &living)?;
        }
        print::complain(&format!(
            "wrote {}; a daemon that runs takes the feeds up at its next start",
            target.path.display()
        ));
    }
    report(&feeds, arguments, as_json)?;
    Ok(exit::DONE)
}

fn read(path: &Path) -> Result<Opml, Failure> {
    let fail = |why: String| Failure::new(exit::DATA, format!("{}: {why}", path.display()));
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        let input = std::io::stdin().lock();
        input.take(LIST_BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path)
            .and_then(|file| file.take(LIST_BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| fail(error.to_string()))?;
    if bytes.len() as u64 > LIST_BYTES_MAX {
        return Err(fail("larger than 16 MiB; split it".to_owned()));
    }
    let list = opml::parse(&opml::decode(&bytes)).map_err(|error| fail(error.to_string()))?;
    if list.is_cut {
        return Err(fail(format!(
            "more than {} feeds; split it",
            opml::FEEDS_MAX
        )));
    }
    Ok(list)
}

/// Every feed of a list once, with the tags of all its places.
fn sort(list: Opml, config: &Config) -> Vec<Imported> {
    let known: HashSet<Option<String>> = config
        .feeds
        .iter()
        .map(|feed| canonical_link(feed.url.as_str()))
        .collect();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut feeds: Vec<Imported> = Vec::new();
    for outline in list.feeds {
        let canonical = canonical_link(&outline.url);
        let key = canonical.clone().unwrap_or_else(|| outline.url.clone());
        if let Some(feed) = places.get(&key).and_then(|place| feeds.get_mut(*place)) {
            for tag in outline.tags {
                if !feed.outline.tags.contains(&tag) {
                    feed.outline.tags.push(tag);
                }
            }
            continue;
        }
        places.insert(key, feeds.len());
        let outcome = match &canonical {
            None => Outcome::Unusable(why_unusable(&outline.url)),
            Some(_) if known.contains(&canonical) => Outcome::AlreadyThere,
            Some(_) => Outcome::Added,
        };
        feeds.push(Imported {
            outline,
            id: None,
            outcome,
        });
    }
    feeds
}

fn why_unusable(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => format!("`{}:` addresses are not fetched", url.scheme()),
        Err(_) => "this is not an address".to_owned(),
    }
}

/// The file that the feeds go into.
struct Target {
    path: PathBuf,
    /// The name to add to the key `opml`, if it does not name it yet.
    unnamed: Option<&'static str>,
    /// What it held before; nothing if it was not there.
    before: Option<String>,
    /// Whether it is the very list that is imported.
    is_source: bool,
}

impl Target {
    fn find(edit: &Edit, source: &Path) -> Result<Self, Failure> {
        let is_name = |name: &String| !name.contains(['*', '?', '[']);
        let named = edit.lists().into_iter().find(is_name);
        let folder = edit.path().parent().unwrap_or_else(|| Path::new(""));
        let path = folder.join(named.as_deref().unwrap_or(LIST));
        let same = |a: &Path, b: &Path| matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b);
        let is_source = same(&path, source);
        if named.is_none() && path.exists() && !is_source {
            return Err(Failure::new(
                exit::CONFIG,
                format!(
                    "{} is there, and `opml` does not name it; name it, or move it away",
                    path.display()
                ),
            ));
        }
        let before = path.exists().then(|| std::fs::read_to_string(&path));
        let before = before
            .transpose()
            .map_err(|error| Failure::new(exit::DATA, format!("{}: {error}", path.display())))?;
        Ok(Self {
            path,
            unnamed: named.is_none().then_some(LIST),
            before,
            is_source,
        })
    }

    /// Writes the file as it was before with these feeds, and sees to it that the
    /// configuration names it and loads; else all is as it was.
    fn write(&self, edit: &mut Edit, feeds: &[Outline]) -> Result<Config, Failure> {
        if !self.is_source {
            let empty = || opml::write("Feeds", &[]);
            let before = self.before.clone().unwrap_or_else(empty);
            let list = opml::parse(&before).map_err(|error| {
                Failure::new(exit::DATA, format!("{}: {error}", self.path.display()))
            })?;
            let text = opml::insert(&before, &list, feeds);
            edit::replace(&self.path, text.as_bytes())?;
        }
        let written = match self.unnamed {
            Some(name) if !edit.lists().iter().any(|list| list == name) => {
                edit.add_opml(name).and_then(|()| edit.write())
            }
            _ => edit.preview(),
        };
        if written.is_err() && !self.is_source {
            match &self.before {
                Some(before) => edit::replace(&self.path, before.as_bytes())?,
                None => std::fs::remove_file(&self.path).map_err(|error| {
                    Failure::new(exit::IO, format!("{}: {error}", self.path.display()))
                })?,
            }
        }
        written
    }
}

/// Notes what each new feed is called now.
fn note_ids(feeds: &mut [Imported], config: &Config) {
    let ids: HashMap<String, &FeedId> = config
        .feeds
        .iter()
        .filter_map(|feed| Some((canonical_link(feed.url.as_str())?, &feed.id)))
        .collect();
    for feed in feeds {
        let canonical = canonical_link(&feed.outline.url);
        let id = canonical.and_then(|canonical| ids.get(&canonical).copied());
        feed.id = id.cloned();
    }
}

/// Polls each new feed once.
fn look(feeds: &mut [Imported], config: &Config) -> Result<(), Failure> {
    let mut places: HashMap<FeedId, usize> = HashMap::new();
    for (place, feed) in feeds.iter().enumerate() {
        if let Some(id) = feed.id.clone().filter(|_| feed.outcome == Outcome::Added) {
            places.insert(id, place);
        }
    }
    let is_new = |feed: &&Arc<FeedConfig>| places.contains_key(&feed.id);
    let new: Vec<Arc<FeedConfig>> = config.feeds.iter().filter(is_new).cloned().collect();
    let http = Http {
        timeout: config.http.timeout.min(ANSWER_MAX),
        ..config.http.clone()
    };
    let client = Client::new(&http).map_err(|error| Failure::new(exit::CONFIG, error))?;
    let watch = daemon::watch_of(config).map_err(daemon::DaemonError::from)?;
    let until = (CLOCK.now)().checked_add(LOOK_MAX);
    let until = until.map_err(|error| Failure::new(exit::SOFTWARE, error))?;
    let mut progress = Progress::new(new.len());
    block_on(async {
        let store = first_look::open_store(config)?;
        let rules = config.hosts.clone();
        let scheduler =
            Scheduler::of_new_feeds((&new, rules), (client, store.clone()), watch, CLOCK).await?;
        scheduler
            .look(until, |state| {
                progress.step();
                let place = places.get(&state.feed).copied();
                if let Some(feed) = place.and_then(|place| feeds.get_mut(place)) {
                    feed.outcome = match &state.last_error {
                        Some(error) => Outcome::Dead(error.clone()),
                        None => Outcome::Works,
                    };
                }
            })
            .await?;
        Ok(store.close().await?)
    })?;
    progress.end();
    Ok(())
}

fn report(feeds: &[Imported], arguments: &Arguments, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return feeds.iter().try_for_each(|feed| print::json(&json(feed)));
    }
    let count = |is: fn(&Outcome) -> bool| feeds.iter().filter(|feed| is(&feed.outcome)).count();
    let dead = count(|it| matches!(it, Outcome::Dead(_)));
    let living = count(|it| matches!(it, Outcome::Added | Outcome::Works));
    let added = if arguments.skip_dead {
        living
    } else {
        living + dead
    };
    print::line(&format!(
        "{added} added, {} already there, {dead} dead",
        count(|it| *it == Outcome::AlreadyThere)
    ))?;
    let unasked = count(|it| *it == Outcome::Added);
    if unasked > 0 {
        let why = if arguments.no_check {
            String::new()
        } else {
            format!("{unasked} of them, as their hosts are asked for one thing at a time: ")
        };
        print::line(&format!("{why}not asked yet; the daemon will"))?;
    }
    let head = if arguments.skip_dead {
        "dead, and left out:"
    } else {
        "dead, and added all the same:"
    };
    section(head, feeds, |outcome| match outcome {
        Outcome::Dead(why) => Some(why),
        _ => None,
    })?;
    let head = "left out, because they cannot be asked for:";
    section(head, feeds, |outcome| match outcome {
        Outcome::Unusable(why) => Some(why),
        _ => None,
    })
}

/// Names every feed for which there is something to say.
fn section(
    head: &str,
    feeds: &[Imported],
    why: fn(&Outcome) -> Option<&String>,
) -> Result<(), Failure> {
    let told = feeds
        .iter()
        .filter_map(|feed| Some(row(feed, why(&feed.outcome)?)));
    let rows: Vec<Vec<String>> = told.collect();
    if rows.is_empty() {
        return Ok(());
    }
    print::line(head)?;
    let mut lines = print::table(&rows).into_iter();
    lines.try_for_each(|line| print::line(&format!("  {line}")))
}

fn row(feed: &Imported, why: &str) -> Vec<String> {
    let title = feed.outline.title.as_deref().unwrap_or("(no title)");
    vec![
        printable(title, 60),
        printable(&shown(&feed.outline.url), 200),
        printable(why, 200),
    ]
}

/// An address without a login.
fn shown(address: &str) -> String {
    match Url::parse(address) {
        Ok(url) => super::visit::shown(&url),
        Err(_) => address.to_owned(),
    }
}

fn json(feed: &Imported) -> serde_json::Value {
    let (outcome, error) = match &feed.outcome {
        Outcome::Added => ("added", None),
        Outcome::Works => ("works", None),
        Outcome::Dead(why) => ("dead", Some(why)),
        Outcome::AlreadyThere => ("already-there", None),
        Outcome::Unusable(why) => ("unusable", Some(why)),
    };
    json!({
        "id": feed.id.as_ref().map(FeedId::as_str),
        "url": shown(&feed.outline.url),
        "title": feed.outline.title,
        "outcome": outcome,
        "error": error,
    })
}
