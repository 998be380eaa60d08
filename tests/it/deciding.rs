//! What goes where, what is held back and for how long, and what the operator hears.

use crate::support::{
    Finished, Page, Receiver, Site, Webhook, Wirewatch, alerting_entry, entry, rss,
};
use jiff::{SignedDuration, ToSpan};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// An entry about a person who is watched, and about no topic.
fn person(number: usize) -> String {
    let title = format!("John Bolton gives speech {number}");
    entry(&format!("person-{number}"), &title, "In short.")
}

/// A site with these entries in one feed, and its table.
async fn wire(entries: &[String]) -> (Site, String) {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(entries)));
    let feed = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    (site, feed)
}

fn lines(wirewatch: &Wirewatch, arguments: &[&str]) -> Vec<Value> {
    let done = wirewatch.command(&[arguments, &["--json"]].concat());
    assert_eq!(done.code, Some(0), "{}", done.err);
    let line = |line: &str| serde_json::from_str(line).expect("JSON");
    done.out.lines().map(line).collect()
}

/// The titles that a webhook tells.
fn titles(webhook: &Webhook) -> Vec<String> {
    let data = &webhook.body["data"];
    let title = |of: &Value| of["article"]["title"].as_str().unwrap().to_owned();
    match data["alerts"].as_array() {
        Some(alerts) => alerts.iter().map(title).collect(),
        None => vec![title(data)],
    }
}

/// Waits until a receiver was told so many alerts, alone or in digests.
async fn told(receiver: &Receiver, alerts: usize) -> Vec<Webhook> {
    loop {
        let taken = receiver.taken();
        let count: usize = taken.iter().map(|webhook| titles(webhook).len()).sum();
        if count >= alerts {
            return taken;
        }
        let ids: BTreeSet<&String> = taken.iter().map(|webhook| &webhook.id).collect();
        receiver.wait_for(ids.len() + 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_part_what_goes_where_and_say_why() {
    let (_site, feed) = wire(&[alerting_entry(1), person(2)]).await;
    let (pager, desk) = (Receiver::open().await, Receiver::open().await);
    let routes = "[route.urgent]\ntopics = [\"dprk-nuclear\"]\nsinks = [\"pager\", \"desk\"]\n\
                  continue = false\n\
                  [route.people]\nactors = [\"john-bolton\"]\nseverity = \"low\"\nsinks = [\"desk\"]\n";
    let config = feed + &pager.sink("pager") + &desk.sink("desk") + routes;
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    desk.wait_for(2).await;
    let urgent = pager.wait_for(1).await;
    assert_eq!(urgent.len(), 1);
    assert!(titles(&urgent[0])[0].contains("report 1"));
    let alerts = lines(&wirewatch, &["alerts", "--actor", "john-bolton"]);
    assert_eq!(alerts.len(), 1);
    let id = alerts[0]["data"]["alert"].as_str().unwrap();
    let shown = wirewatch.command(&["alerts", "show", id]).out;
    for part in [
        "[normal] John Bolton gives speech 2",
        "Test Wire (wire)",
        "title: «John Bolton» gives speech 2",
        "route urgent: it is about none of its topics and mentions none of its actors",
        "route people: passed, to desk",
        "to desk: ",
    ] {
        assert!(shown.contains(part), "no {part:?} in {shown}");
    }
    let why = wirewatch.command(&["why", id]).out;
    assert!(why.contains("route people: passed, to desk"), "{why}");
    let shown = lines(&wirewatch, &["alerts", "show", id]);
    assert_eq!(shown[0]["decision"]["routes"][0]["by"], "topics");
    assert_eq!(shown[0]["deliveries"][0]["route"], "people");
    let urgent = lines(&wirewatch, &["alerts", "list", "--topic", "dprk-nuclear"]);
    let by_severity = lines(&wirewatch, &["alerts", "list", "--severity", "high"]);
    assert_eq!((urgent.len(), &urgent), (1, &by_severity));
    let none = lines(&wirewatch, &["alerts", "--feed", "other"]);
    assert_eq!(none.len(), 0);
    let missing = wirewatch.command(&["alerts", "show", "none"]);
    assert_eq!(missing.code, Some(1), "{}", missing.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_together_is_one_digest() {
    let entries: Vec<String> = (1..=3).map(alerting_entry).collect();
    let (site, feed) = wire(&entries).await;
    let receiver = Receiver::open().await;
    let route = "[route.all]\nsinks = [\"hook\"]\ngroup_wait = \"500ms\"\n";
    let mut wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook") + route));
    wirewatch.start();
    let digest = &receiver.wait_for(1).await[0];
    let data = &digest.body["data"];
    assert!(digest.is_signed());
    assert_eq!(digest.body["type"], "digest");
    assert_eq!((&data["count"], &data["seq"]), (&3.into(), &1.into()));
    assert_eq!(
        (&data["reason"], &data["route"]),
        (&"group-wait".into(), &"all".into())
    );
    let grouped = lines(&wirewatch, &["deliveries", "list", "--state", "grouped"]);
    assert_eq!(grouped.len(), 3);
    assert!(grouped.iter().all(|it| it["digest"] == digest.id.as_str()));
    // Whatever comes alone comes as itself.
    site.set(
        "/rss",
        Page::Document(rss(&[alerting_entry(3), alerting_entry(4)])),
    );
    let alone = &receiver.wait_for(2).await[1];
    assert_eq!(alone.body["type"], "article.matched");
    assert_eq!(alone.body["data"]["seq"], 2);
    // A round that is over waits for nothing else.
    wirewatch.stop();
    site.set(
        "/rss",
        Page::Document(rss(&[alerting_entry(4), alerting_entry(5)])),
    );
    while receiver.attempts() < 3 {
        let once = wirewatch.command(&["run", "--once"]);
        assert_eq!(once.code, Some(0), "{}", once.err);
    }
    assert_eq!(receiver.taken()[2].body["data"]["seq"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_becomes_what_its_limit_allows_and_digests() {
    let entries: Vec<String> = (1..=200).map(alerting_entry).collect();
    let (_site, feed) = wire(&entries).await;
    let receiver = Receiver::open().await;
    let route = "[route.all]\nsinks = [\"hook\"]\nlimit = \"60/5s\"\n";
    let mut wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook") + route));
    wirewatch.start();
    let taken = told(&receiver, 200).await;
    let all: Vec<String> = taken.iter().flat_map(titles).collect();
    let each: BTreeSet<&String> = all.iter().collect();
    assert_eq!((all.len(), each.len()), (200, 200));
    let (digests, alone): (Vec<&Webhook>, Vec<&Webhook>) = taken
        .iter()
        .partition(|webhook| webhook.body["type"] == "digest");
    assert_eq!(alone.len(), 60);
    let held: usize = digests.iter().map(|digest| titles(digest).len()).sum();
    assert_eq!(held, 140);
    for digest in &digests {
        assert_eq!(digest.body["data"]["reason"], "limit");
        assert!(titles(digest).len() <= 100);
    }
    let mut seqs: Vec<u64> = taken
        .iter()
        .map(|webhook| webhook.body["data"]["seq"].as_u64().unwrap())
        .collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=taken.len() as u64).collect::<Vec<_>>());
}

/// Adds a silence with these options.
fn add_silence(wirewatch: &Wirewatch, arguments: &[&str]) -> Finished {
    let always = [
        "silence",
        "add",
        "--reason",
        "moving house",
        "--author",
        "ada",
    ];
    wirewatch.command(&[&always[..], arguments].concat())
}

/// How many deliveries silence 1 keeps from the sink `hook`; no other is kept.
fn suppressed(wirewatch: &Wirewatch) -> usize {
    let found = lines(wirewatch, &["deliveries", "list", "--state", "suppressed"]);
    for delivery in &found {
        let why = (&delivery["reason"], &delivery["silence"], &delivery["sink"]);
        assert_eq!(why, (&"silenced".into(), &1.into(), &"hook".into()));
    }
    found.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_holds_on_a_running_daemon_and_after_a_restart() {
    let (site, feed) = wire(&[alerting_entry(1)]).await;
    let (hook, desk) = (Receiver::open().await, Receiver::open().await);
    let mut wirewatch = Wirewatch::with(&(feed + &hook.sink("hook") + &desk.sink("desk")));
    wirewatch.start();
    hook.wait_for(1).await;
    let options = ["--topic", "dprk-nuclear", "--sink", "hook", "--for", "2h"];
    let added = add_silence(&wirewatch, &options);
    assert_eq!(added.code, Some(0), "{}", added.err);
    assert!(added.out.starts_with("silence 1 until "), "{}", added.out);
    let publish = |number| {
        let entries = [alerting_entry(number - 1), alerting_entry(number)];
        site.set("/rss", Page::Document(rss(&entries)));
    };
    publish(2);
    desk.wait_for(2).await;
    assert_eq!(suppressed(&wirewatch), 1);
    wirewatch.stop();
    wirewatch.start();
    publish(3);
    desk.wait_for(3).await;
    assert_eq!(suppressed(&wirewatch), 2);
    let id = lines(&wirewatch, &["alerts", "list", "--limit", "1"])[0]["data"]["alert"].clone();
    let shown = wirewatch
        .command(&["alerts", "show", id.as_str().unwrap()])
        .out;
    assert!(
        shown.contains("to hook: suppressed by silence 1"),
        "{shown}"
    );

    let listed = lines(&wirewatch, &["silence", "list"]);
    assert_eq!(
        (&listed[0]["author"], &listed[0]["holds"]),
        (&"ada".into(), &true.into())
    );
    let table = wirewatch.command(&["silence"]).out;
    assert!(table.contains("topic dprk-nuclear, at hook"), "{table}");
    let ended = wirewatch.command(&["silence", "expire", "1"]);
    assert_eq!(ended.out, "silence 1 is over\n");
    assert_eq!(wirewatch.command(&["silence", "expire", "1"]).code, Some(1));
    assert_eq!(lines(&wirewatch, &["silence", "list"]).len(), 0);
    assert_eq!(lines(&wirewatch, &["silence", "list", "--all"]).len(), 1);
    publish(4);
    assert_eq!(hook.wait_for(2).await[1].body["data"]["seq"], 2);
    assert_eq!(suppressed(&wirewatch), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_that_would_do_nothing_is_refused() {
    let (_site, feed) = wire(&[]).await;
    let receiver = Receiver::open().await;
    let wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook")));
    // There is a store once there was a daemon.
    assert_eq!(wirewatch.command(&["run", "--once"]).code, Some(0));
    let rows: [(&[&str], &str); 6] = [
        (
            &["--topic", "dprk-nuclaer", "--for", "2h"],
            "--topic: there is no topic or tag `dprk-nuclaer`; did you mean `dprk-nuclear`?",
        ),
        (
            &["--sink", "hok", "--for", "2h"],
            "--sink: there is no sink `hok`; did you mean `hook`?",
        ),
        (&["--sink", "hook", "--for", "2"], "--for: `2` has no unit"),
        (
            &["--sink", "hook", "--until", "2003-08-31"],
            "the silence would be over already",
        ),
        (&["--for", "2h"], "required arguments were not provided"),
        (&["--sink", "hook"], "required arguments were not provided"),
    ];
    for (arguments, message) in rows {
        let refused = add_silence(&wirewatch, arguments);
        assert_eq!(refused.code, Some(64), "{}", refused.err);
        assert!(refused.err.contains(message), "{}", refused.err);
    }
    assert_eq!(lines(&wirewatch, &["silence", "list", "--all"]).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_covers_now_holds_until_it_ends() {
    let (_site, feed) = wire(&[alerting_entry(1), alerting_entry(2)]).await;
    let (night, desk) = (Receiver::open().await, Receiver::open().await);
    let tokyo = wirewatch::daemon::clock::now().in_tz("Asia/Tokyo").unwrap();
    let (from, to) = (tokyo.checked_sub(3.hours()), tokyo.checked_add(3.hours()));
    let (from, to) = (
        from.unwrap().strftime("%H:%M"),
        to.unwrap().strftime("%H:%M"),
    );
    let routes = format!(
        "[route.night]\nsinks = [\"night\"]\nmute = [\"{from}-{to} Asia/Tokyo\"]\n\
         [route.day]\nsinks = [\"desk\"]\n"
    );
    let config = feed + &night.sink("night") + &desk.sink("desk") + &routes;
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    desk.wait_for(2).await;
    let held = lines(&wirewatch, &["deliveries", "list", "--state", "held"]);
    assert_eq!(held.len(), 2);
    for delivery in &held {
        assert_eq!(
            (&delivery["reason"], &delivery["sink"]),
            (&"muted".into(), &"night".into())
        );
        let until: jiff::Timestamp = delivery["release_at"].as_str().unwrap().parse().unwrap();
        let wait = until.duration_since(tokyo.timestamp());
        assert!(wait <= SignedDuration::from_hours(3), "{wait:#}");
        assert!(wait > SignedDuration::from_mins(170), "{wait:#}");
    }
    let id = held[0]["alert"].as_str().unwrap();
    let shown = wirewatch.command(&["alerts", "show", id]).out;
    assert!(shown.contains("to night: held (muted) until "), "{shown}");
    assert_eq!(night.attempts(), 0);
    // A dry run shows what would go out, be it later.
    wirewatch.stop();
    let dry = wirewatch.command(&["run", "--once", "--dry-run"]);
    assert!(dry.out.contains("would go to night, desk"), "{}", dry.out);
    // A window that is taken away holds nothing any more.
    let path = wirewatch.path("wirewatch.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = config
        .lines()
        .filter(|line| !line.starts_with("mute"))
        .collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    wirewatch.start();
    wirewatch.wait_for_log("watches").await;
    assert_eq!(
        night.attempts(),
        0,
        "what is held is looked at when its time has come"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_is_told_once_and_where_they_want_it() {
    let (site, feed) = wire(&[alerting_entry(1), alerting_entry(2)]).await;
    let (ops, desk) = (Receiver::open().await, Receiver::open().await);
    let mut wirewatch = Wirewatch::with(&(feed + &ops.sink("ops") + &desk.sink("desk")));
    let path = wirewatch.path("wirewatch.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let config = config.replace("[daemon]\n", "[daemon]\nnotices = [\"ops\"]\n");
    std::fs::write(&path, config).unwrap();
    wirewatch.start();
    desk.wait_for(2).await;
    // None of the entries was there before: some may have been missed.
    site.set(
        "/rss",
        Page::Document(rss(&[alerting_entry(3), alerting_entry(4)])),
    );
    let notices = ops.wait_for_notices(1).await;
    let data = &notices[0].body["data"];
    assert!(notices[0].is_signed());
    assert_eq!(
        (
            &data["kind"],
            &data["subject"]["kind"],
            &data["subject"]["id"]
        ),
        (&"possible-gap".into(), &"feed".into(), &"wire".into())
    );
    wirewatch.wait_for_log("feed.possible_gap").await;
    desk.wait_for(4).await;
    assert_eq!((ops.notices().len(), desk.notices().len()), (1, 0));
    let listed = lines(&wirewatch, &["alerts", "--notices"]);
    assert_eq!(
        (listed.len(), &listed[0]["data"]["kind"]),
        (1, &data["kind"])
    );
    let people = wirewatch.command(&["alerts", "list", "--notices"]).out;
    assert!(
        people.contains("feed wire may have lost entries"),
        "{people}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_printed_as_they_come() {
    let (site, feed) = wire(&[alerting_entry(1)]).await;
    let receiver = Receiver::open().await;
    let mut wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook")));
    wirewatch.start();
    receiver.wait_for(1).await;
    let mut tail = Command::new(env!("CARGO_BIN_EXE_wirewatch"))
        .args(["alerts", "tail", "--json"])
        .current_dir(wirewatch.dir())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = BufReader::new(tail.stdout.take().expect("a pipe"));
    let reading = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        line
    });
    // Nobody says when it has begun to look, so there is more until it has seen some.
    let mut number = 1;
    while !reading.is_finished() {
        number += 1;
        let entries = [alerting_entry(number - 1), alerting_entry(number)];
        site.set("/rss", Page::Document(rss(&entries)));
        receiver.wait_for(number).await;
    }
    let line: Value = serde_json::from_str(&reading.await.unwrap()).expect("JSON");
    assert_eq!(line["data"]["article"]["feed"]["id"], "wire");
    let title = line["data"]["article"]["title"].as_str().unwrap();
    assert!(!title.ends_with("report 1"), "{title} was there before");
    tail.kill().expect("a signal");
    tail.wait().expect("it ends");
}
