use super::*;
use proptest::prelude::*;

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

fn rate(count: u32, per_ms: i64) -> Rate {
    Rate {
        count,
        per: SignedDuration::from_millis(per_ms),
    }
}

#[test]
fn one_a_second_is_slow() {
    for (count, per_ms, slow) in [
        (1, 1_000, true),
        (20, 60_000, true),
        (60, 60_000, true),
        (61, 60_000, false),
        (2, 1_000, false),
    ] {
        assert_eq!(rate(count, per_ms).is_slow(), slow, "{count}/{per_ms} ms");
    }
}

#[test]
fn times_of_before_count() {
    let meter = Meter::new(rate(2, 1_000), [at(300), at(100), at(200)]);
    assert_eq!(meter.free_at(), Some(at(1_201)));
    let meter = Meter::new(rate(2, 1_000), [at(300)]);
    assert_eq!(meter.free_at(), None);
}

#[test]
fn a_clock_that_is_set_back_costs_one_window() {
    let mut meter = Meter::new(rate(1, 1_000), [at(900_000)]);
    assert!(!meter.admit(at(5_000)));
    assert!(!meter.admit(at(6_000)));
    assert!(meter.admit(at(6_001)));
}

proptest! {
    /// In no window are there more than the rate says, restarts among them, and
    /// whoever waits as long as told is let through.
    #[test]
    fn no_window_has_more_than_the_rate(
        count in 1_u32..6,
        per_ms in 1_i64..2_000,
        waits_ms in proptest::collection::vec((0_i64..900, any::<bool>(), any::<bool>()), 1..200),
    ) {
        let rate = rate(count, per_ms);
        let (mut meter, mut now, mut sent) = (Meter::new(rate, []), at(0), Vec::new());
        for (wait_ms, obeys, restarts) in waits_ms {
            now = now.checked_add(SignedDuration::from_millis(wait_ms)).unwrap();
            if restarts {
                meter = Meter::new(rate, sent.iter().copied());
            }
            if obeys {
                now = now.max(meter.free_at().unwrap_or(now));
            }
            let admitted = meter.admit(now);
            prop_assert!(admitted || !obeys);
            if admitted {
                sent.push(now);
            }
        }
        for window in sent.windows(count as usize + 1) {
            let (first, last) = (window[0], window[count as usize]);
            prop_assert!(last.duration_since(first) > rate.per, "{window:?}");
        }
    }

    /// A rate of more than is counted is kept by a part of it.
    #[test]
    fn a_large_rate_is_kept_by_a_part(count in 1_001_u32..5_000, per_ms in 1_000_i64..100_000) {
        let (rate, mut now) = (rate(count, per_ms), at(0));
        let (mut meter, mut sent) = (Meter::new(rate, []), 0);
        while now <= at(per_ms) {
            if meter.admit(now) {
                sent += 1;
            } else {
                now = now.max(meter.free_at().unwrap());
            }
        }
        prop_assert!(sent <= count + TIMES_MAX, "{sent}");
    }
}
