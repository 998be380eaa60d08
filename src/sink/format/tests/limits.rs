//! What each receiver refuses, counted as it counts.

use super::Rendered;
use super::readers::{json, strip_tags};
use serde_json::Value;

/// Notes what is longer than it may be.
#[derive(Default)]
pub(super) struct Over(Vec<String>);

impl Over {
    pub(super) fn check(&mut self, what: &str, length: usize, max: usize) {
        if length > max {
            self.0
                .push(format!("{what} is {length} long, at most {max}"));
        }
    }

    pub(super) fn done(self) -> Vec<String> {
        self.0
    }
}

fn characters(text: &str) -> usize {
    text.chars().fold(0, |count, _| count + 1)
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

pub(super) fn slack(rendered: &Rendered) -> Vec<String> {
    let body = json(rendered);
    let mut over = Over::default();
    over.check("text", characters(text(&body, "/text")), 4_000);
    let Some(blocks) = body.get("blocks") else {
        return over.done();
    };
    over.check("blocks", blocks.as_array().unwrap().len(), 50);
    over.check("all blocks", characters(&blocks.to_string()), 13_200);
    let mut left = vec![blocks];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(values) => left.extend(values),
            Value::Object(values) => {
                let text = values.get("text").and_then(Value::as_str);
                over.check("a text", characters(text.unwrap_or("x")), 3_000);
                over.check("an empty text", usize::from(text == Some("")), 0);
                let url = values.get("url").and_then(Value::as_str);
                over.check("a link", url.unwrap_or_default().len(), 3_000);
                left.extend(values.values());
            }
            _ => {}
        }
    }
    over.done()
}

pub(super) fn discord(rendered: &Rendered) -> Vec<String> {
    let body = json(rendered);
    let mut over = Over::default();
    let title = utf16(text(&body, "/embeds/0/title"));
    let description = utf16(text(&body, "/embeds/0/description"));
    over.check("content", utf16(text(&body, "/content")), 2_000);
    over.check("title", title, 256);
    over.check("description", description, 4_096);
    over.check("the embed", title + description, 6_000);
    over.check("url", text(&body, "/embeds/0/url").len(), 2_048);
    let full = body.get("embeds").is_some();
    over.check("an empty title", usize::from(full && title == 0), 0);
    over.done()
}

pub(super) fn teams(rendered: &Rendered) -> Vec<String> {
    let body = std::str::from_utf8(&rendered.body).unwrap();
    let mut over = Over::default();
    let units = body.encode_utf16();
    let escaped = units.map(|unit| if unit < 128 { 1 } else { 6 }).sum();
    over.check("the body", escaped, 20_000);
    over.done()
}

pub(super) fn mattermost(rendered: &Rendered) -> Vec<String> {
    let mut over = Over::default();
    over.check(
        "the post",
        characters(text(&json(rendered), "/text")),
        16_383,
    );
    over.done()
}

pub(super) fn matrix(rendered: &Rendered) -> Vec<String> {
    // The rest of the event: ids, hashes, signatures, earlier events.
    const ENVELOPE_BYTES: usize = 8_192;
    let mut over = Over::default();
    over.check("the event", rendered.body.len() + ENVELOPE_BYTES, 65_536);
    over.done()
}

pub(super) fn telegram(rendered: &Rendered) -> Vec<String> {
    let body = json(rendered);
    let text = text(&body, "/text");
    let mut over = Over::default();
    if body.get("parse_mode").is_some() {
        let (shown, elements) = strip_tags(text);
        over.check("the text", utf16(&shown), 4_096);
        over.check("the elements", elements, 100);
    } else {
        over.check("the text", utf16(text), 4_096);
    }
    over.check("an empty text", usize::from(text.is_empty()), 0);
    over.check("the markup", text.len(), 32_768);
    over.done()
}
