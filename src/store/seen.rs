//! Entries that were seen, and how one is known again.
//!
//! An entry is known by its key, and by its link with its title. Publishers
//! change guids: at every poll, when they move to another system, or from http to
//! https. What comes with the link and the title of an entry that is no longer
//! there under its own key is that entry. Others give the same guids again, by
//! the place in the list or always the same: where a key went from one entry to
//! another keys say nothing, and what has another link and another date is another
//! one. What is left is an edit: its article is revised, and is no new one.

use super::values::{millis, short_key, time_if, unreadable};
use super::{Store, StoreError};
use crate::article::{Article, ArticleId, canonical_link};
use crate::feed::{Entry, EntryKey, FeedId, Print};
use crate::policy::rounds::ErrandEnd;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::{HashMap, HashSet};

/// The most revisions of an article that are counted; later ones are taken in
/// all the same.
const REVISIONS_MAX: u32 = 24;

/// A key as it is stored.
type ShortKey = [u8; 16];

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
    /// The page that it links to, in the form that is the same for every way to
    /// write it.
    pub link: Option<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
}

impl Sighting {
    /// An entry as it stands now.
    pub fn of(entry: &Entry) -> Self {
        Self {
            key: entry.key.clone(),
            second_key: entry.link.as_ref().map(|_| entry.second_key.clone()),
            print: entry.print,
            link: entry.link.as_deref().and_then(canonical_link),
            published: entry.published.or(entry.updated),
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
    /// As it is stored.
    stored: Stored,
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
    /// Whether its body is the text of its page.
    pub page_read: bool,
}

/// What is stored of an entry.
#[derive(Debug, Clone, PartialEq)]
struct Stored {
    key: ShortKey,
    second_key: Option<ShortKey>,
    print: Option<i64>,
    article: Option<i64>,
    /// When it was first seen.
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
    let claims = Claims::of(connection, number, &sightings)?;
    let mut recognised = Recognised::default();
    for (now, found) in sightings.into_iter().zip(claims.rows) {
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
            stored: found,
            before,
        });
    }
    Ok(recognised)
}

/// Which entry of a document is which that is stored: each at most once.
struct Claims {
    /// For each entry of the document, what is stored of it.
    rows: Vec<Option<Stored>>,
    claimed: HashSet<ShortKey>,
}

impl Claims {
    fn of(connection: &Connection, feed: i64, sightings: &[Sighting]) -> Result<Self, StoreError> {
        let mut claims = Self {
            rows: vec![None; sightings.len()],
            claimed: HashSet::new(),
        };
        let second = |now: &Sighting| now.second_key.as_ref().map(short_key);
        let mut times: HashMap<ShortKey, u32> = HashMap::new();
        for second in sightings.iter().filter_map(second) {
            *times.entry(second).or_default() += 1;
        }
        // The same in both.
        let mut unsure = Vec::new();
        for (place, now) in sightings.iter().enumerate() {
            let by_key = by_key(connection, feed, &now.key)?;
            let known = by_key.as_ref().and_then(|row| row.second_key);
            let differs = known.zip(second(now)).is_some_and(|(a, b)| a != b);
            match by_key {
                Some(row) if !differs => claims.claim(place, row),
                by_key => unsure.push((place, now, by_key)),
            }
        }
        // Where one key was given to something else, none of them says anything.
        let keys_hold = !unsure
            .iter()
            .any(|(_, _, by_key): &(_, _, Option<Stored>)| {
                let known = by_key.as_ref().and_then(|row| row.second_key);
                known.is_some_and(|second| times.contains_key(&second))
            });
        for (place, now, by_key) in unsure {
            // Of several alike nobody can say which is which.
            let second = second(now).filter(|second| times.get(second) == Some(&1));
            let found = match second {
                Some(second) => by_second_key(connection, feed, second, &claims.claimed)?,
                None => None,
            };
            match (found, by_key) {
                (Some(row), _) => claims.claim(place, row),
                (None, Some(row)) if keys_hold && !is_reused(connection, now, &row)? => {
                    claims.claim(place, row);
                }
                _ => {}
            }
        }
        Ok(claims)
    }

    fn claim(&mut self, place: usize, row: Stored) {
        self.claimed.insert(row.key);
        if let Some(free) = self.rows.get_mut(place) {
            *free = Some(row);
        }
    }
}

/// Whether a key now stands for something else: another page of another time.
fn is_reused(connection: &Connection, now: &Sighting, row: &Stored) -> Result<bool, StoreError> {
    let Some(KnownArticle { article, .. }) = article_of(connection, row)? else {
        return Ok(false);
    };
    let link = article.url.as_deref().and_then(canonical_link);
    let moved = link.zip(now.link.as_ref()).is_some_and(|(a, b)| a != *b);
    let dates = article.published.zip(now.published);
    Ok(moved && dates.is_some_and(|(a, b)| a != b))
}

fn by_key(
    connection: &Connection,
    feed: i64,
    key: &EntryKey,
) -> Result<Option<Stored>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT key, second_key, print, article, first_seen FROM seen WHERE feed = ?1 AND key = ?2",
        )?
        .query_row((feed, short_key(key)), row)
        .optional()?;
    Ok(found)
}

/// The entry with this link and title that was seen last, but for those that
/// others are.
fn by_second_key(
    connection: &Connection,
    feed: i64,
    second: ShortKey,
    claimed: &HashSet<ShortKey>,
) -> Result<Option<Stored>, StoreError> {
    let mut find = connection.prepare_cached(
        "SELECT key, second_key, print, article, first_seen FROM seen
         WHERE feed = ?1 AND second_key = ?2 ORDER BY last_seen DESC",
    )?;
    for found in find.query_map((feed, second), row)? {
        let found = found?;
        if !claimed.contains(&found.key) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

fn row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        key: row.get(0)?,
        second_key: row.get(1)?,
        print: row.get(2)?,
        article: row.get(3)?,
        since: row.get(4)?,
    })
}

/// The article of an entry. One that was stored only after the entry is another
/// one, under a number that was free again.
fn article_of(connection: &Connection, entry: &Stored) -> Result<Option<KnownArticle>, StoreError> {
    connection
        .prepare_cached(
            "SELECT *, EXISTS (SELECT 1 FROM alert WHERE alert.article = article.id) AS alerted,
                 EXISTS (SELECT 1 FROM errand
                         WHERE errand.article = article.id AND outcome = ?3) AS page_read
             FROM article WHERE number = ?1 AND seen <= ?2",
        )?
        .query_and_then(
            (entry.article, entry.since, ErrandEnd::Read.as_str()),
            |row| {
                Ok(KnownArticle {
                    article: article(row)?,
                    alerted: row.get("alerted")?,
                    page_read: row.get("page_read")?,
                })
            },
        )?
        .next()
        .transpose()
}

/// An article as its row has it.
pub(super) fn article(row: &Row<'_>) -> Result<Article, StoreError> {
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

/// Writes down under which key an entry is now, and what it says. All are taken
/// out first, because one may now have the key that another one had; what is no
/// longer stored as it was found is left alone.
pub(super) fn change(
    connection: &Connection,
    feed: i64,
    changed: &[ChangedEntry],
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut take = connection.prepare_cached(
        "DELETE FROM seen WHERE feed = ?1 AND key = ?2 AND second_key IS ?3 AND print IS ?4",
    )?;
    let mut put = connection.prepare_cached(
        "INSERT OR REPLACE INTO seen
             (feed, key, second_key, print, article, first_seen, last_seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut taken = Vec::new();
    for ChangedEntry { now, stored, .. } in changed {
        if take.execute((feed, stored.key, stored.second_key, stored.print))? > 0 {
            taken.push((now, stored));
        }
    }
    for (now, stored) in taken {
        put.execute((
            feed,
            short_key(&now.key),
            now.second_key.as_ref().map(short_key),
            signed(now.print),
            stored.article,
            stored.since,
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
