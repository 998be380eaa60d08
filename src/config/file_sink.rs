//! `[sink.NAME.file]`.

use super::item::{Item, Table};
use super::sinks::max_age;
use super::tree::Value;
use super::{FileConfig, LinesConfig, SinkKind, settings};
use jiff::SignedDuration;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How many rotated files are kept, unless the sink says otherwise.
const KEEP: u32 = 10;
/// The most rotated files that are kept: each has its number in its name, and
/// each rotation moves all of them by one.
const KEEP_MAX: u32 = 1000;

/// The files that sinks write, each with the table that names it. Two sinks that
/// write one file would rotate and replace it under each other's hands.
pub(super) type Claims = HashMap<PathBuf, String>;

/// A file sink that is sound.
pub(super) fn read(table: &Table<'_>, claims: &mut Claims) -> Option<(SinkKind, SignedDuration)> {
    let atom = table.get("atom");
    // What is missing then is the file that nearly every sink of this kind has.
    let path = if atom.is_some() {
        table.get("path")
    } else {
        table.need("path", "\"alerts.jsonl\"")
    };
    let lines = optional(path.as_ref(), |path| lines(table, path, claims));
    if path.is_none() {
        for key in ["rotate", "rotate_age", "keep"] {
            if let Some(item) = table.get(key)
                && atom.is_some()
            {
                item.fail::<()>(
                    format!("`{key}` speaks of lines, and this sink writes none"),
                    "add a line such as: path = \"alerts.jsonl\"",
                );
            }
        }
    }
    let atom = optional(atom.as_ref(), |item| {
        let path = item.file_path()?;
        claim(item, &path, claims)?;
        Some(path)
    });
    let durable = optional(table.get("durable").as_ref(), Item::boolean);
    let max_age = max_age(table);
    table.finish();
    let config = FileConfig {
        lines: lines.ok()?,
        atom: atom.ok()?,
        durable: durable.ok()?.unwrap_or(true),
    };
    let writes_something = config.lines.is_some() || config.atom.is_some();
    writes_something.then_some((SinkKind::File(config), max_age?))
}

fn lines(table: &Table<'_>, path: &Item<'_>, claims: &mut Claims) -> Option<LinesConfig> {
    let rotate = table.get("rotate");
    let bytes_max = optional(rotate.as_ref(), |item| match item.size() {
        Some(0) => item.fail("this must be more than nothing", super::amounts::SIZE_HELP),
        size => size,
    });
    let rotate_age = table.get("rotate_age");
    let age_max = optional(rotate_age.as_ref(), settings::positive);
    let rotates = rotate.is_some() || rotate_age.is_some();
    let keep = table.get("keep");
    if let Some(item) = &keep
        && !rotates
    {
        item.fail::<()>(
            "`keep` counts rotated files, and nothing says when to rotate",
            "add a line such as: rotate = \"100MiB\"",
        );
    }
    let keep = optional(keep.as_ref(), number_kept);
    let file = path.file_path()?;
    claim(path, &file, claims)?;
    let lines = LinesConfig {
        path: file,
        bytes_max: bytes_max.ok()?,
        age_max: age_max.ok()?,
        keep: keep.ok()?.unwrap_or(KEEP),
    };
    if rotates {
        for number in 1..=lines.keep {
            claim(path, &lines.rotated(number), claims)?;
        }
    }
    Some(lines)
}

fn number_kept(item: &Item<'_>) -> Option<u32> {
    let number = match &item.node.value {
        Value::Integer(number) => u32::try_from(*number).ok(),
        Value::Loose(text) => text.parse().ok(),
        _ => None,
    };
    let number = number.filter(|number| (1..=KEEP_MAX).contains(number));
    number.or_else(|| {
        item.fail(
            "this is no number of files that can be kept",
            &format!("write a number from 1 to {KEEP_MAX}, without quotes"),
        )
    })
}

/// Notes a file that another sink writes, or this one for another purpose.
fn claim(item: &Item<'_>, file: &Path, claims: &mut Claims) -> Option<()> {
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    if let Some(other) = claims.get(&whole) {
        return item.fail(
            format!("{} is written by `{other}` as well", file.display()),
            "give each its own file; several routes may lead to one sink",
        );
    }
    claims.insert(whole, item.path.clone());
    Some(())
}

/// A mistake that has been noted.
#[derive(Debug)]
struct Noted;

/// What a key says that need not be there.
fn optional<'a, T>(
    item: Option<&Item<'a>>,
    read: impl FnOnce(&Item<'a>) -> Option<T>,
) -> Result<Option<T>, Noted> {
    item.map(|item| read(item).ok_or(Noted)).transpose()
}
