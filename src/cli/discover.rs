//! `wirewatch discover`: the feeds that a site offers, for one request.

use super::exit::{self, Failure};
use super::visit::{self, Found, Visit};
use super::{Global, block_on, input, print};
use crate::feed::Format;
use crate::feed::discovery::Offer;
use crate::text::printable;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The address of a page of the site, or of a feed
    url: String,
    /// Print one JSON object a feed
    #[arg(long)]
    json: bool,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let http = input::http(global)?;
    let url = visit::address(&arguments.url)?;
    let visit = block_on(Visit::make(url, false, &http))?;
    let offers = match visit.found()? {
        Found::Feed(feed, url) => {
            print::complain(&format!("{} is itself a feed", printable(&url, 300)));
            vec![Offer {
                url,
                title: feed.title,
                format: Some(feed.format),
                of_comments: false,
            }]
        }
        Found::Page(offers) => offers,
    };
    if offers.is_empty() {
        print::complain(&format!(
            "{} offers no feed; no address was guessed",
            visit::shown(&visit.url)
        ));
        return Ok(exit::NO);
    }
    if arguments.json {
        for offer in &offers {
            print::json(&json(offer))?;
        }
    } else {
        print::table(&rows(&offers))
            .iter()
            .try_for_each(|line| print::line(line))?;
    }
    Ok(exit::DONE)
}

/// One line a feed, for a person.
pub(super) fn rows(offers: &[Offer]) -> Vec<Vec<String>> {
    let row = |offer: &Offer| {
        let title = printable(offer.title.as_deref().unwrap_or_default(), 100);
        let mark = if offer.of_comments { " (comments)" } else { "" };
        vec![
            printable(&offer.url, 300),
            offer
                .format
                .map_or("-", |format| format.as_str())
                .to_owned(),
            format!("{title}{mark}").trim().to_owned(),
        ]
    };
    offers.iter().map(row).collect()
}

fn json(offer: &Offer) -> serde_json::Value {
    json!({
        "url": offer.url,
        "title": offer.title,
        "format": offer.format.map(Format::as_str),
        "comments": offer.of_comments,
    })
}
