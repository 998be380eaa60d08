//! `wirewatch feeds remove`: a feed out of the configuration.

use super::edit::Edit;
use super::{Global, print};
use crate::cli::exit::{self, Failure};
use crate::config::{Config, FeedConfig};
use crate::feed::FeedId;
use crate::text::{printable, suggest};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Its name in the configuration
    id: String,
}

pub(super) fn run(global: &Global, arguments: &Arguments, as_json: bool) -> Result<u8, Failure> {
    let (mut edit, config) = Edit::open(global)?;
    let feed = named(&config, &arguments.id)?;
    if let Some(listed) = &feed.listed {
        return Err(Failure::new(
            exit::USAGE,
            format!(
                "{} comes from {}; remove the outline with xmlUrl=\"{}\" there",
                feed.id,
                listed.file.display(),
                feed.url
            ),
        ));
    }
    if !edit.remove_feed(&feed.id) {
        return Err(Failure::new(
            exit::CONFIG,
            format!(
                "{} is not in {}; remove it where it is set",
                feed.id,
                edit.path().display()
            ),
        ));
    }
    edit.write()?;
    if as_json {
        let json = json!({ "id": feed.id.as_str(), "url": feed.url.as_str(), "removed": true });
        return print::json(&json).map(|()| exit::DONE);
    }
    print::line(&format!("removed {}", feed.id))?;
    print::complain(&format!(
        "wrote {}; a daemon that runs polls the feed until its next start",
        edit.path().display()
    ));
    Ok(exit::DONE)
}

/// The feed of a name that somebody typed.
pub(super) fn named<'a>(config: &'a Config, id: &str) -> Result<&'a FeedConfig, Failure> {
    let known = FeedId::new(id).ok();
    let feed = config
        .feeds
        .iter()
        .find(|feed| Some(&feed.id) == known.as_ref());
    feed.map(AsRef::as_ref).ok_or_else(|| {
        let names = config.feeds.iter().map(|feed| feed.id.as_str());
        let help = match suggest::nearest(id, names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "`wirewatch feeds` lists them".to_owned(),
        };
        let id = printable(id, 100);
        Failure::new(
            exit::USAGE,
            format!("there is no feed `{id}`\n  help: {help}"),
        )
    })
}
