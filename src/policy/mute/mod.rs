//! Mute windows: hours of the day in which a route keeps quiet.
//!
//! A window is written as a clock on a wall shows it, `22:00-07:00
//! Europe/Berlin`, since that is what people sleep by. The zone is not optional:
//! a daemon in a container runs in UTC, and a zone that was only assumed would be
//! noticed at night. Where clocks are set, a window begins as calendars do it
//! (RFC 5545, section 3.3.5): at the first of two equal readings, and after a
//! gap as much later as the gap is long; it ends at the second of two, so that
//! the night stays quiet.

#[cfg(test)]
mod tests;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The most windows that are followed one upon the other.
const CHAIN_MAX: usize = 64;
/// Windows that follow each other for longer come round again each week.
const WEEK: SignedDuration = SignedDuration::from_hours(8 * 24);
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Why a text is no window.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MuteError {
    /// It has not the form of one.
    #[error("`{0}` is not a time window")]
    Form(String),
    /// A part of it is no time of the day.
    #[error("`{0}` is not a time of day")]
    Time(String),
    /// A part of it is no day of the week.
    #[error("`{0}` is not a day of the week")]
    Day(String),
    /// It has no time zone.
    #[error("the window has no time zone")]
    NoZone,
    /// Its time zone is not known.
    #[error("there is no time zone `{0}`")]
    Zone(String),
    /// It ends when it begins.
    #[error("the window is empty")]
    Empty,
}

/// Hours of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The days on which it begins, Monday first.
    days: [bool; 7],
    from: Time,
    /// The time of the day at which it ends, if not at its end.
    to: Time,
    /// Whether it ends on the day after.
    overnight: bool,
    zone: TimeZone,
}

impl Window {
    /// Reads a window: days where it is not all of them, two times of the day,
    /// and a time zone.
    ///
    /// # Errors
    /// When it is none.
    ///
    /// ```
    /// use wirewatch::policy::mute::Window;
    ///
    /// assert!(Window::parse("22:00-07:00 Europe/Berlin").is_ok());
    /// assert!(Window::parse("Sat,Sun 00:00-24:00 UTC").is_ok());
    /// ```
    pub fn parse(text: &str) -> Result<Self, MuteError> {
        let form = || MuteError::Form(text.to_owned());
        let is_time = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let words: Vec<&str> = text.split_whitespace().collect();
        let (days, times, zone) = match words[..] {
            [times] if is_time(times) => ([true; 7], times, None),
            [times, zone] if is_time(times) => ([true; 7], times, Some(zone)),
            [days, times] => (read_days(days)?, times, None),
            [days, times, zone] => (read_days(days)?, times, Some(zone)),
            _ => return Err(form()),
        };
        let (from, to) = times.split_once('-').ok_or_else(form)?;
        let (from, ends_at_midnight) = (read_time(from)?, to == "24:00");
        let to = if ends_at_midnight {
            Time::midnight()
        } else {
            read_time(to)?
        };
        if from == to && !ends_at_midnight {
            return Err(MuteError::Empty);
        }
        let zone = zone.ok_or(MuteError::NoZone)?;
        Ok(Self {
            days,
            from,
            to,
            overnight: to <= from,
            zone: TimeZone::get(zone).map_err(|_| MuteError::Zone(zone.to_owned()))?,
        })
    }

    /// When the window ends that a time falls into, if it falls into it.
    fn end_at(&self, now: Timestamp) -> Option<Timestamp> {
        let today = self.zone.to_datetime(now).date();
        let days = [today.yesterday().ok(), Some(today)];
        days.into_iter()
            .flatten()
            .filter_map(|day| self.begun_on(day))
            .filter(|(start, end)| *start <= now && now < *end)
            .map(|(_, end)| end)
            .max()
    }

    /// From when to when the window is that begins on a day, if one does.
    fn begun_on(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let weekday = day.weekday().to_monday_zero_offset().unsigned_abs();
        let begins = self.days.get(usize::from(weekday)).copied();
        if begins != Some(true) {
            return None;
        }
        let last = if self.overnight {
            day.tomorrow().ok()?
        } else {
            day
        };
        let moment = |day: Date, time| self.zone.to_ambiguous_timestamp(day.to_datetime(time));
        let start = moment(day, self.from).compatible().ok()?;
        let end = moment(last, self.to).later().ok()?;
        Some((start, end))
    }
}

/// When it stops being quiet, if it is quiet at a time; windows that touch or
/// overlap are one.
pub fn muted_until(windows: &[Window], now: Timestamp) -> Option<Timestamp> {
    let mut until = None;
    for _ in 0..CHAIN_MAX {
        let at = until.unwrap_or(now);
        let ends = windows.iter().filter_map(|window| window.end_at(at));
        match ends.max() {
            Some(end) => until = Some(end),
            None => break,
        }
    }
    until
}

/// Whether windows leave no time at all, so that nothing would ever be sent.
pub fn never_end(windows: &[Window]) -> bool {
    let now = Timestamp::UNIX_EPOCH;
    muted_until(windows, now).is_some_and(|until| until.duration_since(now) > WEEK)
}

/// Days and spans of days: `Sat,Sun`, `Mon-Fri`.
fn read_days(text: &str) -> Result<[bool; 7], MuteError> {
    let mut days = [false; 7];
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last) = (read_day(first)?, read_day(last)?);
        loop {
            let at = usize::from(day.to_monday_zero_offset().unsigned_abs());
            if let Some(chosen) = days.get_mut(at) {
                *chosen = true;
            }
            if day == last {
                break;
            }
            day = day.next();
        }
    }
    Ok(days)
}

fn read_day(text: &str) -> Result<Weekday, MuteError> {
    let known = DAYS.iter().zip(0_i8..);
    let mut named = known.filter(|(name, _)| name.eq_ignore_ascii_case(text));
    let day = named.next().map(|(_, offset)| offset);
    day.and_then(|offset| Weekday::from_monday_zero_offset(offset).ok())
        .ok_or_else(|| MuteError::Day(text.to_owned()))
}

fn read_time(text: &str) -> Result<Time, MuteError> {
    let digits = |part: &str| {
        let plain = matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<i8>().ok()).flatten()
    };
    let time = text.split_once(':').and_then(|(hour, minute)| {
        let two = minute.len() == 2;
        let minute = digits(minute).filter(|_| two)?;
        Time::new(digits(hour)?, minute, 0, 0).ok()
    });
    time.ok_or_else(|| MuteError::Time(text.to_owned()))
}
