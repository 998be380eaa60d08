//! When a feed is polled next, as rows of what happened and what follows.

use super::{
    Answer, FailureKind, FeedState, FetchOutcome, FirstRun, Hints, PollLimits, PollReason, Settled,
    Validators, is_fresh_news, is_unchanged, settle,
};
use crate::feed::FeedId;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const LIMITS: PollLimits = PollLimits {
    every: SignedDuration::from_mins(15),
    min: SignedDuration::from_mins(5),
    max: SignedDuration::from_hours(24),
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
    }
}

fn failed(status: u16) -> Answer {
    Answer::Failed {
        kind: FailureKind::Status(status),
        detail: format!("{status}"),
    }
}

fn after(state: &FeedState, answer: Answer, hints: Hints) -> Settled {
    settle(state, &FetchOutcome { answer, hints }, &LIMITS, NOW, 0.0)
}

/// What came, what the server wished in seconds (fresh for, retry after), and
/// when the next poll is, why, and for how long its host is left alone.
#[track_caller]
fn check(failures: u32, answer: Answer, wishes: (i64, i64), expect: (i64, PollReason, i64)) {
    let wish = |secs: i64| (secs != 0).then(|| SignedDuration::from_secs(secs));
    let hints = Hints {
        fresh_for: wish(wishes.0),
        retry_after: wish(wishes.1),
    };
    let before = FeedState {
        failures,
        ..state()
    };
    let settled = after(&before, answer, hints);
    let secs = |time: Timestamp| time.duration_since(NOW).as_secs();
    let host = settled.host_not_before.map_or(0, secs);
    assert_eq!(
        (secs(settled.state.next_poll_at), settled.state.reason, host),
        expect
    );
}

#[test]
fn the_next_poll_and_its_reason() {
    use PollReason::{Backoff, Fresh, Gone, Interval, RetryAfter};
    const HOUR: i64 = 3600;
    check(0, body("x"), (0, 0), (900, Interval, 0));
    check(3, body("x"), (0, 0), (900, Interval, 0));
    check(0, body("x"), (60, 0), (900, Interval, 0));
    check(0, body("x"), (HOUR, 0), (HOUR, Fresh, 0));
    check(0, body("x"), (90 * HOUR, 0), (24 * HOUR, Fresh, 0));
    check(
        0,
        Answer::NotModified(Validators::default()),
        (2 * HOUR, 0),
        (2 * HOUR, Fresh, 0),
    );
    check(0, failed(500), (0, 0), (900, Interval, 0));
    check(2, failed(500), (0, 0), (1200, Backoff, 0));
    check(5, failed(404), (0, 0), (9600, Backoff, 0));
    check(40, failed(500), (0, 0), (24 * HOUR, Backoff, 0));
    check(0, failed(404), (HOUR, 0), (HOUR, Fresh, 0));
    check(0, failed(429), (0, 0), (900, Interval, 600));
    check(2, failed(429), (0, 0), (1200, Backoff, 2400));
    check(0, failed(429), (0, 7200), (7200, RetryAfter, 7200));
    check(
        0,
        failed(503),
        (0, 30 * 24 * HOUR),
        (7 * 24 * HOUR, RetryAfter, 7 * 24 * HOUR),
    );
    check(0, failed(429), (0, 1), (900, Interval, 1));
    check(0, Answer::Gone, (0, 0), (24 * HOUR, Gone, 0));
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
        };
        let outcome = FetchOutcome { answer: failed(status), hints };
        let before = FeedState { failures, ..state() };
        let wait = settle(&before, &outcome, &LIMITS, NOW, jitter).state.next_poll_at.duration_since(NOW);
        prop_assert!(wait >= LIMITS.every);
        prop_assert!(wait >= SignedDuration::from_secs(fresh.min(86_400)));
        prop_assert!(wait >= SignedDuration::from_secs(away.min(7 * 86_400)));
        prop_assert!(wait <= SignedDuration::from_hours(7 * 24));
    }
}
