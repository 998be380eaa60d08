//! Entries that say something else than before.
//!
//! An edit revises the article that its entry became and makes no new one. It
//! may be what first makes the article match, and then it is alerted; an article
//! that was alerted, or that matched as it was and was not to be alerted, stays
//! quiet.

use super::ingest::{Sorting, planned};
use crate::alert::FeedRef;
use crate::article::{self, Article, Origin};
use crate::feed::Entry;
use crate::store::{KnownArticle, NewAlert};

/// What an edit comes to.
#[derive(Debug)]
pub(super) struct Edited {
    /// The article as it is now; its identity stays.
    pub(super) article: Article,
    /// The alert that it makes only now.
    pub(super) alert: Option<NewAlert>,
}

impl Sorting {
    /// What an edited entry comes to; nothing where its text is what it was, as
    /// when only its markup changed.
    pub(super) fn edited(
        &self,
        entry: &Entry,
        before: &KnownArticle,
        (source, origin): (&FeedRef, &Origin<'_>),
    ) -> Option<Edited> {
        let known = &before.article;
        let mut article = Article {
            id: known.id.clone(),
            ..article::build(entry, origin)
        };
        if article.body.is_empty() {
            // What the feed does not carry is not taken back by it.
            article.body.clone_from(&known.body);
        }
        if texts(&article) == texts(known) {
            return None;
        }
        let may_alert = !before.alerted && self.is_news(entry);
        let alert = may_alert
            .then(|| self.alert(&article, source))
            .flatten()
            .filter(|_| self.alert(known, source).is_none());
        Some(Edited {
            alert: alert.map(|alert| planned(alert, &self.watch)),
            article,
        })
    }
}

/// What of an article an edit can change.
fn texts(article: &Article) -> [&str; 3] {
    [&article.title, &article.summary, &article.body]
}
