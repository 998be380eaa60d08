//! `format = "…"` of a webhook: what its receiver understands, with the keys that
//! it needs beside the address.

use super::Secret;
use super::item::Table;
use super::secret;

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
}

/// Every format by its word.
const WORDS: [(&str, Read); 7] = [
    ("standard", |_| Some(Format::Standard)),
    ("slack", |_| Some(Format::Slack)),
    ("discord", |_| Some(Format::Discord)),
    ("teams", |_| Some(Format::Teams)),
    ("mattermost", |_| Some(Format::Mattermost)),
    ("matrix", matrix),
    ("telegram", telegram),
];

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
