//! The file sink: one line of JSON an alert, at the end of a file.
//!
//! A line is whole or not there: a batch is one write, a write that fails is
//! cut back, and a line that a crash tore is cut off before the next write. Its
//! delivery was never acknowledged, so it comes again. Nothing else is ever cut:
//! a path may name the wrong file.

use crate::policy::retry::{Delivery, DeliveryOutcome};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The longest line that is looked at when a torn one is mended.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// A file that alerts are appended to.
#[derive(Debug, Clone)]
pub struct FileSink {
    path: PathBuf,
    durable: bool,
    /// Open once something was written; closed by a failure.
    file: Arc<Mutex<Option<File>>>,
}

impl FileSink {
    pub(super) fn new(path: PathBuf, durable: bool) -> Self {
        Self {
            path,
            durable,
            file: Arc::default(),
        }
    }

    /// Appends a batch: all of it or nothing.
    pub(super) async fn deliver(&self, batch: &[Delivery]) -> Vec<DeliveryOutcome> {
        let mut lines = Vec::new();
        for delivery in batch {
            lines.extend_from_slice(&delivery.payload);
            lines.push(b'\n');
        }
        let sink = self.clone();
        let appended = tokio::task::spawn_blocking(move || sink.append(&lines)).await;
        let outcome = match appended {
            Ok(Ok(())) => DeliveryOutcome::Delivered,
            Ok(Err(error)) => self.unavailable(&error, help(error.kind())),
            Err(error) => self.unavailable(&error, ""),
        };
        vec![outcome; batch.len()]
    }

    fn unavailable(&self, error: &dyn std::fmt::Display, help: &str) -> DeliveryOutcome {
        DeliveryOutcome::Unavailable {
            retry_after: None,
            detail: format!("cannot write {}: {error}{help}", self.path.display()),
        }
    }

    fn append(&self, lines: &[u8]) -> io::Result<()> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = match slot.take() {
            Some(file) if is_still_at(&file, &self.path) => file,
            _ => open(&self.path, self.durable)?,
        };
        let before = file.seek(SeekFrom::End(0))?;
        let written = file.write_all(lines).and_then(|()| {
            if self.durable {
                file.sync_data()
            } else {
                Ok(())
            }
        });
        if let Err(error) = written {
            // What a failed sync left is cut back too: the kernel reports such a
            // loss once and takes the pages for clean after it. Should cutting
            // fail as well, the next opening mends the file.
            let _cut = file.set_len(before);
            return Err(error);
        }
        *slot = Some(file);
        Ok(())
    }
}

/// Whether a file is still the one that its path names; somebody may have moved
/// it away to rotate it.
fn is_still_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(open), Ok(named)) = (file.metadata(), path.metadata()) else {
        return false;
    };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

/// What a person can do about it.
fn help(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => "; let the user that wirewatch runs as write there",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free space there",
        io::ErrorKind::IsADirectory => "; name a file in it",
        io::ErrorKind::InvalidData => "; name another file, or end its last line",
        _ => "",
    }
}

fn open(path: &Path, durable: bool) -> io::Result<File> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)?;
    }
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    let known = file.metadata()?;
    if !known.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if durable && known.len() == 0 {
        // A new file outlives a power loss only once its folder was written too.
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    mend(&mut file)?;
    Ok(file)
}

/// Makes the last line whole: ends it if only its line end is missing, cuts it
/// off if it is an alert that a crash tore.
fn mend(file: &mut File) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(LINE_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    Read::take(&mut *file, LINE_BYTES_MAX).read_to_end(&mut tail)?;
    if tail.is_empty() || tail.ends_with(b"\n") {
        return Ok(());
    }
    let line_end = tail.iter().rposition(|byte| *byte == b'\n');
    let start = line_end.map_or(0, |end| end + 1);
    let last = tail.get(start..).unwrap_or_default();
    let seen_whole = line_end.is_some() || from == 0;
    // Every alert is an object. What is none was not written by this sink.
    if !seen_whole || !last.starts_with(b"{") {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "its last line is not ended and is no alert",
        ));
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(last).is_ok() {
        file.write_all(b"\n")
    } else {
        file.set_len(from + start as u64)
    }
}
