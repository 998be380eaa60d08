//! From the model of `feed_rs` to ours: bounded, plain, and with identity.

use super::link::absolute;
use super::problems::Problems;
use super::{ENTRIES_MAX, Entry, EntryKey, Feed, Format, key};
use crate::text::html;
use feed_rs::model;
use jiff::Timestamp;
use jiff::tz::Offset;
use url::Url;

/// The longest title, in bytes.
const TITLE_BYTES_MAX: usize = 4 * 1024;

/// The longest summary or description, in bytes.
const SUMMARY_BYTES_MAX: usize = 64 * 1024;

/// The longest content, in bytes.
const CONTENT_BYTES_MAX: usize = 1024 * 1024;

/// The longest guid, in bytes. A longer one is dropped and not cut, because two
/// cut ones could be equal.
const GUID_BYTES_MAX: usize = 4 * 1024;

/// The longest name or label, in bytes.
const NAME_BYTES_MAX: usize = 1024;

/// The most authors or categories of an entry, each.
const NAMES_MAX: usize = 64;

/// Dates outside of these years are mistakes: programs print the year 1 or
/// 1970 when they know no date, and no feed is from before the web.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2200;

/// Makes our feed of theirs.
pub(super) fn feed(model: model::Feed, base: Option<&Url>, problems: Problems) -> Feed {
    let mut convert = Convert {
        format: match model.feed_type {
            model::FeedType::Atom => Format::Atom,
            model::FeedType::JSON => Format::Json,
            model::FeedType::RSS1 => Format::Rdf,
            model::FeedType::RSS0 | model::FeedType::RSS2 => Format::Rss,
        },
        base: base.cloned(),
        feed_authors: model.authors,
        problems,
    };
    let link = convert.page(&model.links);
    if convert.base.is_none() {
        convert.base = link.as_deref().and_then(|link| Url::parse(link).ok());
    }
    if model.entries.len() > ENTRIES_MAX {
        let example = format!("the first {ENTRIES_MAX} are kept");
        convert
            .problems
            .note("the feed has too many entries", &example);
    }
    let mut entries: Vec<Entry> = model
        .entries
        .into_iter()
        .take(ENTRIES_MAX)
        .map(|entry| convert.entry(entry))
        .collect();
    key::assign(&mut entries, &mut convert.problems);
    Feed {
        format: convert.format,
        title: model
            .title
            .and_then(|title| convert.line(&title.content, TITLE_BYTES_MAX)),
        link,
        description: model
            .description
            .and_then(|text| convert.bounded(&html::to_text(&text.content), SUMMARY_BYTES_MAX)),
        language: model
            .language
            .and_then(|text| convert.bounded(&text, NAME_BYTES_MAX)),
        ttl_minutes: model.ttl,
        skip_hours: Vec::new(),
        skip_days: Vec::new(),
        entries,
        problems: convert.problems.into_words(),
    }
}

/// What every entry of one feed needs to be converted.
struct Convert {
    format: Format,
    base: Option<Url>,
    feed_authors: Vec<model::Person>,
    problems: Problems,
}

impl Convert {
    fn entry(&mut self, entry: model::Entry) -> Entry {
        let guid = self.guid(&entry.id);
        // RSS has no date of change, so feed_rs repeats the date of publication.
        let is_repeated = self.format == Format::Rss && entry.updated == entry.published;
        let changed = entry.updated.filter(|_| !is_repeated);
        let published = self.moment(entry.published.map(|at| at.timestamp_millis()));
        let updated = self.moment(changed.map(|at| at.timestamp_millis()));
        let content = entry.content.and_then(|content| self.content(content));
        let told = entry.summary.map(|text| text.content);
        let summary = told.and_then(|html| self.bounded(&html, SUMMARY_BYTES_MAX));
        // Video feeds describe their entries in Media RSS alone.
        let described = entry
            .media
            .iter()
            .find_map(|media| media.description.as_ref());
        let summary = match (summary, &content, described) {
            (None, None, Some(text)) => self.bounded(&text.content, SUMMARY_BYTES_MAX),
            (summary, _, _) => summary,
        };
        let labels = entry
            .categories
            .iter()
            .map(|category| category.label.as_deref().unwrap_or(&category.term));
        Entry {
            key: EntryKey(String::new()),
            title: entry
                .title
                .and_then(|title| self.line(&title.content, TITLE_BYTES_MAX)),
            link: self
                .page(&entry.links)
                .or_else(|| self.permanent_link(guid.as_deref())),
            published,
            updated,
            authors: self.authors(&entry.authors),
            categories: self.names(labels),
            summary,
            content,
            language: entry
                .language
                .and_then(|text| self.bounded(&text, NAME_BYTES_MAX)),
            guid,
        }
    }

    fn guid(&mut self, id: &str) -> Option<String> {
        let id = id.trim();
        if id.len() > GUID_BYTES_MAX {
            self.problems.note("a guid is too long and is not used", id);
            return None;
        }
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// The page that links lead to: the first alternate that is a web address.
    fn page(&mut self, links: &[model::Link]) -> Option<String> {
        links.iter().filter(|link| is_page(link)).find_map(|link| {
            let page = absolute(&link.href, self.base.as_ref());
            if page.is_none() {
                self.problems
                    .note("a link that leads to no web page is left out", &link.href);
            }
            page
        })
    }

    /// In RSS a guid that is a web address is the page, if no link says otherwise.
    fn permanent_link(&self, guid: Option<&str>) -> Option<String> {
        guid.filter(|_| self.format == Format::Rss)
            .and_then(|guid| absolute(guid, None))
    }

    fn moment(&mut self, milliseconds: Option<i64>) -> Option<Timestamp> {
        let at = Timestamp::from_millisecond(milliseconds?).ok()?;
        let year = Offset::UTC.to_datetime(at).year();
        if YEARS.contains(&year) {
            return Some(at);
        }
        self.problems
            .note("a date is not believable and is left out", &at.to_string());
        None
    }

    fn content(&mut self, content: model::Content) -> Option<String> {
        let kind = content.content_type.to_string();
        let is_text = kind.starts_with("text/") || kind.ends_with("xml") || kind.ends_with("html");
        let body = content.body?;
        if !is_text {
            self.problems
                .note("content that is no text is left out", &kind);
            return None;
        }
        self.bounded(&body, CONTENT_BYTES_MAX)
    }

    fn authors(&mut self, people: &[model::Person]) -> Vec<String> {
        // RFC 4287, section 4.2.1: an entry without authors has those of its feed.
        let inherited = std::mem::take(&mut self.feed_authors);
        let people = if people.is_empty() {
            &inherited
        } else {
            people
        };
        let names = people
            .iter()
            .filter_map(|person| person.name.as_deref().or(person.email.as_deref()))
            .map(without_brackets);
        let authors = self.names(names);
        self.feed_authors = inherited;
        authors
    }

    fn names<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut kept: Vec<String> = Vec::new();
        for name in names {
            let Some(name) = self.line(name, NAME_BYTES_MAX) else {
                continue;
            };
            if kept.contains(&name) {
                continue;
            }
            if kept.len() == NAMES_MAX {
                self.problems
                    .note("an entry has too many authors or categories", "");
                break;
            }
            kept.push(name);
        }
        kept
    }

    /// One line of plain text; nothing if it says nothing.
    fn line(&mut self, source: &str, bytes_max: usize) -> Option<String> {
        let text = html::to_text(source);
        let words: Vec<&str> = text.split_whitespace().collect();
        self.bounded(&words.join(" "), bytes_max)
    }

    /// The start of a text that fits; nothing if it is blank.
    fn bounded(&mut self, text: &str, bytes_max: usize) -> Option<String> {
        let text = text.trim();
        let end = text.floor_char_boundary(bytes_max);
        let kept = text.get(..end).unwrap_or(text);
        if kept.len() < text.len() {
            let example = format!("{bytes_max} bytes of {} are kept", text.len());
            self.problems
                .note("a text is too long and is cut", &example);
        }
        (!kept.is_empty()).then(|| kept.to_owned())
    }
}

/// Whether a link leads to the page of its feed or entry.
fn is_page(link: &model::Link) -> bool {
    let is_alternate = link.rel.as_deref().is_none_or(|rel| rel == "alternate");
    // Attachments of JSON Feed come as links too, but with a media type.
    let is_attachment = link
        .media_type
        .as_deref()
        .is_some_and(|kind| !kind.contains("html"));
    is_alternate && !is_attachment && link.target.is_none()
}

/// RSS asks for `mail@example.org (Name)`; `feed_rs` leaves the brackets.
fn without_brackets(name: &str) -> &str {
    name.trim()
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(name)
}
