//! Warnings about watchlists and routes: when there are any, how many, and where.

use super::{Folder, load_text};
use crate::config::{Level, Lint, Problem};
use crate::watchlist::LintKind;

const SINK: &str = "watchlists = [\"watchlist.toml\"]\n[feed.a]\nurl = \"https://example.org/feed\"\n[sink.j.log]\n";

/// The place, code and message of each warning about a watchlist.
fn warnings(main: &str, watchlist: &str) -> Vec<String> {
    let folder = Folder::new(&[
        ("wirewatch.toml", &format!("{SINK}{main}")),
        ("watchlist.toml", watchlist),
    ]);
    let (_, warnings) = folder
        .load(&[])
        .unwrap_or_else(|problems| panic!("{problems}"));
    let told = |warning: &Problem| {
        let place = folder.inside(&warning.place);
        format!("{place} {}: {}", warning.level, warning.message)
    };
    warnings.iter().map(told).collect()
}

const NAMES: &str = "[actor.us]\nname = \"United States\"\nkind = \"country\"\n\
    [actor.bolton]\nname = \"John Bolton\"\nkind = \"person\"\nmember_of = [\"us\"]\n\
    [actor.ban]\nname = \"Ban Ki-moon\"\nkind = \"person\"\n\
    [topic.base]\nquery = \"@us OR talks\"\n\
    [topic.war]\nquery = \"#base war\"\ntags = [\"arms\"]\n";

#[test]
fn whom_no_route_carries_goes_nowhere() {
    let topic =
        "watchlist.toml:13:8 warning[W016]: no route carries this topic, so its alerts go nowhere";
    let actor =
        "watchlist.toml:9:8 warning[W016]: no route carries this actor, so its alerts go nowhere";
    let rows: [(&str, &[&str]); 7] = [
        ("", &[]),
        ("[route.r]\nsinks = [\"j\"]", &[]),
        ("[route.r]\ntopics = [\"war\"]\nsinks = [\"j\"]", &[actor]),
        (
            "[route.r]\ntopics = [\"arms\"]\nactors = [\"ban\"]\nsinks = [\"j\"]",
            &[],
        ),
        (
            "[route.r]\ntopics = [\"*\"]\nactors = [\"*\"]\nsinks = [\"j\"]",
            &[],
        ),
        (
            "[route.r]\nactors = [\"us\"]\nsinks = [\"j\"]",
            &[actor, topic],
        ),
        (
            "[route.r]\ntopics = [\"war\"]\nsinks = [\"j\"]\n[route.s]\nactors = [\"ban\"]\nsinks = []",
            &[],
        ),
    ];
    for (routes, expected) in rows {
        let told = warnings(routes, NAMES);
        assert_eq!(told, expected, "{routes}");
    }
}

#[test]
fn a_clause_is_found_in_every_kind_of_text() {
    let rows = [
        ("query = \"war war\"", "2:14"),
        ("query = '''\nwar\n war'''", "4:2"),
        ("query = \"pe\\u0061ce war war\"", "2:9"),
        (
            "query = \"war\"\nunless = \"film OR (star OR film)\"",
            "3:28",
        ),
    ];
    for (text, place) in rows {
        let told = warnings("", &format!("[topic.t]\n{text}\n"));
        assert_eq!(told.len(), 1, "{told:?}");
        let start = format!("watchlist.toml:{place} warning[W010]: ");
        assert!(told[0].starts_with(&start), "{told:?} of {text}");
    }
}

#[test]
fn many_alike_are_counted() {
    let actors: String = (0..50)
        .map(|n| {
            format!("[actor.a{n}]\nname = \"Actor {n}\"\nkind = \"group\"\naliases = [\"x{n}\"]\n")
        })
        .collect();
    let told = warnings("", &actors);
    assert_eq!(told.len(), 21, "{told:#?}");
    assert_eq!(
        told[20],
        "wirewatch.toml:1:1 warning[W011]: 30 more like the 20 shown"
    );
}

#[test]
fn what_has_mistakes_is_not_linted() {
    let problems = load_text("[topic.t]\nquery = \"war war\"").unwrap_err();
    assert!(
        problems
            .0
            .iter()
            .all(|problem| problem.level == Level::Error)
    );
    let folder = Folder::new(&[
        ("wirewatch.toml", SINK),
        (
            "watchlist.toml",
            "[topic.t]\nquery = \"war war\"\n[topic.u]\nquery = \"(\"\n",
        ),
    ]);
    let problems = folder.load(&[]).unwrap_err();
    assert_eq!(problems.0.len(), problems.errors(), "{problems}");
}

#[test]
fn every_lint_has_a_code_of_its_own() {
    let kinds = [
        LintKind::NeverMatches,
        LintKind::ChangesNothing,
        LintKind::CommonAlias,
        LintKind::AcronymCase,
        LintKind::SharedAlias,
        LintKind::SpareAlias,
        LintKind::MatchesMuch,
        LintKind::SmallOperator,
        LintKind::OutOfReach,
        LintKind::SameTopic,
    ];
    let mut codes: Vec<&str> = kinds.map(|kind| Lint::Watchlist(kind).code()).to_vec();
    codes.extend([Lint::Unrouted, Lint::UnroutedSink].map(Lint::code));
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 12, "{codes:?}");
    assert!(codes.iter().all(|code| code.len() == 4), "{codes:?}");
}

#[test]
fn a_host_with_more_feeds_than_it_can_be_asked_for() {
    let feeds = |count: usize| -> String {
        let feed = |n| format!("[feed.r{n}]\nurl = \"https://www.reddit.com/r/{n}/.rss\"\n");
        (0..count).map(feed).collect()
    };
    let topic = "[topic.t]\nquery = \"treaty\"\n";
    assert_eq!(warnings(&feeds(14), topic), [""; 0]);
    assert_eq!(
        warnings(&feeds(20), topic),
        [
            "wirewatch.toml:1:1 warning[W020]: reddit.com has 20 feeds and is asked once in 1m1s, so a round takes 20m20s, not 15m"
        ]
    );
    let allowed = feeds(20) + "[host.\"reddit.com\"]\nspacing = \"1s\"\n";
    assert_eq!(warnings(&allowed, topic), [""; 0]);
}
