//! Opening: the folder, the lock, the connections.
//!
//! The order matters: the lock before anything is touched, the identity of the
//! file before anything is written to it, and the check after an unclean stop
//! before anything is believed.

use super::{StoreError, outbox::bring_near, schema, values::millis};
use crate::policy::retry::{DeadReason, DeliveryState};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

const DATABASE: &str = "wirewatch.db";
const LOCK: &str = "wirewatch.lock";

/// SQLite before this can corrupt a database when its log is reset
/// (<https://sqlite.org/wal.html#walresetbug>).
const SQLITE_LEAST: (i32, &str) = (3_051_003, "3.51.3");
/// How long a connection waits for another process.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// How large the log may stay after a checkpoint.
const LOG_BYTES_MAX: i64 = 64 << 20;
const WRITER_CACHE_KIB: i64 = 32 << 10;
const READER_CACHE_KIB: i64 = 8 << 10;
/// How many different statements a connection keeps prepared.
const STATEMENTS_MAX: usize = 64;

/// A store that was opened: the connection that writes, and those that read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) writer: Connection,
    pub(super) readers: Vec<Connection>,
    /// Held as long as this process is the daemon of the store.
    pub(super) lock: Option<File>,
    /// How it was found.
    pub(super) condition: Condition,
}

/// How a store was found when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// There was none, so that nothing is known of what was told before.
    New,
    /// As it was left.
    Sound,
    /// The outbox was damaged: it was mended, and what could not be is dead.
    Mended,
}

/// Opens the store as its only daemon, and makes it first if there is none.
pub(super) fn alone(dir: &Path, readers: usize, now: Timestamp) -> Result<Opened, StoreError> {
    refuse_old_sqlite()?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| StoreError::file(dir, &error))?;
    let lock = lock(dir)?;

    let file = dir.join(DATABASE);
    private_file(&file)?;
    // A file whose name is not on the disk is gone after a power loss.
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(|error| StoreError::file(dir, &error))?;

    let mut writer = connect(&file)?;
    let found = schema::identify(&writer, &file)?;
    configure(&writer, WRITER_CACHE_KIB)?;
    schema::migrate(&mut writer, found)?;
    let mended = check_after_unclean_stop(&writer, now)?;
    writer.execute(
        "INSERT INTO run (id, started_at, clean) VALUES (1, ?1, 0)
         ON CONFLICT (id) DO UPDATE SET started_at = excluded.started_at, clean = 0",
        [millis(now)],
    )?;
    Ok(Opened {
        writer,
        readers: open_readers(&file, readers)?,
        lock: Some(lock),
        condition: match (found, mended) {
            (0, _) => Condition::New,
            (_, true) => Condition::Mended,
            (_, false) => Condition::Sound,
        },
    })
}

/// Opens a store that a daemon may be using at the same time.
pub(super) fn beside(dir: &Path, readers: usize) -> Result<Opened, StoreError> {
    refuse_old_sqlite()?;
    let file = dir.join(DATABASE);
    // What another user may not look at is not missing.
    let found = file.try_exists();
    if !found.map_err(|error| StoreError::file(&file, &error))? {
        return Err(StoreError::Missing {
            dir: dir.to_owned(),
        });
    }
    let writer = connect(&file)?;
    schema::require_current(schema::identify(&writer, &file)?)?;
    configure(&writer, WRITER_CACHE_KIB)?;
    Ok(Opened {
        writer,
        readers: open_readers(&file, readers)?,
        lock: None,
        condition: Condition::Sound,
    })
}

fn refuse_old_sqlite() -> Result<(), StoreError> {
    let (least, needed) = SQLITE_LEAST;
    if rusqlite::version_number() >= least {
        return Ok(());
    }
    Err(StoreError::OldSqlite {
        found: rusqlite::version().to_owned(),
        needed,
    })
}

fn private_file(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|error| StoreError::file(path, &error))
}

fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let file = private_file(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(StoreError::file(&path, &error)),
    }
}

fn connect(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Sets what is not remembered in the file. `FULL` is what makes a commit
/// outlast a power loss: with `NORMAL`, 198 of 200 of them lost alerts.
fn configure(connection: &Connection, cache_kib: i64) -> Result<(), StoreError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_MAX)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}

fn open_readers(file: &Path, count: usize) -> Result<Vec<Connection>, StoreError> {
    (0..count)
        .map(|_| {
            let connection = connect(file)?;
            configure(&connection, READER_CACHE_KIB)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(connection)
        })
        .collect()
}

/// Refuses a damaged database; says whether the outbox had to be mended.
fn check_after_unclean_stop(connection: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    let clean: Option<bool> = connection
        .query_row("SELECT clean FROM run", [], |row| row.get(0))
        .optional()?;
    if clean != Some(false) {
        return Ok(false);
    }
    let verdict = |check| connection.query_row(check, [], |row| row.get::<_, String>(0));
    let pages = verdict("PRAGMA quick_check(1)")?;
    if pages != "ok" {
        return Err(StoreError::Damaged(pages));
    }
    // Of indexes that check knows nothing, and a delivery that no index leads to
    // would wait for ever without a word.
    if verdict("PRAGMA integrity_check(delivery)")? == "ok" {
        return Ok(false);
    }
    mend_outbox(connection, now)?;
    Ok(true)
}

/// Makes every delivery findable again, and gives up, for a person to see, those
/// of which it cannot be told whether they were sent.
fn mend_outbox(connection: &Connection, now: Timestamp) -> Result<(), StoreError> {
    connection.execute_batch("REINDEX delivery")?;
    let states: Vec<String> = DeliveryState::WORDS
        .iter()
        .map(|(word, _)| format!("'{word}'"))
        .collect();
    let pending = DeliveryState::Pending.as_str();
    connection.execute(
        &format!(
            "UPDATE delivery SET state = ?1, reason = ?2, next_at = NULL, finished_at = ?3
             WHERE state NOT IN ({}) OR (state = '{pending}' AND next_at IS NULL)",
            states.join(", ")
        ),
        (
            DeliveryState::Dead.as_str(),
            DeadReason::Corrupt.as_str(),
            millis(now),
        ),
    )?;
    bring_near(connection, now)
}
