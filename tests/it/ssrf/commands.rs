//! Where commands are led that ask for what somebody names on the command line.

use super::{Case, HOME, World, configure, count, escaped, name};
use crate::support::{Page, Wirewatch};

/// The commands that are given an address which leads to the case, and how many
/// cases apart they are tried: they share one client, and each is a process.
const COMMANDS: [(&str, usize, &[&str]); 5] = [
    ("discover", 1, &["discover"]),
    (
        "add-discover",
        1,
        &["feeds", "add", "--id", "it", "--discover"],
    ),
    ("parse", SOME, &["parse"]),
    ("match", SOME, &["match"]),
    ("add", SOME, &["feeds", "add", "--id", "it"]),
];
const SOME: usize = 9;

impl World {
    /// Runs every command with every case.
    fn ask(&self) -> bool {
        let wirewatch = Wirewatch::with("");
        let has_names = name(&wirewatch);
        configure(&wirewatch, self.allow());
        let cases: Vec<(usize, &Case)> = self.cases(has_names).collect();
        for (number, case) in &cases {
            let due = COMMANDS.iter().filter(|it| number % it.1 == 0);
            for (route, _, command) in due {
                let path = format!("/{route}/{number}");
                let to = self.address(case, route, *number);
                let page = if *route == "add-discover" {
                    let href = escaped(&to);
                    Page::Html(format!(
                        "<html><head><link rel=alternate type=application/rss+xml href='{href}'>"
                    ))
                } else {
                    Page::Status(302, vec![("location", to)])
                };
                self.site.set(&path, page);
                let url = self.site.url(HOME, &path);
                let ended = wirewatch.command(&[*command, &[url.as_str()]].concat());
                assert_ne!(ended.code, Some(0), "{command:?} {url}: {}", ended.out);
                assert_eq!(self.site.asked(&path).len(), 1, "{}", ended.err);
            }
        }
        let list = wirewatch.path("import.xml");
        std::fs::write(&list, self.list("import", &cases)).expect("a file");
        let list = list.to_str().expect("a path");
        let ended = wirewatch.command(&["feeds", "import", list]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        has_names
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_led_inward_by_nobody() {
    let (guarded, open) = (World::open(true).await, World::open(false).await);
    let has_names = guarded.ask();
    open.ask();
    let lands = |case: &Case| open.lands(case, has_names);
    let all = ["discover", "add-discover", "import"];
    count(&all, &guarded, &open, |_, case| lands(case));
    let some = ["parse", "match", "add"];
    count(&some, &guarded, &open, |number, case| {
        number % SOME == 0 && lands(case)
    });
}
