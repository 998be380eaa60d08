//! When a feed is polled next, and why then.
//!
//! [`settle`] takes what is known of a feed and how a poll of it ended and
//! gives what is known now. The publisher's wishes come first: `Retry-After`
//! (RFC 9110, section 10.2.3) and freshness (RFC 9111, section 4.2) are floors
//! that no setting lowers. Errors slow a feed down to a cap and never end it.

mod answer;
mod habit;
mod moved;
mod pace;
mod rhythm;
mod state;
#[cfg(test)]
mod tests;
mod wait;

pub use answer::{Answer, FailureKind, FetchOutcome, Hints, Validators};
pub use habit::{Contents, Habit};
pub use moved::Redirect;
pub(crate) use pace::Measured;
pub use pace::Pace;
pub use rhythm::{Hours, Rhythm};
pub use state::{Every, FeedState, FeedWishes, FirstRun, Memory, PollLimits, PollReason};
pub(crate) use wait::doubled;
pub use wait::{BACKOFF_FIRST_MAX, not_skipped};

use super::host::{Host, HostRule};
use crate::alert::notice::{self, NoticeKind, Subject};
use crate::feed::FeedId;
use crate::text::count;
use habit::Last;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// After this time of nothing but "not modified" the whole is asked for once:
/// some servers say so to any validator that they ever gave.
const STUCK_AFTER: SignedDuration = SignedDuration::from_hours(8 * 24);
/// A feed that says that it is gone for so long is believed.
const GONE_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// A feed that fails for so long will not come back by itself.
const FAILS_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// What a poll came to: its last answer, and how it was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Polled {
    /// The answer that no redirect followed.
    pub outcome: FetchOutcome,
    /// Where redirects led, if there were any and all of them were permanent.
    pub moved_to: Option<String>,
    /// Whether no host at all can be reached at the moment.
    pub offline: bool,
    /// Whether so many feeds of its host fail that none of them is to blame.
    pub storm: Storm,
    /// Until when its host is left alone now, and why.
    pub hold: Option<(Timestamp, PollReason)>,
    /// At which pace feeds are polled that go by their own rhythm.
    pub pace: Pace,
}

/// Whether a host fails for all of its feeds at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storm {
    /// It does not.
    Calm,
    /// Since this poll.
    Begins,
    /// Since an earlier one.
    Lasts,
}

impl Polled {
    /// Whether a failure is not the feed's.
    fn is_absolved(&self) -> bool {
        self.offline || self.storm != Storm::Calm
    }
}

/// What holds for a feed by its configuration and its host.
#[derive(Debug, Clone, Copy)]
pub struct Bounds<'a> {
    /// What the operator set.
    pub limits: &'a PollLimits,
    /// What its host is known for.
    pub rule: &'a HostRule,
}

/// What a body that is a feed turned out to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its entries, counted.
    pub contents: Contents,
    /// When those that are new were published, as far as they say so; all of
    /// them, while nothing is known of its rhythm.
    pub news: Vec<Option<Timestamp>>,
    /// When it does not want to be asked.
    pub wishes: FeedWishes,
    /// Whether the document breaks off, so that some of it was not seen.
    pub breaks_off: bool,
}

/// What a poll leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// What is known of the feed now.
    pub state: FeedState,
    /// What the operator should hear of.
    pub notices: Vec<Notice>,
}

/// Something about a feed that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// It has failed for more than a day.
    Fails {
        /// Since when.
        since: Timestamp,
        /// How it failed last.
        detail: String,
    },
    /// It failed for long enough to be told, and can be read again.
    Recovered {
        /// Since when it failed.
        since: Timestamp,
    },
    /// It says for more than a day that it is gone (410).
    Gone,
    /// It moved for good, and is asked for there.
    Moved {
        /// Where.
        to: String,
    },
    /// It has had nothing new for longer than it ever did.
    Silent {
        /// Since when.
        since: Timestamp,
    },
    /// It has less than half of the entries that it always had.
    Shrank {
        /// How many it has.
        entries: u64,
        /// How many it had at least.
        usual: u64,
    },
    /// Its host fails for other feeds too, at the same time.
    HostFails,
    /// None of its entries was there at the last poll: some may have come and
    /// gone in between.
    PossibleGap {
        /// How many it has.
        entries: usize,
        /// Whether it is polled more often because of it: not if it could not
        /// be polled for long.
        hurries: bool,
    },
}

impl Notice {
    /// The name by which it can be looked for in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fails { .. } => "feed.fails",
            Self::Recovered { .. } => "feed.recovered",
            Self::Gone => "feed.gone",
            Self::Moved { .. } => "feed.moved",
            Self::Silent { .. } => "feed.silent",
            Self::Shrank { .. } => "feed.shrank",
            Self::HostFails => "host.fails",
            Self::PossibleGap { .. } => "feed.possible_gap",
        }
    }

    /// What it says to the operator.
    pub fn text(&self) -> String {
        match self {
            Self::Fails { since, detail } => format!(
                "the feed has failed since {since:.0}, most recently because {detail}; see whether \
                 its address is right and whether its publisher lets you in"
            ),
            Self::Recovered { since } => {
                format!("the feed can be read again; it had failed since {since:.0}")
            }
            Self::Gone => "the feed has been gone for a day (410) and is asked for once a week; \
                           remove it, or find its new address"
                .to_owned(),
            Self::Moved { to } => format!(
                "the feed moved for good and is asked for at {to}; write that address into the \
                 configuration"
            ),
            Self::Silent { since } => format!(
                "the feed has had nothing new since {since:.0}, which is longer than ever; see \
                 whether it still is the right one"
            ),
            Self::Shrank { entries, usual } => format!(
                "the feed has {}, and never had less than {usual}; see whether it still is the \
                 right one",
                count(entries, "entry")
            ),
            Self::HostFails => "its host fails for so many feeds at the same time that none of \
                                them is blamed; the host as a whole is asked less often"
                .to_owned(),
            Self::PossibleGap { entries, hurries } => {
                let then = if *hurries {
                    "; it is polled twice as often for a week"
                } else {
                    ""
                };
                format!(
                    "of its {} none was there at the last poll, so some may have been missed{then}",
                    count(entries, "entry")
                )
            }
        }
    }

    /// The notice to the operator that says it of a feed and its host.
    pub fn told(&self, feed: &FeedId, host: Option<&Host>, at: Timestamp) -> notice::Notice {
        let kind = match self {
            Self::Fails { .. } => NoticeKind::FeedFails,
            Self::Recovered { .. } => NoticeKind::FeedRecovered,
            Self::Gone => NoticeKind::FeedGone,
            Self::Moved { .. } => NoticeKind::FeedMoved,
            Self::Silent { .. } => NoticeKind::FeedSilent,
            Self::Shrank { .. } => NoticeKind::FeedShrank,
            Self::HostFails => NoticeKind::HostFails,
            Self::PossibleGap { .. } => NoticeKind::PossibleGap,
        };
        let subject = match (self, host) {
            (Self::HostFails, Some(host)) => Subject::Host(host.to_string()),
            _ => Subject::Feed(feed.as_str().to_owned()),
        };
        notice::Notice {
            kind,
            subject,
            at,
            text: self.text(),
        }
    }
}

/// Decides when a feed is polled next, from how a poll of it ended.
///
/// `found` is what its body held, if it brought one that was not read before.
/// `jitter` is from 0 to 1 and only ever makes the wait longer, by up to a
/// tenth, so that feeds do not come to march in step.
pub fn settle(
    state: &FeedState,
    polled: &Polled,
    found: Option<&Found>,
    bounds: Bounds<'_>,
    (now, jitter): (Timestamp, f64),
) -> Settled {
    let mut next = state.clone();
    let mut notices = Vec::new();
    next.polled_at = Some(now);
    next.polls += 1;
    if state.is_stuck(now) && polled.outcome.reached_a_server() {
        // The whole was asked for, whatever came of it.
        next.memory.asked_anew = true;
    }
    take(&mut next, state, (polled, found), now, &mut notices);
    notices.extend(count_failures(&mut next, polled, now));
    if polled.storm == Storm::Begins {
        notices.push(Notice::HostFails);
    }
    look(&mut next, state, polled, (found, bounds), now, &mut notices);
    let wait = wait::wait(&next, polled, bounds, now, jitter);
    next.memory.wished_until = Some(after(now, wait.wished));
    let due = after(now, wait.longest);
    let open = not_skipped(&next.memory.wishes, due);
    next.next_poll_at = open;
    next.reason = if open > due {
        PollReason::Skip
    } else {
        wait.reason
    };
    if let Some((until, reason)) = polled.hold.filter(|(until, _)| *until > open) {
        next.next_poll_at = until;
        next.reason = reason;
    }
    Settled {
        state: next,
        notices,
    }
}

/// Notes what the answer was.
fn take(
    next: &mut FeedState,
    before: &FeedState,
    (polled, found): (&Polled, Option<&Found>),
    now: Timestamp,
    notices: &mut Vec<Notice>,
) {
    match &polled.outcome.answer {
        Answer::Body {
            bytes,
            validators,
            url,
            ..
        } if !found.is_some_and(|found| found.breaks_off) => {
            // Both are replaced, also by nothing: a validator of an older body
            // could make the server say "not modified" to something that we
            // never saw.
            next.validators = validators.clone();
            let hash = hash(bytes);
            let memory = &mut next.memory;
            // A server that was right to say "not modified" is not asked again
            // before it has something new.
            memory.asked_anew = next.body_hash == Some(hash) && memory.body_at.is_some();
            memory.answered_by = Some(url.clone());
            memory.body_bytes = Some(bytes.len() as u64);
            memory.body_at = Some(now);
            next.body_hash = Some(hash);
            succeed(next, now);
        }
        Answer::Body { bytes, .. } => {
            // What was not seen is asked for again: with what made the last whole
            // document conditional, never with what came with half of one.
            next.memory.body_bytes = Some(bytes.len() as u64);
            next.memory.body_at = Some(now);
            succeed(next, now);
        }
        Answer::NotModified(newer) => {
            next.validators.merge(newer);
            next.memory.body_at.get_or_insert(now);
            next.not_modified += 1;
            succeed(next, now);
        }
        Answer::Gone => {
            let since = *next.memory.gone_since.get_or_insert(now);
            let was_sure = before.is_gone();
            if now.duration_since(since) >= GONE_AFTER && !was_sure {
                notices.push(Notice::Gone);
                next.memory.failure_told = true;
            }
            fail(
                next,
                "the server says that it is gone for good (410)",
                polled,
            );
        }
        Answer::Redirect { .. } => fail(next, "it redirects without end", polled),
        Answer::Failed { detail, .. } => fail(next, detail, polled),
    }
}

/// Notes since when it fails, and says so once, and once that it does no more.
/// One that says that it is gone is told of by that alone.
fn count_failures(next: &mut FeedState, polled: &Polled, now: Timestamp) -> Option<Notice> {
    let memory = &mut next.memory;
    let Some(detail) = &next.last_error else {
        let since = memory.failing_since.take();
        let told = std::mem::take(&mut memory.failure_told);
        return since
            .filter(|_| told)
            .map(|since| Notice::Recovered { since });
    };
    if polled.is_absolved() {
        return None;
    }
    let since = *memory.failing_since.get_or_insert(now);
    let is_gone = matches!(polled.outcome.answer, Answer::Gone);
    if memory.failure_told || is_gone || now.duration_since(since) < FAILS_AFTER {
        return None;
    }
    memory.failure_told = true;
    Some(Notice::Fails {
        since,
        detail: detail.clone(),
    })
}

/// Notes what the poll says about the feed itself.
fn look(
    next: &mut FeedState,
    before: &FeedState,
    polled: &Polled,
    (found, bounds): (Option<&Found>, Bounds<'_>),
    now: Timestamp,
    notices: &mut Vec<Notice>,
) {
    if next.last_error.is_some() {
        if polled.outcome.reached_a_server()
            && matches!(polled.outcome.answer, Answer::Gone | Answer::Failed { .. })
        {
            // What moved and is not there after all is asked for at home again.
            next.memory.moved_to = None;
        }
        return;
    }
    let first = before.succeeded_at.is_none();
    if let Some(found) = found {
        next.memory.wishes = found.wishes.clone();
        let usual = wait::planned(before, bounds.limits);
        let in_time = usual.saturating_add(usual);
        let last = match before.succeeded_at.map(|at| now.duration_since(at)) {
            None => Last::Never,
            Some(waited) if waited <= in_time => Last::InTime,
            Some(_) => Last::LongAgo,
        };
        notices.extend(next.memory.habit.read(found.contents, last, now));
    }
    let news = found.map_or(&[][..], |found| &found.news);
    if found.is_some() || next.memory.rhythm.watched_until.is_some() {
        next.memory.rhythm.watch(news, now);
    }
    notices.extend(next.memory.habit.listen(now));
    let known_entries = found.is_none_or(|found| found.contents.new < found.contents.entries);
    let to = polled.moved_to.as_deref();
    notices.extend(moved::note(
        &mut next.memory,
        to,
        known_entries && !first,
        now,
    ));
}

/// What is true of a feed while it is being asked: if the answer is never
/// stored, because we are killed first, it counts as a failure, and a daemon
/// that is started over and over does not ask over and over.
pub fn asking(state: &FeedState, limits: &PollLimits, now: Timestamp) -> FeedState {
    let mut next = state.clone();
    next.polled_at = Some(now);
    next.failures = next.failures.saturating_add(1);
    let first = limits.shortest().min(BACKOFF_FIRST_MAX);
    next.next_poll_at = after(now, doubled(first, next.failures, limits.max));
    next.reason = PollReason::Asking;
    next
}

/// The earliest time at which a feed may be polled because its operator asks for
/// it, and what it waits for until then.
///
/// The interval and the wait after failures are the operator's; what the
/// publisher asked for is not, nor is the least wait between two polls.
pub fn earliest(state: &FeedState, limits: &PollLimits, now: Timestamp) -> (Timestamp, PollReason) {
    let spaced = state.polled_at.map(|at| after(at, limits.min));
    // Of an answer that was never stored nobody knows what it asked for.
    let unknown = state.polled_at.map(|_| state.next_poll_at);
    let waits = [
        (Some(now), PollReason::Asked),
        (spaced, PollReason::Interval),
        (state.memory.wished_until.or(unknown), PollReason::Fresh),
    ];
    let (due, reason) = waits
        .into_iter()
        .filter_map(|(at, reason)| Some((at?, reason)))
        .reduce(|first, other| if other.0 > first.0 { other } else { first })
        .unwrap_or((now, PollReason::Asked));
    let open = not_skipped(&state.memory.wishes, due);
    let known = (state.next_poll_at.max(now), state.reason);
    match (open, reason) {
        _ if known.0 <= open && known.0 > now => known,
        (open, _) if open > due => (open, PollReason::Skip),
        _ => (due, reason),
    }
}

/// Whether an outcome brings a body that was read before, byte for byte.
pub fn is_unchanged(state: &FeedState, outcome: &FetchOutcome) -> bool {
    match &outcome.answer {
        Answer::Body { bytes, .. } => state.body_hash == Some(hash(bytes)),
        _ => false,
    }
}

/// Whether an entry of a first poll is news, or only recorded as seen.
///
/// An entry without a date, or with one in the future, is news: its publisher
/// did not say that it is old.
pub fn is_fresh_news(rule: FirstRun, published: Option<Timestamp>, now: Timestamp) -> bool {
    match rule {
        FirstRun::None => false,
        FirstRun::All => true,
        FirstRun::Within(age) => {
            published.is_none_or(|published| now.duration_since(published) <= age)
        }
    }
}

impl FeedState {
    /// Whether it has said for long enough that it is gone to be believed.
    fn is_gone(&self) -> bool {
        let polled_at = self.polled_at;
        self.memory
            .gone_since
            .zip(polled_at)
            .is_some_and(|(since, at)| at.duration_since(since) >= GONE_AFTER)
    }
}

fn succeed(state: &mut FeedState, now: Timestamp) {
    state.succeeded_at = Some(now);
    state.failures = 0;
    state.last_error = None;
    state.memory.gone_since = None;
}

/// A failure of our own network or of a whole host is not the feed's, and its
/// own wait does not grow by it.
fn fail(state: &mut FeedState, detail: &str, polled: &Polled) {
    if !polled.is_absolved() {
        state.failures = state.failures.saturating_add(1);
    }
    state.last_error = Some(detail.to_owned());
}

pub(crate) fn after(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
