use super::*;
use proptest::prelude::*;

const HOUR_S: i64 = 3600;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn unavailable(retry_after_s: Option<i64>) -> DeliveryOutcome {
    DeliveryOutcome::Unavailable {
        retry_after: retry_after_s.map(SignedDuration::from_secs),
        detail: "503 Service Unavailable".into(),
    }
}

fn misconfigured() -> DeliveryOutcome {
    DeliveryOutcome::Misconfigured {
        detail: "404 Not Found".into(),
    }
}

/// Checks what follows an attempt on a delivery of second 0 that lives 72 hours.
#[track_caller]
fn check(
    attempts_before: u32,
    outcome: &DeliveryOutcome,
    now_s: i64,
    jitter: f64,
    expected: &Next,
) {
    let max_age = SignedDuration::from_hours(72);
    let next = next(attempts_before, outcome, at(0), max_age, at(now_s), jitter);
    assert_eq!(next, *expected);
}

#[test]
fn the_wait_doubles_up_to_an_hour() {
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
        check(
            attempts_before,
            &unavailable(None),
            100,
            0.5,
            &Next::At(at(100 + wait_s)),
        );
    }
}

#[test]
fn settings_are_mended_slowly() {
    for (attempts_before, wait_min) in [(0, 10), (1, 20), (2, 40), (3, 60), (9, 60)] {
        check(
            attempts_before,
            &misconfigured(),
            0,
            0.5,
            &Next::At(at(wait_min * 60)),
        );
    }
}

#[test]
fn chance_moves_the_wait_by_a_fifth() {
    check(3, &unavailable(None), 0, 0.0, &Next::At(at(32)));
    check(3, &unavailable(None), 0, 1.0, &Next::At(at(48)));
}

#[test]
fn retry_after_is_a_floor_of_at_most_a_day() {
    for (retry_after_s, wait_s) in [
        (-1, 5),
        (0, 5),
        (4, 5),
        (120, 120),
        (25 * HOUR_S, 24 * HOUR_S),
        (i64::MAX, 24 * HOUR_S),
    ] {
        check(
            0,
            &unavailable(Some(retry_after_s)),
            0,
            0.5,
            &Next::At(at(wait_s)),
        );
    }
}

#[test]
fn the_last_attempt_falls_on_the_expiry() {
    let expiry_s = 72 * HOUR_S;
    let expired = Next::Dead(DeadReason::Expired);
    check(
        20,
        &unavailable(None),
        expiry_s - 60,
        0.5,
        &Next::At(at(expiry_s)),
    );
    check(20, &unavailable(None), expiry_s, 0.5, &expired);
    check(20, &misconfigured(), expiry_s + 1, 0.5, &expired);
    // The sink asked for silence until after the expiry.
    check(0, &unavailable(Some(61)), expiry_s - 60, 0.5, &expired);
    check(
        0,
        &unavailable(Some(60)),
        expiry_s - 60,
        0.5,
        &Next::At(at(expiry_s)),
    );
}

#[test]
fn what_is_final_is_final() {
    let refused = DeliveryOutcome::Refused {
        detail: "413".into(),
    };
    check(0, &refused, 0, 0.5, &Next::Dead(DeadReason::Refused));
    check(9, &DeliveryOutcome::Delivered, 999_999, 0.5, &Next::Done);
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
    /// Whatever happens, an attempt is later than now, never before the time
    /// that the sink asked for, and never after the expiry.
    #[test]
    fn an_attempt_lies_between_its_bounds(
        attempts_before in any::<u32>(),
        retry_after_s in proptest::option::of(any::<i64>()),
        age_s in 0_i64..400_000,
        max_age_s in 0_i64..i64::MAX,
        jitter in 0.0..1.0_f64,
    ) {
        let outcome = unavailable(retry_after_s);
        let max_age = SignedDuration::from_secs(max_age_s);
        let expiry = later(at(0), max_age);
        match next(attempts_before, &outcome, at(0), max_age, at(age_s), jitter) {
            Next::At(time) => {
                let floor_s = retry_after_s.unwrap_or(0).clamp(0, 24 * HOUR_S);
                prop_assert!(time > at(age_s) && time <= expiry);
                prop_assert!(time >= at(age_s + floor_s));
            }
            other => prop_assert_eq!(other, Next::Dead(DeadReason::Expired)),
        }
    }
}
