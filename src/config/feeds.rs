//! `[poll]` and `[feed.ID]`.

use super::item::{Item, Table};
use super::reading::{Draft, Place};
use super::tree::Value;
use super::{FeedConfig, Secret, amounts, later, lint, opml, secret, settings};
use crate::feed::FeedId;
use crate::policy::page::FullText;
use crate::policy::poll::{Every, FirstRun, PollLimits};
use crate::text::suggest;
use jiff::SignedDuration;
use std::sync::Arc;
use url::{ParseError, Url};

/// The largest budget of requests a minute: more than one machine can make.
const REQUESTS_PER_MINUTE_MAX: u32 = 1_000_000;

/// The most feeds.
const FEEDS_MAX: usize = 100_000;

/// `[poll]`: what holds for every feed that does not say otherwise.
#[derive(Debug)]
pub(super) struct Poll<'a> {
    pub(super) limits: Option<PollLimits>,
    pub(super) full_text: Option<FullText>,
    every: Option<Item<'a>>,
    /// Whether hubs can reach us.
    reachable: bool,
}

pub(super) fn poll<'a>(table: &Table<'a>, reachable: bool) -> Poll<'a> {
    let (mut limits, every) = limits(table, None);
    let budget = table.get("requests_per_minute");
    let budget = budget.and_then(|item| requests_per_minute(&item));
    if let Some(limits) = &mut limits {
        limits.requests_per_minute = budget;
    }
    let full_text = full_text(table, None);
    later::refuse_keys(table, "poll");
    table.finish();
    Poll {
        limits,
        full_text,
        every,
        reachable,
    }
}

/// Whether pages are read.
fn full_text(table: &Table<'_>, base: Option<FullText>) -> Option<FullText> {
    match table.get("full_text") {
        Some(item) => item.word(&FullText::WORDS),
        None => base,
    }
}

/// The limits in a table, and where it sets the interval.
fn limits<'a>(
    table: &Table<'a>,
    base: Option<PollLimits>,
) -> (Option<PollLimits>, Option<Item<'a>>) {
    let every = table.get("every");
    let min = table.get("min");
    let max = table.get("max");
    let host_spacing = table.get("host_spacing");
    let first_run = table.get("first_run");
    let read = |item: &Option<Item<'a>>, inherited: Option<SignedDuration>| match item {
        Some(item) => settings::positive(item),
        None => inherited,
    };
    let every_value = match &every {
        Some(item) => every_of(item),
        None => base.map(|base| base.every),
    };
    let min_value = read(&min, base.map(|base| base.min));
    let max_value = read(&max, base.map(|base| base.max));
    let host_spacing = match &host_spacing {
        // No wait at all is for hosts of one's own.
        Some(item) => item.duration(),
        None => base.map(|base| base.host_spacing),
    };
    let first_run = match &first_run {
        Some(item) => first_run_of(item),
        None => base.map(|base| base.first_run),
    };
    if let (Some(min_value), Some(max_value)) = (min_value, max_value) {
        let pairs = match every_value {
            Some(Every::Fixed(wait)) => vec![
                ("min", min_value, "every", wait, [&min, &every]),
                ("every", wait, "max", max_value, [&every, &max]),
            ],
            Some(Every::Auto) | None => vec![("min", min_value, "max", max_value, [&min, &max])],
        };
        for (low, low_value, high, high_value, items) in pairs {
            if low_value > high_value {
                let message = format!(
                    "`{low}` ({}) is more than `{high}` ({})",
                    amounts::show(low_value),
                    amounts::show(high_value)
                );
                disorder(items, &message, high, low);
            }
        }
    }
    let limits = every_value
        .zip(min_value)
        .zip(max_value)
        .zip(host_spacing.zip(first_run))
        .map(
            |(((every, min), max), (host_spacing, first_run))| PollLimits {
                every,
                min,
                max,
                requests_per_minute: base.and_then(|base| base.requests_per_minute),
                host_spacing,
                first_run,
            },
        );
    (limits, every)
}

/// Notes two limits in the wrong order, at the one that somebody wrote last.
fn disorder(items: [&Option<Item<'_>>; 2], message: &str, high: &str, low: &str) {
    let written = |item: &&Item<'_>| *item.place() != Place::Default;
    let Some(item) = items.into_iter().rev().flatten().find(written) else {
        return;
    };
    item.fail::<()>(message, &format!("raise `{high}` or lower `{low}`"));
}

fn every_of(item: &Item<'_>) -> Option<Every> {
    if let Value::Text(text) | Value::Loose(text) = &item.node.value {
        if text == "auto" {
            return Some(Every::Auto);
        }
        if let Err(message) = amounts::duration(text) {
            let help = match suggest::nearest(text, ["auto"]) {
                Some(_) => "did you mean `auto`?".to_owned(),
                None => format!("{}, or \"auto\"", amounts::DURATION_HELP),
            };
            return item.fail(message, &help);
        }
    }
    settings::positive(item).map(Every::Fixed)
}

fn requests_per_minute(item: &Item<'_>) -> Option<u32> {
    let number = match &item.node.value {
        Value::Integer(number) => u32::try_from(*number).ok(),
        Value::Loose(text) => text.parse().ok(),
        _ => None,
    };
    let possible = number.filter(|number| (1..=REQUESTS_PER_MINUTE_MAX).contains(number));
    possible.or_else(|| {
        item.fail(
            "this is no number of requests a minute",
            &format!("write a whole number from 1 to {REQUESTS_PER_MINUTE_MAX}"),
        )
    })
}

fn first_run_of(item: &Item<'_>) -> Option<FirstRun> {
    match item.text()? {
        "none" => Some(FirstRun::None),
        "all" => Some(FirstRun::All),
        text => match amounts::duration(text) {
            Ok(duration) => Some(FirstRun::Within(duration)),
            Err(message) => item.fail(
                message,
                "write \"none\", \"all\", or an age such as \"24h\"",
            ),
        },
    }
}

/// Every feed that is sound, in the order of the file, and then those of the
/// lists.
pub(super) fn feeds(table: &Table<'_>, poll: &Poll<'_>, lists: &[usize]) -> Vec<Arc<FeedConfig>> {
    let named = table.named();
    let mut manners = lint::Manners::default();
    let mut feeds = Vec::new();
    for (name, place, item) in named {
        let id = item.name(name, place, FeedId::new);
        if let Some(table) = item.table() {
            feeds.extend(feed(id, &table, poll, &mut manners));
        }
    }
    opml::add(lists, poll, &mut feeds, table.reading);
    for feed in feeds.iter().filter(|feed| feed.listed.is_some()) {
        manners.see_interval(&feed.url, feed.poll.shortest(), poll.every.as_ref());
    }
    manners.note(table.reading);
    if feeds.len() > FEEDS_MAX {
        let message = format!("there are {} feeds", feeds.len());
        let draft = Draft::error(table.place, &table.path, message);
        table
            .reading
            .note(draft.help(format!("at most {FEEDS_MAX} are polled")));
    }
    feeds.into_iter().map(Arc::new).collect()
}

fn feed<'a>(
    id: Option<FeedId>,
    table: &Table<'a>,
    poll: &Poll<'a>,
    manners: &mut lint::Manners<'a>,
) -> Option<FeedConfig> {
    let url_item = table.need("url", "\"https://example.org/feed.xml\"");
    let (limits, every) = limits(table, poll.limits);
    refuse_budget(table);
    let full_text = full_text(table, poll.full_text);
    let push = table.get("push").map(|item| push(&item, poll.reachable));
    let tags = tags(table);
    let publisher = table.get("publisher").and_then(|item| item.filled());
    let language = table.get("language").and_then(|item| language(&item));
    let address = url_item.as_ref().and_then(address);
    let login = login(table, address.as_ref().and_then(|(_, login)| login.clone()));
    let headers = table.get("headers").map(|item| headers(&item));
    later::refuse_keys(table, "feed");
    table.finish();
    let (url, _) = address?;
    if let (Some(item), Some(limits)) = (&url_item, limits) {
        manners.see(
            &url,
            item,
            limits.shortest(),
            every.as_ref().or(poll.every.as_ref()),
        );
    }
    Some(FeedConfig {
        id: id?,
        url,
        poll: limits?,
        full_text: full_text?,
        push: push.unwrap_or(Some(true))?,
        tags,
        publisher: publisher.map(str::to_owned),
        language,
        login,
        headers: headers.unwrap_or_default(),
        listed: None,
    })
}

/// The budget of all feeds together is no key of one, nor offered as such.
fn refuse_budget(table: &Table<'_>) {
    const KEY: &str = "requests_per_minute";
    let written = table.named().iter().any(|(key, ..)| *key == KEY);
    // Asking for a key is what makes it known.
    let item = written.then(|| table.get(KEY)).flatten();
    if let Some(item) = item {
        item.fail::<()>(
            "this is what all feeds may cost together",
            "write it into [poll]; a feed has `every`, `min` and `max`",
        );
    }
}

/// Whether a hub may announce the feed, which takes a way for hubs to reach us.
fn push(item: &Item<'_>, reachable: bool) -> Option<bool> {
    let push = item.boolean()?;
    if push && !reachable {
        return item.fail(
            "no hub can reach us without a table [websub]",
            "add one with a `callback`, or remove the key",
        );
    }
    Some(push)
}

/// Tags: `*` is kept for "all" in routes.
pub(super) fn tags(table: &Table<'_>) -> Vec<String> {
    let items = table.get("tags").map(|item| item.texts());
    items
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(item, text)| {
            if text == "*" {
                return item.fail("`*` is not a tag", "in routes it stands for all");
            }
            Some(text.to_owned())
        })
        .collect()
}

fn language(item: &Item<'_>) -> Option<String> {
    let text = item.filled()?;
    let sound = text.split('-').all(|part| {
        (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    });
    let primary = text.split('-').next().unwrap_or_default();
    if !sound || !(2..=3).contains(&primary.len()) {
        let message = format!("`{text}` is not a language");
        return item.fail(message, "write a code such as \"en\" or \"pt-BR\"");
    }
    Some(text.to_owned())
}

pub(super) type Login = (String, Secret);

/// The address of a feed, and the login that stood in it.
pub(super) fn address(item: &Item<'_>) -> Option<(Url, Option<Login>)> {
    let text = item.filled()?;
    if text.contains('@') {
        // What stands before the sign may be a password.
        item.reading.hide_value(item.node);
    }
    let mut url = web_address(item, text)?;
    if url.username().is_empty() && url.password().is_none() {
        return Some((url, None));
    }
    let login = (
        decoded(url.username()),
        Secret::new(decoded(url.password().unwrap_or_default())),
    );
    // Neither fails for an address that has a host.
    let stripped = url.set_username("").and_then(|()| url.set_password(None));
    if stripped.is_err() {
        return item.fail(
            "no login can stand in this address",
            "use `username` and `password`",
        );
    }
    if item.node.value.type_name() == "text" && *item.place() != Place::Default {
        lint::literal_secret(item);
    }
    Some((url, Some(login)))
}

/// An address that can be asked with HTTP.
pub(super) fn web_address(item: &Item<'_>, text: &str) -> Option<Url> {
    const HELP: &str = "write one such as \"https://example.org/feed.xml\"";
    match Url::parse(text.trim()) {
        // The scheme is not shown: what somebody took for an address may be a secret.
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            item.fail("this is not an http or https address", HELP)
        }
        Ok(url) if url.has_host() => Some(url),
        Ok(_) => item.fail("this address has no host", HELP),
        Err(ParseError::RelativeUrlWithoutBase) => {
            item.fail("an address begins with https:// or http://", HELP)
        }
        Err(error) => item.fail(format!("this is not an address: {error}"), HELP),
    }
}

/// Text without percent-encoding (RFC 3986, section 2.1); what is no valid
/// encoding stays as it is.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn login(table: &Table<'_>, in_address: Option<Login>) -> Option<Login> {
    let username = table.get("username");
    let password = table.get("password");
    let secret = password.as_ref().and_then(secret::read);
    match (&username, &password) {
        (None, None) => in_address,
        (Some(item), _) if in_address.is_some() => item.fail(
            "a login stands in the address as well",
            "remove one of the two",
        ),
        (Some(item), None) => item.fail("there is no `password` to this", "add one"),
        (None, Some(item)) => item.fail("there is no `username` to this", "add one"),
        (Some(item), Some(_)) => {
            let username = item.filled()?;
            if username.contains(':') {
                // RFC 7617, section 2: the colon ends the name.
                return item.fail("a user name has no colon", "remove it");
            }
            Some((username.to_owned(), secret?))
        }
    }
}

pub(super) fn headers(item: &Item<'_>) -> Vec<(String, Secret)> {
    item.reading.hide_value(item.node);
    let Some(table) = item.table() else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (name, place, item) in table.named() {
        let value = secret::read(&item);
        // RFC 9110, section 5.6.2: what a token is made of.
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(is_token) {
            let message = format!("`{name}` is not the name of a header");
            item.reading.note(Draft::error(place, &item.path, message));
            continue;
        }
        let Some(value) = value else {
            continue;
        };
        let shows = |c: char| c.is_ascii_graphic() || c == ' ' || c == '\t';
        if !value.expose().chars().all(shows) {
            item.fail::<()>(
                "this cannot stand in a header of a request",
                "only visible ASCII can",
            );
            continue;
        }
        headers.push((name.to_owned(), value));
    }
    headers
}
