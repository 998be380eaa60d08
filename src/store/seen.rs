//! Entries that were seen, and how one is known again.
//!
//! An entry is known by its key. Publishers change guids: at every poll, when
//! they move to another system, or from http to https. What comes under a new
//! key but with the link and the title of an entry that is no longer there is
//! that entry. One that says something else than before under its key is an
//! edit: its article is revised, and is no new one.

use super::values::{millis, short_key, time_if, unreadable};
use super::{Store, StoreError};
use crate::article::{Article, ArticleId};
use crate::feed::{Entry, EntryKey, FeedId, Print};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::{HashMap, HashSet};

/// The most revisions of an article that are counted; later ones are taken in
/// all the same.
const REVISIONS_MAX: u32 = 24;

/// An entry as it stands in a document, for being known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// Its key.
    pub key: EntryKey,
    /// What it is known by if its key changes: its link and title. None without
    /// a link, because a title alone is soon given again.
    pub second_key: Option<EntryKey>,
    /// What it says.
    pub print: Print,
}

impl Sighting {
    /// An entry as it stands now.
    pub fn of(entry: &Entry) -> Self {
        Self {
            key: entry.key.clone(),
            second_key: entry.link.as_ref().map(|_| entry.second_key.clone()),
            print: entry.print,
        }
    }
}

/// Which entries of a document are new, and which were there before in another
/// form. All others are as they were.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recognised {
    /// Those that were never seen.
    pub new: HashSet<EntryKey>,
    /// Those that changed.
    pub changed: Vec<ChangedEntry>,
}

/// An entry that was seen before with another key or another text.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedEntry {
    /// As it stands now.
    pub now: Sighting,
    /// The key that it is stored under.
    stored: [u8; 16],
    /// If its text changed, its article before that; none if that is forgotten.
    pub before: Option<KnownArticle>,
}

/// An article that is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownArticle {
    /// The article.
    pub article: Article,
    /// Whether it was alerted.
    pub alerted: bool,
}

/// What is stored of an entry.
struct Stored {
    key: [u8; 16],
    print: Option<i64>,
    article: Option<i64>,
    since: i64,
}

impl Store {
    /// Which entries of a document of a feed were seen before, and how they
    /// changed since.
    pub async fn recognise(
        &self,
        feed: &FeedId,
        sightings: Vec<Sighting>,
    ) -> Result<Recognised, StoreError> {
        let feed = feed.clone();
        self.read(move |connection| recognise(connection, &feed, sightings))
            .await
    }
}

fn recognise(
    connection: &Connection,
    feed: &FeedId,
    sightings: Vec<Sighting>,
) -> Result<Recognised, StoreError> {
    let number = connection
        .prepare_cached("SELECT number FROM feed WHERE name = ?1")?
        .query_row([feed.as_str()], |row| row.get(0))
        .optional()?;
    let Some(number): Option<i64> = number else {
        let new = sightings.into_iter().map(|sighting| sighting.key).collect();
        return Ok(Recognised {
            new,
            changed: Vec::new(),
        });
    };
    let there: HashSet<[u8; 16]> = sightings.iter().map(|it| short_key(&it.key)).collect();
    let mut times: HashMap<EntryKey, u32> = HashMap::new();
    for second in sightings.iter().filter_map(|it| it.second_key.as_ref()) {
        *times.entry(second.clone()).or_default() += 1;
    }
    let mut recognised = Recognised::default();
    for now in sightings {
        let mut found = by_key(connection, number, &now.key)?;
        if found.is_none() {
            // Of several alike nobody can say which is which.
            let second = now.second_key.as_ref();
            let second = second.filter(|second| times.get(*second) == Some(&1));
            found = match second {
                Some(second) => by_second_key(connection, number, second, &there)?,
                None => None,
            };
        }
        let Some(found) = found else {
            recognised.new.insert(now.key);
            continue;
        };
        let print = signed(now.print);
        if found.print == Some(print) && found.key == short_key(&now.key) {
            continue;
        }
        // An older version kept no prints; what is first kept is no edit.
        let edited = found.print.is_some_and(|before| before != print);
        let before = if edited {
            article_of(connection, &found)?
        } else {
            None
        };
        recognised.changed.push(ChangedEntry {
            now,
            stored: found.key,
            before,
        });
    }
    Ok(recognised)
}

fn by_key(
    connection: &Connection,
    feed: i64,
    key: &EntryKey,
) -> Result<Option<Stored>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT key, print, article, first_seen FROM seen WHERE feed = ?1 AND key = ?2",
        )?
        .query_row((feed, short_key(key)), row)
        .optional()?;
    Ok(found)
}

/// The entry with this link and title that was seen last, but for those that
/// stand in the document under their own keys.
fn by_second_key(
    connection: &Connection,
    feed: i64,
    second: &EntryKey,
    there: &HashSet<[u8; 16]>,
) -> Result<Option<Stored>, StoreError> {
    let mut find = connection.prepare_cached(
        "SELECT key, print, article, first_seen FROM seen
         WHERE feed = ?1 AND second_key = ?2 ORDER BY last_seen DESC",
    )?;
    for found in find.query_map((feed, short_key(second)), row)? {
        let found = found?;
        if !there.contains(&found.key) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        key: row.get(0)?,
        print: row.get(1)?,
        article: row.get(2)?,
        since: row.get(3)?,
    })
}

/// The article of an entry. One that was stored only after the entry is another
/// one, under a number that was free again.
fn article_of(connection: &Connection, entry: &Stored) -> Result<Option<KnownArticle>, StoreError> {
    connection
        .prepare_cached(
            "SELECT *, EXISTS (SELECT 1 FROM alert WHERE alert.article = article.id) AS alerted
             FROM article WHERE number = ?1 AND seen <= ?2",
        )?
        .query_and_then((entry.article, entry.since), |row| {
            Ok(KnownArticle {
                article: article(row)?,
                alerted: row.get("alerted")?,
            })
        })?
        .next()
        .transpose()
}

fn article(row: &Row<'_>) -> Result<Article, StoreError> {
    let extras: String = row.get("extras")?;
    let mut extras: serde_json::Value =
        serde_json::from_str(&extras).map_err(|_| unreadable("part of an article", &extras))?;
    let mut texts = |key: &str| match extras.get_mut(key).map(serde_json::Value::take) {
        Some(serde_json::Value::Array(items)) => items.into_iter().filter_map(text).collect(),
        _ => Vec::new(),
    };
    let (authors, categories, tags) = (texts("authors"), texts("categories"), texts("tags"));
    let feed: Option<String> = row.get("feed")?;
    Ok(Article {
        id: ArticleId(row.get("id")?),
        url: row.get("url")?,
        title: row.get("title")?,
        summary: row.get("summary")?,
        body: row.get("body")?,
        published: time_if(row.get("published")?)?,
        language: row.get("language")?,
        authors,
        categories,
        source: extras
            .get_mut("source")
            .map(serde_json::Value::take)
            .and_then(text)
            .unwrap_or_default(),
        feed: feed.map(|name| super::values::feed_id(&name)).transpose()?,
        tags,
    })
}

fn text(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text),
        _ => None,
    }
}

/// Writes down under which key an entry is now, and what it says.
pub(super) fn change(
    connection: &Connection,
    feed: i64,
    changed: &[ChangedEntry],
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut change = connection.prepare_cached(
        "UPDATE OR REPLACE seen SET key = ?3, second_key = ?4, print = ?5, last_seen = ?6
         WHERE feed = ?1 AND key = ?2",
    )?;
    for ChangedEntry { now, stored, .. } in changed {
        change.execute((
            feed,
            stored,
            short_key(&now.key),
            now.second_key.as_ref().map(short_key),
            signed(now.print),
            millis(at),
        ))?;
    }
    Ok(())
}

/// Overwrites the texts of an article and counts the revision.
pub(super) fn revise(
    connection: &Connection,
    article: &Article,
    at: Timestamp,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "UPDATE article SET url = ?2, title = ?3, summary = ?4, body = ?5, language = ?6,
                 revised_at = ?7, revisions = min(revisions + 1, ?8)
             WHERE id = ?1",
        )?
        .execute((
            &article.id.0,
            &article.url,
            &article.title,
            &article.summary,
            &article.body,
            &article.language,
            millis(at),
            REVISIONS_MAX,
        ))?;
    Ok(())
}

/// A print as SQLite keeps it: 64 bits, with a sign.
pub(super) fn signed(print: Print) -> i64 {
    print.0.cast_signed()
}
