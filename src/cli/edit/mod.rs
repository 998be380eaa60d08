//! Edits of the configuration file that leave the rest of it as it was.
//!
//! Comments, order and layout are somebody's work. An edit touches its own lines
//! and no others, is loaded before anything is written, and then takes the place
//! of the file in one step: whoever reads it at any moment, after a power loss
//! even, finds the old file or the new one.

#[cfg(test)]
mod tests;

use super::Global;
use super::exit::{self, Failure};
use crate::config::{self, Config, Environment, Level};
use crate::feed::FeedId;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use toml_edit::{Array, DocumentMut, Item, RawString, Table, TableLike, value};

/// The configuration file, open for an edit.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    path: PathBuf,
    environment: Environment,
    /// The file as it was read.
    before: String,
    document: DocumentMut,
}

/// A feed to be added.
#[derive(Debug, Clone, Default)]
pub(super) struct NewFeed {
    /// Its address as it is to stand there.
    pub(super) url: String,
    /// Its tags.
    pub(super) tags: Vec<String>,
    /// How often it is polled.
    pub(super) every: Option<String>,
    /// Who publishes it.
    pub(super) publisher: Option<String>,
}

impl Edit {
    /// Opens the configuration, which has to load as it is.
    pub(super) fn open(global: &Global) -> Result<(Self, Config), Failure> {
        let (path, environment) = global.find()?;
        let (config, _) = config::load(&path, &environment)
            .map_err(|problems| Failure::new(exit::CONFIG, problems))?;
        let text = std::fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
        let edit = Self::of(path, environment, &text)?;
        Ok((edit, config))
    }

    fn of(path: PathBuf, environment: Environment, text: &str) -> Result<Self, Failure> {
        let document = text
            .parse::<DocumentMut>()
            .map_err(|error| Failure::new(exit::CONFIG, format!("{}: {error}", path.display())))?;
        Ok(Self {
            path,
            environment,
            before: text.to_owned(),
            document,
        })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a table `[feed.ID]` after the last one.
    pub(super) fn add_feed(&mut self, id: &FeedId, feed: &NewFeed) -> Result<(), Failure> {
        let mut table = Table::new();
        table.insert("url", value(&feed.url));
        if let Some(every) = &feed.every {
            table.insert("every", value(every));
        }
        if let Some(publisher) = &feed.publisher {
            table.insert("publisher", value(publisher));
        }
        if !feed.tags.is_empty() {
            table.insert("tags", value(feed.tags.iter().collect::<Array>()));
        }
        table.decor_mut().set_prefix("\n");
        let mut feeds = Table::new();
        feeds.set_implicit(true);
        let feeds = self.document.entry("feed").or_insert(Item::Table(feeds));
        // In a table within braces there is no room for one with a header.
        let Some(feeds) = feeds.as_table_mut() else {
            return Err(Failure::new(
                exit::CONFIG,
                format!(
                    "{}: `feed` is written in braces, where nothing can be added; write [feed.NAME] tables",
                    self.path.display()
                ),
            ));
        };
        feeds.insert(id.as_str(), Item::Table(table));
        Ok(())
    }

    /// Removes `[feed.ID]`, with the comment that stands right above it; false if
    /// there is none.
    pub(super) fn remove_feed(&mut self, id: &FeedId) -> bool {
        let feeds = self.document.get_mut("feed");
        let Some(removed) = feeds
            .and_then(Item::as_table_like_mut)
            .and_then(|feeds: &mut dyn TableLike| feeds.remove(id.as_str()))
        else {
            return false;
        };
        let Some(removed) = removed.as_table() else {
            return true;
        };
        let prefix = removed.decor().prefix().and_then(RawString::as_str);
        let (kept, _) = split_comment(prefix.unwrap_or_default());
        if kept.trim().is_empty() {
            return true;
        }
        let kept = kept.to_owned();
        let root = self.document.as_table_mut();
        if let Some(next) = removed.position().and_then(|at| next_table(root, at)) {
            let prefix = next.decor().prefix().and_then(RawString::as_str);
            let prefix = format!("{kept}{}", prefix.unwrap_or_default());
            next.decor_mut().set_prefix(prefix);
        } else {
            let trailing = self.document.trailing().as_str().unwrap_or_default();
            let trailing = format!("{kept}{trailing}");
            self.document.set_trailing(trailing);
        }
        true
    }

    /// The lists that the key `opml` names, patterns included.
    pub(super) fn lists(&self) -> Vec<String> {
        let files = self.document.get("opml").and_then(Item::as_array);
        let names = files.into_iter().flatten().filter_map(|name| name.as_str());
        names.map(str::to_owned).collect()
    }

    /// Adds a file to the key `opml`.
    pub(super) fn add_opml(&mut self, name: &str) -> Result<(), Failure> {
        let root = self.document.as_table_mut();
        if let Some(files) = root.get_mut("opml") {
            let files = files.as_array_mut().ok_or_else(|| {
                Failure::new(
                    exit::CONFIG,
                    "`opml` is no list; write opml = [\"feeds.opml\"]",
                )
            })?;
            files.push(name);
            return Ok(());
        }
        // Before the first table, since what follows a header belongs to it.
        let files: Array = std::iter::once(name).collect();
        root.insert("opml", value(files));
        Ok(())
    }

    /// Whether the file can be written, to be known before somebody is asked
    /// for what would go into it.
    pub(super) fn try_out(&self) -> Result<(), Failure> {
        let tried = place(&self.path).and_then(|(_, folder)| file_in(&folder));
        tried
            .map(drop)
            .map_err(|error| cannot("write", &self.path, &error))
    }

    /// The configuration as it would be.
    pub(super) fn preview(&self) -> Result<Config, Failure> {
        config::load_text(&self.path, self.text(), &self.environment)
            .map(|(config, _)| config)
            .map_err(|mut problems| {
                problems.0.retain(|problem| problem.level == Level::Error);
                Failure::new(
                    exit::CONFIG,
                    format!(
                        "{problems}\n{} stays as it was: with this change it would not load",
                        self.path.display()
                    ),
                )
            })
    }

    /// Loads the edited configuration, and writes it if it is sound.
    pub(super) fn write(&self) -> Result<Config, Failure> {
        let config = self.preview()?;
        let found = std::fs::read_to_string(&self.path);
        let found = found.map_err(|error| cannot("read", &self.path, &error))?;
        if found != self.before {
            // A request lies in between, time enough to save an editor.
            return Err(Failure::new(
                exit::TRY_AGAIN,
                format!(
                    "{} was changed meanwhile and stays as it is; try again",
                    self.path.display()
                ),
            ));
        }
        replace(&self.path, self.text().as_bytes())?;
        Ok(config)
    }

    /// The file as it would be, its lines ended as they were.
    fn text(&self) -> String {
        let text = self.document.to_string();
        if self.before.contains("\r\n") {
            text.replace("\r\n", "\n").replace('\n', "\r\n")
        } else {
            text
        }
    }
}

/// What stands above the comment of a header, and that comment.
fn split_comment(prefix: &str) -> (&str, &str) {
    let mut at = 0;
    let mut end = 0;
    for line in prefix.split_inclusive('\n') {
        end += line.len();
        if line.trim().is_empty() {
            at = end;
        }
    }
    prefix.split_at_checked(at).unwrap_or(("", prefix))
}

/// The table with a header of its own that comes first after a place.
fn next_table(root: &mut Table, after: isize) -> Option<&mut Table> {
    let mut positions = Vec::new();
    collect_positions(root, &mut positions);
    let next = positions.into_iter().filter(|at| *at > after).min()?;
    find_position(root, next)
}

fn collect_positions(table: &Table, positions: &mut Vec<isize>) {
    for (_, item) in table {
        match item {
            Item::Table(table) => {
                if !table.is_implicit() && !table.is_dotted() {
                    positions.extend(table.position());
                }
                collect_positions(table, positions);
            }
            Item::ArrayOfTables(tables) => {
                for table in tables {
                    positions.extend(table.position());
                    collect_positions(table, positions);
                }
            }
            Item::None | Item::Value(_) => {}
        }
    }
}

fn find_position(table: &mut Table, at: isize) -> Option<&mut Table> {
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => {
                let has_header = !table.is_implicit() && !table.is_dotted();
                if has_header && table.position() == Some(at) {
                    return Some(table);
                }
                if let Some(found) = find_position(table, at) {
                    return Some(found);
                }
            }
            Item::ArrayOfTables(tables) => {
                for table in tables.iter_mut() {
                    if table.position() == Some(at) {
                        return Some(table);
                    }
                    if let Some(found) = find_position(table, at) {
                        return Some(found);
                    }
                }
            }
            Item::None | Item::Value(_) => {}
        }
    }
    None
}

/// Puts other contents into a file, or makes it: durably, and all or nothing.
/// A link stays one, and owner and permissions stay what they were.
pub(super) fn replace(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        let (path, folder) = place(path)?;
        let mut file = file_in(&folder)?;
        file.write_all(contents)?;
        match std::fs::metadata(&path) {
            Ok(before) => keep_owner(file.as_file(), &before)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                file.as_file().set_permissions(new_file_mode())?;
            }
            Err(error) => return Err(error),
        }
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        std::fs::File::open(folder)?.sync_all()
    };
    write().map_err(|error| cannot("write", path, &error))
}

/// Where a file really is, and its folder.
fn place(path: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let path = path.canonicalize().or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(path.to_owned()),
        _ => Err(error),
    })?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    Ok((path, folder))
}

/// A file that is to take the place of another; it is gone when it is dropped.
fn file_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    let file = builder.prefix(".wirewatch-").tempfile_in(folder);
    // Its name would only puzzle whoever reads of it.
    file.map_err(|error| error.kind().into())
}

fn keep_owner(file: &std::fs::File, before: &std::fs::Metadata) -> io::Result<()> {
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (before.uid(), before.gid()) {
        std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid()))?;
    }
    // After the owner, whose change takes some permissions away.
    file.set_permissions(before.permissions())
}

/// A list of feeds is no secret.
fn new_file_mode() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o644)
}

fn cannot(act: &str, path: &Path, error: &io::Error) -> Failure {
    let denied = error.kind() == io::ErrorKind::PermissionDenied;
    let code = if denied { exit::PERMISSION } else { exit::IO };
    let help = if denied && act == "write" {
        "\n  help: its folder must be writable too, as a new file takes its place"
    } else {
        ""
    };
    Failure::new(
        code,
        format!("cannot {act} {}: {error}{help}", path.display()),
    )
}
