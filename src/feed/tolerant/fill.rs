//! From the elements of a field to the parts of an entry.

use super::field::Field;
use super::{Capture, Reader};
use crate::feed::date;
use crate::feed::draft::{ORIGINAL, RawLink, collect};
use crate::feed::markup::Tag;
use crate::feed::references::decode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Weekday;

impl<'a> Reader<'a, '_> {
    /// Takes what stands in the attributes of a field; tells whether that is all.
    pub(super) fn attributes(&mut self, field: Field, rank: u8, tag: Tag<'a>) -> bool {
        let value = |name: &str| {
            let found = tag.attribute(name).map(decode)?;
            let found = found.trim();
            (!found.is_empty()).then(|| found.to_owned())
        };
        let address = || value("href").or_else(|| value("url"));
        match field {
            Field::Link => {
                let Some(href) = value("href") else {
                    return false;
                };
                let link = self.link(href, tag);
                collect(&mut self.parts().links, link);
                true
            }
            Field::Enclosure => {
                let Some(href) = address() else {
                    return true;
                };
                let mut link = self.link(href, tag);
                link.rel = Some("enclosure".to_owned());
                let medium = tag.attribute("medium").unwrap_or_default();
                let kind = link.media_type.as_deref().unwrap_or_default();
                if rank > 0 && (medium == "image" || kind.starts_with("image/")) {
                    self.parts().image.offer(4, link.href.clone());
                }
                collect(&mut self.parts().links, link);
                true
            }
            Field::Picture => {
                if let Some(href) = address() {
                    self.parts().image.offer(rank + 1, href);
                }
                true
            }
            Field::Image => address().is_some_and(|href| {
                self.parts().image.offer(2, href);
                true
            }),
            Field::Category => {
                let label = value("label").or_else(|| value("term"));
                label.or_else(|| value("text")).is_some_and(|label| {
                    collect(&mut self.parts().categories, label);
                    true
                })
            }
            Field::Guid => {
                let parts = self.parts();
                if let Some(said) = tag.attribute("isPermaLink") {
                    parts.guid_is_link = Some(said.trim().eq_ignore_ascii_case("true"));
                }
                false
            }
            Field::Source => {
                if let Some(url) = value("url") {
                    self.parts().source_link.offer(0, url);
                }
                false
            }
            Field::Content => {
                if let (None, Some(language)) = (&self.parts().language.value, value("xml:lang")) {
                    self.parts().language.offer(6, language);
                }
                false
            }
            _ => false,
        }
    }

    /// A link as an element has it, made absolute where a base is given.
    pub(super) fn link(&self, href: String, tag: Tag<'a>) -> RawLink {
        let outer = self.bases.entry.as_ref().or(self.bases.feed.as_ref());
        let href = match super::base_of(tag, outer).map(|base| base.join(&href)) {
            Some(Ok(joined)) => joined.into(),
            _ => href,
        };
        let number = |name: &str| tag.attribute(name).and_then(|it| it.trim().parse().ok());
        RawLink {
            href,
            rel: tag.attribute("rel").map(|rel| decode(rel).into_owned()),
            media_type: tag.attribute("type").map(|kind| decode(kind).into_owned()),
            length_bytes: number("length").or_else(|| number("fileSize")),
        }
    }

    /// Takes the text of a field.
    pub(super) fn put(&mut self, capture: &Capture<'a>, text: String) {
        let rank = capture.rank;
        match capture.field {
            Field::Title | Field::Summary | Field::Content | Field::SourceTitle => {
                self.text_field(capture, text);
            }
            Field::Guid => self.parts().guid.offer(rank, text),
            Field::Language => self.parts().language.offer(rank, text),
            Field::Link => {
                let link = self.link(text, capture.tag);
                collect(&mut self.parts().links, link);
            }
            Field::OriginalLink => {
                let mut link = self.link(text, capture.tag);
                link.rel = Some(ORIGINAL.to_owned());
                collect(&mut self.parts().links, link);
            }
            Field::Comments => self.parts().comments.offer(rank, text),
            Field::Published => {
                if let Some((rank, at)) = self.date(rank, &text) {
                    self.parts().published.offer(rank, at);
                }
            }
            Field::Updated => {
                if let Some((rank, at)) = self.date(rank, &text) {
                    self.parts().updated.offer(rank, at);
                }
            }
            Field::PersonName => self.person.name = Some(text),
            Field::PersonAddress => self.person.address = Some(text),
            Field::Person => self.author(&text),
            Field::PodcastAuthor => collect(&mut self.parts().other_authors, text),
            Field::Category => collect(&mut self.parts().categories, text),
            Field::Keywords => {
                for keyword in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
                    collect(&mut self.parts().categories, keyword.to_owned());
                }
            }
            Field::ImageAddress => self.parts().image.offer(rank, text),
            Field::Image => self.parts().image.offer(3, text),
            Field::Source => self.parts().source_title.offer(rank, text),
            Field::PlaceName => self.parts().place.offer(rank, text),
            Field::Point => {
                let mut numbers = text
                    .split(|c: char| c.is_whitespace() || c == ',')
                    .filter_map(|number| number.parse().ok());
                let (latitude, longitude) = (numbers.next(), numbers.next());
                let parts = self.parts();
                parts.latitude = parts.latitude.or(latitude);
                parts.longitude = parts.longitude.or(longitude);
            }
            Field::Latitude => self.parts().latitude = text.parse().ok(),
            Field::Longitude => self.parts().longitude = text.parse().ok(),
            Field::Ttl | Field::Hour | Field::Day | Field::Period | Field::Frequency => {
                self.wish(capture.field, &text);
            }
            Field::Entry | Field::Enclosure | Field::Picture | Field::Aside => {}
        }
    }

    /// A date and its rank: one that is not believable is the last choice.
    fn date(&mut self, rank: u8, text: &str) -> Option<(u8, Timestamp)> {
        /// After all that an element may have.
        const LAST: u8 = 200;
        let at = date::parse(text);
        if at.is_none() {
            self.problems
                .note("a date cannot be read and is left out", text);
        }
        at.map(|at| (if date::is_believable(at) { rank } else { LAST }, at))
    }

    /// Takes a text as what it is said to be.
    fn text_field(&mut self, capture: &Capture<'a>, text: String) {
        let Some(text) = self.unpacked(capture, text) else {
            return;
        };
        let parts = self.parts();
        // Who writes both a summary and a description says more in one of them.
        let field = match (capture.field, &parts.summary.value) {
            (Field::Summary, Some(_)) if capture.rank == 0 => Field::Content,
            (field, _) => field,
        };
        let slot = match field {
            Field::Title => &mut parts.title,
            Field::Summary => &mut parts.summary,
            Field::SourceTitle => &mut parts.source_title,
            _ => &mut parts.content,
        };
        slot.offer(capture.rank, text);
    }

    /// A text is what its type says (RFC 4287, section 4.1.3.3), and often more:
    /// what is of no type of text is text in Base64, or none.
    fn unpacked(&mut self, capture: &Capture<'a>, text: String) -> Option<String> {
        let attribute = |name: &str| capture.tag.attribute(name).unwrap_or_default().trim();
        let kind = attribute("type").to_ascii_lowercase();
        let is_text = !kind.contains('/')
            || kind.starts_with("text/")
            || kind.contains("xml")
            || kind.contains("html");
        let is_packed = attribute("mode").eq_ignore_ascii_case("base64");
        if is_text && !is_packed {
            return Some(text);
        }
        let packed: String = text.split_ascii_whitespace().collect();
        let unpacked = STANDARD.decode(packed).ok();
        let unpacked = unpacked.and_then(|bytes| String::from_utf8(bytes).ok());
        let is_plain = |it: &String| !it.contains(|c: char| c.is_control() && !c.is_whitespace());
        if let Some(plain) = unpacked.filter(is_plain) {
            return Some(plain.trim().to_owned()).filter(|it| !it.is_empty());
        }
        if is_text || capture.field != Field::Content {
            return Some(text);
        }
        self.problems
            .note("content that is no text is left out", &kind);
        None
    }

    /// Adds an author: RSS asks for an address with a name in brackets, Dublin
    /// Core for a name.
    pub(super) fn author(&mut self, text: &str) {
        let name = person_name(text).to_owned();
        if !name.is_empty() {
            collect(&mut self.parts().authors, name);
        }
    }

    fn wish(&mut self, field: Field, text: &str) {
        // Inside of an entry such elements mean something else.
        if self.entry.is_some() {
            return;
        }
        let wishes = &mut self.wishes;
        match field {
            Field::Ttl => wishes.ttl_minutes = wishes.ttl_minutes.or(text.parse().ok()),
            // Hour 24 is midnight in some versions of RSS.
            Field::Hour => {
                if let Some(hour) = text.parse::<u8>().ok().filter(|hour| *hour <= 24)
                    && !wishes.skip_hours.contains(&(hour % 24))
                {
                    wishes.skip_hours.push(hour % 24);
                }
            }
            Field::Day => {
                if let Some(day) = weekday(text)
                    && !wishes.skip_days.contains(&day)
                {
                    wishes.skip_days.push(day);
                }
            }
            Field::Period => wishes.period_minutes = period_minutes(text),
            Field::Frequency => wishes.period_frequency = text.parse().ok(),
            _ => {}
        }
    }
}

/// The name in `mail@example.org (Name)`, `Name (mail@example.org)` or
/// `Name <mail@example.org>`, else all.
pub(in crate::feed) fn person_name(text: &str) -> &str {
    let text = text.trim();
    if let Some((before, bracketed)) = text.strip_suffix(')').and_then(|it| it.rsplit_once('(')) {
        let (before, bracketed) = (before.trim(), bracketed.trim());
        if (before.is_empty() || before.contains('@')) && !bracketed.is_empty() {
            return bracketed;
        }
        if bracketed.contains('@') && !before.is_empty() {
            return before;
        }
    }
    match text.split_once('<') {
        Some((name, address)) if address.contains('@') && !name.trim().is_empty() => name.trim(),
        _ => text,
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    let start = text.trim().get(..3)?.to_ascii_lowercase();
    Some(match start.as_str() {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

fn period_minutes(text: &str) -> Option<u32> {
    Some(match text.trim().to_ascii_lowercase().as_str() {
        "hourly" => 60,
        "daily" => 24 * 60,
        "weekly" => 7 * 24 * 60,
        "monthly" => 30 * 24 * 60,
        "yearly" => 365 * 24 * 60,
        _ => return None,
    })
}
