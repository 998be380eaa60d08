//! `letter`: an e-mail (RFC 5322), as plain text and as HTML.
//!
//! Every letter of a delivery has the same Message-ID, so that a reader who gets
//! two knows them for one. It says that a machine wrote it (RFC 3834), lest other
//! machines answer, and to which list it belongs (RFC 2919), by which people sort.
//! Both bodies are quoted-printable, so that no line is long, whatever is in them.

use super::text::{Block, Piece, View, chars, cut, fitted};
use super::{flow, html};
use crate::alert::message::{Message, MessageError};
use crate::config::EmailConfig;
use crate::policy::SinkName;
use crate::policy::retry::Delivery;
use jiff::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, MultiPartKind, SinglePart};
use std::time::{Duration, SystemTime};

/// The longest subject, in characters.
const SUBJECT_CHARS_MAX: usize = 200;
/// The longest letter, in characters of text.
const TEXT_CHARS_MAX: usize = 60_000;
/// What parts the bodies. Quoted-printable text never has a `=` before a `_`, so
/// nothing in a letter can look like it.
const BOUNDARY: &str = "=_wirewatch";

const LIST_ID: HeaderName = HeaderName::new_from_ascii_str("List-Id");
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Why there is no letter.
#[derive(Debug, thiserror::Error)]
pub(in crate::sink) enum LetterError {
    /// What is stored cannot be read.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// It cannot be written.
    #[error("the letter cannot be written: {0}")]
    Write(#[from] lettre::error::Error),
    /// Its text cannot be written.
    #[error("the text of the letter cannot be written as quoted-printable")]
    Encoding,
}

/// Writes the letter of a delivery: the same at every attempt.
pub(in crate::sink) fn write(
    config: &EmailConfig,
    sink: &SinkName,
    delivery: &Delivery,
) -> Result<lettre::Message, LetterError> {
    let view = View::of(&Message::read(&delivery.payload)?).inert();
    let domain = config.from.email.domain();
    let text = fitted(&view, TEXT_CHARS_MAX, plain, |_| true);
    let markup = fitted(&view, TEXT_CHARS_MAX, page, |_| true);
    let mut letter = lettre::Message::builder()
        .from(config.from.clone())
        .date(date(view.at))
        .message_id(Some(format!("<{}@{domain}>", delivery.id.0)))
        .subject(subject(&view))
        .raw_header(HeaderValue::new(
            LIST_ID,
            format!("<{sink}.wirewatch.{domain}>"),
        ))
        .raw_header(HeaderValue::new(
            AUTO_SUBMITTED,
            "auto-generated".to_owned(),
        ));
    for recipient in &config.to {
        letter = letter.to(recipient.clone());
    }
    if let Some(reply_to) = &config.reply_to {
        letter = letter.reply_to(reply_to.clone());
    }
    let bodies = MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(BOUNDARY)
        .singlepart(part(ContentType::TEXT_PLAIN, text)?)
        .singlepart(part(ContentType::TEXT_HTML, markup)?);
    Ok(letter.multipart(bodies)?)
}

fn part(kind: ContentType, text: String) -> Result<SinglePart, LetterError> {
    let body = Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable);
    let body = body.map_err(|_| LetterError::Encoding)?;
    Ok(SinglePart::builder().header(kind).body(body))
}

/// The letters that carry it tell a time in whole seconds.
fn date(at: Timestamp) -> SystemTime {
    let since = Duration::from_secs(at.as_second().unsigned_abs());
    SystemTime::UNIX_EPOCH
        .checked_add(since)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn subject(view: &View) -> String {
    let subject = format!("[{}] {}", view.severity.as_str(), view.title);
    // A title in the clothes of an encoded word (RFC 2047) would be undressed by
    // the reader; parted, it is text.
    cut(
        &subject.replace("=?", "=\u{200b}?"),
        SUBJECT_CHARS_MAX,
        chars,
    )
}

fn plain(view: &View) -> String {
    let mut lines = vec![flow::PLAIN.headline(view)];
    for block in flow::PLAIN.lines(view) {
        lines.push(String::new());
        lines.push(block);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn page(view: &View) -> String {
    let title = linked(&html::escape(&view.title), view.url.as_deref());
    let blocks: String = view.blocks.iter().map(element).collect();
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n\
         <h2>{title}</h2>\n{blocks}</body></html>\n"
    )
}

fn element(block: &Block) -> String {
    match block {
        Block::Source(text) => format!("<p><small>{}</small></p>\n", html::escape(text)),
        Block::Text(text) => format!("<p>{}</p>\n", html::escape(text)),
        Block::Quote(pieces) => {
            let pieces: String = pieces.iter().map(piece).collect();
            format!("<blockquote>{pieces}</blockquote>\n")
        }
        Block::Fact { name, text } => {
            format!("<p><b>{name}:</b> {}</p>\n", html::escape(text))
        }
        Block::Item {
            severity,
            title,
            url,
            source,
        } => format!(
            "<p>[{}] {}<br><small>{}</small></p>\n",
            severity.as_str(),
            linked(&html::escape(title), url.as_deref()),
            html::escape(source)
        ),
        Block::More(number) => format!("<p>{}</p>\n", Block::more(*number)),
    }
}

fn piece(piece: &Piece) -> String {
    let text = html::escape(&piece.text);
    if piece.marked {
        format!("<mark>{text}</mark>")
    } else {
        text
    }
}

fn linked(label: &str, url: Option<&str>) -> String {
    url.map_or_else(|| label.to_owned(), |url| html::link(label, url))
}
