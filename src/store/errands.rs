//! Errands: what polls led to, from the moment it was found until it is over.
//!
//! An errand is stored with the poll that found it, so that a crash between the
//! poll and the errand loses nothing; and what it brought is stored with its
//! end. How it ended is kept as long as everything else.

use super::hosts::{self, Ended, RequestNumber};
use super::poll::{self, Committed, NewAlert, SeenEntry};
use super::seen::article;
use super::values::{feed_id, meaning, millis, time, unreadable};
use super::{Store, StoreError, feeds};
use crate::article::{Article, ArticleId};
use crate::feed::FeedId;
use crate::policy::host::HostState;
use crate::policy::rounds::{ERRANDS_MAX, Errand, ErrandEnd, ErrandId, ErrandKind, Why};
use jiff::Timestamp;
use rusqlite::{Connection, Row};
use url::Url;

/// An errand that a poll or another errand led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewErrand {
    /// What is asked for.
    pub url: Url,
    /// What for.
    pub kind: ErrandKind,
    /// The article whose page it is.
    pub article: Option<ArticleId>,
}

/// A request of an errand that is about to be sent.
#[derive(Debug, Clone)]
pub struct BegunErrand {
    /// The errand as it is until the answer is stored.
    pub errand: Errand,
    /// The host as it is until then.
    pub host: HostState,
    /// When.
    pub at: Timestamp,
    /// How many redirects led there.
    pub hop: u32,
    /// What is asked for.
    pub why: Why,
}

/// What an errand brought.
#[derive(Debug, Clone)]
pub struct ErrandResult {
    /// The errand.
    pub errand: Errand,
    /// When the answer came.
    pub at: Timestamp,
    /// How its last request ended.
    pub ended: Ended,
    /// How the errand ended.
    pub end: ErrandEnd,
    /// The entries that are new.
    pub entries: Vec<SeenEntry>,
    /// The articles that they became.
    pub articles: Vec<Article>,
    /// The body that an article has now.
    pub body: Option<(ArticleId, String)>,
    /// The alerts that were made.
    pub alerts: Vec<NewAlert>,
    /// What it led to.
    pub errands: Vec<NewErrand>,
}

impl ErrandResult {
    /// What an errand that brought nothing comes to.
    pub fn of(errand: Errand, at: Timestamp, ended: Ended, end: ErrandEnd) -> Self {
        Self {
            errand,
            at,
            ended,
            end,
            entries: Vec::new(),
            articles: Vec::new(),
            body: None,
            alerts: Vec::new(),
            errands: Vec::new(),
        }
    }
}

impl Store {
    /// The errands that are not over, the oldest first.
    pub async fn errands(&self) -> Result<Vec<Errand>, StoreError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM errand WHERE outcome IS NULL ORDER BY number")?
                .query_and_then([], errand)?
                .collect()
        })
        .await
    }

    /// The article that an errand is for, and when it was first seen.
    pub async fn article_of(
        &self,
        errand: ErrandId,
    ) -> Result<Option<(Article, Timestamp)>, StoreError> {
        self.read(move |connection| {
            connection
                .prepare_cached(
                    "SELECT * FROM article
                     WHERE id = (SELECT article FROM errand WHERE number = ?1)",
                )?
                .query_and_then([errand.0], |row| {
                    Ok((article(row)?, time(row.get("seen")?)?))
                })?
                .next()
                .transpose()
        })
        .await
    }

    /// Writes down, durably, that a request of an errand is about to be sent.
    pub async fn begin_errand(&self, begun: BegunErrand) -> Result<RequestNumber, StoreError> {
        self.write(move |connection| {
            put_off(connection, &begun.errand)?;
            let BegunErrand { errand, host, .. } = &begun;
            hosts::save(connection, host)?;
            let why = (begun.hop, begun.why, false);
            hosts::add_request(connection, &host.host, &errand.feed, why, begun.at)
        })
        .await
    }

    /// Stores that an errand is tried again, and why.
    pub async fn put_errand_off(&self, errand: Errand, ended: Ended) -> Result<(), StoreError> {
        self.write(move |connection| {
            put_off(connection, &errand)?;
            hosts::end(connection, &ended)
        })
        .await
    }

    /// Stores what an errand brought: all of it, durably, or nothing.
    pub async fn commit_errand(&self, result: ErrandResult) -> Result<Committed, StoreError> {
        self.write(move |connection| commit(connection, &result))
            .await
    }

    /// Stores how errands ended that brought nothing, and the request that one
    /// of them ended with.
    pub async fn end_errands(
        &self,
        ends: Vec<(ErrandId, ErrandEnd)>,
        at: Timestamp,
        ended: Option<Ended>,
    ) -> Result<(), StoreError> {
        self.write(move |connection| {
            for (errand, outcome) in &ends {
                end(connection, *errand, *outcome, at)?;
            }
            ended.map_or(Ok(()), |ended| hosts::end(connection, &ended))
        })
        .await
    }
}

fn commit(connection: &Connection, result: &ErrandResult) -> Result<Committed, StoreError> {
    let (feed, at) = (&result.errand.feed, result.at);
    hosts::end(connection, &result.ended)?;
    end(connection, result.errand.id, result.end, at)?;
    for article in &result.articles {
        poll::add_article(connection, article, at)?;
    }
    if let Some(number) = feeds::number(connection, feed)? {
        poll::add_entries(connection, number, &result.entries, at)?;
    }
    if let Some((article, body)) = &result.body {
        connection
            .prepare_cached("UPDATE article SET body = ?2 WHERE id = ?1")?
            .execute((&article.0, body))?;
    }
    let mut committed = poll::add_alerts(connection, &result.alerts, at)?;
    committed.errands = add(connection, feed, &result.errands, at)?;
    Ok(committed)
}

/// Adds errands of a feed, as far as there is room and they are not there
/// already: one page an article, however many feeds carry it, and one walk
/// through the older pages of a feed.
pub(super) fn add(
    connection: &Connection,
    feed: &FeedId,
    errands: &[NewErrand],
    at: Timestamp,
) -> Result<Vec<Errand>, StoreError> {
    let mut added = Vec::new();
    if errands.is_empty() {
        return Ok(added);
    }
    let waiting: u32 = connection
        .prepare_cached("SELECT count(*) FROM errand WHERE outcome IS NULL")?
        .query_row([], |row| row.get(0))?;
    let room = ERRANDS_MAX.saturating_sub(waiting as usize);
    let mut insert = connection.prepare_cached(
        "INSERT INTO errand (kind, pages_left, feed, url, article, since, due, tries)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6, 0
         WHERE ?5 IS NOT NULL OR NOT EXISTS
             (SELECT 1 FROM errand WHERE feed = ?3 AND kind = ?1 AND outcome IS NULL)
         ON CONFLICT DO NOTHING RETURNING *",
    )?;
    for new in errands.iter().take(room) {
        let (kind, left) = kind_to_columns(new.kind);
        let row = insert
            .query_and_then(
                (
                    kind,
                    left,
                    feed.as_str(),
                    new.url.as_str(),
                    new.article.as_ref().map(|article| &article.0),
                    millis(at),
                ),
                errand,
            )?
            .next();
        added.extend(row.transpose()?);
    }
    Ok(added)
}

fn put_off(connection: &Connection, errand: &Errand) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE errand SET due = ?2, tries = ?3 WHERE number = ?1")?
        .execute((errand.id.0, millis(errand.due), errand.tries))?;
    Ok(())
}

fn end(
    connection: &Connection,
    errand: ErrandId,
    outcome: ErrandEnd,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE errand SET outcome = ?2, ended_at = ?3 WHERE number = ?1 AND outcome IS NULL",
        )?
        .execute((errand.0, outcome.as_str(), millis(at)))?;
    Ok(())
}

const OLDER_PAGE: &str = "older-page";
const ARTICLE_PAGE: &str = "article-page";

fn kind_to_columns(kind: ErrandKind) -> (&'static str, u32) {
    match kind {
        ErrandKind::OlderPage { left } => (OLDER_PAGE, left),
        ErrandKind::ArticlePage => (ARTICLE_PAGE, 0),
    }
}

fn errand(row: &Row<'_>) -> Result<Errand, StoreError> {
    let kinds = [
        (
            OLDER_PAGE,
            ErrandKind::OlderPage {
                left: row.get("pages_left")?,
            },
        ),
        (ARTICLE_PAGE, ErrandKind::ArticlePage),
    ];
    let url: String = row.get("url")?;
    Ok(Errand {
        id: ErrandId(row.get("number")?),
        feed: feed_id(&row.get::<_, String>("feed")?)?,
        url: Url::parse(&url).map_err(|_| unreadable("address", &url))?,
        kind: meaning("kind of errand", &kinds, &row.get::<_, String>("kind")?)?,
        since: time(row.get("since")?)?,
        due: time(row.get("due")?)?,
        tries: row.get("tries")?,
    })
}
