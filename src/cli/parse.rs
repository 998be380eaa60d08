//! `wirewatch parse`: a feed as wirewatch understands it.

use super::exit::{self, Failure};
use super::input::{self, Input};
use super::{Global, block_on, print};
use crate::feed::{self, Entry, Feed, Polling};
use crate::text::{count, printable};
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Feeds: files, addresses, or - for standard input
    #[arg(value_name = "FILE|URL|-", default_value = "-")]
    inputs: Vec<String>,
    /// Print one JSON object a feed
    #[arg(long)]
    json: bool,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<u8, Failure> {
    let http = input::http(global)?;
    block_on(async {
        let mut code = exit::DONE;
        for name in &arguments.inputs {
            let shown = match input::read(name, &http).await {
                Ok(input) => show(&input, arguments.json),
                Err(failure) => Err(failure),
            };
            // One bad input does not keep the others from being shown.
            match shown {
                Ok(()) => {}
                Err(failure) if failure.message.is_empty() => return Err(failure),
                Err(failure) => {
                    print::complain(&failure.message);
                    code = failure.code;
                }
            }
        }
        Ok(code)
    })
}

fn show(input: &Input, json: bool) -> Result<(), Failure> {
    let feed = feed::parse(
        &input.bytes,
        input.url.as_ref(),
        input.content_type.as_deref(),
    )
    .map_err(|error| Failure::new(exit::DATA, format!("{}: {error}", input.name)))?;
    if json {
        let url = input.url.as_ref().map(ToString::to_string);
        let shown = ShownFeed::of(&feed, url.unwrap_or_else(|| input.name.clone()));
        let json =
            serde_json::to_vec(&shown).map_err(|error| Failure::new(exit::SOFTWARE, error))?;
        return print::json_line(&json);
    }
    let title = printable(feed.title.as_deref().unwrap_or("(no title)"), 200);
    print::line(&print::bold(&format!(
        "{title} ({}, {})",
        feed.format.as_str(),
        count(feed.entries.len(), "entry")
    )))?;
    for problem in &feed.problems {
        print::line(&format!("  problem: {}", printable(problem, 300)))?;
    }
    for entry in &feed.entries {
        let date = entry.published.or(entry.updated);
        let date = date.map_or_else(|| "undated".to_owned(), |date| date.to_string());
        let title = printable(entry.title.as_deref().unwrap_or("(no title)"), 200);
        print::line(&format!("  {date}  {title}"))?;
        if let Some(link) = &entry.link {
            print::line(&format!("    {}", printable(link, 300)))?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct ShownFeed<'a> {
    url: String,
    format: &'static str,
    title: Option<&'a str>,
    link: Option<&'a str>,
    description: Option<&'a str>,
    language: Option<&'a str>,
    authors: &'a [String],
    categories: &'a [String],
    image: Option<&'a str>,
    updated: Option<Timestamp>,
    polling: ShownPolling<'a>,
    problems: &'a [String],
    entries: Vec<ShownEntry<'a>>,
}

#[derive(Serialize)]
struct ShownPolling<'a> {
    hubs: &'a [String],
    address: Option<&'a str>,
    next_page: Option<&'a str>,
    previous_archive: Option<&'a str>,
    ttl_minutes: Option<u32>,
    period_minutes: Option<u32>,
    skip_hours: &'a [u8],
    /// Monday is 1.
    skip_days: Vec<i8>,
}

#[derive(Serialize)]
struct ShownEntry<'a> {
    key: &'a str,
    guid: Option<&'a str>,
    title: Option<&'a str>,
    link: Option<&'a str>,
    published: Option<Timestamp>,
    updated: Option<Timestamp>,
    authors: &'a [String],
    categories: &'a [String],
    summary: Option<&'a str>,
    content: Option<&'a str>,
    language: Option<&'a str>,
    enclosures: Vec<ShownEnclosure<'a>>,
    image: Option<&'a str>,
    comments: Option<&'a str>,
    source: Option<&'a str>,
    place: Option<[f64; 2]>,
}

#[derive(Serialize)]
struct ShownEnclosure<'a> {
    url: &'a str,
    media_type: Option<&'a str>,
    length_bytes: Option<u64>,
}

impl<'a> ShownFeed<'a> {
    fn of(feed: &'a Feed, url: String) -> Self {
        Self {
            url,
            format: feed.format.as_str(),
            title: feed.title.as_deref(),
            link: feed.link.as_deref(),
            description: feed.description.as_deref(),
            language: feed.language.as_deref(),
            authors: &feed.authors,
            categories: &feed.categories,
            image: feed.image.as_deref(),
            updated: feed.updated,
            polling: ShownPolling::of(&feed.polling),
            problems: &feed.problems,
            entries: feed.entries.iter().map(ShownEntry::of).collect(),
        }
    }
}

impl<'a> ShownPolling<'a> {
    fn of(polling: &'a Polling) -> Self {
        Self {
            hubs: &polling.hubs,
            address: polling.address.as_deref(),
            next_page: polling.next_page.as_deref(),
            previous_archive: polling.previous_archive.as_deref(),
            ttl_minutes: polling.ttl_minutes,
            period_minutes: polling.period_minutes,
            skip_hours: &polling.skip_hours,
            skip_days: polling
                .skip_days
                .iter()
                .map(|day| day.to_monday_one_offset())
                .collect(),
        }
    }
}

impl<'a> ShownEntry<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            key: &entry.key.0,
            guid: entry.guid.as_deref(),
            title: entry.title.as_deref(),
            link: entry.link.as_deref(),
            published: entry.published,
            updated: entry.updated,
            authors: &entry.authors,
            categories: &entry.categories,
            summary: entry.summary.as_deref(),
            content: entry.content.as_deref(),
            language: entry.language.as_deref(),
            enclosures: entry
                .enclosures
                .iter()
                .map(|enclosure| ShownEnclosure {
                    url: &enclosure.url,
                    media_type: enclosure.media_type.as_deref(),
                    length_bytes: enclosure.length_bytes,
                })
                .collect(),
            image: entry.image.as_deref(),
            comments: entry.comments.as_deref(),
            source: entry.source.as_deref(),
            place: entry.place.map(|place| [place.latitude, place.longitude]),
        }
    }
}
