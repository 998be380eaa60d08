use super::*;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn after(at: Timestamp, second: i64) -> Timestamp {
    later(at, SignedDuration::from_secs(second))
}

fn unavailable(retry_after_s: Option<i64>) -> DeliveryOutcome {
    DeliveryOutcome::Unavailable {
        retry_after: retry_after_s.map(SignedDuration::from_secs),
        detail: "503".into(),
    }
}

fn misconfigured() -> DeliveryOutcome {
    DeliveryOutcome::Misconfigured {
        detail: "404".into(),
    }
}

fn gone() -> DeliveryOutcome {
    DeliveryOutcome::Gone {
        detail: "410".into(),
    }
}

fn refused() -> DeliveryOutcome {
    DeliveryOutcome::Refused {
        detail: "413".into(),
    }
}

/// An attempt that takes no time, without chance.
fn attempt(endpoint: &mut Endpoint, outcome: &DeliveryOutcome, now: Timestamp) -> Option<Change> {
    let ended = Ended {
        outcome,
        rest: None,
        started_at: now,
    };
    endpoint.take(ended, now, 0.5)
}

/// An endpoint after five failures in second 100.
fn open() -> Endpoint {
    let mut endpoint = Endpoint::default();
    for _ in 0..FAILURES_MAX {
        attempt(&mut endpoint, &unavailable(None), at(100));
    }
    endpoint
}

/// The waits in seconds between the next probes that end so.
fn probe_waits(endpoint: &mut Endpoint, outcome: &DeliveryOutcome, probes: usize) -> Vec<i64> {
    let mut now = endpoint.next_probe.unwrap();
    let mut waits = Vec::new();
    for _ in 0..probes {
        assert_eq!(endpoint.gate(now), Gate::Probe);
        assert_eq!(attempt(endpoint, outcome, now), None);
        let next = endpoint.next_probe.unwrap();
        assert_eq!(endpoint.gate(now), Gate::Until(next));
        waits.push(next.duration_since(now).as_secs());
        now = next;
    }
    waits
}

#[test]
fn five_failures_in_a_row_open_it() {
    let mut endpoint = Endpoint::default();
    for _ in 0..FAILURES_MAX - 1 {
        assert_eq!(attempt(&mut endpoint, &unavailable(None), at(1)), None);
        assert_eq!(endpoint.gate(at(1)), Gate::One);
    }
    // One success in between, or a payload that was refused, begins the count anew.
    for (outcome, succeeded_at) in [(DeliveryOutcome::Delivered, Some(at(1))), (refused(), None)] {
        let mut endpoint = endpoint.clone();
        assert_eq!(attempt(&mut endpoint, &outcome, at(1)), None);
        assert_eq!((endpoint.failures, endpoint.gate(at(1))), (0, Gate::Free));
        assert_eq!(endpoint.succeeded_at, succeeded_at);
    }
    let change = attempt(&mut endpoint, &unavailable(None), at(2));
    assert_eq!(change, Some(Change::Opened));
    assert_eq!(endpoint.since, Some(at(2)));
    assert_eq!(endpoint.last_error.as_deref(), Some("503"));
}

#[test]
fn probes_are_ever_rarer() {
    let mut endpoint = open();
    assert_eq!(endpoint.gate(at(100)), Gate::Until(at(105)));
    let waits = probe_waits(&mut endpoint, &unavailable(None), 8);
    assert_eq!(waits, [30, 120, 600, 1800, 3600, 3600, 3600, 3600]);
    let now = endpoint.next_probe.unwrap();
    let change = attempt(&mut endpoint, &DeliveryOutcome::Delivered, now);
    assert_eq!(change, Some(Change::Recovered { since: at(100) }));
    assert_eq!(endpoint.gate(now), Gate::Free);
    assert_eq!(endpoint.since, Some(now));
    assert_eq!(
        endpoint.last_error.as_deref(),
        Some("503"),
        "kept to be shown"
    );
}

#[test]
fn settings_are_mended_slowly() {
    let mut endpoint = Endpoint::default();
    let change = attempt(&mut endpoint, &misconfigured(), at(100));
    assert_eq!(change, Some(Change::Opened));
    assert_eq!(endpoint.gate(at(100)), Gate::Until(at(700)));
    let waits = probe_waits(&mut endpoint, &misconfigured(), 3);
    assert_eq!(waits, [1800, 3600, 3600]);
    // What is unavailable first and refuses us then is no longer asked in haste.
    let waits = probe_waits(&mut open(), &misconfigured(), 3);
    assert_eq!(waits, [600, 1800, 3600]);
}

#[test]
fn chance_moves_a_wait_by_a_fifth() {
    for (jitter, wait_s) in [(0.0, 480), (1.0, 720)] {
        let (mut endpoint, outcome) = (Endpoint::default(), misconfigured());
        let ended = Ended {
            outcome: &outcome,
            rest: None,
            started_at: at(0),
        };
        endpoint.take(ended, at(0), jitter);
        assert_eq!(endpoint.next_probe, Some(at(wait_s)));
    }
}

#[test]
fn what_was_under_way_when_it_opened_tells_nothing_new() {
    let mut endpoint = open();
    let outcome = unavailable(None);
    let ended = Ended {
        outcome: &outcome,
        rest: None,
        started_at: at(99),
    };
    assert_eq!(endpoint.take(ended, at(119), 0.5), None);
    assert_eq!(endpoint.gate(at(104)), Gate::Until(at(105)));
    let arrived = Ended {
        outcome: &DeliveryOutcome::Delivered,
        ..ended
    };
    let change = endpoint.take(arrived, at(119), 0.5);
    assert_eq!(change, Some(Change::Recovered { since: at(100) }));
}

#[test]
fn retry_after_holds_for_all_and_for_a_day_at_most() {
    for (wait_s, until_s) in [
        (i64::MIN, None),
        (-1, None),
        (0, None),
        (120, Some(120)),
        (25 * 3600, Some(24 * 3600)),
        (i64::MAX, Some(24 * 3600)),
    ] {
        let gate = until_s.map(|s| Gate::Until(at(s)));
        let mut endpoint = Endpoint::default();
        attempt(&mut endpoint, &unavailable(Some(wait_s)), at(0));
        assert_eq!(endpoint.gate(at(0)), gate.unwrap_or(Gate::One), "{wait_s}");
        // The same of a receiver that took the delivery.
        let mut endpoint = Endpoint::default();
        let ended = Ended {
            outcome: &DeliveryOutcome::Delivered,
            rest: Some(SignedDuration::from_secs(wait_s)),
            started_at: at(0),
        };
        endpoint.take(ended, at(0), 0.5);
        assert_eq!(endpoint.gate(at(0)), gate.unwrap_or(Gate::Free), "{wait_s}");
    }
}

#[test]
fn a_shorter_wish_does_not_shorten_a_longer_one() {
    let mut endpoint = Endpoint::default();
    attempt(&mut endpoint, &unavailable(Some(600)), at(0));
    attempt(&mut endpoint, &unavailable(Some(5)), at(1));
    attempt(&mut endpoint, &DeliveryOutcome::Delivered, at(2));
    assert_eq!(endpoint.gate(at(2)), Gate::Until(at(600)));
    assert_eq!(endpoint.gate(at(600)), Gate::Free);
}

#[test]
fn what_is_gone_is_left_alone_until_a_person_resumes_it() {
    for mut endpoint in [Endpoint::default(), open()] {
        let since = endpoint.since.unwrap_or(at(200));
        assert_eq!(
            attempt(&mut endpoint, &gone(), at(200)),
            Some(Change::Paused)
        );
        assert_eq!(attempt(&mut endpoint, &gone(), at(201)), None);
        // What was under way says nothing else.
        attempt(&mut endpoint, &DeliveryOutcome::Delivered, at(201));
        attempt(&mut endpoint, &unavailable(None), at(201));
        assert_eq!(endpoint.gate(at(i64::from(u32::MAX))), Gate::Shut);

        endpoint.resume(at(300));
        assert_eq!(endpoint.gate(at(300)), Gate::Probe);
        let mut well = endpoint.clone();
        let change = attempt(&mut well, &DeliveryOutcome::Delivered, at(301));
        assert_eq!(change, Some(Change::Recovered { since }));
        assert_eq!(
            attempt(&mut endpoint, &gone(), at(301)),
            Some(Change::Paused)
        );
    }
}

#[test]
fn a_person_does_not_undo_what_the_receiver_asked_for() {
    let mut endpoint = open();
    attempt(&mut endpoint, &unavailable(Some(900)), at(105));
    endpoint.resume(at(200));
    assert_eq!(endpoint.gate(at(200)), Gate::Until(at(1005)));
    assert_eq!(endpoint.gate(at(1005)), Gate::Probe);
}

#[test]
fn other_settings_are_another_endpoint() {
    let mut endpoint = open();
    attempt(&mut endpoint, &gone(), at(105));
    endpoint.reset();
    assert_eq!(endpoint, Endpoint::default());
}

#[test]
fn a_clock_that_was_wrong_keeps_nobody_waiting() {
    let mut endpoint = open();
    attempt(&mut endpoint, &unavailable(Some(24 * 3600)), at(10_000_000));
    assert_eq!(endpoint.gate(at(200)), Gate::Probe);
}

/// What happens to an endpoint in the course of time.
#[derive(Debug, Clone)]
enum Step {
    Wait(i64),
    Attempt(DeliveryOutcome, Option<i64>, i64),
    Resume,
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![
        3 => Just(DeliveryOutcome::Delivered),
        8 => proptest::option::weighted(0.2, -10_i64..200_000).prop_map(unavailable),
        1 => Just(misconfigured()),
        1 => Just(refused()),
        1 => Just(gone()),
    ];
    let rest = proptest::option::weighted(0.1, 0_i64..100_000);
    prop_oneof![
        2 => (0_i64..4_000).prop_map(Step::Wait),
        6 => (outcome, rest, 0_i64..20).prop_map(|(outcome, rest, s)| Step::Attempt(outcome, rest, s)),
        1 => Just(Step::Resume),
    ]
}

proptest! {
    /// No request goes out before a time that was asked for, nothing while it is
    /// paused, and whatever waits has a time at most a day away.
    #[test]
    fn wishes_are_kept_and_nothing_waits_for_ever(
        steps in proptest::collection::vec((step(), 0.0..1.0_f64), 1..200),
    ) {
        let (mut endpoint, mut now, mut floor) = (Endpoint::default(), at(0), at(0));
        for (step, jitter) in steps {
            match step {
                Step::Wait(s) => now = after(now, s),
                Step::Resume => endpoint.resume(now),
                Step::Attempt(outcome, rest_s, takes_s) => {
                    if let Gate::Until(time) = endpoint.gate(now) {
                        prop_assert!(time > now && time <= after(now, 24 * 3600));
                        now = time;
                    }
                    if endpoint.gate(now) == Gate::Shut {
                        endpoint.resume(now);
                    }
                    if matches!(endpoint.gate(now), Gate::Until(_)) {
                        continue;
                    }
                    prop_assert!(now >= floor, "asked at {now}, before {floor}");
                    let started_at = now;
                    now = after(now, takes_s);
                    let asked_s = match &outcome {
                        DeliveryOutcome::Unavailable { retry_after: Some(wait), .. } => wait.as_secs(),
                        _ => 0,
                    };
                    let asked_s = asked_s.max(rest_s.unwrap_or(0)).clamp(0, 24 * 3600);
                    floor = floor.max(after(now, asked_s));
                    let rest = rest_s.map(SignedDuration::from_secs);
                    endpoint.take(Ended { outcome: &outcome, rest, started_at }, now, jitter);
                    let is_probed = endpoint.state == EndpointState::Open;
                    prop_assert_eq!(endpoint.next_probe.is_some(), is_probed);
                }
            }
        }
    }

    /// Three days of outage cost few requests, however many deliveries wait.
    #[test]
    fn an_outage_costs_few_requests(rolls in proptest::collection::vec(0.0..1.0_f64, 200)) {
        let (mut endpoint, mut now, mut requests) = (Endpoint::default(), at(0), 0);
        let end = at(72 * 3600);
        while now < end {
            if let Gate::Until(time) = endpoint.gate(now) {
                now = time;
                continue;
            }
            let outcome = unavailable(None);
            let ended = Ended {
                outcome: &outcome,
                rest: None,
                started_at: now,
            };
            endpoint.take(ended, now, rolls[requests % rolls.len()]);
            requests += 1;
        }
        // Five failures, five growing waits, then one in 48 minutes at the most.
        prop_assert!((60..=105).contains(&requests), "{requests}");
    }
}
