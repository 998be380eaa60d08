//! Bytes to a feed: one step after another, each in a file of its own.

use super::depth::DepthLimited;
use super::problems::{Problems, plain_line};
use super::root::root_element;
use super::shield::shield;
use super::{ENTRIES_MAX, Feed, date};
use super::{convert, crowd};
use crate::text::html;
use feed_rs::model;
use feed_rs::parser::{Builder, ParseErrorKind, ParseFeedError};
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use url::Url;

/// The longest message of a [`ParseError`], in characters.
const MESSAGE_CHARS_MAX: usize = 200;

/// Why bytes are not a feed, in one line of plain words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ParseError {
    message: String,
}

impl ParseError {
    fn new(message: &str) -> Self {
        Self {
            message: plain_line(message, MESSAGE_CHARS_MAX),
        }
    }
}

/// Reads a feed of any format.
///
/// `base` is the address that the bytes came from; relative links are resolved
/// against it. `content_type` is what the server called them: it decides
/// nothing, because servers are often wrong, but it helps to explain an error.
///
/// # Errors
/// When there is no feed in the bytes, or one that cannot be read.
///
/// ```
/// let bytes = br#"<rss version="2.0"><channel><title>Wire</title>
///   <item><guid>7</guid><title>Talks &amp;amp; treaties</title></item></channel></rss>"#;
/// let feed = wirewatch::feed::parse(bytes, None, None)?;
/// assert_eq!(feed.entries[0].key.0, "7");
/// assert_eq!(feed.entries[0].title.as_deref(), Some("Talks & treaties"));
/// # Ok::<(), wirewatch::feed::ParseError>(())
/// ```
pub fn parse(
    bytes: &[u8],
    base: Option<&Url>,
    content_type: Option<&str>,
) -> Result<Feed, ParseError> {
    let Some(thinned) = crowd::thin(bytes) else {
        return Err(ParseError::new(&format!(
            "the feed has more than {ENTRIES_MAX} entries, and no place where it could be cut"
        )));
    };
    // A publisher can make feed_rs 3.0.0 panic: with an author whose address
    // touches a character that is not ASCII, and with a second XML declaration.
    let outcome = catch_unwind(|| {
        read(&thinned, base).map(|(model, problems)| convert::feed(model, base, problems))
    });
    match outcome {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(error)) => Err(explain(&error, bytes, content_type)),
        Err(_) => Err(ParseError::new(
            "the feed makes the parser panic; it cannot be read until its publisher repairs it",
        )),
    }
}

fn read(bytes: &[u8], base: Option<&Url>) -> Result<(model::Feed, Problems), ParseFeedError> {
    let mut problems = Problems::default();
    let bytes = shield(bytes, &mut problems);
    let met = Arc::new(Mutex::new(problems));
    let noted = Arc::clone(&met);
    let model = Builder::new()
        .base_uri(base)
        // An identifier that feed_rs makes up may differ at every poll; an
        // empty one says that the publisher gave none.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(move |text| {
            let at = date::parse(text);
            if at.is_none()
                && let Ok(mut problems) = noted.lock()
            {
                problems.note("a date cannot be read and is left out", text);
            }
            // Printed as RFC 3339, which the receiver's own type reads.
            at.and_then(|at| at.to_string().parse().ok())
        })
        .build()
        .parse(DepthLimited::new(&bytes))?;
    let problems = met
        .lock()
        .map(|mut noted| std::mem::take(&mut *noted))
        .unwrap_or_default();
    Ok((model, problems))
}

fn explain(error: &ParseFeedError, bytes: &[u8], content_type: Option<&str>) -> ParseError {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return ParseError::new("the body is empty");
    }
    let root = root_element(bytes);
    let declares_xml = bytes.trim_ascii_start().starts_with(b"<?xml");
    let is_page = |root: &str| root == "html" || (!declares_xml && html::is_element(root));
    if root.as_deref().is_some_and(is_page) {
        return ParseError::new("this is a web page (HTML), not a feed");
    }
    let message = match error {
        ParseFeedError::XmlReader(error) => {
            let error = error.to_string();
            format!(
                "XML error: {}",
                error.strip_prefix("Parser error: ").unwrap_or(&error)
            )
        }
        ParseFeedError::JsonSerde(error) => format!("not a JSON Feed: {error}"),
        ParseFeedError::JsonUnsupportedVersion(version) => {
            format!("not a JSON Feed of version 1: its version is `{version}`")
        }
        ParseFeedError::ParseError(ParseErrorKind::NoFeedRoot) => {
            let served = content_type
                .map(|it| format!(" (served as {it})"))
                .unwrap_or_default();
            match root {
                Some(root) => format!("not a feed that we know: it starts with <{root}>{served}"),
                None => format!("this is not a feed: it is neither XML nor JSON{served}"),
            }
        }
        other => other.to_string(),
    };
    ParseError::new(&message)
}
