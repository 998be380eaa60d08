//! Feeds that gain entries, a receiver that keeps count, and the daemon between.

use super::Promise::{Kept, Once};
use super::Row;
use super::disks::lines_below;
use crate::support::{PATIENCE, Page, Receiver, Site, Wirewatch, alerting_entry, rss};
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitStatus;
use std::time::Duration;

/// A publisher and a receiver with the daemon between them.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) receiver: Receiver,
    pub(crate) wirewatch: Wirewatch,
    feeds: Vec<Vec<usize>>,
    pub(crate) published: usize,
    pub(crate) clock_moved: bool,
}

impl World {
    /// A world of so many feeds, at most 16, each on a host of its own, with more
    /// configuration than that.
    pub(crate) async fn of(feeds: usize, more: &str) -> Self {
        let (site, receiver) = (Site::open().await, Receiver::open().await);
        let mut tables = String::new();
        for (feed, host) in (0..feeds).zip(1..) {
            site.set(&path(feed), Page::Document(rss(&[])));
            tables += &table(&format!("f{feed}"), &site.url(host, &path(feed)));
        }
        let wirewatch = Wirewatch::with(&(tables + &receiver.sink("hook") + more));
        Self {
            site,
            receiver,
            wirewatch,
            feeds: vec![Vec::new(); feeds],
            published: 0,
            clock_moved: false,
        }
    }

    /// Adds to the configuration.
    pub(crate) fn add(&self, more: &str) {
        let path = self.wirewatch.path("wirewatch.toml");
        let written = std::fs::read_to_string(&path).expect("a file");
        std::fs::write(path, written + more).expect("a file");
    }

    /// Publishes an entry that alerts, first in its feed.
    pub(crate) fn publish(&mut self, feed: usize) {
        self.draft(feed);
        self.site
            .set(&path(feed), Page::Document(self.document(feed)));
    }

    /// Writes an entry that alerts, and does not show it yet.
    pub(crate) fn draft(&mut self, feed: usize) {
        self.published += 1;
        self.feeds[feed].push(self.published);
    }

    /// Shows every feed as it was written.
    pub(crate) fn show_drafts(&self) {
        for feed in 0..self.feeds.len() {
            let document = Page::Document(self.document(feed));
            self.site.set(&path(feed), document);
        }
    }

    /// The whole feed as it stands.
    pub(crate) fn document(&self, feed: usize) -> String {
        let numbers = self.feeds[feed].iter().rev();
        rss(&numbers
            .map(|number| alerting_entry(*number))
            .collect::<Vec<_>>())
    }

    /// Waits until the daemon ends by itself.
    pub(crate) fn wait(&mut self) {
        tokio::task::block_in_place(|| self.wirewatch.wait());
    }

    /// Ends the daemon in order.
    pub(crate) fn stop(&mut self) -> (ExitStatus, Vec<String>) {
        tokio::task::block_in_place(|| self.wirewatch.stop())
    }

    /// Waits until the files of a folder have so many lines.
    pub(crate) async fn wait_for_lines(&self, folder: &str, lines: usize) {
        let folder = self.wirewatch.path(folder);
        // Nobody rings when a file grows.
        let grown = async {
            while lines_below(&folder).len() < lines {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let grown = tokio::time::timeout(PATIENCE, grown).await;
        assert!(grown.is_ok(), "no {lines} lines below {}", folder.display());
    }

    /// The numbers of the entries of a feed.
    pub(crate) fn entries(&self, feed: usize) -> &[usize] {
        &self.feeds[feed]
    }

    /// Waits until everything has arrived, and holds what came against what was
    /// published: all of it, each under one id, signed, and twice at most as
    /// often as an outcome can have been unknown.
    pub(crate) async fn settle_up(&self, row: &Row, unknown_max: usize) {
        let taken = self.receiver.wait_for(self.published).await;
        let mut ids: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for webhook in &taken {
            let title = webhook.body["data"]["article"]["title"].as_str();
            ids.entry(title.unwrap()).or_default().insert(&webhook.id);
            // A clock that was moved is not that of who verifies.
            let signed = self.clock_moved || webhook.is_signed();
            row.check(Once, signed, "a signature is wrong");
        }
        row.check(
            Kept,
            ids.len() == self.published,
            format!("{} of {} arrived", ids.len(), self.published),
        );
        for (title, ids) in &ids {
            row.check(
                Once,
                ids.len() == 1,
                format!("{title} came under {} ids", ids.len()),
            );
        }
        let twice = taken.len() - ids.len();
        row.check(
            Once,
            twice <= unknown_max,
            format!("{twice} came twice, and only {unknown_max} outcomes can be unknown"),
        );
    }
}

/// A feed of which every entry is news, as configuration.
pub(crate) fn table(name: &str, url: &str) -> String {
    format!("[feed.{name}]\nurl = \"{url}\"\nfirst_run = \"all\"\n")
}

/// The path of a feed.
pub(crate) fn path(feed: usize) -> String {
    format!("/feed-{feed}")
}

/// The version of a document as the site names it.
pub(crate) fn etag(document: &str) -> String {
    format!("W/\"{:08x}\"", crc32c::crc32c(document.as_bytes()))
}
