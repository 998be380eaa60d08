//! Full text: an article is matched once more, with the text of its page.

use super::errands::Brought;
use super::extract::Extracted;
use super::ingest::{Intake, planned};
use crate::alert::{self, FeedRef};
use crate::article::Article;
use crate::config::FeedConfig;
use crate::policy::poll::{Answer, FetchOutcome};
use crate::policy::rounds::{Errand, ErrandEnd};
use crate::store::{Ended, ErrandResult, NewAlert, StoreError};
use jiff::Timestamp;
use std::sync::Arc;

impl Intake {
    /// Stores what the page of an article brought: its text as the body of the
    /// article, and the alert that it makes, if it makes one now.
    ///
    /// # Errors
    /// When the store took nothing of it.
    pub(super) async fn article_page(
        self,
        (config, feed_title): (Arc<FeedConfig>, String),
        errand: Errand,
        outcome: FetchOutcome,
        ended: Ended,
    ) -> Result<Brought, StoreError> {
        let at = (self.clock.now)();
        let known = self.store.article_of(errand.id).await?;
        let mut result = ErrandResult::of(errand, at, ended, ErrandEnd::Empty);
        let Some((mut article, seen)) = known else {
            // The retention was faster.
            return self.store_brought(result).await;
        };
        let text = match self.text_of(outcome.answer).await {
            Extracted::Text(text) => text,
            Extracted::Nothing => return self.store_brought(result).await,
            Extracted::GivenUp => {
                result.end = ErrandEnd::Slow;
                return self.store_brought(result).await;
            }
        };
        if !says_more(&article, &text) {
            return self.store_brought(result).await;
        }
        result.end = ErrandEnd::Read;
        result.body = Some((article.id.clone(), text.clone()));
        article.body = text;
        let source = FeedRef {
            id: config.id.clone(),
            title: feed_title,
            url: config.url.to_string(),
            publisher: article.source.clone(),
            tags: config.tags.clone(),
        };
        let matching = Matching {
            intake: self.clone(),
            article,
            source,
            seen,
        };
        let alert = self.work(move || matching.alert()).await;
        result.alerts.extend(alert.flatten());
        self.store_brought(result).await
    }

    async fn text_of(&self, answer: Answer) -> Extracted {
        match answer {
            Answer::Body {
                bytes,
                content_type,
                ..
            } => self.extractor.text(bytes, content_type).await,
            _ => Extracted::Nothing,
        }
    }
}

/// An article with the text of its page, to be matched.
struct Matching {
    intake: Intake,
    article: Article,
    source: FeedRef,
    seen: Timestamp,
}

impl Matching {
    fn alert(self) -> Option<NewAlert> {
        let watch = &self.intake.watch;
        let matches = watch.matcher.matches(&self.article);
        let now = (self.intake.clock.now)();
        let alert = alert::build(self.article, self.source, matches, self.seen, now)?;
        Some(planned(alert, watch))
    }
}

/// Whether a page says more than its feed did: what is shorter is a teaser, or
/// a wall that asks for money.
fn says_more(article: &Article, text: &str) -> bool {
    text.len() > article.body.len() && *text != article.summary
}
