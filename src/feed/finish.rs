//! From what a reader found to a feed: bounded, plain, and with identity.

use super::draft::{Draft, ORIGINAL, Parts, RawLink, Wishes};
use super::link::absolute;
use super::problems::Problems;
use super::{
    ENTRIES_MAX, Enclosure, Entry, EntryKey, Feed, Format, Place, Polling, Print, date, key,
};
use crate::text::html;
use jiff::Timestamp;
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

/// The most enclosures of an entry.
const ENCLOSURES_MAX: usize = 32;

/// The most hubs of a feed.
const HUBS_MAX: usize = 8;

/// Makes a feed of a draft.
pub(super) fn feed(draft: Draft, base: Option<&Url>, problems: Problems) -> Feed {
    let mut finish = Finish {
        format: draft.format,
        base: base.cloned(),
        problems,
        feed_authors: Vec::new(),
    };
    let mut head = draft.head;
    let link = finish.page(&head.links);
    if finish.base.is_none() {
        finish.base = link.as_deref().and_then(|link| Url::parse(link).ok());
    }
    finish.feed_authors = std::mem::take(&mut head.authors);
    if finish.feed_authors.is_empty() {
        finish.feed_authors = std::mem::take(&mut head.other_authors);
    }
    if draft.entries.len() > ENTRIES_MAX {
        let example = format!("the first {ENTRIES_MAX} are kept");
        finish
            .problems
            .note("the feed has too many entries", &example);
    }
    let mut entries: Vec<Entry> = draft
        .entries
        .into_iter()
        .take(ENTRIES_MAX)
        .map(|parts| finish.entry(parts))
        .collect();
    key::assign(&mut entries, &mut finish.problems);
    let polling = finish.polling(&head.links, draft.wishes);
    let feed_authors = std::mem::take(&mut finish.feed_authors);
    Feed {
        format: finish.format,
        breaks_off: draft.breaks_off,
        title: head
            .title
            .value
            .and_then(|title| finish.line(&title, TITLE_BYTES_MAX)),
        link,
        description: head
            .summary
            .value
            .and_then(|text| finish.bounded(html::to_text(&text), SUMMARY_BYTES_MAX)),
        language: head.language.value.and_then(|text| {
            finish.bounded(text.to_ascii_lowercase().replace('_', "-"), NAME_BYTES_MAX)
        }),
        authors: finish.names(&feed_authors),
        categories: finish.names(&head.categories),
        image: finish.address(head.image.value),
        updated: finish
            .moment(head.updated.value)
            .or(finish.moment(head.published.value)),
        polling,
        entries,
        problems: finish.problems.into_words(),
    }
}

/// What every entry of one feed needs to be finished.
struct Finish {
    format: Format,
    base: Option<Url>,
    feed_authors: Vec<String>,
    problems: Problems,
}

impl Finish {
    fn entry(&mut self, parts: Parts) -> Entry {
        let guid = parts.guid.value.and_then(|guid| self.guid(&guid));
        let authors = if parts.authors.is_empty() {
            parts.other_authors
        } else {
            parts.authors
        };
        let authors = self.authors(&authors);
        let title = parts
            .title
            .value
            .and_then(|title| self.line(&title, TITLE_BYTES_MAX));
        let link = self
            .page(&parts.links)
            .or_else(|| self.permanent_link(guid.as_deref(), parts.guid_is_link));
        let summary = parts
            .summary
            .value
            .and_then(|html| self.bounded(html, SUMMARY_BYTES_MAX));
        let content = parts
            .content
            .value
            .and_then(|html| self.bounded(html, CONTENT_BYTES_MAX));
        let text = [&title, &summary, &content];
        Entry {
            key: EntryKey(String::new()),
            second_key: EntryKey(String::new()),
            print: Print::of(&text.map(|part| part.as_deref().unwrap_or_default())),
            published: self.moment(parts.published.value),
            updated: self.moment(parts.updated.value),
            categories: self.names(&parts.categories),
            language: parts
                .language
                .value
                .and_then(|text| self.bounded(text, NAME_BYTES_MAX)),
            enclosures: self.enclosures(&parts.links),
            image: self.address(parts.image.value),
            comments: self.address(parts.comments.value),
            source: parts
                .source_title
                .value
                .and_then(|title| self.line(&title, NAME_BYTES_MAX)),
            place: place(parts.latitude, parts.longitude),
            title,
            link,
            authors,
            summary,
            content,
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

    /// The page that links lead to: the first alternate that is a web address,
    /// else the first link without a relation of its own.
    fn page(&mut self, links: &[RawLink]) -> Option<String> {
        let original = links.iter().filter(|link| has_rel(link, ORIGINAL));
        let pages = links.iter().filter(|link| is_page(link));
        original.chain(pages).find_map(|link| {
            let page = absolute(&link.href, self.base.as_ref());
            if page.is_none() {
                self.problems
                    .note("a link that leads to no web page is left out", &link.href);
            }
            page
        })
    }

    /// In RSS a guid that is a web address is the page, if no link says otherwise.
    fn permanent_link(&self, guid: Option<&str>, is_link: Option<bool>) -> Option<String> {
        let may_be = match (self.format, is_link) {
            (_, Some(is_link)) => is_link,
            (Format::Rss, None) => true,
            (_, None) => false,
        };
        guid.filter(|_| may_be)
            .and_then(|guid| absolute(guid, None))
    }

    fn enclosures(&mut self, links: &[RawLink]) -> Vec<Enclosure> {
        let mut kept: Vec<Enclosure> = Vec::new();
        for link in links.iter().filter(|link| has_rel(link, "enclosure")) {
            let Some(url) = absolute(&link.href, self.base.as_ref()) else {
                continue;
            };
            if kept.len() < ENCLOSURES_MAX && kept.iter().all(|it| it.url != url) {
                let media_type = link.media_type.as_deref().unwrap_or_default();
                kept.push(Enclosure {
                    url,
                    media_type: self.line(media_type, NAME_BYTES_MAX),
                    length_bytes: link.length_bytes,
                });
            }
        }
        kept
    }

    fn address(&self, written: Option<String>) -> Option<String> {
        absolute(&written?, self.base.as_ref())
    }

    /// What the feed says of where and when it is to be read.
    fn polling(&self, links: &[RawLink], wishes: Wishes) -> Polling {
        let base = self.base.as_ref();
        let with_rel = |rel: &str| {
            let found = links.iter().filter(|link| has_rel(link, rel));
            found
                .filter_map(|link| absolute(&link.href, base))
                .collect::<Vec<_>>()
                .into_iter()
        };
        let frequency = wishes.period_frequency.unwrap_or(1).max(1);
        let mut hours = wishes.skip_hours;
        hours.sort_unstable();
        Polling {
            hubs: with_rel("hub").take(HUBS_MAX).collect(),
            address: with_rel("self").next(),
            next_page: with_rel("next").next(),
            previous_archive: with_rel("prev-archive").next(),
            ttl_minutes: wishes.ttl_minutes,
            period_minutes: wishes.period_minutes.map(|minutes| minutes / frequency),
            skip_hours: hours,
            skip_days: wishes.skip_days,
        }
    }

    fn moment(&mut self, at: Option<Timestamp>) -> Option<Timestamp> {
        let at = at?;
        if date::is_believable(at) {
            return Some(at);
        }
        self.problems
            .note("a date is not believable and is left out", &at.to_string());
        None
    }

    fn authors(&mut self, authors: &[String]) -> Vec<String> {
        // RFC 4287, section 4.2.1: an entry without authors has those of its feed.
        if !authors.is_empty() {
            return self.names(authors);
        }
        let inherited = std::mem::take(&mut self.feed_authors);
        let names = self.names(&inherited);
        self.feed_authors = inherited;
        names
    }

    fn names(&mut self, names: &[String]) -> Vec<String> {
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
        let is_odd =
            |c: char| matches!(c, '<' | '&') || c.is_control() || (c.is_whitespace() && c != ' ');
        if !source.contains(is_odd) && !source.contains("  ") {
            return self.bounded(source.to_owned(), bytes_max);
        }
        let text = html::to_text(source);
        let words: Vec<&str> = text.split_whitespace().collect();
        self.bounded(words.join(" "), bytes_max)
    }

    /// The start of a text that fits; nothing if it is blank.
    fn bounded(&mut self, text: String, bytes_max: usize) -> Option<String> {
        let trimmed = text.trim();
        let end = trimmed.floor_char_boundary(bytes_max);
        let kept = trimmed.get(..end).unwrap_or(trimmed);
        if kept.len() < trimmed.len() {
            let example = format!("{bytes_max} bytes of {} are kept", trimmed.len());
            self.problems
                .note("a text is too long and is cut", &example);
        }
        if kept.is_empty() {
            None
        } else if kept.len() == text.len() {
            Some(text)
        } else {
            Some(kept.to_owned())
        }
    }
}

fn place(latitude: Option<f64>, longitude: Option<f64>) -> Option<Place> {
    let latitude = latitude.filter(|degrees| (-90.0..=90.0).contains(degrees))?;
    let longitude = longitude.filter(|degrees| (-180.0..=180.0).contains(degrees))?;
    Some(Place {
        latitude,
        longitude,
    })
}

/// Whether a link has a relation; one may have several, parted by spaces.
fn has_rel(link: &RawLink, wanted: &str) -> bool {
    let rel = link.rel.as_deref().unwrap_or_default();
    let rel = rel
        .strip_prefix("http://www.iana.org/assignments/relation/")
        .unwrap_or(rel);
    rel.split_ascii_whitespace()
        .any(|word| word.eq_ignore_ascii_case(wanted))
}

/// Whether a link leads to the page of its feed or entry.
fn is_page(link: &RawLink) -> bool {
    let rel = link.rel.as_deref().unwrap_or_default().trim();
    let is_alternate = rel.is_empty() || has_rel(link, "alternate");
    // An alternate may be the same in another form, a feed of it or a PDF.
    let is_attachment = link
        .media_type
        .as_deref()
        .is_some_and(|kind| !kind.trim().is_empty() && !kind.contains("html"));
    is_alternate && !is_attachment
}
