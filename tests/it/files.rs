//! Files of alerts under hands that rotate, move and remove them, and under kills:
//! every line is in exactly one file.

use crate::support::{PATIENCE, Page, Site, Wirewatch, alerting_entry, rss};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A line is a little over one KiB, so that every few of them a file is full.
const SINKS: &str = "[sink.archive.file]\npath = \"out/alerts.jsonl\"\nrotate = \"8KiB\"\nkeep = 1000\n\
                     [sink.journal.log]\n";

/// A site that publishes, and a daemon that has not started.
async fn wire(sinks: &str) -> (Site, Wirewatch) {
    let site = Site::open().await;
    publish(&site, 0);
    let feed = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    (site, Wirewatch::with(&(feed + sinks)))
}

/// Publishes everything up to a number.
fn publish(site: &Site, last: usize) {
    let items: Vec<String> = (1..=last).map(alerting_entry).collect();
    site.set("/rss", Page::Document(rss(&items)));
}

/// How often each report is in a text of lines.
fn count(text: &str, reports: &mut BTreeMap<usize, usize>) {
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("a whole line");
        let title = line["data"]["article"]["title"].as_str().unwrap();
        let number = title.rsplit(' ').next().unwrap().parse().unwrap();
        *reports.entry(number).or_default() += 1;
    }
}

/// Every file of a folder, and how often each report is in them.
fn reports(folder: &Path) -> (usize, BTreeMap<usize, usize>) {
    let (mut files, mut reports) = (0, BTreeMap::new());
    for file in std::fs::read_dir(folder).unwrap() {
        files += 1;
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        count(&text, &mut reports);
    }
    (files, reports)
}

fn once_each(last: usize) -> BTreeMap<usize, usize> {
    (1..=last).map(|number| (number, 1)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_moved_and_removed_under_load_lose_nothing() {
    let (site, mut wirewatch) = wire(SINKS).await;
    let path = wirewatch.path("out/alerts.jsonl");
    let mut removed = Vec::new();
    wirewatch.start();
    let rounds = 16;
    for round in 1..=rounds {
        publish(&site, round * 7);
        // The log has it, while the file is being written or was or will be.
        wirewatch
            .wait_for_log(&format!("report {}", round * 7 - 3))
            .await;
        match round % 4 {
            0 => {
                let moved = wirewatch.path(&format!("out/moved-{round}"));
                let _absent = std::fs::rename(&path, moved);
            }
            1 => {
                // The same as to remove it where it is, but that it is surely the
                // file that is read by its handle later.
                let going = wirewatch.path("going");
                if std::fs::rename(&path, &going).is_ok() {
                    removed.push(File::open(&going).unwrap());
                    std::fs::remove_file(&going).unwrap();
                }
            }
            2 => wirewatch.hang_up(),
            _ => {}
        }
    }
    wirewatch
        .wait_for_log(&format!("report {}", rounds * 7))
        .await;
    assert!(wirewatch.stop().0.success());
    // What the stop left in the outbox.
    let once = wirewatch.command(&["run", "--once"]);
    assert_eq!(once.code, Some(0), "{}", once.err);
    let (files, mut found) = reports(&wirewatch.path("out"));
    for file in removed {
        count(&std::io::read_to_string(file).unwrap(), &mut found);
    }
    assert_eq!(found, once_each(rounds * 7));
    assert!(files > 8, "{files} files");
}

/// `KILLS=200 cargo test --test it files` is the long version.
#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_rotates_it_writes_each_line_once() {
    let kills = std::env::var("KILLS").map_or(6, |kills| kills.parse().unwrap());
    let (site, mut wirewatch) = wire(SINKS).await;
    for round in 1..=kills {
        publish(&site, round * 5);
        wirewatch.start();
        wirewatch
            .wait_for_log(&format!("report {}", round * 5 - 4))
            .await;
        // The moment of the kill is the point here, so it is a time and no event.
        tokio::time::sleep(Duration::from_millis(round as u64 * 37 % 101)).await;
        wirewatch.kill();
    }
    let once = wirewatch.command(&["run", "--once"]);
    assert_eq!(once.code, Some(0), "{}", once.err);
    let (files, found) = reports(&wirewatch.path("out"));
    assert_eq!(found, once_each(kills * 5));
    assert!(files > 2, "{files} files");
}

/// `tail -F`, and the lines that it says.
struct Tail {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Tail {
    fn follow(path: &Path) -> Self {
        let mut child = Command::new("tail")
            .args(["-n", "+1", "-F"])
            .arg(path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("tail");
        let stdout = child.stdout.take().expect("a pipe");
        let (said, lines) = mpsc::sync_channel(1000);
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_follows_over_rotations_loses_nothing() {
    let (site, mut wirewatch) = wire(&SINKS.replace("8KiB", "3KiB")).await;
    let tail = Tail::follow(&wirewatch.path("out/alerts.jsonl"));
    wirewatch.start();
    for last in 1..=6 {
        publish(&site, last);
        let line = tokio::task::block_in_place(|| tail.lines.recv_timeout(PATIENCE));
        let mut found = BTreeMap::new();
        count(&line.unwrap(), &mut found);
        assert_eq!(found, BTreeMap::from([(last, 1)]));
    }
    assert!(wirewatch.stop().0.success());
    let (files, found) = reports(&wirewatch.path("out"));
    assert_eq!(found, once_each(6));
    assert!(files > 2, "{files} files");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_opens_files_anew_and_ends_nothing() {
    let sinks = "[sink.archive.file]\npath = \"alerts.jsonl\"\natom = \"alerts.atom\"\n";
    let (site, mut wirewatch) = wire(sinks).await;
    publish(&site, 1);
    let once = wirewatch.command(&["run", "--once"]);
    assert_eq!(once.code, Some(0), "{}", once.err);
    let path = wirewatch.path("alerts.jsonl");
    let moved = wirewatch.path("alerts.jsonl.2026");
    std::fs::rename(&path, &moved).unwrap();
    wirewatch.start();
    wirewatch.wait_for_log("watches").await;
    wirewatch.hang_up();
    wirewatch
        .wait_for_log("files were opened anew on SIGHUP")
        .await;
    publish(&site, 2);
    let asked = site.asked("/rss").len();
    // The poll after the next one begins once what the next one found is stored.
    site.wait_for("/rss", asked + 2).await;
    assert!(wirewatch.stop().0.success());
    let once = wirewatch.command(&["run", "--once"]);
    assert_eq!(once.code, Some(0), "{}", once.err);
    for (path, number) in [(moved, 1), (path, 2)] {
        let mut found = BTreeMap::new();
        count(&std::fs::read_to_string(path).unwrap(), &mut found);
        assert_eq!(found, BTreeMap::from([(number, 1)]));
    }
    // The feed is one that we can follow ourselves, over the restart as well.
    let parsed = wirewatch.command(&["parse", "alerts.atom", "--json"]);
    let feed: Value = serde_json::from_str(&parsed.out).unwrap();
    assert_eq!(feed["format"], "atom");
    assert_eq!(feed["problems"], Value::Array(Vec::new()), "{feed:#}");
    let titles: Vec<&str> = feed["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["title"].as_str().unwrap())
        .collect();
    let title = |number| format!("Pyongyang wants a non-aggression pact, report {number}");
    assert_eq!(titles, [title(2), title(1)]);
}
