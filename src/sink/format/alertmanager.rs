//! `alertmanager`: Prometheus Alertmanager, API v2.
//!
//! Alertmanager knows an alert by its labels, so one of them is the id: articles
//! stay apart unless its own `group_by` joins them, and what is sent twice is one
//! alert. News has no end that anybody reports, so each alert ends by itself; its
//! end counts from the attempt, for one that ended on the way would not be told.

use super::text::{View, chars, cut, fitted};
use super::{RenderError, Rendered, Task, below, plain_lines, view};
use crate::alert::message::{Content, MatchMessage, Message};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// The longest description, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 500;
/// The longest value of a label, in characters; routes match them as wholes.
const LABEL_CHARS_MAX: usize = 500;

/// Writes an alert.
pub(super) fn render(
    task: Task<'_>,
    resolve_after: SignedDuration,
) -> Result<Rendered, RenderError> {
    let message = Message::read(&task.delivery.payload)?;
    let view = view(task)?;
    let end = task.now.max(message.at).checked_add(resolve_after);
    let end = end.unwrap_or(Timestamp::MAX);
    let chars_max = if task.plain {
        PLAIN_CHARS_MAX
    } else {
        TEXT_CHARS_MAX
    };
    let write = |view: &View| alert(view, &message, end);
    let body = fitted(&view, chars_max, write, |_| true);
    let url = below(task.url, "/api/v2/alerts");
    Ok(Rendered::json(&url, &json!([body])))
}

fn alert(view: &View, message: &Message, end: Timestamp) -> Value {
    let mut alert = json!({
        "labels": labels(message),
        "annotations": {
            "summary": view.title,
            "description": plain_lines(view),
        },
        "startsAt": message.at.to_string(),
        "endsAt": end.to_string(),
    });
    if let (Some(alert), Some(url)) = (alert.as_object_mut(), &view.url) {
        alert.insert("generatorURL".to_owned(), json!(url));
    }
    alert
}

/// What routes and silences match. A label without a value is none, and is left
/// out; ids of topics and actors stand between commas, so that `.*,pact,.*` finds one.
fn labels(message: &Message) -> Map<String, Value> {
    let name = match &message.content {
        _ if message.is_test() => "WirewatchTest",
        Content::Article(_) => "WirewatchArticle",
        Content::Digest(_) => "WirewatchDigest",
        Content::Notice(_) => "WirewatchNotice",
    };
    let mut labels = vec![
        ("alertname", name.to_owned()),
        ("severity", message.severity.as_str().to_owned()),
        ("alert", message.id.clone()),
    ];
    match &message.content {
        Content::Article(article) => labels.extend([
            ("feed", article.feed.clone()),
            ("language", language(article.language.as_deref())),
            ("topics", ids(&article.topics)),
            ("actors", ids(&article.actors)),
        ]),
        Content::Notice(notice) => labels.extend([
            ("notice", notice.kind.clone()),
            ("subject", notice.subject.clone()),
        ]),
        Content::Digest(digest) => {
            labels.push(("route", digest.route.clone().unwrap_or_default()));
        }
    }
    labels.retain(|(_, value)| !value.is_empty());
    let label = |(name, value): (&str, String)| {
        (name.to_owned(), json!(cut(&value, LABEL_CHARS_MAX, chars)))
    };
    labels.into_iter().map(label).collect()
}

/// The one label that feeds have a say in: a tag of a language, or nothing.
fn language(tag: Option<&str>) -> String {
    let tag = tag.unwrap_or_default();
    let sound = tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if sound { tag.to_owned() } else { String::new() }
}

fn ids(matches: &[MatchMessage]) -> String {
    let mut ids: String = matches
        .iter()
        .map(|matched| format!(",{}", matched.id))
        .collect();
    if !ids.is_empty() {
        ids.push(',');
    }
    ids
}
