//! `pushover`: a user or group of Pushover, as a form (Pushover, "Message API").
//!
//! Messages are plain text: `html` is not asked for.

use super::standard::{self, detail};
use super::text::{View, chars, cut, fitted};
use super::{RenderError, Rendered, Reply, Task, plain_lines, view};
use crate::config::Secret;
use crate::fetch::Verb;
use crate::policy::rate::Rate;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;
use crate::watchlist::Severity;
use jiff::SignedDuration;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

/// The longest title, message and link, in characters of UTF-8.
const TITLE_CHARS_MAX: usize = 250;
const MESSAGE_CHARS_MAX: usize = 1_024;
const URL_CHARS_MAX: usize = 512;
/// The longest link that leaves room for something to be said of it.
const LONG_URL_CHARS_MAX: usize = 700;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 300;

/// Two connections at a time are asked for, and no number; so many are polite.
pub(super) const RATE: Rate = Rate {
    count: 10,
    per: SignedDuration::from_secs(10),
};

/// How long a message waits once the month's are used up, where nothing says when
/// there are more.
const QUOTA_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// Writes a message.
pub(super) fn render(
    task: Task<'_>,
    token: &Secret,
    user: &Secret,
) -> Result<Rendered, RenderError> {
    let view = view(task)?;
    let chars_max = if task.plain {
        PLAIN_CHARS_MAX
    } else {
        MESSAGE_CHARS_MAX
    };
    // The title has room of its own.
    let fields = fitted(
        &view,
        chars_max + chars(&view.title).min(TITLE_CHARS_MAX),
        fields,
        |fields| chars(message(fields)) <= MESSAGE_CHARS_MAX,
    );
    let mut form = Serializer::new(String::new());
    form.append_pair("token", token.expose());
    form.append_pair("user", user.expose());
    for (name, value) in &fields {
        form.append_pair(name, value);
    }
    Ok(Rendered {
        verb: Verb::Post,
        url: task.url.clone(),
        content_type: "application/x-www-form-urlencoded".into(),
        headers: Vec::new(),
        body: form.finish().into_bytes(),
    })
}

/// `status` 1 is success. An answer about the token or the user is no answer about
/// the message; 429 means that the month's messages are used up.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let json = reply.json();
    let invalid = |key: &str| json.get(key).and_then(Value::as_str) == Some("invalid");
    let detail = detail(reply);
    match reply.status {
        200..=299 if json.get("status") == Some(&json!(1)) => DeliveryOutcome::Delivered.into(),
        200..=299 => DeliveryOutcome::Misconfigured { detail }.into(),
        400..=499 if invalid("token") || invalid("user") || invalid("device") => {
            DeliveryOutcome::Misconfigured { detail }.into()
        }
        429 => {
            let wait = reply.retry_after.unwrap_or(QUOTA_WAIT);
            standard::verdict(reply.asking(Some(wait)))
        }
        _ => standard::verdict(reply),
    }
}

/// A link that is too long to be one stands in the message, if there is room.
fn fields(view: &View) -> Vec<(&'static str, String)> {
    let mut message = plain_lines(view);
    if message.is_empty() {
        message.clone_from(&view.title);
    }
    let (link, long) = match &view.url {
        Some(url) if chars(url) <= URL_CHARS_MAX => (Some(url), None),
        Some(url) if chars(url) <= LONG_URL_CHARS_MAX => (None, Some(url)),
        _ => (None, None),
    };
    if let Some(url) = long {
        message = format!("{url}\n{message}");
    }
    let mut fields = vec![
        ("title", cut(&view.title, TITLE_CHARS_MAX, chars)),
        ("message", message),
        ("priority", priority(view.severity).to_string()),
        ("timestamp", view.at.as_second().to_string()),
    ];
    if let Some(url) = link {
        fields.push(("url", url.clone()));
    }
    fields
}

fn message<'a>(fields: &'a [(&'static str, String)]) -> &'a str {
    let found = fields.iter().find(|(name, _)| *name == "message");
    found.map_or("", |(_, text)| text)
}

/// Emergencies (2) would ring until somebody confirms them; no news is worth that
/// without having been asked for.
fn priority(severity: Severity) -> i8 {
    match severity {
        Severity::Info => -2,
        Severity::Low => -1,
        Severity::Normal => 0,
        Severity::High | Severity::Critical => 1,
    }
}
