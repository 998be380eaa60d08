//! `wirewatch feeds`: which feeds there are, how they do, and how they come and go.

mod add;
mod export;
mod first_look;
mod import;
mod list;
mod poll;
mod progress;
mod remove;

use super::exit::Failure;
use super::{Global, LAST, block_on, edit, print, visit};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print JSON, one object a line
    #[arg(long, global = true, display_order = LAST - 1)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the feeds (the default)
    List,
    /// Add a feed to the configuration, with one request
    Add(add::Arguments),
    /// Remove a feed from the configuration
    Remove(remove::Arguments),
    /// Add the feeds of an OPML list, and tell which of them are dead
    Import(import::Arguments),
    /// Write all feeds as an OPML list to standard output
    Export,
    /// Poll a feed as early as its publisher allows
    Poll(poll::Arguments),
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let json = arguments.json;
    match &arguments.action {
        None | Some(Action::List) => list::run(global, json),
        Some(Action::Add(arguments)) => add::run(global, arguments, json),
        Some(Action::Remove(arguments)) => remove::run(global, arguments, json),
        Some(Action::Import(arguments)) => import::run(global, arguments, json),
        Some(Action::Export) => export::run(global, json),
        Some(Action::Poll(arguments)) => poll::run(global, arguments, json),
    }
}
