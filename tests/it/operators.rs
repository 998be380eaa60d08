//! The page on the operators of other products: what each of its rows says is so.
//!
//! The page is the table of this test, so that it cannot promise what does not hold.

use serde_json::Value;
use std::fs;
use wirewatch::article::{Article, Input};
use wirewatch::config::{Environment, load};
use wirewatch::matcher::Matcher;
use wirewatch::watchlist::{Salience, Severity, Topic, TopicId, Watchlist, query};

const PAGE: &str = include_str!("../../src/watchlist/query/operators.md");

/// What stands in a cell that has nothing to say.
const NOTHING: &str = "—";

/// The products of the page, and the fewest rows of each.
const PRODUCTS: [(&str, usize); 7] = [
    ("Meltwater", 12),
    ("LexisNexis", 20),
    ("Factiva", 20),
    ("Brandwatch", 20),
    ("Talkwalker Alerts", 10),
    ("Media Cloud", 10),
    ("Google Alerts", 10),
];

/// The rows of the table under a heading, each with as many cells as wanted.
fn rows<const CELLS: usize>(heading: &str) -> Vec<[&'static str; CELLS]> {
    let start = format!("\n# {heading}\n");
    let (_, section) = PAGE.split_once(&start).expect(heading);
    let section = section.split_once("\n# ").map_or(section, |(this, _)| this);
    let lines = section.lines().filter(|line| line.starts_with('|'));
    lines
        .skip(2)
        .map(|line| {
            let inner = line.trim_matches('|');
            let cells: Vec<&str> = inner.split('|').map(str::trim).collect();
            cells.try_into().unwrap_or_else(|_| panic!("{line}"))
        })
        .collect()
}

/// What stands between the first backticks of a cell.
fn code(cell: &str) -> Option<&str> {
    cell.split('`').nth(1)
}

/// The actors and topics that the page gives.
fn watchlist() -> Watchlist {
    let (_, block) = PAGE.split_once("```toml\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wirewatch.toml");
    fs::write(folder.path().join("watchlist.toml"), block).unwrap();
    fs::write(&path, r#"watchlists = ["watchlist.toml"]"#).unwrap();
    let environment = Environment::of([("STATE_DIRECTORY", "/var/lib/wirewatch")]);
    load(&path, &environment)
        .unwrap_or_else(|problems| panic!("{problems}"))
        .0
        .watchlist
}

/// The article of a cell: plain text, or JSON with the tags of a feed.
fn article(cell: &str) -> Article {
    let Some(json) = code(cell) else {
        return Input::from_text(cell).into_article(0);
    };
    let mut article = Input::from_json(json).expect(json).into_article(0);
    let value: Value = serde_json::from_str(json).expect(json);
    let tags = value["tags"].as_array().into_iter().flatten();
    article.tags = tags.map(|tag| tag.as_str().unwrap().to_owned()).collect();
    article
}

/// A matcher of one query beside the watchlist of the page.
fn matcher(text: &str, page: &Watchlist) -> Matcher {
    let parsed = query::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let printed = parsed.to_string();
    assert_eq!(query::parse(&printed), Ok(parsed.clone()), "{printed}");
    let topic = Topic {
        id: TopicId::new("row").unwrap(),
        name: "Row".into(),
        query: parsed,
        severity: Severity::Normal,
        salience: Salience::Body,
        threshold: 0.0,
        unless: None,
        tags: vec![],
        tests: vec![],
    };
    let mut watchlist = page.clone();
    watchlist.topics.push(topic);
    Matcher::compile(&watchlist).expect(text)
}

#[test]
fn every_row_matches_as_it_says() {
    let watchlist = watchlist();
    let mut faults = Vec::new();
    for (product, rows_min) in PRODUCTS {
        let rows = rows::<5>(product);
        assert!(rows.len() >= rows_min, "{product} has {} rows", rows.len());
        for [there, here, finds, not, _] in rows {
            assert!(code(there).is_some(), "{product}: {there}");
            let none = here.starts_with("none; ");
            if none && finds == NOTHING && not == NOTHING {
                continue;
            }
            assert!(
                here.starts_with('`') || here.starts_with("none; nearest `"),
                "{here}"
            );
            let text = code(here).unwrap();
            let matcher = matcher(text, &watchlist);
            for (cell, expected) in [(finds, true), (not, false)] {
                let article = article(cell);
                let matches = matcher.matches(&article);
                let found = matches.topics.iter().any(|topic| topic.id == "row");
                if found != expected {
                    faults.push(format!("{product}: {text} finds {cell}: {found}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn what_is_refused_comes_with_the_advice() {
    for [written, advice] in rows::<2>("What is refused") {
        let text = code(written).unwrap();
        let error = query::parse(text).expect_err(text);
        assert_eq!(error.help.as_deref(), Some(advice), "{text}");
    }
}

#[test]
fn what_is_not_refused_is_read_as_words() {
    for [written, read] in rows::<2>("What is not") {
        let query = query::parse(code(written).unwrap()).expect(written);
        assert_eq!(query.to_string(), code(read).unwrap());
    }
}
