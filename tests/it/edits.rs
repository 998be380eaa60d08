//! Entries that change under their publisher's hands: told once, and in time.

use crate::pages;
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

    /// How many pages of a host are still to be read.
    fn pages_waiting(&self, host: &str) -> u64 {
        let told = self.wirewatch.command(&["host", host, "--json"]).out;
        let first = told.lines().next().expect("what is known of the host");
        let known: Value = serde_json::from_str(first).expect("JSON");
        known["pages_waiting"].as_u64().expect("a number")
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

/// What a feed with full text needs, at a site of which every host may be asked.
const FULL_TEXT: &str = "first_run = \"all\"\n[http]\nallow = [\"127.0.0.0/8\"]\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_what_an_edit_brings_near_is_read() {
    let mut desk = Desk::open(&format!("full_text = \"near\"\n{FULL_TEXT}")).await;
    let link = desk.site.url(2, "/page");
    desk.site.set("/page", pages::page(1));
    desk.wirewatch.start();
    let far = [("a", link.as_str(), "A cat show opens", "In short.")];
    assert!(desk.show(&far, 0).await.is_empty());
    assert!(desk.site.asked("/page").is_empty());
    let near = [("a", link.as_str(), pages::NEAR, "In short.")];
    assert_eq!(desk.show(&near, 1).await, [pages::NEAR]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_does_not_take_the_text_of_the_page_back() {
    let mut desk = Desk::open(&format!("full_text = \"always\"\n{FULL_TEXT}")).await;
    let link = desk.site.url(2, "/page");
    let Page::Html(html) = pages::page(1) else {
        panic!("a web page")
    };
    let html = html.replace("In Pyongyang the government", "There the government");
    desk.site.set("/page", Page::Html(html));
    desk.wirewatch.start();
    let summary = "In short.</description><content:encoded \
                   xmlns:content=\"http://purl.org/rss/1.0/modules/content/\">The beginning of a \
                   report.</content:encoded><description>In short.";
    let before = [("a", link.as_str(), "A capital answers", summary)];
    assert!(desk.show(&before, 0).await.is_empty());
    while desk.pages_waiting("127.0.0.2") > 0 {
        let polls = desk.site.asked("/rss").len();
        desk.site.wait_for("/rss", polls + 1).await;
    }
    assert_eq!(desk.site.asked("/page").len(), 1);
    // With what the page says, this matches.
    let after = [("a", link.as_str(), "Pyongyang answers", summary)];
    assert_eq!(desk.show(&after, 1).await, ["Pyongyang answers"]);
    assert_eq!(desk.site.asked("/page").len(), 1);
}
