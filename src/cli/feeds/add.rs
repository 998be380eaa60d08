//! `wirewatch feeds add`: a feed into the configuration, for one request.

use super::edit::{Edit, NewFeed};
use super::first_look::{self, Look};
use super::visit::{self, Found, Visit};
use super::{Global, block_on, print};
use crate::cli::discover;
use crate::cli::exit::{self, Failure};
use crate::config::{Config, FeedConfig};
use crate::feed::discovery::Offer;
use crate::feed::{Feed, FeedId, canonical_link};
use crate::store::Store;
use crate::text::{count, fold, printable};
use serde_json::json;
use std::sync::Arc;
use url::Url;

/// The longest id that is made of a title, in characters.
const ID_CHARS_MAX: usize = 40;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The address of the feed
    url: String,
    /// Its name in the configuration; without it, one is made of its title
    #[arg(long)]
    id: Option<String>,
    /// A tag; may be given several times
    #[arg(long = "tag", value_name = "T")]
    tags: Vec<String>,
    /// How often it is polled, such as "5m"
    #[arg(long, value_name = "D")]
    every: Option<String>,
    /// Who publishes it
    #[arg(long, value_name = "P")]
    publisher: Option<String>,
    /// If this is a page that offers one feed, ask for that feed and add it
    #[arg(long)]
    discover: bool,
}

pub(super) fn run(global: &Global, arguments: &Arguments, as_json: bool) -> Result<u8, Failure> {
    let (mut edit, config) = Edit::open(global)?;
    let mut new = NewFeed {
        url: arguments.url.trim().to_owned(),
        tags: arguments.tags.clone(),
        every: arguments.every.clone(),
        publisher: arguments.publisher.clone(),
    };
    let id = arguments.id.as_deref().map(|id| given_id(id, &config));
    let id = id.transpose()?;
    let url = visit::address(&new.url)?;
    if let Some(known) = configured(&config, &url) {
        return already(known, as_json);
    }
    // Every mistake but one of the publisher's is found before it is asked.
    let feed = preview(&edit, &config, id.as_ref(), &new)?;
    edit.try_out()?;
    block_on(async {
        let store = first_look::open_store(&config)?;
        let asked = async || Visit::make(url.clone(), false, &config.http).await;
        let mut look = Look::take(&store, &config, &feed, asked).await?;
        let mut found = look.visit.found()?;
        if let Found::Page(offers) = &found {
            let offer = the_one(offers, &look.visit, arguments.discover)?;
            new.url.clone_from(&offer.url);
            let url = visit::address(&new.url)?;
            if let Some(known) = configured(&config, &url) {
                return already(known, as_json);
            }
            let feed = preview(&edit, &config, id.as_ref(), &new)?;
            let asked = async || Visit::make(url, true, &config.http).await;
            look = Look::take(&store, &config, &feed, asked).await?;
            found = look.visit.found()?;
        }
        let Found::Feed(feed, _) = found else {
            let name = visit::shown(&look.visit.url);
            let message = format!("{name} is a page again, and no feed");
            return Err(Failure::new(exit::DATA, message));
        };
        let id = id.map_or_else(
            || free_id(feed.title.as_deref(), &look.visit.url, &config),
            Ok,
        )?;
        edit.add_feed(&id, &new)?;
        let config = edit.write()?;
        tell(&edit, &id, &new, &feed, as_json)?;
        keep(look, &store, &config, &id).await?;
        store.close().await?;
        Ok(exit::DONE)
    })
}

/// The feed as it would be configured.
fn preview(
    edit: &Edit,
    config: &Config,
    id: Option<&FeedId>,
    new: &NewFeed,
) -> Result<Arc<FeedConfig>, Failure> {
    let id = match id {
        Some(id) => id.clone(),
        None => free_id(None, &visit::address(&new.url)?, config)?,
    };
    let mut edit = edit.clone();
    edit.add_feed(&id, new)?;
    let preview = edit.preview()?;
    let feed = preview.feeds.into_iter().find(|feed| feed.id == id);
    feed.ok_or_else(|| Failure::new(exit::SOFTWARE, format!("`{id}` is not among the feeds")))
}

fn given_id(id: &str, config: &Config) -> Result<FeedId, Failure> {
    let id = FeedId::new(id).map_err(|error| Failure::new(exit::USAGE, error))?;
    match config.feeds.iter().find(|feed| feed.id == id) {
        Some(feed) => Err(Failure::new(
            exit::USAGE,
            format!(
                "`{id}` is the name of {} already; choose another",
                visit::shown(&feed.url)
            ),
        )),
        None => Ok(id),
    }
}

/// The feed that has this address, however it is written.
fn configured<'a>(config: &'a Config, url: &Url) -> Option<&'a FeedConfig> {
    let canonical = canonical_link(url.as_str());
    let mut feeds = config.feeds.iter().map(AsRef::as_ref);
    feeds.find(|feed: &&FeedConfig| canonical_link(feed.url.as_str()) == canonical)
}

fn already(feed: &FeedConfig, as_json: bool) -> Result<u8, Failure> {
    if as_json {
        let json = json!({ "id": feed.id.as_str(), "url": feed.url.as_str(), "added": false });
        print::json(&json)?;
    } else {
        print::line(&format!("this feed is configured already, as {}", feed.id))?;
    }
    Ok(exit::DONE)
}

/// The one feed that a page offers, if it may be asked for.
fn the_one<'a>(offers: &'a [Offer], page: &Visit, may_ask: bool) -> Result<&'a Offer, Failure> {
    let name = visit::shown(&page.url);
    let fail = |message: String| Err(Failure::new(exit::DATA, message));
    let own: Vec<&Offer> = offers.iter().filter(|offer| !offer.of_comments).collect();
    match own.as_slice() {
        [] if offers.is_empty() => fail(format!("{name} is a page, and offers no feed")),
        [only] if may_ask => Ok(only),
        [only] => fail(format!(
            "{name} is a page; add the feed that it offers: wirewatch feeds add {}\n  help: with --discover that is done at once",
            printable(&only.url, 300)
        )),
        _ => fail(format!(
            "{name} is a page that offers several feeds; add one of them:\n{}",
            print::table(&discover::rows(offers)).join("\n")
        )),
    }
}

/// A name that no feed has: made of the title, else of the host.
fn free_id(title: Option<&str>, url: &Url, config: &Config) -> Result<FeedId, Failure> {
    let made = title.map(slug).filter(|slug| !slug.is_empty());
    let host = || {
        slug(
            url.host_str()
                .unwrap_or_default()
                .trim_start_matches("www."),
        )
    };
    let base = made.unwrap_or_else(host);
    let taken = |id: &FeedId| config.feeds.iter().any(|feed| feed.id == *id);
    std::iter::once(base.clone())
        .chain((2..).map(|number| format!("{base}-{number}")))
        .map_while(|id| FeedId::new(&id).ok())
        .find(|id| !taken(id))
        .ok_or_else(|| Failure::new(exit::USAGE, "no name can be made for it; give one: --id ID"))
}

/// A text as a name: its letters and digits without marks, parted by hyphens.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in fold(text).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    if slug.len() > ID_CHARS_MAX {
        slug.truncate(ID_CHARS_MAX);
        if let Some((whole, _)) = slug.rsplit_once('-') {
            slug = whole.to_owned();
        }
    }
    slug.trim_end_matches('-').to_owned()
}

fn tell(
    edit: &Edit,
    id: &FeedId,
    new: &NewFeed,
    feed: &Feed,
    as_json: bool,
) -> Result<(), Failure> {
    let (format, entries) = (feed.format.as_str(), feed.entries.len());
    if as_json {
        let json = json!({
            "id": id.as_str(), "url": new.url, "title": feed.title, "format": format,
            "entries": entries, "added": true,
        });
        return print::json(&json);
    }
    let title = printable(feed.title.as_deref().unwrap_or("(no title)"), 100);
    print::line(&format!(
        "added {id}: {title} ({format}, {})",
        count(entries, "entry")
    ))?;
    print::complain(&format!(
        "wrote {}; a daemon that runs takes the feed up at its next start",
        edit.path().display()
    ));
    Ok(())
}

/// Keeps the answer as the first poll. The feed is configured by now: should
/// this fail, the daemon asks again.
async fn keep(look: Look, store: &Store, config: &Config, id: &FeedId) -> Result<(), Failure> {
    let Some(feed) = config.feeds.iter().find(|feed| feed.id == *id) else {
        return Ok(());
    };
    match look.keep(store, config, feed).await {
        Ok(ingested) if ingested.alerts > 0 => {
            let alerts = count(ingested.alerts, "alert");
            print::complain(&format!("its entries made {alerts}"));
        }
        Ok(_) => {}
        Err(failure) => print::complain(&format!(
            "its entries could not be stored, so the daemon will ask for them again: {}",
            failure.message
        )),
    }
    Ok(())
}

#[cfg(test)]
#[path = "add_tests.rs"]
mod tests;
