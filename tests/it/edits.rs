//! Entries that change under their publisher's hands: told once, and in time.

use crate::support::{Page, Receiver, Site, Wirewatch};
use serde_json::Value;

/// An entry by its guid, link, title and summary.
type Entry<'a> = (&'a str, &'a str, &'a str, &'a str);

fn rss(entries: &[Entry<'_>], published: &str) -> String {
    let item = |(guid, link, title, summary): &Entry<'_>| {
        format!(
            "<item><guid isPermaLink=\"false\">{guid}</guid><link>{link}</link><title>{title}</title>\
             <description>{summary}</description>{published}</item>"
        )
    };
    crate::support::rss(&entries.iter().map(item).collect::<Vec<_>>())
}

const PACT: &str = "Pyongyang wants a non-aggression pact";
const OLD: &str = "<pubDate>Sun, 24 Aug 2003 12:00:00 GMT</pubDate>";

/// What the feed holds, poll by poll. Each document has a mark that alerts, so
/// that a test knows when it was taken in; marks are told apart by their number.
struct Desk {
    site: Site,
    receiver: Receiver,
    wirewatch: Wirewatch,
    marks: usize,
    expected: usize,
}

impl Desk {
    async fn open(settings: &str) -> Self {
        let (site, receiver) = (Site::open().await, Receiver::open().await);
        let feed = format!("[feed.wire]\nurl = \"{}\"\n", site.url(1, "/rss"));
        let wirewatch = Wirewatch::with(&(feed + settings + &receiver.sink("hook")));
        Self {
            site,
            receiver,
            wirewatch,
            marks: 0,
            expected: 0,
        }
    }

    /// Shows a document and waits until it was taken in; gives the titles that
    /// were alerted so far, but for the marks.
    async fn show(&mut self, entries: &[Entry<'_>], alerts: usize) -> Vec<String> {
        self.marks += 1;
        self.expected += 1 + alerts;
        let titles: Vec<String> = (1..=self.marks)
            .map(|n| format!("{PACT}, mark {n}"))
            .collect();
        let ids: Vec<String> = (1..=self.marks)
            .map(|n| format!("https://news.example/mark-{n}"))
            .collect();
        let mut text = rss(entries, OLD);
        let marks: Vec<Entry<'_>> = ids
            .iter()
            .zip(&titles)
            .map(|(id, title)| (id.as_str(), id.as_str(), title.as_str(), "-"))
            .collect();
        let marks = rss(&marks, "");
        let (_, items) = marks.split_once("<item>").unwrap();
        let (items, _) = items.rsplit_once("</channel>").unwrap();
        text = text.replace("</channel>", &format!("<item>{items}</channel>"));
        self.site.set("/rss", Page::Document(text));
        let taken = self.receiver.wait_for(self.expected).await;
        let mut told: Vec<String> = taken
            .iter()
            .map(|webhook| {
                webhook.body["data"]["article"]["title"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .filter(|title| !title.contains(", mark "))
            .collect();
        told.sort();
        told
    }

    /// What `feeds` says of the feed.
    fn state(&self) -> Value {
        let listed = self.wirewatch.command(&["feeds", "--json"]);
        serde_json::from_str(&listed.out).expect("a feed")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_alerted_if_it_matches_only_now_and_once() {
    let mut desk = Desk::open("first_run = \"all\"\n").await;
    desk.wirewatch.start();
    let link = "https://news.example/a";
    let weather = [
        ("a", link, "Weather", "Rain."),
        ("b", "https://news.example/b", PACT, "-"),
    ];
    assert_eq!(desk.show(&weather, 1).await, [PACT]);
    let title = "Weather in Pyongyang, and a non-aggression pact";
    let edited = [("a", link, title, "Rain."), weather[1]];
    assert_eq!(desk.show(&edited, 1).await, [PACT, title]);
    // Once it was alerted, no edit of it is, nor of what was from the first.
    let again = [
        ("a", link, "Pyongyang again: a non-aggression pact", "Snow."),
        (
            "b",
            "https://news.example/b",
            "Pyongyang insists on a non-aggression pact",
            "Talks.",
        ),
    ];
    assert_eq!(desk.show(&again, 0).await, [PACT, title]);
    assert_eq!(desk.show(&weather, 0).await, [PACT, title]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_entry_under_another_identity_is_told_once() {
    let mut desk = Desk::open("first_run = \"all\"\n").await;
    desk.wirewatch.start();
    let story = "http://news.example/pact?id=7";
    let told = [PACT.to_owned()];
    assert_eq!(desk.show(&[("1", story, PACT, "Talks.")], 1).await, told);
    for (guid, link, summary) in [
        ("2", story, "Talks."),
        ("3", story, "Talks."),
        ("3", "https://news.example/pact?id=7", "Talks."),
        (
            "https://news.example/pact?id=7",
            "https://news.example/pact?id=7",
            "Talks go on.",
        ),
        (
            "4",
            "https://news.example/pact?id=7&amp;utm_source=rss",
            "Talks go on.",
        ),
    ] {
        assert_eq!(
            desk.show(&[(guid, link, PACT, summary)], 0).await,
            told,
            "{guid} {link}"
        );
    }
    assert_eq!(desk.state()["possible_gap_at"], Value::Null);
    desk.wirewatch.stop();
    let counted = desk.wirewatch.command(&["alerts", "list", "--json"]);
    assert_eq!(
        counted.out.lines().count(),
        1 + desk.marks,
        "{}",
        counted.out
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_too_old_to_be_alerted_is_not_alerted_by_an_edit() {
    let mut desk = Desk::open("first_run = \"24h\"\n").await;
    desk.wirewatch.start();
    let link = "https://news.example/a";
    assert!(desk.show(&[("a", link, PACT, "-")], 0).await.is_empty());
    assert!(
        desk.show(&[("a", link, PACT, "Typo corrected.")], 0)
            .await
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retention_shorter_than_the_stay_of_an_entry_alerts_nothing_again() {
    let mut desk = Desk::open("first_run = \"all\"\n[store]\nretain = \"1ms\"\n").await;
    let link = "https://news.example/a";
    for summary in ["-", "Edited.", "Edited once more.", "-"] {
        // What is older than a millisecond is removed at the start.
        desk.wirewatch.start();
        let alerts = usize::from(desk.marks == 0);
        let told = desk.show(&[("a", link, PACT, summary)], alerts).await;
        assert_eq!(told, [PACT], "{summary}");
        desk.wirewatch.stop();
    }
    desk.wirewatch.start();
    // A new guid is none of a new entry, even if all else of it is forgotten.
    let told = desk.show(&[("b", link, PACT, "-")], 0).await;
    assert_eq!(told, [PACT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_share_link_and_title_are_told_apart() {
    let mut desk = Desk::open("first_run = \"all\"\n").await;
    desk.wirewatch.start();
    let front = "https://news.example/";
    let first = ("1", front, PACT, "Talks in Geneva.");
    assert_eq!(desk.show(&[first], 1).await, [PACT]);
    let second = ("2", front, PACT, "Talks in Vienna.");
    assert_eq!(desk.show(&[second, first], 1).await, [PACT; 2]);
    // The very same twice is one.
    let third = ("3", front, "Pyongyang: a non-aggression pact", "-");
    let again = ("4", front, "Pyongyang: a non-aggression pact", "-");
    assert_eq!(
        desk.show(&[again, third, second], 1).await,
        [PACT, PACT, third.2]
    );
}
