//! JSON Feed, versions 1 and 1.1, as publishers write it.
//!
//! The model is our own and takes what comes: numbers as ids, one author or a
//! list of them, a string where a list should be, no version, no title. One item
//! at a time is held as loose values and turned into what we keep of it, so that
//! memory depends on what is kept. Where the JSON itself is broken it is mended
//! once, and what was read up to a fault is kept.

mod loose;
mod mend;

use super::draft::{Draft, Parts, RawLink, Wishes, collect};
use super::problems::Problems;
use super::{ENTRIES_MAX, Format, date};
use loose::Loose;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Reads a document, from its first brace on.
///
/// # Errors
/// When it is no JSON Feed; the message says why.
pub(super) fn read(text: &str, problems: &mut Problems) -> Result<Draft, String> {
    let document = text.find('{').and_then(|at| text.get(at..));
    let document = document.unwrap_or_default();
    let mut reading = Reading::default();
    let mut breaks_off = false;
    if let Err(error) = reading.read(document) {
        breaks_off = error.is_eof();
        let mended = mend::mend(document);
        let mut again = Reading::default();
        let fault = again.read(&mended).err();
        if again.entries.len() >= reading.entries.len() {
            reading = again;
        }
        problems.append(std::mem::take(&mut reading.problems));
        problems.note("the JSON is damaged and is mended", &error.to_string());
        if let Some(fault) = fault {
            problems.note("the JSON is read up to a fault", &fault.to_string());
        }
        if !reading.is_feed() {
            return Err(format!("not a JSON Feed: {error}"));
        }
    }
    problems.append(std::mem::take(&mut reading.problems));
    if !reading.is_feed() {
        return Err("not a JSON Feed: it has neither a version nor items".to_owned());
    }
    Ok(Draft {
        format: Format::Json,
        head: reading.head,
        wishes: Wishes::default(),
        entries: reading.entries,
        breaks_off,
    })
}

/// What was read so far, kept outside of the parser so that an error of it takes
/// nothing away.
#[derive(Default)]
struct Reading {
    head: Parts,
    entries: Vec<Parts>,
    has_items: bool,
    has_version: bool,
    problems: Problems,
}

impl Reading {
    fn read(&mut self, document: &str) -> serde_json::Result<()> {
        let mut json = serde_json::Deserializer::from_str(document);
        Whole(self).deserialize(&mut json)?;
        // What follows the feed is junk, and junk is skipped.
        Ok(())
    }

    fn is_feed(&self) -> bool {
        self.has_items || self.has_version
    }

    fn take(&mut self, key: &str, value: Loose) {
        match key {
            "version" => {
                let version = value.text().unwrap_or_default();
                self.has_version |= version.contains("jsonfeed.org");
            }
            "title" => offer(&mut self.head.title, value),
            "description" => offer(&mut self.head.summary, value),
            "language" => offer(&mut self.head.language, value),
            "icon" => offer(&mut self.head.image, value),
            "home_page_url" => self.link(value, "alternate"),
            "feed_url" => self.link(value, "self"),
            "next_url" => self.link(value, "next"),
            "hubs" => {
                for hub in value.list() {
                    if let Some(url) = hub.get("url") {
                        self.link(url, "hub");
                    }
                }
            }
            "author" | "authors" => authors(value, &mut self.head.authors),
            _ => {}
        }
    }

    fn link(&mut self, value: Loose, rel: &str) {
        if let Some(href) = value.text() {
            collect(&mut self.head.links, link(href, rel));
        }
    }

    fn item(&mut self, item: Loose) {
        let Loose::Map(pairs) = item else {
            self.problems
                .note("an item that is no object is left out", "");
            return;
        };
        let mut parts = Parts::default();
        for (key, value) in pairs {
            take_of_item(&mut parts, &key, value, &mut self.problems);
        }
        self.entries.push(parts);
    }
}

fn take_of_item(parts: &mut Parts, key: &str, value: Loose, problems: &mut Problems) {
    let mut moment = |value: Loose| {
        let text = value.text()?;
        let at = date::parse(&text);
        if at.is_none() {
            problems.note("a date cannot be read and is left out", &text);
        }
        at
    };
    match key {
        "id" | "guid" => offer(&mut parts.guid, value),
        "url" => page(parts, value, 0),
        "external_url" => page(parts, value, usize::MAX),
        "title" => offer(&mut parts.title, value),
        "summary" => offer(&mut parts.summary, value),
        "content_html" => ranked(&mut parts.content, 0, value),
        "content_text" => ranked(&mut parts.content, 1, value),
        "language" => offer(&mut parts.language, value),
        "image" => ranked(&mut parts.image, 0, value),
        "banner_image" => ranked(&mut parts.image, 1, value),
        "date_published" => {
            if let Some(at) = moment(value) {
                parts.published.offer(0, at);
            }
        }
        "date_modified" => {
            if let Some(at) = moment(value) {
                parts.updated.offer(0, at);
            }
        }
        "author" | "authors" => authors(value, &mut parts.authors),
        "tags" => {
            for tag in value.list() {
                if let Some(tag) = tag.text() {
                    collect(&mut parts.categories, tag);
                }
            }
        }
        "attachments" => {
            for attachment in value.list() {
                if let Some(link) = enclosure(attachment) {
                    collect(&mut parts.links, link);
                }
            }
        }
        _ => {}
    }
}

/// The link of an item; its own page comes before one that it is about.
fn page(parts: &mut Parts, value: Loose, at: usize) {
    if let Some(href) = value.text() {
        let at = at.min(parts.links.len());
        parts.links.insert(at, link(href, "alternate"));
    }
}

fn link(href: String, rel: &str) -> RawLink {
    RawLink {
        href,
        rel: Some(rel.to_owned()),
        ..RawLink::default()
    }
}

fn enclosure(attachment: Loose) -> Option<RawLink> {
    let Loose::Map(pairs) = attachment else {
        return None;
    };
    let mut link = link(String::new(), "enclosure");
    for (key, value) in pairs {
        match key.as_str() {
            "url" => link.href = value.text()?,
            "mime_type" => link.media_type = value.text(),
            "size_in_bytes" => {
                link.length_bytes = value.text().and_then(|bytes| bytes.parse().ok());
            }
            _ => {}
        }
    }
    (!link.href.is_empty()).then_some(link)
}

/// One author or many, each with a name or being one.
fn authors(value: Loose, into: &mut Vec<String>) {
    for author in value.list() {
        let name = match author {
            Loose::Map(_) => author.get("name").and_then(Loose::text),
            other => other.text(),
        };
        if let Some(name) = name {
            collect(into, name);
        }
    }
}

fn offer(slot: &mut super::draft::Slot<String>, value: Loose) {
    ranked(slot, 0, value);
}

fn ranked(slot: &mut super::draft::Slot<String>, rank: u8, value: Loose) {
    if let Some(text) = value.text() {
        slot.offer(rank, text);
    }
}

/// The outermost object.
struct Whole<'a>(&'a mut Reading);

impl<'de> DeserializeSeed<'de> for Whole<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Whole<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if key == "items" {
                map.next_value_seed(Items(self.0))?;
            } else {
                let value = map.next_value()?;
                self.0.take(&key, value);
            }
        }
        Ok(())
    }
}

/// The list of items, or whatever stands in its place.
struct Items<'a>(&'a mut Reading);

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.has_items = true;
        while self.0.entries.len() <= ENTRIES_MAX {
            let Some(item) = items.next_element()? else {
                return Ok(());
            };
            self.0.item(item);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
