//! Output: lines to standard output that foreign text cannot play tricks with.
#![expect(
    clippy::print_stderr,
    reason = "complaints of commands go to standard error; the log is for the daemon"
)]

use super::exit::{self, Failure};
use crate::text::is_active;
use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal, Write};

/// Writes a line to standard output. A reader that went away, as `head` does,
/// ends the command quietly.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}") {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure {
            code: exit::DONE,
            message: String::new(),
        }),
        Err(error) => Err(Failure::new(exit::IO, format!("standard output: {error}"))),
    }
}

/// Writes a JSON object as a line to standard output.
pub(super) fn json(value: &serde_json::Value) -> Result<(), Failure> {
    json_line(value.to_string().as_bytes())
}

/// Writes bytes that are JSON as a line to standard output.
pub(super) fn json_line(json: &[u8]) -> Result<(), Failure> {
    line(&inert(&String::from_utf8_lossy(json)))
}

/// JSON of the same meaning without what a terminal may obey. JSON itself demands
/// escapes only below U+0020; U+009B begins a command as well. On one line, such
/// characters stand in strings alone.
fn inert(json: &str) -> Cow<'_, str> {
    if !json.contains(is_active) {
        return Cow::Borrowed(json);
    }
    let piece = |piece: &str| match piece.chars().next_back() {
        Some(c) if is_active(c) => {
            let before = piece.trim_end_matches(c);
            format!("{before}\\u{:04x}", u32::from(c))
        }
        _ => piece.to_owned(),
    };
    // Each piece but the last ends with the one character of its kind in it.
    Cow::Owned(json.split_inclusive(is_active).map(piece).collect())
}

/// Writes a message for a person to standard error.
pub(super) fn complain(message: &str) {
    if !message.is_empty() {
        eprintln!("{message}");
    }
}

/// Whether colour is unwanted (no-color.org).
pub(super) fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// A text in bold on a terminal, else as it is.
pub(super) fn bold(text: &str) -> String {
    if std::io::stdout().is_terminal() && !no_color() {
        format!("\u{1b}[1m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// Rows as columns that line up; the last column may be of any width.
pub(super) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(&widths);
            let padded: Vec<String> = cells
                .map(|(cell, width)| {
                    let gap = width.saturating_sub(cell.chars().count());
                    format!("{cell}{}", " ".repeat(gap))
                })
                .collect();
            padded.join("  ").trim_end().to_owned()
        })
        .collect()
}
