//! `wirewatch alerts show`: one alert, why it matched and what became of it.

use super::{exit, print};
use crate::alert::message::{ArticleMessage, Content, Message, pieces};
use crate::alert::{AlertId, Passage};
use crate::cli::deliveries::record_json;
use crate::cli::exit::Failure;
use crate::store::{AlertDetail, DeliveryRecord, Store};
use crate::text::{count, printable};
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) async fn show(store: &Store, id: &str, as_json: bool) -> Result<u8, Failure> {
    let Some(detail) = store.alert(&AlertId(id.to_owned())).await? else {
        let id = printable(id, 100);
        return Err(Failure::new(
            exit::NO,
            format!("there is no alert {id}; `wirewatch alerts list` shows those that there are"),
        ));
    };
    if as_json {
        let alert: Value = serde_json::from_slice(&detail.record.json).map_err(unreadable(id))?;
        let mut shown = what_became_json(&detail)?;
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("alert".to_owned(), alert);
        }
        print::json(&shown)?;
        return Ok(exit::DONE);
    }
    let message = Message::read(&detail.record.json).map_err(unreadable(id))?;
    let mut lines = message_lines(&message);
    lines.extend(what_became(&detail)?);
    lines.iter().try_for_each(|line| print::line(line))?;
    Ok(exit::DONE)
}

/// What was decided about an alert and what became of it, a line each.
pub(in crate::cli) fn what_became(detail: &AlertDetail) -> Result<Vec<String>, Failure> {
    let mut lines = decision_lines(decision(detail)?.as_ref());
    lines.extend(detail.deliveries.iter().map(delivery_line));
    Ok(lines)
}

/// The same as JSON.
pub(in crate::cli) fn what_became_json(detail: &AlertDetail) -> Result<Value, Failure> {
    let deliveries: Vec<Value> = detail.deliveries.iter().map(record_json).collect();
    Ok(json!({"decision": decision(detail)?, "deliveries": deliveries}))
}

fn unreadable<E: std::fmt::Display>(id: &str) -> impl Fn(E) -> Failure {
    move |error| Failure::new(exit::DATA, format!("alert {}: {error}", printable(id, 100)))
}

fn decision(detail: &AlertDetail) -> Result<Option<Value>, Failure> {
    let text = detail.decision.as_deref();
    text.map(serde_json::from_str)
        .transpose()
        .map_err(unreadable(&detail.record.id.0))
}

/// A stored notice as a person reads it.
pub(super) fn notice_lines(json: &[u8]) -> Result<Vec<String>, Failure> {
    let message = Message::read(json)
        .map_err(|error| Failure::new(exit::DATA, format!("a notice: {error}")))?;
    let mut lines = vec![format!("{:.0}  {}", message.at, message.id)];
    lines.extend(message_lines(&message));
    Ok(lines)
}

fn message_lines(message: &Message) -> Vec<String> {
    let head = format!("[{}] {}", message.severity.as_str(), message.title());
    let mut lines = vec![print::bold(&head)];
    match &message.content {
        Content::Article(article) => article_lines(article, &mut lines),
        Content::Notice(notice) => lines.push(format!("  {}", notice.text)),
        Content::Digest(_) => {}
    }
    lines
}

fn article_lines(article: &ArticleMessage, lines: &mut Vec<String>) {
    lines.extend(article.url.as_ref().map(|url| format!("  {url}")));
    let mut source = vec![format!("  {} ({})", article.publisher, article.feed)];
    for (what, at) in [("published", article.published), ("seen", article.seen)] {
        source.extend(at.map(|at| format!("{what} {at:.0}")));
    }
    lines.push(source.join(", "));
    for topic in &article.topics {
        lines.push(format!("  topic {}: {}", topic.id, topic.name));
    }
    for actor in &article.actors {
        let mentions = count(actor.mentions, "mention");
        lines.push(format!("  actor {}: {}, {mentions}", actor.id, actor.name));
    }
    lines.extend(article.passages.iter().map(passage_line));
}

/// What made it match stands between guillemets.
fn passage_line(passage: &Passage) -> String {
    let piece = |(text, is_marked): (&str, bool)| {
        if is_marked {
            format!("«{}»", print::bold(text))
        } else {
            text.to_owned()
        }
    };
    let text: String = pieces(passage).into_iter().map(piece).collect();
    format!("  {}: {text}", passage.field.as_str())
}

/// What each route said, in words.
fn decision_lines(decision: Option<&Value>) -> Vec<String> {
    let Some(decision) = decision else {
        return vec!["  there was no route: it goes to every sink".to_owned()];
    };
    let routes = decision.get("routes").and_then(Value::as_array);
    let mut lines: Vec<String> = routes.into_iter().flatten().map(route_line).collect();
    let nowhere = match decision.get("nowhere").and_then(Value::as_str) {
        Some("no-sink") => "no sink is configured",
        Some("no-route") => "no route lets it pass, so it goes nowhere",
        Some("dropped") => "the routes that let it pass lead to no sink, so it goes nowhere",
        _ => return lines,
    };
    lines.push(format!("  {nowhere}"));
    lines
}

fn route_line(said: &Value) -> String {
    let text = |key: &str| said.get(key).and_then(Value::as_str).unwrap_or_default();
    let sinks: Vec<&str> = said
        .get("sinks")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let what = match (text("verdict"), text("by")) {
        ("refused", "topics") => {
            "it is about none of its topics and mentions none of its actors".to_owned()
        }
        ("refused", "severity") => "it matters less than its severity".to_owned(),
        ("refused", key) => format!("it is none of its {key}"),
        ("passed", _) if sinks.is_empty() => "passed, to no sink that had it not".to_owned(),
        ("passed", _) => format!("passed, to {}", sinks.join(", ")),
        _ => "not tried: an earlier route ended it".to_owned(),
    };
    format!("  route {}: {what}", text("route"))
}

fn delivery_line(delivery: &DeliveryRecord) -> String {
    let at = |what: &str, at: Option<Timestamp>| at.map(|at| format!("{what} {at:.0}"));
    let why = match (delivery.silence, delivery.reason) {
        (Some(silence), _) => Some(format!("by silence {}", silence.0)),
        (None, reason) => reason.map(|reason| format!("({})", reason.as_str())),
    };
    let digest = delivery.digest.as_ref();
    let words = [
        Some(format!(
            "  to {}: {}",
            delivery.sink,
            delivery.state.as_str()
        )),
        why,
        at("until", delivery.release_at),
        digest.map(|digest| format!("in {}", digest.0)),
        at("next attempt", delivery.next_at),
        at("at", delivery.finished_at),
        (delivery.attempts > 0).then(|| format!("after {}", count(delivery.attempts, "attempt"))),
        delivery
            .last
            .as_ref()
            .filter(|last| !last.detail.is_empty())
            .map(|last| format!("(last: {})", printable(&last.detail, 200))),
    ];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
