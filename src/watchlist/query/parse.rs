//! Text to a query.

use super::Query;
use std::ops::Range;

/// What is wrong with a query, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// The bytes of the query that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if there is one way.
    pub help: Option<String>,
}

/// Reads a query.
pub fn parse(_text: &str) -> Result<Query, QueryError> {
    unimplemented!()
}
