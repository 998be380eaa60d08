//! Numbers of things in sentences.

use std::fmt::Display;

/// A number with its noun, as English has it.
///
/// ```
/// use wirewatch::text::count;
/// assert_eq!(count(1, "feed"), "1 feed");
/// assert_eq!(count(0, "alert"), "0 alerts");
/// assert_eq!(count(2, "entry"), "2 entries");
/// assert_eq!(count(2, "day"), "2 days");
/// ```
pub fn count(number: impl Display, noun: &str) -> String {
    let number = number.to_string();
    match noun.strip_suffix('y') {
        _ if number == "1" => format!("1 {noun}"),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}
