//! `matrix`: a room of a Matrix server, by the client-server API.
//!
//! The message is an `m.notice`, which other bots do not answer, with an empty
//! `m.mentions`, so that nobody is called whatever the text says. The id of the
//! delivery is the transaction, so that the server takes a repeated attempt for
//! the same event. A room with encryption shows it as unencrypted.

use super::flow::{Markup, PLAIN};
use super::standard::{self, detail};
use super::text::{View, fitted};
use super::{Rendered, Reply, Task, html, view};
use crate::alert::message::MessageError;
use crate::config::Secret;
use crate::fetch::Verb;
use crate::policy::rate::Rate;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The longest content, in bytes: an event has at most 65,536 with the envelope
/// that servers put around it (Matrix specification, "Size limits").
const CONTENT_BYTES_MAX: usize = 48_000;
/// The most that one message shows, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 1_000;

/// What Synapse takes of one account unless told otherwise (`rc_message`: 0.2 a
/// second, ten at once).
pub(super) const RATE: Rate = Rate {
    count: 10,
    per: SignedDuration::from_secs(50),
};

const MARKUP: Markup = Markup {
    text: html::escape,
    link: html::link,
    strong: ["<strong>", "</strong>"],
    mark: ["<strong>", "</strong>"],
    quote: ["<blockquote>", "</blockquote>"],
};

/// Writes a message.
pub(super) fn render(task: Task<'_>, room: &str, token: &Secret) -> Result<Rendered, MessageError> {
    let view = view(task)?;
    let chars_max = if task.plain {
        PLAIN_CHARS_MAX
    } else {
        TEXT_CHARS_MAX
    };
    let write = |view: &View| content(view, task.plain);
    let content = fitted(&view, chars_max, write, |content| {
        content.to_string().len() <= CONTENT_BYTES_MAX
    });
    let mut url = task.url.clone();
    // An http address always has a path to add to.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty()
            .extend(["_matrix", "client", "v3", "rooms", room, "send"])
            .extend(["m.room.message", &task.delivery.id.0]);
    }
    let mut rendered = Rendered::json(&url, &content);
    rendered.verb = Verb::Put;
    let bearer = format!("Bearer {}", token.expose());
    rendered.headers.push(("authorization".into(), bearer));
    Ok(rendered)
}

/// An event that was taken has an id; how long to wait stands in the body of older
/// servers.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let json = reply.json();
    let outcome = match reply.status {
        200..=299 if json.get("event_id").is_some_and(Value::is_string) => {
            DeliveryOutcome::Delivered
        }
        // No Matrix server answers there.
        200..=299 => DeliveryOutcome::Misconfigured {
            detail: detail(reply),
        },
        _ => {
            let wait = json.get("retry_after_ms").and_then(Value::as_i64);
            let wait = wait.map(SignedDuration::from_millis);
            return standard::verdict(reply.asking(wait));
        }
    };
    outcome.into()
}

fn content(view: &View, plain: bool) -> Value {
    let lines = [vec![PLAIN.headline(view)], PLAIN.lines(view)].concat();
    let mut content = json!({
        "msgtype": "m.notice",
        "body": lines.join("\n"),
        "m.mentions": {},
    });
    if let (false, Some(content)) = (plain, content.as_object_mut()) {
        let headline = format!("<p>{}</p>", MARKUP.headline(view));
        let lines = MARKUP.lines(view).into_iter().map(|line| {
            if line.starts_with("<blockquote>") {
                line
            } else {
                format!("<p>{}</p>", line.replace('\n', "<br>"))
            }
        });
        let formatted = headline + &lines.collect::<String>();
        content.insert("format".to_owned(), json!("org.matrix.custom.html"));
        content.insert("formatted_body".to_owned(), json!(formatted));
    }
    content
}
