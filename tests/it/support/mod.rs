//! What the end-to-end tests stand on: a news site, a receiver of webhooks, and
//! the real binary, all on loopback.

mod hub;
mod process;
mod receiver;
mod site;

pub(crate) use hub::{Hub, first_line};
pub(crate) use process::{Finished, Wirewatch};
pub(crate) use receiver::{Receiver, Webhook};
pub(crate) use site::{Page, Site};

use std::time::Duration;

/// How long a test waits for an event before it gives up.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A key that is good for tests only.
pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The watchlist that the project ships.
pub(crate) const WATCHLIST: &str = include_str!("../../../config/watchlist.toml");

/// An entry that the shipped watchlist alerts, told apart by its number.
pub(crate) fn alerting_entry(number: usize) -> String {
    entry(
        &format!("entry-{number}"),
        &format!("Pyongyang wants a non-aggression pact, report {number}"),
        "Talks go on.",
    )
}

/// An RSS item.
pub(crate) fn entry(guid: &str, title: &str, description: &str) -> String {
    format!(
        "<item><guid isPermaLink=\"false\">{guid}</guid><title>{title}</title>\
         <link>https://news.example/{guid}</link><description>{description}</description></item>"
    )
}

/// An RSS document of these items.
pub(crate) fn rss(items: &[String]) -> String {
    rss_with("", items)
}

/// An RSS document of these items that says something more of itself.
pub(crate) fn rss_with(more: &str, items: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Test Wire</title>\
         <link>https://news.example/</link>{more}{}</channel></rss>",
        items.concat()
    )
}

/// The story of 2003 as a feed.
pub(crate) fn story() -> String {
    let text = include_str!("../../../src/cli/demo/allied-response.txt");
    let (title, body) = text.split_once("\n\n").expect("a title");
    let paragraphs: String = body
        .split("\n\n")
        .map(|paragraph| format!("&lt;p&gt;{}&lt;/p&gt;", paragraph.trim()))
        .collect();
    rss(&[entry("story", title, &paragraphs)])
}
