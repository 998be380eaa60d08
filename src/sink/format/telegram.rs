//! `telegram`: a chat of a Telegram bot.
//!
//! The message is Telegram's HTML. Text is cut before it is marked up, so that no
//! tag is cut; what counts against the limit is what is left when the tags are
//! gone. Addresses, `@names` and `/commands` that Telegram would make active by
//! itself are broken with an invisible character.

use super::flow::{Markup, PLAIN};
use super::standard::{self, detail};
use super::text::{View, fitted, utf16};
use super::{Rendered, Reply, Task, html, view};
use crate::alert::message::MessageError;
use crate::policy::rate::Rate;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The longest text without tags, in characters (Bot API, `sendMessage`); units of
/// UTF-16 are counted, in which Telegram measures entities.
const TEXT_MAX: usize = 4_096;
/// The longest text with its tags, in bytes: a margin of our own, since a server
/// bounds what it parses as well.
const MARKUP_BYTES_MAX: usize = 16_384;
/// The most links and marks; Telegram drops what is beyond (Telegram, "Limits").
const ENTITIES_MAX: usize = 100;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 1_000;

/// What a group takes; a chat of two takes more (Telegram, "Bots FAQ").
pub(super) const RATE: Rate = Rate {
    count: 20,
    per: SignedDuration::from_mins(1),
};

/// What Telegram says with status 400 when the chat is at fault, in lower case.
const MISCONFIGURED: [&str; 9] = [
    "chat not found",
    "chat_id is empty",
    "chat was upgraded",
    "chat_write_forbidden",
    "need administrator rights",
    "not enough rights",
    "peer_id_invalid",
    "topic_closed",
    "have no rights",
];

const MARKUP: Markup = Markup {
    text: html::escape,
    link: html::link,
    strong: ["<b>", "</b>"],
    mark: ["<b>", "</b>"],
    quote: ["<blockquote>", "</blockquote>"],
};

/// Writes a message.
pub(super) fn render(task: Task<'_>, chat: &str) -> Result<Rendered, MessageError> {
    let view = view(task)?;
    let mut body = json!({
        "chat_id": chat,
        "link_preview_options": {"is_disabled": true},
    });
    let text = if task.plain {
        fitted(
            &view,
            PLAIN_CHARS_MAX,
            |view| written(view, PLAIN),
            |text| utf16(text) <= TEXT_MAX,
        )
    } else {
        if let Some(body) = body.as_object_mut() {
            body.insert("parse_mode".to_owned(), json!("HTML"));
        }
        fitted(
            &view,
            TEXT_MAX,
            |view| written(view, MARKUP),
            |text| {
                let (shown, tags) = without_tags(text);
                shown <= TEXT_MAX && tags <= ENTITIES_MAX && text.len() <= MARKUP_BYTES_MAX
            },
        )
    };
    if let Some(body) = body.as_object_mut() {
        body.insert("text".to_owned(), json!(text));
    }
    Ok(Rendered::json(task.url, &body))
}

/// `ok` in the body is success; how long to wait stands there too.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let json = reply.json();
    let said = json.get("description").and_then(Value::as_str);
    let said = said.unwrap_or_default().to_lowercase();
    let outcome = match reply.status {
        200..=299 if json.get("ok") == Some(&json!(true)) => DeliveryOutcome::Delivered,
        // Nothing that speaks the Bot API answers there.
        200..=299 => DeliveryOutcome::Misconfigured {
            detail: detail(reply),
        },
        400 if MISCONFIGURED.iter().any(|words| said.contains(words)) => {
            DeliveryOutcome::Misconfigured {
                detail: detail(reply),
            }
        }
        _ => {
            let wait = json.pointer("/parameters/retry_after");
            let wait = wait.and_then(Value::as_i64).map(SignedDuration::from_secs);
            return standard::verdict(reply.asking(wait));
        }
    };
    outcome.into()
}

fn written(view: &View, markup: Markup) -> String {
    let lines = [vec![markup.headline(view)], markup.lines(view)].concat();
    lines.join("\n")
}

/// How long text is when its tags are gone, in units of UTF-16, and how many
/// elements it has. References to characters are counted as they are written,
/// which is never less.
fn without_tags(text: &str) -> (usize, usize) {
    let mut shown = 0;
    let mut elements = 0;
    for part in text.split('<') {
        let (tag, rest) = part.split_once('>').unwrap_or(("", part));
        elements += usize::from(!tag.is_empty() && !tag.starts_with('/'));
        shown += utf16(rest);
    }
    (shown, elements)
}
