//! Messages as their receivers read them: small parsers of each markup, written
//! from its documentation and not from how we write it.

use super::Rendered;
use crate::fetch::Verb;
use serde_json::{Value, json};
use std::mem;

/// What a user would see.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// All text, that of links too, with invisible characters.
    pub(super) text: String,
    /// Where links lead.
    pub(super) links: Vec<String>,
    /// Whatever is not as it should be: a mention, markup that is none of ours.
    pub(super) faults: Vec<String>,
}

impl Seen {
    pub(super) fn fault(&mut self, what: impl Into<String>) {
        self.faults.push(what.into());
    }

    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Notes what clients make active without any markup.
    pub(super) fn finish(mut self) -> Self {
        let chars: Vec<char> = self.text.chars().collect();
        let at = |index: usize| chars.get(index).copied().unwrap_or(' ');
        let word = |c: char| c.is_alphanumeric() || c == '_';
        for (index, c) in chars.iter().enumerate() {
            let before = index.checked_sub(1).map_or(' ', at);
            let (next, second) = (at(index + 1), at(index + 2));
            let found = match c {
                '@' => word(next),
                '#' | '$' | '~' => next.is_alphabetic(),
                ':' => next == '/' && second == '/',
                '/' => before.is_whitespace() && next.is_alphabetic(),
                '.' => word(before) && next.is_alphabetic(),
                _ => false,
            };
            if found {
                let start = index.saturating_sub(20);
                let around: String = chars[start..(index + 20).min(chars.len())].iter().collect();
                self.faults.push(format!("{around:?} is active"));
            }
        }
        self
    }
}

pub(super) fn json(rendered: &Rendered) -> Value {
    serde_json::from_slice(&rendered.body).expect("the body is JSON")
}

fn of<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn all<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], |it| it)
}

/// Ordinary text of Slack has `<…>` for links and mentions and three references;
/// rich text has an element for each.
pub(super) fn slack(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let mut seen = Seen::default();
    if body.get("mrkdwn") != Some(&json!(false)) {
        seen.fault("markup is on");
    }
    let blocks = all(&body, "blocks");
    let mut ordinary = Seen::default();
    slack_text(of(&body, "text"), &mut ordinary);
    if blocks.is_empty() {
        return ordinary.finish();
    }
    seen.faults.append(&mut ordinary.finish().faults);
    for part in blocks.iter().flat_map(|block| all(block, "elements")) {
        if !matches!(of(part, "type"), "rich_text_section" | "rich_text_quote") {
            seen.fault(format!("{part} is no text"));
        }
        for element in all(part, "elements") {
            seen.text.push_str(of(element, "text"));
            match of(element, "type") {
                "text" => {}
                "link" => seen.links.push(of(element, "url").to_owned()),
                other => seen.fault(format!("an element {other}")),
            }
        }
        seen.text.push('\n');
    }
    seen.finish()
}

fn slack_text(text: &str, seen: &mut Seen) {
    let plain = |text: &str| {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    let mut parts = text.split('<');
    seen.text.push_str(&plain(parts.next().unwrap_or_default()));
    for part in parts {
        let Some((control, rest)) = part.split_once('>') else {
            seen.fault(format!("a control that has no end: {part:?}"));
            continue;
        };
        if control.starts_with(['!', '@', '#']) {
            seen.fault(format!("a mention: {control:?}"));
        }
        let url = control.split('|').next().unwrap_or_default();
        seen.links.push(plain(url));
        seen.text.push_str(&plain(rest));
    }
    if plain(text).contains('>')
        && text.replace("&gt;", "").matches('>').count() != seen.links.len()
    {
        seen.fault("a `>` that is not escaped");
    }
}

pub(super) fn discord(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let mut seen = Seen::default();
    if body.get("allowed_mentions") != Some(&json!({"parse": []})) {
        seen.fault("mentions are allowed");
    }
    if !rendered
        .url
        .query()
        .unwrap_or_default()
        .contains("wait=true")
    {
        seen.fault("the answer comes before the message is saved");
    }
    // Any character that is neither a letter, a digit nor white space.
    let escapable = |c: char| c.is_ascii_punctuation();
    let text = |key| of(&body, key).to_owned();
    markdown(&text("content"), escapable, &mut seen);
    for embed in all(&body, "embeds") {
        markdown(of(embed, "title"), escapable, &mut seen);
        markdown(of(embed, "description"), escapable, &mut seen);
        seen.links
            .extend(embed.get("url").map(|_| of(embed, "url").to_owned()));
    }
    seen.finish()
}

pub(super) fn mattermost(rendered: &Rendered) -> Seen {
    let mut seen = Seen::default();
    let body = json(rendered);
    let text = of(&body, "text");
    // Those of its web client, which are the fewest.
    let escapable = |c: char| r"\`*{}[]()#+-.!_>~|".contains(c);
    markdown(text, escapable, &mut seen);
    for part in text.split('&').skip(1) {
        let name = |c: char| c == '#' || c.is_ascii_alphanumeric();
        if part.trim_start_matches(name).starts_with(';') && part.starts_with(name) {
            seen.fault(format!("a reference to a character: &{part}"));
        }
    }
    let words: Vec<&str> = seen.text.split(':').collect();
    let emoji = |word: &&&str| {
        let name = |c: char| c.is_ascii_alphanumeric() || "_+-".contains(c);
        !word.is_empty() && word.chars().all(name)
    };
    if words.len() > 2 && words[1..words.len() - 1].iter().any(|word| emoji(&word)) {
        seen.fault("an emoji by its name");
    }
    if seen.text.contains("$x") {
        seen.fault("a formula");
    }
    seen.finish()
}

/// Markdown as far as chats have it; whatever is neither escaped nor one of the
/// few marks that we make is a fault.
fn markdown(source: &str, escapable: impl Fn(char) -> bool, seen: &mut Seen) {
    for line in source.split('\n') {
        let line = line.strip_prefix("> ").unwrap_or(line);
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        if line.starts_with(['#', '-', '+', '>', '=', ' ', '\t'])
            || (digits.len() < line.len() && digits.starts_with(['.', ')']))
        {
            seen.fault(format!("the line begins with markup: {line:?}"));
        }
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let (_, after) = rest.split_at(c.len_utf8());
            let next = after.chars().next().unwrap_or(' ');
            if c == '\\' && escapable(next) {
                seen.text.push(next);
                (_, rest) = after.split_at(next.len_utf8());
            } else if let Some(after) = rest.strip_prefix("**") {
                rest = after;
            } else if rest.starts_with("http://") || rest.starts_with("https://") {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (link, after) = rest.split_at(end);
                seen.links.push(link.to_owned());
                rest = after;
            } else if rest.starts_with("<http") {
                let (link, after) = after.split_once('>').unwrap_or_default();
                seen.links.push(link.to_owned());
                rest = after;
            } else if let Some(target) = rest.strip_prefix("](") {
                let (link, after) = target.split_once(')').unwrap_or_default();
                if link.contains(['(', '<', ' ', '"']) {
                    seen.fault(format!("a link that ends elsewhere: {link:?}"));
                }
                seen.links.push(link.to_owned());
                rest = after;
            } else {
                let control = next.is_alphanumeric() || "@#:!/".contains(next);
                if "*_~`|]\\".contains(c) || (c == '<' && control) {
                    seen.fault(format!("markup: {rest:?}"));
                }
                // A bracket opens the label of a link, or else nothing closes it.
                if c != '[' {
                    seen.text.push(c);
                }
                rest = after;
            }
        }
        seen.text.push('\n');
    }
}

/// A card may have nothing but runs of rich text, in which nothing is markup.
pub(super) fn teams(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let mut seen = Seen::default();
    let [attachment] = all(&body, "attachments") else {
        panic!("not one card: {body}")
    };
    assert_eq!(
        of(attachment, "contentType"),
        "application/vnd.microsoft.card.adaptive"
    );
    let card = attachment.get("content").unwrap();
    if card.pointer("/msteams/entities").is_some() {
        seen.fault("a mention is declared");
    }
    let open = |action: &Value, seen: &mut Seen| match of(action, "type") {
        "Action.OpenUrl" => seen.links.push(of(action, "url").to_owned()),
        other => seen.fault(format!("an action {other}")),
    };
    for block in all(card, "body") {
        if of(block, "type") != "RichTextBlock" {
            seen.fault(format!("text with markup: {block}"));
        }
        for run in all(block, "inlines") {
            seen.text.push_str(of(run, "text"));
            if let Some(action) = run.get("selectAction") {
                open(action, &mut seen);
            }
        }
        seen.text.push('\n');
    }
    for action in all(card, "actions") {
        open(action, &mut seen);
    }
    seen.finish()
}

pub(super) fn matrix(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let mut seen = Seen::default();
    assert_eq!(rendered.verb, Verb::Put);
    if of(&body, "msgtype") != "m.notice" || body.get("m.mentions") != Some(&json!({})) {
        seen.fault("it may call people");
    }
    for line in of(&body, "body").split('\n') {
        if line.starts_with("http://") || line.starts_with("https://") {
            seen.links.push(line.to_owned());
        } else {
            seen.line(line);
        }
    }
    if body.get("formatted_body").is_some() {
        let tags = ["p", "strong", "a", "blockquote", "br"];
        html(of(&body, "formatted_body"), &tags, &mut seen);
    }
    seen.finish()
}

pub(super) fn telegram(rendered: &Rendered) -> Seen {
    let body = json(rendered);
    let mut seen = Seen::default();
    if body.get("parse_mode").is_some() {
        html(of(&body, "text"), &["b", "a", "blockquote"], &mut seen);
    } else {
        for line in of(&body, "text").split('\n') {
            if line.starts_with("http://") || line.starts_with("https://") {
                seen.links.push(line.to_owned());
            } else {
                seen.line(line);
            }
        }
    }
    seen.finish()
}

/// The text of HTML without its tags, and how many elements it has.
pub(super) fn strip_tags(source: &str) -> (String, usize) {
    let mut seen = Seen::default();
    let tags = ["b", "a", "blockquote"];
    html(source, &tags, &mut seen);
    let elements = tags.map(|tag| source.matches(&format!("</{tag}>")).count());
    (seen.text, elements.iter().sum())
}

/// HTML of a few tags that are closed in order, a link being the only one with an
/// attribute.
pub(super) fn html(source: &str, tags: &[&str], seen: &mut Seen) {
    let mut open: Vec<&str> = Vec::new();
    let mut parts = source.split('<');
    let first = parts.next().unwrap_or_default();
    characters(first, seen);
    for part in parts {
        let Some((tag, text)) = part.split_once('>') else {
            seen.fault(format!("a tag that has no end: {part:?}"));
            continue;
        };
        let name = tag
            .trim_start_matches('/')
            .split(' ')
            .next()
            .unwrap_or_default();
        if !tags.contains(&name) {
            seen.fault(format!("a tag of somebody else's: {tag:?}"));
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                seen.fault(format!("</{name}> closes nothing"));
            }
        } else if name != "br" {
            open.push(name);
        }
        let attribute = tag.strip_prefix(name).unwrap_or_default();
        if name == "a" && !tag.starts_with('/') {
            let mut link = Seen::default();
            let url = attribute
                .strip_prefix(" href=\"")
                .and_then(|it| it.strip_suffix('"'));
            characters(url.unwrap_or_default(), &mut link);
            if url.is_none_or(|url| url.contains('"')) {
                seen.fault(format!("attributes of somebody else's: {tag:?}"));
            }
            seen.faults.append(&mut link.faults);
            seen.links.push(mem::take(&mut link.text));
        }
        if matches!(name, "p" | "br" | "blockquote") {
            seen.text.push('\n');
        }
        characters(text, seen);
    }
    if !open.is_empty() {
        seen.fault(format!("{open:?} are not closed"));
    }
}

/// Text between tags: the four references and everything that needs none.
fn characters(source: &str, seen: &mut Seen) {
    const REFERENCES: [(&str, char); 4] =
        [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("quot;", '"')];
    let mut parts = source.split('&');
    seen.text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let known = REFERENCES
            .iter()
            .find_map(|(name, c)| Some((part.strip_prefix(name)?, *c)));
        match known {
            Some((rest, c)) => {
                seen.text.push(c);
                seen.text.push_str(rest);
            }
            None => seen.fault(format!("a reference of somebody else's: &{part}")),
        }
    }
    if source.contains('>') {
        seen.fault("a `>` that is not escaped");
    }
}
