//! Nobody outside sends us inward: every spelling of a private address, on every
//! route by which an address can come in, against a canary that nobody may reach.
//!
//! What reaches nothing because it does nothing would pass as well, so each route
//! is taken a second time with all of this machine allowed, and then the canary
//! is reached by the same words. Where not even that opens a route, since what it
//! leads to is never followed, the test says so.

mod canary;
mod cases;
mod commands;
mod hubs;
mod polls;
mod proxies;
mod sending;
mod unasked;

use crate::support::{Finished, Site, Wirewatch};
use canary::Canary;
use cases::{CASES, Case, Lands};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The host of the site that may be reached on anybody's word, so that there is
/// somebody to be sent on by.
const HOP: u8 = 2;
/// The host whose addresses stand in the configuration.
const HOME: u8 = 3;

/// Names that stand for private addresses, for processes of this test.
const NAMES: &str = "127.0.0.1 localhost localhost. canary.localhost\n127.9.8.7 private.test\n\
                     ::1 private6.test\n127.0.0.2 mixed.test\n127.9.8.7 mixed.test\n";

/// What may be reached on anybody's word: the hop, or everything of this machine.
const ALLOW: [&str; 2] = [
    "allow = [\"127.0.0.2/32\"]\n",
    "allow = [\"0.0.0.0/8\", \"127.0.0.0/8\", \"::/127\"]\n",
];

/// The same world twice: once guarded, once with all of this machine allowed.
struct World {
    site: Site,
    canary: Canary,
    is_guarded: bool,
}

impl World {
    async fn open(is_guarded: bool) -> Self {
        Self {
            site: Site::open().await,
            canary: Canary::open().await,
            is_guarded,
        }
    }

    /// What is allowed, as a line of `[http]`.
    fn allow(&self) -> &'static str {
        ALLOW[usize::from(!self.is_guarded)]
    }

    /// The cases that are tried, with their numbers: nothing of this test may go
    /// to the network around it, so only what lands on this machine is allowed.
    fn cases(&self, has_names: bool) -> impl Iterator<Item = (usize, &'static Case)> {
        let all = CASES.iter().enumerate();
        all.filter(move |(_, case)| self.is_guarded || self.lands(case, has_names))
    }

    /// Whether a case reaches the canary when everything of this machine is allowed.
    fn lands(&self, case: &Case, has_names: bool) -> bool {
        match case.lands {
            Lands::Here => true,
            Lands::HereByV6 => self.canary.has_v6,
            Lands::HereByName => has_names,
            Lands::Elsewhere | Lands::Nowhere => false,
        }
    }

    /// The address of a case on a route.
    fn address(&self, case: &Case, route: &str, number: usize) -> String {
        case.url(self.canary.port, &format!("{route}/{number}"))
    }

    /// A list of feeds of everything that is an address at all.
    fn list(&self, route: &str, cases: &[(usize, &Case)]) -> String {
        let fetched = cases
            .iter()
            .filter(|(_, case)| case.lands != Lands::Nowhere);
        let outlines: String = fetched
            .map(|(number, case)| {
                let url = escaped(&self.address(case, route, *number));
                format!("<outline type=\"rss\" text=\"{number}\" xmlUrl=\"{url}\"/>")
            })
            .collect();
        format!("<opml version=\"2.0\"><head/><body>{outlines}</body></opml>")
    }

    /// The numbers of the cases that reached the canary on a route. A connection
    /// under TLS says nothing that could be read, and is nobody's.
    fn reached(&self, route: &str) -> BTreeSet<usize> {
        let number = |first: &String| {
            let (_, rest) = first.split_once(&format!("/{route}/"))?;
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        };
        self.canary.begun().iter().filter_map(number).collect()
    }
}

/// Gives a process the names, where this machine lets a test do so.
fn name(wirewatch: &Wirewatch) -> bool {
    let has_names = wirewatch.set_names(NAMES);
    if !has_names {
        println!("no names can be set here, so none is tried (unshare --user --mount)");
    }
    has_names
}

/// A configuration whose feeds are polled once, and not again within a test.
fn configure(wirewatch: &Wirewatch, rest: &str) {
    let head = "watchlists = [\"watchlist.toml\"]\nopml = [\"*.opml\"]\n\
                [daemon]\nstate_dir = \"state\"\nlog_format = \"text\"\nnotices = []\n\
                [poll]\nevery = \"1d\"\nmin = \"1ms\"\nmax = \"10d\"\nhost_spacing = \"0s\"\nfirst_run = \"all\"\n\
                [sink.journal.log]\n[http]\ntimeout = \"5s\"\n";
    let file = wirewatch.path("wirewatch.toml");
    std::fs::write(file, format!("{head}{rest}")).expect("a file");
}

/// One round of polls, with what they lead to and what is to be delivered.
fn once(wirewatch: &Wirewatch) -> Finished {
    let round = wirewatch.command(&["--log", "warn", "run", "--once"]);
    assert_eq!(round.code, Some(0), "{}", round.err);
    round
}

fn feed(id: &str, url: &str, more: &str) -> String {
    format!("[feed.{id}]\nurl = \"{url}\"\n{more}\n")
}

/// A text as it stands in XML.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        // Of what is no letter, a reader cannot take anything for markup.
        if c.is_ascii_alphanumeric() {
            escaped.push(c);
        } else {
            write!(escaped, "&#{};", u32::from(c)).expect("a text");
        }
        escaped
    })
}

/// Counts who came to the canary: nobody, while on each of the routes everybody
/// does who `lands`, once that is allowed.
fn count(routes: &[&str], guarded: &World, open: &World, lands: impl Fn(usize, &Case) -> bool) {
    let all = CASES.iter().enumerate();
    let landing: BTreeSet<usize> = all.filter(|it| lands(it.0, it.1)).map(|it| it.0).collect();
    for route in routes {
        let reached = open.reached(route);
        let missing = landing.difference(&reached);
        // What is said under TLS does not tell who says it.
        let missing: Vec<_> = missing.filter(|it| !CASES[**it].is_tls()).collect();
        assert!(missing.is_empty(), "{route}, allowed: not by {missing:?}");
    }
    let reached = guarded.canary.begun();
    println!(
        "cases {}, routes {} ({}), reached {}; with this machine allowed {} by each",
        CASES.len(),
        routes.len(),
        routes.join(", "),
        reached.len(),
        landing.len(),
    );
    assert!(reached.is_empty(), "{reached:#?}");
}
