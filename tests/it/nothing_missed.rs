//! Does everything arrive, once? Publishers as they are, the real binary killed
//! at any moment, and every entry counted against the truth.
//!
//! Windows hold 15 entries, and at most 7 come between two polls that were
//! stored, so each window overlaps with the one before it: that is as much as a
//! burst of 100 an hour brings between two polls of 4 minutes. What
//! is in the window is shuffled, corrected and given other guids at each step.
//! `STEPS=300 cargo test --test it nothing_missed` is the long version;
//! `SEED=…` repeats one.

use crate::support::{Page, Receiver, Site, Webhook, Wirewatch, rss};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::time::Duration;

/// How many entries a feed shows, and how many come at most in a step.
const WINDOW: usize = 15;
const BURST: u64 = 7;

/// A small generator whose seed a failure shows (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.roll(last as u64 + 1);
            items.swap(last, usize::try_from(other).unwrap());
        }
    }
}

fn setting(variable: &str, default: u64) -> u64 {
    let value = std::env::var(variable).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// What a publisher does to its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// Nothing.
    Steady,
    /// It gives every entry another guid at each step.
    Churning,
    /// It has no guids, and other parameters in its links at each step.
    Tracking,
    /// Its guids are addresses, with http at one step and https at the next.
    Moving,
    /// Its guids are the places in its list.
    Numbering,
    /// It rewrites every summary at each step.
    Rewriting,
    /// What it is about stands in a title only at the second step.
    Correcting,
}

const HABITS: [Habit; 7] = [
    Habit::Steady,
    Habit::Churning,
    Habit::Tracking,
    Habit::Moving,
    Habit::Numbering,
    Habit::Rewriting,
    Habit::Correcting,
];

impl Habit {
    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// The item of an entry that is so many steps old.
    fn item(self, number: usize, age: usize, step: usize) -> String {
        let feed = self.name();
        let told = format!("Pyongyang wants a non-aggression pact, {feed} {number}");
        let title = match (self, age) {
            (Self::Correcting, 0) => format!("Weather, {feed} {number}"),
            _ => told,
        };
        let scheme = if self == Self::Moving && step.is_multiple_of(2) {
            "http"
        } else {
            "https"
        };
        let page = format!("{scheme}://news.example/{feed}/{number}");
        let (guid, link) = match self {
            Self::Churning => (format!("{number}-{step}"), page),
            Self::Numbering => ("PLACE".to_owned(), page),
            Self::Tracking => (String::new(), format!("{page}?utm_source={step}")),
            Self::Moving => (page.clone(), page),
            _ => (format!("{feed}-{number}"), page),
        };
        let guid = if guid.is_empty() {
            guid
        } else {
            format!("<guid isPermaLink=\"false\">{guid}</guid>")
        };
        let summary = match self {
            Self::Rewriting => format!("Seen {step} times."),
            _ => "Talks go on.".to_owned(),
        };
        format!(
            "<item>{guid}<title>{title}</title><link>{link}</link><description>{summary}</description></item>"
        )
    }
}

/// A feed with the step at which each of its entries came.
struct Publisher {
    habit: Habit,
    came: Vec<usize>,
}

impl Publisher {
    /// Publishes so many entries and shows the last of them, in any order.
    fn publish(&mut self, count: u64, step: usize, dice: &mut Dice) -> String {
        self.came.extend((0..count).map(|_| step));
        let shown = self.came.iter().enumerate().rev().take(WINDOW);
        let mut items: Vec<String> = shown
            .map(|(number, came)| self.habit.item(number, step - came, step))
            .collect();
        dice.shuffle(&mut items);
        for (place, item) in items.iter_mut().enumerate() {
            *item = item.replace("PLACE", &place.to_string());
        }
        rss(&items)
    }
}

/// Runs the daemon until each feed was asked for with the validator of what it
/// shows, which is the proof that this was stored; it may be killed before.
async fn take_in(wirewatch: &mut Wirewatch, site: &Site, shown: &[String], dice: &mut Dice) {
    for _ in 0..dice.roll(3) {
        // The moment of the kill is the point here, so it is a time and no event.
        tokio::time::sleep(Duration::from_millis(dice.roll(250))).await;
        wirewatch.kill();
        wirewatch.start();
    }
    for (habit, text) in HABITS.iter().zip(shown) {
        let etag = format!("W/\"{:08x}\"", crc32c::crc32c(text.as_bytes()));
        site.wait_for_known(&format!("/{}", habit.name()), &etag)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missed_and_nothing_told_twice() {
    let steps = usize::try_from(setting("STEPS", 16)).unwrap();
    let seed = setting("SEED", u64::from(std::process::id()) << 20 | 0x5eed);
    println!("{steps} steps with SEED={seed}");
    let mut dice = Dice(seed);
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let mut config = receiver.sink("hook");
    for (habit, host) in HABITS.iter().zip(1..) {
        let name = habit.name();
        let url = site.url(host, &format!("/{name}"));
        write!(
            config,
            "[feed.{name}]\nurl = \"{url}\"\nfirst_run = \"all\"\n"
        )
        .unwrap();
    }
    let mut wirewatch = Wirewatch::with(&config);
    let mut publishers = HABITS.map(|habit| Publisher {
        habit,
        came: Vec::new(),
    });
    wirewatch.start();
    for step in 0..=steps {
        // A burst one step in three; in the last step only what came is corrected.
        let burst = dice.roll(3) == 0;
        let mut shown = Vec::new();
        for publisher in &mut publishers {
            let count = match (step, burst) {
                (0, _) => 3,
                _ if step == steps => 0,
                (_, true) => BURST,
                (_, false) => dice.roll(2),
            };
            let text = publisher.publish(count, step, &mut dice);
            let path = format!("/{}", publisher.habit.name());
            site.set(&path, Page::Document(text.clone()));
            shown.push(text);
        }
        take_in(&mut wirewatch, &site, &shown, &mut dice).await;
    }
    let came = publishers.iter().map(|publisher| publisher.came.len());
    let published = came.sum();
    check_told(&receiver.wait_for(published).await, &publishers, seed);
    wirewatch.stop();
    check_stored(&wirewatch, &publishers, seed);
    println!(
        "{published} entries of {} feeds: 0 lost, 0 told twice, 0 updates called new",
        HABITS.len()
    );
}

/// Every entry was told under one id, and nothing else was. Under the same id it
/// may come twice, after a kill before the receiver's answer was stored.
fn check_told(taken: &[Webhook], publishers: &[Publisher], seed: u64) {
    let mut told: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
    for webhook in taken {
        let title = webhook.body["data"]["article"]["title"].as_str().unwrap();
        told.entry(title).or_default().insert(&webhook.id);
    }
    let twice: Vec<_> = told.iter().filter(|(_, ids)| ids.len() > 1).collect();
    assert!(twice.is_empty(), "told twice: {twice:?}, SEED={seed}");
    for Publisher { habit, came } in publishers {
        let name = habit.name();
        for number in 0..came.len() {
            let title = format!("Pyongyang wants a non-aggression pact, {name} {number}");
            assert!(
                told.contains_key(title.as_str()),
                "lost: {title}, SEED={seed}"
            );
        }
    }
    let came = publishers.iter().map(|publisher| publisher.came.len());
    assert_eq!(
        told.len(),
        came.sum::<usize>(),
        "more than there was, SEED={seed}"
    );
}

/// There is an entry, an article and an alert of each, and no feed seems to have
/// lost any.
fn check_stored(wirewatch: &Wirewatch, publishers: &[Publisher], seed: u64) {
    let stored = rusqlite::Connection::open(wirewatch.path("state/wirewatch.db")).unwrap();
    let count = |table: &str| -> usize {
        let sql = format!("SELECT count(*) FROM {table}");
        let rows: u32 = stored.query_row(&sql, [], |row| row.get(0)).unwrap();
        rows as usize
    };
    let published: usize = publishers
        .iter()
        .map(|publisher| publisher.came.len())
        .sum();
    // As many as there are places, where these are the guids.
    let kept = publishers
        .iter()
        .map(|Publisher { habit, came }| match habit {
            Habit::Numbering => came.len().min(WINDOW),
            _ => came.len(),
        });
    let expected = [published, published, kept.sum()];
    let found = ["article", "alert", "seen"].map(count);
    assert_eq!(found, expected, "updates called new, SEED={seed}");
    let listed = wirewatch.command(&["feeds", "--json"]);
    for line in listed.out.lines() {
        let feed: serde_json::Value = serde_json::from_str(line).expect("a feed");
        assert!(feed["possible_gap_at"].is_null(), "{feed}, SEED={seed}");
    }
}

/// A document that breaks off is asked for again, until it is whole.
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_is_asked_for_again() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let items: Vec<String> = (0..4).map(crate::support::alerting_entry).collect();
    let whole = rss(&items);
    let torn = &whole[..whole.find("report 3").unwrap()];
    site.set("/rss", Page::Document(torn.to_owned()));
    let config = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    let mut wirewatch = Wirewatch::with(&(config + &receiver.sink("hook")));
    wirewatch.start();
    receiver.wait_for(3).await;
    for asked in site.wait_for("/rss", 3).await {
        assert!(!asked.headers.contains_key("if-none-match"), "{asked:?}");
    }
    site.set("/rss", Page::Document(whole));
    receiver.wait_for(4).await;
    let before = site.asked("/rss").len();
    let last = site.wait_for("/rss", before + 2).await;
    assert!(last.last().unwrap().headers.contains_key("if-none-match"));
}
