//! Lines of the log on their way to standard error.
//!
//! Whoever reads standard error may stop reading: a terminal that is held, a
//! journal that hangs, a pipe to a program that waits. A write then blocks, and
//! would block polls and deliveries with it. So lines wait in a queue for a
//! thread that may be blocked; what finds the queue full is dropped and counted,
//! and the count stands in the log where lines are missing. Lines that are
//! themselves deliveries, those of the log sink, are written at once: their
//! writer may wait, and they must not be lost with the process.

use crate::sink::ALERT_TARGET;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::Duration;
use tracing::{Metadata, warn};
use tracing_subscriber::fmt::MakeWriter;

/// The most lines that wait: some hundred kilobytes.
const LINES_MAX: usize = 1024;
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
    pub(super) fn start() -> io::Result<(Self, LogGuard)> {
        let (queue, waiting) = sync_channel(LINES_MAX);
        let lines = Self {
            queue,
            dropped: Arc::default(),
        };
        let dropped = Arc::clone(&lines.dropped);
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write(&waiting, &dropped))?;
        let guard = LogGuard {
            lines: lines.clone(),
        };
        Ok((lines, guard))
    }
}

/// Where one line goes.
#[derive(Debug)]
pub(super) enum Line<'a> {
    Queued(&'a Lines),
    AtOnce,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self {
            Self::AtOnce => io::stderr().write_all(line)?,
            Self::Queued(lines) => {
                if lines.queue.try_send(Message::Line(line.to_vec())).is_err() {
                    lines.dropped.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line::Queued(self)
    }

    fn make_writer_for(&'a self, line: &Metadata<'_>) -> Self::Writer {
        if line.target() == ALERT_TARGET {
            Line::AtOnce
        } else {
            Line::Queued(self)
        }
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

fn write(waiting: &Receiver<Message>, dropped: &AtomicU64) {
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
            Message::Line(line) => drop(io::stderr().write_all(&line)),
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
