//! What the headers of an answer say about when to come back.

use crate::policy::poll::Hints;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The two forms of dates that came before today's, which whoever receives
/// them has to read still (RFC 9110, section 5.6.7).
const OLDER_DATES: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// No wait has so many seconds, and no time of this century so few.
const TIMES_FROM_S: f64 = 1e9;

/// Reads the hints from headers, given as a look-up of all lines of a
/// lower-case name: a list may be spread over several (RFC 9110, section 5.3),
/// of anything else the first counts. `limited` says that the status is 429.
///
/// Dates are taken relative to the server's own `Date` (RFC 9110, section
/// 6.6.1), so that a clock that is off, theirs or ours, does not matter. A
/// server that does not tell its time is believed to share ours.
pub(super) fn hints<'a>(limited: bool, lines: impl Fn(&str) -> Vec<&'a str>) -> Hints {
    let header = |name: &str| lines(name).first().copied();
    let date = header("date").and_then(http_date);
    let mut hints = Hints::default();
    match header("retry-after").and_then(|value| wish(value, date)) {
        Some(Wish::For(wait)) => hints.retry_after = Some(wait),
        Some(Wish::Until(time)) => hints.retry_at = Some(time),
        None => match rate_limit_reset(limited, &header) {
            Some(Wish::For(wait)) => hints.retry_after = Some(wait),
            Some(Wish::Until(time)) => hints.retry_at = Some(time),
            None => {}
        },
    }
    match freshness(&lines("cache-control"), &header, date) {
        Some(Wish::For(wait)) => hints.fresh_for = Some(wait),
        Some(Wish::Until(time)) => hints.fresh_until = Some(time),
        None => {}
    }
    hints
}

/// A wait, or the time at which it ends.
#[derive(Debug, Clone, Copy)]
enum Wish {
    For(SignedDuration),
    Until(Timestamp),
}

/// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
fn wish(value: &str, date: Option<Timestamp>) -> Option<Wish> {
    let value = value.trim();
    match seconds(value) {
        Some(seconds) => Some(Wish::For(seconds)),
        None => until(http_date(value)?, date),
    }
}

fn until(time: Timestamp, date: Option<Timestamp>) -> Option<Wish> {
    match date {
        Some(date) => positive(time.duration_since(date)).map(Wish::For),
        None => Some(Wish::Until(time)),
    }
}

/// For how long the answer is fresh (RFC 9111, section 4.2.1), less its age. Of
/// several `max-age` the first counts.
fn freshness<'a>(
    control: &[&str],
    header: &impl Fn(&str) -> Option<&'a str>,
    date: Option<Timestamp>,
) -> Option<Wish> {
    let mut max_age = None;
    for directive in control.iter().flat_map(|line| line.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-cache" | "no-store" => return None,
            "max-age" if max_age.is_none() => max_age = seconds(value.trim().trim_matches('"')),
            _ => {}
        }
    }
    let lifetime = match max_age {
        Some(lifetime) => lifetime,
        None => match until(http_date(header("expires")?)?, date)? {
            Wish::For(lifetime) => lifetime,
            until @ Wish::Until(_) => return Some(until),
        },
    };
    let age = header("age").and_then(|age| seconds(age.trim()));
    positive(lifetime.saturating_sub(age.unwrap_or_default())).map(Wish::For)
}

/// When the limit is lifted, once nothing is left of it, as some large sites
/// say it instead of `Retry-After`: in seconds, or as a time in seconds since
/// 1970.
fn rate_limit_reset<'a>(limited: bool, header: &impl Fn(&str) -> Option<&'a str>) -> Option<Wish> {
    let number = |name| header(name)?.trim().parse::<f64>().ok();
    let used_up = match number("x-ratelimit-remaining") {
        Some(remaining) => remaining < 1.0,
        None => limited,
    };
    let reset = number("x-ratelimit-reset").filter(|_| used_up)?;
    if (0.0..TIMES_FROM_S).contains(&reset) {
        return Some(Wish::For(SignedDuration::from_secs(reset.ceil() as i64)));
    }
    let time = Timestamp::from_second(reset.ceil() as i64);
    time.ok().filter(|_| reset >= TIMES_FROM_S).map(Wish::Until)
}

/// A count of seconds; one too large to hold is as good as the largest.
fn seconds(text: &str) -> Option<SignedDuration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| SignedDuration::from_secs(text.parse().unwrap_or(i64::MAX)))
}

fn http_date(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let today = parser.parse_timestamp(text).ok();
    today.or_else(|| OLDER_DATES.iter().find_map(|form| older_date(form, text)))
}

fn older_date(form: &str, text: &str) -> Option<Timestamp> {
    let civil = strtime::parse(form, text).ok()?.to_datetime().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn positive(duration: SignedDuration) -> Option<SignedDuration> {
    (!duration.is_negative()).then_some(duration)
}
