//! `wirewatch sinks`: what it shows of each sink, and a test of one.

use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, rss};
use serde_json::{Value, json};

fn objects(out: &str) -> Vec<Value> {
    out.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sink_is_listed_without_its_secrets() {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let (good, bad) = (Receiver::open().await, Receiver::open().await);
    bad.answer(|_| Some(400));
    let feed = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    let wirewatch = Wirewatch::with(
        &(feed
            + &good.sink("good")
            + &bad.sink("bad")
            + "[sink.archive.file]\npath = \"alerts.jsonl\"\n[sink.journal.log]\n"),
    );
    let before = objects(&wirewatch.command(&["sinks", "--json"]).out);
    assert_eq!(before.len(), 4, "before the first run");
    assert_eq!(before[0]["succeeded_at"], Value::Null);
    assert_eq!(before[0]["endpoint"], Value::Null);
    let once = wirewatch.command(&["run", "--once"]);
    assert_eq!(once.code, Some(69), "{}", once.err);
    let mut after = objects(&wirewatch.command(&["sinks", "--json"]).out);
    for sink in &mut after {
        let arrived = sink["succeeded_at"].is_string();
        sink["succeeded_at"] = arrived.into();
        sink["endpoint"] = sink["endpoint"]["state"].take();
        // That an alert was given up is told to the others, perhaps not yet.
        let pending = sink["pending"].take();
        assert!(pending.is_u64(), "{pending}");
        // The folder is another one in every run.
        if let Some(path) = sink["path"].as_str() {
            sink["path"] = path.ends_with("alerts.jsonl").into();
        }
    }
    let expected = [
        json!({"name": "good", "kind": "webhook", "format": "standard", "path": null,
            "host": good.address().to_string(), "endpoint": "closed", "succeeded_at": true, "pending": null, "dead": 0,
            "public_keys": []}),
        json!({"name": "bad", "kind": "webhook", "format": "standard", "path": null,
            "host": bad.address().to_string(), "endpoint": "closed", "succeeded_at": false, "pending": null, "dead": 1,
            "public_keys": []}),
        json!({"name": "archive", "kind": "file", "format": null, "path": true, "host": null,
            "endpoint": "closed", "succeeded_at": true, "pending": null, "dead": 0, "public_keys": []}),
        json!({"name": "journal", "kind": "log", "format": null, "path": null, "host": null,
            "endpoint": "closed", "succeeded_at": true, "pending": null, "dead": 0, "public_keys": []}),
    ];
    assert_eq!(after, expected);
    let listed = wirewatch.command(&["sinks"]).out;
    assert!(listed.contains(&good.address().to_string()), "{listed}");
    assert!(!listed.contains("do-not-print"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_succeeds_lets_go_what_waits() {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let receiver = Receiver::open().await;
    receiver.answer(|_| Some(410));
    let feed = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    let mut wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook")));
    wirewatch.start();
    wirewatch.wait_for_log("the sink is gone").await;
    let listed = objects(&wirewatch.command(&["sinks", "--json"]).out);
    assert_eq!(listed[0]["endpoint"]["state"], "paused");
    assert_eq!(listed[0]["pending"], 1);
    let listed = wirewatch.command(&["sinks"]).out;
    assert!(listed.contains("gone since"), "{listed}");

    let gone = wirewatch.command(&["sinks", "test", "hook"]);
    assert_eq!(gone.code, Some(69));
    receiver.answer(|_| Some(204));
    let back = wirewatch.command(&["sinks", "test", "hook"]);
    assert_eq!(back.code, Some(0), "{}", back.err);
    assert!(back.out.ends_with("what waits for it is sent now\n"));
    let taken = receiver.wait_for(2).await;
    let kinds: Vec<&str> = taken
        .iter()
        .filter_map(|webhook| webhook.body["type"].as_str())
        .collect();
    assert_eq!(kinds, ["test", "article.matched"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_key_is_printed_for_the_receiver() {
    let receiver = Receiver::open().await;
    // RFC 8032, section 7.1, test 1.
    let key = "\"whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\"";
    let wirewatch = Wirewatch::with(&receiver.sink_signing("hook", key));
    let listed = wirewatch.command(&["sinks", "list"]).out;
    let line = "receivers of hook verify with whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n";
    assert!(listed.ends_with(line), "{listed}");
    assert!(!listed.contains("nWGxne"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_what_the_sink_said() {
    let receiver = Receiver::open().await;
    let config = receiver.sink("hook")
        + "[sink.archive.file]\npath = \"alerts.jsonl\"\n[sink.journal.log]\n";
    let wirewatch = Wirewatch::with(&config);
    let taken = wirewatch.command(&["sinks", "test", "hook"]);
    assert_eq!(
        (taken.code, taken.out.as_str()),
        (Some(0), "hook took the test alert\n"),
        "{}",
        taken.err
    );
    let webhook = &receiver.taken()[0];
    assert!(webhook.is_signed());
    assert_eq!(webhook.body["type"], "test");
    assert_eq!(webhook.body["data"]["seq"], 0);
    assert_eq!(webhook.ids("topics"), ["test"]);

    receiver.answer(|_| Some(503));
    let failed = wirewatch.command(&["sinks", "test", "hook", "--json"]);
    assert_eq!(failed.code, Some(69), "{}", failed.err);
    let said = &objects(&failed.out)[0];
    assert_eq!(said["outcome"], "unavailable");
    assert!(said["detail"].as_str().unwrap().contains("503"), "{said}");
    let failed = wirewatch.command(&["sinks", "test", "hook"]);
    assert!(
        failed
            .out
            .starts_with("hook did not take the test alert (unavailable): "),
        "{}",
        failed.out
    );

    let file = wirewatch.command(&["sinks", "test", "archive"]);
    assert_eq!(file.code, Some(0), "{}", file.err);
    let written = std::fs::read_to_string(wirewatch.path("alerts.jsonl")).unwrap();
    assert_eq!(objects(&written)[0]["type"], "test");
    let log = wirewatch.command(&["sinks", "test", "journal"]);
    assert!(log.err.contains("This is a test"), "{}", log.err);

    let unknown = wirewatch.command(&["sinks", "test", "hok"]);
    assert_eq!(unknown.code, Some(64));
    assert!(
        unknown.err.contains("did you mean `hook`?"),
        "{}",
        unknown.err
    );
    // A test is no alert: nothing is stored, and nothing is delivered later.
    assert!(!wirewatch.path("state").exists());
}
