//! What the configuration language has and this version does not do yet.
//!
//! A file that uses such a key must not be read as if the key did its work, and
//! a word that will be right one day is not a typing mistake: both get an error
//! that says so plainly.

use super::item::{Item, Table};
use super::tree::Value;

/// Keys by the table that they stand in, with the one value with which a key that
/// does nothing yet is accepted.
const KEYS: [(&str, &str, &str); 1] = [("route", "story", "first")];

/// Words by the key that they will be a value of.
const WORDS: [(&str, &[&str]); 1] = [("log_format", &["journald"])];

/// Notes every key of `table` that asks for more than this version does.
pub(super) fn refuse_keys(table: &Table<'_>, kind: &str) {
    for (_, key, off) in KEYS.iter().filter(|(place, _, _)| *place == kind) {
        let Some(item) = table.get(key) else {
            continue;
        };
        let is_off =
            matches!(&item.node.value, Value::Text(text) | Value::Loose(text) if text == off);
        if !is_off {
            let help = format!("remove the key, or write {key} = \"{off}\"");
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
