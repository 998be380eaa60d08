//! A lane under random arrivals, and the corners of each rule.

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

fn rate(count: u32, per_s: i64) -> Rate {
    Rate {
        count,
        per: seconds(per_s),
    }
}

fn hold(reason: HoldReason, second: i64) -> Hold {
    Hold {
        reason,
        until: at(second),
    }
}

#[test]
fn the_first_rule_that_holds_gives_the_reason() {
    let all = Rules {
        group_wait: seconds(30),
        limit: Some(rate(2, 60)),
        mute: vec![Window::parse("00:00-00:10 UTC").unwrap()],
    };
    let by_day = Rules {
        mute: Vec::new(),
        ..all.clone()
    };
    let sent = |second| History {
        nth_sent_at: Some(at(second)),
        waiting: None,
    };
    let waits = History {
        waiting: Some(hold(HoldReason::Limit, 70)),
        nth_sent_at: None,
    };
    let rows = [
        (&Rules::default(), sent(100), 100, None),
        (&all, sent(100), 100, Some(hold(HoldReason::Muted, 600))),
        (&by_day, sent(100), 100, Some(hold(HoldReason::Limit, 160))),
        (&by_day, sent(100), 159, Some(hold(HoldReason::Limit, 160))),
        (
            &by_day,
            sent(100),
            160,
            Some(hold(HoldReason::GroupWait, 190)),
        ),
        (
            &by_day,
            History::default(),
            5,
            Some(hold(HoldReason::GroupWait, 35)),
        ),
        // Who comes to others waits with them.
        (
            &Rules::default(),
            waits,
            5,
            Some(hold(HoldReason::Limit, 70)),
        ),
        // A clock that was set back makes nothing wait longer than the limit.
        (
            &by_day,
            sent(9_000),
            100,
            Some(hold(HoldReason::Limit, 160)),
        ),
    ];
    for (rules, history, now, expected) in rows {
        assert_eq!(place(rules, history, at(now)), expected, "at {now}");
    }
}

#[test]
fn a_digest_has_a_bound() {
    let rows = [
        (vec![], 1),
        (vec![DIGEST_BYTES_MAX + 1, 1], 1),
        (vec![DIGEST_BYTES_MAX], 1),
        (vec![DIGEST_BYTES_MAX / 2; 3], 2),
        (vec![1; 250], DIGEST_PARTS_MAX),
    ];
    for (sizes, expected) in rows {
        assert_eq!(fitting(sizes.iter().copied()), expected);
    }
}

/// A lane as the store keeps it, with what it sent: when, and what was in it.
struct Lane {
    rules: Rules,
    held: VecDeque<(usize, usize)>,
    hold: Option<Hold>,
    sent: Vec<(Timestamp, Vec<usize>)>,
}

impl Lane {
    fn nth_sent_at(&self) -> Option<Timestamp> {
        let count = self.rules.limit?.count as usize;
        let nth = self.sent.len().checked_sub(count)?;
        Some(self.sent[nth].0)
    }

    fn come(&mut self, number: usize, bytes: usize, now: Timestamp) {
        let history = History {
            waiting: self.hold,
            nth_sent_at: self.nth_sent_at(),
        };
        match place(&self.rules, history, now) {
            None => self.sent.push((now, vec![number])),
            hold => {
                self.hold = hold;
                self.held.push_back((number, bytes));
            }
        }
    }

    fn look(&mut self, now: Timestamp) {
        if self.hold.is_none_or(|hold| hold.until > now) {
            return;
        }
        while !self.held.is_empty() {
            self.hold = release(&self.rules, self.nth_sent_at(), now);
            if self.hold.is_some() {
                return;
            }
            let count = fitting(self.held.iter().map(|(_, bytes)| *bytes));
            let parts = self.held.drain(..count).map(|(number, _)| number);
            self.sent.push((now, parts.collect()));
        }
        self.hold = None;
    }
}

fn rules() -> impl Strategy<Value = Rules> {
    let windows = proptest::sample::subsequence(
        vec!["Thu 00:01-00:03 UTC", "00:02-00:05 UTC", "23:00-24:00 UTC"],
        0..=3,
    );
    let limit = proptest::option::of((1_u32..5, 1_i64..200));
    (0_i64..60, limit, windows).prop_map(|(wait_s, limit, windows)| Rules {
        group_wait: seconds(wait_s),
        limit: limit.map(|(count, per_s)| rate(count, per_s)),
        mute: windows
            .into_iter()
            .map(|it| Window::parse(it).unwrap())
            .collect(),
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_doubled_or_sent_beyond_the_limit(
        rules in rules(),
        // After how long the next comes, how large it is, whether it is looked at in between.
        arrivals in proptest::collection::vec((0_i64..40, 1..DIGEST_BYTES_MAX, any::<bool>()), 1..150),
    ) {
        let mut lane = Lane { rules, held: VecDeque::new(), hold: None, sent: Vec::new() };
        let mut now_s = 0;
        for (number, (wait_s, bytes, looks)) in arrivals.iter().enumerate() {
            now_s += wait_s;
            if *looks {
                lane.look(at(now_s));
            }
            lane.come(number, *bytes, at(now_s));
            if lane.sent.last().is_some_and(|(when, _)| *when == at(now_s)) {
                prop_assert!(mute::muted_until(&lane.rules.mute, at(now_s)).is_none());
            }
        }
        // What waits comes out by itself, each time at the moment that was said.
        for _ in 0..arrivals.len() + 10 {
            if let Some(hold) = lane.hold {
                lane.look(hold.until);
            }
        }
        prop_assert!(lane.held.is_empty());
        let told: Vec<usize> = lane.sent.iter().flat_map(|(_, parts)| parts.clone()).collect();
        prop_assert_eq!(told, (0..arrivals.len()).collect::<Vec<_>>());
        if let Some(Rate { count, per }) = lane.rules.limit {
            for window in lane.sent.windows(count as usize + 1) {
                let (first, last) = (window[0].0, window[count as usize].0);
                prop_assert!(last.duration_since(first) >= per, "more than {count} in {per:#}");
            }
        }
    }
}
