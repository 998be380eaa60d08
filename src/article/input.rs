//! Articles as users hand them to `match`: JSON Lines, plain text or a page.
//!
//! Plain text is taken as it is, byte for byte: what is reported about it
//! counts bytes, and they should be the user's own.

use super::build::{detect_in, identity};
use super::{Article, ArticleId};
use crate::feed::{date, fingerprint, root_element};
use crate::text::{html, primary_subtag};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// An article as a user writes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Input {
    /// Its identity, if the user has one.
    pub id: Option<String>,
    /// Title, as plain text.
    pub title: String,
    /// Summary, as plain text.
    pub summary: String,
    /// Body, as plain text.
    pub body: String,
    /// The page that it can be read at.
    pub url: Option<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// Its language, as a tag.
    pub language: Option<String>,
    /// Names of its authors.
    pub authors: Vec<String>,
    /// Who published it.
    pub source: String,
}

/// Why a line is not an article, in words that fit behind a line number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InputError(String);

/// The JSON object as it is written.
#[derive(Deserialize)]
struct Raw {
    id: Option<Value>,
    title: Option<String>,
    summary: Option<String>,
    text: Option<String>,
    html: Option<String>,
    url: Option<String>,
    published: Option<String>,
    language: Option<String>,
    authors: Option<Value>,
    source: Option<String>,
}

impl Input {
    /// Reads one line of JSON Lines. Keys that are not known are ignored.
    ///
    /// # Errors
    /// When the line is no JSON object, has a key of the wrong type, a date
    /// that cannot be read, or none of `title`, `summary`, `text` and `html`.
    ///
    /// ```
    /// use wirewatch::article::Input;
    ///
    /// let input = Input::from_json(r#"{"title": "Talks", "html": "<p>In Seoul</p>"}"#)?;
    /// assert_eq!(input.body, "In Seoul");
    /// # Ok::<(), wirewatch::article::InputError>(())
    /// ```
    pub fn from_json(line: &str) -> Result<Self, InputError> {
        let raw: Raw = serde_json::from_str(line).map_err(|error| explain(&error))?;
        if [&raw.title, &raw.summary, &raw.text, &raw.html]
            .iter()
            .all(|text| text.is_none())
        {
            return Err(InputError(
                "nothing to match: give at least one of `title`, `summary`, `text`, `html`".into(),
            ));
        }
        let body = raw.text.or_else(|| raw.html.as_deref().map(html::to_text));
        Ok(Self {
            id: raw.id.map(read_id).transpose()?,
            title: raw.title.unwrap_or_default(),
            summary: raw.summary.unwrap_or_default(),
            body: body.unwrap_or_default(),
            url: raw.url,
            published: raw.published.map(|text| read_date(&text)).transpose()?,
            language: raw.language,
            authors: raw
                .authors
                .map(read_authors)
                .transpose()?
                .unwrap_or_default(),
            source: raw.source.unwrap_or_default(),
        })
    }

    /// Takes plain text: all of it is body, because the first line of a text
    /// may be a headline, a menu or a date.
    pub fn from_text(text: &str) -> Self {
        Self {
            body: text.strip_prefix('\u{feff}').unwrap_or(text).to_owned(),
            ..Self::default()
        }
    }

    /// Takes a web page: its title, and all the text of its body.
    pub fn from_html(page: &str) -> Self {
        Self {
            title: html::title(page).unwrap_or_default(),
            body: html::to_text(page),
            ..Self::default()
        }
    }

    /// Makes an article of it. `index` is its place in the input: without an id
    /// or a link it tells two equal texts apart.
    pub fn into_article(self, index: usize) -> Article {
        let language = self
            .language
            .as_deref()
            .and_then(primary_subtag)
            .or_else(|| detect_in(&[&self.title, &self.summary, &self.body]));
        let given = self.id.map(ArticleId);
        let id = given
            .or_else(|| identity(self.url.as_deref(), &self.title))
            .unwrap_or_else(|| {
                let place = index.to_string();
                ArticleId(fingerprint(&[
                    &place,
                    &self.title,
                    &self.summary,
                    &self.body,
                ]))
            });
        Article {
            id,
            url: self.url,
            title: self.title,
            summary: self.summary,
            body: self.body,
            published: self.published,
            language,
            authors: self.authors,
            categories: Vec::new(),
            source: self.source,
            feed: None,
            tags: Vec::new(),
        }
    }
}

/// The line number is the caller's to tell; a column helps.
fn explain(error: &serde_json::Error) -> InputError {
    let message = error.to_string();
    let what = message.split(" at line ").next().unwrap_or(&message);
    InputError(match error.classify() {
        serde_json::error::Category::Data => format!("column {}: {what}", error.column()),
        _ => format!("column {}: not JSON: {what}", error.column()),
    })
}

/// Many data sets number their articles.
fn read_id(id: Value) -> Result<String, InputError> {
    match id {
        Value::String(text) if !text.is_empty() => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(InputError("`id` must be text or a number".into())),
    }
}

fn read_authors(authors: Value) -> Result<Vec<String>, InputError> {
    let wrong = || InputError("`authors` must be a list of texts".into());
    match authors {
        Value::String(name) => Ok(vec![name]),
        Value::Array(names) => names
            .into_iter()
            .map(|name| match name {
                Value::String(name) => Ok(name),
                _ => Err(wrong()),
            })
            .collect(),
        _ => Err(wrong()),
    }
}

fn read_date(text: &str) -> Result<Timestamp, InputError> {
    date::parse(text).ok_or_else(|| {
        let start: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
        InputError(format!(
            "`published` is no date: `{start}`; write it like 2003-07-23T10:05:00Z"
        ))
    })
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A feed of any format.
    Feed,
    /// A web page or a part of one.
    Html,
    /// One JSON object a line.
    JsonLines,
    /// Anything else.
    Text,
}

/// Tells by its content what a file holds.
pub fn sniff(bytes: &[u8]) -> Kind {
    let start = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    if start.starts_with(b"{") {
        return sniff_json(start);
    }
    match root_element(bytes).as_deref() {
        Some("rss" | "feed" | "rdf" | "entry") => Kind::Feed,
        Some("html") => Kind::Html,
        // It says itself that it is XML; the feed reader explains what it lacks.
        Some(_) if start.starts_with(b"<?xml") => Kind::Feed,
        Some(root) if html::is_element(root) => Kind::Html,
        _ => Kind::Text,
    }
}

fn sniff_json(start: &[u8]) -> Kind {
    #[derive(Deserialize)]
    struct Probe {
        version: Option<Value>,
        items: Option<serde::de::IgnoredAny>,
    }

    let inside = start.get(1..).unwrap_or_default().trim_ascii_start();
    if !inside.starts_with(b"\"") && !inside.starts_with(b"}") {
        return Kind::Text;
    }
    let first = serde_json::Deserializer::from_slice(start)
        .into_iter::<Probe>()
        .next();
    let version = match &first {
        Some(Ok(probe)) if probe.items.is_some() => probe.version.as_ref(),
        _ => None,
    };
    match version {
        Some(Value::String(version)) if version.contains("jsonfeed.org") => Kind::Feed,
        _ => Kind::JsonLines,
    }
}
