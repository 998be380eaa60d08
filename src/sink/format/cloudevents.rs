//! `cloudevents`: `CloudEvents` 1.0.2 over HTTP, in structured mode.
//!
//! The event's data are the stored bytes of the standard body's `data`, so that
//! the body is as immutable as that of `standard`, and it is signed the same way.
//! What the answers mean follows the `CloudEvents` webhook specification, section
//! 2.1, which says no more than HTTP does: it is judged as `standard` is.

use super::{RenderError, Rendered, Task};
use crate::alert::message::Message;
use crate::fetch::Verb;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What stands before the types of the standard body. The specification advises
/// a reversed domain name; the project has no domain that it could promise by.
const TYPE_PREFIX: &str = "wirewatch.";

/// The attributes have the order of the specification; data come last.
#[derive(Serialize)]
struct Event<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    r#type: String,
    subject: &'a str,
    time: Timestamp,
    /// An extension, so that a broker can filter by it.
    severity: &'static str,
    datacontenttype: &'static str,
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Standard<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
}

/// The id is that of the delivery, as the specification wants one that is unique
/// within its source and the same when an event is sent again.
pub(super) fn render(task: Task<'_>, source: &str) -> Result<Rendered, RenderError> {
    let message = Message::read(&task.delivery.payload)?;
    let standard: Standard<'_> = serde_json::from_slice(&task.delivery.payload)?;
    let event = Event {
        specversion: "1.0",
        id: &task.delivery.id.0,
        source,
        r#type: format!("{TYPE_PREFIX}{}", message.kind),
        subject: &message.id,
        time: message.at,
        severity: message.severity.as_str(),
        datacontenttype: "application/json",
        data: standard.data,
    };
    Ok(Rendered {
        verb: Verb::Post,
        url: task.url.clone(),
        content_type: "application/cloudevents+json".into(),
        headers: Vec::new(),
        body: serde_json::to_vec(&event)?,
    })
}
