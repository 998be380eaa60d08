//! `ntfy`: a topic of ntfy.sh or of a server of one's own.
//!
//! A message is published as JSON to the server, since headers could not hold all
//! texts. It is plain text; the whole notification leads to the article.

use super::standard::{self, detail};
use super::text::{View, cut, fitted};
use super::{RenderError, Rendered, Reply, Task, plain_lines, view};
use crate::config::Secret;
use crate::policy::rate::Rate;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;
use crate::watchlist::Severity;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The longest message, in bytes; a longer one becomes a file (ntfy, "Limitations").
const MESSAGE_BYTES_MAX: usize = 4_096;
/// The largest body, in bytes: the server reads twice as many as a message may have
/// (ntfy, `server/server.go`).
const BODY_BYTES_MAX: usize = 2 * MESSAGE_BYTES_MAX;
/// The longest title, in bytes, since version 2.28.
const TITLE_BYTES_MAX: usize = 1_024;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 500;

/// What a visitor may send: 60 at once, then one in five seconds (ntfy,
/// "Limitations").
pub(super) const RATE: Rate = Rate {
    count: 60,
    per: SignedDuration::from_mins(5),
};

/// Errors of limits of a day: on bytes and on messages (ntfy, `server/errors.go`).
const DAILY_LIMITS: [i64; 2] = [42_905, 42_908];

/// How long a limit of a day is waited for, where nothing says how long it lasts.
const DAILY_WAIT: SignedDuration = SignedDuration::from_hours(1);

/// Writes a message. The topic is the last part of the configured address.
pub(super) fn render(task: Task<'_>, token: Option<&Secret>) -> Result<Rendered, RenderError> {
    let view = view(task)?;
    let mut server = task.url.clone();
    let path = task.url.path().trim_end_matches('/');
    let (base, topic) = path.rsplit_once('/').unwrap_or(("", path));
    let topic = topic.to_owned();
    server.set_path(&format!("{base}/"));
    let chars_max = if task.plain {
        PLAIN_CHARS_MAX
    } else {
        MESSAGE_BYTES_MAX
    };
    let body = fitted(
        &view,
        chars_max,
        |view| written(view, &topic),
        |body| text(body).len() <= MESSAGE_BYTES_MAX && body.to_string().len() <= BODY_BYTES_MAX,
    );
    let mut rendered = Rendered::json(&server, &body);
    if let Some(token) = token {
        let bearer = format!("Bearer {}", token.expose());
        rendered.headers.push(("authorization".into(), bearer));
    }
    Ok(rendered)
}

/// A limit of a day is over when the day is.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let code = reply.json().get("code").and_then(Value::as_i64);
    match (reply.status, code) {
        (429, Some(code)) if DAILY_LIMITS.contains(&code) => {
            let wait = reply.retry_after.unwrap_or(DAILY_WAIT);
            standard::verdict(reply.asking(Some(wait)))
        }
        // The topic has a name that no topic may have.
        (400, Some(40_009 | 40_010)) => DeliveryOutcome::Misconfigured {
            detail: detail(reply),
        }
        .into(),
        _ => standard::verdict(reply),
    }
}

fn written(view: &View, topic: &str) -> Value {
    let message = plain_lines(view);
    // A message without text would be shown as "triggered".
    let message = if message.is_empty() {
        view.title.clone()
    } else {
        message
    };
    let mut body = json!({
        "topic": topic,
        "title": cut(&view.title, TITLE_BYTES_MAX, str::len),
        "message": message,
        "priority": priority(view.severity),
    });
    if let (Some(members), Some(url)) = (body.as_object_mut(), &view.url) {
        members.insert("click".to_owned(), json!(url));
    }
    body
}

fn text(body: &Value) -> &str {
    body.get("message")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn priority(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 2,
        Severity::Normal => 3,
        Severity::High => 4,
        Severity::Critical => 5,
    }
}
