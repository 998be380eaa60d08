//! The line that a mistake stands in, with the place underlined.

use std::fmt;
use std::ops::Range;

/// The widest excerpt, in columns of a terminal; a longer line is cut.
const COLUMNS_MAX: usize = 100;
/// How much of a cut line is shown before the place, in columns.
const COLUMNS_BEFORE: usize = 40;
/// What a tab is shown as: an editor's width cannot be known, the caret's must.
const TAB: &str = "    ";
/// What a secret is shown as.
const MASK: &str = "***";

/// A line with a part of it underlined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    line: String,
    caret: String,
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "  {}\n  {}", self.line, self.caret)
    }
}

/// One character as it is shown.
struct Cell {
    text: String,
    columns: usize,
    underlined: bool,
}

impl Excerpt {
    /// The line in which `span` begins; nothing if that line is empty.
    pub(super) fn new(text: &str, span: &Range<usize>, secrets: &[Range<usize>]) -> Option<Self> {
        let start = span.start.min(text.len());
        let line_start = line_starts(text).take_while(|at| *at <= start).last()?;
        let line = text.get(line_start..)?.lines().next()?;
        let line = line.trim_end();
        if line.trim().is_empty() {
            return None;
        }
        let secrets = [secrets, &logins(line, line_start)].concat();
        let cells: Vec<Cell> = line
            .char_indices()
            .map(|(offset, c)| {
                let at = line_start + offset;
                let end = at + c.len_utf8();
                cell(c, at, &secrets, start < end && span.end > at)
            })
            .collect();
        let (line, caret) = draw(&cells);
        Some(Self { line, caret })
    }
}

/// The logins of addresses in a line that begins at a byte: whatever key they
/// stand under, and whatever is wrong with them.
fn logins(line: &str, line_start: usize) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let starts = line.match_indices("//").map(|(at, _)| at + 2);
    starts
        .filter_map(|start| {
            let address = line.get(start..)?.split(ends).next()?;
            let login = address.rfind('@')?;
            Some(line_start + start..line_start + start + login)
        })
        .collect()
}

fn cell(c: char, at: usize, secrets: &[Range<usize>], underlined: bool) -> Cell {
    let (text, columns) = match secrets.iter().find(|span| span.contains(&at)) {
        Some(span) if span.start == at => (MASK.to_owned(), MASK.len()),
        Some(_) => (String::new(), 0),
        None if c == '\t' => (TAB.to_owned(), TAB.len()),
        None if c.is_control() => (char::REPLACEMENT_CHARACTER.to_string(), 1),
        None => (c.to_string(), columns_of(c)),
    };
    Cell {
        text,
        columns,
        underlined,
    }
}

fn draw(cells: &[Cell]) -> (String, String) {
    let total: usize = cells.iter().map(|cell| cell.columns).sum();
    let before: usize = cells
        .iter()
        .take_while(|cell| !cell.underlined)
        .map(|cell| cell.columns)
        .sum();
    let from = if total > COLUMNS_MAX {
        before.saturating_sub(COLUMNS_BEFORE)
    } else {
        0
    };
    let (mut line, mut caret) = (String::new(), String::new());
    if from > 0 {
        line.push('…');
        caret.push(' ');
    }
    let mut column = 0;
    for cell in cells {
        let at = column;
        column += cell.columns;
        if at < from {
            continue;
        }
        if column > from + COLUMNS_MAX {
            line.push('…');
            break;
        }
        line.push_str(&cell.text);
        let mark = if cell.underlined { "^" } else { " " };
        caret.push_str(&mark.repeat(cell.columns));
    }
    let caret = caret.trim_end();
    if caret.is_empty() {
        // The place is the end of the line, or between two characters.
        return (line, format!("{}^", " ".repeat(before)));
    }
    (line, caret.to_owned())
}

/// How many columns a terminal gives to a character: two for East Asian wide
/// ones and pictographs, none for marks that sit on another (Unicode UAX #11).
fn columns_of(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0x200B..=0x200F | 0x20D0..=0x20FF | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// Line and column of a byte, both from 1, the column in characters.
pub(super) fn position(text: &str, byte: usize) -> (usize, usize) {
    let mut line = 1;
    let mut column = 1;
    for (at, c) in text.char_indices() {
        if at + c.len_utf8() > byte {
            break;
        }
        match c {
            '\n' => (line, column) = (line + 1, 1),
            // A byte order mark takes no column in any editor.
            '\u{feff}' if at == 0 => {}
            _ => column += 1,
        }
    }
    (line, column)
}

fn line_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1))
}
