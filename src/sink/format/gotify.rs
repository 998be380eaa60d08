//! `gotify`: an application of a Gotify server.
//!
//! Messages are plain text, which is Gotify's own default and is said all the
//! same: with Markdown, text of a feed could load pictures from anywhere.

use super::text::{View, fitted};
use super::{RenderError, Rendered, Task, below, plain_lines, view};
use crate::config::Secret;
use crate::watchlist::Severity;
use serde_json::{Value, json};

/// The longest message, in characters. Gotify states no limit; its clients show
/// whole messages in a list.
const TEXT_CHARS_MAX: usize = 8_000;
/// The plain form, in characters.
const PLAIN_CHARS_MAX: usize = 500;

/// Writes a message.
pub(super) fn render(task: Task<'_>, token: &Secret) -> Result<Rendered, RenderError> {
    let view = view(task)?;
    let body = if task.plain {
        fitted(&view, PLAIN_CHARS_MAX, plain, |_| true)
    } else {
        fitted(&view, TEXT_CHARS_MAX, full, |_| true)
    };
    let mut rendered = Rendered::json(&below(task.url, "/message"), &body);
    let token = token.expose().clone();
    rendered.headers.push(("x-gotify-key".into(), token));
    Ok(rendered)
}

fn full(view: &View) -> Value {
    let mut body = plain(view);
    let mut extras = json!({"client::display": {"contentType": "text/plain"}});
    if let (Some(extras), Some(url)) = (extras.as_object_mut(), &view.url) {
        let click = json!({"click": {"url": url}});
        extras.insert("client::notification".to_owned(), click);
    }
    if let Some(body) = body.as_object_mut() {
        body.insert("extras".to_owned(), extras);
    }
    body
}

fn plain(view: &View) -> Value {
    let mut lines = plain_lines(view);
    if let Some(url) = &view.url {
        lines = format!("{lines}\n{url}");
    }
    json!({
        "title": view.title,
        "message": lines,
        "priority": priority(view.severity),
    })
}

/// From 4 on a client makes a sound, from 8 on it rings (Gotify for Android).
fn priority(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 0,
        Severity::Low => 2,
        Severity::Normal => 5,
        Severity::High => 7,
        Severity::Critical => 9,
    }
}
