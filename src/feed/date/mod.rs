//! Dates as feeds write them.
//!
//! RSS asks for RFC 822 and Atom for RFC 3339, and both get whatever a
//! publisher's template printed, in the language of the server. What is as the
//! standards have it is read at once, and what `jiff` reads as ISO 8601 is taken
//! as it is. Anything else is read piece by piece: a
//! month by its name, a time by its colon, a zone by its sign or name, and the
//! numbers that are left as day, month and year, in the order that their sizes
//! allow. Weekdays are ignored, because they are often wrong. A date without a
//! zone is taken as UTC.

mod calendar;
mod names;
mod standard;

use crate::text::fold;
use calendar::Numbers;
use jiff::civil::{DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use names::{month, zone_minutes};

/// No date that means anything is longer.
const DATE_BYTES_MAX: usize = 96;

/// The farthest zone, Kiribati, is fourteen hours east.
const OFFSET_MINUTES_MAX: i64 = 15 * 60;

/// Dates outside of these years are mistakes: programs print the year 1 or the
/// start of 1970 when they know no date, and what is to appear in a hundred years
/// is no news.
const YEARS: std::ops::RangeInclusive<i16> = 1971..=2099;

/// Whether an entry of a feed can be of this time.
pub(crate) fn is_believable(at: Timestamp) -> bool {
    YEARS.contains(&Offset::UTC.to_datetime(at).year())
}

/// Reads a date, if it is one.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > DATE_BYTES_MAX {
        return None;
    }
    if let Some(at) = standard::read(text) {
        return Some(at);
    }
    if !text.is_ascii() {
        return Pieces::read(&fold(&western(text))).timestamp();
    }
    let in_zone = text.parse::<Timestamp>().ok();
    in_zone
        .or_else(|| {
            // Of `2003-07-23T10:05:00 EST` or `…[Europe/Berlin]` it would read a part.
            let is_alone = !text.contains([' ', '[']);
            at_utc(text.parse::<DateTime>().ok().filter(|_| is_alone)?)
        })
        .or_else(|| Pieces::read(&text.to_ascii_lowercase()).timestamp())
}

fn at_utc(moment: DateTime) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(moment).ok()
}

/// A text with the digits and the separators of the West.
fn western(text: &str) -> String {
    let text = text
        .replace("午前", " am ")
        .replace("上午", " am ")
        .replace("오전", " am ")
        .replace("午後", " pm ")
        .replace("下午", " pm ")
        .replace("오후", " pm ");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '年' | '년' | '月' | '월' => out.push('-'),
            '日' | '일' | '秒' | '초' => out.push(' '),
            '時' | '时' | '시' | '分' | '분' | '：' => out.push(':'),
            '−' | '–' | '‐' => out.push('-'),
            '，' | '、' => out.push(','),
            '٠'..='٩' => push_digit(&mut out, c, '٠'),
            '۰'..='۹' => push_digit(&mut out, c, '۰'),
            '०'..='९' => push_digit(&mut out, c, '०'),
            '０'..='９' => push_digit(&mut out, c, '０'),
            _ if c.is_whitespace() => out.push(' '),
            _ => out.push(c),
        }
    }
    // `2004年 05月 25日` has its parts apart.
    out.replace("- ", "-").replace(": ", ":")
}

fn push_digit(out: &mut String, c: char, zero: char) {
    let digit = u32::from(c) - u32::from(zero);
    out.extend(char::from_digit(digit, 10));
}

/// What the pieces of a date have told so far.
#[derive(Debug, Default)]
struct Pieces {
    numbers: Numbers,
    time: Option<Time>,
    is_next_day: bool,
    is_afternoon: Option<bool>,
    /// Minutes east of UTC, from a number or from a name.
    offset: Option<i64>,
    zone: Option<i64>,
    /// A zone by its place, whose offset depends on the date.
    place: Option<TimeZone>,
    /// Seconds since 1970, where the date is nothing else.
    epoch: Option<Timestamp>,
}

impl Pieces {
    fn read(text: &str) -> Self {
        let mut pieces = Self::default();
        let words = |c: char| {
            c.is_whitespace() || matches!(c, ',' | '(' | ')' | '[' | ']' | '"' | '\'' | ';')
        };
        for word in text.split(words).filter(|word| !word.is_empty()) {
            pieces.word(word);
        }
        if pieces.numbers.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            pieces.epoch = epoch(text);
        }
        pieces
    }

    fn word(&mut self, word: &str) {
        let is_signed = word.starts_with(['+', '-']);
        if is_signed && (self.time.is_some() || word.starts_with('+')) {
            return self.offset(word);
        }
        // `2003-07-23T10:05` and `20030723T100500Z`.
        if let Some((date, time)) = word.split_once('t')
            && date.ends_with(|c: char| c.is_ascii_digit())
            && time.starts_with(|c: char| c.is_ascii_digit())
        {
            self.date(date);
            return self.time(time);
        }
        if word.contains(':') || is_french_time(word) {
            // `20/Jul/2003:10:05:00`, as servers log.
            if let Some((date, time)) = word.split_once(':')
                && date.contains(['/', '-'])
                && !date.starts_with(|c: char| c.is_alphabetic())
            {
                self.date(date);
                return self.time(time);
            }
            return self.time(word);
        }
        if let Some(offset) = named_offset(word) {
            return self.offset(offset);
        }
        if let "a.m." | "p.m." | "a.m" | "p.m" = word {
            return self.name(if word.starts_with('a') { "am" } else { "pm" });
        }
        if let Some((area, zone)) = word.split_once('/')
            && area.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            self.place = TimeZone::get(word).ok();
            self.zone = self.zone.or(zone_minutes(zone));
            if self.place.is_some() || self.zone.is_some() {
                return;
            }
        }
        self.date(word);
    }

    /// A part of a date: numbers and names, with what parts them.
    fn date(&mut self, word: &str) {
        let separator = word.chars().find(|c| matches!(c, '-' | '/' | '.'));
        let parts = word.split(['-', '/', '.']).filter(|part| !part.is_empty());
        if self.numbers.is_complete() && self.time.is_none() && separator == Some('.') {
            // `23.07.2003 10.05`
            return self.time(&word.replace('.', ":"));
        }
        for part in parts {
            self.part(part, separator);
        }
    }

    fn part(&mut self, part: &str, separator: Option<char>) {
        let digits_end = part.bytes().position(|byte| !byte.is_ascii_digit());
        let (digits, rest) = part
            .split_at_checked(digits_end.unwrap_or(part.len()))
            .unwrap_or_default();
        if !digits.is_empty() {
            self.numbers.push(digits, separator);
            // `23rd`, `23Jul`; `1er`.
            if month(rest).is_some() && rest.len() > 2 {
                self.name(rest);
            }
            return;
        }
        self.name(part);
    }

    fn name(&mut self, name: &str) {
        match name {
            "am" => self.is_afternoon = Some(false),
            "pm" => self.is_afternoon = Some(true),
            _ => {
                if let Some(minutes) = zone_minutes(name).filter(|_| self.may_be_zone(name)) {
                    self.zone = Some(minutes);
                } else if let Some(month) = month(name) {
                    self.numbers.name_month(month);
                }
            }
        }
    }

    /// A zone stands after a number; before all of them stands a weekday.
    fn may_be_zone(&self, name: &str) -> bool {
        name.len() > 1 && !self.numbers.is_empty() || name == "z"
    }

    fn time(&mut self, word: &str) {
        let end = word
            .find(|c: char| !c.is_ascii_digit() && c != ':' && c != 'h')
            .unwrap_or(word.len());
        let (clock, rest) = word.split_at_checked(end).unwrap_or_default();
        let is_compact = !clock.contains([':', 'h']) && clock.len() >= 4;
        let parts: Vec<i8> = if is_compact {
            let pairs = clock.as_bytes().chunks(2);
            pairs
                .filter_map(|pair| std::str::from_utf8(pair).ok()?.parse().ok())
                .collect()
        } else {
            clock
                .split([':', 'h'])
                .filter_map(|part| part.parse().ok())
                .collect()
        };
        let second = parts.get(2).copied().unwrap_or(0);
        if let (Some(hour), minute) = (parts.first(), parts.get(1).copied().unwrap_or(0)) {
            // Midnight at the end of a day has the hour 24, and a leap second the
            // number 60.
            self.is_next_day = *hour == 24;
            self.time = Time::new(hour % 24, minute, second.min(59), 0).ok();
        }
        let zone = rest.trim_start_matches(|c: char| matches!(c, '.') || c.is_ascii_digit());
        if zone.starts_with(['+', '-']) {
            self.offset(zone);
        } else if let Some(offset) = named_offset(zone) {
            self.offset(offset);
        } else {
            self.name(zone);
        }
    }

    fn offset(&mut self, word: &str) {
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        let Ok(number) = digits.parse::<i64>() else {
            return;
        };
        let minutes = match digits.len() {
            1 | 2 => number * 60,
            3 | 4 => number / 100 * 60 + number % 100,
            _ => return,
        };
        if minutes <= OFFSET_MINUTES_MAX {
            let is_west = word.starts_with('-');
            self.offset = Some(if is_west { -minutes } else { minutes });
        }
    }

    fn timestamp(self) -> Option<Timestamp> {
        if self.epoch.is_some() {
            return self.epoch;
        }
        let date = self.numbers.date(self.is_afternoon.is_some())?;
        let time = self.time.unwrap_or(Time::midnight());
        let hours = match (self.is_afternoon, time.hour()) {
            (Some(true), 0..=11) => 12,
            (Some(false), 12) => -12,
            _ => 0,
        };
        let hours = hours + if self.is_next_day { 24 } else { 0 };
        let moment = date
            .to_datetime(time)
            .checked_add(SignedDuration::from_hours(hours))
            .ok()?;
        if let (None, Some(place)) = (self.offset, &self.place) {
            return place.to_timestamp(moment).ok();
        }
        let offset = self.offset.or(self.zone).unwrap_or(0);
        at_utc(moment)?
            .checked_sub(SignedDuration::from_mins(offset))
            .ok()
    }
}

/// The offset in `gmt+0200`.
fn named_offset(word: &str) -> Option<&str> {
    let offset = word.strip_prefix("gmt").or(word.strip_prefix("utc"))?;
    offset.starts_with(['+', '-']).then_some(offset)
}

/// `14h30`, as French has it.
fn is_french_time(word: &str) -> bool {
    word.split_once('h').is_some_and(|(hour, minute)| {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        !hour.is_empty() && hour.len() <= 2 && is_number(hour) && is_number(minute)
    })
}

/// Seconds or milliseconds since 1970.
fn epoch(digits: &str) -> Option<Timestamp> {
    let number = digits.parse().ok()?;
    match digits.len() {
        9 | 10 => Timestamp::from_second(number).ok(),
        12 | 13 => Timestamp::from_millisecond(number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
