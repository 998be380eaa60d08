//! The Atom feed as a file: read, added to, and put in its place whole.
//!
//! Whoever reads it sees the old feed or the new one. Nothing is remembered
//! between writes: what the file has is what there is.

use super::atom::AtomFeed;
use super::{WriteError, make_folder, sync_folder};
use crate::alert::message::Message;
use jiff::Timestamp;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The largest feed that is read back, in bytes: more than can be written.
const FEED_BYTES_MAX: u64 = 32 << 20;

/// A file with the latest alerts as a feed.
#[derive(Debug)]
pub(super) struct FeedFile {
    path: PathBuf,
    title: String,
    durable: bool,
}

impl FeedFile {
    pub(super) fn new(path: PathBuf, title: String, durable: bool) -> Self {
        Self {
            path,
            title,
            durable,
        }
    }

    /// Adds entries; those that the feed has already are written anew.
    pub(super) fn add(&self, messages: &[Message], now: Timestamp) -> Result<(), WriteError> {
        let added = self.try_add(messages, now);
        added.map_err(|source| WriteError {
            path: self.path.clone(),
            source,
        })
    }

    fn try_add(&self, messages: &[Message], now: Timestamp) -> io::Result<()> {
        let Some(first) = messages.first() else {
            return Ok(());
        };
        let (known, permissions) = read(&self.path)?;
        let mut feed = known.unwrap_or_else(|| AtomFeed::begin(&self.title, first));
        for message in messages {
            feed.add(message)?;
        }
        self.replace(&feed.document(&self.title, now)?, permissions)
    }

    fn replace(&self, document: &str, permissions: Option<Permissions>) -> io::Result<()> {
        make_folder(&self.path)?;
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let new = PathBuf::from(name);
        let mut file = create(&new)?;
        let written = file.write_all(document.as_bytes()).and_then(|()| {
            if let Some(permissions) = permissions {
                file.set_permissions(permissions)?;
            }
            if self.durable {
                file.sync_all()?;
            }
            std::fs::rename(&new, &self.path)
        });
        if let Err(error) = written {
            let _removed = std::fs::remove_file(&new);
            return Err(error);
        }
        if self.durable {
            sync_folder(&self.path)?;
        }
        Ok(())
    }
}

/// A file of this name that is nobody else's; what a crash left there goes.
fn create(path: &Path) -> io::Result<File> {
    let create = || OpenOptions::new().write(true).create_new(true).open(path);
    create().or_else(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return Err(error);
        }
        std::fs::remove_file(path)?;
        create()
    })
}

/// The feed that is there and who may read it; a file that is none stays as it is.
fn read(path: &Path) -> io::Result<(Option<AtomFeed>, Option<Permissions>)> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, None)),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut text = Vec::new();
    file.take(FEED_BYTES_MAX).read_to_end(&mut text)?;
    let permissions = Some(metadata.permissions());
    if text.is_empty() {
        return Ok((None, permissions));
    }
    let feed = std::str::from_utf8(&text).ok().and_then(AtomFeed::read);
    let foreign = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            "it is no feed that wirewatch wrote; name another file, or remove it",
        )
    };
    Ok((Some(feed.ok_or_else(foreign)?), permissions))
}
