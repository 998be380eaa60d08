//! Receivers that fail, that are gone, and that come back, and what it takes to
//! reach them again.

mod long;

use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, rss};
use serde_json::Value;

/// A feed with so many alerts.
async fn wire(alerts: usize) -> (Site, String) {
    let site = Site::open().await;
    let items: Vec<String> = (1..=alerts).map(alerting_entry).collect();
    site.set("/rss", Page::Document(rss(&items)));
    let feed = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    (site, feed)
}

/// Two sinks: one for alerts, and one for notices, which gets the alerts as well.
async fn two_receivers(feed: String) -> (Receiver, Receiver, Wirewatch) {
    let (receiver, other) = (Receiver::open().await, Receiver::open().await);
    let config = feed + &receiver.sink("hook") + &other.sink("other");
    (receiver, other, Wirewatch::with(&config))
}

fn states(wirewatch: &Wirewatch, state: &str) -> usize {
    let listed = wirewatch.command(&[
        "deliveries",
        "list",
        "--json",
        "--sink",
        "hook",
        "--state",
        state,
    ]);
    listed.out.lines().count()
}

fn kinds(receiver: &Receiver) -> Vec<Value> {
    let notices = receiver.notices();
    notices
        .iter()
        .map(|notice| notice.body["data"]["kind"].clone())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_is_left_alone_until_it_recovers() {
    let (_site, feed) = wire(40).await;
    let (receiver, other, mut wirewatch) = two_receivers(feed).await;
    receiver.answer(|_| Some(503));
    wirewatch.start();
    wirewatch.wait_for_log("the sink takes nothing").await;
    other.wait_for(40).await;
    other.wait_for_notices(1).await;
    let (status, _) = wirewatch.stop();
    assert!(status.success());
    let attempts = receiver.attempts();
    assert!((5..20).contains(&attempts), "{attempts} for 40 alerts");
    assert_eq!(states(&wirewatch, "pending"), 40);

    // A restart does not forget: one probe tells, and then all of it comes.
    receiver.answer(|_| Some(204));
    wirewatch.start();
    wirewatch
        .wait_for_log("the sink takes deliveries again")
        .await;
    let taken = receiver.wait_for(40).await;
    assert_eq!(taken.len(), 40, "none came twice");
    other.wait_for_notices(2).await;
    assert_eq!(kinds(&other), ["sink-fails", "sink-recovered"]);
    assert!(receiver.notices().is_empty(), "of itself it is not told");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_asked_again_when_a_person_says_so() {
    let (_site, feed) = wire(9).await;
    let (receiver, other, mut wirewatch) = two_receivers(feed).await;
    receiver.answer(|_| Some(410));
    wirewatch.start();
    wirewatch.wait_for_log("the sink is gone").await;
    other.wait_for_notices(1).await;
    assert!(receiver.attempts() <= 4, "as many as were under way");
    receiver.answer(|_| Some(204));
    let resumed = wirewatch.command(&["deliveries", "retry", "--sink", "hook"]);
    assert_eq!(resumed.err, "");
    receiver.wait_for(9).await;
    wirewatch.wait_for_log("a person resumed the sink").await;
    other.wait_for_notices(2).await;
    assert_eq!(kinds(&other), ["sink-fails", "sink-recovered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_address_is_another_receiver() {
    let (_site, feed) = wire(3).await;
    let (gone, here) = (Receiver::open().await, Receiver::open().await);
    gone.answer(|_| Some(410));
    let mut wirewatch = Wirewatch::with(&(feed + &gone.sink("hook")));
    wirewatch.start();
    wirewatch.wait_for_log("the sink is gone").await;
    wirewatch.stop();
    let once = wirewatch.command(&["run", "--once"]);
    assert_eq!(once.code, Some(69), "{}", once.err);
    assert!(
        once.err.contains("the sink is not asked now"),
        "{}",
        once.err
    );
    let path = wirewatch.path("wirewatch.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let (old, new) = (gone.sink("hook"), here.sink("hook"));
    std::fs::write(&path, config.replace(&old, &new)).unwrap();
    wirewatch.start();
    here.wait_for(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_grows_too_old_is_given_up_together() {
    let (_site, feed) = wire(12).await;
    let (receiver, other) = (Receiver::open().await, Receiver::open().await);
    receiver.answer(|_| Some(404));
    let config = feed + &receiver.sink("hook") + "max_age = \"1s\"\n" + &other.sink("other");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    wirewatch.wait_for_log("gave up 12 deliveries").await;
    other.wait_for_notices(2).await;
    assert_eq!(states(&wirewatch, "dead"), 12);
    assert_eq!(kinds(&other), ["sink-fails", "delivery-dead"]);
}
