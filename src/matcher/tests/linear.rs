//! That no text and no watchlist makes matching more than linear, by counted work.

use super::{article, run, topic};
use crate::matcher::Matcher;
use crate::text::tokenise;
use crate::watchlist::{Topic, Watchlist};
use crate::work::steps;

/// How much more work twice the input may be.
const TWICE: f64 = 2.3;

#[track_caller]
fn check_linear(what: &str, work: impl Fn(usize) -> u64) {
    let [one, two, four] = [1, 2, 4].map(|times| work(times) as f64);
    assert!(one > 0.0, "{what}: nothing was counted");
    assert!(
        two <= one * TWICE && four <= two * TWICE,
        "{what}: {one} steps, {two} of twice as much, {four} of four times"
    );
}

/// Texts that are hard to read: long runs of what may belong together, and
/// names and words over and over.
const UNITS: &[&str] = &[
    "a",
    "a ",
    "a-",
    "a'",
    "-",
    "' ",
    "A.",
    "A.A.A.b",
    "AA",
    ".",
    "...",
    ". ",
    "\n",
    "\n\n",
    "é",
    "a\u{301}",
    "\u{301}",
    "\u{200b}",
    "a\u{200b}",
    "金",
    "กำ",
    "\u{0e31}",
    "한",
    "\u{1112}\u{1161}\u{11ab}",
    "ジョン・",
    "צ\"ה",
    "x.y.",
    "1,000 ",
    "( ",
    "\"",
    "aa bb ",
    "aa ",
    "aa, bb. ",
    "bbb aa-",
    "talks nuclear ",
    "Bolton ",
    "Bolton's ",
    "John Bolton ",
    "John Bolton, ",
    "Michael Bolton. Bolton ",
    "Bolton. Michael Bolton ",
    "Mr. Bolton ",
    "Washington ",
    "Washington Post ",
    "in Washington ",
    "WASHINGTON (AP) - ",
    "Washington, ",
    "George Washington ",
    "US ",
    "U.S. ",
    "US$ ",
    "North Korean ",
    "Bolton Wanderers ",
    "John ",
    "Yoon ",
    "Foreign Minister Yoon ",
    "Apple iPhone ",
    "北朝鮮",
    "朝鮮北",
];

const QUERIES: &[&str] = &[
    "nuclear NEAR/5 talks",
    "aa SENTENCE bb",
    "aa PARA bb",
    "(aa NEAR/50 bb) NEAR/50 (bb NEAR/9 aa)",
    "ATLEAST/2 @bolton",
    "\"aa bb aa\"",
    "*ab*",
    "aa?",
    "~talks",
    "2 OF(aa, bb, aa*)",
    "FIRST/5 aa",
    "title:aa",
    "@us NEAR/30 @bolton",
    "@nk! OR @apple",
    "aa NOT bb",
    "aa NOT NEAR/3 bb",
    "=US AND bb*",
];

fn topics() -> Vec<Topic> {
    let numbered = QUERIES.iter().enumerate();
    numbered
        .map(|(n, text)| topic(&format!("t{n}"), text))
        .collect()
}

#[test]
fn hostile_texts_cost_what_they_are_long() {
    let actors = super::actors();
    let watchlist = Watchlist {
        actors,
        topics: topics(),
    };
    let matcher = Matcher::compile(&watchlist).unwrap();
    for unit in UNITS {
        check_linear(&format!("tokens of {unit:?}"), |times| {
            let text = unit.repeat(400 * times);
            steps(|| {
                tokenise(&text);
            })
        });
        check_linear(&format!("matches of {unit:?}"), |times| {
            let article = article("Talks", "", &unit.repeat(150 * times));
            steps(|| {
                matcher.matches(&article);
            })
        });
        check_linear(&format!("a title of {unit:?}"), |times| {
            let article = article(&unit.repeat(150 * times), "", "aa bb. Bolton");
            steps(|| {
                matcher.matches(&article);
            })
        });
    }
}

/// A query of so many parts.
type Shape = fn(usize) -> String;

#[test]
fn hostile_queries_cost_what_they_are_long() {
    let text = article("", "", &"aa bb aab bolton ab-ab talks ".repeat(20));
    let shapes: &[(&str, Shape)] = &[
        ("OR", |n| vec!["aa"; n].join(" OR ")),
        ("AND", |n| vec!["aa"; n].join(" AND ")),
        ("OF", |n| format!("1 OF({})", vec!["aa"; n].join(", "))),
        ("NEAR", |n| vec!["aa"; n / 4].join(" NEAR/9 ")),
        ("wildcards", |n| format!("a{}b", "*a".repeat(n))),
        ("open wildcards", |n| {
            (0..n)
                .map(|at| format!("*x{at}*"))
                .collect::<Vec<_>>()
                .join(" OR ")
        }),
        ("a phrase", |n| {
            format!("\"{}\"", vec!["aa bb"; n].join(" "))
        }),
        ("actors", |n| vec!["@bolton"; n].join(" OR ")),
    ];
    for (what, shape) in shapes {
        check_linear(what, |times| {
            let matcher = Matcher::compile(&Watchlist {
                actors: super::actors(),
                topics: vec![topic("t", &shape(60 * times))],
            })
            .unwrap();
            steps(|| {
                matcher.matches(&text);
            })
        });
    }
}

#[test]
fn references_do_not_multiply() {
    let text = article("", "", &"aa bb ".repeat(20));
    check_linear("topics that name the one before twice", |times| {
        let mut topics = vec![topic("t0", "aa OR bb")];
        for n in 1..8 * times {
            let before = n - 1;
            topics.push(topic(
                &format!("t{n}"),
                &format!("#t{before} AND (#t{before} OR bb)"),
            ));
        }
        steps(|| {
            run(topics, &text);
        })
    });
}
