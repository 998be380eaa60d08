//! SIGHUP: files that somebody moved away are let go of, and those that their
//! paths name now are opened.
//!
//! Rotators send it after they have renamed a file (logrotate(8), `postrotate`).
//! A file that was moved away is noticed before the next write as well; this
//! makes the new one at once and frees the room of one that was removed.

use super::clock;
use crate::sink::FileSink;
use tokio::signal::unix::Signal;
use tokio_util::sync::CancellationToken;
use tracing::info;

/// Opens files anew at each signal until `stop` is cancelled.
pub(super) async fn run(mut hangup: Signal, files: Vec<FileSink>, stop: CancellationToken) {
    loop {
        tokio::select! {
            _ = hangup.recv() => {}
            () = stop.cancelled() => return,
        }
        for file in &files {
            file.reopen(clock::now()).await;
        }
        info!("files were opened anew on SIGHUP");
    }
}
