//! Times as people type them: how long ago, or when.

use super::exit::{self, Failure};
use crate::config;
use crate::text::printable;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

#[cfg(test)]
#[path = "moment_tests.rs"]
mod tests;

/// What is understood.
const FORMS: &str = "\"2h\" ago, \"2026-11-24\" (UTC) or \"2026-11-24T09:00:00Z\"";

/// Reads the time that an option was given.
pub(super) fn past(option: &str, text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    read(text, now).ok_or_else(|| {
        let text = printable(text, 100);
        Failure::new(
            exit::USAGE,
            format!("{option}: `{text}` is no time; write {FORMS}"),
        )
    })
}

fn read(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(ago) = config::duration(text) {
        return now.checked_sub(ago).ok();
    }
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let time: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}
