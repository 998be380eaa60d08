//! Bytes to a feed: one step after another, each in a file of its own.
//!
//! Decode the bytes, find the root, survey the document. What is without a
//! defect and holds nothing that `feed_rs` does not know goes to that reader
//! first; what it gives is held against the survey. Everything else, and what
//! it fails on, goes to our own reader, which fails on nothing. JSON has its own.

use super::draft::Draft;
use super::problems::{Problems, plain_line};
use super::root::root_element;
use super::{Feed, Format, decode, entities, finish, first, json, survey, tolerant};
use crate::text::html;
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

/// Reads a feed of any format, damaged or not.
///
/// `base` is the address that the bytes came from; relative links are resolved
/// against it. `content_type` is what the server called them: its charset is
/// believed where the bytes themselves do not say otherwise; apart from that it
/// decides nothing, because servers are often wrong.
///
/// # Errors
/// When there is no feed in the bytes, or one that breaks off before its first
/// entry.
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
    let mut problems = Problems::default();
    let text = decode::decode(bytes, content_type, &mut problems);
    let is_json = text
        .find(['{', '<'])
        .is_some_and(|at| text.get(at..).is_some_and(|rest| rest.starts_with('{')));
    let draft = if is_json {
        json::read(&text, &mut problems).map_err(|why| ParseError::new(&why))?
    } else {
        let Some((at, format)) = survey::root(&text) else {
            return Err(explain(&text, content_type));
        };
        let (before, document) = text.split_at_checked(at).unwrap_or(("", &text));
        note_junk(before, &mut problems);
        let document = entities::expand(before, document, &mut problems);
        markup(&document, format, base, &mut problems)
    };
    if draft.breaks_off && draft.entries.is_empty() {
        let name = if is_json { "JSON" } else { "XML" };
        let message = format!("the {name} breaks off before the first entry ends");
        return Err(ParseError::new(&message));
    }
    Ok(finish::feed(draft, base, problems))
}

/// Reads a document of markup from its root on.
fn markup(text: &str, format: Format, base: Option<&Url>, problems: &mut Problems) -> Draft {
    let survey = survey::survey(text, format, problems);
    if survey.suits_first() {
        let mut met = Problems::default();
        let entries = first::read(text, base, &mut met).and_then(|mut entries| {
            let verdict = survey.verify(&mut entries, !met.is_empty());
            verdict.map(|()| entries).map_err(str::to_owned)
        });
        match entries {
            Ok(entries) => {
                problems.append(met);
                let head = tolerant::read_head(survey.around(), format, &survey.prefixes, problems);
                return Draft { entries, ..head };
            }
            Err(why) => problems.note("the feed is not as its format asks, and is mended", &why),
        }
    }
    let draft = tolerant::read(text, format, &survey.prefixes, problems);
    Draft {
        breaks_off: survey.breaks_off(),
        ..draft
    }
}

/// What stands before the root: nothing, a declaration, or what a program said.
fn note_junk(before: &str, problems: &mut Problems) {
    let start = before.trim_start();
    if !start.is_empty() && !start.starts_with('<') {
        problems.note("text before the feed is skipped", start);
    }
}

fn explain(text: &str, content_type: Option<&str>) -> ParseError {
    if text.trim().is_empty() {
        return ParseError::new("the body is empty");
    }
    let root = root_element(text.as_bytes());
    let declares_xml = text.trim_start().starts_with("<?xml");
    let is_page = |root: &str| root == "html" || (!declares_xml && html::is_element(root));
    if root.as_deref().is_some_and(is_page) {
        return ParseError::new("this is a web page (HTML), not a feed");
    }
    let served = content_type
        .map(|it| format!(" (served as {it})"))
        .unwrap_or_default();
    ParseError::new(&match root {
        Some(root) => format!("not a feed that we know: it starts with <{root}>{served}"),
        None => format!("this is not a feed: it is neither XML nor JSON{served}"),
    })
}
