//! What is known of hosts, and how long they are left alone.

use super::{Host, HostOverride, HostRules, HostState, is_own};
use crate::policy::poll::{
    Answer, Every, FailureKind, FetchOutcome, FirstRun, Hints, PollLimits, PollReason, Validators,
};
use jiff::{SignedDuration, Timestamp};
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

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

#[test]
fn ports_do_not_make_another_host() {
    let host = |text: &str| Host::of(&url(text));
    assert_eq!(
        host("https://Example.org:8443/a"),
        host("http://example.org/b")
    );
}

#[test]
fn the_operators_word_comes_first() {
    let secs = |secs: i64| Some(SignedDuration::from_secs(secs));
    let said = |spacing, floor| HostOverride { spacing, floor };
    let rules = HostRules::new([
        (Host::named("old.reddit.com"), said(secs(5), None)),
        (Host::named("nasdaq.com"), said(secs(1), secs(60))),
        (Host::named("example.org"), said(None, secs(7200))),
    ]);
    let rows = [
        // Address, the host that it counts for, spacing and floor in seconds.
        ("https://www.reddit.com/r/a/.rss", "reddit.com", 61, 0),
        ("https://reddit.com./r/a/.rss", "reddit.com", 61, 0),
        ("https://old.reddit.com/r/a/.rss", "old.reddit.com", 5, 0),
        ("https://notreddit.com/", "notreddit.com", 2, 0),
        ("https://www.nasdaq.com/feed", "nasdaq.com", 1, 60),
        ("https://openrss.org/x", "openrss.org", 600, 0),
        (
            "https://rachelbythebay.com/w/",
            "rachelbythebay.com",
            2,
            3600,
        ),
        ("https://feeds.example.org/x", "example.org", 2, 7200),
        ("https://example.com/x", "example.com", 2, 0),
    ];
    for (address, host, spacing, floor) in rows {
        let rule = rules.rule(&url(address), LIMITS.host_spacing);
        let found = (
            rules.host(&url(address)).to_string(),
            rule.spacing.as_secs(),
            rule.floor.map_or(0, |floor| floor.as_secs()),
        );
        assert_eq!(found, (host.to_owned(), spacing, floor), "{address}");
    }
}

#[test]
fn only_strangers_can_refuse() {
    let rules = HostRules::default();
    let refused = |address: &str| {
        let rule = rules.rule(&url(address), SignedDuration::ZERO);
        [401, 403, 404, 429, 451, 500].map(|status| rule.is_refusal(status))
    };
    assert_eq!(
        refused("https://example.org/"),
        [true, true, true, false, true, false]
    );
    assert_eq!(
        refused("https://www.youtube.com/feeds"),
        [true, true, false, false, true, false]
    );
    assert_eq!(refused("http://127.0.0.1:80/"), [false; 6]);
}

#[test]
fn what_is_of_ones_own_network() {
    for own in [
        "http://localhost/",
        "http://wiki.internal/",
        "http://nas.local./",
        "http://10.1.2.3/",
        "http://127.9.9.9:81/",
        "http://[::1]/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
    ] {
        assert!(is_own(&url(own)), "{own}");
    }
    for stranger in [
        "http://mylocal/",
        "http://notlocalhost/",
        "http://8.8.8.8/",
        "http://[2606:4700::1]/",
    ] {
        assert!(!is_own(&url(stranger)), "{stranger}");
    }
}

fn answer(answer: Answer, away_s: Option<i64>) -> FetchOutcome {
    FetchOutcome {
        answer,
        hints: Hints {
            retry_after: away_s.map(SignedDuration::from_secs),
            ..Hints::default()
        },
    }
}

fn failed(kind: FailureKind) -> Answer {
    Answer::Failed {
        kind,
        detail: String::new(),
    }
}

#[test]
fn how_long_a_host_is_left_alone() {
    let fine = || answer(Answer::NotModified(Validators::default()), None);
    let status = |status| failed(FailureKind::Status(status));
    let rows = [
        // How often it failed before, what came, seconds of wait, why, failures.
        (0, fine(), None, 0),
        (5, fine(), None, 0),
        (0, answer(status(500), None), None, 0),
        (0, answer(status(429), None), Some((600, "retry-after")), 1),
        (1, answer(status(429), None), Some((1200, "retry-after")), 2),
        (
            60,
            answer(status(503), None),
            Some((86_400, "retry-after")),
            61,
        ),
        (0, answer(status(429), Some(7)), Some((7, "retry-after")), 1),
        (0, answer(status(200), Some(7)), Some((7, "retry-after")), 0),
        (
            0,
            answer(status(503), Some(30 * 86_400)),
            Some((7 * 86_400, "retry-after")),
            1,
        ),
        (
            0,
            answer(failed(FailureKind::Dns), None),
            Some((300, "backoff")),
            1,
        ),
        (
            3,
            answer(failed(FailureKind::Connect), None),
            Some((2400, "backoff")),
            4,
        ),
        (0, answer(failed(FailureKind::Timeout), None), None, 0),
    ];
    for (failures, outcome, wait, after) in rows {
        let mut state = HostState {
            failures,
            ..HostState::new(Host::named("example.org"))
        };
        state.note(&outcome, &LIMITS, NOW);
        let hold = state
            .hold
            .map(|(until, why)| (until.duration_since(NOW).as_secs(), why.as_str()));
        assert_eq!((hold, state.failures), (wait, after), "{outcome:?}");
    }
}

#[test]
fn a_shorter_wait_takes_nothing_from_a_longer_one() {
    let mut state = HostState::new(Host::named("example.org"));
    for away_s in [600, 30, 60] {
        let outcome = answer(failed(FailureKind::Status(429)), Some(away_s));
        state.note(&outcome, &LIMITS, NOW);
    }
    let until = NOW.checked_add(SignedDuration::from_secs(600)).unwrap();
    assert_eq!(state.hold, Some((until, PollReason::RetryAfter)));
}
