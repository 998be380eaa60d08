//! What polls lead to: feeds of lists, redirects, pages, rules of robots, older
//! entries, and hubs.

use super::{Case, HOME, HOP, Lands, World, configure, count, escaped, feed, name, once};
use crate::pages::{NEAR, linked};
use crate::support::{Page, Wirewatch, alerting_entry, rss, rss_with};
use axum::http::StatusCode;
use axum::{Router, routing};
use serde_json::Value;
use tokio::task::JoinSet;
use url::Url;

/// Those that end with a round of polls and its errands.
const ROUTES: [&str; 6] = [
    "opml",
    "redirect",
    "second-redirect",
    "page",
    "page-redirect",
    "robots",
];

/// A redirect of its own kind for each case.
fn redirect(number: usize, to: String) -> Page {
    let status = [301, 302, 303, 307, 308][number % 5];
    Page::Status(status, vec![("location", to)])
}

/// Sites whose robots.txt is somewhere else, one for each case: rules are asked
/// for once an origin.
struct Doors {
    config: String,
    _servers: JoinSet<()>,
}

impl Doors {
    async fn open(world: &World, cases: &[(usize, &Case)]) -> Self {
        let mut servers = JoinSet::new();
        let mut config = String::new();
        for (number, case) in cases {
            let listener = tokio::net::TcpListener::bind(("127.0.0.2", 0)).await;
            let listener = listener.expect("a port");
            let address = listener.local_addr().expect("an address");
            let to = world.address(case, "robots", *number);
            let away = move || std::future::ready((StatusCode::FOUND, [("location", to.clone())]));
            let door = Router::new().route("/robots.txt", routing::get(away));
            servers.spawn(async move { axum::serve(listener, door).await.expect("it serves") });
            let item = linked(*number, NEAR, &format!("http://{address}/page"));
            let path = format!("/robots/{number}");
            world.site.set(&path, Page::Document(rss(&[item])));
            config += &world.feed("robots", *number, "full_text = \"near\"");
        }
        Self {
            config,
            _servers: servers,
        }
    }
}

impl World {
    /// A feed at a path that is called like its route.
    fn feed(&self, route: &str, number: usize, more: &str) -> String {
        let url = self.site.url(HOME, &format!("/{route}/{number}"));
        feed(&format!("{route}-{number}"), &url, more)
    }

    /// The routes of one case, as the publisher lays them; gives the feeds.
    fn lay(&self, case: &Case, number: usize) -> String {
        let to = |route: &str| self.address(case, route, number);
        let set = |route: &str, page: Page| self.site.set(&format!("/{route}/{number}"), page);
        let by = |route: &str| self.site.url(HOP, &format!("/by-{route}/{number}"));
        set("redirect", redirect(number, to("redirect")));
        set("second-redirect", redirect(number, by("second-redirect")));
        set(
            "by-second-redirect",
            redirect(number, to("second-redirect")),
        );
        let item = linked(number, NEAR, &escaped(&to("page")));
        set("page", Page::Document(rss(&[item])));
        let item = linked(number, NEAR, &by("page-redirect"));
        set("page-redirect", Page::Document(rss(&[item])));
        set("by-page-redirect", redirect(number, to("page-redirect")));
        self.feed("redirect", number, "")
            + &self.feed("second-redirect", number, "")
            + &self.feed("page", number, "full_text = \"near\"")
            + &self.feed("page-redirect", number, "full_text = \"always\"")
    }

    /// Polls everything once, and does what that leads to.
    async fn poll(&self) -> bool {
        let wirewatch = Wirewatch::with("");
        let has_names = name(&wirewatch);
        let cases: Vec<(usize, &Case)> = self.cases(has_names).collect();
        std::fs::write(wirewatch.path("list.opml"), self.list("opml", &cases)).expect("a file");
        let doors = Doors::open(self, &cases).await;
        let feeds = cases.iter().map(|(number, case)| self.lay(case, *number));
        let feeds: String = feeds.collect();
        configure(
            &wirewatch,
            &format!("{}{feeds}{}", self.allow(), doors.config),
        );
        once(&wirewatch);
        if self.is_guarded {
            see_refusals(&wirewatch.command(&["feeds", "--json"]).out, has_names);
        }
        has_names
    }

    /// Polls twice, with a gap between that older pages could fill. A feed leads
    /// to pages of its own host only, so this one is on a host of the canary.
    fn poll_with_a_gap(&self) {
        let wirewatch = Wirewatch::with("");
        let cases: Vec<(usize, &Case)> = self.cases(name(&wirewatch)).collect();
        let mut feeds = self.allow().to_owned();
        for (number, _) in &cases {
            let path = format!("/older/{number}");
            let first = Page::Document(rss(&[alerting_entry(1)]));
            self.site.set(&path, first);
            feeds += &feed(&format!("older-{number}"), &self.site.url(1, &path), "");
        }
        configure(&wirewatch, &feeds);
        once(&wirewatch);
        for (number, case) in &cases {
            let next = escaped(&self.address(case, "older", *number));
            let link = format!(
                "<atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"next\" href=\"{next}\"/>"
            );
            let second = Page::Document(rss_with(&link, &[alerting_entry(8), alerting_entry(9)]));
            self.site.set(&format!("/older/{number}"), second);
            let asked = wirewatch.command(&["feeds", "poll", &format!("older-{number}")]);
            assert_eq!(asked.code, Some(0), "{}", asked.err);
        }
        once(&wirewatch);
    }
}

/// Nothing of another private place is there to count who comes to it, so each
/// feed that sends us there must say that we did not go.
fn see_refusals(listed: &str, has_names: bool) {
    let refusals = ["is not public", "are not fetched", "what is no address"];
    for line in listed.lines() {
        let feed: Value = serde_json::from_str(line).expect("JSON");
        if feed["succeeded_at"] != Value::Null {
            continue;
        }
        let error = feed["error"].as_str().unwrap_or_default();
        let unknown = !has_names && error.contains("cannot be found");
        let refused = refusals.iter().any(|words| error.contains(words));
        // The one that is allowed of two addresses answers nothing, and who is
        // sent there next is kept waiting.
        let mixed = error.starts_with("mixed.test cannot be reached") || feed["reason"] == "asking";
        assert!(refused || unknown || mixed, "{feed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn polls_lead_nobody_inward() {
    let (guarded, open) = (World::open(true).await, World::open(false).await);
    let has_names = guarded.poll().await;
    open.poll().await;
    count(&ROUTES, &guarded, &open, |_, case| {
        open.lands(case, has_names)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_lead_nobody_inward_for_older_entries() {
    let (guarded, open) = (World::open(true).await, World::open(false).await);
    guarded.poll_with_a_gap();
    open.poll_with_a_gap();
    let of_the_feed = |case: &Case| {
        let url = Url::parse(&case.url(1, "")).expect("an address");
        url.host_str() == Some("127.0.0.1")
    };
    count(&["older"], &guarded, &open, |_, case| {
        case.lands == Lands::Here && of_the_feed(case)
    });
}
