//! Subscriptions: what a site offers, and feeds that come and go by command.

use crate::support::{Page, Site, Wirewatch, alerting_entry, rss};
use serde_json::Value;

/// A page that offers these feeds.
fn page(links: &str) -> Page {
    Page::Document(format!(
        "<!doctype html><html><head><title>Site</title>{links}</head><body>Hello</body></html>"
    ))
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn discover_asks_once_and_lists_what_the_page_offers() {
    let site = Site::open().await;
    site.set(
        "/",
        page(
            "<link rel=alternate type=application/rss+xml title='A &#27;[31m Comments' href=/comments/feed>\
             <link rel='Alternate' type='application/atom+xml; x=y' title='Wire' href=atom.xml>",
        ),
    );
    site.set("/bare", page(""));
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    site.set("/text", Page::Document("just words".to_owned()));
    let to = site.url(1, "/");
    site.set("/moved", Page::Status(302, vec![("location", to)]));
    let wirewatch = Wirewatch::with("");
    let discover = |path: &str, more: &[&str]| {
        let url = site.url(1, path);
        wirewatch.command(&[&["discover", url.as_str()], more].concat())
    };

    let found = discover("/", &["--json"]);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let offers = lines(&found.out);
    assert_eq!(offers.len(), 2);
    assert_eq!(offers[0]["url"], site.url(1, "/atom.xml"));
    assert_eq!(offers[0]["title"], "Wire");
    assert_eq!(offers[0]["format"], "atom");
    assert_eq!(offers[1]["comments"], true);
    assert_eq!(site.asked("/").len(), 1);
    assert!(site.asked("/atom.xml").is_empty());

    let told = discover("/", &[]);
    assert!(
        told.out.contains("(comments)") && !told.out.contains('\u{1b}'),
        "{}",
        told.out
    );

    // Who redirects to another address of this machine is not followed there.
    let moved = discover("/moved", &[]);
    assert_eq!(moved.code, Some(69), "{}", moved.err);
    assert!(moved.err.contains("http.allow"), "{}", moved.err);

    let feed = discover("/rss", &["--json"]);
    assert_eq!(feed.code, Some(0));
    assert!(feed.err.contains("is itself a feed"), "{}", feed.err);
    assert_eq!(lines(&feed.out)[0]["format"], "rss");

    for (path, code, words) in [
        ("/bare", 1, "offers no feed"),
        ("/none", 69, "404"),
        ("/text", 65, "neither a feed nor a web page"),
    ] {
        let answer = discover(path, &[]);
        assert_eq!(answer.code, Some(code), "{path}: {}", answer.err);
        assert!(answer.err.contains(words), "{path}: {}", answer.err);
        assert_eq!(answer.out, "");
        assert_eq!(site.asked(path).len(), 1, "{path}");
    }
    let nowhere = wirewatch.command(&["discover", "example"]);
    assert_eq!(nowhere.code, Some(64), "{}", nowhere.err);
}
