//! The feed: what readers get, what it is made of, and what cannot harm it.

use super::{delivery, mode, unavailable};
use crate::config::FileConfig;
use crate::feed::{self, Entry, Feed, Format};
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryOutcome};
use crate::sink::FileSink;
use jiff::Timestamp;
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn open(path: &Path) -> FileSink {
    let config = FileConfig {
        lines: None,
        atom: Some(path.to_owned()),
        durable: true,
    };
    FileSink::new(&SinkName::new("desk").unwrap(), &config)
}

fn now() -> Timestamp {
    "2026-11-24T09:00:00.9Z".parse().unwrap()
}

fn article(number: u64, title: &str) -> Value {
    json!({"type": "article.matched", "timestamp": format!("2026-11-24T08:{:02}:00.5Z", number % 60), "data": {
        "alert": format!("{number:032x}"), "seq": number, "severity": "high",
        "article": {
            "url": format!("https://news.example/{number}?a=1&b=2"), "title": title,
            "summary": "Talks & <b>tea</b>.", "published": "2026-11-23T22:30:00Z", "language": "en", "authors": ["A. Reporter"],
            "feed": {"id": "wire", "publisher": "The Wire"}},
        "topics": [{"id": "pact", "name": "The \"pact\""}],
        "actors": [{"id": "dprk", "name": "North Korea", "mentions": 2}],
        "passages": [{"field": "body", "text": "a <pact> is & was", "marks": [[2, 8]]}],
        "story": {"state": "updated", "articles": 2, "publishers": ["The Wire", "Times"]},
    }})
}

async fn add(sink: &FileSink, payloads: &[Value]) {
    let batch: Vec<Delivery> = payloads
        .iter()
        .map(|it| delivery(1, &it.to_string()))
        .collect();
    let outcomes = sink.deliver(&batch, now()).await;
    assert_eq!(outcomes, vec![DeliveryOutcome::Delivered; batch.len()]);
}

/// The feed as our own reader and a strict one have it.
fn read(path: &Path) -> Feed {
    let text = std::fs::read_to_string(path).unwrap();
    well_formed(&text);
    let feed = feed::parse(text.as_bytes(), None, None).unwrap();
    assert_eq!(feed.format, Format::Atom);
    assert!(feed.problems.is_empty(), "{:?}", feed.problems);
    feed
}

fn well_formed(text: &str) {
    let mut reader = Reader::from_str(text);
    while reader.read_event().unwrap() != Event::Eof {}
    let allowed =
        |c| matches!(c, '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    assert!(text.chars().all(allowed), "{text}");
}

fn titles(feed: &Feed) -> Vec<&str> {
    let titles = feed.entries.iter().map(|entry| entry.title.as_deref());
    titles.map(Option::unwrap_or_default).collect()
}

#[tokio::test]
async fn an_alert_reads_well() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("public/alerts.atom");
    add(&open(&path), &[article(7, "A <pact> & more")]).await;
    let feed = read(&path);
    assert_eq!(feed.title.as_deref(), Some("wirewatch: desk"));
    let [entry] = &feed.entries[..] else {
        panic!("{feed:#?}");
    };
    assert_eq!(entry.title.as_deref(), Some("A <pact> & more"));
    assert_eq!(
        entry.link.as_deref(),
        Some("https://news.example/7?a=1&b=2")
    );
    assert_eq!(entry.authors, ["A. Reporter"]);
    assert_eq!(entry.updated, Some("2026-11-24T08:07:00Z".parse().unwrap()));
    let labels = ["The \"pact\"", "North Korea", "severity: high"];
    assert_eq!(entry.categories, labels);
    assert_eq!(
        entry.content.as_deref().unwrap(),
        "<blockquote><p>a <strong>&lt;pact&gt;</strong> is &amp; was</p></blockquote>\n\
         <p>Topics: The &quot;pact&quot;</p>\n<p>Actors: North Korea</p>\n\
         <p>Story: 2 articles by The Wire, Times</p>\n\
         <p>The Wire · 2026-11-23 22:30 UTC · high</p>"
    );
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:uuid:"
    ), "{text}");
    assert!(
        text.contains("<updated>2026-11-24T09:00:00Z</updated>"),
        "{text}"
    );
}

#[tokio::test]
async fn digests_and_notices_are_entries_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.atom");
    let inner: Vec<Value> = (0..900)
        .map(|n| article(n, &format!("Report {n}"))["data"].take())
        .collect();
    let digest = json!({"type": "digest", "timestamp": "2026-11-24T08:00:00Z", "data": {
        "digest": "d1", "severity": "high", "reason": "group_wait", "alerts": inner,
        "notices": [{"notice": "n0", "severity": "low", "title": "t", "text": "x"}]}});
    let notice = json!({"type": "operator.notice", "timestamp": "2026-11-24T08:01:00Z", "data": {
        "notice": "n1", "severity": "normal", "kind": "feed-fails",
        "subject": {"kind": "feed", "id": "wire"}, "title": "feed wire fails", "text": "It <fails>."}});
    add(&open(&path), &[digest, notice]).await;
    let feed = read(&path);
    assert_eq!(
        titles(&feed),
        ["feed wire fails", "900 alerts and 1 notice"]
    );
    let content = |entry: &Entry| entry.content.clone().unwrap();
    assert_eq!(content(&feed.entries[0]), "<p>It &lt;fails&gt;.</p>");
    let list = content(&feed.entries[1]);
    let first = "<p>Why together: group_wait</p>\n<ul>\n<li><a href=\"https://news.example/0?a=1&amp;b=2\">Report 0</a> · The Wire · high</li>\n";
    assert!(list.starts_with(first), "{list}");
    let shown = list.matches("<li>").count();
    assert!(
        list.ends_with(&format!("<p>and {} more</p>", 901 - shown)),
        "{list}"
    );
    assert!(list.len() < 40_000);
}

#[tokio::test]
async fn the_latest_stay_over_restarts_and_none_is_there_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.atom");
    let mut identity = None;
    for number in 0..55 {
        let sink = open(&path);
        add(&sink, &[article(number, &format!("Report {number}"))]).await;
        let text = std::fs::read_to_string(&path).unwrap();
        let id = text.split("</id>").next().unwrap().to_owned();
        assert_eq!(*identity.get_or_insert_with(|| id.clone()), id);
    }
    // Killed after the write, it sends the last two again.
    let text = std::fs::read_to_string(&path).unwrap();
    let again = [53, 54].map(|number| article(number, &format!("Report {number}")));
    add(&open(&path), &again).await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let feed = read(&path);
    let expect: Vec<String> = (5..55)
        .rev()
        .map(|number| format!("Report {number}"))
        .collect();
    assert_eq!(titles(&feed), expect);
    let other = dir.path().join("other.atom");
    add(&open(&other), &[article(99, "Report 99")]).await;
    let other = std::fs::read_to_string(&other).unwrap();
    assert!(!other.starts_with(&identity.unwrap()), "two feeds are one");
}

#[tokio::test]
async fn a_feed_is_replaced_whole_and_keeps_its_mode() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.atom");
    let sink = open(&path);
    add(&sink, &[article(1, "one")]).await;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    // Whoever reads the feed meanwhile has the old one to its end.
    let before = std::fs::File::open(&path).unwrap();
    // A crash left this.
    std::fs::write(dir.path().join("alerts.atom.new"), "half").unwrap();
    add(&sink, &[article(2, "two")]).await;
    assert_eq!(mode(&path), 0o640);
    let old = std::io::read_to_string(before).unwrap();
    assert!(old.ends_with("</feed>") && !old.contains("two"), "{old}");
    assert_eq!(titles(&read(&path)), ["two", "one"]);
    let files = std::fs::read_dir(dir.path()).unwrap();
    assert_eq!(files.count(), 1, "nothing is left");
}

#[tokio::test]
async fn what_is_no_feed_of_ours_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.atom");
    let ours = "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>urn:uuid:1</id><generator>wirewatch</generator></feed>";
    for foreign in [
        "My notes",
        "{\"type\":\"article.matched\"}\n",
        "<rss version=\"2.0\"><channel><title>t</title></channel></rss>",
        &ours.replace("wirewatch", "somebody"),
        ours.trim_end_matches("ed>"),
        &format!("{ours}</feed>"),
    ] {
        std::fs::write(&path, foreign).unwrap();
        let batch = [delivery(1, &article(1, "one").to_string())];
        let outcomes = open(&path).deliver(&batch, now()).await;
        let detail = unavailable(&outcomes);
        assert!(
            detail.contains("it is no feed that wirewatch wrote"),
            "{detail}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), foreign);
    }
    for known in ["", ours] {
        std::fs::write(&path, known).unwrap();
        add(&open(&path), &[article(1, "one")]).await;
        assert_eq!(titles(&read(&path)), ["one"]);
    }
}

#[tokio::test]
async fn only_what_is_no_alert_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = FileConfig {
        lines: Some(super::plain(&dir.path().join("alerts.jsonl"))),
        atom: Some(dir.path().join("alerts.atom")),
        durable: false,
    };
    let sink = FileSink::new(&SinkName::new("desk").unwrap(), &config);
    let whole = article(2, "two").to_string();
    let batch = [delivery(1, "{\"n\":1}"), delivery(2, &whole)];
    let outcomes = sink.deliver(&batch, now()).await;
    assert!(
        matches!(
            &outcomes[..],
            [DeliveryOutcome::Refused { .. }, DeliveryOutcome::Delivered]
        ),
        "{outcomes:?}"
    );
    let lines = std::fs::read_to_string(dir.path().join("alerts.jsonl")).unwrap();
    assert_eq!(lines, whole + "\n");
    assert_eq!(titles(&read(&dir.path().join("alerts.atom"))), ["two"]);
}

/// What publishers, or those who write to them, may want a reader to run, take
/// for the end of something, or show as something else.
const HOSTILE: &[&str] = &[
    "]]>",
    "<![CDATA[x",
    "</title></entry></feed>",
    "<!--",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE feed [<!ENTITY a \"b\">]>&a;",
    "&#x0;&lt;script&gt;",
    "<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' x='",
    "\u{0}\u{8}\u{b}\u{c}\u{1b}[2J\u{7f}\u{85}",
    "\r\n\r\n",
    "\u{202E}\u{2066}\u{200F}\u{FEFF}",
    "\u{FFFE}\u{FFFF}\u{1FFFE}\u{10FFFF}",
    "{{7*7}}${x}%s",
    "<id>urn:uuid:00000000-0000-0000-0000-000000000000</id>",
];

/// An alert that has this text wherever a text of others can stand.
fn hostile(number: u64, text: &str) -> Value {
    let mut payload = article(number, text);
    let data = &mut payload["data"];
    for pointer in [
        "/alert",
        "/severity",
        "/article/summary",
        "/article/language",
        "/article/authors/0",
        "/article/feed/id",
        "/article/feed/publisher",
        "/topics/0/id",
        "/topics/0/name",
        "/actors/0/id",
        "/actors/0/name",
        "/passages/0/text",
        "/story/state",
        "/story/publishers/0",
    ] {
        *data.pointer_mut(pointer).unwrap() = text.into();
    }
    data["article"]["url"] = format!("https://news.example/{text}").into();
    data["alert"] = format!("{number}{text}").into();
    payload
}

fn check_harmless(feed: &Feed, count: usize) {
    assert_eq!(feed.entries.len(), count);
    for entry in &feed.entries {
        assert!(
            entry
                .link
                .as_deref()
                .is_none_or(|link| link.starts_with("https://news.example/"))
        );
        let html = entry.content.as_deref().unwrap();
        // Only what is written here is markup, and none of it has an attribute.
        for tag in html.split('<').skip(1) {
            let name = tag.split('>').next().unwrap().trim_start_matches('/');
            assert!(["p", "blockquote", "strong"].contains(&name), "{html}");
        }
    }
}

#[tokio::test]
async fn hostile_text_is_only_text() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.atom");
    let sink = open(&path);
    for (number, text) in (0..).zip(HOSTILE) {
        add(&sink, &[hostile(number, text)]).await;
    }
    let feed = read(&path);
    check_harmless(&feed, HOSTILE.len());
    assert_eq!(titles(&feed)[HOSTILE.len() - 1], "]]>");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_only_text(texts in prop::collection::vec("(\\PC|[<>&\"'\\]!-]|\\p{C}){0,40}", 1..8)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alerts.atom");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let payloads: Vec<Value> = (0..).zip(&texts).map(|(number, text)| hostile(number, text)).collect();
        runtime.block_on(add(&open(&path), &payloads));
        check_harmless(&read(&path), texts.len());
    }
}
