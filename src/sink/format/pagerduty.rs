//! `pagerduty`: an event of `PagerDuty`, Events API v2.
//!
//! The id of the alert is the key by which `PagerDuty` knows an event again, so that
//! what is sent twice is one incident.

use super::standard::{self, detail};
use super::text::{View, chars, cut, fitted};
use super::{RenderError, Rendered, Reply, Task, plain_lines, view};
use crate::alert::message::Message;
use crate::config::Secret;
use crate::policy::rate::Rate;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;
use crate::watchlist::Severity;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The longest summary, in characters.
const SUMMARY_CHARS_MAX: usize = 1_024;
/// The longest details, in characters: what a person on call reads.
const DETAILS_CHARS_MAX: usize = 8_000;
/// The largest event, in bytes.
const EVENT_BYTES_MAX: usize = 512 * 1024;

/// What one integration takes (`PagerDuty` community, "Monitoring API rate limiting").
pub(super) const RATE: Rate = Rate {
    count: 120,
    per: SignedDuration::from_mins(1),
};

/// Writes an event.
pub(super) fn render(task: Task<'_>, routing_key: &Secret) -> Result<Rendered, RenderError> {
    let message = Message::read(&task.delivery.payload)?;
    let view = view(task)?;
    let write = |view: &View| event(view, &message, routing_key, task.plain);
    let body = fitted(&view, DETAILS_CHARS_MAX, write, |body| {
        body.to_string().len() <= EVENT_BYTES_MAX
    });
    Ok(Rendered::json(task.url, &body))
}

/// 202 is success. A key that is none is told as a mistake of the event.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let detail = detail(reply);
    let of_key = ["routing_key", "routing key", "Routing key"];
    match reply.status {
        400 if of_key.iter().any(|words| reply.shown.contains(words)) => {
            DeliveryOutcome::Misconfigured { detail }.into()
        }
        _ => standard::verdict(reply),
    }
}

fn event(view: &View, message: &Message, routing_key: &Secret, plain: bool) -> Value {
    let mut payload = json!({
        "summary": cut(&view.title, SUMMARY_CHARS_MAX, chars),
        "source": "wirewatch",
        "severity": severity(view.severity),
        "timestamp": view.at.to_string(),
        "class": message.kind,
    });
    let mut event = json!({
        "routing_key": routing_key.expose(),
        "event_action": "trigger",
        "dedup_key": message.id,
        "client": "wirewatch",
    });
    let (Some(members), Some(inner)) = (event.as_object_mut(), payload.as_object_mut()) else {
        return event;
    };
    if !plain {
        let details = json!({"text": plain_lines(view), "severity": view.severity.as_str()});
        inner.insert("custom_details".to_owned(), details);
    }
    if let Some(url) = &view.url {
        let link = json!([{"href": url, "text": "The article"}]);
        members.insert("links".to_owned(), link);
    }
    members.insert("payload".to_owned(), payload);
    event
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info | Severity::Low => "info",
        Severity::Normal => "warning",
        Severity::High => "error",
        Severity::Critical => "critical",
    }
}
