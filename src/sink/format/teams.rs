//! `teams`: a workflow of Microsoft Teams that posts the cards that it receives.
//!
//! The message is an Adaptive Card of blocks of rich text, in which nothing is
//! markup (Adaptive Cards, "Text features"), and no mention is active, since none
//! is declared. A workflow accepts a card before it posts it: success means
//! accepted, so that the card is kept well below what Teams refuses later.

use super::text::{Block, Piece, View, fitted, sign};
use super::{Rendered, Task, view};
use crate::alert::message::MessageError;
use crate::policy::rate::Rate;
use crate::watchlist::Severity;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The longest body, in bytes when everything but ASCII is written as `\uXXXX`.
/// Teams refuses 28,672 after an expansion of its own (msteams-docs, issue 11274:
/// 24,453 bytes counted 28,897).
const BODY_BYTES_MAX: usize = 20_000;
/// The most that one card shows, in characters.
const TEXT_CHARS_MAX: usize = 3_000;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 500;

/// Four cards a second (Microsoft, "Create incoming webhooks": more are throttled).
pub(super) const RATE: Rate = Rate {
    count: 4,
    per: SignedDuration::from_secs(1),
};

/// Writes a message.
pub(super) fn render(task: Task<'_>) -> Result<Rendered, MessageError> {
    let view = view(task)?;
    let chars_max = if task.plain {
        PLAIN_CHARS_MAX
    } else {
        TEXT_CHARS_MAX
    };
    let body = fitted(&view, chars_max, message, |body| {
        ascii_bytes(&body.to_string()) <= BODY_BYTES_MAX
    });
    Ok(Rendered::json(task.url, &body))
}

fn message(view: &View) -> Value {
    let title = json!({
        "type": "TextRun",
        "text": format!("{} {}", sign(view.severity), view.title),
        "weight": "Bolder",
        "size": "Medium",
        "color": colour(view.severity),
    });
    let mut body = vec![rich(&[title])];
    body.extend(view.blocks.iter().map(element));
    let actions: Vec<Value> = view
        .url
        .iter()
        .map(|url| json!({"type": "Action.OpenUrl", "title": "Read the article", "url": url}))
        .collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": body,
                "actions": actions,
            },
        }],
    })
}

fn element(block: &Block) -> Value {
    match block {
        Block::Source(text) => rich(&[json!({
            "type": "TextRun", "text": text, "isSubtle": true,
        })]),
        Block::Text(text) => rich(&[run(text)]),
        Block::Quote(pieces) => {
            let mut block = rich(&pieces.iter().map(piece).collect::<Vec<_>>());
            if let Some(block) = block.as_object_mut() {
                block.insert("separator".to_owned(), json!(true));
            }
            block
        }
        Block::Fact { name, text } => rich(&[strong(&format!("{name}: ")), run(text)]),
        Block::Item {
            severity,
            title,
            url,
            source,
        } => {
            let mut title = run(title);
            if let (Some(url), Some(title)) = (url, title.as_object_mut()) {
                let open = json!({"type": "Action.OpenUrl", "url": url});
                title.insert("selectAction".to_owned(), open);
            }
            let sign = run(&format!("{} ", sign(*severity)));
            rich(&[sign, title, run(&format!(" · {source}"))])
        }
        Block::More(number) => rich(&[run(&Block::more(*number))]),
    }
}

fn rich(inlines: &[Value]) -> Value {
    json!({"type": "RichTextBlock", "inlines": inlines})
}

fn piece(piece: &Piece) -> Value {
    if piece.marked {
        strong(&piece.text)
    } else {
        run(&piece.text)
    }
}

fn run(text: &str) -> Value {
    json!({"type": "TextRun", "text": text})
}

fn strong(text: &str) -> Value {
    json!({"type": "TextRun", "text": text, "weight": "Bolder"})
}

fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "Default",
        Severity::Normal => "Accent",
        Severity::High => "Warning",
        Severity::Critical => "Attention",
    }
}

/// The length of JSON in which everything but ASCII is escaped.
fn ascii_bytes(json: &str) -> usize {
    let bytes = |c: char| if c.is_ascii() { 1 } else { 6 * c.len_utf16() };
    json.chars().map(bytes).sum()
}
