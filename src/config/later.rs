//! What the configuration language has and this version does not do yet.
//!
//! A file that uses such a key must not be read as if the key did its work, and
//! a word that will be right one day is not a typing mistake: both get an error
//! that says so plainly.

use super::item::{Item, Table};
use super::tree::Value;

/// The one value with which a key that does nothing yet is accepted.
#[derive(Debug, Clone, Copy)]
enum Off {
    Text(&'static str),
    EmptyList,
    Never,
}

/// Keys by the table that they stand in.
const KEYS: [(&str, &str, Off); 4] = [
    ("route", "story", Off::Text("first")),
    ("route", "group_wait", Off::Text("0s")),
    ("route", "limit", Off::Never),
    ("route", "mute", Off::EmptyList),
];

/// Words by the key that they will be a value of.
const WORDS: [(&str, &[&str]); 2] = [
    ("log_format", &["journald"]),
    (
        "format",
        &[
            "cloudevents",
            "ntfy",
            "gotify",
            "pushover",
            "pagerduty",
            "alertmanager",
            "apprise",
            "template",
        ],
    ),
];

/// Notes every key of `table` that asks for more than this version does.
pub(super) fn refuse_keys(table: &Table<'_>, kind: &str) {
    for (_, key, off) in KEYS.iter().filter(|(place, _, _)| *place == kind) {
        let Some(item) = table.get(key) else {
            continue;
        };
        let is_off = match (&item.node.value, off) {
            (Value::Text(text) | Value::Loose(text), Off::Text(off)) => text == off,
            (Value::List(items), Off::EmptyList) => items.is_empty(),
            _ => false,
        };
        if !is_off {
            let help = match off {
                Off::Text(off) => format!("remove the key, or write {key} = \"{off}\""),
                Off::EmptyList => format!("remove the key, or write {key} = []"),
                Off::Never => "remove the key".to_owned(),
            };
            item.fail::<()>(format!("this version cannot do `{key}` yet"), &help);
        }
    }
}

/// Notes a word that this version does not understand yet, and says whether it is one.
pub(super) fn refuses_word(item: &Item<'_>, word: &str) -> bool {
    let key = item.path.rsplit('.').next().unwrap_or_default();
    let planned = WORDS
        .iter()
        .any(|(other, words)| *other == key && words.contains(&word));
    if planned {
        let message = format!("this version cannot do `{key} = \"{word}\"` yet");
        item.fail::<()>(message, "choose another value");
    }
    planned
}
