//! Hubs that feeds name, and where those send us on to.

use super::cases::Lands;
use super::{Case, HOME, HOP, World, configure, count, escaped, feed, name};
use crate::support::{Page, Wirewatch, rss_with};

const ROUTES: [&str; 2] = ["hub", "hub-redirect"];

/// Hubs would reach us here, but none does.
const WEBSUB: &str =
    "[websub]\ncallback = \"http://monitor.test/websub\"\nlisten = \"127.0.0.1:0\"\n";

impl World {
    /// The two feeds of a case: one names it for a hub, the other a hub that
    /// redirects to it.
    fn lay_hubs(&self, case: &Case, number: usize) -> String {
        let by = format!("/by-hub-redirect/{number}");
        let to = self.address(case, "hub-redirect", number);
        self.site
            .set(&by, Page::Status(307, vec![("location", to)]));
        let hubs = [self.address(case, "hub", number), self.site.url(HOP, &by)];
        let mut feeds = String::new();
        for (route, hub) in ROUTES.iter().zip(hubs) {
            let path = format!("/{route}/{number}");
            let link = format!(
                "<atom:link xmlns:atom=\"http://www.w3.org/2005/Atom\" rel=\"hub\" href=\"{}\"/>",
                escaped(&hub)
            );
            self.site.set(&path, Page::Document(rss_with(&link, &[])));
            feeds += &feed(
                &format!("{route}-{number}"),
                &self.site.url(HOME, &path),
                "",
            );
        }
        feeds
    }

    /// Starts a daemon that subscribes to everything.
    fn subscribe(&self) -> (bool, Wirewatch) {
        let mut wirewatch = Wirewatch::with("");
        let has_names = name(&wirewatch);
        let feeds = self
            .cases(has_names)
            .map(|(number, case)| self.lay_hubs(case, number));
        let feeds: String = feeds.collect();
        configure(&wirewatch, &format!("{}{WEBSUB}{feeds}", self.allow()));
        wirewatch.start();
        (has_names, wirewatch)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hubs_lead_nobody_inward() {
    let (guarded, open) = (World::open(true).await, World::open(false).await);
    let (has_names, guarded_one) = guarded.subscribe();
    let (_, open_one) = open.subscribe();
    // What a feed names and nobody can be asked at is no hub; a hub that sends us
    // to such a thing has refused.
    for (number, case) in guarded.cases(has_names) {
        let by = format!("/by-hub-redirect/{number}");
        guarded.site.wait_for(&by, 1).await;
        let words = format!("feed.id=hub-redirect-{number} hub=127.0.0.2 failures=");
        guarded_one.wait_for_log(&words).await;
        if case.lands != Lands::Nowhere {
            guarded_one
                .wait_for_log(&format!("feed.id=hub-{number} "))
                .await;
        }
    }
    let landing = open.cases(has_names).count();
    open.canary.wait_for(landing * ROUTES.len()).await;
    drop((guarded_one, open_one));
    count(&ROUTES, &guarded, &open, |_, case| {
        open.lands(case, has_names)
    });
}
