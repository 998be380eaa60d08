//! `format = "…"` of a webhook: what its receiver understands, with the keys that
//! it needs beside the address.

use super::item::{Item, Table};
use super::{Secret, TemplateFormat, secret, settings, templates};
use jiff::SignedDuration;
use std::sync::Arc;
use url::Url;

/// What a receiver understands.
#[derive(Debug, Clone)]
pub enum Format {
    /// The stored JSON, after Standard Webhooks.
    Standard,
    /// An incoming webhook of Slack.
    Slack,
    /// A webhook of Discord.
    Discord,
    /// A workflow of Microsoft Teams.
    Teams,
    /// An incoming webhook of Mattermost.
    Mattermost,
    /// A room of the Matrix server at the address.
    Matrix {
        /// The room's id, such as `!id:example.org`.
        room: String,
        /// The access token of the account that posts.
        token: Secret,
    },
    /// A chat of a Telegram bot.
    Telegram {
        /// The chat's number, or the `@name` of a public channel.
        chat: String,
    },
    /// `CloudEvents` 1.0 in structured mode.
    CloudEvents {
        /// The source of every event: a URI reference.
        source: String,
    },
    /// ntfy, whose topic is the last part of the address.
    Ntfy {
        /// An access token, where the topic asks for one.
        token: Option<Secret>,
    },
    /// A Gotify server.
    Gotify {
        /// The token of an application.
        token: Secret,
    },
    /// Pushover.
    Pushover {
        /// The token of an application.
        token: Secret,
        /// The key of a user or a group.
        user: Secret,
    },
    /// `PagerDuty`, Events API v2.
    PagerDuty {
        /// The integration key of a service.
        routing_key: Secret,
    },
    /// Prometheus Alertmanager, API v2.
    Alertmanager {
        /// How long an alert fires.
        resolve_after: SignedDuration,
    },
    /// An Apprise API server.
    Apprise {
        /// Where it sends on to; none for what the server has under its key.
        urls: Vec<Secret>,
        /// Which of the server's own targets: those with any of these tags.
        tags: Vec<String>,
    },
    /// What the operator's template writes.
    Template(Arc<TemplateFormat>),
}

/// Every format by its word.
const WORDS: [(&str, Read); 15] = [
    ("standard", |_| Some(Format::Standard)),
    ("slack", |_| Some(Format::Slack)),
    ("discord", |_| Some(Format::Discord)),
    ("teams", |_| Some(Format::Teams)),
    ("mattermost", |_| Some(Format::Mattermost)),
    ("matrix", matrix),
    ("telegram", telegram),
    ("cloudevents", cloudevents),
    ("ntfy", ntfy),
    ("gotify", gotify),
    ("pushover", pushover),
    ("pagerduty", pagerduty),
    ("alertmanager", alertmanager),
    ("apprise", apprise),
    ("template", |table| {
        templates::template(table).map(|it| Format::Template(Arc::new(it)))
    }),
];

/// How long an alert fires in Alertmanager, unless the sink says otherwise: an
/// article does not end, and nobody resolves it.
const RESOLVE_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// The longest text that names a target or a source, in bytes.
const NAME_BYTES_MAX: usize = 256;

type Read = fn(&Table<'_>) -> Option<Format>;

/// Reads the format of a webhook and its keys; gives its word as well.
pub(super) fn format(table: &Table<'_>) -> Option<(&'static str, Format)> {
    let words = WORDS.map(|(word, read)| (word, (word, read)));
    let (word, read) = match table.get("format") {
        Some(item) => item.word(&words)?,
        None => return Some(("standard", Format::Standard)),
    };
    Some((word, read(table)?))
}

/// Messages go to rooms by their id; an alias (`#name:server`) can move.
fn matrix(table: &Table<'_>) -> Option<Format> {
    let room = table.need("room", "\"!id:example.org\"").and_then(|item| {
        let room = item.filled()?;
        if !room.starts_with('!') {
            let help = "the id begins with `!`; the settings of the room show it";
            return item.fail("this is not the id of a room", help);
        }
        Some(room.to_owned())
    });
    let token = table
        .need("token", "{ file = \"matrix.token\" }")
        .and_then(|item| secret::read(&item));
    Some(Format::Matrix {
        room: room?,
        token: token?,
    })
}

fn telegram(table: &Table<'_>) -> Option<Format> {
    let item = table.need("chat", "\"-1001234567890\"")?;
    let chat = item.filled()?;
    if chat.parse::<i64>().is_err() && !chat.starts_with('@') {
        let help = "write the number of the chat, or the @name of a public channel, in quotes";
        return item.fail("this is not a chat", help);
    }
    Some(Format::Telegram {
        chat: chat.to_owned(),
    })
}

fn cloudevents(table: &Table<'_>) -> Option<Format> {
    let source = match table.get("source") {
        Some(item) => event_source(&item)?,
        None => "/wirewatch".to_owned(),
    };
    Some(Format::CloudEvents { source })
}

/// A URI reference: a URI, or what would be part of one.
fn event_source(item: &Item<'_>) -> Option<String> {
    let text = item.filled()?;
    let base = Url::parse("http://example.org").ok()?;
    let graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
    if graphic && text.len() <= NAME_BYTES_MAX && base.join(text).is_ok() {
        return Some(text.to_owned());
    }
    item.fail(
        "this is no URI reference, as CloudEvents wants for a source",
        "write an address or a path of your own: \"https://example.org/wirewatch\" or \"/newsroom\"",
    )
}

fn ntfy(table: &Table<'_>) -> Option<Format> {
    let token = match table.get("token") {
        Some(item) => Some(header_secret(&item)?),
        None => None,
    };
    Some(Format::Ntfy { token })
}

fn gotify(table: &Table<'_>) -> Option<Format> {
    let token = table.need("token", "{ file = \"gotify.token\" }");
    let token = header_secret(&token?)?;
    Some(Format::Gotify { token })
}

fn pushover(table: &Table<'_>) -> Option<Format> {
    let token = table.need("token", "{ file = \"pushover.token\" }");
    let user = table.need("user", "{ file = \"pushover.user\" }");
    let token = token.and_then(|item| secret::read(&item));
    let user = user.and_then(|item| secret::read(&item));
    Some(Format::Pushover {
        token: token?,
        user: user?,
    })
}

fn pagerduty(table: &Table<'_>) -> Option<Format> {
    let key = table.need("routing_key", "{ file = \"pagerduty.key\" }");
    let routing_key = secret::read(&key?)?;
    Some(Format::PagerDuty { routing_key })
}

fn alertmanager(table: &Table<'_>) -> Option<Format> {
    let resolve_after = match table.get("resolve_after") {
        Some(item) => settings::positive(&item)?,
        None => RESOLVE_AFTER,
    };
    Some(Format::Alertmanager { resolve_after })
}

fn apprise(table: &Table<'_>) -> Option<Format> {
    let urls = match table.get("urls") {
        Some(item) => {
            item.reading.hide_value(item.node);
            let items = item.list()?;
            let urls: Vec<Secret> = items.iter().filter_map(secret::read_address).collect();
            if urls.len() != items.len() {
                return None;
            }
            urls
        }
        None => Vec::new(),
    };
    let tags = table.texts("tags");
    Some(Format::Apprise { urls, tags })
}

/// A secret that is sent in a header, and so is printable ASCII.
fn header_secret(item: &Item<'_>) -> Option<Secret> {
    let secret = secret::read(item)?;
    if secret.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some(secret);
    }
    item.fail(
        "the token has characters that no token has",
        "copy it again, without spaces or line ends around it",
    )
}
