//! Errands keep the politeness of their hosts, and end.

use super::super::Target;
use super::{
    Errand, ErrandAsk, ErrandEnd, ErrandId, ErrandKind, ErrandTurn, LOOKS_MAX, Rounds, TRIES_MAX,
    Why,
};
use crate::feed::FeedId;
use crate::policy::host::{Host, HostRules, HostState};
use crate::policy::poll::{
    Answer, Every, FailureKind, FeedState, FetchOutcome, FirstRun, Hints, PollLimits, PollReason,
    Validators,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use url::Url;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + secs).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn feed() -> FeedId {
    FeedId::new("wire").unwrap()
}

/// Rounds with a feed at `feed.example`, which is due at a second.
fn rounds(due: i64) -> Rounds {
    let mut rounds = Rounds::new(HostRules::default(), []);
    let target = Target {
        feed: feed(),
        url: url("https://feed.example/rss"),
        limits: PollLimits {
            every: Every::Fixed(SignedDuration::from_mins(15)),
            requests_per_minute: None,
            min: SignedDuration::from_mins(5),
            max: SignedDuration::from_hours(24),
            host_spacing: SignedDuration::from_secs(2),
            first_run: FirstRun::All,
        },
    };
    let state = FeedState::new(feed(), target.url.to_string(), at(due));
    rounds.add(target, state);
    rounds
}

fn errand(id: i64, to: &str, kind: ErrandKind) -> Errand {
    Errand {
        id: ErrandId(id),
        feed: feed(),
        url: url(to),
        kind,
        since: at(0),
        due: at(0),
        tries: 0,
    }
}

fn page(id: i64, to: &str) -> Errand {
    errand(id, to, ErrandKind::ArticlePage)
}

fn outcome(answer: Answer) -> FetchOutcome {
    FetchOutcome {
        answer,
        hints: Hints::default(),
    }
}

fn body(text: &str) -> FetchOutcome {
    outcome(Answer::Body {
        bytes: text.as_bytes().to_vec(),
        content_type: None,
        validators: Validators::default(),
        url: String::new(),
        delta: false,
        links: Box::default(),
    })
}

fn status(status: u16) -> FetchOutcome {
    failed(FailureKind::Status(status))
}

fn failed(kind: FailureKind) -> FetchOutcome {
    outcome(Answer::Failed {
        kind,
        detail: "no".to_owned(),
    })
}

fn redirect(to: &str) -> FetchOutcome {
    let to = Box::new(url(to));
    outcome(Answer::Redirect {
        to,
        permanent: false,
    })
}

#[track_caller]
fn asks(rounds: &mut Rounds, second: i64, expect: &[(&str, Why)]) -> Vec<ErrandAsk> {
    let asked = rounds.begin_errands(at(second), 99);
    let said: Vec<(&str, Why)> = asked
        .iter()
        .map(|ask| (ask.url.as_str(), ask.why))
        .collect();
    assert_eq!(said, expect, "at {second}");
    asked
}

#[test]
fn robots_txt_comes_before_the_first_page_of_a_site() {
    let mut rounds = rounds(0);
    for (id, path) in [(1, "a"), (2, "no/b"), (3, "c")] {
        let errand = page(id, &format!("https://news.example/{path}"));
        assert_eq!(rounds.add_errand(errand, at(0)), None);
    }
    asks(
        &mut rounds,
        0,
        &[("https://news.example/robots.txt", Why::Robots)],
    );
    let rules = body("User-agent: *\nDisallow: /no/");
    let turn = rounds.errand_answered(ErrandId(1), rules, at(1));
    assert_eq!(turn, ErrandTurn::Follow);
    assert_eq!(
        rounds.take_ended_errands(),
        [(ErrandId(2), ErrandEnd::Robots)]
    );
    assert!(rounds.take_ended_errands().is_empty(), "each once");
    asks(&mut rounds, 2, &[]);
    assert_eq!(rounds.next_errand_wake(), Some(at(3)));
    let asked = asks(
        &mut rounds,
        3,
        &[("https://news.example/a", Why::ArticlePage)],
    );
    assert_eq!((asked[0].errand.tries, asked[0].hop), (1, 0));
    assert_eq!(asked[0].host.asked_at, Some(at(3)));
    asks(&mut rounds, 99, &[]);
    let turn = rounds.errand_answered(ErrandId(1), body("text"), at(4));
    assert_eq!(turn, ErrandTurn::Read(Box::new(body("text"))));
    rounds.errand_is_over(ErrandId(1));
    asks(
        &mut rounds,
        6,
        &[("https://news.example/c", Why::ArticlePage)],
    );
    // What is known is not asked for again.
    assert_eq!(
        rounds.add_errand(page(4, "https://news.example/no/d"), at(7)),
        Some(ErrandEnd::Robots)
    );
    assert_eq!(rounds.errands(), 1);
}

#[test]
fn many_pages_of_a_site_hear_its_rules_when_their_turn_comes() {
    let mut rounds = rounds(0);
    let count = 2 * LOOKS_MAX;
    for id in (0..).take(count) {
        let path = if id == 7 { "yes" } else { "no" };
        let errand = page(id, &format!("https://news.example/{path}/{id}"));
        assert_eq!(rounds.add_errand(errand, at(0)), None);
    }
    let first = rounds.begin_errands(at(0), 99).remove(0);
    let rules = body("User-agent: *\nDisallow: /no/");
    let turn = rounds.errand_answered(first.errand.id, rules, at(1));
    assert_eq!(turn, ErrandTurn::End(ErrandEnd::Robots));
    let (mut ended, mut now, mut sent) = (1, 1, Vec::new());
    while let Some(wake) = rounds.next_errand_wake() {
        now = now.max(wake.as_second() - at(0).as_second());
        for ask in rounds.begin_errands(at(now), 99) {
            sent.push(ask.url.path().to_owned());
            rounds.errand_answered(ask.errand.id, status(404), at(now));
        }
        ended += rounds.take_ended_errands().len();
    }
    assert_eq!((ended, sent), (count - 1, vec!["/yes/7".to_owned()]));
}

#[test]
fn polls_come_first_and_hear_what_errands_were_told() {
    let mut rounds = rounds(5);
    let older = errand(
        1,
        "https://feed.example/2",
        ErrandKind::OlderPage { left: 1 },
    );
    rounds.add_errand(older, at(0));
    asks(
        &mut rounds,
        0,
        &[("https://feed.example/2", Why::OlderPage)],
    );
    assert!(rounds.begin(at(5), 9).is_empty(), "one in flight");
    let away = FetchOutcome {
        hints: Hints {
            retry_after: Some(SignedDuration::from_secs(500)),
            ..Hints::default()
        },
        ..status(429)
    };
    let turn = rounds.errand_answered(ErrandId(1), away, at(6));
    let ErrandTurn::Wait(errand) = turn else {
        panic!("{turn:?}")
    };
    // As it was written down before the request.
    assert_eq!((errand.tries, errand.due), (1, at(300)));
    let host = rounds.host_state(&Host::named("feed.example")).unwrap();
    assert_eq!(host.hold, Some((at(506), PollReason::RetryAfter)));
    assert!(rounds.begin(at(505), 9).is_empty());
    assert_eq!(rounds.begin(at(506), 9).len(), 1, "the poll first");
    asks(&mut rounds, 506, &[]);
    rounds.answered(&feed(), status(500), at(507));
    asks(
        &mut rounds,
        509,
        &[("https://feed.example/2", Why::OlderPage)],
    );
}

#[test]
fn a_redirect_waits_its_turn_at_its_host_and_asks_its_rules() {
    let mut rounds = rounds(0);
    rounds.add_errand(page(1, "https://a.example/x"), at(0));
    asks(
        &mut rounds,
        0,
        &[("https://a.example/robots.txt", Why::Robots)],
    );
    rounds.errand_answered(ErrandId(1), status(404), at(0));
    asks(&mut rounds, 2, &[("https://a.example/x", Why::ArticlePage)]);
    // The poll of the feed's own host is under way.
    assert_eq!(rounds.begin(at(3), 9).len(), 1);
    let turn = rounds.errand_answered(ErrandId(1), redirect("https://feed.example/y"), at(3));
    assert_eq!(turn, ErrandTurn::Follow);
    asks(&mut rounds, 9, &[]);
    rounds.answered(&feed(), status(404), at(10));
    asks(
        &mut rounds,
        12,
        &[("https://feed.example/robots.txt", Why::Robots)],
    );
    let rules = body("User-agent: *\nDisallow: /y");
    let turn = rounds.errand_answered(ErrandId(1), rules, at(13));
    assert_eq!(turn, ErrandTurn::End(ErrandEnd::Robots));
    assert_eq!(rounds.errands(), 0);
    assert_eq!(rounds.next_errand_wake(), None);
}

/// How an errand of one request ends at an answer.
#[track_caller]
fn ends(kind: ErrandKind, answer: &FetchOutcome, expect: Option<ErrandEnd>) {
    let mut rounds = rounds(0);
    let mut errand = errand(1, "https://a.example/x", kind);
    errand.tries = TRIES_MAX - 2;
    rounds.add_errand(errand, at(0));
    if kind == ErrandKind::ArticlePage {
        rounds.begin_errands(at(0), 9);
        rounds.errand_answered(ErrandId(1), status(404), at(0));
    }
    assert_eq!(rounds.begin_errands(at(2), 9).len(), 1);
    match rounds.errand_answered(ErrandId(1), answer.clone(), at(3)) {
        ErrandTurn::End(end) => assert_eq!(Some(end), expect, "{answer:?}"),
        ErrandTurn::Wait(_) => assert_eq!(None, expect, "{answer:?}"),
        turn => panic!("{answer:?}: {turn:?}"),
    }
    assert_eq!(rounds.errands(), usize::from(expect.is_none()));
}

#[test]
fn what_passes_is_tried_again_and_the_rest_is_over() {
    let older = ErrandKind::OlderPage { left: 0 };
    for kind in [older, ErrandKind::ArticlePage] {
        ends(kind, &status(500), None);
        ends(kind, &status(429), None);
        ends(kind, &failed(FailureKind::Timeout), None);
        ends(kind, &failed(FailureKind::Broken), None);
        ends(kind, &status(404), Some(ErrandEnd::Failed));
        ends(kind, &status(403), Some(ErrandEnd::Failed));
        ends(kind, &outcome(Answer::Gone), Some(ErrandEnd::Failed));
        ends(
            kind,
            &failed(FailureKind::TooLarge),
            Some(ErrandEnd::Failed),
        );
        ends(kind, &failed(FailureKind::Refused), Some(ErrandEnd::Failed));
        ends(
            kind,
            &failed(FailureKind::NotAPage),
            Some(ErrandEnd::Failed),
        );
    }
    ends(
        older,
        &redirect("https://b.example/x"),
        Some(ErrandEnd::Astray),
    );
}

#[test]
fn tries_and_age_are_bounded_and_a_kill_counts_as_a_try() {
    let kind = ErrandKind::OlderPage { left: 0 };
    let mut stored = errand(1, "https://a.example/x", kind);
    let mut now = 0;
    for nth in 1..=TRIES_MAX {
        // Killed after the request was written down, and started anew.
        let mut rounds = rounds(0);
        assert_eq!(rounds.add_errand(stored.clone(), at(now)), None);
        assert!(
            nth == 1 || rounds.begin_errands(at(now), 9).is_empty(),
            "at once"
        );
        now = rounds.next_errand_wake().unwrap().as_second() - at(0).as_second();
        stored = rounds.begin_errands(at(now), 9)[0].errand.clone();
        assert_eq!(stored.tries, nth);
    }
    assert_eq!(
        rounds(0).add_errand(stored, at(now)),
        Some(ErrandEnd::Spent)
    );
    let old = errand(1, "https://a.example/x", kind);
    let later = at(24 * 60 * 60 + 1);
    assert_eq!(rounds(0).add_errand(old, later), Some(ErrandEnd::Spent));
    let strange = Errand {
        feed: FeedId::new("other").unwrap(),
        ..errand(1, "https://a.example/x", kind)
    };
    assert_eq!(
        rounds(0).add_errand(strange, at(0)),
        Some(ErrandEnd::Removed)
    );
}

#[test]
fn what_waited_for_a_day_is_not_asked_for() {
    let mut rounds = rounds(0);
    let kind = ErrandKind::OlderPage { left: 0 };
    for id in [1, 2] {
        rounds.add_errand(errand(id, "https://a.example/x", kind), at(0));
    }
    rounds.begin_errands(at(0), 9);
    let away = FetchOutcome {
        hints: Hints {
            retry_after: Some(SignedDuration::from_hours(48)),
            ..Hints::default()
        },
        ..status(503)
    };
    rounds.errand_answered(ErrandId(1), away, at(1));
    let two_days = 48 * 60 * 60 + 1;
    assert_eq!(rounds.next_errand_wake(), Some(at(two_days)));
    asks(&mut rounds, two_days, &[]);
    asks(&mut rounds, two_days + 2, &[]);
    let ended = rounds.take_ended_errands();
    let ends: HashSet<(i64, ErrandEnd)> = ended.into_iter().map(|(id, end)| (id.0, end)).collect();
    assert_eq!(ends, [(1, ErrandEnd::Spent), (2, ErrandEnd::Spent)].into());
    assert_eq!((rounds.errands(), rounds.next_errand_wake()), (0, None));
}

#[test]
fn a_site_whose_rules_cannot_be_had_is_closed_for_an_hour() {
    let mut rounds = rounds(0);
    for id in [1, 2] {
        rounds.add_errand(page(id, "https://a.example/x"), at(0));
    }
    asks(
        &mut rounds,
        0,
        &[("https://a.example/robots.txt", Why::Robots)],
    );
    let turn = rounds.errand_answered(ErrandId(1), status(500), at(1));
    let ErrandTurn::Wait(errand) = turn else {
        panic!("{turn:?}")
    };
    assert_eq!(errand.due, at(3601));
    asks(&mut rounds, 3600, &[]);
    asks(
        &mut rounds,
        3601,
        &[("https://a.example/robots.txt", Why::Robots)],
    );
    // A jump of the clock leaves the wait as long as it was.
    rounds.shift(SignedDuration::from_hours(5));
    let id = if rounds.errand(ErrandId(1)).unwrap().tries == 2 {
        1
    } else {
        2
    };
    rounds.errand_answered(ErrandId(id), status(404), at(5 * 3600 + 3602));
    asks(&mut rounds, 5 * 3600 + 3603, &[]);
    asks(
        &mut rounds,
        5 * 3600 + 3604,
        &[("https://a.example/x", Why::ArticlePage)],
    );
}

#[test]
fn what_could_not_be_stored_is_tried_again_later() {
    let mut rounds = rounds(0);
    let kind = ErrandKind::OlderPage { left: 0 };
    rounds.add_errand(errand(1, "https://a.example/x", kind), at(0));
    asks(&mut rounds, 0, &[("https://a.example/x", Why::OlderPage)]);
    rounds.abandon_errand(ErrandId(1), at(10), at(1));
    assert!(rounds.take_ended_errands().is_empty());
    asks(&mut rounds, 299, &[]);
    asks(&mut rounds, 300, &[("https://a.example/x", Why::OlderPage)]);
}

#[test]
fn words_of_reasons_are_told_apart() {
    for why in [
        Why::OlderPage,
        Why::ArticlePage,
        Why::Robots,
        Why::Poll(PollReason::Gap),
    ] {
        assert_eq!(Why::named(why.as_str()), Some(why));
    }
    assert_eq!(Why::named("else"), None);
}

const ANSWERS: usize = 7;

fn answer(kind: usize, host: usize) -> FetchOutcome {
    match kind {
        0 => body("User-agent: *\nAllow: /"),
        1 => body("User-agent: *\nDisallow: /"),
        2 => status(404),
        3 => status(500),
        4 => FetchOutcome {
            hints: Hints {
                retry_after: Some(SignedDuration::from_secs(30)),
                ..Hints::default()
            },
            ..status(429)
        },
        5 => redirect(&format!("https://h{host}.example/moved")),
        _ => failed(FailureKind::Timeout),
    }
}

/// What outlives a kill.
#[derive(Default)]
struct Stored {
    errands: HashMap<ErrandId, Errand>,
    hosts: HashMap<String, HostState>,
}

impl Stored {
    /// Rounds as they are after a restart; what is spent then is no longer open.
    fn take_up(&self, now: Timestamp, open: &mut HashSet<ErrandId>) -> Rounds {
        let mut rounds = Rounds::new(HostRules::default(), self.hosts.values().cloned());
        rounds.feeds = self::rounds(1_000_000).feeds;
        for (id, errand) in &self.errands {
            if open.contains(id) && rounds.add_errand(errand.clone(), now).is_some() {
                open.remove(id);
            }
        }
        rounds
    }
}

proptest! {
    /// Whatever hosts answer: one request in flight, the spacing between two,
    /// their waits, and every errand ends.
    #[test]
    fn hosts_are_never_hurried_and_errands_never_lost(
        pages in proptest::collection::vec((0..3_usize, any::<bool>()), 1..12),
        answers in proptest::collection::vec((0..ANSWERS, 0..3_usize, 0..5_i64), 1..80),
        kills in proptest::collection::vec(0..60_usize, 0..4),
    ) {
        let mut rounds = rounds(1_000_000);
        let mut open = HashSet::new();
        let mut stored = Stored::default();
        for (id, (host, is_page)) in (0..).zip(&pages) {
            let kind = if *is_page { ErrandKind::ArticlePage } else { ErrandKind::OlderPage { left: 1 } };
            let errand = errand(id, &format!("https://h{host}.example/{id}"), kind);
            rounds.add_errand(errand.clone(), at(0));
            stored.errands.insert(ErrandId(id), errand);
            open.insert(ErrandId(id));
        }
        let mut answers = answers.into_iter().cycle();
        let (mut now, mut flights) = (0_i64, Vec::new());
        let (mut last_end, mut held) = (HashMap::<String, i64>::new(), HashMap::<String, i64>::new());
        for step in 0..3_000 {
            if open.is_empty() {
                break;
            }
            if kills.contains(&step) {
                // What was in flight was heard of by its host, and not by us.
                for (_, host) in flights.drain(..) {
                    last_end.insert(host, now);
                }
                now += 2;
                rounds = stored.take_up(at(now), &mut open);
                continue;
            }
            for ask in rounds.begin_errands(at(now), 5) {
                let host = ask.url.host_str().unwrap().to_owned();
                prop_assert!(flights.iter().all(|(_, other): &(ErrandId, String)| *other != host), "two in flight");
                prop_assert!(last_end.get(&host).is_none_or(|end| now - end >= 2), "too close");
                prop_assert!(held.get(&host).is_none_or(|until| now >= *until), "asked to be left alone");
                stored.hosts.insert(host.clone(), ask.host);
                stored.errands.insert(ask.errand.id, ask.errand.clone());
                flights.push((ask.errand.id, host));
            }
            for (id, _) in rounds.take_ended_errands() {
                prop_assert!(open.remove(&id));
            }
            prop_assert_eq!(rounds.errands(), open.len());
            let (kind, to, took) = answers.next().unwrap();
            if flights.is_empty() {
                let wake = rounds.next_errand_wake().map(|wake| wake.as_second() - at(0).as_second());
                prop_assert!(wake.is_some() || open.is_empty(), "lost: {open:?}");
                now = wake.map_or(now, |wake| wake.max(now));
                continue;
            }
            now += took;
            let (id, host) = flights.remove(0);
            last_end.insert(host.clone(), now);
            if kind == 4 {
                held.insert(host.clone(), now + 30);
            }
            let turn = rounds.errand_answered(id, answer(kind, to), at(now));
            let known = rounds.host_state(&Host::named(&host)).unwrap().clone();
            stored.hosts.insert(host, known);
            match turn {
                ErrandTurn::Follow => {}
                ErrandTurn::Wait(errand) => {
                    stored.errands.insert(id, errand);
                }
                ErrandTurn::Read(_) => {
                    rounds.errand_is_over(id);
                    prop_assert!(open.remove(&id));
                }
                ErrandTurn::End(_) => prop_assert!(open.remove(&id)),
            }
        }
        prop_assert!(open.is_empty(), "{open:?}");
    }
}
