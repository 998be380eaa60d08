//! `mattermost`: an incoming webhook of Mattermost.
//!
//! The message is Markdown. Its web client knows fewer escapes than its mobile
//! ones: what they do not share is broken with an invisible character instead.

use super::flow::Markup;
use super::standard::{self, detail};
use super::text::{View, chars, fitted};
use super::{Rendered, Reply, Task, flow, markdown, view};
use crate::alert::message::MessageError;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;
use serde_json::json;

/// The longest post, in characters (Mattermost, "Product limits").
const POST_CHARS_MAX: usize = 16_383;
/// The most that one message shows, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 1_000;

/// Each of these may mark something anywhere in a line, and takes a backslash.
const SPECIAL: &str = r"\`*_[]~|";
/// Each of these may as well, and takes none in some client: emoji, HTML, characters
/// by number, formulas.
const BROKEN: &str = ":<&$";
const BREAK: char = '\u{200B}';

const MARKUP: Markup = Markup {
    text: escape,
    link: markdown::link,
    strong: ["**", "**"],
    mark: ["**", "**"],
    quote: ["> ", ""],
};

/// Writes a message.
pub(super) fn render(task: Task<'_>) -> Result<Rendered, MessageError> {
    let view = view(task)?;
    let (markup, chars_max) = if task.plain {
        let markup = Markup {
            strong: ["", ""],
            mark: ["", ""],
            quote: flow::PLAIN.quote,
            link: |label, url| format!("{label}\n{}", markdown::address(url)),
            ..MARKUP
        };
        (markup, PLAIN_CHARS_MAX)
    } else {
        (MARKUP, TEXT_CHARS_MAX)
    };
    // A line after a passage would be taken for more of it.
    let write = |view: &View| {
        let lines = [vec![markup.headline(view)], markup.lines(view)].concat();
        lines.join("\n\n")
    };
    let text = fitted(&view, chars_max, write, |text| {
        chars(text) <= POST_CHARS_MAX
    });
    Ok(Rendered::json(task.url, &json!({"text": text})))
}

/// What it says when no other payload would help.
const MISCONFIGURED: [&str; 5] = [
    "web.incoming_webhook.invalid",
    "web.incoming_webhook.disabled",
    "web.incoming_webhook.channel",
    "web.incoming_webhook.permissions",
    "web.incoming_webhook.user",
];

/// 2xx is success. An address that leads to no webhook is answered like a bad
/// payload, but for the id of the error, which newer servers put into the details.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let said = String::from_utf8_lossy(reply.body);
    if reply.status >= 400 && MISCONFIGURED.iter().any(|id| said.contains(id)) {
        let detail = detail(reply);
        return DeliveryOutcome::Misconfigured { detail }.into();
    }
    standard::verdict(reply)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in markdown::escape(text, SPECIAL).chars() {
        escaped.push(c);
        if BROKEN.contains(c) {
            escaped.push(BREAK);
        }
    }
    escaped
}
