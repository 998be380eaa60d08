//! Articles as users write them: the JSON Lines that `match` reads.

/// An article as a user writes it.
#[derive(Debug, Clone)]
pub struct Input;

/// Why an article cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InputError(String);
