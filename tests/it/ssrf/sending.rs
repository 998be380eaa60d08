//! Webhooks: they follow nobody, and their names are looked at like any other.

use super::cases::Lands;
use super::{CASES, Case, HOME, World, configure, count, feed, name};
use crate::support::{Page, Wirewatch, alerting_entry, rss};

impl World {
    /// Sends an alert to a sink for each case, at the address that this gives.
    fn send(&self, names_only: bool, url: impl Fn(&Case, usize) -> String) -> bool {
        let wirewatch = Wirewatch::with("");
        let has_names = name(&wirewatch);
        self.site
            .set("/rss", Page::Document(rss(&[alerting_entry(1)])));
        let cases = self.cases(has_names);
        let cases = cases.filter(|(_, case)| !names_only || case.lands == Lands::HereByName);
        let sinks: String = cases
            .map(|(number, case)| {
                format!(
                    "[sink.s{number}.webhook]\nurl = \"{}\"\n",
                    url(case, number)
                )
            })
            .collect();
        let feed = feed("wire", &self.site.url(HOME, "/rss"), "");
        configure(&wirewatch, &format!("{}{feed}{sinks}", self.allow()));
        let round = wirewatch.command(&["run", "--once"]);
        assert!(round.err.contains("alert.id"), "{}", round.err);
        has_names
    }
}

/// With all of this machine allowed as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_follows_nobody() {
    const ROUTE: &str = "webhook-redirect";
    for is_guarded in [true, false] {
        let world = World::open(is_guarded).await;
        let has_names = world.send(false, |case, number| {
            let path = format!("/{ROUTE}/{number}");
            let to = world.address(case, ROUTE, number);
            let status = [301, 302, 303, 307, 308][number % 5];
            world
                .site
                .set(&path, Page::Status(status, vec![("location", to)]));
            world.site.url(HOME, &path)
        });
        for (number, _) in world.cases(has_names) {
            let asked = world.site.asked(&format!("/{ROUTE}/{number}"));
            assert_eq!(asked.len(), 1, "{number}");
        }
        let reached = world.canary.begun();
        let cases = world.cases(has_names).count();
        println!(
            "cases {cases}, routes 1 ({ROUTE}, never followed), reached {}",
            reached.len()
        );
        assert!(reached.is_empty(), "{reached:#?}");
    }
}

/// A literal address is the operator's own word; what a name resolves to is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_goes_to_no_name_of_a_private_address() {
    const ROUTE: &str = "webhook-name";
    let (guarded, open) = (World::open(true).await, World::open(false).await);
    let of = |world: &World, case: &Case, number: usize| world.address(case, ROUTE, number);
    let has_names = guarded.send(true, |case, number| of(&guarded, case, number));
    open.send(true, |case, number| of(&open, case, number));
    count(&[ROUTE], &guarded, &open, |_, case| {
        has_names && case.lands == Lands::HereByName
    });
    assert!(CASES.iter().any(|case| case.lands == Lands::HereByName));
}
