//! Lines of the log on their way to standard error.
//!
//! Whoever reads standard error may stop reading: a terminal that is held, a
//! journal that hangs, a pipe to a program that waits. A write then blocks, and
//! would block polls and deliveries with it. So lines wait in a queue for a
//! thread that may be blocked; what finds the queue full is dropped and counted,
//! and the count stands in the log where lines are missing.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;
use tracing::warn;
use tracing_subscriber::fmt::MakeWriter;

/// The most lines that wait: a megabyte or two.
const LINES_MAX: usize = 4096;
/// How long the end of the process waits for what was said last.
const END_WAIT: Duration = Duration::from_secs(1);
/// How often it looks meanwhile whether there is room in the queue.
const END_LOOKS: u32 = 20;

enum Message {
    Line(Vec<u8>),
    /// Everything before was written when this is answered.
    End(SyncSender<()>),
}

/// The way into the queue.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

/// Keeps the log until it is dropped; then waits, but not for ever, until what
/// was said last is written.
#[derive(Debug)]
#[must_use = "what was said last is lost without it"]
pub struct LogGuard {
    lines: Lines,
}

impl Lines {
    /// Starts the thread that writes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<(Self, LogGuard)> {
        let (queue, waiting) = sync_channel(LINES_MAX);
        let lines = Self {
            queue,
            dropped: Arc::default(),
        };
        let dropped = Arc::clone(&lines.dropped);
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write(out, &waiting, &dropped))?;
        let guard = LogGuard {
            lines: lines.clone(),
        };
        Ok((lines, guard))
    }
}

impl Write for &Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.queue.try_send(Message::Line(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        let (end, ended) = sync_channel(1);
        for _ in 0..END_LOOKS {
            if self.lines.queue.try_send(Message::End(end.clone())).is_ok() {
                // Should nobody read, what was said last stays unread.
                let _ended = ended.recv_timeout(END_WAIT);
                return;
            }
            std::thread::sleep(END_WAIT / END_LOOKS);
        }
    }
}

fn write(mut out: impl Write, waiting: &Receiver<Message>, dropped: &AtomicU64) {
    loop {
        let message = match waiting.try_recv() {
            Ok(message) => message,
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => {
                tell_dropped(dropped);
                match waiting.recv() {
                    Ok(message) => message,
                    Err(_) => return,
                }
            }
        };
        match message {
            // There is nowhere to say that the log cannot be written.
            Message::Line(line) => drop(out.write_all(&line)),
            Message::End(end) => drop(end.send(())),
        }
    }
}

/// Says how many lines are missing, once there is room to say so.
fn tell_dropped(dropped: &AtomicU64) {
    let lines = dropped.swap(0, Ordering::Relaxed);
    if lines > 0 {
        warn!(
            lines,
            "lines of the log were dropped, because nobody read them"
        );
    }
}
