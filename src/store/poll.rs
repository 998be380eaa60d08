//! The one commit of a poll.
//!
//! Entries seen, articles, alerts, deliveries, the feed's validators and its
//! next poll are stored together or not at all. Were the validators stored
//! first, a crash would turn the next answer into "not modified" and the alert
//! would be missed for ever.

use super::errands::{self, NewErrand};
use super::hosts::{self, Ended};
use super::seen::{self, ChangedEntry, Sighting};
use super::values::{millis, short_key};
use super::{Store, StoreError, feeds, notices, placing, silences, subscriptions};
use crate::alert::notice::{Notice, NoticeKind};
use crate::alert::{Alert, AlertId, payload};
use crate::article::{Article, ArticleId};
use crate::feed::{EntryKey, FeedId};
use crate::policy::poll::FeedState;
use crate::policy::push::Offer;
use crate::policy::retry::DeliveryReason;
use crate::policy::rounds::Errand;
use crate::policy::route::Plan;
use jiff::Timestamp;
use rusqlite::Connection;

/// How often the time at which a known entry was last seen is written anew, in
/// milliseconds: nearly all polls then write nothing for nearly all entries.
pub(super) const SEEN_EVERY_MS: i64 = 24 * 60 * 60 * 1000;

/// What one poll of a feed found.
#[derive(Debug, Clone)]
pub struct PollResult {
    /// When the answer came.
    pub at: Timestamp,
    /// What is known of the feed now.
    pub state: FeedState,
    /// How its last request ended.
    pub ended: Option<Ended>,
    /// Whether the entries are only what is new (226), so that one that is
    /// missing is not gone.
    pub delta: bool,
    /// Where it says that it is announced, if it was read.
    pub offer: Option<Offer>,
    /// The entries that are new.
    pub entries: Vec<SeenEntry>,
    /// The entries that were there before, by the keys that they have now.
    pub still_seen: Vec<EntryKey>,
    /// Those of them that have another key or another text now.
    pub changed: Vec<ChangedEntry>,
    /// The articles whose texts changed by that.
    pub revised: Vec<Article>,
    /// The articles that the new entries became.
    pub articles: Vec<Article>,
    /// The alerts that those articles make.
    pub alerts: Vec<NewAlert>,
    /// What is to be asked for because of it.
    pub errands: Vec<NewErrand>,
    /// What the operator is told because of it.
    pub notices: Vec<Notice>,
}

impl PollResult {
    /// A poll that brought nothing.
    pub fn empty(at: Timestamp, state: FeedState) -> Self {
        Self {
            at,
            state,
            ended: None,
            delta: false,
            offer: None,
            entries: Vec::new(),
            still_seen: Vec::new(),
            changed: Vec::new(),
            revised: Vec::new(),
            articles: Vec::new(),
            alerts: Vec::new(),
            errands: Vec::new(),
            notices: Vec::new(),
        }
    }
}

/// An entry that is new in its feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenEntry {
    /// Which entry.
    pub sighting: Sighting,
    /// The article that it became.
    pub article_id: ArticleId,
}

/// An alert and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    /// The alert.
    pub alert: Alert,
    /// Where it goes; no target means that it is only recorded.
    pub plan: Plan,
}

/// What a commit made of the alerts of a poll.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Those that were made.
    pub alerts_made: Vec<AlertId>,
    /// Those whose article was alerted before, as when two feeds carry it.
    pub alerts_known: Vec<AlertId>,
    /// Why deliveries of those were not sent at once, one reason a delivery.
    pub withheld: Vec<DeliveryReason>,
    /// The notices to the operator that are new.
    pub notices: Vec<NoticeKind>,
    /// Whether the feed is announced elsewhere than before.
    pub offer_changed: bool,
    /// The errands that were added.
    pub errands: Vec<Errand>,
}

impl Committed {
    /// Whether there may be something to deliver now.
    pub fn has_deliveries(&self) -> bool {
        !self.alerts_made.is_empty() || !self.notices.is_empty()
    }
}

impl Store {
    /// Stores what a poll found: all of it, durably, or nothing.
    ///
    /// Nothing that is stored already is overwritten, so that committing the
    /// same poll twice does no harm.
    pub async fn commit_poll(&self, poll: PollResult) -> Result<Committed, StoreError> {
        self.write(move |connection| commit(connection, &poll))
            .await
    }
}

fn commit(connection: &Connection, poll: &PollResult) -> Result<Committed, StoreError> {
    let feed = feeds::save(connection, &poll.state)?;
    let mut committed = commit_found(connection, feed, poll)?;
    if let Some(offer) = &poll.offer {
        committed.offer_changed = subscriptions::save_offer(connection, &poll.state.feed, offer)?;
    }
    Ok(committed)
}

/// Stores what was found of a feed, but nothing about the feed itself.
pub(super) fn commit_found(
    connection: &Connection,
    feed: i64,
    poll: &PollResult,
) -> Result<Committed, StoreError> {
    for article in &poll.articles {
        add_article(connection, article, poll.at)?;
    }
    for article in &poll.revised {
        seen::revise(connection, article, poll.at)?;
    }
    seen::change(connection, feed, &poll.changed, poll.at)?;
    add_entries(connection, feed, &poll.entries, poll.at)?;
    refresh_entries(connection, feed, poll)?;
    if let Some(ended) = &poll.ended {
        hosts::end(connection, ended)?;
    }
    let mut committed = add_alerts(connection, &poll.alerts, poll.at)?;
    committed.errands = errands::add(connection, &poll.state.feed, &poll.errands, poll.at)?;
    for notice in &poll.notices {
        if notices::add(connection, notice)? {
            committed.notices.push(notice.kind);
        }
    }
    Ok(committed)
}

/// Adds alerts with their deliveries, each unless its article was alerted before.
pub(super) fn add_alerts(
    connection: &Connection,
    alerts: &[NewAlert],
    at: Timestamp,
) -> Result<Committed, StoreError> {
    let mut committed = Committed::default();
    if alerts.is_empty() {
        return Ok(committed);
    }
    let silences = silences::standing(connection, at)?;
    for NewAlert { alert, plan } in alerts {
        // Whatever the caller kept of the articles, an alert has its own.
        add_article(connection, &alert.article, at)?;
        let json = payload::alert_json(alert, 0);
        if add_alert(connection, alert, plan, &json)? {
            for target in &plan.targets {
                let reason = placing::add_alert(connection, (alert, &json), target, &silences)?;
                committed.withheld.extend(reason);
            }
            committed.alerts_made.push(alert.id.clone());
        } else {
            committed.alerts_known.push(alert.id.clone());
        }
    }
    Ok(committed)
}

pub(super) fn add_article(
    connection: &Connection,
    article: &Article,
    seen: Timestamp,
) -> Result<(), StoreError> {
    let extras = serde_json::json!({
        "authors": article.authors,
        "categories": article.categories,
        "source": article.source,
        "tags": article.tags,
    });
    connection
        .prepare_cached(
            "INSERT INTO article (id, feed, url, title, summary, body, published, seen, language, extras)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
        )?
        .execute((
            &article.id.0,
            article.feed.as_ref().map(FeedId::as_str),
            &article.url,
            &article.title,
            &article.summary,
            &article.body,
            article.published.map(millis),
            millis(seen),
            &article.language,
            extras.to_string(),
        ))?;
    Ok(())
}

pub(super) fn add_entries(
    connection: &Connection,
    feed: i64,
    entries: &[SeenEntry],
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO seen (feed, key, article, first_seen, last_seen, second_key, print)
         VALUES (?1, ?2, (SELECT number FROM article WHERE id = ?3), ?4, ?4, ?5, ?6)
         ON CONFLICT (feed, key) DO UPDATE SET
             article = excluded.article, first_seen = excluded.first_seen,
             last_seen = excluded.last_seen, second_key = excluded.second_key,
             print = excluded.print",
    )?;
    for SeenEntry {
        sighting,
        article_id,
    } in entries
    {
        insert.execute((
            feed,
            short_key(&sighting.key),
            &article_id.0,
            millis(at),
            sighting.second_key.as_ref().map(short_key),
            seen::signed(sighting.print),
        ))?;
    }
    Ok(())
}

/// Notes that entries are still in the feed, and that all others are not: an
/// entry may be forgotten only when a later answer did not have it. A feed that
/// says "not modified" for months must not lose its entries to the retention
/// and then bring them all as new.
fn refresh_entries(
    connection: &Connection,
    feed: i64,
    poll: &PollResult,
) -> Result<(), StoreError> {
    if poll.entries.is_empty() && poll.still_seen.is_empty() {
        return Ok(());
    }
    if !poll.delta {
        connection
            .prepare_cached("UPDATE feed SET read_at = ?2 WHERE number = ?1")?
            .execute((feed, millis(poll.at)))?;
    }
    let mut refresh = connection.prepare_cached(
        "UPDATE seen SET last_seen = ?3 WHERE feed = ?1 AND key = ?2 AND last_seen <= ?4",
    )?;
    let stale = millis(poll.at).saturating_sub(SEEN_EVERY_MS);
    for key in &poll.still_seen {
        refresh.execute((feed, short_key(key), millis(poll.at), stale))?;
    }
    Ok(())
}

/// Adds an alert unless its article was alerted before; says whether it did.
fn add_alert(
    connection: &Connection,
    alert: &Alert,
    plan: &Plan,
    json: &[u8],
) -> Result<bool, StoreError> {
    let added = connection
        .prepare_cached(
            "INSERT INTO alert (id, article, feed, at, severity, title, url, json, decision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )?
        .execute((
            &alert.id.0,
            &alert.article.id.0,
            alert.feed.id.as_str(),
            millis(alert.at),
            alert.severity.as_str(),
            &alert.article.title,
            &alert.article.url,
            json,
            placing::decision_json(plan),
        ))?;
    Ok(added > 0)
}
