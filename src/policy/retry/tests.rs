use super::*;
use crate::policy::endpoint::{Ended, FAILURES_MAX};
use proptest::prelude::*;

const HOUR_S: i64 = 3600;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn unavailable() -> DeliveryOutcome {
    DeliveryOutcome::Unavailable {
        retry_after: None,
        detail: "503 Service Unavailable".into(),
    }
}

fn refused() -> DeliveryOutcome {
    DeliveryOutcome::Refused {
        detail: "413".into(),
    }
}

/// An endpoint after so many failures.
fn endpoint(failures: u32) -> Endpoint {
    let (mut endpoint, outcome) = (Endpoint::default(), unavailable());
    for _ in 0..failures {
        let ended = Ended {
            outcome: &outcome,
            rest: None,
            started_at: at(100),
        };
        endpoint.take(ended, at(100), 0.5);
    }
    endpoint
}

/// Checks what follows an attempt that ended in second 100.
#[track_caller]
fn check(attempts_before: u32, outcome: &DeliveryOutcome, failures: u32, expected: &Next) {
    let tried = Tried {
        attempts_before,
        plain: false,
    };
    let next = next(tried, outcome, &endpoint(failures), false, (at(100), 0.5));
    assert_eq!(next, *expected);
}

#[test]
fn one_that_fails_alone_stands_back_ever_longer() {
    for (attempts_before, wait_s) in [
        (0, 5),
        (1, 10),
        (2, 20),
        (9, 2560),
        (10, HOUR_S),
        (30, HOUR_S),
        (31, HOUR_S),
        (u32::MAX, HOUR_S),
    ] {
        let expected = Next::At(at(100 + wait_s));
        check(attempts_before, &unavailable(), 1, &expected);
    }
}

#[test]
fn with_its_sink_it_waits_for_the_probe() {
    for attempts_before in [0, 9, u32::MAX] {
        let expected = Next::At(at(100));
        check(attempts_before, &unavailable(), FAILURES_MAX, &expected);
    }
}

#[test]
fn what_is_final_is_final() {
    check(0, &refused(), 0, &Next::Dead(DeadReason::Refused));
    check(9, &DeliveryOutcome::Delivered, 0, &Next::Done);
}

#[test]
fn what_is_refused_is_said_once_more_in_plain_words() {
    let refused_again = Next::Dead(DeadReason::Refused);
    for (has_plainer, plain, expected) in [
        (true, false, Next::Plainer(at(100))),
        (true, true, refused_again.clone()),
        (false, false, refused_again),
    ] {
        let tried = Tried {
            attempts_before: 0,
            plain,
        };
        let endpoint = Endpoint::default();
        let next = next(tried, &refused(), &endpoint, has_plainer, (at(100), 0.5));
        assert_eq!(next, expected, "{has_plainer} {plain}");
    }
}

#[test]
fn a_delivery_is_named_after_its_alert_and_sink() {
    let id = DeliveryId::of(
        &AlertId("0af1".into()),
        &SinkName::new("news-room").unwrap(),
    );
    assert_eq!(id.0, "msg_0af1_news-room");
}

proptest! {
    /// Whatever happens, what is not over has a next time, which is not far away.
    #[test]
    fn nothing_waits_for_ever(
        attempts_before in any::<u32>(),
        failures in 0_u32..9,
        plain in any::<bool>(),
        has_plainer in any::<bool>(),
        refuses in any::<bool>(),
        jitter in 0.0..1.0_f64,
    ) {
        let outcome = if refuses { refused() } else { unavailable() };
        let tried = Tried { attempts_before, plain };
        let endpoint = endpoint(failures);
        match next(tried, &outcome, &endpoint, has_plainer, (at(100), jitter)) {
            Next::At(time) => {
                prop_assert!(!refuses);
                prop_assert!((at(100)..=at(100 + HOUR_S + HOUR_S / 5)).contains(&time));
            }
            Next::Plainer(time) => prop_assert!(refuses && !plain && time == at(100)),
            Next::Dead(reason) => prop_assert!(refuses && reason == DeadReason::Refused),
            Next::Done => prop_assert!(false),
        }
    }
}
