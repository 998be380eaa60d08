//! What exit codes mean: those of `sysexits.h`, and 1 for "the answer is no".

use crate::daemon::DaemonError;
use crate::store::StoreError;

/// Done.
pub(super) const DONE: u8 = 0;
/// The answer is no.
pub(super) const NO: u8 = 1;
/// The command was used wrongly.
pub(super) const USAGE: u8 = 64;
/// Input data cannot be read.
pub(super) const DATA: u8 = 65;
/// A service is unavailable.
pub(super) const UNAVAILABLE: u8 = 69;
/// A bug of ours.
pub(super) const SOFTWARE: u8 = 70;
/// Reading or writing failed.
pub(super) const IO: u8 = 74;
/// Try again later.
pub(super) const TRY_AGAIN: u8 = 75;
/// Permission is missing.
pub(super) const PERMISSION: u8 = 77;
/// The configuration cannot be used.
pub(super) const CONFIG: u8 = 78;

/// Why a command ended early: what to tell, and the code to exit with.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u8,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: u8, message: impl std::fmt::Display) -> Self {
        Self {
            code,
            message: message.to_string(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Locked { .. } | StoreError::Busy => TRY_AGAIN,
            StoreError::Newer { .. } | StoreError::Older { .. } | StoreError::Foreign { .. } => {
                CONFIG
            }
            StoreError::Denied { .. } => PERMISSION,
            _ => IO,
        };
        Self::new(code, error)
    }
}

impl From<DaemonError> for Failure {
    fn from(error: DaemonError) -> Self {
        match error {
            DaemonError::Store(error) => error.into(),
            DaemonError::Signals(_) | DaemonError::TemporaryStore(_) => Self::new(IO, error),
            // Another program may go, as one that is replaced does, and a service
            // manager tries again; what asks for other words does not go by itself.
            DaemonError::Listen(error) if error.is_taken() => Self::new(TRY_AGAIN, error),
            DaemonError::Status(error) if error.is_taken() => Self::new(TRY_AGAIN, error),
            DaemonError::Bug(_) => Self::new(SOFTWARE, error),
            DaemonError::Fetch(_)
            | DaemonError::Sink(_)
            | DaemonError::Listen(_)
            | DaemonError::Status(_)
            | DaemonError::Compile(_) => Self::new(CONFIG, error),
        }
    }
}
