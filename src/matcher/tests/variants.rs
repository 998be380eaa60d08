//! The conformance table: in each language, what is one name and what is not.

use super::{actor, article, strings, topic};
use crate::matcher::Matcher;
use crate::watchlist::{Actor, ActorKind, Watchlist};
use proptest::prelude::*;
use std::collections::BTreeSet;

const TABLE: &str = include_str!("variants.tsv");

struct Row {
    line: usize,
    language: &'static str,
    class: &'static str,
    alias: String,
    text: String,
    expect: bool,
}

fn rows() -> impl Iterator<Item = Row> {
    let lines = TABLE.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(number, line)| {
        let line_number = number + 1;
        let columns: Vec<&str> = line.split('\t').collect();
        let [language, class, alias, text, expect] = columns[..] else {
            panic!("line {line_number}: five columns, not {}", columns.len());
        };
        Row {
            line: line_number,
            language,
            class,
            alias: unescaped(alias),
            text: unescaped(text),
            expect: match expect {
                "+" => true,
                "-" => false,
                other => panic!("line {line_number}: + or -, not {other}"),
            },
        }
    })
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').unwrap();
        plain.push(char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap());
        plain.push_str(rest);
    }
    plain.replace("\\n", "\n")
}

/// An actor that has the alias of a row, and no other name that could occur.
fn watched(row: &Row) -> Actor {
    let kind = match row.class {
        "person" | "surname" | "titled" => ActorKind::Person,
        "country" | "metonym" | "demonym" | "acronym" => ActorKind::Country,
        "place" => ActorKind::Place,
        "org" => ActorKind::Organisation,
        other => panic!("line {}: no class {other}", row.line),
    };
    let mut actor = actor("watched", "Qxqxqx", kind);
    actor.surname = row.class == "surname";
    match row.class {
        "acronym" => actor.acronyms = strings(&[&row.alias]),
        "metonym" => actor.metonyms = strings(&[&row.alias]),
        "demonym" => actor.demonyms = strings(&[&row.alias]),
        "titled" => {
            let (title, name) = row.alias.split_once('|').unwrap();
            actor.titles = strings(&[title]);
            actor.name = name.to_owned();
        }
        _ => actor.name.clone_from(&row.alias),
    }
    actor
}

fn is_found(row: &Row) -> bool {
    let (actors, topics) = match row.class {
        "query" => (vec![], vec![topic("watched", &row.alias)]),
        _ => (vec![watched(row)], vec![]),
    };
    let matcher = Matcher::compile(&Watchlist { actors, topics }).unwrap();
    let mut article = article("", "", &row.text);
    article.language = Some(row.language.into());
    let matches = matcher.matches(&article);
    !matches.actors.is_empty() || !matches.topics.is_empty()
}

#[test]
fn every_variant_is_found_and_no_other() {
    let wrong: Vec<String> = rows()
        .filter(|row| is_found(row) != row.expect)
        .map(|row| {
            let verb = if row.expect { "misses" } else { "finds" };
            let Row {
                line, alias, text, ..
            } = &row;
            format!("line {line}: {} {alias:?} {verb} {text:?}", row.class)
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_is_wide() {
    let count = rows().count();
    assert!(count >= 300, "{count} rows");
    let languages: BTreeSet<_> = rows().map(|row| row.language).collect();
    assert!(languages.len() >= 20, "{languages:?}");
    for language in languages {
        for expect in [true, false] {
            let mut of_language = rows().filter(|row| row.language == language);
            let sign = if expect { '+' } else { '-' };
            assert!(
                of_language.any(|row| row.expect == expect),
                "{language} has no {sign}"
            );
        }
    }
}

proptest! {
    #[test]
    fn an_alias_is_found_in_itself(
        alias in "\\PC{1,12}( \\PC{1,12}){0,2}|[A-ZÀ-ž]\\pL{1,9} \\p{Cyrillic}{1,9}|\\p{Arabic}{2,9}|\\p{Hebrew}{2,9}|\\p{Greek}{2,9} \\p{Greek}{2,9}",
    ) {
        let row = Row {
            line: 0,
            language: "en",
            class: "org",
            text: alias.clone(),
            alias,
            expect: true,
        };
        // One character of Han alone is half of many words.
        let letters = row.alias.chars().filter(|c| c.is_alphanumeric()).count();
        let is_plain = letters > 1 && !row.alias.contains(['*', '?']);
        prop_assert!(!is_plain || is_found(&row));
    }
}
