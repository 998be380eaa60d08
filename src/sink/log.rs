//! The log sink: one structured line an alert, alone or in a digest, and one a notice.
//!
//! Unlike other lines, these are written before they count as delivered, on a
//! thread that may wait for whoever reads the log.

use crate::alert::message::{ArticleMessage, Content, MatchMessage, Message, NoticeMessage};
use crate::policy::retry::{Delivery, DeliveryOutcome};
use crate::text::printable;
use serde_json::Value;
use tracing::info;

/// The longest that one piece of foreign text may be in the log.
const CHARS_MAX: usize = 300;

/// What sets the lines of alerts apart from all others of the log.
pub const TARGET: &str = "wirewatch::alert";

/// Writes a batch to the log.
pub(super) async fn deliver(batch: &[Delivery]) -> Vec<DeliveryOutcome> {
    let deliveries = batch.to_vec();
    let writing = move || deliveries.iter().map(write).collect();
    let written = tokio::task::spawn_blocking(writing).await;
    written.unwrap_or_else(|error| {
        let outcome = DeliveryOutcome::Unavailable {
            retry_after: None,
            detail: format!("cannot write to the log: {error}"),
        };
        vec![outcome; batch.len()]
    })
}

/// Writes what a delivery brings to the log.
pub(super) fn write(delivery: &Delivery) -> DeliveryOutcome {
    match Message::read(&delivery.payload).map(|message| (message.severity, message.content)) {
        Ok((_, Content::Digest(digest))) => {
            for (severity, article) in &digest.articles {
                brief(severity.as_str(), article);
            }
            for (severity, notice) in &digest.notices {
                tell(severity.as_str(), notice);
            }
            DeliveryOutcome::Delivered
        }
        Ok((severity, Content::Notice(notice))) => {
            tell(severity.as_str(), &notice);
            DeliveryOutcome::Delivered
        }
        // What cannot be read is refused there.
        Ok((_, Content::Article(_))) | Err(_) => alert(delivery),
    }
}

/// An alert of a digest, as far as the digest tells of it.
fn brief(severity: &str, article: &ArticleMessage) {
    let ids = |matched: &[MatchMessage]| {
        let ids: Vec<&str> = matched.iter().map(|it| it.id.as_str()).collect();
        ids.join(" ")
    };
    info!(
        target: TARGET,
        severity,
        topics = ids(&article.topics),
        actors = ids(&article.actors),
        feed.id = article.feed,
        url = article.url.as_deref().unwrap_or_default(),
        "{}",
        printable(&article.title, CHARS_MAX)
    );
}

fn tell(severity: &str, notice: &NoticeMessage) {
    info!(
        target: TARGET,
        severity,
        notice = notice.kind,
        "{}: {}",
        notice.title,
        printable(&notice.text, CHARS_MAX)
    );
}

fn alert(delivery: &Delivery) -> DeliveryOutcome {
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
        target: TARGET,
        severity = text("/data/severity"),
        alert.id = alert,
        topics = names(&payload, "/data/topics"),
        actors = names(&payload, "/data/actors"),
        feed.id = feed,
        url = text("/data/article/url"),
        "{}",
        message(&text("/data/article/title"), &payload)
    );
    DeliveryOutcome::Delivered
}

/// The title and, where it says more, the strongest piece of evidence.
fn message(title: &str, payload: &Value) -> String {
    match strongest_quote(payload).map(|quote| printable(quote, CHARS_MAX)) {
        Some(quote) if !title.contains(&quote) => format!("{title} “{quote}”"),
        _ => title.to_owned(),
    }
}

/// The longest span of the topic that gave the alert its severity, or else of the
/// actor that is surest: the more text it takes, the less it is there by chance.
fn strongest_quote(payload: &Value) -> Option<&str> {
    let severity = payload.pointer("/data/severity");
    let topic = strongest(payload, "/data/topics", "score", |topic| {
        topic.get("severity") == severity
    });
    let best = topic.or_else(|| strongest(payload, "/data/actors", "confidence", |_| true))?;
    let evidence = best.get("evidence").and_then(Value::as_array)?;
    evidence
        .iter()
        .filter_map(|piece| piece.get("quote").and_then(Value::as_str))
        .max_by_key(|quote| quote.chars().count())
}

fn strongest<'a>(
    payload: &'a Value,
    pointer: &str,
    measure: &str,
    counts: impl Fn(&Value) -> bool,
) -> Option<&'a Value> {
    let strength = |of: &Value| of.get(measure).and_then(Value::as_f64).unwrap_or_default();
    let matched = payload.pointer(pointer)?.as_array()?;
    matched
        .iter()
        .filter(|matched| counts(matched))
        .max_by(|a, b| strength(a).total_cmp(&strength(b)))
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
