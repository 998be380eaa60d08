//! From a feed to a receiver, and what publishers see of it.

use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, entry, rss, story};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

fn feed(name: &str, url: &str) -> String {
    format!("[feed.{name}]\nurl = \"{url}\"\nfirst_run = \"all\"\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_of_2003_is_told_once_with_its_evidence() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set("/rss", Page::Document(story()));
    let config = feed("voa", &site.url(1, "/rss")) + &receiver.sink("newsroom");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    let taken = receiver.wait_for(1).await;
    let asked = site.wait_for("/rss", 4).await;
    assert_eq!(receiver.taken().len(), 1, "told again");

    let webhook = &taken[0];
    assert!(webhook.is_signed());
    assert_eq!(webhook.ids("topics"), ["dprk-nuclear"]);
    assert_eq!(
        webhook.ids("actors"),
        [
            "john-bolton",
            "yoon-young-kwan",
            "ban-ki-moon",
            "un-security-council",
            "united-states",
            "north-korea",
            "south-korea",
            "japan",
            "china",
            "russia",
        ]
    );
    let found = wirewatch.command(&["match", "--json", "--text", &site.url(1, "/rss")]);
    let found: Value = serde_json::from_str(&found.out).expect("one line of JSON");
    assert_eq!(
        check_quotes(&webhook.body["data"], &found["text"]),
        check_quotes(&found, &found["text"])
    );
    for (actor, alias) in [
        ("united-states", "Washington"),
        ("north-korea", "Pyongyang"),
        ("south-korea", "Seoul"),
    ] {
        let matched = webhook.body["data"]["actors"]
            .as_array()
            .unwrap()
            .iter()
            .find(|found| found["id"] == actor);
        let evidence = matched.unwrap()["evidence"].as_array().unwrap();
        assert!(
            evidence.iter().any(|piece| piece["quote"] == alias),
            "{actor} by {alias}"
        );
    }

    let first = &asked[0].headers;
    assert!(!first.contains_key("if-none-match") && !first.contains_key("if-modified-since"));
    for later in &asked[1..] {
        let etag = later.headers["if-none-match"].to_str().unwrap();
        assert!(etag.starts_with("W/\"") && etag.ends_with('"'), "{etag}");
        assert_eq!(
            later.headers["if-modified-since"],
            "Sun, 24 Aug 2003 12:00:00 GMT"
        );
    }
    let agent = first["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("wirewatch/"), "{agent}");
    assert!(!first.contains_key("cookie") && !first.contains_key("referer"));
}

/// Every quote is the text at its offsets; gives how many there are.
fn check_quotes(matches: &Value, text: &Value) -> usize {
    let kinds = ["topics", "actors"]
        .iter()
        .flat_map(|kind| matches[kind].as_array().unwrap());
    let evidence: Vec<&Value> = kinds
        .flat_map(|found| found["evidence"].as_array().unwrap())
        .collect();
    for piece in &evidence {
        let number = |key: &str| usize::try_from(piece[key].as_u64().unwrap()).unwrap();
        let field = text[piece["field"].as_str().unwrap()].as_str().unwrap();
        assert_eq!(
            field.get(number("start")..number("end")),
            piece["quote"].as_str(),
            "{piece}"
        );
    }
    assert!(!evidence.is_empty());
    evidence.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_of_several_feeds_is_told_once() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set("/a", Page::Document(rss(&[alerting_entry(1)])));
    let same = alerting_entry(1)
        .replace("entry-1</guid>", "other</guid>")
        .replace("/entry-1<", "/entry-1?utm_source=b#top<");
    site.set("/b", Page::Document(rss(&[same, alerting_entry(2)])));
    let config =
        feed("a", &site.url(1, "/a")) + &feed("b", &site.url(2, "/b")) + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    receiver.wait_for(2).await;
    site.wait_for("/a", 3).await;
    site.wait_for("/b", 3).await;
    assert_eq!(receiver.taken().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_poll_never_storms() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let dated = |number: usize, date: &str| {
        alerting_entry(number).replace("</item>", &format!("<pubDate>{date}</pubDate></item>"))
    };
    let old = dated(1, "Sun, 24 Aug 2003 12:00:00 GMT");
    site.set("/rss", Page::Document(rss(std::slice::from_ref(&old))));
    let config =
        format!("[feed.wire]\nurl = \"{}\"\n", site.url(1, "/rss")) + &receiver.sink("hook");
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    site.wait_for("/rss", 2).await;
    // What is new at a later poll is news, however old it says that it is.
    site.set(
        "/rss",
        Page::Document(rss(&[old, dated(2, "Sun, 24 Aug 2003 12:00:00 GMT")])),
    );
    let taken = receiver.wait_for(1).await;
    assert!(
        taken[0].body["data"]["article"]["title"]
            .as_str()
            .unwrap()
            .ends_with("report 2")
    );
    let (status, _) = wirewatch.stop();
    assert!(status.success());
    assert_eq!(receiver.taken().len(), 1);
}

/// What feeds can do wrong: the answer, and what is said of it.
fn failures(site: &Site) -> Vec<(&'static str, Page, &'static str)> {
    let redirect = |to: String| Page::Status(302, vec![("location", to)]);
    let document = |text: &str| Page::Document(text.to_owned());
    let away = Page::Status(429, vec![("retry-after", "3600".to_owned())]);
    vec![
        ("missing", Page::Status(404, vec![]), "404 Not Found"),
        (
            "page",
            document("<html><body>No</body></html>"),
            "a web page (HTML), not a feed",
        ),
        (
            "torn",
            document("<rss version=\"2.0\"><channel><title>To"),
            "XML",
        ),
        (
            "endless",
            Page::Endless,
            "larger than 16777216 bytes (http.body_max)",
        ),
        (
            "away",
            redirect("http://169.254.169.254/latest".into()),
            "169.254.169.254, which is not public",
        ),
        (
            "home",
            redirect(site.url(1, "/good")),
            "127.0.0.1, which is not public",
        ),
        ("busy", away, "429 Too Many Requests"),
        ("gone", Page::Status(410, vec![]), "410"),
        ("hang", Page::Hang, "longer than 2s"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_told_and_stops_nothing_else() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    site.set(
        "/good",
        Page::Document(rss(&[entry("quiet", "Nothing of note", "None.")])),
    );
    let mut config =
        feed("good", &site.url(1, "/good")) + "[http]\ntimeout = \"2s\"\n" + &receiver.sink("hook");
    config += "[feed.closed]\nurl = \"http://127.0.0.1:1/\"\n";
    for ((name, page, _), host) in failures(&site).into_iter().zip(2..) {
        let path = format!("/{name}");
        site.set(&path, page);
        config += &feed(name, &site.url(host, &path));
    }
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    for (name, _, message) in failures(&site) {
        let line = wirewatch.wait_for_log(&format!("feed.id={name} ")).await;
        assert!(line.contains(message), "{name}: {line}");
    }
    wirewatch.wait_for_log("127.0.0.1 cannot be reached").await;
    site.set("/good", Page::Document(rss(&[alerting_entry(1)])));
    receiver.wait_for(1).await;
    // A feed that was away for a while is still asked for, and heard.
    site.set("/missing", Page::Document(rss(&[alerting_entry(2)])));
    receiver.wait_for(2).await;
    wirewatch.wait_for_log("the feed works again").await;
    for path in ["/busy", "/gone"] {
        assert_eq!(site.asked(path).len(), 1, "{path} was asked for too early");
    }
    assert!(!wirewatch.log().iter().any(|line| line.contains("panic")));
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_outlive_a_restart() {
    let site = Site::open().await;
    site.set(
        "/rss",
        Page::Status(503, vec![("retry-after", "3600".into())]),
    );
    site.set("/other", Page::Document(rss(&[])));
    let config = feed("wire", &site.url(1, "/rss"));
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    wirewatch.wait_for_log("503").await;
    wirewatch.kill();
    // Another feed of the host has to wait as well.
    let more = config
        + &feed("other", &site.url(1, "/other"))
        + &feed("elsewhere", &site.url(2, "/other"));
    let file = wirewatch.path("wirewatch.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let head = text.split("[feed.").next().unwrap().to_owned();
    std::fs::write(&file, head + &more).unwrap();
    wirewatch.start();
    site.wait_for("/other", 2).await;
    assert_eq!(site.asked("/rss").len(), 1);
    let asked = site.asked("/other");
    let hosts: Vec<&str> = asked
        .iter()
        .map(|asked| asked.headers["host"].to_str().unwrap())
        .collect();
    assert!(
        hosts.iter().all(|host| host.starts_with("127.0.0.2")),
        "{hosts:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_waits_its_turn_and_a_publisher_can_be_answered() {
    let site = Site::open().await;
    let to = vec![("location", "/new".to_owned())];
    site.set("/old", Page::Status(301, to));
    site.set("/new", Page::Document(rss(&[alerting_entry(1)])));
    let config = feed("wire", &site.url(1, "/old"))
        + "[http]\nallow = [\"127.0.0.0/8\"]\n[host.\"127.0.0.1\"]\nspacing = \"300ms\"\n";
    let mut wirewatch = Wirewatch::with(&config);
    wirewatch.start();
    site.wait_for("/new", 2).await;
    // A stop drops what is in flight; a third poll means that the second was
    // stored.
    site.wait_for("/old", 3).await;
    wirewatch.stop();
    let first = &site.asked("/old")[1].headers;
    assert!(!first.contains_key("if-none-match"), "of another address");
    assert!(site.asked("/new")[1].headers.contains_key("if-none-match"));

    let told = wirewatch.command(&["host", "127.0.0.1", "--json", "--limit", "99"]);
    let lines: Vec<Value> = told
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines[0]["spacing_s"], 0.3);
    assert_eq!(lines[0]["next"]["feed"], "wire");
    assert_eq!(lines[1]["reason"], "new");
    assert_eq!(lines[1]["outcome"], "moved, to 127.0.0.1");
    assert_eq!(lines[2]["hop"], 1);
    let times: Vec<Timestamp> = lines[1..]
        .iter()
        .map(|line| line["at"].as_str().unwrap().parse().unwrap())
        .collect();
    for pair in times.windows(2) {
        let apart = pair[1].duration_since(pair[0]);
        assert!(
            apart >= SignedDuration::from_millis(300),
            "{apart:?}: {}",
            told.out
        );
    }
    let people = wirewatch.command(&["host", "127.0.0.1"]);
    for words in ["304", "redirect", "next: wire at ", "300ms apart"] {
        assert!(people.out.contains(words), "{words}: {}", people.out);
    }
}
