//! Lists of feeds: imported, named by the configuration, exported.

use super::{config, lines, page};
use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, rss};

/// An OPML list of feeds, each with its folder and its address.
fn opml(feeds: &[(String, String)]) -> String {
    let outlines: String = feeds
        .iter()
        .enumerate()
        .map(|(number, (folder, url))| {
            format!(
                "<outline text=\"{folder}\"><outline text=\"Feed {number}\" \
                 XMLURL=\"{url}\" my:stars=\"5\"/></outline>\n"
            )
        })
        .collect();
    format!("<opml version=\"2.0\" xmlns:my=\"urn:my\"><body>\n{outlines}</body></opml>\n")
}

/// How a dead feed of the list is dead, told apart by its number.
fn dead(site: &Site, number: usize) -> (String, &'static str) {
    let host = u8::try_from(number % 14 + 1).expect("a host");
    match number % 5 {
        0 => (site.url(host, &format!("/none/{number}")), "404"),
        1 => (
            site.url(host, &format!("/gone/{number}")),
            "gone for good (410)",
        ),
        2 => (site.url(host, &format!("/page/{number}")), "web page"),
        3 => (
            format!("http://127.0.0.{host}:1/{number}"),
            "cannot be reached",
        ),
        _ => (
            site.url(host, &format!("/loop/{number}")),
            "more than 5 redirects",
        ),
    }
}

/// A list, and how each dead feed of it is dead: its name, its address, why.
struct List {
    feeds: Vec<(String, String)>,
    reasons: Vec<(String, String, &'static str)>,
}

/// Sets up the pages of a list of which 27 % are dead.
fn set_up(site: &Site, total: usize) -> List {
    let dead_total = total * 27 / 100;
    let (mut feeds, mut reasons) = (Vec::new(), Vec::new());
    for number in 0..total {
        let folder = format!("folder {}", number % 7);
        if number < dead_total {
            let (url, reason) = dead(site, number);
            site.set(&format!("/gone/{number}"), Page::Status(410, Vec::new()));
            site.set(&format!("/page/{number}"), page(""));
            let round = vec![("location", format!("/loop/{number}"))];
            site.set(&format!("/loop/{number}"), Page::Status(302, round));
            reasons.push((format!("Feed {number} "), url.clone(), reason));
            feeds.push((folder, url));
        } else {
            let path = format!("/rss/{number}");
            let items = if number == dead_total {
                vec![alerting_entry(1)]
            } else {
                Vec::new()
            };
            site.set(&path, Page::Document(rss(&items)));
            let host = u8::try_from(number % 14 + 1).expect("a host");
            feeds.push((folder, site.url(host, &path)));
        }
    }
    // One that never answers does not hold up the others.
    site.set("/hang", Page::Hang);
    let url = site.url(15, "/hang");
    reasons.push((format!("Feed {total} "), url.clone(), "took longer"));
    feeds.push(("folder 0".to_owned(), url));
    List { feeds, reasons }
}

/// The list that the project promises to import: 1,000 feeds, 27 % of them dead.
/// `cargo test` takes a fifth; `WIREWATCH_TEST_FEEDS=1000` all.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_list_is_imported_once_and_no_dead_feed_is_hidden() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let wanted = std::env::var("WIREWATCH_TEST_FEEDS").ok();
    let total: usize = wanted.map_or(200, |number| number.parse().expect("a number"));
    let List { feeds, reasons } = set_up(&site, total);
    // The last of the dead stands at the end of the list.
    let (dead_total, first_living) = (reasons.len(), reasons.len() - 1);
    let mut wirewatch = Wirewatch::with(&format!(
        "first_run = \"all\"\n[http]\nallow = [\"127.0.0.0/8\"]\n{}",
        receiver.sink("hook")
    ));
    let before = config(&wirewatch);
    std::fs::write(wirewatch.path("list.opml"), opml(&feeds)).expect("a file");

    let imported = wirewatch.command(&["feeds", "import", "list.opml"]);
    assert_eq!(imported.code, Some(0), "{}", imported.err);
    let line = format!("100 of {} feeds", total + 1);
    assert!(imported.err.contains(&line), "{}", imported.err);
    let first = imported.out.lines().next().unwrap_or_default();
    assert_eq!(
        first,
        format!("{} added, 0 already there, {dead_total} dead", total + 1)
    );
    for (name, url, reason) in &reasons {
        let mut lines = imported.out.lines();
        let line = lines.find(|line| line.contains(url.as_str()) && line.contains(name.as_str()));
        let line = line.unwrap_or_else(|| panic!("{name} is hidden in {}", imported.out));
        assert!(line.contains(reason), "{reason:?} is not in {line:?}");
    }
    assert_eq!(imported.out.lines().count(), dead_total + 2);
    assert_eq!(
        config(&wirewatch),
        before.replacen("[daemon]", "opml = [\"feeds.opml\"]\n[daemon]", 1)
    );
    let kept = std::fs::read_to_string(wirewatch.path("feeds.opml")).expect("the list");
    assert_eq!(kept.matches("xmlUrl=").count(), total + 1);
    for number in first_living..total {
        assert_eq!(
            site.asked(&format!("/rss/{number}")).len(),
            1,
            "feed {number}"
        );
    }

    // Again: nothing is new, nothing is written, and nobody is asked.
    let again = wirewatch.command(&["feeds", "import", "list.opml"]);
    assert_eq!(again.code, Some(0), "{}", again.err);
    assert_eq!(
        again.out,
        format!("0 added, {} already there, 0 dead\n", total + 1)
    );
    assert_eq!(
        std::fs::read_to_string(wirewatch.path("feeds.opml")).expect("it"),
        kept
    );
    let exported = wirewatch.command(&["feeds", "export"]);
    std::fs::write(wirewatch.path("export.opml"), &exported.out).expect("a file");
    let round = wirewatch.command(&["feeds", "import", "export.opml"]);
    assert_eq!(round.out, again.out);
    let tagged = lines(&wirewatch.command(&["feeds", "export", "--json"]).out);
    assert_eq!(tagged.len(), total + 1);
    assert_eq!(tagged[0]["tags"][0], "folder 0");

    // The daemon goes on where the import ended.
    wirewatch.start();
    receiver.wait_for(1).await;
    let path = format!("/rss/{first_living}");
    let asked = site.wait_for(&path, 2).await;
    assert!(asked[1].headers.contains_key("if-none-match"));
    assert_eq!(receiver.taken().len(), 1);
}

/// One feed twice, one that is dead, and something else.
fn small(site: &Site) -> String {
    opml(&[
        ("a".to_owned(), site.url(1, "/rss")),
        ("b".to_owned(), site.url(1, "/rss")),
        ("b".to_owned(), site.url(2, "/none")),
        ("c".to_owned(), "mailto:me@example.org".to_owned()),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_reaches_only_what_is_public() {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(&[])));
    let text = small(&site);
    let private = Wirewatch::with("");
    std::fs::write(
        private.path("feeds.opml"),
        text.replace("mailto:", "http://x/?"),
    )
    .expect("a file");
    let imported = private.command(&["feeds", "import", "feeds.opml"]);
    assert_eq!(imported.code, Some(0), "{}", imported.err);
    assert!(
        imported.out.starts_with("3 added, 0 already there, 3 dead"),
        "{}",
        imported.out
    );
    assert!(
        imported.out.contains("127.0.0.1, which is not public"),
        "{}",
        imported.out
    );
    assert!(
        config(&private)
            .starts_with("watchlists = [\"watchlist.toml\"]\nopml = [\"feeds.opml\"]\n")
    );
    assert!(site.asked("/rss").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_can_be_cut_to_the_living() {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(&[])));
    let text = small(&site);
    let wirewatch = Wirewatch::with("[http]\nallow = [\"127.0.0.0/8\"]\n");
    std::fs::write(wirewatch.path("list.opml"), &text).expect("a file");
    let imported = wirewatch.command(&["feeds", "import", "list.opml", "--skip-dead"]);
    assert_eq!(imported.code, Some(0), "{}", imported.err);
    assert!(
        imported
            .out
            .starts_with("1 added, 0 already there, 1 dead\n"),
        "{}",
        imported.out
    );
    assert!(
        imported.out.contains("`mailto:` addresses are not fetched"),
        "{}",
        imported.out
    );
    let list = lines(&wirewatch.command(&["feeds", "export", "--json"]).out);
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["tags"], serde_json::json!(["a", "b"]));
    let id = list[0]["id"].as_str().expect("an id");
    let removed = wirewatch.command(&["feeds", "remove", id]);
    assert_eq!(removed.code, Some(64));
    assert!(
        removed.err.contains("feeds.opml; remove the outline"),
        "{}",
        removed.err
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_changes_nothing() {
    let text = small(&Site::open().await);
    let other = Wirewatch::with("");
    std::fs::write(other.path("feeds.opml"), &text).expect("a file");
    std::fs::write(other.path("list.opml"), &text).expect("a file");
    std::fs::write(other.path("page.opml"), "<html>").expect("a file");
    for (arguments, code, words) in [
        (
            &["feeds", "import", "list.opml"][..],
            78,
            "`opml` does not name it",
        ),
        (&["feeds", "import", "page.opml"], 65, "this is no OPML"),
        (&["feeds", "import", "none.opml"], 65, "No such file"),
        (
            &["feeds", "import", "feeds.opml", "--skip-dead"],
            64,
            "--skip-dead",
        ),
        (
            &["feeds", "import", "feeds.opml", "--no-check"],
            78,
            "not an http or https address",
        ),
    ] {
        let answer = other.command(arguments);
        assert_eq!(answer.code, Some(code), "{arguments:?}: {}", answer.err);
        assert!(answer.err.contains(words), "{arguments:?}: {}", answer.err);
        assert!(!config(&other).contains("opml ="), "{arguments:?}");
    }
}

#[test]
fn a_list_comes_from_standard_input_too() {
    let wirewatch = Wirewatch::with("");
    let arguments = ["feeds", "import", "-", "--no-check"];
    let empty = wirewatch.command_with(&arguments, "<opml><body/></opml>");
    assert_eq!(empty.code, Some(0), "{}", empty.err);
    assert!(
        empty.err.contains("no feed is in this list"),
        "{}",
        empty.err
    );
    let list = "<opml><body><outline xmlUrl='https://example.org/rss'/></body></opml>";
    let added = wirewatch.command_with(&arguments, list);
    assert!(added.out.starts_with("1 added"), "{}", added.out);
    assert!(config(&wirewatch).contains("opml = [\"feeds.opml\"]"));
    let host = wirewatch.command(&["feeds", "export"]);
    assert!(host.out.contains("https://example.org/rss"), "{}", host.out);
}
