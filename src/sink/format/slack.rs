//! `slack`: an incoming webhook of Slack.
//!
//! The message is one block of rich text, in which Slack takes text for text: the
//! markup of its ordinary messages has no escape for `*`, `_` and the like. What
//! notifications show, and the plain form, is ordinary text with `&`, `<` and `>`
//! escaped, which is all that a mention or a link could begin with.

use super::standard::{self, detail};
use super::text::{Block, Piece, View, chars, cut, fitted, sign};
use super::{Rendered, Reply, Task, flow, view};
use crate::alert::message::MessageError;
use crate::policy::rate::Rate;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The most that one message shows, in characters; Slack folds what is longer.
const TEXT_CHARS_MAX: usize = 3_000;
/// The longest block with its markup, in characters. Slack states none and refuses
/// about 13,200 (bolt-js, discussion 2509).
const BLOCKS_CHARS_MAX: usize = 12_000;
/// What a notification shows of it, in characters.
const NOTIFICATION_CHARS_MAX: usize = 300;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 1_000;
/// The longest text with its escapes, in characters; Slack advises 4,000.
const FALLBACK_CHARS_MAX: usize = 4_000;

/// One message a second and channel (Slack, "Rate limits").
pub(super) const RATE: Rate = Rate {
    count: 1,
    per: SignedDuration::from_secs(1),
};

/// Errors that no other payload would mend, whatever their status (Slack, "Handling
/// errors" of incoming webhooks).
const MISCONFIGURED: [&str; 14] = [
    "action_prohibited",
    "channel_is_archived",
    "channel_not_found",
    "invalid_token",
    "no_active_hooks",
    "no_service",
    "no_service_id",
    "no_team",
    "posting_to_channel_denied",
    "posting_to_general_channel_denied",
    "team_disabled",
    "token_revoked",
    "user_is_deleted",
    "user_not_found",
];

/// Writes a message.
pub(super) fn render(task: Task<'_>) -> Result<Rendered, MessageError> {
    let view = view(task)?;
    let body = if task.plain {
        fitted(&view, PLAIN_CHARS_MAX, plain, |body| {
            let text = body.get("text").and_then(Value::as_str);
            chars(text.unwrap_or_default()) <= FALLBACK_CHARS_MAX
        })
    } else {
        fitted(&view, TEXT_CHARS_MAX, full, |body| {
            let blocks = body.get("blocks").map(Value::to_string);
            chars(&blocks.unwrap_or_default()) <= BLOCKS_CHARS_MAX
        })
    };
    Ok(Rendered::json(task.url, &body))
}

/// `ok` is success; every error is a word.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let word = String::from_utf8_lossy(reply.body);
    let word = word.trim();
    let detail = detail(reply);
    let outcome = match reply.status {
        200..=299 if word == "ok" => DeliveryOutcome::Delivered,
        // Something else answers there, such as a proxy that wants a login.
        200..=299 => DeliveryOutcome::Misconfigured { detail },
        _ if MISCONFIGURED.contains(&word) => DeliveryOutcome::Misconfigured { detail },
        _ => return standard::verdict(reply),
    };
    outcome.into()
}

fn full(view: &View) -> Value {
    let headline = section(&[
        text(&format!("{} ", sign(view.severity)), false),
        linked(&view.title, view.url.as_deref(), true),
    ]);
    let mut elements = vec![headline];
    elements.extend(view.blocks.iter().map(element));
    let title = cut(&view.title, NOTIFICATION_CHARS_MAX, chars);
    json!({
        "text": escape(&format!("{} {title}", sign(view.severity))),
        "mrkdwn": false,
        "blocks": [{"type": "rich_text", "elements": elements}],
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

fn plain(view: &View) -> Value {
    let markup = flow::Markup {
        text: escape,
        link: |label, url| format!("{label}\n<{}>", escape(&url.replace('|', "%7C"))),
        ..flow::PLAIN
    };
    let lines = [vec![markup.headline(view)], markup.lines(view)].concat();
    json!({
        "text": lines.join("\n"),
        "mrkdwn": false,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

fn element(block: &Block) -> Value {
    match block {
        Block::Source(line) | Block::Text(line) => section(&[text(line, false)]),
        Block::Quote(pieces) => {
            let piece = |piece: &Piece| text(&piece.text, piece.marked);
            let pieces: Vec<Value> = pieces.iter().map(piece).collect();
            json!({"type": "rich_text_quote", "elements": pieces})
        }
        Block::Fact { name, text: line } => {
            section(&[text(&format!("{name}: "), true), text(line, false)])
        }
        Block::Item {
            severity,
            title,
            url,
            source,
        } => section(&[
            text(&format!("{} ", sign(*severity)), false),
            linked(title, url.as_deref(), false),
            text(&format!("\n{source}"), false),
        ]),
        Block::More(number) => section(&[text(&Block::more(*number), false)]),
    }
}

fn section(elements: &[Value]) -> Value {
    json!({"type": "rich_text_section", "elements": elements})
}

fn text(text: &str, bold: bool) -> Value {
    if bold {
        json!({"type": "text", "text": text, "style": {"bold": true}})
    } else {
        json!({"type": "text", "text": text})
    }
}

fn linked(label: &str, url: Option<&str>, bold: bool) -> Value {
    match url {
        Some(url) => json!({"type": "link", "url": url, "text": label, "style": {"bold": bold}}),
        None => text(label, bold),
    }
}

/// Slack asks for these three and no others ("Formatting text").
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
