//! The one thread that writes, and the commits that several share.
//!
//! A commit costs a flush of the disk, whatever it holds. While one is on its
//! way others wait in the queue; together they are the next. That is all the
//! batching that is needed: an operation that comes alone is committed at once,
//! and 64 that come together cost one flush. Each has a savepoint of its own,
//! so that one that fails leaves the others alone, and nobody is told that an
//! operation is done before its commit is on the disk.

use super::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::fs::File;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// The most operations in one commit.
pub(super) const GROUP_MAX: usize = 64;
/// The most operations that wait; whoever comes then waits before the queue.
const QUEUE_MAX: usize = 256;

/// Does its work on the connection, or is told why there will be none.
pub(super) type Operation = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Answer + Send>;
/// Tells whoever asked, once it is known whether the commit succeeded.
pub(super) type Answer = Box<dyn FnOnce(Result<(), StoreError>)>;

/// What the thread is asked to do.
pub(super) enum Job {
    /// One operation.
    Write(Operation),
    /// To end after what it was asked before.
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// The thread, seen from outside. Dropping it waits for what was asked before.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. With the lock of the store it is the daemon's: the
    /// lock is held until the thread ends, and a clean end is marked.
    pub(super) fn start(connection: Connection, lock: Option<File>) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || run(connection, lock, receiver))
            .map_err(|error| StoreError::Sqlite(format!("cannot start its thread: {error}")))?;
        Ok(Self {
            jobs: Some(sender),
            thread: Some(thread),
        })
    }

    /// Runs an operation and gives its result once it is durable.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (operation, result) = operation(work);
        self.send(Job::Write(operation)).await?;
        result.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Ends the thread after what it was asked before.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let (sender, closed) = oneshot::channel();
        self.send(Job::Close(sender)).await?;
        closed.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(job).await.map_err(|_| StoreError::Closed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without a sender left, the thread ends when its queue is empty.
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has already said so.
            drop(thread.join());
        }
    }
}

/// Makes an operation of a piece of work, and the place where its result arrives.
pub(super) fn operation<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> (Operation, oneshot::Receiver<Result<T, StoreError>>) {
    let (sender, receiver) = oneshot::channel();
    let operation: Operation = Box::new(move |connection| {
        let result = connection.and_then(|connection| in_savepoint(connection, work));
        Box::new(move |committed| {
            // Whoever asked may have gone; the work is done all the same.
            drop(sender.send(committed.and(result)));
        })
    });
    (operation, receiver)
}

fn run(mut connection: Connection, lock: Option<File>, mut jobs: mpsc::Receiver<Job>) {
    while let Some(job) = jobs.blocking_recv() {
        let (group, close) = gather(job, &mut jobs);
        commit(&mut connection, group);
        if let Some(closed) = close {
            jobs.close();
            drop(closed.send(finish(connection, lock)));
            return;
        }
    }
}

/// Takes what waits, up to the size of a group or a request to close.
pub(super) fn gather(
    first: Job,
    jobs: &mut mpsc::Receiver<Job>,
) -> (
    Vec<Operation>,
    Option<oneshot::Sender<Result<(), StoreError>>>,
) {
    let mut group = Vec::new();
    let mut next = Some(first);
    while let Some(job) = next {
        match job {
            Job::Write(operation) => group.push(operation),
            Job::Close(closed) => return (group, Some(closed)),
        }
        next = (group.len() < GROUP_MAX)
            .then(|| jobs.try_recv().ok())
            .flatten();
    }
    (group, None)
}

/// Runs a group in one transaction and answers each of its operations.
fn commit(connection: &mut Connection, group: Vec<Operation>) {
    if group.is_empty() {
        return;
    }
    let mut answers = Vec::with_capacity(group.len());
    let committed = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => {
            for operation in group {
                // SQLite itself takes back a whole transaction when the disk is
                // full; what follows must not run outside of one.
                let usable = if transaction.is_autocommit() {
                    Err(taken_back())
                } else {
                    Ok(&*transaction)
                };
                answers.push(operation(usable));
            }
            if transaction.is_autocommit() {
                Err(taken_back())
            } else {
                transaction.commit().map_err(StoreError::from)
            }
        }
        Err(error) => {
            let error = StoreError::from(error);
            answers.extend(
                group
                    .into_iter()
                    .map(|operation| operation(Err(error.clone()))),
            );
            Err(error)
        }
    };
    for answer in answers {
        answer(committed.clone());
    }
}

fn taken_back() -> StoreError {
    StoreError::Disk("SQLite took the whole transaction back".to_owned())
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.execute_batch("SAVEPOINT operation")?;
    match work(connection) {
        Ok(value) => {
            connection.execute_batch("RELEASE operation")?;
            Ok(value)
        }
        Err(error) => {
            if !connection.is_autocommit() {
                // Half an operation must not be committed with the others: if
                // it cannot be taken back alone, all are.
                connection
                    .execute_batch("ROLLBACK TO operation; RELEASE operation")
                    .or_else(|_| connection.execute_batch("ROLLBACK"))?;
            }
            Err(error)
        }
    }
}

/// Ends cleanly: the log goes into the database, and the next start need not check it.
fn finish(connection: Connection, lock: Option<File>) -> Result<(), StoreError> {
    if lock.is_some() {
        connection.execute("UPDATE run SET clean = 1", [])?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    connection.close().map_err(|(_, error)| error)?;
    drop(lock);
    Ok(())
}
