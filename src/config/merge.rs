//! Defaults, the main file and the environment, laid over each other.
//!
//! The `config` crate merges; this file speaks with it. That crate knows
//! neither lines nor an order of keys, so the merged values are put back into
//! the tree of the file: what the file said keeps its place, what the
//! environment said gets the name of its variable.

use super::reading::{Draft, Place, Reading};
use super::tree::{Entry, Node, Value};
use crate::text::suggest;
use config::{Config, ConfigError, Environment, Map, Source, ValueKind};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What variables that override keys begin with.
const PREFIX: &str = "WIREWATCH_";
/// What stands between the keys of a path in the name of a variable.
const SEPARATOR: &str = "__";
/// Variables that begin like overrides but are options of the command line.
const OPTIONS: [&str; 2] = ["CONFIG", "LOG"];
/// What `config` calls the environment as an origin.
const FROM_ENVIRONMENT: &str = "the environment";

/// What holds unless a file or the environment says otherwise.
const DEFAULTS: [(&str, &str); 14] = [
    ("daemon.state_dir", ""),
    ("daemon.log_format", "auto"),
    ("store.url", "sqlite"),
    ("store.retain", "90d"),
    ("http.contact", ""),
    ("http.timeout", "30s"),
    ("http.body_max", "16MiB"),
    ("http.proxy", ""),
    ("poll.every", "15m"),
    ("poll.min", "5m"),
    ("poll.max", "24h"),
    ("poll.host_spacing", "2s"),
    ("poll.first_run", "24h"),
    ("poll.full_text", "never"),
];

/// Variables by the path of the key that they set.
type Variables = BTreeMap<String, (Rc<str>, String)>;

/// Lays the environment over the file, and both over the defaults.
pub(super) fn merge(file: Vec<Entry>, reading: &Reading) -> Vec<Entry> {
    let variables = variables(&file, reading);
    match layers(&file, &variables) {
        Ok(merged) => restore(file, merged, "", &variables),
        Err(error) => {
            let message = format!("the configuration cannot be merged: {error}");
            reading.note(Draft::error(&Place::File(0), "", message));
            file
        }
    }
}

fn layers(
    file: &[Entry],
    variables: &Variables,
) -> Result<Map<String, config::Value>, ConfigError> {
    let mut builder = Config::builder();
    for (path, text) in DEFAULTS {
        builder = builder.set_default(path, text)?;
    }
    let source = variables
        .iter()
        .map(|(path, (_, value))| {
            let name = path.replace('.', SEPARATOR);
            (format!("{PREFIX}{name}"), value.clone())
        })
        .collect();
    builder
        .add_source(FileLayer(table_kind(file)))
        .add_source(
            Environment::with_prefix(PREFIX.trim_end_matches('_'))
                .prefix_separator("_")
                .separator(SEPARATOR)
                .source(Some(source)),
        )
        .build()?
        .collect()
}

/// The main file, as `config` wants it.
#[derive(Debug, Clone)]
struct FileLayer(Map<String, config::Value>);

impl Source for FileLayer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, config::Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// Keys with other characters are left out: at the top, `config` reads a key as
/// a path, and no such key is known anyway. They stay in the tree and are
/// reported from there.
fn table_kind(entries: &[Entry]) -> Map<String, config::Value> {
    entries
        .iter()
        .filter(|entry| is_plain(&entry.key))
        .map(|entry| {
            let value = config::Value::new(Some(&"the file".to_owned()), kind(&entry.node));
            (entry.key.clone(), value)
        })
        .collect()
}

fn kind(node: &Node) -> ValueKind {
    match &node.value {
        Value::Text(text) | Value::Loose(text) => ValueKind::String(text.clone()),
        Value::Integer(number) => ValueKind::I64(*number),
        Value::Float(number) => ValueKind::Float(*number),
        Value::Boolean(boolean) => ValueKind::Boolean(*boolean),
        Value::Date => ValueKind::Nil,
        Value::List(items) => ValueKind::Array(
            items
                .iter()
                .map(|item| config::Value::new(None, kind(item)))
                .collect(),
        ),
        Value::Table(entries) => ValueKind::Table(table_kind(entries)),
    }
}

/// Puts merged values back into the tree of the file.
fn restore(
    file: Vec<Entry>,
    mut merged: Map<String, config::Value>,
    path: &str,
    variables: &Variables,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = file
        .into_iter()
        .map(|entry| {
            let Some(value) = merged.remove(&entry.key) else {
                return entry;
            };
            let path = join(path, &entry.key);
            let node = match (entry.node.value, value.kind) {
                (Value::Table(inner), ValueKind::Table(merged)) => Node {
                    value: Value::Table(restore(inner, merged, &path, variables)),
                    place: entry.node.place,
                },
                (written, kind) => match (kind, variables.get(&path)) {
                    (ValueKind::String(text), Some((name, _))) => Node {
                        value: Value::Loose(text),
                        place: Place::Variable(Rc::clone(name)),
                    },
                    _ => Node {
                        value: written,
                        place: entry.node.place,
                    },
                },
            };
            Entry { node, ..entry }
        })
        .collect();
    let mut rest: Vec<(String, config::Value)> = merged.into_iter().collect();
    rest.sort_by(|(a, _), (b, _)| a.cmp(b));
    entries.extend(rest.into_iter().map(|(key, value)| {
        let path = join(path, &key);
        added(key, value, &path, variables)
    }));
    entries
}

/// A key that the file does not have.
fn added(key: String, value: config::Value, path: &str, variables: &Variables) -> Entry {
    let from_environment = value.origin() == Some(FROM_ENVIRONMENT);
    let place = match variables.get(path) {
        Some((name, _)) if from_environment => Place::Variable(Rc::clone(name)),
        _ => Place::Default,
    };
    let node = match value.kind {
        ValueKind::Table(inner) => {
            let inner = restore(Vec::new(), inner, path, variables);
            // A table that only the environment makes stands where its first
            // variable does.
            let place = inner
                .iter()
                .map(|entry| entry.key_place.clone())
                .find(|place| *place != Place::Default);
            Node {
                value: Value::Table(inner),
                place: place.unwrap_or(Place::Default),
            }
        }
        kind => Node {
            value: Value::Loose(kind.to_string()),
            place,
        },
    };
    Entry {
        key,
        key_place: node.place.clone(),
        node,
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// The overriding variables, by path; those that cannot override are noted.
fn variables(file: &[Entry], reading: &Reading) -> Variables {
    let mut variables = Variables::new();
    for (rest, value) in reading.environment.with_prefix(PREFIX) {
        if OPTIONS.contains(&rest) {
            continue;
        }
        let name: Rc<str> = format!("{PREFIX}{rest}").into();
        let place = Place::Variable(Rc::clone(&name));
        let keys: Vec<&str> = rest.split(SEPARATOR).collect();
        if !keys.iter().all(|key| is_plain(key)) {
            let draft = Draft::error(&place, "", "this is not the path of a key")
                .help("two underscores stand between the keys of a path: WIREWATCH_POLL__EVERY");
            reading.note(draft);
            continue;
        }
        let (path, target) = locate(file, &keys);
        if matches!(
            target,
            Some(Node {
                value: Value::Table(_) | Value::List(_),
                ..
            })
        ) {
            let draft = Draft::error(&place, &path, "only single values can be set here")
                .help("lists and tables are set in the file");
            reading.note(draft);
            continue;
        }
        variables.entry(path).or_insert((name, value.to_owned()));
    }
    drop_prefixes(&mut variables, reading);
    variables
}

/// The path that the keys of a variable mean, and what the file has there.
///
/// Variables have neither case nor hyphens: `FEED__BBC_ASIA` means
/// `feed.bbc-asia` if the file has it.
fn locate<'a>(file: &'a [Entry], keys: &[&str]) -> (String, Option<&'a Node>) {
    let plain = |key: &str| key.to_lowercase().replace('-', "_");
    let mut path = String::new();
    let mut table = Some(file);
    let mut found = None;
    for key in keys {
        let entry =
            table.and_then(|entries| entries.iter().find(|entry| plain(&entry.key) == plain(key)));
        let name = match entry {
            Some(entry) => entry.key.to_lowercase(),
            None => key.to_lowercase(),
        };
        path = join(&path, &name);
        found = entry.map(|entry| &entry.node);
        table = match found {
            Some(Node {
                value: Value::Table(entries),
                ..
            }) => Some(entries),
            _ => None,
        };
    }
    (path, found)
}

/// `WIREWATCH_POLL` beside `WIREWATCH_POLL__EVERY` would make one of them win
/// by chance.
fn drop_prefixes(variables: &mut Variables, reading: &Reading) {
    let paths: Vec<String> = variables.keys().cloned().collect();
    for path in &paths {
        let inside = format!("{path}.");
        let Some(inner) = paths.iter().find(|other| other.starts_with(&inside)) else {
            continue;
        };
        if let Some((name, _)) = variables.remove(path) {
            let message = format!("`{path}` is a table, since `{inner}` is set as well");
            reading.note(Draft::error(&Place::Variable(name), path, message));
        }
    }
}

/// The variable for a key beside the one that a variable names, for help.
pub(super) fn sibling(variable: &str, keys: &[&str], wrong: &str) -> Option<String> {
    let near = suggest::nearest(wrong, keys.iter().copied())?;
    let (front, _) = variable.rsplit_once(SEPARATOR)?;
    Some(format!("{front}{SEPARATOR}{}", near.to_uppercase()))
}
