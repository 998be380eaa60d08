//! Durations and sizes as people write them.

use crate::policy::rate::Rate;
use jiff::SignedDuration;

/// The longest duration that a key takes: ten years. It keeps every sum of a
/// time and a duration inside the range of timestamps.
const DURATION_MAX: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

/// Units of a duration, the larger first, in milliseconds.
const TIME_UNITS: [(&str, u64); 6] = [
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

/// Units of a size, in bytes; compared without case.
const SIZE_UNITS: [(&str, u64); 8] = [
    ("", 1),
    ("b", 1),
    ("kb", 1000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

/// Help for every duration that cannot be read.
pub(super) const DURATION_HELP: &str =
    "write a duration such as \"30s\", \"15m\", \"1h30m\" or \"7d\"";
/// Help for every size that cannot be read.
pub(super) const SIZE_HELP: &str = "write a size such as \"16MiB\", \"500kB\" or 1048576";

/// Help for every rate that cannot be read.
pub(super) const RATE_HELP: &str = "write a number and a time such as \"60/1h\"";

/// Reads a duration: numbers with units, the larger unit first.
pub(crate) fn duration(text: &str) -> Result<SignedDuration, String> {
    let mut milliseconds: u64 = 0;
    let mut rest = text.trim();
    let mut units = TIME_UNITS.iter();
    if rest.is_empty() {
        return Err("the duration is empty".to_owned());
    }
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit());
        let (unit, after) = split(after.trim_start(), |c| c.is_ascii_alphabetic());
        if number.is_empty() {
            return Err(format!("`{text}` is not a duration"));
        }
        if unit.is_empty() {
            return Err(format!("`{text}` has no unit"));
        }
        if !TIME_UNITS.iter().any(|(name, _)| *name == unit) {
            return Err(format!("`{unit}` is not a unit of time"));
        }
        let Some((_, size)) = units.find(|(name, _)| *name == unit) else {
            return Err(format!(
                "`{text}` has its units in the wrong order, or one twice"
            ));
        };
        milliseconds = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(*size))
            .and_then(|part| part.checked_add(milliseconds))
            .ok_or_else(|| too_long(text))?;
        rest = after.trim_start();
    }
    i64::try_from(milliseconds)
        .ok()
        .map(SignedDuration::from_millis)
        .filter(|duration| *duration <= DURATION_MAX)
        .ok_or_else(|| too_long(text))
}

fn too_long(text: &str) -> String {
    format!("`{text}` is longer than ten years")
}

/// Reads a rate: a number, a stroke and a duration.
pub(super) fn rate(text: &str) -> Result<Rate, String> {
    let Some((count, per)) = text.split_once('/') else {
        return Err(format!("`{text}` is not a rate"));
    };
    let count = count.trim().parse().ok().filter(|count| *count > 0);
    let per = duration(per)?;
    match count {
        Some(count) if !per.is_zero() => Ok(Rate { count, per }),
        _ => Err(format!("`{text}` is not a rate")),
    }
}

/// Reads a size in bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text.trim(), |c| c.is_ascii_digit());
    let unit = unit.trim_start().to_lowercase();
    let number: u64 = number
        .parse()
        .map_err(|_| format!("`{text}` is not a size"))?;
    let (_, factor) = SIZE_UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(|| format!("`{text}` is not a size"))?;
    number
        .checked_mul(*factor)
        .ok_or_else(|| format!("`{text}` is too large"))
}

/// A duration in the form in which it is written in files.
pub(super) fn show(duration: SignedDuration) -> String {
    let mut milliseconds = u64::try_from(duration.as_millis()).unwrap_or(0);
    let mut parts = Vec::new();
    // Ninety days are "90d", not "12w6d".
    for (name, size) in TIME_UNITS.iter().filter(|(name, _)| *name != "w") {
        let number = milliseconds / size;
        milliseconds %= size;
        if number > 0 {
            parts.push(format!("{number}{name}"));
        }
    }
    if parts.is_empty() {
        return "0s".to_owned();
    }
    parts.concat()
}

fn split(text: &str, inside: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !inside(c)).unwrap_or(text.len());
    text.split_at(end)
}
