//! Visits and polls keep the politeness of a host together.

use super::super::Ask;
use super::super::tests::{asked, at, failed, feed, fine, rounds};
use super::{Rounds, VisitId};
use crate::policy::host::Host;
use crate::policy::poll::FailureKind;
use jiff::SignedDuration;
use url::Url;

const SPACING: SignedDuration = SignedDuration::from_secs(2);

fn wanted(rounds: &mut Rounds, url: &str, secs: i64) -> VisitId {
    rounds.add_visit(&Url::parse(url).unwrap(), SPACING, at(secs))
}

/// The polls and the visits that begin at a second.
fn begun(rounds: &mut Rounds, secs: i64) -> (Vec<String>, Vec<VisitId>) {
    let polls = asked(rounds, secs).into_iter();
    let visits = rounds.take_begun_visits().into_iter();
    let feed = |ask: Ask| ask.state.feed.as_str().to_owned();
    (
        polls.map(feed).collect(),
        visits.map(|(id, _)| id).collect(),
    )
}

fn nothing() -> (Vec<String>, Vec<VisitId>) {
    Default::default()
}

#[test]
fn a_visit_waits_for_a_poll_and_a_poll_for_a_visit() {
    let polls = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let mut rounds = rounds(&[
        ("a", "https://x.example/a"),
        ("b", "https://x.example/b"),
        ("c", "https://y.example/"),
    ]);
    let visit = wanted(&mut rounds, "https://X.example:8080/hub", 1);
    let (first, visits) = begun(&mut rounds, 1);
    assert_eq!((first.len(), visits.len()), (2, 0), "one of each host");
    rounds.answered(&feed("a"), fine(), at(1));
    rounds.answered(&feed("b"), fine(), at(1));
    assert_eq!(begun(&mut rounds, 2), nothing());
    // What is due for longer goes first.
    assert_eq!(begun(&mut rounds, 3).0.len(), 1);
    for name in ["a", "b"] {
        rounds.answered(&feed(name), fine(), at(4));
        let mut state = rounds.state(&feed(name)).unwrap().clone();
        state.next_poll_at = at(5);
        rounds.settled(state);
    }
    assert_eq!(rounds.next_wake(), Some(at(6)));
    assert_eq!(begun(&mut rounds, 5), nothing());
    assert_eq!(begun(&mut rounds, 6), (polls(&[]), vec![visit]));

    assert_eq!(begun(&mut rounds, 60), nothing(), "it is visited");
    let host = rounds.visited(visit, None, at(60)).unwrap();
    assert_eq!((host.asked_at, host.hold), (Some(at(60)), None));
    assert_eq!(begun(&mut rounds, 61), nothing(), "too soon");
    assert_eq!(begun(&mut rounds, 62), (polls(&["a"]), vec![]));
    assert_eq!(rounds.visited(visit, None, at(63)), None, "it was over");
}

#[test]
fn who_sends_a_visit_away_is_not_polled_either() {
    let secs = SignedDuration::from_secs;
    // The status, how long it says to keep away, and until when that holds.
    for (status, away, until) in [
        (400, None, None),
        (404, Some(secs(30)), Some(31)),
        (429, Some(secs(900)), Some(901)),
        (429, None, Some(601)),
        (503, None, Some(601)),
        (500, None, None),
    ] {
        let mut rounds = rounds(&[("a", "https://x.example/a")]);
        let visit = wanted(&mut rounds, "https://x.example/hub", -2);
        assert_eq!(begun(&mut rounds, -2).1, [visit]);
        let host = rounds.visited(visit, Some((status, away)), at(1)).unwrap();
        assert_eq!(host.hold.map(|(until, _)| until), until.map(at), "{status}");
        let free = until.unwrap_or(3);
        assert_eq!(begun(&mut rounds, free - 1), nothing(), "{status}");
        assert_eq!(asked(&mut rounds, free).len(), 1, "{status}");
    }
}

#[test]
fn who_sends_a_poll_away_is_not_visited_either() {
    let mut rounds = rounds(&[("a", "https://x.example/a")]);
    assert_eq!(asked(&mut rounds, 0).len(), 1);
    rounds.answered(&feed("a"), failed(FailureKind::Status(503)), at(0));
    let visit = wanted(&mut rounds, "https://x.example/hub", 1);
    assert_eq!(begun(&mut rounds, 599), nothing());
    rounds.shift(SignedDuration::from_hours(1));
    assert_eq!(begun(&mut rounds, 4199), nothing());
    assert_eq!(begun(&mut rounds, 4200).1, [visit]);
    let host = rounds.host_state(&Host::named("x.example")).unwrap();
    assert_eq!(host.failures, 1);
}
