//! `discord`: a webhook of Discord.
//!
//! The message is one embed, with the title as its link. Whatever the text says,
//! nobody is mentioned: `allowed_mentions` is empty. With `wait=true` the answer
//! comes after the message was saved; without, one that was not is a success too.

use super::flow::{self, Markup};
use super::standard;
use super::text::{View, cut, fitted, sign, utf16};
use super::{Rendered, Reply, Task, markdown, text, view};
use crate::alert::message::MessageError;
use crate::policy::rate::Rate;
use crate::sink::Verdict;
use jiff::SignedDuration;
use serde_json::{Value, json};

// Limits after Discord's reference of messages and embeds, in characters; units of
// UTF-16 are counted, which are never fewer.
const CONTENT_MAX: usize = 2_000;
const TITLE_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 4_096;
/// Title and description together.
const EMBED_MAX: usize = 6_000;
/// The longest link in the plain form, where it counts as text.
const PLAIN_URL_MAX: usize = 1_500;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 1_000;

/// What one channel takes of webhooks, as observed; the headers of the answers
/// tell the rest.
pub(super) const RATE: Rate = Rate {
    count: 30,
    per: SignedDuration::from_mins(1),
};

/// Each of these may mark something anywhere in a line of Discord's Markdown.
const SPECIAL: &str = r"\`*_[]<~|";

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
    let mut url = task.url.clone();
    let waits = |(key, _): &(_, _)| key == "wait";
    if !task.url.query_pairs().any(|pair| waits(&pair)) {
        url.query_pairs_mut().append_pair("wait", "true");
    }
    let body = if task.plain {
        let content = fitted(&view, PLAIN_CHARS_MAX, plain, |content| {
            utf16(content) <= CONTENT_MAX
        });
        json!({"content": content, "allowed_mentions": {"parse": []}})
    } else {
        let embed = fitted(&view, DESCRIPTION_MAX, embed, |embed| {
            let length = |key| embed.get(key).and_then(Value::as_str).map_or(0, utf16);
            let description = length("description");
            description <= DESCRIPTION_MAX && description + length("title") <= EMBED_MAX
        });
        json!({"embeds": [embed], "allowed_mentions": {"parse": []}})
    };
    Ok(Rendered::json(&url, &body))
}

/// 2xx is success; how long to wait stands in the body, in seconds and parts of
/// them (Discord, "Rate Limits").
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let json = reply.json();
    let seconds = json.get("retry_after").and_then(Value::as_f64);
    let wait = seconds.and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok());
    standard::verdict(reply.asking(wait))
}

fn embed(view: &View) -> Value {
    let title = cut(&view.title, TITLE_MAX, |text| utf16(&escape(text)));
    let mut embed = json!({
        "title": escape(&title),
        "description": MARKUP.lines(view).join("\n"),
        "color": text::colour(view.severity),
        "timestamp": view.at,
    });
    if let (Some(url), Some(embed)) = (&view.url, embed.as_object_mut()) {
        embed.insert("url".to_owned(), json!(url));
    }
    embed
}

fn plain(view: &View) -> String {
    let mut lines = vec![format!("{} {}", sign(view.severity), escape(&view.title))];
    let url = view.url.iter().filter(|url| url.len() <= PLAIN_URL_MAX);
    lines.extend(url.map(|url| format!("<{url}>")));
    let markup = Markup {
        link: |label, _| label.to_owned(),
        strong: ["", ""],
        mark: ["", ""],
        quote: flow::PLAIN.quote,
        ..MARKUP
    };
    lines.extend(markup.lines(view));
    lines.join("\n")
}

fn escape(text: &str) -> String {
    markdown::escape(text, SPECIAL)
}
