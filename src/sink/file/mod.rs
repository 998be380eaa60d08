//! The file sink: one line of JSON an alert at the end of a file, an Atom feed of
//! the latest alerts, or both.
//!
//! A batch is delivered once everything that is configured has it. The feed goes
//! first, since to write it twice changes nothing.

mod atom;
mod feed;
mod lines;
mod rotation;
#[cfg(test)]
mod tests;

use crate::alert::message::Message;
use crate::config::FileConfig;
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryOutcome};
use feed::FeedFile;
use jiff::Timestamp;
use lines::LinesFile;
use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::warn;

/// Files that alerts are written to.
#[derive(Debug, Clone)]
pub struct FileSink {
    files: Arc<Mutex<Files>>,
}

#[derive(Debug)]
struct Files {
    feed: Option<FeedFile>,
    lines: Option<LinesFile>,
}

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}{}", path.display(), help(source.kind()))]
struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl FileSink {
    /// Opens nothing yet: a file is made when there is something to write.
    pub(super) fn new(name: &SinkName, config: &FileConfig) -> Self {
        let durable = config.durable;
        let feed = config.atom.clone();
        let lines = config.lines.clone();
        let files = Files {
            feed: feed.map(|path| FeedFile::new(path, format!("wirewatch: {name}"), durable)),
            lines: lines.map(|lines| LinesFile::new(lines, durable)),
        };
        Self {
            files: Arc::new(Mutex::new(files)),
        }
    }

    /// Writes a batch at a time: all of it or nothing, but for what is no alert.
    pub(super) async fn deliver(&self, batch: &[Delivery], now: Timestamp) -> Vec<DeliveryOutcome> {
        let payloads: Vec<Vec<u8>> = batch.iter().map(|it| it.payload.clone()).collect();
        let files = Arc::clone(&self.files);
        let written = tokio::task::spawn_blocking(move || {
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            files.write(&payloads, now)
        });
        match written.await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let detail = format!("a write ended in a bug of wirewatch: {error}");
                vec![unavailable(detail); batch.len()]
            }
        }
    }

    /// Lets go of files that somebody moved away or removed, and opens what their
    /// paths name now.
    pub async fn reopen(&self, now: Timestamp) {
        let files = Arc::clone(&self.files);
        let reopening = tokio::task::spawn_blocking(move || {
            let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut files.lines {
                Some(lines) => lines.reopen(now),
                None => Ok(()),
            }
        });
        match reopening.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!("{error}"),
            Err(error) => warn!("a file was not opened anew by a bug of wirewatch: {error}"),
        }
    }
}

impl Files {
    fn write(&mut self, payloads: &[Vec<u8>], now: Timestamp) -> Vec<DeliveryOutcome> {
        let mut outcomes = vec![DeliveryOutcome::Delivered; payloads.len()];
        let mut messages = Vec::new();
        let mut lines: Vec<&[u8]> = Vec::new();
        for (payload, outcome) in payloads.iter().zip(&mut outcomes) {
            if self.feed.is_some() {
                match Message::read(payload) {
                    Ok(message) => messages.push(message),
                    Err(error) => {
                        let detail = error.to_string();
                        *outcome = DeliveryOutcome::Refused { detail };
                        continue;
                    }
                }
            }
            lines.push(payload);
        }
        if let Err(error) = self.write_all(&messages, &lines, now) {
            let taken = outcomes
                .iter_mut()
                .filter(|outcome| **outcome == DeliveryOutcome::Delivered);
            taken.for_each(|outcome| *outcome = unavailable(error.to_string()));
        }
        outcomes
    }

    fn write_all(
        &mut self,
        messages: &[Message],
        lines: &[&[u8]],
        now: Timestamp,
    ) -> Result<(), WriteError> {
        if let Some(feed) = &self.feed {
            feed.add(messages, now)?;
        }
        if let Some(file) = &mut self.lines {
            file.append(lines, now)?;
        }
        Ok(())
    }
}

fn unavailable(detail: String) -> DeliveryOutcome {
    DeliveryOutcome::Unavailable {
        retry_after: None,
        detail,
    }
}

/// What a person can do about it.
fn help(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => "; let the user that wirewatch runs as write there",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free space there",
        io::ErrorKind::IsADirectory => "; name a file in it",
        _ => "",
    }
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    let parent = path.parent();
    let named = parent.filter(|parent| !parent.as_os_str().is_empty());
    named.unwrap_or(Path::new("."))
}

/// Makes the folder of a file, for us alone, if it is not there.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder(path))
}

/// A new name outlives a power loss only once its folder was written too.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path))?.sync_all()
}
