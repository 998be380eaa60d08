//! Entries that say something else than before.
//!
//! An edit revises the article that its entry became and makes no new one. It
//! may be what first makes the article match, or nearly match; then it is alerted,
//! or its page is read. An article that was alerted, or that matched as it was and
//! was not to be alerted, stays quiet.

use super::ingest::{Sorting, planned};
use crate::alert::FeedRef;
use crate::article::{self, Article, Origin};
use crate::feed::Entry;
use crate::store::{KnownArticle, NewAlert, NewErrand};

/// What an edit comes to.
#[derive(Debug)]
pub(super) struct Edited {
    /// The article as it is now; its identity stays.
    pub(super) article: Article,
    /// The alert that it makes only now.
    pub(super) alert: Option<NewAlert>,
    /// Its page, if that is to be read only now.
    pub(super) page: Option<NewErrand>,
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
        let is_less = before.page_read && article.body.len() < known.body.len();
        if article.body.is_empty() || is_less {
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
        let may_be_read = may_alert && alert.is_none();
        let page = may_be_read
            .then(|| self.page(&article))
            .flatten()
            .filter(|_| self.page(known).is_none());
        Some(Edited {
            page,
            alert: alert.map(|alert| planned(alert, &self.watch)),
            article,
        })
    }
}

/// What of an article an edit can change.
fn texts(article: &Article) -> [&str; 3] {
    [&article.title, &article.summary, &article.body]
}
