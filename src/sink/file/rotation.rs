//! Rotation: how a file that has become too large or too old makes room.
//!
//! Files are numbered, `alerts.jsonl.1` being the youngest, as logrotate does it
//! unless told otherwise: log shippers and `tail -F` know it, no clock has a say
//! in it, and no folder is ever searched for something to remove. A file is only
//! renamed, never copied and cut, since a line that is written in between would
//! be lost (logrotate(8), `copytruncate`).

use crate::config::LinesConfig;
use std::io;
use std::path::Path;

/// Renames the file out of the way, and older ones before it. An error leaves it
/// where it is.
///
/// Each step is atomic, and between any two of them each line is in one file: the
/// renames begin at the end of the row, and what a crash left out is a gap in it,
/// up to which the next rotation moves files. Only a full row loses its last file.
pub(super) fn rotate(lines: &LinesConfig) -> io::Result<()> {
    let taken = |number| is_there(&lines.rotated(number));
    for number in moved(lines.keep, taken) {
        std::fs::rename(lines.rotated(number), lines.rotated(number + 1))?;
    }
    Ok(())
}

/// The numbers of the files that move on by one, in this order.
pub(super) fn moved(keep: u32, taken: impl Fn(u32) -> bool) -> impl Iterator<Item = u32> {
    let gap = (1..keep).find(|number| !taken(*number)).unwrap_or(keep);
    (0..gap).rev()
}

/// Whether anything has this name; what cannot be told is taken for something.
fn is_there(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}
