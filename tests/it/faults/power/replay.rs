//! From the record of what was done to a folder, the folder as a power loss could
//! have left it at any point.
//!
//! The model is that of POSIX, which promises less than any file system gives:
//! what was written to a file is on the disk when a sync of that file has
//! returned, and until then each sector of it may be there or not, whatever was
//! written after it. Sectors of 512 bytes are whole, as disks promise. A name
//! (of a new file, and that a file has gone) is on the disk when the folder was
//! synced. A sync that fails leaves nothing behind and the pages that it should
//! have written are not written later, which is what Linux does (Rebello et al.,
//! "Can Applications Recover from fsync Failures?", 2020).

use super::super::Dice;
use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const SECTOR: usize = 512;
const HEADER: usize = 32;

/// One record: an operation, or a mark that the test set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) what: u8,
    file: u64,
    offset: usize,
    pub(crate) name: &'a str,
    pub(crate) data: &'a [u8],
}

/// The records of a log, in order. What a killed process left half is its end.
pub(crate) fn records(mut log: &[u8]) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    while log.len() >= HEADER {
        let number = |at: usize| u64::from_ne_bytes(log[at..at + 8].try_into().unwrap());
        let name_bytes = u32::from_ne_bytes(log[4..8].try_into().unwrap()) as usize;
        let what = log[0];
        let (file, offset) = (number(8), number(16) as usize);
        // Only what was written, said and renamed carries bytes.
        let bytes = number(24) as usize;
        let (name, data) = (HEADER + name_bytes, HEADER + name_bytes + bytes);
        assert!(data <= log.len(), "a record is cut off");
        records.push(Record {
            what,
            file,
            offset,
            name: std::str::from_utf8(&log[HEADER..name]).unwrap(),
            data: &log[name..data],
        });
        log = &log[data..];
    }
    records
}

/// A mark as it stands in the log.
pub(crate) fn mark(words: &str) -> Vec<u8> {
    let mut record = vec![b'm', 0, 0, 0];
    record.extend((words.len() as u32).to_ne_bytes());
    record.extend([0; 24]);
    record.extend(words.as_bytes());
    record
}

/// What the power loss leaves of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Dropped,
    /// Each sector or not, and each name or not, by dice.
    Torn,
}

#[derive(Debug, Clone)]
enum Change<'a> {
    Write(usize, &'a [u8]),
    Length(usize),
}

#[derive(Debug, Default)]
struct File<'a> {
    durable: Vec<u8>,
    pending: Vec<Change<'a>>,
}

#[derive(Debug, Clone)]
enum Naming<'a> {
    New(&'a str, usize),
    Gone(&'a str),
    Renamed(&'a str, &'a str),
}

/// The folder while its record is read.
#[derive(Debug)]
pub(crate) struct Folder<'a> {
    /// The number of the folder itself, whose sync makes names durable.
    number: u64,
    files: Vec<File<'a>>,
    /// The file that has a number now; numbers are used again.
    by_number: HashMap<u64, usize>,
    names: BTreeMap<&'a str, usize>,
    pending: Vec<Naming<'a>>,
}

impl<'a> Folder<'a> {
    /// The folder, empty.
    pub(crate) fn at(path: &Path) -> Self {
        Self {
            number: path.metadata().expect("a folder").ino(),
            files: Vec::new(),
            by_number: HashMap::new(),
            names: BTreeMap::new(),
            pending: Vec::new(),
        }
    }

    /// Follows one record.
    pub(crate) fn follow(&mut self, record: &Record<'a>) {
        let known = self.by_number.get(&record.file).copied();
        match (record.what, known) {
            (b'c', _) => {
                self.by_number.insert(record.file, self.files.len());
                self.pending
                    .push(Naming::New(record.name, self.files.len()));
                self.files.push(File::default());
            }
            (b'w', Some(file)) => {
                let change = Change::Write(record.offset, record.data);
                self.files[file].pending.push(change);
            }
            (b't', Some(file)) => self.files[file].pending.push(Change::Length(record.offset)),
            (b's', Some(file)) => {
                let File { durable, pending } = &mut self.files[file];
                pending.drain(..).for_each(|change| whole(durable, &change));
            }
            (b'f', Some(file)) => self.files[file].pending.clear(),
            (b's', None) if record.file == self.number => {
                for naming in self.pending.drain(..) {
                    name(&mut self.names, &naming);
                }
            }
            (b'u', _) => self.pending.push(Naming::Gone(record.name)),
            (b'r', _) => {
                let to = std::str::from_utf8(record.data).unwrap();
                self.pending.push(Naming::Renamed(record.name, to));
            }
            (b'm' | b'l', _) => {}
            (b'f', None) if record.file == self.number => {}
            _ => panic!("a record of an unknown file: {record:?}"),
        }
    }

    /// Writes the folder as a power loss leaves it now.
    pub(crate) fn write_to(&self, path: &Path, mode: Mode, dice: &mut Dice) {
        let mut names = self.names.clone();
        if mode == Mode::Torn {
            for naming in &self.pending {
                if dice.roll(2) == 0 {
                    name(&mut names, naming);
                }
            }
        }
        std::fs::create_dir_all(path).expect("a folder");
        for (name, file) in names {
            let File { durable, pending } = &self.files[file];
            let mut bytes = durable.clone();
            if mode == Mode::Torn {
                for change in pending {
                    torn(&mut bytes, change, dice);
                }
            }
            std::fs::write(path.join(name), bytes).expect("a file");
        }
    }
}

fn name<'a>(names: &mut BTreeMap<&'a str, usize>, naming: &Naming<'a>) {
    match naming {
        Naming::New(new, file) => {
            names.insert(new, *file);
        }
        Naming::Gone(gone) => {
            names.remove(gone);
        }
        Naming::Renamed(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to, file);
            }
        }
    }
}

fn whole(bytes: &mut Vec<u8>, change: &Change<'_>) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Write(offset, data) => put(bytes, *offset, data),
    }
}

fn torn(bytes: &mut Vec<u8>, change: &Change<'_>, dice: &mut Dice) {
    let Change::Write(offset, data) = change else {
        if dice.roll(2) == 0 {
            whole(bytes, change);
        }
        return;
    };
    let mut at = 0;
    while at < data.len() {
        // Up to the end of the sector in which this piece begins.
        let end = (at + SECTOR - (offset + at) % SECTOR).min(data.len());
        if dice.roll(2) == 0 {
            put(bytes, offset + at, &data[at..end]);
        }
        at = end;
    }
}

fn put(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if bytes.len() < offset + data.len() {
        bytes.resize(offset + data.len(), 0);
    }
    bytes[offset..offset + data.len()].copy_from_slice(data);
}
