//! Errands: requests that are not polls.
//!
//! A poll can lead to more to ask for: older pages of a feed that may have run
//! over, the pages that entries link to, and what robots.txt says of those. Each
//! keeps the whole politeness of its host: one request in flight, the spacing,
//! the waits that the host asked for. An errand that fails is tried again a few
//! times within a day; then it is over, and the store keeps how it ended.

use super::robots::{self, Verdict};
use super::{REDIRECTS_MAX, Rounds};
use crate::feed::FeedId;
use crate::name::word_of;
use crate::policy::agenda::ErrandId;
use crate::policy::host::{Host, HostState};
use crate::policy::poll::{
    self, Answer, BACKOFF_FIRST_MAX, FailureKind, FetchOutcome, PollLimits, PollReason, Storm,
};
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// How often an errand is tried.
pub const TRIES_MAX: u32 = 5;
/// How long an errand is of use: later, its news is none.
pub const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How many older pages of a feed are read for one gap: enough for a hundred
/// entries in pages of fifteen.
pub const OLDER_PAGES_MAX: u32 = 8;
/// The most errands that wait at one time.
pub const ERRANDS_MAX: usize = 20_000;

/// How many errands are held against the rules of their site as soon as those
/// are there: rules can be many, and the others are when their turn comes.
const LOOKS_MAX: usize = 500;

/// Something to be asked for that is no poll, as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Errand {
    /// Its number.
    pub id: ErrandId,
    /// The feed that led to it.
    pub feed: FeedId,
    /// What is asked for.
    pub url: Url,
    /// What for.
    pub kind: ErrandKind,
    /// When it was found.
    pub since: Timestamp,
    /// When it may be tried.
    pub due: Timestamp,
    /// How often it was tried.
    pub tries: u32,
}

/// What an errand is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrandKind {
    /// A page of a feed with older entries (RFC 5005), and how many may follow.
    OlderPage {
        /// How many more.
        left: u32,
    },
    /// The page of an article.
    ArticlePage,
}

/// How an errand ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrandEnd {
    /// What it was for was read.
    Read,
    /// There was nothing to be read in it.
    Empty,
    /// The site keeps robots from it.
    Robots,
    /// It leads to where it is not followed.
    Astray,
    /// It took too long to be read.
    Slow,
    /// It cannot be had, and will not be.
    Failed,
    /// It was tried often or long enough.
    Spent,
    /// Its feed is no longer configured.
    Removed,
}

impl ErrandEnd {
    /// Every end with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 8] = [
        ("read", Self::Read),
        ("empty", Self::Empty),
        ("robots", Self::Robots),
        ("astray", Self::Astray),
        ("slow", Self::Slow),
        ("failed", Self::Failed),
        ("spent", Self::Spent),
        ("removed", Self::Removed),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// Why a request is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A feed is polled, for a reason of its own.
    Poll(PollReason),
    /// A feed may have lost entries, which older pages of it still have.
    OlderPage,
    /// The page of an article is read for its full text.
    ArticlePage,
    /// Whether a page may be asked for.
    Robots,
}

impl Why {
    const ERRANDS: [(&'static str, Self); 3] = [
        ("older-page", Self::OlderPage),
        ("article-page", Self::ArticlePage),
        ("robots.txt", Self::Robots),
    ];

    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Poll(reason) => reason.as_str(),
            errand => word_of(&Self::ERRANDS, errand),
        }
    }

    /// What a word stands for.
    pub fn named(word: &str) -> Option<Self> {
        let of_poll = PollReason::WORDS.iter();
        let of_poll = of_poll.map(|(word, reason)| (*word, Self::Poll(*reason)));
        let mut all = of_poll.chain(Self::ERRANDS);
        all.find(|(known, _)| *known == word).map(|(_, why)| why)
    }
}

/// A request of an errand to be sent, after what it means was stored.
#[derive(Debug, Clone)]
pub struct ErrandAsk {
    /// The errand as it is until the answer is stored.
    pub errand: Errand,
    /// Where the request goes.
    pub url: Url,
    /// The host as it is until the answer is stored.
    pub host: HostState,
    /// What is asked for.
    pub why: Why,
    /// How many redirects led here.
    pub hop: u32,
}

/// What an answer to an errand leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum ErrandTurn {
    /// Another request, when its turn comes.
    Follow,
    /// What came can be read; [`Rounds::errand_is_over`] follows.
    Read(Box<FetchOutcome>),
    /// It is tried again, as this says.
    Wait(Errand),
    /// It is over.
    End(ErrandEnd),
}

/// An errand that is not over.
#[derive(Debug)]
pub(super) struct Pending {
    errand: Errand,
    limits: PollLimits,
    /// Where it is asked for now, and how many redirects led there.
    at: (Url, u32),
    /// Where the rules for that are asked for, if they are.
    robots: Option<(Url, u32)>,
    /// Whether a try has begun.
    trying: bool,
}

impl Errand {
    /// What is true of an errand while it is tried: if the answer is never
    /// stored, because we are killed first, it counts as a failed try.
    fn asking(&self, limits: &PollLimits, now: Timestamp) -> Self {
        let tries = self.tries.saturating_add(1);
        let first = limits.shortest().min(BACKOFF_FIRST_MAX);
        let wait = poll::doubled(first, tries, limits.max);
        Self {
            tries,
            due: poll::after(now, wait),
            ..self.clone()
        }
    }

    /// Whether it was tried often or long enough.
    pub fn is_spent(&self, now: Timestamp) -> bool {
        self.tries >= TRIES_MAX || now.duration_since(self.since) > AGE_MAX
    }
}

impl Pending {
    fn new(errand: Errand, limits: PollLimits) -> Self {
        Self {
            at: (errand.url.clone(), 0),
            errand,
            limits,
            robots: None,
            trying: false,
        }
    }

    /// Where it is asked next, and how many redirects led there.
    fn next(&self) -> &(Url, u32) {
        self.robots.as_ref().unwrap_or(&self.at)
    }

    fn why(&self) -> Why {
        match self.errand.kind {
            _ if self.robots.is_some() => Why::Robots,
            ErrandKind::OlderPage { .. } => Why::OlderPage,
            ErrandKind::ArticlePage => Why::ArticlePage,
        }
    }

    /// A failed try is over; the next one begins at the beginning.
    fn wait_until(&mut self, due: Timestamp) {
        self.errand.due = self.errand.due.max(due);
        self.at = (self.errand.url.clone(), 0);
        self.robots = None;
        self.trying = false;
    }
}

impl Rounds {
    /// Adds an errand of a feed; says how it ended if it is over already.
    pub fn add_errand(&mut self, mut errand: Errand, now: Timestamp) -> Option<ErrandEnd> {
        let Some(known) = self.feeds.get(&errand.feed) else {
            return Some(ErrandEnd::Removed);
        };
        if errand.is_spent(now) {
            return Some(ErrandEnd::Spent);
        }
        let limits = known.target.limits;
        // A clock that was set back since makes no wait longer than any.
        errand.due = errand.due.min(poll::after(now, limits.max));
        let id = errand.id;
        self.place_errand(id, Pending::new(errand, limits), now)
    }

    /// How many errands are not over.
    pub fn errands(&self) -> usize {
        self.errands.len()
    }

    /// Takes at most `limit` requests of errands that may be sent now; to be
    /// called after [`Rounds::begin`], since polls come first.
    pub fn begin_errands(&mut self, now: Timestamp, limit: usize) -> Vec<ErrandAsk> {
        let errands = self.agenda.take_errands(now, limit);
        errands
            .into_iter()
            .filter_map(|id| self.ask_errand(id, now))
            .collect()
    }

    fn ask_errand(&mut self, id: ErrandId, now: Timestamp) -> Option<ErrandAsk> {
        if let Some(end) = self.end_at_turn(id, now) {
            self.agenda.release(id, now);
            self.errand_is_over(id);
            self.ended.push((id, end));
            return None;
        }
        let pending = self.errands.get_mut(&id)?;
        if !pending.trying {
            pending.trying = true;
            pending.errand = pending.errand.asking(&pending.limits, now);
        }
        let (url, hop) = pending.next().clone();
        let (errand, why) = (pending.errand.clone(), pending.why());
        let host = self.rules.host(&url);
        let of_host = self.host(&host);
        of_host.asked_at = Some(now);
        Some(ErrandAsk {
            errand,
            url,
            host: of_host.clone(),
            why,
            hop,
        })
    }

    /// How an errand ends whose turn has come too late, or after the rules of
    /// its site came with another one.
    fn end_at_turn(&mut self, id: ErrandId, now: Timestamp) -> Option<ErrandEnd> {
        let pending = self.errands.get_mut(&id)?;
        if !pending.trying && pending.errand.is_spent(now) {
            return Some(ErrandEnd::Spent);
        }
        // Rules to which redirects led may be on another host than their pages.
        pending.robots.as_ref().filter(|(_, hops)| *hops == 0)?;
        match self.robots.verdict(&pending.at.0, now) {
            Verdict::Allowed => pending.robots = None,
            Verdict::Disallowed => return Some(ErrandEnd::Robots),
            Verdict::Unknown | Verdict::Closed(_) => {}
        }
        None
    }

    /// The host that an errand is asked at now.
    pub fn errand_host(&self, id: ErrandId) -> Option<Host> {
        let pending = self.errands.get(&id)?;
        Some(self.rules.host(&pending.next().0))
    }

    /// What is known of an errand that is not over.
    pub fn errand(&self, id: ErrandId) -> Option<&Errand> {
        self.errands.get(&id).map(|pending| &pending.errand)
    }

    /// When errands that wait can be asked for next, if nothing changes.
    pub fn errands_free_at(&self) -> impl Iterator<Item = Option<Timestamp>> {
        self.errands.keys().map(|id| self.agenda.free_at(*id))
    }

    /// Notes an answer to an errand: its host may be asked for something else,
    /// unless the answer says otherwise.
    pub fn errand_answered(
        &mut self,
        id: ErrandId,
        outcome: FetchOutcome,
        now: Timestamp,
    ) -> ErrandTurn {
        self.agenda.release(id, now);
        let Some(pending) = self.errands.remove(&id) else {
            return ErrandTurn::End(ErrandEnd::Removed);
        };
        let host = self.rules.host(&pending.next().0);
        let offline = self.seems_offline() && !outcome.reached_a_server();
        self.note_host(
            &host,
            &outcome,
            &pending.limits,
            (now, offline, Storm::Calm),
        );
        if is_refused(&outcome.answer) {
            // By ourselves: wherever it was to lead us, we do not go.
            self.agenda.remove(id);
            return ErrandTurn::End(ErrandEnd::Failed);
        }
        if pending.robots.is_some() {
            return self.heed_robots(pending, &outcome, now);
        }
        match &outcome.answer {
            Answer::Redirect { to, .. } => self.follow_errand(pending, to, now),
            Answer::Body { .. } => {
                self.errands.insert(id, pending);
                ErrandTurn::Read(Box::new(outcome))
            }
            Answer::Failed { kind, .. } if is_passing(*kind) => {
                self.try_later(pending, offline, now, now)
            }
            _ => {
                self.agenda.remove(id);
                ErrandTurn::End(ErrandEnd::Failed)
            }
        }
    }

    /// Notes that an errand was read and is stored as that.
    pub fn errand_is_over(&mut self, id: ErrandId) {
        self.errands.remove(&id);
        self.agenda.remove(id);
    }

    /// Gives a try up of which nothing could be stored: the errand is tried
    /// again as if we had been killed, and not before `rest`.
    pub fn abandon_errand(&mut self, id: ErrandId, rest: Timestamp, now: Timestamp) {
        self.agenda.release(id, now);
        if let Some(mut pending) = self.errands.remove(&id) {
            pending.wait_until(rest);
            let end = if pending.errand.is_spent(now) {
                self.agenda.remove(id);
                Some(ErrandEnd::Spent)
            } else {
                self.place_errand(id, pending, now)
            };
            self.ended.extend(end.map(|end| (id, end)));
        }
    }

    /// The errands that ended without a request of their own, each once.
    pub fn take_ended_errands(&mut self) -> Vec<(ErrandId, ErrandEnd)> {
        std::mem::take(&mut self.ended)
    }

    /// When there will next be an errand to ask for, if nothing changes.
    pub fn next_errand_wake(&self) -> Option<Timestamp> {
        self.agenda.next_errand()
    }

    pub(super) fn shift_errands(&mut self, by: SignedDuration) {
        self.robots.shift(by);
        for pending in self.errands.values_mut() {
            pending.errand.due = poll::after(pending.errand.due, by);
            pending.errand.since = poll::after(pending.errand.since, by);
        }
    }

    /// Puts an errand where it is asked for next: at its page, or first at the
    /// rules for it. Says how it ended if those forbid it.
    fn place_errand(
        &mut self,
        id: ErrandId,
        mut pending: Pending,
        now: Timestamp,
    ) -> Option<ErrandEnd> {
        // A try that has begun goes before those that have not.
        let mut due = if pending.trying {
            pending.errand.since.min(now)
        } else {
            pending.errand.due
        };
        if pending.errand.kind == ErrandKind::ArticlePage && pending.robots.is_none() {
            let page = &pending.at.0;
            match self.robots.verdict(page, now) {
                Verdict::Allowed => {}
                Verdict::Disallowed => {
                    self.agenda.remove(id);
                    return Some(ErrandEnd::Robots);
                }
                Verdict::Unknown => pending.robots = robots::robots_url(page).map(|url| (url, 0)),
                Verdict::Closed(until) => {
                    pending.robots = robots::robots_url(page).map(|url| (url, 0));
                    due = due.max(until);
                }
            }
        }
        let (host, rule) = self.place(&pending.next().0, &pending.limits);
        self.keep_distance(&host, rule.spacing);
        self.agenda.insert(id, (host, rule.spacing), due);
        self.errands.insert(id, pending);
        None
    }

    /// Sends an errand on to another address.
    fn follow_errand(&mut self, mut pending: Pending, to: &Url, now: Timestamp) -> ErrandTurn {
        let id = pending.errand.id;
        let (from, hops) = &pending.at;
        let hops = hops + 1;
        // A feed sends us through its own pages, and not to somebody else's.
        let elsewhere = matches!(pending.errand.kind, ErrandKind::OlderPage { .. })
            && self.rules.host(to) != self.rules.host(from);
        if hops > REDIRECTS_MAX || elsewhere {
            self.agenda.remove(id);
            return ErrandTurn::End(ErrandEnd::Astray);
        }
        pending.at = (to.clone(), hops);
        match self.place_errand(id, pending, now) {
            Some(end) => ErrandTurn::End(end),
            None => ErrandTurn::Follow,
        }
    }

    /// Notes what the rules of a site say, for all errands that wait for them.
    fn heed_robots(
        &mut self,
        mut pending: Pending,
        outcome: &FetchOutcome,
        now: Timestamp,
    ) -> ErrandTurn {
        let id = pending.errand.id;
        if let (Answer::Redirect { to, .. }, Some((_, hops))) = (&outcome.answer, &pending.robots)
            && *hops < REDIRECTS_MAX
        {
            // To follow at least five is asked of us, to other hosts as well
            // (RFC 9309, section 2.3.1.2).
            pending.robots = Some(((**to).clone(), hops + 1));
            return match self.place_errand(id, pending, now) {
                Some(end) => ErrandTurn::End(end),
                None => ErrandTurn::Follow,
            };
        }
        let origin = robots::origin(&pending.at.0);
        self.robots.note(origin.clone(), outcome, now);
        self.look_again(&origin, now);
        pending.robots = None;
        if let Verdict::Closed(until) = self.robots.verdict(&pending.at.0, now) {
            let offline = self.seems_offline();
            return self.try_later(pending, offline, until, now);
        }
        match self.place_errand(id, pending, now) {
            Some(end) => ErrandTurn::End(end),
            None => ErrandTurn::Follow,
        }
    }

    /// Places anew what waited for the rules of a site.
    fn look_again(&mut self, origin: &str, now: Timestamp) {
        let waits =
            |pending: &Pending| pending.robots.is_some() && robots::origin(&pending.at.0) == origin;
        let waiting: Vec<ErrandId> = self
            .errands
            .iter()
            .filter(|(id, pending)| waits(pending) && self.agenda.free_at(**id).is_some())
            .take(LOOKS_MAX)
            .map(|(id, _)| *id)
            .collect();
        for id in waiting {
            if let Some(mut pending) = self.errands.remove(&id) {
                pending.robots = None;
                let end = self.place_errand(id, pending, now);
                self.ended.extend(end.map(|end| (id, end)));
            }
        }
    }

    /// A try failed: another one follows, or it is spent. A failure of our own
    /// network is no try.
    fn try_later(
        &mut self,
        mut pending: Pending,
        offline: bool,
        not_before: Timestamp,
        now: Timestamp,
    ) -> ErrandTurn {
        let id = pending.errand.id;
        if offline {
            pending.errand.tries = pending.errand.tries.saturating_sub(1);
        }
        pending.wait_until(not_before);
        if pending.errand.is_spent(now) {
            self.agenda.remove(id);
            return ErrandTurn::End(ErrandEnd::Spent);
        }
        let errand = pending.errand.clone();
        match self.place_errand(id, pending, now) {
            Some(end) => ErrandTurn::End(end),
            None => ErrandTurn::Wait(errand),
        }
    }
}

fn is_refused(answer: &Answer) -> bool {
    let refused = FailureKind::Refused;
    matches!(answer, Answer::Failed { kind, .. } if *kind == refused)
}

/// Whether a failure may be over at the next try.
fn is_passing(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Status(status) => status >= 500 || matches!(status, 408 | 425 | 429),
        FailureKind::Dns | FailureKind::Connect | FailureKind::Timeout | FailureKind::Broken => {
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
