//! Lines of JSON at the end of a file.
//!
//! A line is whole or not there: a batch is one write, a write that fails is
//! cut back, and a line that a crash tore is cut off before the next write. Its
//! delivery was never acknowledged, so it comes again; so does a delivery that
//! was written before its acknowledgement was, and that one is known by the last
//! lines of the file. Nothing else is ever cut: a path may name the wrong file.

use super::{WriteError, make_folder, rotation, sync_folder};
use crate::config::LinesConfig;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use tracing::warn;

/// The longest line that is looked at when a torn one is mended.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// How many of the last lines are known again: more than the notifier reads
/// ahead, so that whatever it may send again is among them.
const KNOWN_LINES_MAX: usize = 512;

/// A file that lines are appended to, and those that it was rotated to.
#[derive(Debug)]
pub(super) struct LinesFile {
    config: LinesConfig,
    durable: bool,
    /// Open once something was written; closed by a failure.
    open: Option<OpenFile>,
    /// Whether the last rotation failed, which is said once.
    stuck: bool,
}

/// The file as this sink left it.
#[derive(Debug)]
struct OpenFile {
    file: File,
    length: u64,
    born: Timestamp,
    known: Known,
}

impl LinesFile {
    pub(super) fn new(config: LinesConfig, durable: bool) -> Self {
        Self {
            config,
            durable,
            open: None,
            stuck: false,
        }
    }

    /// Appends those lines that are not among the last ones: all or none.
    pub(super) fn append(&mut self, lines: &[&[u8]], now: Timestamp) -> Result<(), WriteError> {
        self.try_append(lines, now)
            .map_err(|error| self.error(error))
    }

    /// Opens what the path names now, if a file was open.
    pub(super) fn reopen(&mut self, now: Timestamp) -> Result<(), WriteError> {
        if self.open.take().is_some() {
            let opened = OpenFile::open(&self.config.path, self.durable, now);
            self.open = Some(opened.map_err(|error| self.error(error))?);
        }
        Ok(())
    }

    fn error(&self, source: io::Error) -> WriteError {
        WriteError {
            path: self.config.path.clone(),
            source,
        }
    }

    fn try_append(&mut self, lines: &[&[u8]], now: Timestamp) -> io::Result<()> {
        let mut open = match self.open.take() {
            Some(open) if open.is_unchanged_at(&self.config.path) => open,
            _ => OpenFile::open(&self.config.path, self.durable, now)?,
        };
        let mut known = open.known.clone();
        let bytes = known.add(lines);
        if !bytes.is_empty() {
            if self.must_rotate(&open, bytes.len() as u64, now) {
                open = self.rotated(open, now)?;
            }
            if open.length == 0 {
                open.born = now;
            }
            open.write(&bytes, self.durable)?;
            open.known = known;
        }
        self.open = Some(open);
        Ok(())
    }

    fn must_rotate(&self, open: &OpenFile, more: u64, now: Timestamp) -> bool {
        let too_large = |max| open.length.saturating_add(more) > max;
        let too_old = |max| now.duration_since(open.born) >= max;
        open.length > 0
            && (self.config.bytes_max.is_some_and(too_large)
                || self.config.age_max.is_some_and(too_old))
    }

    /// The file to write to once the present one was rotated; it is still the
    /// present one where that fails, since a long file is better than none.
    fn rotated(&mut self, open: OpenFile, now: Timestamp) -> io::Result<OpenFile> {
        match rotation::rotate(&self.config) {
            Ok(()) => {
                self.stuck = false;
                OpenFile::open(&self.config.path, self.durable, now)
            }
            Err(error) => {
                if !std::mem::replace(&mut self.stuck, true) {
                    let path = self.config.path.display();
                    warn!("cannot rotate {path}: {error}; it grows on until that can be done");
                }
                Ok(open)
            }
        }
    }
}

impl OpenFile {
    fn open(path: &Path, durable: bool, now: Timestamp) -> io::Result<Self> {
        make_folder(path)?;
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        if durable && metadata.len() == 0 {
            sync_folder(path)?;
        }
        let known = mend(&mut file)?;
        Ok(Self {
            length: file.metadata()?.len(),
            born: born(&metadata).unwrap_or(now),
            file,
            known,
        })
    }

    fn write(&mut self, bytes: &[u8], durable: bool) -> io::Result<()> {
        let written = self.file.write_all(bytes).and_then(|()| {
            if durable {
                self.file.sync_data()
            } else {
                Ok(())
            }
        });
        if let Err(error) = written {
            // What a failed sync left is cut back too: the kernel reports such a
            // loss once and takes the pages for clean after it. Should cutting
            // fail as well, the next opening mends the file.
            let _cut = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Whether the file is still the one that its path names, and as long as we
    /// left it; somebody may have moved it away, emptied it, or written to it.
    fn is_unchanged_at(&self, path: &Path) -> bool {
        let (Ok(open), Ok(named)) = (self.file.metadata(), path.metadata()) else {
            return false;
        };
        (open.dev(), open.ino()) == (named.dev(), named.ino()) && open.len() == self.length
    }
}

/// When a file that has something in it was made, where the file system knows.
/// The times of its alerts would not do: old ones may be sent once more.
fn born(metadata: &Metadata) -> Option<Timestamp> {
    let created = metadata.created().ok().filter(|_| metadata.len() > 0)?;
    Timestamp::try_from(created).ok()
}

/// The last lines of a file, by their SHA-256.
#[derive(Debug, Clone, Default)]
struct Known(VecDeque<[u8; 32]>);

impl Known {
    fn of(tail: &[u8]) -> Self {
        let lines = tail.rsplit(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        let mut hashes: VecDeque<_> = lines.take(KNOWN_LINES_MAX).map(hash).collect();
        hashes.make_contiguous().reverse();
        Self(hashes)
    }

    /// Those lines that are new, each with its end; they are known after it.
    fn add(&mut self, lines: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for line in lines {
            let hash = hash(line);
            if self.0.contains(&hash) {
                continue;
            }
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
            self.0.push_back(hash);
        }
        let over = self.0.len().saturating_sub(KNOWN_LINES_MAX);
        self.0.drain(..over);
        bytes
    }
}

fn hash(line: &[u8]) -> [u8; 32] {
    Sha256::digest(line).into()
}

/// Makes the last line whole: ends it if only its line end is missing, cuts it
/// off if it is an alert that a crash tore. Gives the lines at the end.
fn mend(file: &mut File) -> io::Result<Known> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(LINE_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    Read::take(&mut *file, LINE_BYTES_MAX).read_to_end(&mut tail)?;
    if tail.is_empty() || tail.ends_with(b"\n") {
        return Ok(Known::of(&tail));
    }
    let line_end = tail.iter().rposition(|byte| *byte == b'\n');
    let start = line_end.map_or(0, |end| end + 1);
    let last = tail.get(start..).unwrap_or_default();
    let seen_whole = line_end.is_some() || from == 0;
    // Every alert is an object. What is none was not written by this sink.
    if !seen_whole || !last.starts_with(b"{") {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "its last line is not ended and is no alert; name another file, or end its last line",
        ));
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(last).is_ok() {
        file.write_all(b"\n")?;
    } else {
        file.set_len(from + start as u64)?;
    }
    Ok(Known::of(&tail))
}
