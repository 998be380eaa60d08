//! WebSub: a scripted hub on loopback, and what becomes of its word.

use crate::pages;
use crate::support::{
    Hub, Page, Receiver, Site, Wirewatch, alerting_entry, entry, first_line, rss, rss_with,
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::Sha256;
use std::collections::HashSet;

/// A feed that is polled once and, for this test, never again.
fn feed(url: &str) -> String {
    format!("[feed.wire]\nurl = \"{url}\"\nfirst_run = \"all\"\nevery = \"1d\"\nmax = \"10d\"\n")
}

/// Hubs reach us at a port that is chosen at the start, and may be on loopback.
const WEBSUB: &str = "[websub]\ncallback = \"http://monitor.test/websub\"\n\
                      listen = \"127.0.0.1:0\"\n[http]\nallow = [\"127.0.0.0/8\"]\n\
                      timeout = \"5s\"\n";

/// A feed that names a hub, and itself.
fn offering(hub: &str, address: &str, items: &[String]) -> String {
    let links = format!(
        "<atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"hub\" href=\"{hub}\"/>\
         <atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"self\" href=\"{address}\"/>"
    );
    rss_with(&links, items)
}

/// Starts it, and gives the address at which hubs are answered.
async fn start(wirewatch: &mut Wirewatch) -> String {
    wirewatch.start();
    let line = wirewatch.wait_for_log("hubs are answered at ").await;
    let address = line.split("answered at ").nth(1).unwrap();
    address.trim().to_owned()
}

fn signature(secret: &str, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let tag = mac.chain_update(body).finalize().into_bytes();
    let digits: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

/// What `feeds list` says of the one feed.
fn listed(wirewatch: &Wirewatch) -> Value {
    let told = wirewatch.command(&["feeds", "list", "--json"]);
    serde_json::from_str(&told.out).expect("one line of JSON")
}

struct World {
    site: Site,
    hub: Hub,
    receiver: Receiver,
    wirewatch: Wirewatch,
}

impl World {
    /// A feed that a hub announces, polled once and asked for at the hub.
    async fn subscribed(lease_s: u64) -> Self {
        let mut world = Self::new(feed).await;
        world.hub.reach(&start(&mut world.wirewatch).await);
        let asked = world.hub.wait_for(1).await.remove(0);
        let told = asked.verify(&asked.topic, lease_s).await;
        assert_eq!(told, (200, "the challenge".to_owned()));
        world
            .wirewatch
            .wait_for_log("the hub announces the feed")
            .await;
        world
    }

    /// The same before it is started.
    async fn new(feed: impl Fn(&str) -> String) -> Self {
        let (site, receiver) = (Site::open().await, Receiver::open().await);
        let hub = Hub::open().await;
        let url = site.url(1, "/rss");
        let old = entry("old", "Nothing of note", "None.");
        site.set("/rss", Page::Document(offering(&hub.url(), &url, &[old])));
        let config = feed(&url) + WEBSUB + &receiver.sink("hook");
        Self {
            site,
            hub,
            receiver,
            wirewatch: Wirewatch::with(&config),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hub_brings_is_told_at_once_and_once() {
    let world = World::subscribed(864_000).await;
    let asked = world.hub.asked().remove(0);
    assert_eq!(asked.form["hub.mode"], "subscribe");
    assert_eq!(asked.topic, world.site.url(1, "/rss"));
    assert!((64..200).contains(&asked.form["hub.secret"].len()));
    let path = asked.callback.strip_prefix("http://monitor.test/websub/");
    assert_eq!(path.expect("below the callback").len(), 32);
    assert!(asked.agent.starts_with("wirewatch/"), "{}", asked.agent);

    let body = rss(&[alerting_entry(1)]);
    let signed = signature(asked.secret(), &body);
    assert_eq!(asked.push(&body, Some(&signed)).await, 202);
    let taken = world.receiver.wait_for(1).await;
    let title = taken[0].body["data"]["article"]["title"].as_str().unwrap();
    assert!(title.ends_with("report 1"), "{title}");
    // The hub says it again, and once more with something new.
    assert_eq!(asked.push(&body, Some(&signed)).await, 202);
    let more = rss(&[alerting_entry(1), alerting_entry(2)]);
    let signed = signature(asked.secret(), &more);
    assert_eq!(asked.push(&more, Some(&signed)).await, 202);
    world.receiver.wait_for(2).await;
    assert_eq!(world.receiver.taken().len(), 2);

    // What is not signed, or wrongly, is taken and dropped.
    let forged = rss(&[alerting_entry(3)]);
    for signature in [None, Some(signed.as_str()), Some("sha1=00"), Some("")] {
        assert_eq!(asked.push(&forged, signature).await, 202);
    }
    // What is no feed is not the hub's fault, nor a reason to send it again.
    let signed = signature(asked.secret(), "no feed");
    assert_eq!(asked.push("no feed", Some(&signed)).await, 202);
    world.wirewatch.wait_for_log("what is no feed").await;
    let listed = listed(&world.wirewatch);
    assert_eq!(listed["push"]["state"], "active");
    assert_eq!(listed["push"]["dropped"], 4);
    assert_eq!(listed["push"]["pushes"], 3);
    // The feed itself is as the poll left it.
    assert_eq!(
        (&listed["polls"], &listed["failures"]),
        (&1.into(), &0.into())
    );
    let people = world.wirewatch.command(&["feeds"]).out;
    assert!(people.contains(" active "), "{people}");
    let host = world.wirewatch.command(&["host", "127.0.0.1"]).out;
    assert!(host.contains("subscribe: 202"), "{host}");
    assert_eq!(world.receiver.taken().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_what_a_hub_brings_is_read() {
    let full_text = |url: &str| feed(url) + "full_text = \"near\"\n";
    let mut world = World::new(full_text).await;
    world.hub.reach(&start(&mut world.wirewatch).await);
    let asked = world.hub.wait_for(1).await.remove(0);
    asked.verify(&asked.topic, 864_000).await;
    world.site.set("/page", pages::page(1));
    let body = rss(&[pages::linked(1, pages::NEAR, &world.site.url(2, "/page"))]);
    let signed = signature(asked.secret(), &body);
    assert_eq!(asked.push(&body, Some(&signed)).await, 202);
    world.receiver.wait_for(1).await;
    assert_eq!(world.site.asked("/page").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_poll_after_a_push_tells_nothing_and_goes_on_as_before() {
    let often =
        |url: &str| format!("[feed.wire]\nurl = \"{url}\"\nfirst_run = \"all\"\nmax = \"1h\"\n");
    let mut world = World::new(often).await;
    world.hub.reach(&start(&mut world.wirewatch).await);
    let asked = world.hub.wait_for(1).await.remove(0);
    assert_eq!(asked.verify(&asked.topic, 864_000).await.0, 200);
    let url = world.site.url(1, "/rss");
    let document = offering(&world.hub.url(), &url, &[alerting_entry(1)]);
    let signed = signature(asked.secret(), &document);
    assert_eq!(asked.push(&document, Some(&signed)).await, 202);
    world.receiver.wait_for(1).await;
    let polls = world.site.asked("/rss").len();
    world.site.set("/rss", Page::Document(document));
    let asked = world.site.wait_for("/rss", polls + 3).await;
    let conditional = |from: usize| {
        let header = asked[from].headers.get("if-none-match");
        header.map(|value| value.to_str().unwrap().to_owned())
    };
    let last = asked.len() - 1;
    assert_ne!(conditional(polls), conditional(last), "it was polled anew");
    // Something that the hub never brought is found all the same.
    let more = [alerting_entry(1), alerting_entry(2)];
    let document = offering(&world.hub.url(), &url, &more);
    world.site.set("/rss", Page::Document(document));
    world.receiver.wait_for(2).await;
    assert_eq!(world.receiver.taken().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_know_a_path_learns_nothing() {
    let world = World::subscribed(864_000).await;
    let asked = world.hub.asked().remove(0);
    let at = |path: &str| asked.elsewhere(path);
    let unknown = "/websub/00000000000000000000000000000000";
    let challenge = "?hub.mode=subscribe&hub.challenge=x&hub.topic=";
    let rows = [
        ("GET", at("/"), 404),
        ("GET", at("/websub"), 404),
        ("GET", at("/websub/"), 404),
        ("POST", at("/websub/"), 404),
        ("GET", at(unknown), 404),
        (
            "GET",
            at(&format!("{unknown}{challenge}{}", asked.topic)),
            404,
        ),
        ("POST", at(unknown), 410),
        ("POST", at(&format!("{unknown}0")), 404),
        ("POST", at("/websub/../../etc/passwd"), 404),
        // The right path with another question.
        ("GET", asked.local.clone(), 404),
        ("GET", format!("{}{challenge}https://b/", asked.local), 404),
        // It was confirmed, so nothing is pending.
        (
            "GET",
            format!("{}{challenge}{}", asked.local, asked.topic),
            404,
        ),
        ("PUT", asked.local.clone(), 405),
        ("HEAD", asked.local.clone(), 405),
    ];
    for (method, url, status) in rows {
        let head = world.hub.raw(method, &url, "", 0).await;
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status} ")),
            "{method} {url}: {head}"
        );
        assert!(!head.to_lowercase().contains("server"), "{head}");
    }
    let endless = world
        .hub
        .raw("GET", &at(&format!("/{}", "x".repeat(64_000))), "", 0)
        .await;
    assert!(first_line(&endless).contains(" 4"), "{endless}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_renewed_before_it_ends_also_across_a_restart() {
    let mut world = World::subscribed(2).await;
    // The second request is the renewal, under the same callback.
    let again = world.hub.wait_for(2).await.remove(1);
    let first = world.hub.asked().remove(0);
    assert_eq!(again.callback, first.callback);
    assert_eq!(again.form["hub.secret"], first.form["hub.secret"]);
    assert_eq!(again.verify(&again.topic, 864_000).await.0, 200);
    let before = world.hub.asked().len();
    world.wirewatch.kill();
    world.hub.reach(&start(&mut world.wirewatch).await);
    let body = rss(&[alerting_entry(1)]);
    let signed = signature(first.secret(), &body);
    let moved = world.hub.again(&first);
    assert_eq!(moved.push(&body, Some(&signed)).await, 202);
    world.receiver.wait_for(1).await;
    assert_eq!(world.hub.asked().len(), before, "a start asks for nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_taken_out_is_unsubscribed() {
    let mut world = World::subscribed(864_000).await;
    let first = world.hub.asked().remove(0);
    world.wirewatch.stop();
    let file = world.wirewatch.path("wirewatch.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, rest) = text.split_once("[feed.wire]").unwrap();
    let (_, tail) = rest.split_once("[websub]").unwrap();
    std::fs::write(&file, format!("{head}[websub]{tail}")).unwrap();
    let before = world.hub.asked().len();
    world.hub.reach(&start(&mut world.wirewatch).await);
    let leave = world.hub.wait_for(before + 1).await.remove(before);
    assert_eq!(leave.form["hub.mode"], "unsubscribe");
    assert_eq!(
        (&leave.callback, &leave.topic),
        (&first.callback, &first.topic)
    );
    let gone = rss(&[alerting_entry(1)]);
    let signed = signature(first.secret(), &gone);
    let moved = world.hub.again(&first);
    assert_eq!(moved.push(&gone, Some(&signed)).await, 410);
    assert_eq!(leave.verify("https://other.example/", 0).await.0, 404);
    assert_eq!(leave.verify(&leave.topic, 0).await.0, 200);
    world.wirewatch.wait_for_log("no longer announces").await;
    assert_eq!(leave.verify(&leave.topic, 0).await.0, 404);
    assert!(world.receiver.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_refuses_or_denies_is_told_of_and_asked_again() {
    let often = |url: &str| format!("[feed.wire]\nurl = \"{url}\"\nfirst_run = \"all\"\n");
    let mut world = World::new(often).await;
    world.hub.answer(|number| match number {
        1 => (503, None),
        2 => (307, Some("/elsewhere".to_owned())),
        _ => (202, None),
    });
    world.hub.reach(&start(&mut world.wirewatch).await);
    let line = world
        .wirewatch
        .wait_for_log("cannot be asked to announce")
        .await;
    assert!(line.contains("answered 503"), "{line}");
    let asked = world.hub.wait_for(3).await;
    assert_eq!(asked[1].path, "/hub");
    assert_eq!(asked[2].path, "/elsewhere");
    let last = asked[2].clone();
    assert_eq!(last.deny("https://other.example/", "x").await, 404);
    assert_eq!(last.deny(&last.topic, "not%20for%20you").await, 200);
    let line = world.wirewatch.wait_for_log("will not announce").await;
    assert!(line.contains("not for you"), "{line}");
    let listed = listed(&world.wirewatch);
    assert_eq!(listed["push"]["error"], "not for you");
    let body = rss(&[alerting_entry(1)]);
    let signed = signature(last.secret(), &body);
    assert_eq!(last.push(&body, Some(&signed)).await, 410);
    // It asks another time, and may be luckier.
    let number = world.hub.asked().len();
    let asked = world.hub.wait_for(number + 1).await;
    assert_eq!(asked[number].callback, last.callback);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_hangs_keeps_its_host_no_longer_than_the_timeout() {
    let often = |url: &str| format!("[feed.wire]\nurl = \"{url}\"\nfirst_run = \"all\"\n");
    let mut world = World::new(often).await;
    world.hub.hang();
    world.hub.reach(&start(&mut world.wirewatch).await);
    let asked = world.hub.wait_for(1).await.remove(0);
    // It asks back all the same, and that counts.
    assert_eq!(asked.verify(&asked.topic, 864_000).await.0, 200);
    let body = rss(&[alerting_entry(1)]);
    let signed = signature(asked.secret(), &body);
    assert_eq!(asked.push(&body, Some(&signed)).await, 202);
    world.receiver.wait_for(1).await;
    let polls = world.site.asked("/rss").len();
    world.site.wait_for("/rss", polls + 2).await;
    let (status, _) = world.wirewatch.stop();
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_of_ones_own_network_is_not_asked_unless_it_is_allowed() {
    let mut world =
        World::new(|url| format!("[feed.wire]\nurl = \"{url}\"\nfirst_run = \"all\"\n")).await;
    let file = world.wirewatch.path("wirewatch.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("allow = [\"127.0.0.0/8\"]", "allow = []");
    std::fs::write(&file, text).unwrap();
    start(&mut world.wirewatch).await;
    let line = world
        .wirewatch
        .wait_for_log("cannot be asked to announce")
        .await;
    assert!(line.contains("127.0.0.1, which is not public"), "{line}");
    world.site.wait_for("/rss", 3).await;
    assert!(world.hub.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_of_the_answer_name_the_hub_first() {
    let mut world = World::new(feed).await;
    let mut headers = vec![(
        "link",
        format!(
            "<{}>; rel=\"hub\", <https://topic.example/>; rel=self",
            world.hub.url()
        ),
    )];
    headers.push(("content-type", "application/rss+xml".to_owned()));
    let other = offering(
        "https://hub.invalid/",
        "https://other.example/",
        &[alerting_entry(1)],
    );
    world.site.set("/rss", Page::Plain(other, headers));
    world.hub.reach(&start(&mut world.wirewatch).await);
    let asked = world.hub.wait_for(1).await.remove(0);
    assert_eq!(asked.topic, "https://topic.example/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_to_listen_that_is_taken_is_said_at_the_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let config = WEBSUB.replace("127.0.0.1:0", &address);
    let wirewatch = Wirewatch::with(&config);
    let ended = wirewatch.command(&["run"]);
    assert_eq!(ended.code, Some(75), "{}", ended.err);
    assert!(
        ended.err.contains(&format!(
            "cannot listen for hubs at {address} (websub.listen)"
        )),
        "{}",
        ended.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_not_to_be_pushed_is_only_polled() {
    let mut world = World::new(|url| {
        format!("[feed.wire]\nurl = \"{url}\"\nfirst_run = \"all\"\npush = false\n")
    })
    .await;
    world.hub.reach(&start(&mut world.wirewatch).await);
    world.site.wait_for("/rss", 4).await;
    assert!(world.hub.asked().is_empty());
    assert_eq!(listed(&world.wirewatch)["push"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_outlives_a_crash() {
    let mut world = World::subscribed(864_000).await;
    let asked = world.hub.asked().remove(0);
    world.receiver.answer(|_| Some(503));
    let body = rss(&[alerting_entry(1)]);
    let signed = signature(asked.secret(), &body);
    assert_eq!(asked.push(&body, Some(&signed)).await, 202);
    world.wirewatch.kill();
    world.receiver.answer(|_| Some(204));
    start(&mut world.wirewatch).await;
    let taken = world.receiver.wait_for(1).await;
    let title = taken[0].body["data"]["article"]["title"].as_str().unwrap();
    assert!(title.ends_with("report 1"), "{title}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_documents_at_once_are_all_told() {
    const DOCUMENTS: usize = 60;
    let world = World::subscribed(864_000).await;
    let asked = world.hub.asked().remove(0);
    let pushes = (1..=DOCUMENTS).map(|number| {
        let asked = asked.clone();
        async move {
            let body = rss(&[alerting_entry(number), alerting_entry(number + 1)]);
            let signed = signature(asked.secret(), &body);
            asked.push(&body, Some(&signed)).await
        }
    });
    let answers = futures_util::future::join_all(pushes).await;
    assert!(answers.iter().all(|status| *status == 202), "{answers:?}");
    world.receiver.wait_for(DOCUMENTS + 1).await;
    assert_eq!(world.receiver.taken().len(), DOCUMENTS + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_has_bounds() {
    let mut world = World::new(feed).await;
    let file = world.wirewatch.path("wirewatch.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("timeout = \"5s\"", "timeout = \"1s\"\nbody_max = \"4kB\"");
    std::fs::write(&file, text).unwrap();
    world.hub.reach(&start(&mut world.wirewatch).await);
    let asked = world.hub.wait_for(1).await.remove(0);
    assert_eq!(asked.verify(&asked.topic, 864_000).await.0, 200);
    let large = "x".repeat(5000);
    let signed = signature(asked.secret(), &large);
    assert_eq!(asked.push(&large, Some(&signed)).await, 413);
    // It says that there is more, and sends nothing.
    let head = world.hub.raw("POST", &asked.local, "", 100).await;
    assert!(head.starts_with("HTTP/1.1 408 "), "{head}");
    let many = "a: b\r\n".repeat(100);
    let head = world.hub.raw("GET", &asked.local, &many, 0).await;
    assert!(head.starts_with("HTTP/1.1 431 "), "{head}");
    let body = rss(&[alerting_entry(1)]);
    let signed = signature(asked.secret(), &body);
    assert_eq!(asked.push(&body, Some(&signed)).await, 202);
    world.receiver.wait_for(1).await;
    // Somebody who says nothing at all keeps nothing from ending.
    let silent = asked.elsewhere("").replace("http://", "");
    let silent = tokio::net::TcpStream::connect(silent).await.unwrap();
    let (status, log) = world.wirewatch.stop();
    assert!(status.success());
    assert!(!log.iter().any(|line| line.contains("cut off")), "{log:#?}");
    drop(silent);
}

/// A hub on a host with feeds of its own: what goes to the one counts for the other.
#[tokio::test(flavor = "multi_thread")]
async fn hub_and_feeds_of_a_host_are_asked_one_by_one_with_a_distance() {
    const FEEDS: u8 = 4;
    let (site, hub) = (Site::open().await, Hub::open().await);
    let mut config = WEBSUB.to_owned() + "[host.\"127.0.0.1\"]\nspacing = \"200ms\"\n";
    for number in 1..=FEEDS {
        let (path, url) = (format!("/{number}"), site.url(1, &format!("/{number}")));
        site.set(&path, Page::Document(offering(&hub.url(), &url, &[])));
        let often = format!("[feed.f{number}]\nurl = \"{url}\"\nevery = \"1s\"\nmin = \"1s\"\n");
        config += &often;
    }
    let mut wirewatch = Wirewatch::with(&config);
    hub.reach(&start(&mut wirewatch).await);
    let asked = hub.wait_for(usize::from(FEEDS)).await;
    let callbacks: HashSet<&String> = asked.iter().map(|asked| &asked.callback).collect();
    assert_eq!(callbacks.len(), usize::from(FEEDS), "each has its own");
    site.wait_for("/1", 3).await;
    let told = wirewatch.command(&["host", "127.0.0.1", "--json"]).out;
    let requests: Vec<Value> = told
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let to_hub = requests.iter().filter(|it| it["reason"] == "push").count();
    assert!(to_hub >= usize::from(FEEDS), "{told}");
    assert!(requests.len() > to_hub + usize::from(FEEDS), "{told}");
    let times: Vec<Timestamp> = requests
        .iter()
        .map(|line| line["at"].as_str().unwrap().parse().unwrap())
        .collect();
    for pair in times.windows(2) {
        let apart = pair[1].duration_since(pair[0]);
        assert!(
            apart >= SignedDuration::from_millis(200),
            "{apart:?}: {told}"
        );
    }
}
