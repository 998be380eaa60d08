//! What a crash may cost: an attempt that is made again, and nothing else.

use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, rss};
use std::collections::HashMap;
use std::time::Duration;

/// A small generator whose seed a failure shows (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }
}

fn setting(variable: &str, default: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

/// Kills the daemon at random moments while feeds gain entries and the receiver
/// fails now and then. `KILLS=200 cargo test --test it killed` is the long
/// version; `SEED=…` repeats one.
#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_nothing() {
    let kills = setting("KILLS", 12);
    let seed = setting("SEED", u64::from(std::process::id()) << 20 | 0x5eed);
    println!("{kills} kills with SEED={seed}");
    let mut dice = Dice(seed);
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    receiver.answer(|attempt| Some(if attempt % 7 == 3 { 503 } else { 204 }));
    let feeds = 4;
    let paths: Vec<String> = (0..feeds).map(|n| format!("/feed-{n}")).collect();
    let tables: String = paths
        .iter()
        .zip(1..)
        .map(|(path, host)| {
            format!(
                "[feed.f{host}]\nurl = \"{}\"\nfirst_run = \"all\"\n",
                site.url(host, path)
            )
        })
        .collect();
    let mut wirewatch = Wirewatch::with(&(tables + &receiver.sink("hook")));
    let mut entries: Vec<Vec<usize>> = vec![Vec::new(); feeds];
    let mut published = 0;
    for _ in 0..kills {
        wirewatch.start();
        // The moment of the kill is the point here, so it is a time and no event.
        for _ in 0..=dice.roll(3) {
            let feed = usize::try_from(dice.roll(feeds as u64)).unwrap();
            published += 1;
            entries[feed].push(published);
            let items: Vec<String> = entries[feed]
                .iter()
                .rev()
                .take(20)
                .map(|n| alerting_entry(*n))
                .collect();
            site.set(&paths[feed], Page::Document(rss(&items)));
            tokio::time::sleep(Duration::from_millis(dice.roll(150))).await;
        }
        wirewatch.kill();
    }
    wirewatch.start();
    let taken = receiver.wait_for(published).await;
    let mut ids: HashMap<String, String> = HashMap::new();
    for webhook in &taken {
        assert!(webhook.is_signed(), "SEED={seed}");
        let title = webhook.body["data"]["article"]["title"]
            .as_str()
            .unwrap()
            .to_owned();
        let known = ids
            .entry(title.clone())
            .or_insert_with(|| webhook.id.clone());
        assert_eq!(
            *known, webhook.id,
            "{title} came under two ids, SEED={seed}"
        );
    }
    assert_eq!(ids.len(), published, "SEED={seed}");
    let twice = taken.len() - published;
    println!(
        "{published} alerts, {} attempts, {twice} came twice under their id, none lost",
        receiver.attempts()
    );
    assert!(
        twice <= usize::try_from(kills).unwrap() * 4,
        "more than can have been in flight, SEED={seed}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_the_answer_does_not_hide_entries() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let config = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    ) + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    let mut items = Vec::new();
    for number in 1..=8 {
        items.push(alerting_entry(number));
        let before = site.asked("/rss").len();
        site.set("/rss", Page::Document(rss(&items)));
        wirewatch.start();
        site.wait_for("/rss", before + 1).await;
        // The answer is on its way, or in, or being stored.
        wirewatch.kill();
    }
    wirewatch.start();
    let taken = receiver.wait_for(8).await;
    assert!(taken.len() >= 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_pauses_intake_and_loses_nothing() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set("/rss", Page::Document(rss(&[alerting_entry(0)])));
    let config = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    ) + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    // 512-byte blocks, as POSIX counts them in `ulimit -f`, or KiB: both are
    // enough for an empty store and too little for what follows.
    wirewatch.start_with_little_room(800);
    receiver.wait_for(1).await;
    let items: Vec<String> = (1..400).map(alerting_entry).collect();
    site.set("/rss", Page::Document(rss(&items)));
    wirewatch
        .wait_for_log("polling rests, because the store took nothing")
        .await;
    assert_eq!(receiver.taken().len(), 1, "half of a poll was stored");
    wirewatch.make_room();
    receiver.wait_for(400).await;
    let (status, _) = wirewatch.stop();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_daemon_leaves_the_store_alone() {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(&[])));
    let mut wirewatch = Wirewatch::with(&format!(
        "[feed.wire]\nurl = \"{}\"\n[sink.journal.log]\n",
        site.url(1, "/rss")
    ));
    wirewatch.start();
    wirewatch.wait_for_log("watches").await;
    let second = wirewatch.command(&["run"]);
    assert_eq!(second.code, Some(75), "{}", second.err);
    assert!(
        second.err.contains("another wirewatch uses the store"),
        "{}",
        second.err
    );
}
