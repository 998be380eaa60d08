//! What is asked, in which order, and what answers lead to.

use super::{Ask, REDIRECTS_MAX, Rounds, Steady, Target, Turn};
use crate::feed::FeedId;
use crate::policy::host::{Host, HostRules, HostState};
use crate::policy::poll::{
    Answer, Bounds, Every, FailureKind, FeedState, FetchOutcome, FirstRun, Hints, PollLimits,
    PollReason, Polled, Storm, Validators, settle,
};
use jiff::{SignedDuration, Timestamp};
use url::Url;

pub(super) fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + secs).unwrap()
}

pub(super) fn feed(name: &str) -> FeedId {
    FeedId::new(name).unwrap()
}

pub(super) fn rounds(feeds: &[(&str, &str)]) -> Rounds {
    let mut rounds = Rounds::new(HostRules::default(), []);
    for (name, url) in feeds {
        let target = Target {
            feed: feed(name),
            url: Url::parse(url).unwrap(),
            limits: PollLimits {
                every: Every::Fixed(SignedDuration::from_mins(15)),
                min: SignedDuration::from_mins(5),
                max: SignedDuration::from_hours(24),
                requests_per_minute: None,
                host_spacing: SignedDuration::from_secs(2),
                first_run: FirstRun::All,
            },
        };
        let state = FeedState::new(feed(name), target.url.to_string(), at(0));
        rounds.add(target, state);
    }
    rounds
}

fn outcome(answer: Answer) -> FetchOutcome {
    FetchOutcome {
        answer,
        hints: Hints::default(),
    }
}

fn redirect(to: &str, permanent: bool) -> FetchOutcome {
    let to = Box::new(Url::parse(to).unwrap());
    outcome(Answer::Redirect { to, permanent })
}

pub(super) fn failed(kind: FailureKind) -> FetchOutcome {
    outcome(Answer::Failed {
        kind,
        detail: "no".to_owned(),
    })
}

pub(super) fn fine() -> FetchOutcome {
    outcome(Answer::NotModified(Validators::default()))
}

#[track_caller]
pub(super) fn asked(rounds: &mut Rounds, secs: i64) -> Vec<Ask> {
    rounds.begin(at(secs), 99)
}

#[track_caller]
fn settles(turn: Turn) -> Polled {
    match turn {
        Turn::Settle(polled) => *polled,
        Turn::Follow => panic!("it goes on"),
    }
}

/// Where redirects lead, each with whether it is for good, and what is made of it.
#[track_caller]
fn check_redirects(hops: &[(&str, bool)], moved_to: Option<&str>) {
    let mut rounds = rounds(&[("a", "https://a.example/rss")]);
    let mut second = 0;
    for (to, permanent) in hops {
        assert_eq!(asked(&mut rounds, second).len(), 1, "{to}");
        let turn = rounds.answered(&feed("a"), redirect(to, *permanent), at(second));
        assert_eq!(turn, Turn::Follow);
        second += 2;
    }
    let last = asked(&mut rounds, second);
    assert_eq!(last[0].hop as usize, hops.len());
    assert_eq!(last[0].derived, !hops.is_empty());
    assert!(
        hops.last()
            .is_none_or(|(to, _)| last[0].url.as_str() == *to)
    );
    let polled = settles(rounds.answered(&feed("a"), fine(), at(second)));
    assert_eq!(polled.moved_to.as_deref(), moved_to);
}

#[test]
fn only_a_way_that_is_permanent_throughout_is_a_move() {
    let (b, c) = ("https://b.example/", "https://c.example/");
    check_redirects(&[], None);
    check_redirects(&[(b, true)], Some(b));
    check_redirects(&[(b, true), (c, true)], Some(c));
    check_redirects(&[(b, false), (c, true)], None);
    check_redirects(&[(b, true), (c, false)], None);
}

#[test]
fn redirects_are_few_and_each_waits_its_turn() {
    let mut rounds = rounds(&[("a", "https://a.example/rss")]);
    for hop in 0..REDIRECTS_MAX {
        let second = i64::from(hop) * 2;
        assert!(hop == 0 || asked(&mut rounds, second - 1).is_empty());
        assert_eq!(asked(&mut rounds, second).len(), 1);
        let turn = rounds.answered(
            &feed("a"),
            redirect("https://a.example/", false),
            at(second),
        );
        assert_eq!(turn, Turn::Follow);
    }
    let second = i64::from(REDIRECTS_MAX) * 2;
    asked(&mut rounds, second);
    let turn = rounds.answered(
        &feed("a"),
        redirect("https://a.example/", false),
        at(second),
    );
    let Answer::Failed { kind, .. } = settles(turn).outcome.answer else {
        panic!("it did not fail")
    };
    assert_eq!(kind, FailureKind::Redirect);
}

#[test]
fn a_host_is_every_name_below_it() {
    let mut rounds = rounds(&[
        ("a", "https://www.reddit.com/a"),
        ("b", "https://old.reddit.com/b"),
    ]);
    assert_eq!(asked(&mut rounds, 0).len(), 1);
    let away = FetchOutcome {
        hints: Hints {
            retry_after: Some(SignedDuration::from_secs(500)),
            ..Hints::default()
        },
        ..failed(FailureKind::Status(429))
    };
    let polled = settles(rounds.answered(&feed("a"), away, at(1)));
    assert_eq!(polled.hold, Some((at(501), PollReason::RetryAfter)));
    assert!(asked(&mut rounds, 500).is_empty());
    assert_eq!(asked(&mut rounds, 501).len(), 1);
}

#[test]
fn when_nobody_can_be_reached_it_is_us() {
    let names = ["a", "b", "c", "d"];
    let urls = names.map(|name| format!("https://{name}.example/"));
    let feeds: Vec<(&str, &str)> = names
        .into_iter()
        .zip(urls.iter().map(String::as_str))
        .collect();
    let mut all = rounds(&feeds);
    asked(&mut all, 0);
    let mut ends = |name: &str, outcome| settles(all.answered(&feed(name), outcome, at(1))).offline;
    assert!(!ends("a", failed(FailureKind::Dns)));
    assert!(!ends("b", failed(FailureKind::Timeout)));
    assert!(ends("c", failed(FailureKind::Connect)));
    assert!(!ends("d", failed(FailureKind::Status(500))), "it answered");
    assert!(!ends("a", failed(FailureKind::Dns)));
    // One host alone says nothing about us.
    let mut one = rounds(&feeds[..1]);
    for _ in 0..5 {
        let polled = settles(one.answered(&feed("a"), failed(FailureKind::Dns), at(1)));
        assert!(!polled.offline);
    }
}

/// Rounds of feeds of one host that worked yesterday, and what each answer means.
fn weather(feeds: &[(&str, &str)], answers: &[(&str, FetchOutcome)]) -> (Rounds, Vec<Storm>) {
    let mut rounds = rounds(feeds);
    for (name, _) in feeds {
        let known = rounds.feeds.get_mut(&feed(name)).unwrap();
        known.state.succeeded_at = Some(at(-86_400));
    }
    let heard = answers.iter().map(|(name, outcome)| {
        let polled = settles(rounds.answered(&feed(name), outcome.clone(), at(1)));
        let bounds = Bounds {
            limits: &rounds.feeds[&feed(name)].target.limits,
            rule: &rounds.rule_of(&feed(name)).unwrap(),
        };
        let state = rounds.state(&feed(name)).unwrap();
        let settled = settle(state, &polled, None, bounds, (at(1), 0.0));
        rounds.settled(settled.state);
        polled.storm
    });
    let storms = heard.collect();
    (rounds, storms)
}

#[test]
fn when_a_host_fails_for_many_none_of_them_is_blamed() {
    use Storm::{Begins, Calm, Lasts};
    let feeds = ["a", "b", "c", "d"].map(|name| (name, "https://tube.example/feed"));
    let status = |status| failed(FailureKind::Status(status));
    let (rounds, storms) = weather(
        &feeds,
        &[
            ("a", status(404)),
            ("b", status(500)),
            ("b", status(404)),
            ("c", status(404)),
            ("d", status(502)),
        ],
    );
    assert_eq!(storms, [Calm, Calm, Calm, Begins, Lasts]);
    for (name, _) in feeds {
        let state = rounds.state(&feed(name)).unwrap();
        let wait = state.next_poll_at.duration_since(at(1));
        assert!(wait <= SignedDuration::from_mins(15), "{name}: {state:?}");
    }
    let host = rounds.host_state(&Host::named("tube.example")).unwrap();
    assert_eq!(
        host.hold,
        Some((at(601), PollReason::Backoff)),
        "twice five minutes"
    );
    // One that works ends it, and the host is as good as before.
    let rows = [
        ("a", status(404)),
        ("b", status(404)),
        ("c", fine()),
        ("d", status(404)),
    ];
    let (rounds, storms) = weather(&feeds, &rows);
    assert_eq!(storms, [Calm; 4]);
    let state = rounds.state(&feed("a")).unwrap();
    assert_eq!(state.reason, PollReason::Refused, "it is really gone");
    // What is busy has its own wait, and what never worked is no sign.
    assert_eq!(
        weather(&feeds, &["a", "b", "c"].map(|name| (name, status(503)))).1,
        [Calm; 3]
    );
    let mut strangers = self::rounds(&feeds);
    for (name, _) in feeds {
        let polled = settles(strangers.answered(&feed(name), status(404), at(1)));
        assert_eq!(polled.storm, Calm);
    }
}

#[test]
fn what_could_not_be_stored_is_not_asked_at_once() {
    let mut rounds = rounds(&[("a", "https://a.example/")]);
    asked(&mut rounds, 0);
    rounds.abandon(&feed("a"), at(10), at(1));
    assert!(asked(&mut rounds, 300).is_empty());
    assert_eq!(asked(&mut rounds, 301).len(), 1);
}

#[test]
fn a_host_is_as_it_was_after_a_restart() {
    let known = HostState {
        asked_at: Some(at(-1)),
        hold: Some((at(40), PollReason::RetryAfter)),
        ..HostState::new(Host::named("www.reddit.com"))
    };
    let mut restarted = Rounds::new(HostRules::default(), [known.clone()]);
    let target = Target {
        feed: feed("a"),
        url: Url::parse("https://old.reddit.com/a").unwrap(),
        limits: rounds(&[("a", "https://a.example/")]).feeds[&feed("a")]
            .target
            .limits,
    };
    restarted.add(
        target,
        FeedState::new(feed("a"), "https://old.reddit.com/a".into(), at(0)),
    );
    assert!(asked(&mut restarted, 59).is_empty(), "a minute apart");
    restarted.shift(SignedDuration::from_hours(1));
    assert!(asked(&mut restarted, 3659).is_empty());
    assert_eq!(asked(&mut restarted, 3660).len(), 1);
    let (states, hosts) = restarted.written(at(3660));
    assert_eq!(states[0].reason, PollReason::Asking);
    assert_eq!(hosts[0].hold, Some((at(3640), PollReason::RetryAfter)));
    // A clock that was set back while nobody looked.
    let corrected = known.corrected(at(-100)).unwrap();
    assert_eq!(corrected.hold, Some((at(-59), PollReason::RetryAfter)));
    assert_eq!(known.corrected(at(0)), None);
}

#[test]
fn a_jump_is_told_from_time_that_passed() {
    let secs = SignedDuration::from_secs;
    let mut steady = Steady::new(at(0), secs(50));
    let rows = [
        // The clock, the uptime, and by how much the clock was set.
        (10, 60, None),
        (3610, 3660, None),
        (7210, 3660, Some(3600)),
        (7220, 3670, None),
        (20, 3680, Some(-7210)),
        // A second is the least that counts.
        (79, 3740, Some(-1)),
        (139, 3800, None),
    ];
    for (now, uptime, jump) in rows {
        let told = steady.jump(secs(uptime), at(now), secs(uptime));
        assert_eq!(told, jump.map(secs), "{now}");
    }
    // A thread that was held up between two readings is no jump, then or later.
    assert_eq!(steady.jump(secs(3810), at(149), secs(3815)), None);
    assert_eq!(steady.jump(secs(3820), at(164), secs(3825)), None);
    assert_eq!(steady.jump(secs(3830), at(169), secs(3830)), None);
    assert_eq!(
        steady.jump(secs(3840), at(279), secs(3840)),
        Some(secs(100))
    );
}

#[test]
fn what_the_operator_asks_for_comes_early_and_once() {
    let mut rounds = rounds(&[("a", "https://a.example/"), ("b", "https://b.example/")]);
    assert_eq!(asked(&mut rounds, 0).len(), 2);
    // It is being asked.
    rounds.hurry(&feed("a"), at(1), at(1));
    for name in ["a", "b"] {
        settles(rounds.answered(&feed(name), fine(), at(1)));
        let mut state = rounds.state(&feed(name)).unwrap().clone();
        state.polled_at = Some(at(1));
        state.memory.wished_until = Some(at(1));
        state.next_poll_at = at(900);
        rounds.settled(state);
    }
    // It was polled since.
    rounds.hurry(&feed("a"), at(0), at(400));
    assert!(asked(&mut rounds, 400).is_empty());
    rounds.hurry(&feed("a"), at(399), at(400));
    rounds.hurry(&feed("nobody"), at(399), at(400));
    let asks = asked(&mut rounds, 400);
    assert_eq!(asks.len(), 1);
    assert_eq!(
        (&asks[0].state.feed, asks[0].reason),
        (&feed("a"), PollReason::Asked)
    );
    rounds.retire(&feed("b"));
    assert!(asked(&mut rounds, 100_000).is_empty());
}
