//! `template = …` of a webhook: read and tried before it is needed.
//!
//! A template is tried on a message of every type, so that a mistake in it shows
//! in `check`, at its line, and not in the night in which a feed dies.

use super::item::{Item, Table};
use super::load;
use super::reading::Place;
use super::tree::Value;
use super::watchlists::within;
use crate::alert::message::Message;
use crate::alert::notice::{Notice, NoticeKind, Subject};
use crate::alert::payload::{self, DigestHead};
use crate::alert::{DigestId, sample};
use crate::template::{Output, Template, TemplateError, data};
use jiff::Timestamp;

/// A template with what is said of what it writes.
#[derive(Debug)]
pub struct TemplateFormat {
    /// What writes the body.
    pub template: Template,
    /// What the body is.
    pub content_type: String,
    /// Whether it is handed over by PUT; otherwise it is by POST.
    pub put: bool,
}

/// What has to be said of every message alike.
const HELP: &str = "every message has `type`, `title`, `text`, `url`, `severity` and `delivery`; \
     ask for the rest: {% if type == \"article.matched\" %}";

/// The text of a template, and where it is written.
struct Source<'a> {
    text: String,
    /// The file, if it is a file of its own.
    file: Option<usize>,
    item: Item<'a>,
}

pub(super) fn template(table: &Table<'_>) -> Option<TemplateFormat> {
    let content_type = match table.get("content_type") {
        Some(item) => content_type(&item),
        None => Some("application/json".to_owned()),
    };
    let put = match table.get("method") {
        Some(item) => item.word(&[("POST", false), ("PUT", true)]),
        None => Some(false),
    };
    let source = table
        .need("template", "{ file = \"alert.jinja\" }")
        .and_then(source)?;
    let content_type = content_type?;
    let template = tried(&source, Output::of(&content_type))
        .map_err(|error| source.fail(&error))
        .ok()?;
    Some(TemplateFormat {
        template,
        content_type,
        put: put?,
    })
}

fn content_type(item: &Item<'_>) -> Option<String> {
    let text = item.filled()?;
    let visible = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if visible && text.split_once('/').is_some() {
        return Some(text.to_owned());
    }
    item.fail(
        "this is no media type",
        "write one such as \"application/json\" or \"text/plain; charset=utf-8\"",
    )
}

/// The text itself, or the file that has it.
fn source(item: Item<'_>) -> Option<Source<'_>> {
    let Value::Table(_) = &item.node.value else {
        let text = item.filled()?.to_owned();
        return Some(Source {
            text,
            file: None,
            item,
        });
    };
    let table = item.table()?;
    let named = table.need("file", "\"alert.jinja\"");
    table.finish();
    let item = named?;
    let path = item.file_path()?;
    match load::read_file(&path) {
        Ok(file) => {
            let text = file.text.clone();
            let file = Some(item.reading.add(file));
            Some(Source { text, file, item })
        }
        Err(message) => item.fail(message, "the file holds the template and nothing else"),
    }
}

impl Source<'_> {
    fn fail(&self, error: &Mistake) {
        let span = error.error.span.clone();
        let place = match (self.file, span) {
            (Some(file), Some(span)) => Place::Span(file, span),
            (Some(file), None) => Place::File(file),
            (None, Some(span)) => within(&self.item, &self.text, &span),
            (None, None) => self.item.place().clone(),
        };
        let message = match error.kind {
            Some(kind) => format!("the template fails for {kind}: {}", error.error.message),
            None => format!("the template cannot be read: {}", error.error.message),
        };
        let draft = super::reading::Draft::error(&place, &self.item.path, message);
        let help = error.kind.map(|_| HELP.to_owned());
        self.item.reading.note(draft.maybe_help(help));
    }
}

/// What is wrong, and with which message if it can be read at all.
struct Mistake {
    kind: Option<&'static str>,
    error: TemplateError,
}

fn tried(source: &Source<'_>, output: Output) -> Result<Template, Mistake> {
    let template = Template::new(source.text.clone(), output)
        .map_err(|error| Mistake { kind: None, error })?;
    for (kind, payload) in samples() {
        let Ok(data) = data(&payload, "msg_test_sink", "Text of several\nlines.") else {
            continue;
        };
        let kind = Some(kind);
        template
            .render(&data)
            .map_err(|error| Mistake { kind, error })?;
    }
    Ok(template)
}

/// A message of every type, as it would be stored.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let at = Timestamp::UNIX_EPOCH;
    let notice = Notice {
        kind: NoticeKind::FeedFails,
        subject: Subject::Feed("test".to_owned()),
        at,
        text: "This is a test.".to_owned(),
    };
    let notice = payload::notice_json(&notice, 1);
    let Some(alert) = sample(at) else {
        return vec![("a notice", notice)];
    };
    let alert_payload = payload::alert_json(&alert, 1);
    let parts: Vec<Message> = [&alert_payload, &notice]
        .into_iter()
        .filter_map(|payload| Message::read(payload).ok())
        .collect();
    let id = DigestId(alert.id.0.clone());
    let head = DigestHead {
        id: &id,
        at,
        reason: "limit",
        route: None,
    };
    vec![
        ("a test", payload::test_json(&alert, 1)),
        ("an alert", alert_payload),
        ("a digest", payload::digest_json(&head, &parts, 1)),
        ("a notice", notice),
    ]
}
