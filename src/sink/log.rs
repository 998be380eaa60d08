//! The log sink: one structured line an alert.

use crate::policy::retry::{Delivery, DeliveryOutcome};
use crate::text::printable;
use serde_json::Value;
use tracing::info;

/// The longest that one piece of foreign text may be in the log.
const CHARS_MAX: usize = 300;

/// Writes an alert to the log.
pub(super) fn deliver(delivery: &Delivery) -> DeliveryOutcome {
    let payload: Value = match serde_json::from_slice(&delivery.payload) {
        Ok(payload) => payload,
        Err(error) => {
            return DeliveryOutcome::Refused {
                detail: format!("the stored alert is not JSON: {error}"),
            };
        }
    };
    let text = |pointer: &str| {
        let value = payload.pointer(pointer).and_then(Value::as_str);
        printable(value.unwrap_or_default(), CHARS_MAX)
    };
    let (alert, feed) = (text("/data/alert"), text("/data/article/feed/id"));
    info!(
        target: "wirewatch::alert",
        severity = text("/data/severity"),
        alert.id = alert,
        topics = names(&payload, "/data/topics"),
        actors = names(&payload, "/data/actors"),
        feed.id = feed,
        url = text("/data/article/url"),
        "{}",
        text("/data/article/title")
    );
    DeliveryOutcome::Delivered
}

fn names(payload: &Value, pointer: &str) -> String {
    let matched = payload.pointer(pointer).and_then(Value::as_array);
    let ids: Vec<&str> = matched
        .into_iter()
        .flatten()
        .filter_map(|matched| matched.get("id").and_then(Value::as_str))
        .collect();
    ids.join(" ")
}
