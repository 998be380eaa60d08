//! Articles as they are stored, for whoever asks about one.

use super::seen::article;
use super::values::time;
use super::{Store, StoreError};
use crate::article::Article;
use jiff::Timestamp;

/// A stored article.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredArticle {
    /// The article.
    pub article: Article,
    /// When it was first seen.
    pub seen: Timestamp,
}

impl Store {
    /// The article of this id, the article of the alert of this id, or the newest
    /// at this address.
    pub async fn article(&self, key: &str) -> Result<Option<StoredArticle>, StoreError> {
        let key = key.to_owned();
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM article
                     WHERE id = ?1 OR id = (SELECT article FROM alert WHERE id = ?1) OR url = ?1
                     ORDER BY number DESC LIMIT 1",
                )?
                .query_and_then([&key], |row| {
                    Ok(StoredArticle {
                        article: article(row)?,
                        seen: time(row.get("seen")?)?,
                    })
                })?
                .next()
                .transpose()
        })
        .await
    }
}
