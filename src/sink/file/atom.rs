//! Alerts as an Atom feed (RFC 4287) that any reader can follow.
//!
//! An entry is written once and kept as text from then on: the feed is read back
//! from its own file, so a restart or another version changes no entry that a
//! reader has seen. The text of a message is harmless already; here it is escaped
//! for markup, twice where it stands in HTML.

use crate::alert::message::{
    ArticleMessage, Content, DigestMessage, MatchMessage, Message, NoticeMessage, pieces,
};
use crate::text::count;
use jiff::Timestamp;
use quick_xml::escape::escape;
use quick_xml::events::{BytesDecl, BytesText, Event};
use quick_xml::{Reader, Writer};
use sha2::{Digest, Sha256};
use std::io;

/// How many entries the feed has at most: the latest.
const ENTRIES_MAX: usize = 50;

/// How long the list of a digest becomes, in bytes of HTML, before the rest of it
/// is only counted.
const LIST_BYTES_MAX: usize = 32 << 10;

const NAMESPACE: &str = "http://www.w3.org/2005/Atom";

/// Who writes; it also tells our feeds from others.
const GENERATOR: &str = "wirewatch";

/// A feed of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AtomFeed {
    id: String,
    /// Each as an `<entry>`, the latest first.
    entries: Vec<String>,
}

impl AtomFeed {
    /// An empty feed. No two feeds have the same identity, since no two begin with
    /// the same alert.
    pub(super) fn begin(title: &str, first: &Message) -> Self {
        Self {
            id: urn(&["feed", title, &first.id]),
            entries: Vec::new(),
        }
    }

    /// Reads a feed back; none if it is not well-formed or not ours.
    pub(super) fn read(document: &str) -> Option<Self> {
        let mut reader = Reader::from_str(document);
        let mut path: Vec<String> = Vec::new();
        let (mut id, mut generator) = (String::new(), String::new());
        let (mut entries, mut start) = (Vec::new(), 0);
        loop {
            let before = reader.buffer_position();
            match reader.read_event().ok()? {
                Event::Start(tag) => {
                    path.push(tag.name().0.to_owned());
                    if path.len() == 2 {
                        start = before;
                    }
                }
                Event::End(_) => {
                    let name = path.pop()?;
                    if path.len() == 1 && name == "entry" {
                        let span = usize::try_from(start).ok()?
                            ..usize::try_from(reader.buffer_position()).ok()?;
                        entries.push(document.get(span)?.to_owned());
                    }
                }
                Event::Text(text) => {
                    match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                        ["feed", "id"] => id.push_str(&text),
                        ["feed", "generator"] => generator.push_str(&text),
                        _ => {}
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let is_ours = path.is_empty() && generator == GENERATOR && id.starts_with("urn:uuid:");
        is_ours.then_some(Self { id, entries })
    }

    /// Puts a message at the top; one with its identity goes.
    pub(super) fn add(&mut self, message: &Message) -> io::Result<()> {
        let id = urn(&["alert", &message.id]);
        let marker = format!("<id>{id}</id>");
        self.entries.retain(|entry| !entry.contains(&marker));
        self.entries.insert(0, entry(&id, message)?);
        self.entries.truncate(ENTRIES_MAX);
        Ok(())
    }

    /// The whole document.
    pub(super) fn document(&self, title: &str, now: Timestamp) -> io::Result<String> {
        let mut xml = Writer::new(Vec::new());
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        let feed = xml
            .create_element("feed")
            .with_attribute(("xmlns", NAMESPACE));
        feed.write_inner_content(|xml| {
            text(xml, "id", &self.id)?;
            text(xml, "title", title)?;
            text(xml, "updated", &date(now))?;
            person(xml, GENERATOR)?;
            text(xml, "generator", GENERATOR)?;
            for entry in &self.entries {
                xml.write_event(Event::Text(BytesText::from_escaped("\n")))?;
                xml.write_event(Event::Text(BytesText::from_escaped(entry.as_str())))?;
            }
            Ok(())
        })?;
        finished(xml)
    }
}

type Xml = Writer<Vec<u8>>;

fn entry(id: &str, message: &Message) -> io::Result<String> {
    let mut xml = Writer::new(Vec::new());
    xml.create_element("entry").write_inner_content(|xml| {
        text(xml, "id", id)?;
        text(xml, "title", &message.title())?;
        text(xml, "updated", &date(message.at))?;
        match &message.content {
            Content::Article(article) => about(xml, article)?,
            Content::Digest(_) | Content::Notice(_) => person(xml, GENERATOR)?,
        }
        let severity = message.severity.as_str();
        category(xml, severity, &format!("severity: {severity}"))?;
        let html = match &message.content {
            Content::Article(article) => article_html(severity, article),
            Content::Digest(digest) => digest_html(digest),
            Content::Notice(notice) => notice_html(notice),
        };
        xml.create_element("content")
            .with_attribute(("type", "html"))
            .write_text_content(BytesText::new(html.trim_end()))?;
        Ok(())
    })?;
    finished(xml)
}

/// What a reader shows of an article beside its content.
fn about(xml: &mut Xml, article: &ArticleMessage) -> io::Result<()> {
    if let Some(url) = &article.url {
        xml.create_element("link")
            .with_attributes([("rel", "alternate"), ("href", url)])
            .write_empty()?;
    }
    match &article.authors[..] {
        [] => person(xml, &article.publisher)?,
        authors => authors.iter().try_for_each(|author| person(xml, author))?,
    }
    if !article.summary.is_empty() {
        text(xml, "summary", &article.summary)?;
    }
    for matched in article.topics.iter().chain(&article.actors) {
        category(xml, &matched.id, &matched.name)?;
    }
    Ok(())
}

fn article_html(severity: &str, article: &ArticleMessage) -> String {
    let mut html = String::new();
    for passage in &article.passages {
        html += "<blockquote><p>";
        for (piece, marked) in pieces(passage) {
            let piece = escape(piece);
            let (before, after) = if marked {
                ("<strong>", "</strong>")
            } else {
                ("", "")
            };
            html.extend([before, &piece, after]);
        }
        html += "</p></blockquote>\n";
    }
    if article.passages.is_empty() {
        html += &paragraph(&article.summary);
    }
    html += &paragraph(&names("Topics: ", &article.topics));
    html += &paragraph(&names("Actors: ", &article.actors));
    if article.story_articles > 1 {
        let tellers = article.story_publishers.join(", ");
        let articles = count(article.story_articles, "article");
        html += &paragraph(&format!("Story: {articles} by {tellers}"));
    }
    let published = article
        .published
        .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let source = [
        Some(article.publisher.clone()),
        published,
        Some(severity.to_owned()),
    ];
    let source: Vec<String> = source
        .into_iter()
        .flatten()
        .filter(|it| !it.is_empty())
        .collect();
    html + &paragraph(&source.join(" · "))
}

fn digest_html(digest: &DigestMessage) -> String {
    let articles = digest.articles.iter().map(|(severity, article)| {
        let title = escape(&article.title);
        let title = match &article.url {
            Some(url) => format!("<a href=\"{}\">{title}</a>", escape(url)),
            None => title.into_owned(),
        };
        let publisher = escape(&article.publisher);
        format!("<li>{title} · {publisher} · {}</li>\n", severity.as_str())
    });
    let notices = digest.notices.iter().map(|(severity, notice)| {
        let (title, text) = (escape(&notice.title), escape(&notice.text));
        format!("<li>{title}: {text} · {}</li>\n", severity.as_str())
    });
    let mut html = paragraph(&format!("Why together: {}", digest.reason));
    html += "<ul>\n";
    let mut items = articles.chain(notices).peekable();
    while let Some(item) = items.next_if(|item| html.len() + item.len() <= LIST_BYTES_MAX) {
        html += &item;
    }
    html += "</ul>\n";
    let left = items.count();
    if left > 0 {
        html += &paragraph(&format!("and {left} more"));
    }
    html
}

fn notice_html(notice: &NoticeMessage) -> String {
    paragraph(&notice.text)
}

/// A paragraph of plain text; nothing for none.
fn paragraph(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<p>{}</p>\n", escape(text))
}

fn names(label: &str, matches: &[MatchMessage]) -> String {
    if matches.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = matches
        .iter()
        .map(|matched| matched.name.as_str())
        .collect();
    format!("{label}{}", names.join(", "))
}

fn text(xml: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    let element = xml.create_element(name);
    element.write_text_content(BytesText::new(text))?;
    Ok(())
}

fn person(xml: &mut Xml, name: &str) -> io::Result<()> {
    // A person has a name (RFC 4287, section 3.2.1).
    let name = if name.is_empty() { GENERATOR } else { name };
    let author = xml.create_element("author");
    author.write_inner_content(|xml| text(xml, "name", name))?;
    Ok(())
}

fn category(xml: &mut Xml, term: &str, label: &str) -> io::Result<()> {
    xml.create_element("category")
        .with_attributes([("term", term), ("label", label)])
        .write_empty()?;
    Ok(())
}

/// A time as RFC 3339, to the second.
fn date(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// A name that is the same for the same parts (RFC 9562, version 8).
fn urn(parts: &[&str]) -> String {
    let mut hash = Sha256::new_with_prefix("wirewatch");
    for part in parts {
        hash.update([0]);
        hash.update(part.as_bytes());
    }
    let bits = hash
        .finalize()
        .iter()
        .take(16)
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let bits = bits & !(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62;
    let digits = format!("{bits:032x}");
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
    let groups = groups.map(|group| digits.get(group).unwrap_or_default());
    format!("urn:uuid:{}", groups.join("-"))
}

/// What was written, without the two characters that no XML may have.
fn finished(xml: Xml) -> io::Result<String> {
    let mut text = String::from_utf8(xml.into_inner()).map_err(io::Error::other)?;
    text.retain(|c| !matches!(c, '\u{FFFE}' | '\u{FFFF}'));
    Ok(text)
}
