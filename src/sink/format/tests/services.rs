//! What push services, pagers and mail servers take, and what their users see.

use super::super::letter as letters;
use super::limits::Over;
use super::readers::{Seen, html, json};
use super::{Rendered, Task};
use crate::config::{EmailConfig, Format, MailTls};
use crate::fetch::Verb;
use mail_parser::MessageParser;
use serde_json::Value;
use url::form_urlencoded;

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default()
}

fn characters(text: &str) -> usize {
    text.chars().fold(0, |count, _| count + 1)
}

/// Text of lines, of which those that are addresses are links.
fn lines(text: &str, seen: &mut Seen) {
    for line in text.split('\n') {
        if line.starts_with("http://") || line.starts_with("https://") {
            seen.links.push(line.to_owned());
        } else {
            seen.line(line);
        }
    }
}

/// What is shown of a body of JSON: texts, and places that hold a link.
fn shown(body: &Value, texts: &[&str], links: &[&str]) -> Seen {
    let mut seen = Seen::default();
    for pointer in texts {
        lines(text(body, pointer), &mut seen);
    }
    for pointer in links {
        let link = body.pointer(pointer).and_then(Value::as_str);
        seen.links.extend(link.map(str::to_owned));
    }
    seen.finish()
}

pub(super) fn ntfy(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let mut seen = shown(&body, &["/title", "/message"], &["/click"]);
    if body.get("markdown").is_some() {
        seen.fault("markup is on");
    }
    seen
}

pub(super) fn ntfy_over(rendered: &Rendered) -> Vec<String> {
    let body = json(rendered);
    let mut over = Over::default();
    over.check("the message", text(&body, "/message").len(), 4_096);
    over.check("the title", text(&body, "/title").len(), 1_024);
    over.check("the body", rendered.body.len(), 8_192);
    let nothing = text(&body, "/message").is_empty();
    over.check("an empty message", usize::from(nothing), 0);
    over.done()
}

pub(super) fn gotify(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let click = "/extras/client::notification/click/url";
    let mut seen = shown(&body, &["/title", "/message"], &[click]);
    let kind = text(&body, "/extras/client::display/contentType");
    if !matches!(kind, "" | "text/plain") {
        seen.fault("markup is on");
    }
    seen
}

pub(super) fn gotify_over(rendered: &Rendered) -> Vec<String> {
    let mut over = Over::default();
    over.check("the body", rendered.body.len(), 65_536);
    over.done()
}

fn field(rendered: &Rendered, name: &str) -> String {
    let mut fields = form_urlencoded::parse(&rendered.body);
    let found = fields.find(|(known, _)| known == name);
    found.map_or_else(String::new, |(_, value)| value.into_owned())
}

pub(super) fn pushover(rendered: &Rendered) -> Seen {
    let mut seen = Seen::default();
    seen.line(&field(rendered, "title"));
    lines(&field(rendered, "message"), &mut seen);
    let link = field(rendered, "url");
    if !link.is_empty() {
        seen.links.push(link);
    }
    if !field(rendered, "html").is_empty() {
        seen.fault("markup is on");
    }
    seen.finish()
}

pub(super) fn pushover_over(rendered: &Rendered) -> Vec<String> {
    let mut over = Over::default();
    over.check("the title", characters(&field(rendered, "title")), 250);
    over.check(
        "the message",
        characters(&field(rendered, "message")),
        1_024,
    );
    over.check("the link", characters(&field(rendered, "url")), 512);
    let nothing = field(rendered, "message").is_empty();
    over.check("an empty message", usize::from(nothing), 0);
    over.done()
}

pub(super) fn pagerduty(rendered: &Rendered) -> Seen {
    let texts = ["/payload/summary", "/payload/custom_details/text"];
    shown(&json(rendered), &texts, &["/links/0/href"])
}

pub(super) fn pagerduty_over(rendered: &Rendered) -> Vec<String> {
    let body = json(rendered);
    let mut over = Over::default();
    let summary = characters(text(&body, "/payload/summary"));
    over.check("the summary", summary, 1_024);
    over.check("an empty summary", usize::from(summary == 0), 0);
    over.check("the event", rendered.body.len(), 512 * 1024);
    over.check("the key", text(&body, "/dedup_key").len(), 255);
    over.done()
}

pub(super) fn alertmanager(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let texts = ["/0/annotations/summary", "/0/annotations/description"];
    let mut seen = shown(&body, &texts, &["/0/generatorURL"]);
    let labels = body.pointer("/0/labels").and_then(Value::as_object);
    for (name, value) in labels.unwrap() {
        let value = value.as_str().unwrap();
        if value.is_empty() || value.contains(char::is_control) {
            seen.fault(format!("the label {name} is {value:?}"));
        }
    }
    seen
}

pub(super) fn alertmanager_over(rendered: &Rendered) -> Vec<String> {
    let mut over = Over::default();
    over.check("the body", rendered.body.len(), 65_536);
    over.done()
}

pub(super) fn apprise(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let mut seen = shown(&body, &["/title", "/body"], &[]);
    if text(&body, "/format") != "text" {
        seen.fault("markup is on");
    }
    seen
}

pub(super) fn apprise_over(rendered: &Rendered) -> Vec<String> {
    let body = json(rendered);
    let mut over = Over::default();
    over.check("the body", rendered.body.len(), 65_536);
    over.check(
        "an empty body",
        usize::from(text(&body, "/body").is_empty()),
        0,
    );
    over.done()
}

/// A letter as if it were the body of a request.
pub(super) fn written_letter(_: &Format, task: Task<'_>) -> Rendered {
    let mailbox = || "desk@example.org".parse().unwrap();
    let config = EmailConfig {
        host: "mail.example.org".to_owned(),
        port: 465,
        tls: MailTls::Implicit,
        login: None,
        from: mailbox(),
        to: vec![mailbox()],
        reply_to: Some(mailbox()),
    };
    let letter = letters::write(&config, &task.delivery.sink, task.delivery).unwrap();
    Rendered {
        verb: Verb::Post,
        url: task.url.clone(),
        content_type: "message/rfc822".into(),
        headers: Vec::new(),
        body: letter.formatted(),
    }
}

pub(super) fn letter(rendered: &Rendered) -> Seen {
    const TAGS: [&str; 9] = [
        "h2",
        "p",
        "small",
        "blockquote",
        "mark",
        "b",
        "br",
        "a",
        "body",
    ];
    let letter = MessageParser::default().parse(&rendered.body).unwrap();
    let mut seen = Seen::default();
    seen.line(letter.subject().unwrap());
    lines(&letter.body_text(0).unwrap().replace('\r', ""), &mut seen);
    let page = letter.body_html(0).unwrap();
    let (_, body) = page.split_once("</head>").unwrap();
    let (body, _) = body.rsplit_once("</html>").unwrap();
    html(body, &TAGS, &mut seen);
    if letter.parts.len() != 3 {
        seen.fault(format!("{} parts", letter.parts.len()));
    }
    seen.text = seen.text.replace('\r', "");
    seen.finish()
}

pub(super) fn letter_over(rendered: &Rendered) -> Vec<String> {
    let text = std::str::from_utf8(&rendered.body).unwrap();
    let mut over = Over::default();
    let longest = text.split("\r\n").map(str::len).max().unwrap_or_default();
    over.check("a line", longest, 998);
    let bare = text.replace("\r\n", "").matches(['\r', '\n']).count();
    over.check("bare ends of lines", bare, 0);
    let headers = text.split("\r\n\r\n").next().unwrap_or_default();
    let names = headers
        .split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']));
    over.check("the headers", names.count(), 10);
    let outside = text.chars().filter(|c| !c.is_ascii()).count();
    over.check("characters outside ASCII", outside, 0);
    over.check("the letter", text.len(), 1 << 20);
    over.done()
}
