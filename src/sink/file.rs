//! The file sink: one line of JSON an alert, at the end of a file.
//!
//! A line is whole or not there: a batch is one write, a write that fails is
//! cut back, and a line that a crash tore is cut off before the next write. Its
//! delivery was never acknowledged, so it comes again.

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
            Ok(Err(error)) => self.unavailable(&error),
            Err(error) => self.unavailable(&error),
        };
        vec![outcome; batch.len()]
    }

    fn unavailable(&self, error: &dyn std::fmt::Display) -> DeliveryOutcome {
        DeliveryOutcome::Unavailable {
            retry_after: None,
            detail: format!("cannot write {}: {error}", self.path.display()),
        }
    }

    fn append(&self, lines: &[u8]) -> io::Result<()> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = match slot.take() {
            Some(file) if is_still_at(&file, &self.path) => file,
            _ => open(&self.path)?,
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
            // Should this fail as well, the next opening mends the file.
            return Err(file.set_len(before).err().unwrap_or(error));
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

fn open(path: &Path) -> io::Result<File> {
    if let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    {
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
    mend(&mut file)?;
    Ok(file)
}

/// Makes the last line whole: ends it if only its line end is missing, cuts it
/// off if it is torn.
fn mend(file: &mut File) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(LINE_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    Read::take(&mut *file, LINE_BYTES_MAX).read_to_end(&mut tail)?;
    if tail.is_empty() || tail.ends_with(b"\n") {
        return Ok(());
    }
    let start = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let last = tail.get(start..).unwrap_or_default();
    if serde_json::from_slice::<serde::de::IgnoredAny>(last).is_ok() {
        file.write_all(b"\n")
    } else {
        file.set_len(from + start as u64)
    }
}
