//! What the agenda promises to publishers: one request at a time and at a
//! distance; and to users: every feed gets its turn.

use super::{Agenda, Call, ErrandId, VisitId};
use crate::feed::FeedId;
use crate::policy::host::Host;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + secs).unwrap()
}

fn feed(name: &str) -> FeedId {
    FeedId::new(name).unwrap()
}

fn agenda(spacing_s: i64, feeds: &[(&str, &str, i64)]) -> Agenda {
    let mut agenda = Agenda::new();
    let spacing = SignedDuration::from_secs(spacing_s);
    for (name, host, due) in feeds {
        agenda.insert(&feed(name), (Host::named(host), spacing), at(*due));
    }
    agenda
}

#[track_caller]
fn takes(agenda: &mut Agenda, now: i64, limit: usize, expect: &[&str]) {
    let expect: Vec<Call> = expect.iter().map(|name| Call::Poll(feed(name))).collect();
    assert_eq!(agenda.take(at(now), limit), expect);
}

#[test]
fn one_request_a_host_at_a_time() {
    let mut agenda = agenda(2, &[("a", "x", 0), ("b", "x", 1), ("c", "y", 5)]);
    assert_eq!(agenda.next_wake(), Some(at(0)));
    takes(&mut agenda, 10, 9, &["a", "c"]);
    takes(&mut agenda, 20, 9, &[]);
    agenda.release(&feed("a"), at(21));
    takes(&mut agenda, 22, 9, &[]);
    assert_eq!(agenda.next_wake(), Some(at(23)));
    takes(&mut agenda, 23, 9, &["b"]);
    agenda.release(&feed("b"), at(24));
    agenda.reschedule(&feed("a"), at(100));
    assert_eq!(agenda.next_wake(), Some(at(100)));
}

#[test]
fn the_longest_due_comes_first_and_the_limit_holds() {
    let mut agenda = agenda(0, &[("a", "x", 3), ("b", "y", 1), ("c", "z", 2)]);
    takes(&mut agenda, 10, 2, &["b", "c"]);
    takes(&mut agenda, 10, 2, &["a"]);
}

#[test]
fn a_host_that_asked_is_left_alone() {
    let mut agenda = agenda(0, &[("a", "x", 0), ("b", "x", 0)]);
    agenda.hold_host(&Host::named("X."), at(50));
    takes(&mut agenda, 49, 9, &[]);
    agenda.hold_host(&Host::named("x"), at(10));
    assert_eq!(agenda.next_wake(), Some(at(50)));
    takes(&mut agenda, 50, 9, &["a"]);
}

#[test]
fn a_redirect_leads_to_another_host_and_back() {
    let mut agenda = agenda(2, &[("a", "x", 0), ("b", "y", 0)]);
    takes(&mut agenda, 0, 1, &["a"]);
    agenda.release(&feed("a"), at(1));
    agenda.insert(&feed("a"), (Host::named("y"), SignedDuration::ZERO), at(1));
    takes(&mut agenda, 1, 9, &["b"]);
    takes(&mut agenda, 1, 9, &[]);
    agenda.release(&feed("b"), at(5));
    takes(&mut agenda, 6, 9, &[]);
    takes(&mut agenda, 7, 9, &["a"]);
    agenda.release(&feed("a"), at(8));
    agenda.insert(&feed("a"), (Host::named("x"), SignedDuration::ZERO), at(20));
    agenda.insert(&feed("a"), (Host::named("x"), SignedDuration::ZERO), at(30));
    assert_eq!(agenda.next_wake(), Some(at(30)));
}

#[test]
fn waits_are_as_long_whatever_the_clock_does() {
    let mut agenda = agenda(2, &[("a", "x", 100), ("b", "y", 0)]);
    takes(&mut agenda, 0, 9, &["b"]);
    agenda.shift(SignedDuration::from_secs(3600));
    takes(&mut agenda, 3699, 9, &[]);
    agenda.shift(SignedDuration::from_secs(-3600));
    takes(&mut agenda, 99, 9, &[]);
    takes(&mut agenda, 100, 9, &["a"]);
    agenda.release(&feed("b"), at(101));
    agenda.reschedule(&feed("b"), at(101));
    takes(&mut agenda, 102, 9, &[]);
    takes(&mut agenda, 103, 9, &["b"]);
}

#[test]
fn errands_come_after_polls_and_share_the_host() {
    let mut agenda = agenda(2, &[("a", "x", 5)]);
    let host = || (Host::named("x"), SignedDuration::ZERO);
    let errands = |agenda: &mut Agenda, now| agenda.take_errands(at(now), 9);
    for id in [1, 2] {
        agenda.insert(ErrandId(id), host(), at(4 + id));
    }
    assert_eq!(
        (agenda.next_wake(), agenda.next_errand()),
        (Some(at(5)), Some(at(5)))
    );
    takes(&mut agenda, 7, 9, &["a"]);
    assert_eq!(errands(&mut agenda, 7), []);
    assert_eq!(agenda.next_errand(), None);
    agenda.release(&feed("a"), at(8));
    agenda.reschedule(&feed("a"), at(11));
    assert_eq!(errands(&mut agenda, 9), []);
    assert_eq!(errands(&mut agenda, 10), [ErrandId(1)]);
    takes(&mut agenda, 20, 9, &[]);
    agenda.release(ErrandId(1), at(21));
    agenda.remove(ErrandId(1));
    agenda.hold_host(&Host::named("x"), at(40));
    takes(&mut agenda, 39, 9, &[]);
    assert_eq!(errands(&mut agenda, 39), []);
    agenda.shift(SignedDuration::from_secs(100));
    assert_eq!(agenda.next_errand(), Some(at(140)));
    takes(&mut agenda, 140, 9, &["a"]);
    agenda.remove(ErrandId(2));
    agenda.release(&feed("a"), at(141));
    assert_eq!(agenda.next_errand(), None);
}

#[test]
fn visits_take_their_turns_among_polls_and_before_errands() {
    let mut agenda = agenda(2, &[("a", "x", 3), ("b", "x", 5)]);
    let host = || (Host::named("x"), SignedDuration::ZERO);
    agenda.insert(ErrandId(1), host(), at(0));
    agenda.insert(VisitId(1), host(), at(4));
    takes(&mut agenda, 5, 9, &["a"]);
    agenda.release(&feed("a"), at(5));
    assert_eq!(agenda.take(at(7), 9), [Call::Visit(VisitId(1))]);
    agenda.release(VisitId(1), at(8));
    agenda.remove(VisitId(1));
    takes(&mut agenda, 10, 9, &["b"]);
    agenda.release(&feed("b"), at(10));
    assert_eq!(agenda.take(at(12), 9), []);
    assert_eq!(agenda.take_errands(at(12), 9), [ErrandId(1)]);
}

#[derive(Debug, Clone)]
enum Act {
    Take(i64, usize),
    Release(usize),
    Reschedule(usize, i64),
    Hold(usize, i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..20_i64, 0..6_usize).prop_map(|(later, limit)| Act::Take(later, limit)),
        (0..12_usize).prop_map(Act::Release),
        (0..12_usize, 0..60_i64).prop_map(|(feed, later)| Act::Reschedule(feed, later)),
        (0..4_usize, 0..60_i64).prop_map(|(host, later)| Act::Hold(host, later)),
    ]
}

fn feeds_of(calls: Vec<Call>) -> impl Iterator<Item = FeedId> {
    calls.into_iter().filter_map(|call| match call {
        Call::Poll(feed) => Some(feed),
        _ => None,
    })
}

const SPACING_S: i64 = 3;

proptest! {
    #[test]
    fn hosts_are_never_hurried_and_feeds_never_lost(acts in proptest::collection::vec(act(), 1..120)) {
        let hosts: Vec<Host> = (0..4).map(|n| Host::named(&format!("h{n}"))).collect();
        let feeds: Vec<FeedId> = (0..12).map(|n| feed(&format!("f{n}"))).collect();
        let host_of = |feed: &FeedId| feeds.iter().position(|other| other == feed).unwrap() % 4;
        let mut agenda = Agenda::new();
        let spacing = SignedDuration::from_secs(SPACING_S);
        let mut due: HashMap<FeedId, i64> = HashMap::new();
        for (n, feed) in feeds.iter().enumerate() {
            agenda.insert(feed, (hosts[n % 4].clone(), spacing), at(0));
            due.insert(feed.clone(), 0);
        }
        let (mut now, mut busy) = (0, HashSet::new());
        let (mut last_end, mut held) = ([i64::MIN / 2; 4], [0_i64; 4]);
        for act in acts {
            match act {
                Act::Take(later, limit) => {
                    now += later;
                    for feed in feeds_of(agenda.take(at(now), limit)) {
                        let host = host_of(&feed);
                        prop_assert!(due.remove(&feed).is_some_and(|due| due <= now), "taken before due");
                        prop_assert!(busy.insert(host), "two in flight");
                        prop_assert!(now - last_end[host] >= SPACING_S, "too close");
                        prop_assert!(now >= held[host], "asked to be left alone");
                    }
                }
                Act::Release(n) => {
                    // Only what is in flight can be released.
                    if !due.contains_key(&feeds[n]) {
                        agenda.release(&feeds[n], at(now));
                        last_end[host_of(&feeds[n])] = now;
                        busy.remove(&host_of(&feeds[n]));
                        agenda.reschedule(&feeds[n], at(now + 7));
                        due.insert(feeds[n].clone(), now + 7);
                    }
                }
                Act::Reschedule(n, later) => {
                    if due.contains_key(&feeds[n]) {
                        agenda.reschedule(&feeds[n], at(now + later));
                        due.insert(feeds[n].clone(), now + later);
                    }
                }
                Act::Hold(n, later) => {
                    agenda.hold_host(&hosts[n], at(now + later));
                    held[n] = held[n].max(now + later);
                }
            }
        }
        // In the end everybody gets their turn.
        for _ in 0..60 {
            now += 60;
            for feed in feeds.iter().filter(|feed| !due.contains_key(feed)) {
                agenda.release(feed, at(now));
            }
            for feed in feeds_of(agenda.take(at(now), 99)) {
                due.remove(&feed);
            }
        }
        prop_assert!(due.is_empty(), "{due:?}");
    }
}
