//! What polls lead to: older pages of a feed, and the pages of articles.

use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, entry};
use serde_json::Value;

/// Every host of the site, as addresses that others may send us to.
const ALLOW: &str = "[http]\ntimeout = \"2s\"\nallow = [\"127.0.0.0/8\"]\n";

fn feed(url: &str, more: &str) -> String {
    format!("[feed.wire]\nurl = \"{url}\"\nfirst_run = \"all\"\n{more}\n")
}

/// An RSS document that says where its older entries are.
fn paged(items: &[String], next: Option<&str>) -> String {
    let next = next.map(|url| format!("<atom:link rel=\"next\" href=\"{url}\"/>"));
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\">\
         <channel><title>Test Wire</title>{}{}</channel></rss>",
        next.unwrap_or_default(),
        items.concat()
    )
}

/// An entry whose page is at an address.
pub(crate) fn linked(number: usize, title: &str, page: &str) -> String {
    entry(&format!("e{number}"), title, "In short.")
        .replace(&format!("https://news.example/e{number}"), page)
}

/// A web page with an article that the shipped watchlist alerts.
pub(crate) fn page(number: usize) -> Page {
    let filler = "The delegations met for the third time this month, and both sides said \
                  afterwards that they would go on, whatever had been said before.";
    Page::Html(format!(
        "<!DOCTYPE html><html><head><title>Report</title></head><body><nav><a href=\"/\">Home</a>\
         </nav><article><h1>Report {number}</h1><p>{filler}</p><p>In Pyongyang the government \
         demanded multilateral talks on its nuclear weapons programme, report {number} says.</p>\
         <p>{filler}</p></article><footer>All rights reserved</footer></body></html>"
    ))
}

/// How many entries the feed of a burst holds.
const WINDOW: usize = 15;

pub(crate) const NEAR: &str = "Pyongyang answers";
const FAR: &str = "A cat show opens";

fn titles(receiver: &Receiver) -> Vec<String> {
    let title = |body: &Value| {
        body["data"]["article"]["title"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let taken = receiver.taken();
    let mut titles: Vec<String> = taken.iter().map(|webhook| title(&webhook.body)).collect();
    titles.sort();
    titles
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_beyond_the_window_loses_nothing() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let window = |newest: usize, next: Option<&str>| {
        let numbers = (newest.saturating_sub(WINDOW) + 1..=newest).rev();
        paged(&numbers.map(alerting_entry).collect::<Vec<_>>(), next)
    };
    site.set("/rss", Page::Document(window(WINDOW, None)));
    let config = feed(&site.url(1, "/rss"), "") + ALLOW + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    receiver.wait_for(WINDOW).await;
    let newest = WINDOW + 100;
    let pages = newest.div_ceil(WINDOW);
    for page in 1..pages {
        let next = site.url(1, &format!("/page-{}", page + 1));
        let document = Page::Document(window(newest - page * WINDOW, Some(&next)));
        site.set(&format!("/page-{page}"), document);
    }
    let next = site.url(1, "/page-1");
    site.set("/rss", Page::Document(window(newest, Some(&next))));
    receiver.wait_for(newest).await;
    wirewatch.wait_for_log("feed.possible_gap").await;
    // The page on which the first known entry stands is the last one.
    assert_eq!(site.asked("/page-6").len(), 1);
    assert!(site.asked("/page-7").is_empty());
    let polls = site.asked("/rss").len();
    site.wait_for("/rss", polls + 2).await;
    assert_eq!(receiver.taken().len(), newest, "told again");
    let told = wirewatch.command(&["host", "127.0.0.1", "--limit", "99"]);
    assert!(told.out.contains("older-page"), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_behind_a_known_entry_is_not_news() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let entries = |numbers: &[usize]| {
        numbers
            .iter()
            .map(|n| alerting_entry(*n))
            .collect::<Vec<_>>()
    };
    site.set("/rss", Page::Document(paged(&entries(&[10, 9]), None)));
    let config = feed(&site.url(1, "/rss"), "") + ALLOW + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    receiver.wait_for(2).await;
    let older = site.url(1, "/older");
    // It leads to itself and, were it followed, to a stranger.
    site.set(
        "/older",
        Page::Document(paged(&entries(&[12, 11, 10, 5, 4]), Some(&older))),
    );
    site.set(
        "/rss",
        Page::Document(paged(&entries(&[14, 13]), Some(&older))),
    );
    receiver.wait_for(6).await;
    let polls = site.asked("/rss").len();
    site.wait_for("/rss", polls + 2).await;
    assert_eq!(receiver.taken().len(), 6);
    assert_eq!(site.asked("/older").len(), 1);
    // Nobody is led to another host.
    let foreign = site.url(2, "/foreign");
    site.set(
        "/rss",
        Page::Document(paged(&entries(&[20, 19]), Some(&foreign))),
    );
    receiver.wait_for(8).await;
    let polls = site.asked("/rss").len();
    site.wait_for("/rss", polls + 2).await;
    assert!(site.asked("/foreign").is_empty());
}

/// Serves entries that match, nearly match and do not, and waits for what must come.
async fn read_with(full_text: &str, alerts: usize) -> (Site, Receiver, Wirewatch) {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set("/near", page(1));
    site.set("/far", page(2));
    site.set("/match", page(3));
    let items = [
        linked(1, NEAR, &site.url(2, "/near")),
        linked(2, FAR, &site.url(2, "/far")),
        linked(
            3,
            "Pyongyang wants a non-aggression pact",
            &site.url(2, "/match"),
        ),
    ];
    site.set("/rss", Page::Document(paged(&items, None)));
    let config = feed(
        &site.url(1, "/rss"),
        &format!("full_text = \"{full_text}\""),
    ) + ALLOW
        + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    receiver.wait_for(alerts).await;
    let polls = site.asked("/rss").len();
    site.wait_for("/rss", polls + 2).await;
    (site, receiver, wirewatch)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_what_nearly_matches_is_read() {
    let (site, receiver, wirewatch) = read_with("near", 2).await;
    assert_eq!(
        titles(&receiver),
        [NEAR, "Pyongyang wants a non-aggression pact"]
    );
    for (path, times) in [("/near", 1), ("/far", 0), ("/match", 0), ("/robots.txt", 1)] {
        assert_eq!(site.asked(path).len(), times, "{path}");
    }
    let taken = receiver.taken();
    let by_page = taken
        .iter()
        .find(|webhook| webhook.body["data"]["article"]["title"] == NEAR);
    let topics = by_page.unwrap().body["data"]["topics"].as_array().unwrap();
    let evidence = topics[0]["evidence"].as_array().unwrap();
    assert!(
        evidence
            .iter()
            .any(|piece| piece["field"] == "body" && piece["quote"] == "multilateral talks"),
        "{evidence:?}"
    );
    let asked = &site.asked("/near")[0].headers;
    assert!(!asked.contains_key("cookie") && !asked.contains_key("referer"));
    let told = wirewatch.command(&["host", "127.0.0.2", "--json"]);
    let reasons: Vec<String> = told
        .out
        .lines()
        .skip(1)
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["reason"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(reasons, ["robots.txt", "article-page"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn or_the_page_of_everything_or_of_nothing() {
    let (site, receiver, _wirewatch) = read_with("always", 3).await;
    assert_eq!(titles(&receiver).len(), 3);
    assert_eq!(site.asked("/far").len(), 1);
    assert_eq!(site.asked("/match").len(), 0, "it was told without");
    let (site, receiver, _wirewatch) = read_with("never", 1).await;
    assert_eq!(titles(&receiver).len(), 1);
    assert!(site.asked("/near").is_empty() && site.asked("/robots.txt").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_txt_is_obeyed() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set(
        "/robots.txt",
        Page::Text(
            "User-agent: other\nDisallow:\n\nUser-agent: Wirewatch\nDisallow: /no/\n".into(),
        ),
    );
    site.set("/no/1", page(1));
    site.set("/yes/2", page(2));
    let items = [
        linked(1, NEAR, &site.url(2, "/no/1")),
        linked(2, NEAR, &site.url(2, "/yes/2")),
        linked(3, NEAR, &site.url(2, "/no/3")),
    ];
    site.set("/rss", Page::Document(paged(&items, None)));
    let config =
        feed(&site.url(1, "/rss"), "full_text = \"near\"") + ALLOW + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    receiver.wait_for(1).await;
    let (status, _) = wirewatch.stop();
    assert!(status.success());
    assert!(site.asked("/no/1").is_empty() && site.asked("/no/3").is_empty());
    assert_eq!(site.asked("/robots.txt").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_do_harm_are_given_up_and_stop_nothing_else() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let large = format!(
        "<html><body><p>{}</p></body></html>",
        "large ".repeat(10 << 18)
    );
    let deep = format!(
        "<html><body>{}Pyongyang</body></html>",
        "<div>".repeat(100_000)
    );
    let canary = site.url(9, "/canary");
    let rows = [
        ("/hang", Page::Hang),
        ("/large", Page::Html(large)),
        ("/endless", Page::Endless),
        ("/deep", Page::Html(deep)),
        ("/inward", Page::Status(302, vec![("location", canary)])),
        ("/missing", Page::Status(404, vec![])),
        ("/sound", page(1)),
    ];
    let mut items = vec![linked(98, NEAR, &site.url(10, "/canary"))];
    for (number, (path, page)) in rows.into_iter().enumerate() {
        site.set(path, page);
        let host = u8::try_from(number).unwrap() + 2;
        items.push(linked(number, NEAR, &site.url(host, path)));
    }
    site.set("/canary", page(9));
    site.set("/rss", Page::Document(paged(&items, None)));
    // Host 9 and host 10 are private, and nobody allowed them.
    let config = feed(&site.url(1, "/rss"), "full_text = \"near\"")
        + "[http]\ntimeout = \"1s\"\nallow = [\"127.0.0.0/29\", \"127.0.0.8/32\"]\n"
        + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    receiver.wait_for(1).await;
    for path in ["/large", "/endless", "/deep", "/inward", "/missing"] {
        site.wait_for(path, 1).await;
    }
    // What may have been an accident is tried again.
    site.wait_for("/hang", 2).await;
    let (status, log) = wirewatch.stop();
    assert!(status.success(), "{log:?}");
    assert!(site.asked("/canary").is_empty());
    assert_eq!(receiver.taken().len(), 1);
    for path in ["/large", "/endless", "/deep", "/inward", "/missing"] {
        assert_eq!(site.asked(path).len(), 1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_a_poll_and_a_page_loses_nothing() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let items = [linked(1, NEAR, &site.url(2, "/page"))];
    site.set("/page", Page::Hang);
    site.set("/rss", Page::Document(paged(&items, None)));
    let config =
        feed(&site.url(1, "/rss"), "full_text = \"near\"") + ALLOW + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    site.wait_for("/page", 1).await;
    wirewatch.kill();
    let told = wirewatch.command(&["host", "127.0.0.2"]);
    for words in [
        "waiting for their turn: 1 page",
        "next: wire at ",
        "(article-page)",
    ] {
        assert!(told.out.contains(words), "{words}: {}", told.out);
    }
    site.set("/page", page(1));
    // The feed has nothing new to say.
    wirewatch.start();
    receiver.wait_for(1).await;
    site.wait_for("/rss", 3).await;
    assert_eq!(receiver.taken().len(), 1);
    let told = wirewatch.command(&["host", "127.0.0.2"]);
    assert!(told.out.contains("never stored"), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_loses_no_page() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let config =
        feed(&site.url(1, "/rss"), "full_text = \"near\"") + ALLOW + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    let mut items = Vec::new();
    for kill in 0..5_u64 {
        for _ in 0..3 {
            let number = items.len();
            let path = format!("/page-{number}");
            let host = u8::try_from(number % 4 + 2).unwrap();
            site.set(&path, page(number));
            items.push(linked(number, NEAR, &site.url(host, &path)));
        }
        site.set("/rss", Page::Document(paged(&items, None)));
        wirewatch.start();
        // The moment of the kill is the point here, so it is a time and no event.
        tokio::time::sleep(std::time::Duration::from_millis(40 + kill * 53 % 140)).await;
        wirewatch.kill();
    }
    wirewatch.start();
    let taken = receiver.wait_for(items.len()).await;
    let mut ids: Vec<&str> = taken.iter().map(|webhook| webhook.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), items.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_round_does_its_errands() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set("/page", page(1));
    let items = [linked(1, NEAR, &site.url(2, "/page"))];
    site.set("/rss", Page::Document(paged(&items, None)));
    let config =
        feed(&site.url(1, "/rss"), "full_text = \"near\"") + ALLOW + &receiver.sink("hook");
    let wirewatch = Wirewatch::with(&config);
    let once = wirewatch.command(&["run", "--once"]);
    assert_eq!(once.code, Some(0), "{}", once.err);
    assert_eq!(receiver.taken().len(), 1, "{}", once.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_keeps_us_from_its_pages_is_named_once() {
    let site = Site::open().await;
    let rules = "User-agent: *\nDisallow: /\n";
    site.set("/robots.txt", Page::Text(rules.into()));
    let items = [
        linked(1, NEAR, &site.url(2, "/1")),
        linked(2, NEAR, &site.url(2, "/2")),
    ];
    site.set("/rss", Page::Document(paged(&items, None)));
    let config = feed(&site.url(1, "/rss"), "full_text = \"near\"") + ALLOW;
    let wirewatch = Wirewatch::with(&(config + "[sink.journal.log]\n"));
    let run = wirewatch.command(&["run", "--once"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let told = run
        .err
        .matches("robots.txt keeps us from the pages")
        .count();
    assert_eq!(told, 1, "{}", run.err);
}
