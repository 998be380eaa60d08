//! `wirewatch feeds`: which feeds there are, how they do, and how they come and go.

mod add;
mod first_look;
mod list;
mod poll;
mod remove;

use super::exit::Failure;
use super::{Global, block_on, edit, print, visit};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print JSON, one object a line
    #[arg(long, global = true)]
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
    /// Poll a feed as early as its publisher allows
    Poll(poll::Arguments),
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let json = arguments.json;
    match &arguments.action {
        None | Some(Action::List) => list::run(global, json),
        Some(Action::Add(arguments)) => add::run(global, arguments, json),
        Some(Action::Remove(arguments)) => remove::run(global, arguments, json),
        Some(Action::Poll(arguments)) => poll::run(global, arguments, json),
    }
}
