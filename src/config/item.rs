//! Reading values as what they should be, and tables by the keys that they
//! should have.
//!
//! Whatever is wrong is noted and reading goes on: one run reports every
//! mistake. `None` always means that the reason has been noted.

use super::amounts;
use super::later;
use super::merge;
use super::reading::{Draft, Place, Reading};
use super::tree::{self, Entry, Node, Value};
use crate::name::NameError;
use crate::policy::rate::Rate;
use crate::text::suggest;
use jiff::SignedDuration;
use std::cell::RefCell;
use std::path::PathBuf;

/// The most items that a list may have.
const ITEMS_MAX: usize = 10_000;

/// Tables whose keys are names of the user's choice.
const NAMED: [&str; 6] = ["feed", "host", "sink", "route", "actor", "topic"];

/// A value with the path of its key.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub(super) node: &'a Node,
    pub(super) path: String,
    pub(super) reading: &'a Reading,
}

impl<'a> Item<'a> {
    pub(super) fn place(&self) -> &Place {
        &self.node.place
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Draft {
        Draft::error(&self.node.place, &self.path, message)
    }

    /// Notes a mistake and gives nothing.
    pub(super) fn fail<T>(&self, message: impl Into<String>, help: &str) -> Option<T> {
        self.reading.note(self.error(message).help(help));
        None
    }

    fn unexpected<T>(&self, expected: &str, help: Option<&str>) -> Option<T> {
        let found = self.node.value.type_name();
        let draft = self.error(format!("expected {expected}, found {found}"));
        let place = self.place();
        let draft = match (help, place) {
            (_, Place::Variable(_)) if expected.contains("list") || expected.contains("table") => {
                draft.help("lists and tables are set in the file")
            }
            (Some(help), _) => draft.help(help),
            (None, _) => draft,
        };
        self.reading.note(draft);
        None
    }

    /// Text, perhaps empty.
    pub(super) fn text(&self) -> Option<&'a str> {
        match &self.node.value {
            Value::Text(text) | Value::Loose(text) => Some(text),
            _ => self.unexpected("text", Some("text stands between quotes: \"…\"")),
        }
    }

    /// Text that says something.
    pub(super) fn filled(&self) -> Option<&'a str> {
        let text = self.text()?;
        if text.trim().is_empty() {
            return self.fail("this is empty", "write something, or remove the key");
        }
        Some(text)
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match &self.node.value {
            Value::Boolean(boolean) => Some(*boolean),
            Value::Loose(text) if text == "true" => Some(true),
            Value::Loose(text) if text == "false" => Some(false),
            _ => self.unexpected("true or false", Some("write it without quotes")),
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match &self.node.value {
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) if number.is_finite() => Some(*number),
            _ => self.unexpected("a number", Some("write it without quotes")),
        }
    }

    pub(super) fn duration(&self) -> Option<SignedDuration> {
        let (Value::Text(text) | Value::Loose(text)) = &self.node.value else {
            return self.unexpected("a duration", Some(amounts::DURATION_HELP));
        };
        if later::refuses_word(self, text) {
            return None;
        }
        match amounts::duration(text) {
            Ok(duration) => Some(duration),
            Err(message) => self.fail(message, amounts::DURATION_HELP),
        }
    }

    pub(super) fn rate(&self) -> Option<Rate> {
        let (Value::Text(text) | Value::Loose(text)) = &self.node.value else {
            return self.unexpected("a rate", Some(amounts::RATE_HELP));
        };
        match amounts::rate(text) {
            Ok(rate) => Some(rate),
            Err(message) => self.fail(message, amounts::RATE_HELP),
        }
    }

    pub(super) fn size(&self) -> Option<u64> {
        let size = match &self.node.value {
            Value::Integer(bytes) => {
                u64::try_from(*bytes).map_err(|_| "a size is not negative".to_owned())
            }
            Value::Text(text) | Value::Loose(text) => amounts::size(text),
            _ => return self.unexpected("a size", Some(amounts::SIZE_HELP)),
        };
        match size {
            Ok(size) => Some(size),
            Err(message) => self.fail(message, amounts::SIZE_HELP),
        }
    }

    /// One of a table of words.
    pub(super) fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let (Value::Text(text) | Value::Loose(text)) = &self.node.value else {
            let words: Vec<String> = words
                .iter()
                .map(|(word, _)| format!("\"{word}\""))
                .collect();
            let help = format!("write one of {}", words.join(", "));
            return self.unexpected("text", Some(&help));
        };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        if !later::refuses_word(self, text) {
            let known = words.iter().map(|(word, _)| *word);
            let help = suggest::help(text, known);
            let draft = self.error(format!("`{text}` is not possible here"));
            self.reading.note(draft.maybe_help(help));
        }
        None
    }

    /// A path, relative to the file that names it.
    pub(super) fn file_path(&self) -> Option<PathBuf> {
        let text = self.filled()?;
        Some(match self.reading.file_of(self.place()) {
            Some(file) => file.resolve(text),
            None => PathBuf::from(text),
        })
    }

    /// A name, whether it is a key or a value.
    pub(super) fn name<T>(
        &self,
        name: &str,
        place: &Place,
        new: fn(&str) -> Result<T, NameError>,
    ) -> Option<T> {
        let error = match new(name) {
            Ok(name) => return Some(name),
            Err(error) => error,
        };
        let better = name.trim().to_lowercase().replace([' ', '.'], "-");
        let help = new(&better)
            .is_ok()
            .then(|| format!("did you mean `{better}`?"));
        let draft = Draft::error(place, &self.path, error.to_string());
        self.reading.note(draft.maybe_help(help));
        None
    }

    pub(super) fn list(&self) -> Option<Vec<Item<'a>>> {
        let Value::List(nodes) = &self.node.value else {
            return self.unexpected("a list", Some("a list stands in brackets: [\"…\", \"…\"]"));
        };
        if nodes.len() > ITEMS_MAX {
            let message = format!("the list has {} items", nodes.len());
            return self.fail(message, &format!("at most {ITEMS_MAX} are read"));
        }
        let items = nodes.iter().enumerate().map(|(index, node)| Item {
            node,
            path: format!("{}[{index}]", self.path),
            reading: self.reading,
        });
        Some(items.collect())
    }

    /// A list of texts that each say something; those that do not are noted.
    pub(super) fn texts(&self) -> Vec<(Item<'a>, &'a str)> {
        let items = self.list().unwrap_or_default();
        items
            .into_iter()
            .filter_map(|item| item.filled().map(|text| (item, text)))
            .collect()
    }

    pub(super) fn table(&self) -> Option<Table<'a>> {
        if let Value::Table(entries) = &self.node.value {
            return Some(Table {
                entries,
                place: &self.node.place,
                path: self.path.clone(),
                reading: self.reading,
                known: RefCell::default(),
            });
        }
        let named = NAMED.contains(&self.path.as_str());
        let name = if named { ".NAME" } else { "" };
        let help = format!("a table begins with the line [{}{name}]", self.path);
        self.unexpected("a table", Some(&help))
    }
}

/// A table, and which keys it may have.
///
/// A key becomes known by being asked for; [`Table::finish`] notes the others.
#[derive(Debug)]
pub(super) struct Table<'a> {
    entries: &'a [Entry],
    pub(super) place: &'a Place,
    pub(super) path: String,
    pub(super) reading: &'a Reading,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    /// The table of a whole file.
    pub(super) fn root(entries: &'a [Entry], place: &'a Place, reading: &'a Reading) -> Self {
        Self {
            entries,
            place,
            path: String::new(),
            reading,
            known: RefCell::default(),
        }
    }

    fn join(&self, key: &str) -> String {
        if self.path.is_empty() {
            show_key(key)
        } else {
            format!("{}.{}", self.path, show_key(key))
        }
    }

    fn item(&self, entry: &'a Entry) -> Item<'a> {
        Item {
            node: &entry.node,
            path: self.join(&entry.key),
            reading: self.reading,
        }
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &'static str) -> Option<Item<'a>> {
        self.known.borrow_mut().push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(self.item(entry))
    }

    /// The value of a key that must be there.
    pub(super) fn need(&self, key: &'static str, example: &str) -> Option<Item<'a>> {
        let item = self.get(key);
        if item.is_none() {
            let draft = Draft::error(self.place, &self.join(key), format!("`{key}` is missing"))
                .help(format!("add a line such as: {key} = {example}"))
                .doubtful();
            self.reading.note(draft);
        }
        item
    }

    /// The table under a key; an empty one if it is not there.
    pub(super) fn section(&self, key: &'static str) -> Table<'a> {
        match self.get(key) {
            Some(item) => item.table(),
            None => None,
        }
        .unwrap_or(Table {
            entries: &[],
            place: self.place,
            path: key.to_owned(),
            reading: self.reading,
            known: RefCell::default(),
        })
    }

    /// Every entry of a table whose keys are names of the user's choice.
    pub(super) fn named(&self) -> Vec<(&'a str, &'a Place, Item<'a>)> {
        self.entries
            .iter()
            .map(|entry| (entry.key.as_str(), &entry.key_place, self.item(entry)))
            .collect()
    }

    /// The texts of a list; none if the key is not there.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        let texts = self.get(key).map(|item| item.texts()).unwrap_or_default();
        texts.into_iter().map(|(_, text)| text.to_owned()).collect()
    }

    /// Notes every key that was not asked for.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        for entry in self.entries {
            if known.contains(&entry.key.as_str()) {
                continue;
            }
            if may_be_secret(entry, &known) {
                self.reading.hide_all(&entry.node);
            }
            let path = self.join(&entry.key);
            let help = match (&entry.key_place, &entry.node.value) {
                (Place::Variable(name), Value::Loose(_)) => {
                    merge::sibling(name, &known, &entry.key)
                        .map(|name| format!("did you mean {name}?"))
                }
                _ => None,
            }
            .or_else(|| suggest::help(&entry.key, known.iter().copied()));
            let message = format!("unknown key `{}`", entry.key);
            let draft = Draft::error(&entry.key_place, &path, message).maybe_help(help);
            let astray = self.reading.distrusts_keys(&entry.key_place);
            self.reading
                .note(if astray { draft.doubtful() } else { draft });
        }
    }
}

/// Whether an unknown key may be a misspelt one that holds a secret.
fn may_be_secret(entry: &Entry, known: &[&str]) -> bool {
    const SECRET_KEYS: [&str; 9] = [
        "password",
        "secret",
        "headers",
        "file",
        "env",
        "token",
        "routing_key",
        "user",
        "urls",
    ];
    let nested = matches!(entry.node.value, Value::Table(_) | Value::List(_));
    let secret = |key: &str| SECRET_KEYS.contains(&key);
    nested
        || tree::speaks_of_secrets(&entry.key)
        || suggest::nearest(&entry.key, SECRET_KEYS).is_some()
        || (known.iter().any(|key| secret(key))
            && suggest::nearest(&entry.key, known.iter().copied()).is_none())
}

/// A key as it stands in a path: quoted if it is not plain.
fn show_key(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !key.is_empty() && key.chars().all(plain) {
        key.to_owned()
    } else {
        format!("{key:?}")
    }
}
