//! A watchlist to a matcher.

use super::Matches;
use crate::article::Article;
use crate::watchlist::Watchlist;

/// Why a watchlist cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CompileError(String);

/// A compiled watchlist.
#[derive(Debug)]
pub struct Matcher;

impl Matcher {
    /// Compiles a watchlist.
    pub fn compile(_watchlist: &Watchlist) -> Result<Self, CompileError> {
        Ok(Self)
    }

    /// Finds topics and actors in an article.
    pub fn matches(&self, _article: &Article) -> Matches {
        Matches::default()
    }
}
