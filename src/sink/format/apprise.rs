//! `apprise`: a server of the Apprise API, which hands on to some 150 services.
//!
//! What it hands on is plain text, as nobody knows which markup its targets have;
//! it cuts messages to their limits itself.

use super::standard::{self, detail};
use super::text::{View, fitted};
use super::{RenderError, Rendered, Reply, Task, plain_lines, view};
use crate::config::Secret;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;
use crate::watchlist::Severity;
use serde_json::{Value, json};

/// The longest message, in characters; its targets take less rather than more.
const TEXT_CHARS_MAX: usize = 8_000;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 500;

/// Writes a message.
pub(super) fn render(
    task: Task<'_>,
    urls: &[Secret],
    tags: &[String],
) -> Result<Rendered, RenderError> {
    let view = view(task)?;
    let chars_max = if task.plain {
        PLAIN_CHARS_MAX
    } else {
        TEXT_CHARS_MAX
    };
    let mut body = fitted(&view, chars_max, written, |_| true);
    if let Some(members) = body.as_object_mut() {
        if !urls.is_empty() {
            let urls: Vec<&String> = urls.iter().map(Secret::expose).collect();
            members.insert("urls".to_owned(), json!(urls));
        }
        if !tags.is_empty() {
            members.insert("tag".to_owned(), json!(tags.join(",")));
        }
    }
    Ok(Rendered::json(task.url, &body))
}

/// 200 is success. 204 means that the server has nothing under its key, and 424
/// that a target did not take the message: it is sent again to all of them, for
/// the server does not say which.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let detail = detail(reply);
    match reply.status {
        200 => DeliveryOutcome::Delivered.into(),
        204 => DeliveryOutcome::Misconfigured {
            detail: format!(
                "{detail}; nothing is configured under this key, or nothing has the tags"
            ),
        }
        .into(),
        424 => DeliveryOutcome::Unavailable {
            retry_after: reply.retry_after,
            detail,
        }
        .into(),
        _ => standard::verdict(reply),
    }
}

fn written(view: &View) -> Value {
    let mut lines = plain_lines(view);
    if let Some(url) = &view.url {
        lines = format!("{lines}\n{url}");
    }
    json!({
        "title": view.title,
        "body": lines,
        "type": kind(view.severity),
        "format": "text",
    })
}

fn kind(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low | Severity::Normal => "info",
        Severity::High => "warning",
        Severity::Critical => "failure",
    }
}
