//! What is learnt of how much a feed publishes, and when it is polled then.

use super::super::{Every, FirstRun, Habit, Memory, Pace, PollLimits};
use super::{Hours, Rhythm};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// 2027-01-15, 08:00 UTC.
const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn at(hours: f64) -> Timestamp {
    let millis = (hours * 3_600_000.0) as i64;
    NOW.checked_add(SignedDuration::from_millis(millis))
        .unwrap()
}

/// A rhythm after a first poll with entries of these ages in hours.
fn first(ages: &[f64]) -> Rhythm {
    let news: Vec<_> = ages.iter().map(|age| Some(at(-age))).collect();
    let mut rhythm = Rhythm::default();
    rhythm.watch(&news, NOW);
    rhythm
}

#[test]
fn a_first_poll_tells_how_much_is_published() {
    let hourly: Vec<f64> = (0..15).map(f64::from).collect();
    let daily: Vec<f64> = (0..15).map(|day| f64::from(day) * 24.0).collect();
    let pinned = [1.0, 2.0, 3.0, 50_000.0];
    let rows: [(&str, &[f64], std::ops::Range<f64>); 7] = [
        ("nothing is known", &[], 1.9..2.1),
        ("one an hour", &hourly, 16.0..26.0),
        ("one a day", &daily, 0.9..1.2),
        (
            "all at once, as when a site is built",
            &[0.0; 15],
            50.0..60.0,
        ),
        ("an old one is pinned", &pinned, 0.05..0.15),
        ("dates of the future say nothing", &[-30.0, -50.0], 1.9..2.1),
        ("years ago", &[50_000.0, 60_000.0], 0.0..0.02),
    ];
    for (what, ages, expected) in rows {
        let rate = first(ages).entries_per_day();
        assert!(expected.contains(&rate), "{what}: {rate}");
    }
}

#[test]
fn what_changes_is_learnt_within_weeks() {
    let mut rhythm = first(&[0.0, 24.0, 48.0, 72.0]);
    for hour in 1..=24 * 28 {
        rhythm.watch(&[None], at(f64::from(hour)));
    }
    let rate = rhythm.entries_per_day();
    assert!((15.0..24.5).contains(&rate), "{rate}");
    // An archive that is brought at once is no month of news.
    let archive = vec![Some(at(-9000.0)); 10_000];
    rhythm.watch(&archive, at(24.0 * 28.0));
    assert!(rhythm.entries_per_day() < 2.0 * rate);
}

#[test]
fn an_office_is_asked_when_it_is_at_work() {
    let mut rhythm = Rhythm::default();
    for hour in 0..24 * 28 {
        let at_work = (9..17).contains(&(hour % 24));
        let news = if at_work { vec![None; 3] } else { Vec::new() };
        rhythm.watch(&news, at(f64::from(hour)));
    }
    let wait = |hour: f64| rhythm.wait(0.05, 0.0, DAY, at(24.0 * 28.0 + hour));
    assert!(
        wait(12.0) * 3 < wait(22.0),
        "{:?} {:?}",
        wait(12.0),
        wait(22.0)
    );
    // Whoever asks at night is back when work begins, not a night's wait later.
    let back = wait(6.0);
    assert!(back < SignedDuration::from_hours(4), "{back:?}");
    // So few entries that a part of them is soon new are asked for sooner.
    let small = rhythm.wait(0.05, 1.0, DAY, at(24.0 * 28.0 + 12.0));
    assert!(small < wait(12.0), "{small:?}");
}

#[test]
fn hours_are_stored_as_they_are() {
    let mut hours = Hours::default();
    for age in [0.0, 1.0, 25.0, 900.0] {
        hours.count(at(-age), NOW);
    }
    let stored = serde_json::to_string(&hours).unwrap();
    assert_eq!(serde_json::from_str::<Hours>(&stored).unwrap(), hours);
    assert!(stored.len() < 460, "{}", stored.len());
    for odd in ["\"\"", "\"x\"", "\"7 AAAA\"", "\"7 !\""] {
        assert_eq!(
            serde_json::from_str::<Hours>(odd).unwrap(),
            Hours::default()
        );
    }
}

fn limits(requests_per_minute: Option<u32>) -> PollLimits {
    PollLimits {
        every: Every::Auto,
        min: SignedDuration::from_mins(5),
        max: DAY,
        requests_per_minute,
        host_spacing: SignedDuration::ZERO,
        first_run: FirstRun::All,
    }
}

fn memory(per_day: f64) -> Memory {
    Memory {
        rhythm: Rhythm {
            watched_until: Some(NOW),
            days: 1000.0,
            entries: per_day * 1000.25 - 0.5,
            ..Rhythm::default()
        },
        ..Memory::default()
    }
}

/// The waits of feeds that publish so much, in minutes.
fn waits(rates: &[f64], requests_per_minute: Option<u32>) -> Vec<f64> {
    let memories: Vec<Memory> = rates.iter().map(|rate| memory(*rate)).collect();
    let limits = limits(requests_per_minute);
    let pace = Pace::of(memories.iter().map(|memory| (&limits, memory)), NOW);
    let wait = |memory: &Memory| {
        let wait = memory.rhythm.wait(pace.0, 0.0, limits.max, NOW);
        wait.max(limits.min).as_secs_f64() / 60.0
    };
    memories.iter().map(wait).collect()
}

#[test]
fn the_budget_is_shared_by_the_roots_of_the_rates() {
    let rows: [(&[f64], Option<u32>, &[f64]); 5] = [
        (&[4.0], None, &[15.0]),
        (&[4.0, 4.0], None, &[15.0, 15.0]),
        // Four times the rate, half of the wait.
        (&[1.0, 4.0], None, &[22.5, 11.25]),
        // More than may be spent on them is spent on nobody.
        (&[1.0, 4.0], Some(60), &[5.0, 5.0]),
        // What the busy one may not use, the other one has.
        (&[0.01, 100.0], Some(1), &[5.0 / 4.0, 5.0]),
    ];
    for (rates, budget, expected) in rows {
        let found = waits(rates, budget);
        for (found, expected) in found.iter().zip(expected) {
            let expected = expected.max(5.0);
            assert!(
                (found - expected).abs() < 0.1,
                "{rates:?}: {found} {expected}"
            );
        }
    }
}

#[test]
fn feeds_of_few_entries_keep_to_the_budget() {
    let mut short = memory(50.0);
    short.habit.entries_least = 1.0;
    let limits = limits(Some(1));
    let feeds = [&short, &short, &memory(4.0)];
    let pace = Pace::of(feeds.into_iter().map(|memory| (&limits, memory)), NOW);
    let polls = feeds.map(|Memory { rhythm, habit, .. }| {
        let wait = rhythm.wait(pace.0, habit.entries_least, limits.max, NOW);
        DAY.as_secs_f64() / wait.max(limits.min).as_secs_f64()
    });
    assert!(polls.iter().sum::<f64>() <= 1.01 * 24.0 * 60.0, "{polls:?}");
    assert!(polls[0] > 149.0 && polls[2] > 50.0, "{polls:?}");
}

#[test]
fn a_feed_that_hurries_pays_from_the_same_budget() {
    let (calm, mut hasty) = (memory(4.0), memory(4.0));
    hasty.habit = Habit {
        gap_at: Some(NOW),
        halvings: 2,
        ..Habit::default()
    };
    let limits = limits(None);
    let pace =
        |memories: [&Memory; 2]| Pace::of(memories.iter().map(|memory| (&limits, *memory)), NOW).0;
    // One of weight 1 and one of weight 4, beside two of weight 1.
    let share = pace([&calm, &hasty]) / pace([&calm, &calm]);
    assert!((share - 2.5).abs() < 0.01, "{share}");
}

proptest! {
    #[test]
    fn no_wait_is_longer_than_it_may_be(
        news in proptest::collection::vec((0_u32..100, -100_i64..2000), 0..40),
        pace in 0.0_f64..100.0,
        window in 0.0_f64..1000.0,
        max_minutes in 1_i64..100_000,
    ) {
        let mut rhythm = Rhythm::default();
        let mut now = 0.0;
        for (passed, age) in news {
            now += f64::from(passed);
            rhythm.watch(&[Some(at(now - age as f64)), None], at(now));
        }
        let max = SignedDuration::from_mins(max_minutes);
        let wait = rhythm.wait(pace, window, max, at(now));
        prop_assert!(wait <= max && !wait.is_negative());
        prop_assert!(rhythm.entries_per_day().is_finite() && rhythm.weight() > 0.0);
        let stored = serde_json::to_string(&rhythm).unwrap();
        prop_assert_eq!(serde_json::from_str::<Rhythm>(&stored).unwrap().hours, rhythm.hours);
    }
}
