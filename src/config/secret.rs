//! Values that are never printed, and the places that they are kept in.

use super::Secret;
use super::item::{Item, Table};
use super::lint;
use super::tree::Value;
use std::fs::File;
use std::io::Read;

/// The largest file that is read as a secret, in bytes.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Where secrets are kept, for every mistake about one.
const HELP: &str = "write { file = \"…\" }, { env = \"NAME\" } or { credential = \"name\" }";

/// Reads a secret: text, or a table that says where it is kept.
pub(super) fn read(item: &Item<'_>) -> Option<Secret> {
    item.reading.hide_value(item.node);
    match &item.node.value {
        Value::Text(_) => {
            lint::literal_secret(item);
            checked(item, item.text()?.to_owned())
        }
        Value::Loose(text) => checked(item, text.clone()),
        Value::Table(_) => from_table(&item.table()?),
        _ => item.fail("this is not a secret", HELP),
    }
}

/// Reads an address that may hold a secret. As text it is taken for public as
/// far as the file's permissions go, but it is not shown.
pub(super) fn read_address(item: &Item<'_>) -> Option<Secret> {
    match &item.node.value {
        Value::Text(text) => {
            item.reading.hide_value(item.node);
            checked(item, text.clone())
        }
        _ => read(item),
    }
}

fn from_table(table: &Table<'_>) -> Option<Secret> {
    let ways = [table.get("file"), table.get("env"), table.get("credential")];
    table.finish();
    let mut given = ways.iter().flatten();
    let (Some(item), None) = (given.next(), given.next()) else {
        let draft = super::reading::Draft::error(
            table.place,
            &table.path,
            "a secret comes from exactly one place",
        );
        table.reading.note(draft.help(HELP));
        return None;
    };
    match &ways {
        [Some(_), ..] => from_file(item),
        [_, Some(_), _] => from_variable(item),
        _ => from_credential(item),
    }
}

fn from_file(item: &Item<'_>) -> Option<Secret> {
    let path = item.file_path()?;
    read_file(item, &path)
}

fn from_variable(item: &Item<'_>) -> Option<Secret> {
    let name = item.filled()?;
    match item.reading.environment.get(name) {
        Some(value) => checked(item, value.to_owned()),
        None => item.fail(
            format!("the variable {name} is not set"),
            "set it for the process that runs wirewatch",
        ),
    }
}

fn from_credential(item: &Item<'_>) -> Option<Secret> {
    let name = item.filled()?;
    if name.contains(['/', '\0']) || name.starts_with('.') {
        return item.fail(
            format!("`{name}` is not the name of a credential"),
            "it is the name in LoadCredential=name:/path of the systemd unit",
        );
    }
    let Some(folder) = item.reading.environment.folder("CREDENTIALS_DIRECTORY") else {
        return item.fail(
            format!("the credential `{name}` is not here: $CREDENTIALS_DIRECTORY is not set"),
            "credentials come from systemd (LoadCredential=); elsewhere use { file = \"…\" }",
        );
    };
    read_file(item, &folder.join(name))
}

fn read_file(item: &Item<'_>, path: &std::path::Path) -> Option<Secret> {
    let mut text = String::new();
    let read =
        File::open(path).and_then(|file| file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text));
    match read {
        Ok(bytes) if bytes as u64 > SECRET_BYTES_MAX => item.fail(
            format!("{} is too large for a secret", path.display()),
            "the file holds the secret and nothing else",
        ),
        Ok(_) => checked(item, text),
        Err(error) => item.fail(
            format!("cannot read {}: {error}", path.display()),
            "the file holds the secret and nothing else",
        ),
    }
}

/// Editors end files with a newline, which is no part of the secret.
fn checked(item: &Item<'_>, mut text: String) -> Option<Secret> {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return item.fail("the secret is empty", HELP);
    }
    Some(Secret::new(text))
}
