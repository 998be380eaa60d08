//! Dates as feeds write them.
//!
//! RSS asks for RFC 822 and Atom for RFC 3339, and both get whatever a
//! publisher's template printed. What `jiff` reads as ISO 8601 is taken as it
//! is. Anything else is read word by word: a month by its English name, a time
//! by its colon, a zone by its sign or name, and two numbers, of which the
//! larger is the year. Weekdays are ignored, because they are often wrong. A
//! date without a zone is taken as UTC.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// No date that means anything is longer.
const DATE_BYTES_MAX: usize = 96;

/// Reads a date, if it is one.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > DATE_BYTES_MAX {
        return None;
    }
    let in_zone = text.parse::<Timestamp>().ok();
    in_zone
        .or_else(|| at_utc(text.parse::<DateTime>().ok()?))
        .or_else(|| Words::read(text).timestamp())
}

fn at_utc(moment: DateTime) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(moment).ok()
}

/// What the words of a date have told so far.
#[derive(Debug, Default)]
struct Words {
    /// Day and year in any order, each with its count of digits.
    numbers: Vec<(i16, usize)>,
    month: Option<i8>,
    time: Option<Time>,
    is_afternoon: Option<bool>,
    offset_minutes: i64,
}

impl Words {
    fn read(text: &str) -> Self {
        let mut words = Self::default();
        for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')')) {
            if word.starts_with(['+', '-']) {
                words.offset(word);
            } else if word.contains(':') {
                words.time(word);
            } else {
                word.split(['-', '/', '.'])
                    .for_each(|part| words.part(part));
            }
        }
        words
    }

    fn part(&mut self, part: &str) {
        let lower = part.to_ascii_lowercase();
        let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if let Ok(number) = digits.parse() {
            self.numbers.push((number, digits.len()));
        } else if let Some(minutes) = zone_minutes(&lower) {
            self.offset_minutes = minutes;
        } else if matches!(lower.as_str(), "am" | "pm") {
            self.is_afternoon = Some(lower == "pm");
        } else if self.month.is_none() {
            self.month = month_number(&lower);
        }
    }

    fn time(&mut self, word: &str) {
        let end = word
            .find(|c: char| !c.is_ascii_digit() && c != ':')
            .unwrap_or(word.len());
        let (clock, rest) = word.split_at_checked(end).unwrap_or_default();
        let mut parts = clock.split(':').map(|part| part.parse::<i8>().ok());
        let (hour, minute) = (parts.next().flatten(), parts.next().flatten());
        let second = parts.next().flatten().unwrap_or(0);
        if let (Some(hour), Some(minute)) = (hour, minute) {
            // Some write midnight as 24:00, and a leap second has the number 60.
            self.time = Time::new(hour % 24, minute, second.min(59), 0).ok();
        }
        let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        if zone.starts_with(['+', '-']) {
            self.offset(zone);
        } else {
            self.part(zone);
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
        self.offset_minutes = if word.starts_with('-') {
            -minutes
        } else {
            minutes
        };
    }

    fn timestamp(self) -> Option<Timestamp> {
        let [first, second] = self.numbers.as_slice() else {
            return None;
        };
        let year_first = first.1 > 2 || first.0 > 31;
        let (day, year) = if year_first {
            (second.0, first)
        } else {
            (first.0, second)
        };
        // RFC 2822, section 4.3, for years of two or three digits. Year 0001
        // stays as it is: it is how some programs print that they know no date.
        let year = match *year {
            (year @ 0..=49, 1..=2) => year + 2000,
            (year @ 50..=999, 1..=3) => year + 1900,
            (year, _) => year,
        };
        let date = Date::new(year, self.month?, i8::try_from(day).ok()?).ok()?;
        let time = self.time.unwrap_or(Time::midnight());
        let hours = match (self.is_afternoon, time.hour()) {
            (Some(true), 0..=11) => 12,
            (Some(false), 12) => -12,
            _ => 0,
        };
        at_utc(date.to_datetime(time))?
            .checked_add(SignedDuration::from_hours(hours))
            .ok()?
            .checked_sub(SignedDuration::from_mins(self.offset_minutes))
            .ok()
    }
}

fn month_number(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let start = word.get(..3)?;
    let index = MONTHS.iter().position(|month| *month == start)?;
    i8::try_from(index + 1).ok()
}

/// The zones that feeds name, in minutes east of UTC.
fn zone_minutes(word: &str) -> Option<i64> {
    let hours = match word {
        "z" | "ut" | "utc" | "gmt" | "wet" => 0,
        "bst" | "cet" | "west" => 1,
        "cest" | "eet" => 2,
        "eest" | "msk" => 3,
        "hkt" | "sgt" | "awst" => 8,
        "jst" | "kst" => 9,
        "aest" => 10,
        "aedt" => 11,
        "edt" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        _ => return None,
    };
    Some(hours * 60)
}

#[cfg(test)]
mod tests;
