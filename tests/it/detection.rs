//! How soon entries are found at an equal number of polls: feeds at the same
//! interval beside feeds on `every = "auto"`.
//! `cargo test --test it detection -- --nocapture` prints the table.
//!
//! The timelines are made up, with fixed seeds: rates over four decades, offices
//! in all time zones that sleep at night and mostly at weekends, agencies that
//! never do, breaking news, and sites that publish at a set hour. What real
//! feeds gain depends on how much they are like that.

use crate::support::{Page, Site, Wirewatch, alerting_entry, rss};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::fmt::Write;
use url::Url;
use wirewatch::feed::FeedId;
use wirewatch::policy::host::HostRules;
use wirewatch::policy::poll::{
    Answer, Bounds, Contents, Every, FeedState, FeedWishes, FetchOutcome, FirstRun, Found, Hints,
    PollLimits, Validators, settle,
};
use wirewatch::policy::rounds::{Rounds, Target, Turn};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// 2026-11-23, a Monday.
const EPOCH_S: i64 = 1_795_392_000;
const FEEDS: usize = 60;
/// Feeds are learnt for this long, and measured for as long again after it.
const LEARNT_S: i64 = 14 * DAY;
const END_S: i64 = 28 * DAY;
/// So many polls a minute are one a feed and hour.
const PER_MINUTE: u32 = 1;
/// How many entries a feed shows.
const WINDOW: usize = 15;

/// Chance with a seed (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        // The first numbers of small seeds are alike.
        for _ in 0..8 {
            dice.share();
        }
        dice
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// How many of what happens so often in the mean (Knuth 1969).
    fn count(&mut self, mean: f64) -> usize {
        let (mut count, mut left) = (0, self.share());
        let bound = (-mean).exp();
        while left > bound {
            count += 1;
            left *= self.share();
        }
        count
    }
}

/// When the entries of a feed are published, in seconds, in order.
fn timeline(seed: u64) -> Vec<i64> {
    let mut dice = Dice::new(seed);
    let per_day = 0.02 * 10_f64.powf(4.0 * dice.share());
    let zone = (dice.share() * 24.0) as i64;
    let kind = (dice.share() * 4.0) as u32;
    let weekend = [0.1, 0.3, 0.8][(dice.share() * 3.0) as usize];
    let set_hour = (dice.share() * 24.0) as i64;
    // Some weeks of it are history at the first poll.
    let begin = -28 * DAY;
    let mut burst_until = begin;
    let mut entries = Vec::new();
    for hour_s in (begin..END_S).step_by(HOUR as usize) {
        let local = (hour_s / HOUR + zone).rem_euclid(7 * 24);
        let (day, hour) = (local / 24, local % 24);
        let office = if day >= 5 { weekend } else { 1.0 };
        let of_hour = match kind {
            // An agency.
            0 => [0.6, 1.4][usize::from((6..22).contains(&hour))],
            // A site that publishes at a set hour.
            1 => [0.1, 20.0][usize::from(hour == set_hour)] * office,
            // An editorial office.
            _ => {
                let day_part = match hour {
                    8..=12 => 2.4,
                    13..=18 => 1.8,
                    19..=22 => 0.6,
                    _ => 0.1,
                };
                day_part * office
            }
        };
        if dice.share() < 0.004 {
            burst_until = hour_s + 3 * HOUR;
        }
        let burst = if hour_s < burst_until { 8.0 } else { 1.0 };
        for _ in 0..dice.count((per_day / 24.0 * of_hour * burst).min(100.0)) {
            entries.push(hour_s + (dice.share() * HOUR as f64) as i64);
        }
    }
    entries.sort_unstable();
    entries
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(EPOCH_S + second).unwrap()
}

fn name(feed: usize) -> FeedId {
    FeedId::new(&format!("f{feed}")).unwrap()
}

/// Polls everything on "auto"; gives the times of the polls of each feed.
fn polls(timelines: &[Vec<i64>]) -> Vec<Vec<i64>> {
    let limits = PollLimits {
        every: Every::Auto,
        min: SignedDuration::from_mins(5),
        max: SignedDuration::from_hours(24),
        requests_per_minute: Some(PER_MINUTE),
        host_spacing: SignedDuration::ZERO,
        first_run: FirstRun::All,
    };
    let mut rounds = Rounds::new(HostRules::default(), []);
    for feed in 0..timelines.len() {
        let url = Url::parse(&format!("https://f{feed}.example/rss")).unwrap();
        let state = FeedState::new(name(feed), url.to_string(), at(0));
        let feed = name(feed);
        rounds.add(Target { feed, url, limits }, state);
    }
    let numbers: HashMap<FeedId, usize> = (0..timelines.len()).map(|n| (name(n), n)).collect();
    let mut polls = vec![Vec::new(); timelines.len()];
    let mut seen = vec![0; timelines.len()];
    let mut dice = Dice::new(7);
    let mut now = at(0);
    while now < at(END_S) {
        for ask in rounds.begin(now, 64) {
            let feed = numbers[&ask.state.feed];
            let second = now.as_second() - EPOCH_S;
            let published = timelines[feed].partition_point(|entry| *entry <= second);
            let window = &timelines[feed][published.saturating_sub(WINDOW)..published];
            let new = (published - seen[feed]).min(window.len());
            let first = seen[feed] == 0;
            seen[feed] = published;
            polls[feed].push(second);
            let outcome = FetchOutcome {
                answer: Answer::NotModified(Validators {
                    etag: Some(b"\"1\"".to_vec()),
                    last_modified: None,
                }),
                hints: Hints::default(),
            };
            let Turn::Settle(polled) = rounds.answered(&ask.state.feed, outcome, now) else {
                panic!("nobody redirects");
            };
            let told = &window[if first { 0 } else { window.len() - new }..];
            let found = Found {
                contents: Contents {
                    entries: window.len(),
                    new,
                    delta: false,
                },
                news: told.iter().map(|entry| Some(at(*entry))).collect(),
                wishes: FeedWishes::default(),
                breaks_off: false,
            };
            let rule = rounds.rule_of(&ask.state.feed).unwrap();
            let bounds = Bounds {
                limits: &limits,
                rule: &rule,
            };
            let state = rounds.state(&ask.state.feed).unwrap();
            let moment = (now, dice.share());
            let settled = settle(state, &polled, Some(&found), bounds, moment);
            rounds.settled(settled.state);
        }
        now = rounds.next_wake().unwrap().max(now);
    }
    polls
}

/// The middle and the mean of some delays, and what nine of ten stay below, in
/// minutes.
fn figures(mut delays: Vec<f64>) -> [f64; 3] {
    delays.sort_by(f64::total_cmp);
    let mean = delays.iter().sum::<f64>() / delays.len() as f64;
    let part = |share: f64| delays[(delays.len() as f64 * share) as usize];
    [part(0.5), mean, part(0.9)]
}

/// The delays of the entries in the weeks that are measured, feed by feed, in
/// minutes: up to the first poll after each.
fn delays(timelines: &[Vec<i64>], polls: &[Vec<i64>]) -> Vec<Vec<f64>> {
    let of_feed = |(entries, polls): (&Vec<i64>, &Vec<i64>)| {
        let measured = entries.iter().filter(|entry| **entry >= LEARNT_S);
        let delay = |entry: &i64| {
            let next = polls.get(polls.partition_point(|poll| poll < entry))?;
            Some((next - entry) as f64 / 60.0)
        };
        measured.filter_map(delay).collect()
    };
    timelines.iter().zip(polls).map(of_feed).collect()
}

/// How many entries of the weeks that are measured no poll saw, because so many
/// came after them.
fn missed(timelines: &[Vec<i64>], polls: &[Vec<i64>]) -> usize {
    let of_feed = |(entries, polls): (&Vec<i64>, &Vec<i64>)| {
        let published = |second: &i64| entries.partition_point(|entry| entry <= second);
        let measured = polls.windows(2).filter(|pair| pair[0] >= LEARNT_S);
        let new = measured.map(|pair| published(&pair[1]) - published(&pair[0]));
        new.map(|new| new.saturating_sub(WINDOW)).sum::<usize>()
    };
    timelines.iter().zip(polls).map(of_feed).sum()
}

#[test]
fn detection_is_sooner_at_an_equal_number_of_polls() {
    let timelines: Vec<Vec<i64>> = (0..FEEDS as u64).map(|feed| timeline(feed + 1)).collect();
    let auto = polls(&timelines);
    let measured = |polls: &[Vec<i64>]| -> usize {
        let of_feed = |polls: &Vec<i64>| polls.iter().filter(|poll| **poll >= LEARNT_S).count();
        polls.iter().map(of_feed).sum()
    };
    let count = measured(&auto);
    let every_s = ((END_S - LEARNT_S) as f64 * FEEDS as f64 / count as f64) as i64;
    let mut dice = Dice::new(3);
    let fixed: Vec<Vec<i64>> = (0..FEEDS)
        .map(|_| {
            let begin = (dice.share() * every_s as f64) as i64;
            (begin..END_S + DAY).step_by(every_s as usize).collect()
        })
        .collect();
    let by_feed = [&fixed, &auto].map(|polls| delays(&timelines, polls));
    let [fixed_all, auto_all] = by_feed.clone().map(|delays| figures(delays.concat()));
    let [fixed_each, auto_each] = by_feed.map(|delays| {
        let published = delays.into_iter().filter(|delays| !delays.is_empty());
        figures(published.map(|delays| figures(delays)[0]).collect())
    });
    let mut table = String::new();
    let days = (END_S - LEARNT_S) / DAY;
    writeln!(table, "{FEEDS} made-up feeds, {count} polls in {days} days, minutes from publication to the poll that finds it").unwrap();
    writeln!(
        table,
        "{:34} {:>8} {:>8} {:>8}",
        "", "median", "mean", "p90"
    )
    .unwrap();
    for (row, [median, mean, p90]) in [
        ("every entry, fixed interval", fixed_all),
        ("every entry, auto", auto_all),
        ("median of each feed, fixed interval", fixed_each),
        ("median of each feed, auto", auto_each),
    ] {
        writeln!(table, "{row:34} {median:8.1} {mean:8.1} {p90:8.1}").unwrap();
    }
    let [fixed_missed, auto_missed] = [&fixed, &auto].map(|polls| missed(&timelines, polls));
    writeln!(
        table,
        "entries that no poll saw: {fixed_missed} at a fixed interval, {auto_missed} on auto"
    )
    .unwrap();
    println!("{table}");
    let budget = f64::from(PER_MINUTE) * 60.0 * 24.0 * days as f64;
    assert!(
        (count as f64) < budget * 1.02,
        "{count} of {budget}\n{table}"
    );
    assert!(
        (count as f64) > budget * 0.7,
        "{count} of {budget}\n{table}"
    );
    assert!(auto_all[0] <= 0.6 * fixed_all[0], "{table}");
    assert!(auto_all[1] <= fixed_all[1], "{table}");
    assert!(auto_missed <= fixed_missed, "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_why_a_feed_is_polled_when_it_is() {
    let site = Site::open().await;
    let items: Vec<String> = (0..3).map(alerting_entry).collect();
    site.set("/rss", Page::Document(rss(&items)));
    let config = format!(
        "[feed.wire]\nurl = \"{}\"\nevery = \"auto\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    let wirewatch = Wirewatch::with(&(config + "[sink.journal.log]\n"));
    assert_eq!(wirewatch.command(&["run", "--once"]).code, Some(0));
    // Three entries without a date say nothing of how often they come.
    let listed = wirewatch.command(&["feeds"]);
    assert!(
        listed.out.contains("auto: 2.0 entries a day"),
        "{}",
        listed.out
    );
    let host = wirewatch.command(&["host", "127.0.0.1"]);
    assert!(
        host.out.contains("(auto: 2.0 entries a day)"),
        "{}",
        host.out
    );
    let json = wirewatch.command(&["feeds", "--json"]);
    let feed: serde_json::Value = serde_json::from_str(&json.out).expect("a feed");
    assert_eq!(feed["reason"], "auto");
    assert!(feed["entries_per_day"].is_f64(), "{feed}");
}
