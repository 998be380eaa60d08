//! Where commands are led that ask for what somebody names on the command line.

use super::{Case, HOME, World, configure, count, escaped, name};
use crate::support::{Page, Wirewatch};

/// The commands that take one address, and how many cases apart they are tried:
/// they share one client, and each time is a process of its own.
const COMMANDS: [(&str, usize, &[&str]); 4] = [
    ("discover", 1, &["discover"]),
    ("match", SOME, &["match"]),
    ("add", SOME, &["feeds", "add", "--id", "it"]),
    (
        DISCOVERED,
        SOME,
        &["feeds", "add", "--id", "it", "--discover"],
    ),
];
const SOME: usize = 9;
const DISCOVERED: &str = "add-discover";

impl World {
    /// An address that leads to the case: by a redirect, or as a page that offers
    /// it for a feed.
    fn lead(&self, case: &Case, route: &str, number: usize) -> String {
        let path = format!("/{route}/{number}");
        let to = self.address(case, route, number);
        let page = if route == DISCOVERED {
            let href = escaped(&to);
            Page::Html(format!(
                "<html><head><link rel=alternate type=application/rss+xml href='{href}'>"
            ))
        } else {
            Page::Status(302, vec![("location", to)])
        };
        self.site.set(&path, page);
        self.site.url(HOME, &path)
    }

    /// Runs the commands, those that take many addresses with all of them.
    fn ask(&self) -> bool {
        let wirewatch = Wirewatch::with("");
        let has_names = name(&wirewatch);
        configure(&wirewatch, self.allow());
        let cases: Vec<(usize, &Case)> = self.cases(has_names).collect();
        for (route, apart, command) in COMMANDS {
            let due = cases.iter().filter(|(number, _)| number % apart == 0);
            for (number, case) in due {
                let url = self.lead(case, route, *number);
                let ended = wirewatch.command(&[command, &[url.as_str()]].concat());
                assert_ne!(ended.code, Some(0), "{command:?} {url}: {}", ended.out);
            }
        }
        let urls = cases
            .iter()
            .map(|(number, case)| self.lead(case, "parse", *number));
        let command: Vec<String> = std::iter::once("parse".to_owned()).chain(urls).collect();
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        assert_ne!(wirewatch.command(&command).code, Some(0));
        let list = wirewatch.path("import.xml");
        std::fs::write(&list, self.list("import", &cases)).expect("a file");
        let list = list.to_str().expect("a path");
        let ended = wirewatch.command(&["feeds", "import", list]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        for (number, _) in &cases {
            for route in ["discover", "parse"] {
                let asked = self.site.asked(&format!("/{route}/{number}"));
                assert_eq!(asked.len(), 1, "{route} {number}");
            }
        }
        has_names
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_led_inward_by_nobody() {
    let (guarded, open) = (World::open(true).await, World::open(false).await);
    let has_names = guarded.ask();
    open.ask();
    let lands = |case: &Case| open.lands(case, has_names);
    let all = ["discover", "parse", "import"];
    count(&all, &guarded, &open, |_, case| lands(case));
    let some = ["match", "add", DISCOVERED];
    count(&some, &guarded, &open, |number, case| {
        number % SOME == 0 && lands(case)
    });
}
