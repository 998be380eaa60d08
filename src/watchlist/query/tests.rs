//! What the query language promises: what is written is what is meant, and what
//! cannot be meant is refused at its place.

use super::{Query, Reach, Word, WordForm, clause_spans, parse};
use crate::text::Field;
use crate::watchlist::{ActorId, TopicId};
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, printed: &str) {
    let query = parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    assert_eq!(query.to_string(), printed, "of {text}");
    assert_eq!(parse(printed).as_ref(), Ok(&query), "printed from {text}");
}

#[test]
fn what_is_written_is_what_is_meant() {
    check("nuclear", "nuclear");
    check("nuclear talks", "nuclear AND talks");
    check("(nuclear talks)", "nuclear AND talks");
    check(
        "nuclear AND (talks OR crisis)",
        "nuclear AND (talks OR crisis)",
    );
    check("a1 b1 NOT c1 -d1", "a1 AND b1 AND NOT c1 AND NOT d1");
    check("NOT sport war", "NOT sport AND war");
    check("war NOT (sport OR film)", "war AND NOT (sport OR film)");
    check(
        "rock and roll or jazz",
        "rock AND and AND roll AND or AND jazz",
    );
    check("a1 NEAR/3 b1 PRE/2 c1", "a1 NEAR/3 b1 PRE/2 c1");
    check("a1 NOT NEAR/3 b1", "a1 NOT NEAR/3 b1");
    check(
        "a1 NOT PRE/3 b1 NEAR/2 c1 NOT d1",
        "a1 NOT PRE/3 b1 NEAR/2 c1 AND NOT d1",
    );
    check("a1 NEAR/3 (b1 SENTENCE c1)", "a1 NEAR/3 (b1 SENTENCE c1)");
    check("a1 PARA b1", "a1 PARA b1");
    check(
        r#""non-aggression pact" OR “six-party talks”"#,
        r#""non-aggression pact" OR "six-party talks""#,
    );
    check(r#""nuclear weapon*""#, r#""nuclear weapon*""#);
    check(
        "=Turkey ~negotiation *atomwaffen* organi?ation",
        "=Turkey AND ~negotiation AND *atomwaffen* AND organi?ation",
    );
    check("@north-korea! @us #dprk", "@north-korea! AND @us AND #dprk");
    check("title:nuclear lang:en", "title:nuclear AND lang:en");
    check("title:(a1 OR b1)", "title:(a1 OR b1)");
    check("url:example.org/world", "url:example.org/world");
    check(
        "url:https://example.org:80/x",
        "url:https://example.org:80/x",
    );
    check("url:localhost:8080/x", "url:localhost:8080/x");
    check("url:news:world title:war", "url:news:world AND title:war");
    check("10:30 ratio", "10:30 AND ratio");
    check("title: war", "title:war");
    check(
        "\"he said “no” twice\" “on\"",
        "\"he said “no” twice\" AND \"on\"",
    );
    check("a1 NEAR/3 (b1 NOT c1)", "a1 NEAR/3 (b1 AND NOT c1)");
    check("ATLEAST/2 @us", "ATLEAST/2 @us");
    check("FIRST/50 (a1 OR b1)", "FIRST/50 (a1 OR b1)");
    check("2 OF(a1, b1 c1, d1 OR e1)", "2 OF(a1, b1 AND c1, d1 OR e1)");
    check("2 OF (a1,b1)", "2 OF(a1, b1)");
    check("2003 OF war", "2003 AND OF AND war");
    check("nuclear^2.5 talks", "nuclear^2.5 AND talks");
    check("title:nuclear^2", "title:nuclear^2");
    check("(a1 OR b1)^2", "(a1 OR b1)^2");
    check("金正恩 OR Зеленський", "金正恩 OR Зеленський");
    check(
        r#"@north-korea AND (nuclear NEAR/5 (weapon* OR program* OR crisis) OR "non-aggression pact" OR "multilateral talks")"#,
        r#"@north-korea AND (nuclear NEAR/5 (weapon* OR program* OR crisis) OR "non-aggression pact" OR "multilateral talks")"#,
    );
}

/// Text, the wrong part of it, and parts of the message and of the help.
#[track_caller]
fn refuse(text: &str, wrong: &str, message: &str, help: &str) {
    let error = parse(text).expect_err(text);
    assert_eq!(
        text.get(error.span.clone()),
        Some(wrong),
        "{text}: {error:?}"
    );
    assert!(error.message.contains(message), "{text}: {error:?}");
    let given = error.help.clone().expect("every mistake has its help");
    assert!(given.contains(help), "{text}: {error:?}");
}

#[test]
fn what_is_incomplete_or_ambiguous_is_refused() {
    refuse("", "", "empty", "must say");
    refuse("  ", "  ", "empty", "");
    refuse(
        "a1 AND b1 OR c1",
        "a1 AND b1 OR c1",
        "mixed",
        "`(a1 AND b1) OR c1` or `a1 AND (b1 OR c1)`",
    );
    refuse(
        "a1 b1 OR c1 d1",
        "a1 b1 OR c1 d1",
        "mixed",
        "`(a1 AND b1) OR (c1 AND d1)` or `a1 AND (b1 OR c1) AND d1`",
    );
    refuse(
        "x1 (a1 OR b1 c1)",
        "a1 OR b1 c1",
        "mixed",
        "`a1 OR (b1 AND c1)` or `(a1 OR b1) AND c1`",
    );
    refuse(
        "(a1 b1) OR c1 d1",
        "(a1 b1) OR c1 d1",
        "mixed",
        "`(a1 AND b1) OR (c1 AND d1)` or `((a1 AND b1) OR c1) AND d1`",
    );
    refuse("(a1 OR b1", "(", "never closed", "add the `)`");
    refuse("a1 OR b1)", ")", "closes nothing", "remove");
    refuse("()", ")", "nothing before", "");
    refuse("\"a1 b1", "\"a1 b1", "never closed", "closing quote");
    refuse("a1 AND", "AND", "ends", "missing term");
    refuse("OR a1", "OR", "both sides", "quotes");
}

#[test]
fn operators_need_numbers_and_places() {
    refuse("NEAR a1", "NEAR", "number", "NEAR/5");
    refuse("a1 NEAR/0 b1", "NEAR/0", "from 1 to 1000", "");
    refuse("a1 near/5 b1", "near/5", "not an operator", "`NEAR/5`");
    refuse("a1 W/5 b1", "W/5", "not an operator", "`NEAR/5`");
    refuse("\"a1 b1\"~3", "~3", "near each other", "a NEAR/3 b");
    refuse("a1!(b1)", "a1!", "another product", "`a1*`");
    refuse("a1 NEAR/x b1", "NEAR/x", "from 1 to 1000", "");
    refuse("ATLEAST/5000 a1", "ATLEAST/5000", "from 1 to 1000", "");
    refuse("a1 NEAR/5 NOT b1", "NOT", "no place", "outside");
    refuse(
        "a1 NEAR/5 lang:en",
        "lang:en",
        "not part of the text",
        "AND",
    );
    refuse(
        "a1 NEAR/5 title:(NOT b1)",
        "title:(NOT b1)",
        "no place",
        "outside",
    );
    refuse(
        "a1 NEAR/5 (b1 OR NOT c1)",
        "(b1 OR NOT c1)",
        "no place",
        "outside",
    );
}

#[test]
fn words_that_say_nothing_are_refused() {
    refuse("NOT sport", "NOT sport", "must not say", "add what");
    refuse("-sport OR war", "-sport OR war", "must not say", "");
    refuse("* war", "*", "nearly every word", "two letters");
    refuse("n* war", "n*", "nearly every word", "two letters");
    refuse("& war", "&", "no letters", "write AND");
    refuse("war || peace", "||", "no letters", "write OR");
    refuse("war !sport", "!", "does not begin", "NOT");
    refuse("war –sport", "–", "does not begin", "NOT");
    refuse("\"--\" war", "\"--\"", "no letters", "remove");
    refuse("=Turk* war", "=Turk*", "plain words", "");
}

#[test]
fn fields_numbers_and_names_are_checked() {
    refuse(
        "titel:war",
        "titel:",
        "no field `titel`",
        "did you mean `title`?",
    );
    refuse("language:en", "language:", "no field `language`", "`lang`");
    refuse("title:", "title:", "ends", "missing term");
    refuse("color:red", "color:", "no field `color`", "in quotes");
    refuse("3 OF(a1, b1)", "3 OF(", "3 of 2", "from 1 to 2");
    refuse("0 OF(a1, b1)", "0", "from 1 to 1000", "");
    refuse("a1, b1", ",", "`n OF(a, b)`", "OR");
    refuse("war^0", "^0", "weight", "nuclear^2");
    refuse("war^x", "^x", "weight", "nuclear^2");
    refuse("war^2x", "^2x", "weight", "nuclear^2");
    refuse("war^inf", "^inf", "weight", "nuclear^2");
    refuse("war^2^3", "^3", "weight already", "");
    refuse("@ war", "@", "name of an actor", "");
    refuse("@North war", "@North", "is not a name", "`@north`");
    refuse("#Topic!", "#Topic!", "is not a name", "`#topic`");
    refuse("war - peace", "-", "dash alone", "NOT");
}

#[test]
fn queries_are_bounded() {
    let deep = "(".repeat(100) + "a1" + &")".repeat(100);
    refuse(&deep, "(", "deep", "#");
    let chain = vec!["a1"; 100].join(" NEAR/2 ");
    refuse(&chain, "NEAR/2", "deep", "#");
    // A chain in parentheses at the left of a chain grows the tree like one long chain.
    let nested = (0..30).fold("a1".to_owned(), |left, _| {
        format!("({left}) PARA b1 PARA c1 PARA d1")
    });
    refuse(&nested, "PARA", "deep", "#");
    let long = vec!["a1"; 1_500].join(" ");
    refuse(&long, "a1", "more than 1000 terms", "topics");
    let huge = "a".repeat(20_000);
    refuse(&huge, &huge, "20000 bytes", "topics");
}

fn word() -> impl Strategy<Value = Word> {
    let folded = "[a-z]{2,6}[*]?".prop_map(|text| (text, WordForm::Folded));
    let exact = "[A-Z][a-z]{1,5}".prop_map(|text| (text, WordForm::Exact));
    let stem = "[a-z]{3,6}".prop_map(|text| (text, WordForm::Stem));
    prop_oneof![folded, exact, stem].prop_map(|(text, form)| Word { text, form })
}

/// Atoms that have places in the text, as proximity needs them.
fn leaf() -> impl Strategy<Value = Query> {
    let phrase = proptest::collection::vec("[a-z]{2,6}", 2..4).prop_map(|texts| {
        let words = texts.into_iter().map(|text| Word {
            text,
            form: WordForm::Folded,
        });
        Query::Phrase(words.collect())
    });
    let actor = ("[a-z]{2,6}", any::<bool>()).prop_map(|(id, strong)| Query::Actor {
        id: ActorId::new(&id).unwrap(),
        strong,
    });
    let topic = "[a-z]{2,6}".prop_map(|id| Query::Topic(TopicId::new(&id).unwrap()));
    prop_oneof![word().prop_map(Query::Word), phrase, actor, topic]
}

fn several(inner: impl Strategy<Value = Query>) -> impl Strategy<Value = Vec<Query>> {
    proptest::collection::vec(inner, 2..4)
}

fn weightless(query: &Query) -> bool {
    !matches!(query, Query::Weighted(..))
}

/// Legal queries, each with something that must be there.
fn query() -> impl Strategy<Value = Query> {
    leaf().prop_recursive(4, 32, 4, |inner| {
        let reach = prop_oneof![
            (1..9_u32).prop_map(Reach::Near),
            (1..9_u32).prop_map(Reach::Pre),
            Just(Reach::Sentence),
            Just(Reach::Paragraph),
        ];
        let sides = (reach, inner.clone(), inner.clone(), any::<bool>());
        let near = sides.prop_map(|(reach, left, right, apart)| {
            let (left, right) = (Box::new(left), Box::new(right));
            if apart {
                Query::Apart { reach, left, right }
            } else {
                Query::Proximity { reach, left, right }
            }
        });
        let without = (inner.clone(), leaf())
            .prop_map(|(must, not)| Query::And(vec![must, Query::Not(Box::new(not))]));
        prop_oneof![
            several(inner.clone()).prop_map(Query::And),
            several(inner.clone()).prop_map(Query::Or),
            near,
            without,
            inner
                .clone()
                .prop_map(|part| Query::In(Field::Title, Box::new(part))),
            (1..9_u32, inner.clone()).prop_map(|(n, part)| Query::AtLeast(n, Box::new(part))),
            (1..99_u32, inner.clone()).prop_map(|(n, part)| Query::First(n, Box::new(part))),
            several(inner.clone()).prop_map(|parts| Query::Of(2, parts)),
            (inner.prop_filter("has no weight", weightless), 1..9_u32).prop_map(
                |(part, weight)| Query::Weighted(Box::new(part), f64::from(weight) / 2.0)
            ),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_the_same(query in query()) {
        let printed = query.to_string();
        prop_assert_eq!(parse(&printed), Ok(query), "{}", printed);
    }

    #[test]
    fn the_bytes_of_each_clause_are_its_own(query in query()) {
        let text = query.to_string();
        let spans = clause_spans(&text).unwrap();
        let mut clauses = Vec::new();
        parts_first(&query, &mut clauses);
        prop_assert_eq!(spans.len(), clauses.len(), "{}", text);
        for (span, clause) in spans.into_iter().zip(clauses) {
            // A NOT by itself is no query.
            let part = format!("all {}", text.get(span).unwrap());
            if let Ok(part) = parse(&part) {
                let whole = match clause {
                    Query::And(parts) => parts.clone(),
                    other => vec![other.clone()],
                };
                let expected = [parse("all").unwrap()].into_iter().chain(whole).collect();
                prop_assert_eq!(part, Query::And(expected), "{}", &text);
            }
        }
        prop_assert_eq!(clause_spans(&text).unwrap().pop(), Some(0..text.len()));
    }

    #[test]
    fn nothing_that_is_written_is_fatal(text in "\\PC{0,40}") {
        sound_or_explained(&text)?;
    }

    #[test]
    fn signs_in_any_order_are_not_fatal(
        text in "[a-z @#=~^*?!()\",/:0-9ANDORTEFSLI“”–-]{0,60}"
    ) {
        sound_or_explained(&text)?;
    }

    #[test]
    fn pieces_in_any_order_are_not_fatal(pieces in proptest::collection::vec(piece(), 0..14)) {
        sound_or_explained(&pieces.concat())?;
    }
}

/// Every clause of a query, parts before the whole.
fn parts_first<'a>(query: &'a Query, clauses: &mut Vec<&'a Query>) {
    match query {
        Query::And(parts) | Query::Or(parts) | Query::Of(_, parts) => {
            for part in parts {
                parts_first(part, clauses);
            }
        }
        Query::Proximity { left, right, .. } | Query::Apart { left, right, .. } => {
            parts_first(left, clauses);
            parts_first(right, clauses);
        }
        Query::Not(part)
        | Query::In(_, part)
        | Query::AtLeast(_, part)
        | Query::First(_, part)
        | Query::Weighted(part, _) => parts_first(part, clauses),
        Query::Word(_) | Query::Phrase(_) | Query::Actor { .. } | Query::Topic(_) => {}
    }
    clauses.push(query);
}

fn piece() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec![
        "a1",
        "b1*",
        "=Us",
        "~run",
        "\"c1 d1\"",
        "“e1”",
        "@us",
        "@un!",
        "#war",
        " ",
        " ",
        " ",
        " AND ",
        " OR ",
        " NOT ",
        " -",
        " NEAR/3 ",
        " NOT ",
        " PRE/2 ",
        " SENTENCE ",
        " PARA ",
        "ATLEAST/2 ",
        "FIRST/9 ",
        "2 OF(",
        "title:",
        "lang:",
        "url:",
        "https://x.org:8/",
        "(",
        "(",
        ")",
        ")",
        ",",
        "^2",
        "^0.5",
        "10:30",
        "AND",
        "OF",
        "2",
    ])
}

/// A query that prints as itself, or a mistake with its place and its help.
fn sound_or_explained(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(query) => {
            let printed = query.to_string();
            prop_assert_eq!(parse(&printed), Ok(query), "{} from {}", printed, text);
        }
        Err(error) => {
            prop_assert!(text.get(error.span.clone()).is_some(), "{error:?}");
            prop_assert!(error.help.is_some(), "{error:?}");
        }
    }
    Ok(())
}
