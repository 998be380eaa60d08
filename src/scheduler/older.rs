//! Older pages of a feed (RFC 5005): what a burst pushed out of its window.

use super::errands::Brought;
use super::ingest::{Intake, Sorted, Sorting, next_older, parse};
use crate::config::FeedConfig;
use crate::feed::{EntryKey, Feed};
use crate::policy::poll::{FetchOutcome, FirstRun};
use crate::policy::rounds::{Errand, ErrandEnd};
use crate::store::{Ended, ErrandResult, Sighting, StoreError};
use std::collections::HashSet;
use std::sync::Arc;
use tracing::{debug, info, warn};

impl Intake {
    /// Stores what an older page of a feed brought, and which page follows.
    ///
    /// # Errors
    /// When the store took nothing of it.
    pub(super) async fn older_page(
        self,
        config: Arc<FeedConfig>,
        (errand, left): (Errand, u32),
        outcome: FetchOutcome,
        ended: Ended,
    ) -> Result<Brought, StoreError> {
        let seen_at = (self.clock.now)();
        let mut result = ErrandResult::of(errand, seen_at, ended, ErrandEnd::Empty);
        let parsed = self.work(move || parse(&outcome.answer).map(|feed| (feed, outcome)));
        let (feed, outcome) = match parsed.await {
            Some(Ok((Some(feed), outcome))) => (feed, outcome),
            Some(Err(error)) => {
                debug!(feed.id = %config.id, "an older page of the feed cannot be read: {error}");
                return self.store_brought(result).await;
            }
            _ => return self.store_brought(result).await,
        };
        let sightings = feed.entries.iter().map(Sighting::of).collect();
        // An older page tells no edits: what it says may be what was said first.
        let new = self.store.recognise(&config.id, sightings).await?.new;
        let pages_left = left.checked_sub(1);
        let older = pages_left.and_then(|left| next_older(&feed, &outcome.answer, left));
        if new.len() < feed.entries.len() {
            info!(feed.id = %config.id, "the older pages of the feed reach what was known");
        } else if older.is_some() {
            result.errands.extend(older);
        } else {
            warn!(
                feed.id = %config.id, notice = "feed.gap",
                "the older pages of the feed end before anything that was known, so entries may \
                 have been missed"
            );
        }
        result.end = ErrandEnd::Read;
        let sorting = Sorting {
            watch: Arc::clone(&self.watch),
            config,
            first_run: None,
            seen_at,
            clock: self.clock,
        };
        if let Some(sorted) = self.work(move || sort(sorting, feed, &new)).await {
            result.entries = sorted.entries;
            result.articles = sorted.articles;
            result.alerts = sorted.alerts;
            result.errands.extend(sorted.errands);
        }
        self.store_brought(result).await
    }

    pub(super) async fn store_brought(&self, result: ErrandResult) -> Result<Brought, StoreError> {
        let end = result.end;
        let committed = self.store.commit_errand(result).await?;
        Ok(Brought { end, committed })
    }
}

/// What stands before the first known entry is news. What stands behind it is
/// older than our knowledge of the feed: it is recorded as seen, and no more.
fn sort(sorting: Sorting, mut feed: Feed, new: &HashSet<EntryKey>) -> Sorted {
    let known = feed
        .entries
        .iter()
        .position(|entry| !new.contains(&entry.key));
    let behind = known.map_or(Vec::new(), |known| feed.entries.split_off(known));
    let mut sorted = sorting.sort(&feed, new, Vec::new());
    feed.entries = behind;
    let old = Sorting {
        first_run: Some(FirstRun::None),
        ..sorting
    };
    let old = old.sort(&feed, new, Vec::new());
    sorted.entries.extend(old.entries);
    sorted.articles.extend(old.articles);
    sorted
}
