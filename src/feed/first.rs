//! The first reader: `feed_rs`, for documents without a defect.
//!
//! It follows the formats to the letter, and one fault loses it the whole feed.
//! So it reads what [`super::survey`] found nothing wrong with, where a panic of
//! its own cannot reach us, and what it gives is compared with what was counted.

use super::depth::DepthLimited;
use super::draft::{Parts, RawLink, Slot, collect};
use super::problems::Problems;
use super::tolerant::person_name;
use super::{Format, date};
use chrono::DateTime;
use feed_rs::model;
use feed_rs::parser::Builder;
use jiff::Timestamp;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use url::Url;

/// Reads the entries of a document; the reason if it cannot.
pub(super) fn read(
    text: &str,
    base: Option<&Url>,
    problems: &mut Problems,
) -> Result<Vec<Parts>, String> {
    let unreadable = Arc::new(Mutex::new(Problems::default()));
    let noted = Arc::clone(&unreadable);
    // A publisher can make feed_rs 3.0.0 panic, with an author whose address
    // touches a character that is not ASCII.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        Builder::new()
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
                DateTime::from_timestamp_millis(at?.as_millisecond())
            })
            .build()
            .parse(DepthLimited::new(text.as_bytes()))
    }));
    let model = outcome
        .map_err(|_| "the first reader gave up on it".to_owned())?
        .map_err(|error| error.to_string())?;
    if let Ok(mut unreadable) = unreadable.lock() {
        problems.append(std::mem::take(&mut *unreadable));
    }
    let format = match model.feed_type {
        model::FeedType::Atom => Format::Atom,
        model::FeedType::JSON => Format::Json,
        model::FeedType::RSS1 => Format::Rdf,
        model::FeedType::RSS0 | model::FeedType::RSS2 => Format::Rss,
    };
    let entries = model.entries.into_iter();
    Ok(entries
        .map(|entry| parts(entry, format, problems))
        .collect())
}

/// The parts of an entry, of its model.
fn parts(entry: model::Entry, format: Format, problems: &mut Problems) -> Parts {
    let mut parts = Parts::default();
    let offer = |slot: &mut Slot<String>, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            slot.offer(0, text);
        }
    };
    offer(&mut parts.guid, Some(entry.id));
    offer(&mut parts.title, entry.title.map(|text| text.content));
    offer(&mut parts.summary, entry.summary.map(|text| text.content));
    offer(&mut parts.language, entry.language);
    if let Some(content) = entry.content {
        offer(&mut parts.content, text_of(content, problems));
    }
    // RSS has no date of change, so feed_rs repeats the date of publication.
    let is_repeated = format == Format::Rss && entry.updated == entry.published;
    let milliseconds = |at: i64| Timestamp::from_millisecond(at).ok();
    parts.published = entry
        .published
        .and_then(|at| milliseconds(at.timestamp_millis()))
        .into();
    parts.updated = entry
        .updated
        .filter(|_| !is_repeated)
        .and_then(|at| milliseconds(at.timestamp_millis()))
        .into();
    for link in entry.links {
        if link.target == Some(model::LinkTarget::Comments) {
            parts.comments.offer(0, link.href);
        } else if link.target.is_none() {
            let link = RawLink {
                href: link.href,
                rel: link.rel,
                media_type: link.media_type,
                length_bytes: link.length,
            };
            collect(&mut parts.links, link);
        }
    }
    for person in entry.authors {
        if let Some(name) = person.name.or(person.email) {
            collect(&mut parts.authors, person_name(&name).to_owned());
        }
    }
    for category in entry.categories {
        collect(
            &mut parts.categories,
            category.label.unwrap_or(category.term),
        );
    }
    for media in entry.media {
        take_media(media, &mut parts);
    }
    parts
}

fn text_of(content: model::Content, problems: &mut Problems) -> Option<String> {
    let kind = content.content_type.to_string();
    let is_text = kind.starts_with("text/") || kind.ends_with("xml") || kind.ends_with("html");
    let body = content.body?;
    if !is_text {
        problems.note("content that is no text is left out", &kind);
        return None;
    }
    Some(body)
}

/// Video feeds describe their entries in Media RSS alone.
fn take_media(media: model::MediaObject, parts: &mut Parts) {
    if let Some(title) = media.title {
        parts.title.offer(3, title.content);
    }
    if let Some(description) = media.description {
        parts.summary.offer(4, description.content);
    }
    for thumbnail in media.thumbnails {
        parts.image.offer(1, thumbnail.image.uri);
    }
    for content in media.content {
        let Some(url) = content.url else {
            continue;
        };
        let media_type = content.content_type.map(|kind| kind.to_string());
        if media_type
            .as_deref()
            .is_some_and(|it| it.starts_with("image/"))
        {
            parts.image.offer(4, url.to_string());
        }
        let link = RawLink {
            href: url.into(),
            rel: Some("enclosure".to_owned()),
            media_type,
            length_bytes: content.size,
        };
        collect(&mut parts.links, link);
    }
}
