//! When a feed is polled next, as rows of what happened and what follows.

use super::{
    Answer, Bounds, Contents, Every, FailureKind, FeedState, FeedWishes, FetchOutcome, FirstRun,
    Found, Hints, Memory, Notice, Pace, PollLimits, PollReason, Polled, Settled, Storm, Validators,
    asking, earliest, is_fresh_news, is_unchanged, not_skipped, settle,
};
use crate::feed::FeedId;
use crate::policy::host::HostRule;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use url::Url;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const LIMITS: PollLimits = PollLimits {
    every: Every::Fixed(SignedDuration::from_mins(15)),
    min: SignedDuration::from_mins(5),
    max: SignedDuration::from_hours(24),
    requests_per_minute: None,
    host_spacing: SignedDuration::from_secs(2),
    first_run: FirstRun::All,
};

fn state() -> FeedState {
    FeedState::new(
        FeedId::new("bbc").unwrap(),
        "https://example.org/rss".into(),
        NOW,
    )
}

fn validators(etag: Option<&str>, last_modified: Option<&str>) -> Validators {
    let bytes = |text: &str| text.as_bytes().to_vec();
    Validators {
        etag: etag.map(bytes),
        last_modified: last_modified.map(bytes),
    }
}

fn body(text: &str) -> Answer {
    Answer::Body {
        bytes: text.as_bytes().to_vec(),
        content_type: None,
        validators: validators(Some("\"1\""), Some("Mon")),
        url: "https://example.org/rss".into(),
        links: Box::default(),
        delta: false,
    }
}

fn failed(status: u16) -> Answer {
    Answer::Failed {
        kind: FailureKind::Status(status),
        detail: format!("{status}"),
    }
}

/// A stranger's host of which nothing is known.
const RULE: HostRule = HostRule {
    spacing: SignedDuration::from_secs(2),
    floor: None,
    own: false,
    flaky: false,
};

fn polled(answer: Answer, hints: Hints) -> Polled {
    Polled {
        outcome: FetchOutcome { answer, hints },
        moved_to: None,
        offline: false,
        storm: Storm::Calm,
        hold: None,
        pace: Pace::default(),
    }
}

fn settle_at(now: Timestamp, state: &FeedState, polled: &Polled, found: Option<&Found>) -> Settled {
    let bounds = Bounds {
        limits: &LIMITS,
        rule: &RULE,
    };
    settle(state, polled, found, bounds, (now, 0.0))
}

fn after(state: &FeedState, answer: Answer, hints: Hints) -> Settled {
    settle_at(NOW, state, &polled(answer, hints), None)
}

fn days(days: i64) -> Timestamp {
    NOW.checked_add(SignedDuration::from_hours(24 * days))
        .unwrap()
}

fn wait(settled: &Settled) -> (i64, PollReason) {
    let next = settled.state.next_poll_at;
    (next.duration_since(NOW).as_secs(), settled.state.reason)
}

/// What came, what the server wished in seconds (fresh for, retry after), and
/// when the next poll is, and why.
#[track_caller]
fn check(failures: u32, answer: Answer, wishes: (i64, i64), expect: (i64, PollReason)) {
    let wish = |secs: i64| (secs != 0).then(|| SignedDuration::from_secs(secs));
    let hints = Hints {
        fresh_for: wish(wishes.0),
        retry_after: wish(wishes.1),
        ..Hints::default()
    };
    let before = FeedState {
        failures,
        ..state()
    };
    assert_eq!(wait(&after(&before, answer, hints)), expect);
}

#[test]
fn the_next_poll_and_its_reason() {
    use PollReason::{Backoff, Fresh, Gone, Interval, Refused, RetryAfter};
    const HOUR: i64 = 3600;
    check(0, body("x"), (0, 0), (900, Interval));
    check(3, body("x"), (0, 0), (900, Interval));
    check(0, body("x"), (60, 0), (900, Interval));
    check(0, body("x"), (HOUR, 0), (HOUR, Fresh));
    check(0, body("x"), (90 * HOUR, 0), (24 * HOUR, Fresh));
    check(
        0,
        Answer::NotModified(Validators::default()),
        (2 * HOUR, 0),
        (2 * HOUR, Fresh),
    );
    check(0, failed(500), (0, 0), (900, Interval));
    check(2, failed(500), (0, 0), (1200, Backoff));
    check(5, failed(500), (0, 0), (9600, Backoff));
    check(40, failed(500), (0, 0), (24 * HOUR, Backoff));
    check(0, failed(500), (HOUR, 0), (HOUR, Fresh));
    check(0, failed(429), (0, 7200), (7200, RetryAfter));
    check(
        0,
        failed(503),
        (0, 30 * 24 * HOUR),
        (7 * 24 * HOUR, RetryAfter),
    );
    check(0, failed(429), (0, 1), (900, Interval));
    for status in [401, 403, 404, 451] {
        check(0, failed(status), (0, 0), (24 * HOUR, Refused));
    }
    check(0, Answer::Gone, (0, 0), (24 * HOUR, Gone));
}

#[test]
fn the_hold_of_a_host_is_told_of_its_feed() {
    let mut polled = polled(failed(429), Hints::default());
    polled.hold = Some((days(1), PollReason::RetryAfter));
    let settled = settle_at(NOW, &state(), &polled, None);
    assert_eq!(wait(&settled), (86_400, PollReason::RetryAfter));
}

#[test]
fn strangers_are_spared_where_nothing_is_conditional() {
    let bare = |bytes: usize| Answer::Body {
        bytes: vec![b'x'; bytes],
        content_type: None,
        validators: Validators::default(),
        url: "https://example.org/rss".into(),
        links: Box::default(),
        delta: false,
    };
    let fresh = Hints {
        fresh_for: Some(SignedDuration::from_secs(900)),
        ..Hints::default()
    };
    let hour = SignedDuration::from_hours(1);
    let own = HostRule { own: true, ..RULE };
    let known = HostRule {
        floor: Some(hour * 2),
        ..RULE
    };
    let rows = [
        (&RULE, bare(10), Hints::default(), 3600, "no-validators"),
        (
            &RULE,
            bare(300_000),
            Hints::default(),
            86_400,
            "no-validators",
        ),
        (&RULE, bare(300_000), fresh, 900, "interval"),
        (&RULE, body("x"), Hints::default(), 900, "interval"),
        (&own, bare(300_000), Hints::default(), 900, "interval"),
        (&known, bare(300_000), Hints::default(), 7200, "host-floor"),
        (&known, body("x"), Hints::default(), 7200, "host-floor"),
    ];
    for (rule, answer, hints, expect, why) in rows {
        let bounds = Bounds {
            limits: &LIMITS,
            rule,
        };
        let settled = settle(&state(), &polled(answer, hints), None, bounds, (NOW, 0.0));
        let (secs, reason) = wait(&settled);
        assert_eq!((secs, reason.as_str()), (expect, why), "{rule:?} {hints:?}");
    }
}

fn found(entries: usize, new: usize, wishes: FeedWishes) -> Found {
    Found {
        contents: Contents {
            entries,
            new,
            delta: false,
        },
        news: vec![None; new],
        wishes,
        breaks_off: false,
    }
}

#[test]
fn a_feed_says_when_it_is_worth_asking() {
    let wishes = |ttl_minutes, hours: &[u8], days: &[u8]| FeedWishes {
        ttl_minutes,
        skip_hours: hours.to_vec(),
        skip_days: days.to_vec(),
    };
    // Friday, 2027-01-15, 08:00 UTC.
    let all: Vec<u8> = (0..24).collect();
    let rows = [
        (wishes(Some(5), &[], &[]), 900, "interval"),
        (wishes(Some(60), &[], &[]), 3600, "ttl"),
        (wishes(Some(10_080), &[], &[]), 6 * 3600, "ttl"),
        (wishes(None, &[8, 9], &[]), 2 * 3600, "skip"),
        (wishes(None, &[7, 9], &[]), 900, "interval"),
        (wishes(None, &[], &[4, 5, 6]), 64 * 3600, "skip"),
        (wishes(None, &[0, 8, 9], &[]), 2 * 3600, "skip"),
        (wishes(None, &all, &[]), 900, "interval"),
    ];
    for (wishes, expect, why) in rows {
        let found = found(3, 3, wishes);
        let polled = polled(body("x"), Hints::default());
        let settled = settle_at(NOW, &state(), &polled, Some(&found));
        let (secs, reason) = wait(&settled);
        assert_eq!((secs, reason.as_str()), (expect, why), "{found:?}");
        // A 304 says nothing of it, and it still holds.
        let later = after(
            &settled.state,
            Answer::NotModified(Validators::default()),
            Hints::default(),
        );
        assert_eq!(wait(&later).0, expect);
    }
}

#[test]
fn validators_are_for_the_address_that_gave_them() {
    let (home, away) = ("https://example.org/rss", "https://cdn.example/a");
    let url = |text: &str| Url::parse(text).unwrap();
    let answered = |by: &str| {
        let answer = Answer::Body {
            bytes: b"x".to_vec(),
            content_type: None,
            validators: validators(Some("\"1\""), None),
            url: by.to_owned(),
            links: Box::default(),
            delta: false,
        };
        after(&state(), answer, Hints::default()).state
    };
    for (by, other) in [(home, away), (away, home)] {
        let state = answered(by);
        assert!(!state.validators_for(&url(by), NOW).is_empty());
        assert!(state.validators_for(&url(other), NOW).is_empty(), "{other}");
    }
}

#[test]
fn a_week_of_not_modified_is_doubted_once() {
    let url = Url::parse("https://example.org/rss").unwrap();
    let conditional =
        |state: &FeedState, day: i64| !state.validators_for(&url, days(day)).is_empty();
    let mut state = after(&state(), body("x"), Hints::default()).state;
    for day in 1..=8 {
        assert!(conditional(&state, day));
        let polled = polled(Answer::NotModified(Validators::default()), Hints::default());
        state = settle_at(days(day), &state, &polled, None).state;
    }
    assert!(!conditional(&state, 9));
    let again = |state: &FeedState, text| {
        settle_at(days(9), state, &polled(body(text), Hints::default()), None).state
    };
    // It was right, and is believed until it has something new.
    let same = again(&state, "x");
    assert!(conditional(&same, 30));
    let new = again(&same, "y");
    assert!(conditional(&new, 16) && !conditional(&new, 18));
}

#[test]
fn gone_is_believed_after_a_day_and_never_for_ever() {
    let gone = |state: &FeedState, day| {
        settle_at(
            days(day),
            state,
            &polled(Answer::Gone, Hints::default()),
            None,
        )
    };
    let first = gone(&state(), 0);
    assert_eq!(
        (wait(&first), first.notices),
        ((86_400, PollReason::Gone), vec![])
    );
    let second = gone(&first.state, 1);
    assert_eq!(second.notices, [Notice::Gone]);
    assert_eq!(second.state.next_poll_at, days(8));
    let third = gone(&second.state, 8);
    assert_eq!(
        (third.state.next_poll_at, third.notices),
        (days(15), vec![])
    );
    let back = settle_at(
        days(15),
        &third.state,
        &polled(body("x"), Hints::default()),
        None,
    );
    assert_eq!(back.state.memory.gone_since, None);
    assert_eq!(back.state.reason, PollReason::Interval);
}

#[test]
fn a_feed_that_fails_for_a_day_is_told_once_and_that_it_works_again() {
    let failed = || Answer::Failed {
        kind: FailureKind::Status(503),
        detail: "503".to_owned(),
    };
    let rows = [
        (0, failed(), vec![]),
        (23, failed(), vec![]),
        (24, failed(), vec!["feed.fails"]),
        (72, failed(), vec![]),
        (73, body("x"), vec!["feed.recovered"]),
        (74, failed(), vec![]),
        (80, body("y"), vec![]),
        // What is gone is told as that alone, and that it came back as well.
        (100, Answer::Gone, vec![]),
        (130, Answer::Gone, vec!["feed.gone"]),
        (300, failed(), vec![]),
        (301, body("z"), vec!["feed.recovered"]),
    ];
    let mut state = state();
    for (hour, answer, expected) in rows {
        let now = NOW.checked_add(SignedDuration::from_hours(hour)).unwrap();
        let settled = settle_at(now, &state, &polled(answer, Hints::default()), None);
        let told: Vec<&str> = settled.notices.iter().map(Notice::name).collect();
        assert_eq!(told, expected, "in hour {hour}");
        state = settled.state;
    }
    // Where nobody can be reached, or a whole host fails, no feed is to blame.
    let mut state = self::state();
    for day in 0..5 {
        let offline = Polled {
            offline: true,
            ..polled(failed(), Hints::default())
        };
        let settled = settle_at(days(day), &state, &offline, None);
        assert_eq!(settled.notices, [], "on day {day}");
        state = settled.state;
    }
}

#[test]
fn a_move_is_believed_after_a_week() {
    const TO: &str = "https://new.example/rss";
    let led = |to: Option<&str>, answer| Polled {
        moved_to: to.map(str::to_owned),
        ..polled(answer, Hints::default())
    };
    let unmodified = || Answer::NotModified(Validators::default());
    let mut state = after(&state(), body("x"), Hints::default()).state;
    let mut told = Vec::new();
    for day in 0..=7 {
        let settled = settle_at(days(day), &state, &led(Some(TO), unmodified()), None);
        told.extend(settled.notices);
        state = settled.state;
        assert_eq!(state.memory.moved_to.is_some(), day == 7, "day {day}");
    }
    assert_eq!(told, [Notice::Moved { to: TO.to_owned() }]);
    // One answer from elsewhere, or other entries there, and it is not.
    let mut state = after(&self::state(), body("x"), Hints::default()).state;
    for day in 0..12 {
        let to = (day != 5).then_some(TO);
        state = settle_at(days(day), &state, &led(to, unmodified()), None).state;
    }
    let strange = found(9, 9, FeedWishes::default());
    state = settle_at(days(20), &state, &led(Some(TO), body("y")), Some(&strange)).state;
    assert_eq!(state.memory.moved_to, None);
    // What is not there after all is asked for at home again.
    state.memory.moved_to = Some(TO.to_owned());
    assert_eq!(
        after(&state, failed(404), Hints::default())
            .state
            .memory
            .moved_to,
        None
    );
    let kept = after(&state, unreachable(), Hints::default()).state;
    assert_eq!(kept.memory.moved_to.as_deref(), Some(TO));
}

fn unreachable() -> Answer {
    Answer::Failed {
        kind: FailureKind::Dns,
        detail: "example.org cannot be found".to_owned(),
    }
}

#[test]
fn a_document_that_breaks_off_is_asked_for_again() {
    let first = after(&state(), body("x"), Hints::default()).state;
    let fresh = Hints {
        fresh_for: Some(SignedDuration::from_hours(2)),
        ..Hints::default()
    };
    let torn = Found {
        breaks_off: true,
        ..found(3, 1, FeedWishes::default())
    };
    let half = Answer::Body {
        bytes: b"y".to_vec(),
        content_type: None,
        validators: validators(Some("\"2\""), Some("Tue")),
        url: "https://elsewhere.example/".into(),
        delta: false,
        links: Box::default(),
    };
    let settled = settle_at(NOW, &first, &polled(half.clone(), fresh), Some(&torn));
    assert_eq!(wait(&settled), (7200, PollReason::Fresh));
    let state = settled.state;
    assert_eq!(state.validators, first.validators, "those of the whole one");
    assert_eq!(state.memory.answered_by, first.memory.answered_by);
    assert!(!is_unchanged(&state, &polled(half.clone(), fresh).outcome));
    assert_eq!((state.failures, state.last_error), (0, None));
    // A first one gives nothing to ask with.
    let settled = settle_at(NOW, &self::state(), &polled(half, fresh), Some(&torn));
    assert!(settled.state.validators.is_empty());
}

#[test]
fn a_host_that_fails_for_many_feeds_is_to_blame_for_it() {
    let first = after(&state(), body("x"), Hints::default()).state;
    for (storm, told) in [
        (Storm::Begins, vec![Notice::HostFails]),
        (Storm::Lasts, vec![]),
    ] {
        let mut of_host = polled(failed(404), Hints::default());
        of_host.storm = storm;
        let settled = settle_at(NOW, &first, &of_host, None);
        assert_eq!(wait(&settled), (900, PollReason::Interval));
        assert_eq!((settled.state.failures, settled.notices), (0, told));
        assert_eq!(settled.state.last_error.as_deref(), Some("404"));
        of_host.hold = Some((days(1), PollReason::Backoff));
        let settled = settle_at(NOW, &first, &of_host, None);
        assert_eq!(wait(&settled), (86_400, PollReason::Backoff));
    }
}

#[test]
fn our_own_network_is_nobodys_fault() {
    let offline = Polled {
        offline: true,
        ..polled(unreachable(), Hints::default())
    };
    let before = FeedState {
        failures: 1,
        ..state()
    };
    let settled = settle_at(NOW, &before, &offline, None);
    assert_eq!(wait(&settled), (300, PollReason::Offline));
    assert_eq!(settled.state.failures, 1);
    assert!(settled.state.last_error.is_some());
}

#[test]
fn what_a_hub_brought_is_no_silence() {
    let after = |hours| NOW.checked_add(SignedDuration::from_hours(hours)).unwrap();
    let told = |pushed: bool| {
        let mut state = state();
        let mut read = |hour: i64, new: usize, pushed: bool| {
            if pushed {
                state.memory.habit.news(after(hour - 1));
            }
            let polled = polled(body(&hour.to_string()), Hints::default());
            let found = found(20, new, FeedWishes::default());
            let settled = settle_at(after(hour), &state, &polled, Some(&found));
            state = settled.state;
            settled.notices
        };
        for hour in 0..12 {
            assert_eq!(read(hour, 1, false), []);
        }
        read(11 + 73, 0, pushed)
    };
    assert_eq!(told(false).len(), 1);
    assert_eq!(told(true), []);
}

#[test]
fn what_is_unusual_is_told_once() {
    let mut state = state();
    let mut read = |minute: i64, entries: usize, new: usize| {
        let now = NOW.checked_add(SignedDuration::from_mins(minute)).unwrap();
        let found = found(entries, new, FeedWishes::default());
        let text = format!("{minute}");
        let polled = polled(body(&text), Hints::default());
        let settled = settle_at(now, &state, &polled, Some(&found));
        state = settled.state;
        let names = settled.notices.iter().map(Notice::name);
        (names.collect::<Vec<_>>(), state.reason)
    };
    let none: Vec<&str> = Vec::new();
    for hour in 0..12 {
        assert_eq!(
            read(60 * hour, 20, 20.min(1 + 19 * usize::from(hour == 0))).0,
            none
        );
    }
    // None of the entries was there before.
    let (told, reason) = read(60 * 11 + 20, 20, 20);
    assert_eq!((told, reason), (vec!["feed.possible_gap"], PollReason::Gap));
    assert_eq!(read(60 * 14, 9, 1).0, ["feed.shrank"]);
    assert_eq!(read(60 * 15, 9, 1).0, none);
    // Three days of nothing are longer than ever; four are no news.
    assert_eq!(read(60 * (15 + 72), 9, 0).0, none);
    assert_eq!(read(60 * (15 + 73), 9, 0).0, ["feed.silent"]);
    assert_eq!(read(60 * (15 + 96), 9, 0).0, none);
    assert_eq!(read(60 * (15 + 240), 9, 1), (none, PollReason::Interval));
    // After a long time without polls a gap is no reason to hurry.
    let (told, reason) = read(60 * (15 + 250), 9, 9);
    assert_eq!(
        (told, reason),
        (vec!["feed.possible_gap"], PollReason::Interval)
    );
}

#[test]
fn each_gap_halves_the_wait_and_each_week_takes_one_back() {
    const WEEK: i64 = 7 * 24 * 60;
    let mut state = state();
    let mut minute = 0;
    let mut poll = |wait: i64, new: usize| {
        minute += wait;
        let now = NOW.checked_add(SignedDuration::from_mins(minute)).unwrap();
        let found = found(20, new, FeedWishes::default());
        let text = format!("{minute}");
        let settled = settle_at(
            now,
            &state,
            &polled(body(&text), Hints::default()),
            Some(&found),
        );
        state = settled.state;
        state.next_poll_at.duration_since(now).as_secs()
    };
    // The floor of five minutes is never gone below.
    let rows = [
        (0, 20, 900),
        (15, 1, 900),
        (15, 20, 450),
        (8, 20, 300),
        (5, 20, 300),
        (5, 0, 300),
        (WEEK, 1, 300),
        (WEEK, 1, 450),
        (WEEK - 20, 1, 450),
        (20, 1, 900),
    ];
    for (wait, new, expected) in rows {
        assert_eq!(poll(wait, new), expected, "after {wait} minutes");
    }
}

#[test]
fn a_feed_that_is_being_asked_has_failed_until_it_is_stored() {
    let mut state = state();
    let mut waits = Vec::new();
    for _ in 0..4 {
        state = asking(&state, &LIMITS, NOW);
        waits.push(state.next_poll_at.duration_since(NOW).as_secs());
    }
    assert_eq!(waits, [300, 600, 1200, 2400]);
    assert_eq!(state.reason, PollReason::Asking);
    assert_eq!(after(&state, body("x"), Hints::default()).state.failures, 0);
}

#[test]
fn memory_of_another_version_is_read() {
    let memory: Memory = serde_json::from_str(r#"{"gone_since":null,"of_tomorrow":1}"#).unwrap();
    assert_eq!(memory, Memory::default());
}

#[test]
fn validators_follow_the_last_answer() {
    let first = after(&state(), body("x"), Hints::default()).state;
    assert_eq!(first.validators, validators(Some("\"1\""), Some("Mon")));
    let merged = after(
        &first,
        Answer::NotModified(validators(Some("\"2\""), None)),
        Hints::default(),
    );
    assert_eq!(
        merged.state.validators,
        validators(Some("\"2\""), Some("Mon"))
    );
    let bare = Answer::Body {
        bytes: b"y".to_vec(),
        content_type: None,
        validators: validators(None, None),
        url: String::new(),
        links: Box::default(),
        delta: false,
    };
    assert_eq!(
        after(&first, bare, Hints::default()).state.validators,
        Validators::default()
    );
    let kept = after(&first, failed(500), Hints::default()).state;
    assert_eq!(
        (kept.validators, kept.body_hash),
        (first.validators, first.body_hash)
    );
}

#[test]
fn the_same_body_is_known_again() {
    let first = after(&state(), body("x"), Hints::default()).state;
    let outcome = |answer| FetchOutcome {
        answer,
        hints: Hints::default(),
    };
    assert!(is_unchanged(&first, &outcome(body("x"))));
    assert!(!is_unchanged(&first, &outcome(body("y"))));
    assert!(!is_unchanged(&first, &outcome(failed(500))));
    assert!(!is_unchanged(&state(), &outcome(body("x"))));
}

#[test]
fn what_counts_as_news_at_the_first_poll() {
    let ago = |hours: i64| NOW.checked_sub(SignedDuration::from_hours(hours)).ok();
    let day = FirstRun::Within(SignedDuration::from_hours(24));
    assert!(is_fresh_news(day, ago(23), NOW));
    assert!(!is_fresh_news(day, ago(25), NOW));
    assert!(is_fresh_news(day, ago(-5), NOW));
    assert!(is_fresh_news(day, None, NOW));
    assert!(is_fresh_news(FirstRun::All, ago(9999), NOW));
    assert!(!is_fresh_news(FirstRun::None, None, NOW));
}

proptest! {
    #[test]
    fn errors_never_end_a_feed_and_wishes_hold(
        failures in 0_u32..2_000_000_000,
        status in 100_u16..600,
        fresh in 0_i64..10_000_000,
        away in 0_i64..100_000_000,
        jitter in 0.0_f64..1.0,
    ) {
        let hints = Hints {
            fresh_for: Some(SignedDuration::from_secs(fresh)),
            retry_after: Some(SignedDuration::from_secs(away)),
            ..Hints::default()
        };
        let before = FeedState { failures, ..state() };
        let bounds = Bounds { limits: &LIMITS, rule: &RULE };
        let settled = settle(&before, &polled(failed(status), hints), None, bounds, (NOW, jitter));
        let wait = settled.state.next_poll_at.duration_since(NOW);
        prop_assert!(wait >= LIMITS.shortest());
        prop_assert!(wait >= SignedDuration::from_secs(fresh.min(86_400)));
        prop_assert!(wait >= SignedDuration::from_secs(away.min(7 * 86_400)));
        prop_assert!(wait <= SignedDuration::from_hours(7 * 24));
    }

    #[test]
    fn skipped_times_are_skipped_and_end(
        hours in proptest::collection::vec(0_u8..30, 0..26),
        days in proptest::collection::vec(0_u8..9, 0..8),
        second in 0_i64..10_000_000,
    ) {
        let wishes = FeedWishes { ttl_minutes: None, skip_hours: hours, skip_days: days };
        let due = NOW.checked_add(SignedDuration::from_secs(second)).unwrap();
        let open = not_skipped(&wishes, due);
        prop_assert!(open >= due && open.duration_since(due) <= SignedDuration::from_hours(7 * 24));
        prop_assert!(not_skipped(&wishes, open) == open);
    }
}

#[test]
fn an_operator_can_shorten_what_is_the_operator_s() {
    let hour = SignedDuration::from_hours(1);
    let fresh = |fresh_for| Hints {
        fresh_for: Some(fresh_for),
        ..Hints::default()
    };
    let later = |minutes| NOW + SignedDuration::from_mins(minutes);
    // After this answer, asked so many minutes later: the wait, and what for.
    let rows = [
        (body("a"), Hints::default(), 1, 5, PollReason::Interval),
        (body("a"), Hints::default(), 6, 6, PollReason::Asked),
        (body("a"), fresh(hour), 6, 60, PollReason::Fresh),
        // The interval is longer than that, and hides it.
        (body("a"), fresh(hour / 6), 1, 10, PollReason::Fresh),
        (body("a"), fresh(hour / 6), 14, 14, PollReason::Asked),
        (body("a"), Hints::default(), 20, 20, PollReason::Asked),
        // A failure is waited for no longer; a refusal is.
        (failed(500), Hints::default(), 1, 5, PollReason::Interval),
        (
            failed(403),
            Hints::default(),
            6,
            24 * 60,
            PollReason::Refused,
        ),
    ];
    for (answer, hints, asked, due, reason) in rows {
        let polled = polled(answer, hints);
        let settled = settle_at(NOW, &state(), &polled, None).state;
        assert_eq!(
            earliest(&settled, &LIMITS, later(asked)),
            (later(due), reason),
            "{polled:?}, asked after {asked} minutes"
        );
    }
    let new = earliest(&state(), &LIMITS, later(1));
    assert_eq!(new, (later(1), PollReason::Asked));
    // Of an answer that never came nobody knows what it said.
    let lost = asking(&state(), &LIMITS, NOW);
    assert_eq!(earliest(&lost, &LIMITS, later(1)).0, lost.next_poll_at);
    let mut quiet = settle_at(NOW, &state(), &polled(body("a"), Hints::default()), None).state;
    quiet.memory.wishes.skip_hours = (0..23).collect();
    let (due, _) = earliest(&quiet, &LIMITS, later(6));
    assert_eq!(
        due,
        quiet
            .next_poll_at
            .min(not_skipped(&quiet.memory.wishes, later(6)))
    );
}
