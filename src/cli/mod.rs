//! cli

pub mod check;
pub mod exit;
pub mod init;
