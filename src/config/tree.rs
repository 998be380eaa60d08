//! A TOML file as a tree in which every key and value keeps its place.

use super::reading::{Draft, Place, Reading};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A value of any type.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// Text between quotes.
    Text(String),
    /// Text without a type, from the environment or a default: it is read as
    /// whatever is expected.
    Loose(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Date,
    List(Vec<Node>),
    Table(Vec<Entry>),
}

impl Value {
    /// What it is, for messages.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Loose(_) => "text",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::Date => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// A key of a table with its value, in the order in which they were written.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

/// Words that mark a key or a line as one that may hold a secret.
const SECRET_WORDS: [&str; 11] = [
    "secret", "whsec", "whsk", "pass", "header", "auth", "token", "@", "routing", "user", "urls",
];

/// Reads a file into a tree and notes what is wrong with its syntax.
pub(super) fn parse(file: usize, text: &str, reading: &Reading) -> Vec<Entry> {
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(text.len()..text.len());
        note(file, text, &span, error.message(), reading);
    }
    table(file, root.get_ref(), reading)
}

fn note(file: usize, text: &str, span: &Range<usize>, message: &str, reading: &Reading) {
    let place = Place::Span(file, span.clone());
    let draft = if message == "duplicate key" {
        let key = text.get(span.clone()).unwrap_or_default();
        Draft::error(&place, "", format!("`{key}` is given twice")).help("remove one of the two")
    } else {
        reading.unsure();
        if line_around(text, span.start).trim_start().starts_with('[') {
            reading.distrust_keys(file);
        }
        let help = message
            .contains("quoted")
            .then(|| "text stands between quotes: key = \"text\"".to_owned());
        Draft::error(&place, "", format!("this is not TOML: {message}")).maybe_help(help)
    };
    // What cannot be read cannot be masked: better no line than a password. The
    // end of an open multi-line text says nothing about what it began as.
    let line = line_around(text, span.start).to_lowercase();
    let secret =
        message.contains("multi-line") || SECRET_WORDS.iter().any(|word| line.contains(word));
    if secret {
        // Nor when the line is shown for something else that is wrong in it.
        let rest = text.get(span.start..).and_then(|rest| rest.lines().next());
        let end = span.start + rest.map_or(0, str::len);
        reading.hide(&Place::Span(file, span.start..end));
    }
    reading.note(if secret { draft.without_line() } else { draft });
}

/// Whether text has one of the words that secrets are found near.
pub(super) fn speaks_of_secrets(text: &str) -> bool {
    let text = text.to_lowercase();
    SECRET_WORDS.iter().any(|word| text.contains(word))
}

fn line_around(text: &str, byte: usize) -> &str {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if byte < end {
            return line;
        }
        start = end;
    }
    text.lines().next_back().unwrap_or_default()
}

fn table(file: usize, table: &DeTable<'_>, reading: &Reading) -> Vec<Entry> {
    let mut entries: Vec<(usize, Entry)> = table
        .iter()
        .map(|(key, value)| {
            let entry = Entry {
                key: key.get_ref().to_string(),
                key_place: Place::Span(file, key.span()),
                node: node(file, value, reading),
            };
            (key.span().start, entry)
        })
        .collect();
    entries.sort_by_key(|(start, _)| *start);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn node(file: usize, value: &Spanned<DeValue<'_>>, reading: &Reading) -> Node {
    let place = Place::Span(file, value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => {
            if let Ok(number) = i64::from_str_radix(integer.as_str(), integer.radix()) {
                Value::Integer(number)
            } else {
                reading.note(Draft::error(&place, "", "the number is too large"));
                Value::Integer(0)
            }
        }
        DeValue::Float(float) => Value::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(items) => {
            Value::List(items.iter().map(|item| node(file, item, reading)).collect())
        }
        DeValue::Table(entries) => Value::Table(table(file, entries, reading)),
    };
    Node { value, place }
}
