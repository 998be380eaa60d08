//! From what a fetch brought to one transaction.
//!
//! The fetch has happened; from here on nothing may be lost. New entries become
//! articles, articles that match become alerts with their deliveries, and all
//! of it commits together with the feed's validators and its next poll.

use super::extract::Extractor;
use crate::alert::{self, Alert, FeedRef};
use crate::article::{self, Article, Origin};
use crate::config::FeedConfig;
use crate::feed::{self, Entry, EntryKey, Feed, FeedId, ParseError, Print};
use crate::matcher::Adaptive;
use crate::policy::host::{Host, HostRule};
use crate::policy::poll::{
    self, Answer, Bounds, Contents, FailureKind, FeedState, FeedWishes, FetchOutcome, FirstRun,
    Found, Hints, Notice, Polled, Validators,
};
use crate::policy::push::{Offer, Unguessable};
use crate::policy::rounds::{Errand, ErrandKind, OLDER_PAGES_MAX};
use crate::policy::route::{self, Route};
use crate::policy::{Clock, SinkName};
use crate::store::{
    ChangedEntry, Ended, KnownArticle, NewAlert, NewErrand, PollResult, Recognised, SeenEntry,
    Sighting, Store, StoreError,
};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, Semaphore};
use tracing::{info, warn};
use url::Url;

/// The most ingests that parse or match at one time, however many cores there are.
const INGESTS_MAX: usize = 4;

/// The longest address of a page that is asked for.
const URL_BYTES_MAX: usize = 4096;

/// What is watched and who is told, for the life of a configuration.
#[derive(Debug)]
pub struct Watch {
    /// The compiled watchlist.
    pub matcher: Adaptive,
    /// The routes.
    pub routes: Vec<Route>,
    /// The sinks, for when there are no routes.
    pub sinks: Vec<SinkName>,
}

/// What a poll came to.
#[derive(Debug)]
pub struct Ingested {
    /// What is known of the feed now.
    pub state: FeedState,
    /// How many entries were new.
    pub entries: usize,
    /// How many articles were revised.
    pub revised: usize,
    /// How many alerts were stored.
    pub alerts: usize,
    /// Whether there may be something to deliver now.
    pub to_deliver: bool,
    /// What the operator should hear of.
    pub notices: Vec<Notice>,
    /// What had to be repaired in the feed.
    pub problems: Vec<String>,
    /// What it led to that is to be asked for.
    pub errands: Vec<Errand>,
}

/// What a document that a hub brought came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// What was new of it is stored.
    Stored {
        /// How many entries were new.
        entries: usize,
        /// How many alerts were stored.
        alerts: usize,
    },
    /// It is no feed, in words.
    NotAFeed(String),
    /// The feed that it is of is not there any more.
    NoFeed,
}

/// What every ingest needs; clones share it.
#[derive(Debug, Clone)]
pub struct Intake {
    pub(super) store: Store,
    pub(super) watch: Arc<Watch>,
    pub(super) clock: Clock,
    /// Room for parsing and matching: each takes a core, and a hostile body of
    /// the largest size some twenty times its size of memory.
    room: Arc<Semaphore>,
    /// When hubs last brought news of a feed, until its next poll: what is
    /// usual for a feed is measured by its polls, and they find nothing new.
    heard: Arc<Mutex<HashMap<FeedId, Timestamp>>>,
    /// Rung when a feed is announced elsewhere than before.
    offered: Arc<Notify>,
    pub(super) extractor: Extractor,
    /// What news of hubs led to, until the scheduler takes it up.
    pub(super) led_to: Arc<LedTo>,
}

/// Errands on their way from where hubs are heard to the scheduler. They are in
/// the store, which bounds them.
#[derive(Debug, Default)]
pub(super) struct LedTo {
    errands: Mutex<Vec<Errand>>,
    rung: Notify,
}

impl LedTo {
    fn add(&self, errands: Vec<Errand>) {
        if !errands.is_empty() {
            let mut waiting = self.errands.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.extend(errands);
            self.rung.notify_one();
        }
    }

    /// Waits until there are some, and gives them.
    pub(super) async fn take(&self) -> Vec<Errand> {
        self.rung.notified().await;
        let mut waiting = self.errands.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *waiting)
    }
}

impl Intake {
    /// An intake into a store.
    pub fn new(store: Store, watch: Arc<Watch>, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            store,
            watch,
            clock,
            room: Arc::new(Semaphore::new(cores.min(INGESTS_MAX))),
            heard: Arc::default(),
            offered: Arc::default(),
            extractor: Extractor::new(),
            led_to: Arc::default(),
        }
    }

    /// What rings when a feed is announced elsewhere than before.
    pub fn offered(&self) -> &Notify {
        &self.offered
    }

    /// Stores what a poll brought, all of it or nothing.
    ///
    /// # Errors
    /// When the store took nothing of it.
    pub async fn ingest(
        self,
        config: Arc<FeedConfig>,
        rule: HostRule,
        state: FeedState,
        polled: Polled,
        ended: Ended,
    ) -> Result<Ingested, StoreError> {
        let seen_at = (self.clock.now)();
        let mut state = state;
        if let Some(at) = self.heard().remove(&state.feed) {
            state.memory.habit.news(at);
        }
        let mut poll = Poll {
            config,
            rule,
            state,
            polled,
            ended,
            at: seen_at,
            jitter: (self.clock.jitter)(),
        };
        if poll::is_unchanged(&poll.state, &poll.polled.outcome) {
            return self.commit(poll.settle(None), Vec::new()).await;
        }
        let (outcome, feed) = self.read(poll.polled.outcome).await;
        poll.polled.outcome = outcome;
        let Some(mut feed) = feed else {
            return self.commit(poll.settle(None), Vec::new()).await;
        };
        let problems = std::mem::take(&mut feed.problems);
        let sightings = feed.entries.iter().map(Sighting::of).collect();
        let recognised = self.store.recognise(&poll.state.feed, sightings);
        let Recognised { new, changed } = recognised.await?;
        let (mut result, notices) = poll.settle(Some(&found(&feed, &new, &poll)));
        result.state.title = feed.title.clone();
        result.offer = offer(&poll.polled.outcome.answer, &feed);
        let is_gap = |notice: &Notice| matches!(notice, Notice::PossibleGap { .. });
        if notices.iter().any(is_gap) {
            let answer = &poll.polled.outcome.answer;
            let older = next_older(&feed, answer, OLDER_PAGES_MAX - 1);
            result.errands.extend(older);
        }
        let sorting = self.sorting(&poll.config, &poll.state, seen_at);
        if let Some(sorted) = self.work(move || sorting.sort(&feed, &new, changed)).await {
            sorted.put_into(&mut result);
            return self.commit((result, notices), problems).await;
        }
        // Entries that could not be matched must not count as seen: the poll is
        // a failure, so that the feed is read again.
        let detail = "its entries could not be matched, by a bug of wirewatch";
        poll.polled.outcome = not_a_feed(detail, poll.polled.outcome.hints);
        self.commit(poll.settle(None), Vec::new()).await
    }

    /// Stores the entries of a document that a hub brought, all of them or
    /// nothing, as a poll would have; the feed is polled as if it had not come.
    ///
    /// # Errors
    /// When the store took nothing of it.
    pub async fn ingest_pushed(
        &self,
        config: &Arc<FeedConfig>,
        token: &Unguessable,
        bytes: Vec<u8>,
        content_type: Option<String>,
    ) -> Result<Pushed, StoreError> {
        let seen_at = (self.clock.now)();
        let Some(state) = self.store.feed(&config.id).await? else {
            return Ok(Pushed::NoFeed);
        };
        let answered_by = state.memory.answered_by.as_ref();
        let answer = Answer::Body {
            bytes,
            content_type,
            validators: Validators::default(),
            // Addresses in it are relative to where a poll finds it.
            url: answered_by.unwrap_or(&state.url).clone(),
            links: Box::default(),
            delta: true,
        };
        let hints = Hints::default();
        let (outcome, feed) = self.read(FetchOutcome { answer, hints }).await;
        let Some(feed) = feed else {
            return Ok(Pushed::NotAFeed(failure(outcome.answer)));
        };
        let sightings = feed.entries.iter().map(Sighting::of).collect();
        let recognised = self.store.recognise(&state.feed, sightings);
        let Recognised { new, changed } = recognised.await?;
        let sorting = self.sorting(config, &state, seen_at);
        let Some(sorted) = self.work(move || sorting.sort(&feed, &new, changed)).await else {
            let bug = "its entries could not be matched, by a bug of wirewatch";
            return Ok(Pushed::NotAFeed(bug.to_owned()));
        };
        let mut result = PollResult::empty(seen_at, state);
        result.delta = true;
        sorted.put_into(&mut result);
        let entries = result.entries.len();
        let Some(committed) = self.store.commit_push(token, result).await? else {
            return Ok(Pushed::NoFeed);
        };
        if entries > 0 {
            self.heard().insert(config.id.clone(), seen_at);
        }
        self.led_to.add(committed.errands);
        Ok(Pushed::Stored {
            entries,
            alerts: committed.alerts_made.len(),
        })
    }

    fn heard(&self) -> std::sync::MutexGuard<'_, HashMap<FeedId, Timestamp>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sorting(&self, config: &Arc<FeedConfig>, state: &FeedState, seen_at: Timestamp) -> Sorting {
        let first = state.succeeded_at.is_none();
        Sorting {
            watch: Arc::clone(&self.watch),
            config: Arc::clone(config),
            first_run: first.then_some(config.poll.first_run),
            seen_at,
            clock: self.clock,
        }
    }

    /// Parses a body; one that is no feed makes the poll a failure, which keeps
    /// the old validators and so asks for the whole again.
    async fn read(&self, outcome: FetchOutcome) -> (FetchOutcome, Option<Feed>) {
        if !matches!(outcome.answer, Answer::Body { .. }) {
            return (outcome, None);
        }
        let hints = outcome.hints;
        let parsing = move || {
            let parsed = parse(&outcome.answer);
            (outcome, parsed)
        };
        match self.work(parsing).await {
            Some((outcome, Ok(feed))) => (outcome, feed),
            Some((_, Err(error))) => (not_a_feed(&error.to_string(), hints), None),
            None => {
                let detail = "it could not be read, by a bug of wirewatch";
                (not_a_feed(detail, hints), None)
            }
        }
    }

    /// Does work that takes a core, away from the async threads and when there
    /// is room; none if it ended in a bug.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        // Never closed, so there is always a permit to wait for.
        let _permit = self.room.acquire().await;
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => Some(done),
            Err(error) => {
                warn!("parsing or matching ended in a bug of wirewatch: {error}");
                None
            }
        }
    }

    async fn commit(
        &self,
        (mut result, notices): (PollResult, Vec<Notice>),
        problems: Vec<String>,
    ) -> Result<Ingested, StoreError> {
        let state = result.state.clone();
        let host = result.ended.as_ref().map(|ended| &ended.host.host);
        result.notices = notices
            .iter()
            .map(|notice| notice.told(&state.feed, host, result.at))
            .collect();
        let (entries, revised) = (result.entries.len(), result.revised.len());
        let committed = self.store.commit_poll(result).await?;
        if committed.offer_changed {
            self.offered.notify_one();
        }
        Ok(Ingested {
            state,
            entries,
            revised,
            alerts: committed.alerts_made.len(),
            to_deliver: committed.has_deliveries(),
            notices,
            problems,
            errands: committed.errands,
        })
    }
}

/// A poll whose answer is in.
struct Poll {
    config: Arc<FeedConfig>,
    rule: HostRule,
    state: FeedState,
    polled: Polled,
    ended: Ended,
    at: Timestamp,
    jitter: f64,
}

impl Poll {
    /// What is stored of it, as far as it has no new entries.
    fn settle(&self, found: Option<&Found>) -> (PollResult, Vec<Notice>) {
        let bounds = Bounds {
            limits: &self.config.poll,
            rule: &self.rule,
        };
        let moment = (self.at, self.jitter);
        let settled = poll::settle(&self.state, &self.polled, found, bounds, moment);
        let result = PollResult {
            ended: Some(self.ended.clone()),
            delta: found.is_some_and(|found| found.contents.delta),
            ..PollResult::empty(self.at, settled.state)
        };
        (result, settled.notices)
    }
}

/// Where a feed says that it is announced; none where that is not known, since
/// its document breaks off.
fn offer(answer: &Answer, feed: &Feed) -> Option<Offer> {
    let Answer::Body { links, url, .. } = answer else {
        return None;
    };
    (!feed.breaks_off).then(|| Offer::of(links, &feed.polling, url))
}

/// Why there is no feed, in words.
fn failure(answer: Answer) -> String {
    match answer {
        Answer::Failed { detail, .. } => detail,
        _ => String::new(),
    }
}

fn found(feed: &Feed, new: &HashSet<EntryKey>, poll: &Poll) -> Found {
    let delta = matches!(poll.polled.outcome.answer, Answer::Body { delta: true, .. });
    let first_watched = poll.state.memory.rhythm.watched_until.is_none();
    Found {
        contents: Contents {
            entries: feed.entries.len(),
            new: new.len(),
            delta,
        },
        news: feed
            .entries
            .iter()
            .filter(|entry| first_watched || new.contains(&entry.key))
            .map(|entry| entry.published.or(entry.updated))
            .collect(),
        breaks_off: feed.breaks_off,
        wishes: FeedWishes {
            ttl_minutes: feed.polling.ttl_minutes,
            skip_hours: feed.polling.skip_hours.clone(),
            skip_days: feed
                .polling
                .skip_days
                .iter()
                .map(|day| day.to_monday_zero_offset().unsigned_abs())
                .collect(),
        },
    }
}

/// The links with titles that several entries have which say different things,
/// such as a notice that leads to the front page each time.
fn twins(feed: &Feed) -> HashSet<&EntryKey> {
    let mut prints: HashMap<&EntryKey, Print> = HashMap::new();
    let twins = feed.entries.iter().filter_map(|entry| {
        let key = &entry.second_key;
        let first = *prints.entry(key).or_insert(entry.print);
        (first != entry.print).then_some(key)
    });
    twins.collect()
}

/// An alert with where it goes.
pub(super) fn planned(alert: Alert, watch: &Watch) -> NewAlert {
    let plan = route::plan(&alert, &watch.routes, &watch.sinks);
    if let Some(reason) = plan.nowhere {
        info!(
            feed.id = %alert.feed.id, alert.id = alert.id.0, reason = reason.as_str(),
            "an alert is stored and sent nowhere"
        );
    }
    NewAlert { alert, plan }
}

/// An address that can be asked for on the word of an entry: a login in it is
/// nobody's to give.
fn page_url(link: &str) -> Option<Url> {
    let mut url = Url::parse(link).ok()?;
    if !matches!(url.scheme(), "http" | "https") || link.len() > URL_BYTES_MAX {
        return None;
    }
    url.set_username("")
        .and_then(|()| url.set_password(None))
        .ok()?;
    url.set_fragment(None);
    Some(url)
}

/// The page of a feed with older entries (RFC 5005) that its page names, with
/// how many may follow. A feed leads through its own host only.
pub(super) fn next_older(feed: &Feed, answer: &Answer, left: u32) -> Option<NewErrand> {
    let Answer::Body { url, .. } = answer else {
        return None;
    };
    let here = Url::parse(url).ok()?;
    let wishes = &feed.polling;
    let named = wishes.next_page.iter().chain(&wishes.previous_archive);
    let mut pages = named.filter_map(|named| here.join(named).ok());
    let url = pages.find(|url| *url != here && Host::of(url) == Host::of(&here))?;
    Some(NewErrand {
        url,
        kind: ErrandKind::OlderPage { left },
        article: None,
    })
}

/// The feed in a body; none where there is no body.
pub(super) fn parse(answer: &Answer) -> Result<Option<Feed>, ParseError> {
    let Answer::Body {
        bytes,
        content_type,
        url,
        ..
    } = answer
    else {
        return Ok(None);
    };
    let base = Url::parse(url).ok();
    feed::parse(bytes, base.as_ref(), content_type.as_deref()).map(Some)
}

/// What its server said of when to come back holds all the same.
fn not_a_feed(detail: &str, hints: Hints) -> FetchOutcome {
    FetchOutcome {
        answer: Answer::Failed {
            kind: FailureKind::NotAFeed,
            detail: detail.to_owned(),
        },
        hints,
    }
}

/// Entries to articles and alerts: plain code, away from the async threads.
pub(super) struct Sorting {
    pub(super) watch: Arc<Watch>,
    pub(super) config: Arc<FeedConfig>,
    pub(super) first_run: Option<FirstRun>,
    pub(super) seen_at: Timestamp,
    pub(super) clock: Clock,
}

#[derive(Default)]
pub(super) struct Sorted {
    pub(super) entries: Vec<SeenEntry>,
    still_seen: Vec<EntryKey>,
    changed: Vec<ChangedEntry>,
    revised: Vec<Article>,
    pub(super) articles: Vec<Article>,
    pub(super) alerts: Vec<NewAlert>,
    pub(super) errands: Vec<NewErrand>,
}

impl Sorted {
    fn put_into(self, result: &mut PollResult) {
        result.entries = self.entries;
        result.still_seen = self.still_seen;
        result.changed = self.changed;
        result.revised = self.revised;
        result.articles = self.articles;
        result.alerts = self.alerts;
        result.errands.extend(self.errands);
    }
}

impl Sorting {
    pub(super) fn sort(
        &self,
        feed: &Feed,
        new: &HashSet<EntryKey>,
        changed: Vec<ChangedEntry>,
    ) -> Sorted {
        let source = FeedRef {
            id: self.config.id.clone(),
            title: feed.title.clone().unwrap_or_default(),
            url: self.config.url.to_string(),
            publisher: self.publisher(feed),
            tags: self.config.tags.clone(),
        };
        let language = self
            .config
            .language
            .clone()
            .or_else(|| feed.language.clone());
        let origin = Origin {
            feed: &source.id,
            source: &source.publisher,
            tags: &source.tags,
            language: language.as_deref(),
        };
        let mut sorted = Sorted::default();
        let twins = twins(feed);
        let edited: HashMap<&EntryKey, &KnownArticle> = changed
            .iter()
            .filter_map(|change| Some((&change.now.key, change.before.as_ref()?)))
            .collect();
        for entry in &feed.entries {
            if !new.contains(&entry.key) {
                sorted.still_seen.push(entry.key.clone());
                let before = edited.get(&entry.key);
                let edit = before.and_then(|it| self.edited(entry, it, (&source, &origin)));
                if let Some(edit) = edit {
                    sorted.revised.push(edit.article);
                    sorted.alerts.extend(edit.alert);
                    sorted.errands.extend(edit.page);
                }
                continue;
            }
            let mut article = article::build(entry, &origin);
            if twins.contains(&entry.second_key) {
                article.id = article::own_id(entry, &source.id);
            }
            sorted.entries.push(SeenEntry {
                sighting: Sighting::of(entry),
                article_id: article.id.clone(),
            });
            if self.is_news(entry) {
                match self.alert(&article, &source) {
                    Some(alert) => sorted.alerts.push(planned(alert, &self.watch)),
                    None => sorted.errands.extend(self.page(&article)),
                }
            }
            sorted.articles.push(article);
        }
        sorted.changed = changed;
        sorted
    }

    pub(super) fn is_news(&self, entry: &Entry) -> bool {
        let published = entry.published.or(entry.updated);
        self.first_run
            .is_none_or(|rule| poll::is_fresh_news(rule, published, self.seen_at))
    }

    pub(super) fn alert(&self, article: &Article, source: &FeedRef) -> Option<Alert> {
        let matches = self.watch.matcher.matches(article);
        let now = (self.clock.now)();
        alert::build(article.clone(), source.clone(), matches, self.seen_at, now)
    }

    /// The page of an article that made no alert, if it is to be read.
    pub(super) fn page(&self, article: &Article) -> Option<NewErrand> {
        let url = page_url(article.url.as_deref()?)?;
        let nearly = || self.watch.matcher.nearly(article);
        self.config.full_text.wants(nearly).then(|| NewErrand {
            url,
            kind: ErrandKind::ArticlePage,
            article: Some(article.id.clone()),
        })
    }

    /// The operator's word first, then the feed's, then its host.
    fn publisher(&self, feed: &Feed) -> String {
        let title = feed.title.clone().filter(|title| !title.is_empty());
        let host = || Host::of(&self.config.url).to_string();
        self.config.publisher.clone().or(title).unwrap_or_else(host)
    }
}
