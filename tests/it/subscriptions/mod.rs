//! Subscriptions: what a site offers, and feeds that come and go by command.

mod lists;

use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, rss};
use jiff::Timestamp;
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

/// The configuration as it is now.
fn config(wirewatch: &Wirewatch) -> String {
    std::fs::read_to_string(wirewatch.path("wirewatch.toml")).expect("a file")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_is_added_with_one_request_that_is_its_first_poll() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let url = site.url(1, "/rss");
    let mut wirewatch = Wirewatch::with(&format!(
        "# mine\n[feed.old] # first\nurl = \"{}\"\nfirst_run = \"all\"\n{}",
        site.url(2, "/old"),
        receiver.sink("hook"),
    ));
    let before = config(&wirewatch).replace("max = \"1s\"", "max = \"2h\"");
    std::fs::write(wirewatch.path("wirewatch.toml"), &before).expect("a file");
    let added = wirewatch.command(&["feeds", "add", &url, "--tag", "asia", "--every", "1h"]);
    assert_eq!(added.code, Some(0), "{}", added.err);
    assert!(
        added
            .out
            .starts_with("added test-wire: Test Wire (rss, 1 entry)"),
        "{}",
        added.out
    );
    let text = config(&wirewatch);
    let table = format!("\n[feed.test-wire]\nurl = \"{url}\"\nevery = \"1h\"\ntags = [\"asia\"]\n");
    assert_eq!(text.replacen(&table, "", 1), before);
    assert_eq!(site.asked("/rss").len(), 1);

    // Again, and written in another way: nothing happens, and nobody is asked.
    for again in [url.clone(), format!("{url}#top")] {
        let answer = wirewatch.command(&["feeds", "add", &again, "--json"]);
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        let answer = &lines(&answer.out)[0];
        assert_eq!(
            (&answer["id"], &answer["added"]),
            (&"test-wire".into(), &false.into())
        );
    }
    assert_eq!(config(&wirewatch), text);
    assert_eq!(site.asked("/rss").len(), 1);

    // The entry was seen, and its alert is delivered without another request.
    wirewatch.start();
    receiver.wait_for(1).await;
    site.wait_for("/old", 2).await;
    assert_eq!(
        site.asked("/rss").len(),
        1,
        "the daemon asked at once again"
    );

    // Until it is asked to, with what the first request brought.
    let poll = wirewatch.command(&["feeds", "poll", "test-wire"]);
    assert_eq!(poll.code, Some(0), "{}", poll.err);
    let asked = site.wait_for("/rss", 2).await;
    assert!(asked[1].headers.contains_key("if-none-match"));
    wirewatch.stop();
    assert_eq!(receiver.taken().len(), 1);

    let removed = wirewatch.command(&["feeds", "remove", "test-wire"]);
    assert_eq!(removed.code, Some(0), "{}", removed.err);
    assert_eq!(config(&wirewatch), before);
    let gone = wirewatch.command(&["feeds", "remove", "test-wire"]);
    assert_eq!(gone.code, Some(64), "{}", gone.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_added_leaves_the_configuration_as_it_was() {
    let site = Site::open().await;
    let link = |path: &str| format!("<link rel=alternate type=application/rss+xml href={path}>");
    site.set("/one", page(&link("/rss")));
    site.set("/two", page(&(link("/rss") + &link("/other"))));
    site.set("/bare", page(""));
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    site.set(
        "/busy",
        Page::Status(429, vec![("retry-after", "3600".to_owned())]),
    );
    let wirewatch = Wirewatch::with(&format!(
        "[feed.old]\nurl = \"{}\"\n[route.all]\nfeeds = [\"old\"]\nsinks = [\"log\"]\n[sink.log.log]\n",
        site.url(9, "/old")
    ));
    let before = config(&wirewatch);
    let check = |host: u8, path: &str, more: &[&str], code: i32, words: &str| {
        let url = site.url(host, path);
        let answer = wirewatch.command(&[&["feeds", "add", url.as_str()], more].concat());
        assert_eq!(answer.code, Some(code), "{path}: {}", answer.err);
        assert!(answer.err.contains(words), "{path}: {}", answer.err);
        assert_eq!(config(&wirewatch), before, "after {path}");
    };
    check(1, "/one", &[], 65, "wirewatch feeds add http://127.0.0.1:");
    check(1, "/two", &["--discover"], 65, "offers several feeds");
    check(1, "/bare", &[], 65, "offers no feed");
    check(1, "/none", &[], 69, "404");
    // Found before anybody is asked.
    check(1, "/rss", &["--every", "5"], 78, "has no unit");
    check(1, "/rss", &["--id", "No Name"], 64, "is not a name");
    check(1, "/rss", &["--id", "old"], 64, "is the name of");
    assert!(site.asked("/rss").is_empty());
    // What a page of a public name links to may not be on this machine, but for
    // this test that is all there is.
    check(1, "/one", &["--discover"], 69, "http.allow");
    // A host that sends us away is not asked again before it said so.
    check(2, "/busy", &[], 69, "429");
    check(2, "/busy", &[], 75, "left alone until");
    assert_eq!(site.asked("/busy").len(), 1);

    let removed = wirewatch.command(&["feeds", "remove", "old"]);
    assert_eq!(removed.code, Some(78), "{}", removed.err);
    assert!(removed.err.contains("stays as it was"), "{}", removed.err);
    assert_eq!(config(&wirewatch), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn discover_adds_the_one_feed_of_a_page() {
    let site = Site::open().await;
    site.set(
        "/",
        page(
            "<link rel=alternate type=application/rss+xml href=/comments/feed>\
             <link rel=alternate type=application/rss+xml href=/rss>",
        ),
    );
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let wirewatch = Wirewatch::with("[http]\nallow = [\"127.0.0.0/8\"]\n");
    let url = site.url(1, "/");
    let added = wirewatch.command(&["feeds", "add", &url, "--discover", "--id", "it", "--json"]);
    assert_eq!(added.code, Some(0), "{}", added.err);
    let told = &lines(&added.out)[0];
    assert_eq!(told["url"], site.url(1, "/rss"));
    assert_eq!((&told["id"], &told["added"]), (&"it".into(), &true.into()));
    assert_eq!((site.asked("/").len(), site.asked("/rss").len()), (1, 1));
    assert_eq!(wirewatch.command(&["check"]).code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_is_asked_for_keeps_to_what_the_publisher_wants() {
    let site = Site::open().await;
    let fresh = vec![("cache-control", "max-age=7200".to_owned())];
    site.set("/fresh", Page::Status(503, fresh));
    site.set("/rss", Page::Document(rss(&[])));
    let config = format!(
        "[feed.fresh]\nurl = \"{}\"\n[feed.rss]\nurl = \"{}\"\nevery = \"1h\"\nmax = \"2h\"\n",
        site.url(1, "/fresh"),
        site.url(2, "/rss")
    );
    let wirewatch = Wirewatch::with(&config);
    let early = wirewatch.command(&["feeds", "poll", "rss"]);
    assert_eq!(early.code, Some(74), "no store: {}", early.err);
    wirewatch.command(&["run", "--once"]);
    assert_eq!(site.asked("/fresh").len(), 1);
    let state = |feed: &str| {
        let listed = wirewatch.command(&["feeds", "--json"]);
        let states = lines(&listed.out);
        states
            .into_iter()
            .find(|state| state["id"] == feed)
            .expect("the feed")
    };
    let before = state("fresh");
    let poll = wirewatch.command(&["feeds", "poll", "fresh", "--json"]);
    assert_eq!(poll.code, Some(0), "{}", poll.err);
    assert_eq!(state("fresh"), before);
    let told = wirewatch.command(&["feeds", "poll", "rss"]);
    assert!(told.out.contains("rss: polled"), "{}", told.out);
    assert_eq!(state("rss")["reason"], "asked");
    wirewatch.command(&["run", "--once"]);
    assert_eq!(
        (site.asked("/fresh").len(), site.asked("/rss").len()),
        (1, 2)
    );
    let unknown = wirewatch.command(&["feeds", "poll", "rs"]);
    assert_eq!(unknown.code, Some(64));
    assert!(
        unknown.err.contains("did you mean `rss`?"),
        "{}",
        unknown.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_of_what_is_configured() {
    let site = Site::open().await;
    let title = "A \u{1b}[31mB\u{9b}31mC\u{202e}D";
    let feed = rss(&[alerting_entry(1)]).replacen("<title>", &format!("<title>{title}"), 1);
    site.set("/rss", Page::Document(feed));
    let wirewatch = Wirewatch::with("[feed.first]\nurl = \"https://login:pass@example.org/rss\"\n");
    let before = wirewatch.command(&["feeds"]);
    assert_eq!(before.code, Some(0), "{}", before.err);
    assert!(before.out.contains("first  never"), "{}", before.out);

    let added = wirewatch.command(&["feeds", "add", "--id", "second", &site.url(1, "/rss")]);
    assert!(added.out.contains("(rss, 1 entry)"), "{}", added.out);
    let listed = wirewatch.command(&["feeds", "--json"]);
    let feeds = lines(&listed.out);
    assert_eq!(feeds[0]["url"], "https://example.org/rss");
    assert_eq!(feeds[0]["succeeded_at"], Value::Null);
    assert_eq!(feeds[1]["id"], "second");
    assert!(
        feeds[1]["title"]
            .as_str()
            .is_some_and(|it| it.contains('B'))
    );
    let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!listed.out.contains(obeyed), "{:?}", listed.out);

    assert_eq!(
        wirewatch.command(&["feeds", "remove", "second"]).code,
        Some(0)
    );
    assert_eq!(lines(&wirewatch.command(&["feeds", "--json"]).out).len(), 1);
}

#[test]
fn an_address_without_a_scheme_is_answered_with_one() {
    let wirewatch = Wirewatch::with("");
    for (typed, help) in [
        ("example.org/rss", "did you mean https://example.org/rss?"),
        ("localhost:8080", "did you mean https://localhost:8080?"),
        ("ftp://example.org/rss", "write one such as"),
        ("nothing", "write one such as"),
        ("", "write one such as"),
    ] {
        let told = wirewatch.command(&["discover", typed]);
        assert_eq!(told.code, Some(64), "{typed}: {}", told.err);
        assert!(told.err.contains(help), "{typed}: {}", told.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_tells_that_a_host_is_left_alone() {
    let site = Site::open().await;
    site.set(
        "/a",
        Page::Status(429, vec![("retry-after", "7200".to_owned())]),
    );
    site.set("/b", Page::Document(rss(&[alerting_entry(1)])));
    let config = format!(
        "[feed.a]\nurl = \"{}\"\n[feed.b]\nurl = \"{}\"\n[sink.journal.log]\n",
        site.url(1, "/a"),
        site.url(1, "/b")
    );
    let wirewatch = Wirewatch::with(&config);
    assert_eq!(wirewatch.command(&["run", "--once"]).code, Some(0));
    let feeds = lines(&wirewatch.command(&["feeds", "--json"]).out);
    let host = lines(&wirewatch.command(&["host", "127.0.0.1", "--json"]).out);
    for feed in feeds {
        assert_eq!(feed["reason"], "retry-after", "{feed}");
        // What the answer asks for counts from when it was heard, for the host and
        // then for the feed.
        let next: Timestamp = feed["next_poll_at"].as_str().unwrap().parse().unwrap();
        let held: Timestamp = host[0]["held_until"].as_str().unwrap().parse().unwrap();
        assert!(next >= held, "{feed}, held until {held}");
    }
}
