//! What the headers of an answer say about when to come back.

use crate::policy::poll::Hints;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The two forms of dates that came before today's, which whoever receives
/// them has to read still (RFC 9110, section 5.6.7).
const OLDER_DATES: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// Reads the hints from headers, given as a look-up of all lines of a
/// lower-case name: a list may be spread over several (RFC 9110, section 5.3),
/// of anything else the first counts.
///
/// Dates are taken relative to the server's own `Date` (RFC 9110, section
/// 6.6.1), so that a clock that is off, theirs or ours, does not matter.
pub(super) fn hints<'a>(lines: impl Fn(&str) -> Vec<&'a str>) -> Hints {
    let header = |name: &str| lines(name).first().copied();
    let date = header("date").and_then(http_date);
    let away = header("retry-after").and_then(|value| retry_after(value, date));
    Hints {
        fresh_for: freshness(&lines("cache-control"), &header, date),
        retry_after: away.or_else(|| rate_limit_reset(&header)),
    }
}

/// `Retry-After`: seconds or a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(value: &str, date: Option<Timestamp>) -> Option<SignedDuration> {
    let value = value.trim();
    match seconds(value) {
        Some(seconds) => Some(seconds),
        None => positive(http_date(value)?.duration_since(date?)),
    }
}

/// For how long the answer is fresh (RFC 9111, section 4.2.1), less its age.
fn freshness<'a>(
    control: &[&str],
    header: &impl Fn(&str) -> Option<&'a str>,
    date: Option<Timestamp>,
) -> Option<SignedDuration> {
    let mut max_age = None;
    for directive in control.iter().flat_map(|line| line.split(',')) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-cache" | "no-store" => return None,
            "max-age" => max_age = seconds(value.trim().trim_matches('"')),
            _ => {}
        }
    }
    let lifetime = match max_age {
        Some(lifetime) => lifetime,
        None => http_date(header("expires")?)?.duration_since(date?),
    };
    let age = header("age").and_then(|age| seconds(age.trim()));
    positive(lifetime.saturating_sub(age.unwrap_or_default()))
}

/// Seconds until the limit is lifted, once nothing is left of it, as some large
/// sites say it instead of `Retry-After`.
fn rate_limit_reset<'a>(header: &impl Fn(&str) -> Option<&'a str>) -> Option<SignedDuration> {
    let remaining: f64 = header("x-ratelimit-remaining")?.trim().parse().ok()?;
    let reset: f64 = header("x-ratelimit-reset")?.trim().parse().ok()?;
    // Larger numbers are points in time, and nobody says which clock they are of.
    let sensible = remaining < 1.0 && (0.0..1e6).contains(&reset);
    sensible.then(|| SignedDuration::from_secs(reset.ceil() as i64))
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
