//! `wirewatch init`: a configuration to begin with.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command answers on standard output and complains on standard error"
)]

use super::exit;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[cfg(test)]
#[path = "init_tests.rs"]
mod tests;

/// What is written, by name: the configuration that this repository ships.
const FILES: [(&str, &str); 2] = [
    (
        "wirewatch.toml",
        include_str!("../../config/wirewatch.toml"),
    ),
    (
        "watchlist.toml",
        include_str!("../../config/watchlist.toml"),
    ),
];

/// Why no configuration was written.
#[derive(Debug, thiserror::Error)]
enum InitError {
    /// One is there already.
    #[error(
        "{} exists already and is never overwritten; nothing was written\n  help: move it away, or name another folder: `wirewatch init DIR`",
        .0.display()
    )]
    Exists(PathBuf),
    /// The system refused.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Writes a commented configuration and the worked example of a watchlist into
/// `dir`, says what to do next, and gives the exit code.
pub(super) fn run(dir: &Path) -> u8 {
    match write(dir) {
        Ok(written) => {
            for path in &written {
                println!("wrote {}", path.display());
            }
            println!("{}", next(dir));
            exit::DONE
        }
        Err(error) => {
            eprintln!("wirewatch init: {error}");
            match error {
                InitError::Write { source, .. }
                    if source.kind() == io::ErrorKind::PermissionDenied =>
                {
                    exit::PERMISSION
                }
                _ => exit::IO,
            }
        }
    }
}

fn write(dir: &Path) -> Result<Vec<PathBuf>, InitError> {
    let paths = FILES.map(|(name, _)| dir.join(name));
    if let Some(path) = paths.iter().find(|path| path.symlink_metadata().is_ok()) {
        return Err(InitError::Exists(path.clone()));
    }
    fs::create_dir_all(dir).map_err(|source| InitError::Write {
        path: dir.to_owned(),
        source,
    })?;
    for (path, (_, text)) in paths.iter().zip(FILES) {
        write_new(path, text).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => InitError::Exists(path.clone()),
            _ => InitError::Write {
                path: path.clone(),
                source,
            },
        })?;
    }
    Ok(paths.into())
}

/// Creates the file, so that one that appears meanwhile is safe as well.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn next(dir: &Path) -> String {
    let [(name, _), _] = FILES;
    let path = dir.join(name);
    // In the working directory it is found by itself.
    let flag = if path == Path::new(name) || path == Path::new(".").join(name) {
        String::new()
    } else {
        format!(" --config {}", path.display())
    };
    format!(
        "next:\n  wirewatch{flag} check                  # are there mistakes?\n  wirewatch{flag} run --once --dry-run   # what would be alerted now?\n  wirewatch{flag} run                    # watch"
    )
}
