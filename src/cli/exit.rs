//! What exit codes mean: those of `sysexits.h`, and 1 for "the answer is no".

/// Done.
pub const DONE: u8 = 0;
/// The answer is no.
pub const NO: u8 = 1;
/// The command was used wrongly.
pub const USAGE: u8 = 64;
/// Input data cannot be read.
pub const DATA: u8 = 65;
/// A service is unavailable.
pub const UNAVAILABLE: u8 = 69;
/// A bug of ours.
pub const SOFTWARE: u8 = 70;
/// Reading or writing failed.
pub const IO: u8 = 74;
/// Try again later.
pub const TRY_AGAIN: u8 = 75;
/// Permission is missing.
pub const PERMISSION: u8 = 77;
/// The configuration cannot be used.
pub const CONFIG: u8 = 78;
