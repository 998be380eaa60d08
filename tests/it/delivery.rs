//! From the outbox to sinks: retries, dead letters, files, and a stop in time.

use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, rss};
use serde_json::Value;

async fn wire() -> (Site, String) {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let feed = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    (site, feed)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_under_its_id() {
    let (_site, feed) = wire().await;
    let receiver = Receiver::open().await;
    receiver.answer(|attempt| Some(if attempt < 2 { 503 } else { 204 }));
    let mut wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook")));
    wirewatch.start();
    let taken = receiver.wait_for(1).await;
    assert_eq!((taken.len(), receiver.attempts()), (1, 2));
    let line = wirewatch
        .wait_for_log("a delivery failed and is tried again")
        .await;
    assert!(line.contains("503"), "{line}");
    let (_, log) = wirewatch.stop();
    assert!(
        !log.iter().any(|line| line.contains("do-not-print")),
        "{log:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_deliveries_are_kept_shown_and_sent_again() {
    let (_site, feed) = wire().await;
    let receiver = Receiver::open().await;
    receiver.answer(|_| Some(400));
    let mut wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook")));
    wirewatch.start();
    wirewatch.wait_for_log("a delivery was given up").await;
    let dead = wirewatch.command(&["deliveries", "list", "--state", "dead", "--json"]);
    let dead = lines(&dead.out);
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (&dead[0]["state"], &dead[0]["reason"]),
        (&Value::from("dead"), &Value::from("refused"))
    );
    let id = dead[0]["id"].as_str().unwrap();
    let shown = wirewatch.command(&["deliveries", "show", id, "--json"]);
    let shown = lines(&shown.out);
    assert!(
        shown[0]["attempts"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("400")
    );
    assert_eq!(shown[0]["payload"]["type"], "article.matched");
    receiver.answer(|_| Some(204));
    let retried = wirewatch.command(&["deliveries", "retry", id]);
    assert_eq!(
        (retried.code, retried.out.as_str()),
        (Some(0), "1 dead deliveries are due again\n")
    );
    let taken = receiver.wait_for(1).await;
    assert_eq!(taken[0].id, id);
    let none = wirewatch.command(&["deliveries", "show", "msg_none"]);
    assert_eq!(none.code, Some(1), "{}", none.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_is_sent_once_more_under_another_id() {
    let (_site, feed) = wire().await;
    let (receiver, copy) = (Receiver::open().await, Receiver::open().await);
    let route = "[route.all]\nsinks = [\"hook\"]\n";
    let config = feed + &receiver.sink("hook") + &copy.sink("copy") + route;
    let mut wirewatch = Wirewatch::with(&config);
    assert_eq!(wirewatch.command(&["run", "--once"]).code, Some(0));
    let first = receiver.wait_for(1).await.remove(0);
    let replay = |more: &[&str]| {
        let arguments = ["deliveries", "replay", "--sink", "hook", "--since", "1h"];
        wirewatch.command(&[&arguments, more].concat())
    };
    let dry = replay(&["--dry-run"]);
    assert!(dry.out.starts_with(&first.id), "{}", dry.out);
    let sent = replay(&[]);
    assert_eq!(
        (sent.code, sent.out.as_str()),
        (Some(0), "1 delivery is due at hook\n"),
        "{}",
        sent.err
    );
    let sent = lines(&replay(&["--to", "copy", "--state", "delivered", "--json"]).out);
    assert_eq!(sent[0]["replayed"], 1);
    for (more, code) in [
        (&["--until", "2003-08-25"][..], 1),
        (&["--state", "dead"], 1),
        (&["--to", "hok"], 64),
        (&["--until", "soon"], 64),
    ] {
        let refused = replay(more);
        assert_eq!(refused.code, Some(code), "{more:?}: {}", refused.err);
    }
    // A daemon that starts later delivers it; one that runs finds it as well.
    wirewatch.start();
    let again = receiver.wait_for(2).await.remove(1);
    let copied = copy.wait_for(1).await.remove(0);
    assert_eq!(again.id, format!("{}~2", first.id));
    assert_eq!(copied.id, again.id.replace("_hook~2", "_copy~1"));
    for again in [again, copied] {
        assert!(again.is_signed());
        assert_eq!(again.body["data"]["alert"], first.body["data"]["alert"]);
    }
    let listed = wirewatch.command(&["deliveries", "list", "--sink", "copy", "--json"]);
    assert_eq!(lines(&listed.out).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_hangs_delays_no_other_and_no_stop() {
    let (site, feed) = wire().await;
    let (hanging, receiver) = (Receiver::open().await, Receiver::open().await);
    hanging.answer(|_| None);
    let config = feed
        + &hanging.sink("stuck")
        + &receiver.sink("hook")
        + "[sink.archive.file]\npath = \"out/alerts.jsonl\"\n[sink.journal.log]\n";
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    hanging.wait_for_attempts(1).await;
    receiver.wait_for(1).await;
    let items: Vec<String> = (1..=9).map(alerting_entry).collect();
    site.set("/rss", Page::Document(rss(&items)));
    receiver.wait_for(9).await;
    wirewatch.wait_for_log("report 9").await;
    let (status, _) = wirewatch.stop();
    assert!(status.success());
    let written = lines(&std::fs::read_to_string(wirewatch.path("out/alerts.jsonl")).unwrap());
    assert_eq!(written.len(), 9);
    let seqs: Vec<u64> = written
        .iter()
        .map(|line| line["data"]["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (1..=9).collect::<Vec<u64>>());
    let pending = wirewatch.command(&["deliveries", "list", "--state", "pending", "--json"]);
    assert_eq!(lines(&pending.out).len(), 9, "kept for the next start");
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_choose_where_alerts_go() {
    let (_site, feed) = wire().await;
    let (urgent, all) = (Receiver::open().await, Receiver::open().await);
    let routes = "[route.urgent]\ntopics = [\"dprk-nuclear\"]\nseverity = \"critical\"\nsinks = [\"urgent\"]\n\
                  [route.all]\nsinks = [\"all\"]\n";
    let mut wirewatch =
        Wirewatch::with(&(feed + &urgent.sink("urgent") + &all.sink("all") + routes));
    let once = wirewatch.command(&["run", "--once"]);
    assert_eq!(once.code, Some(0), "{}", once.err);
    assert_eq!((all.taken().len(), urgent.attempts()), (1, 0));
    wirewatch.start();
    wirewatch.wait_for_log("watches").await;
    let (status, _) = wirewatch.stop();
    assert!(status.success());
    assert_eq!(all.taken().len(), 1, "told again after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_no_route_takes_is_stored_with_its_reason() {
    let (_site, feed) = wire().await;
    let receiver = Receiver::open().await;
    let route = "[route.urgent]\nseverity = \"critical\"\nsinks = [\"hook\"]\n";
    let mut wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook") + route));
    wirewatch.start();
    let line = wirewatch.wait_for_log("sent nowhere").await;
    assert!(line.contains("no-route"), "{line}");
    wirewatch.stop();
    assert_eq!(receiver.attempts(), 0);
    let stored = wirewatch.command(&["alerts", "--json"]);
    assert_eq!(lines(&stored.out).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_hears_when_it_is_ready_and_when_it_stops() {
    let (_site, feed) = wire().await;
    let mut wirewatch = Wirewatch::with(&(feed + "[sink.journal.log]\n"));
    let path = wirewatch.path("notify");
    let socket = tokio::net::UnixDatagram::bind(&path).unwrap();
    wirewatch.start_with("NOTIFY_SOCKET", &path);
    let mut heard = String::new();
    let mut buffer = [0; 256];
    while !heard.contains("READY=1") {
        let length = tokio::time::timeout(crate::support::PATIENCE, socket.recv(&mut buffer))
            .await
            .unwrap()
            .unwrap();
        heard.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
    }
    let (status, _) = wirewatch.stop();
    assert!(status.success());
    let length = socket.recv(&mut buffer).await.unwrap();
    assert!(buffer[..length].starts_with(b"STOPPING=1"));
}
