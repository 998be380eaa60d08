//! Clauses that never match, and clauses that change nothing.

use super::{check, check_topics, silent, topic};
use crate::watchlist::{Salience, Topic, query};

const NEVER: &str = "NeverMatches";
const NOTHING: &str = "ChangesNothing";

/// A query, the clause that is wrong in it, and the one that it is so for.
type Row = (&'static str, &'static str, &'static str);

const CONTRADICTIONS: &[Row] = &[
    ("war NOT war", "NOT war", "war"),
    ("War NOT wár", "NOT wár", "War"),
    ("NOT war war", "war", "NOT war"),
    ("war NOT (war OR peace)", "NOT (war OR peace)", "war"),
    ("(war NEAR/3 peace) NOT war", "NOT war", "war NEAR/3 peace"),
    ("weapons NOT weapon*", "NOT weapon*", "weapons"),
    (
        "\"nuclear weapon\" NOT weapon",
        "NOT weapon",
        "\"nuclear weapon\"",
    ),
    ("title:war NOT war", "NOT war", "title:war"),
    ("@bolton NOT @us", "NOT @us", "@bolton"),
    ("@us! NOT @us", "NOT @us", "@us!"),
    (
        "war (peace OR (treaty NOT war))",
        "treaty AND NOT war",
        "war",
    ),
    ("war lang:en lang:de", "lang:de", "lang:en"),
    ("war AND lang:(en AND de)", "de", "en"),
    ("war (NOT war OR peace)", "NOT war", "war"),
];

const POSSIBLE: &[&str] = &[
    "war NOT peace",
    // A text may say both "weapons" and "weapon".
    "weapon* NOT weapon",
    "=War NOT =war",
    "weapon NOT \"nuclear weapon\"",
    "war NOT title:war",
    "title:war NOT body:war",
    "@us NOT @bolton",
    "@us NOT @us!",
    "war lang:en NOT lang:de",
    "war (lang:en OR lang:de)",
    "war (peace NEAR/5 talks) NOT (war NEAR/5 talks)",
    "~war NOT war",
    // Both may be found in the text, only not together in other articles.
    "ATLEAST/2 war NOT (ATLEAST/3 war)",
    "FIRST/50 war NOT (FIRST/20 war)",
];

/// Conditions that follow from others.
const CONDITIONS: &[Row] = &[
    ("war (war OR peace)", "war OR peace", "war"),
    (
        "nuclear (nuclear NEAR/5 weapon)",
        "nuclear",
        "nuclear NEAR/5 weapon",
    ),
    (
        "war NOT sport NOT (sport film)",
        "NOT (sport AND film)",
        "NOT sport",
    ),
];

/// Alternatives that others take in.
const ALTERNATIVES: &[Row] = &[
    ("weapon OR weapon*", "weapon", "weapon*"),
    ("weap* OR peace OR weapon*", "weapon*", "weap*"),
    ("=Turkey OR turkey", "=Turkey", "turkey"),
    ("title:war OR war", "title:war", "war"),
    ("war OR (war AND peace)", "war AND peace", "war"),
    (
        "nuclear OR \"nuclear weapon\"",
        "\"nuclear weapon\"",
        "nuclear",
    ),
    (
        "(war NEAR/3 peace) OR (peace NEAR/5 war)",
        "war NEAR/3 peace",
        "peace NEAR/5 war",
    ),
    (
        "(war PRE/3 peace) OR (peace NEAR/3 war)",
        "war PRE/3 peace",
        "peace NEAR/3 war",
    ),
    ("@us OR @bolton", "@bolton", "@us"),
    ("@bolton! OR @bolton", "@bolton!", "@bolton"),
    (
        "FIRST/50 war OR FIRST/20 war",
        "FIRST/20 war",
        "FIRST/50 war",
    ),
    (
        "ATLEAST/3 war OR ATLEAST/2 war",
        "ATLEAST/3 war",
        "ATLEAST/2 war",
    ),
    ("(weapon OR weapon*) NEAR/5 nuclear", "weapon", "weapon*"),
];

const OF_USE: &[&str] = &[
    "war OR peace",
    "weapon OR weapons",
    "weapon? OR weapon",
    "*weapon OR weapon*",
    "war OR ~war",
    "=War OR =WAR",
    "title:war OR body:war",
    "author:war OR war",
    "\"nuclear weapon\" OR \"weapon nuclear\"",
    "\"nuclear weapon\" OR weapons",
    // Joined, it is another word.
    "non-aggression OR aggression",
    "(war PRE/3 peace) OR (peace PRE/3 war)",
    "(war SENTENCE peace) OR (war NEAR/3 peace)",
    "@us! OR @bolton",
    "@un-council OR @bolton",
    // Each has places of its own beside what is near.
    "(war AND war*) NEAR/5 peace",
    "(war OR (war AND talks)) NEAR/5 peace",
    "ATLEAST/2 (war OR \"war crime\")",
    "talks AND (talks NEAR/5 war)^2",
    "war^2 OR (war peace)",
    "apple NOT (apple AND juice)",
    "2 OF(war, peace, talks)",
    "1 OF(war, peace)",
    "title:(war OR body:peace)",
    // In Hangul, a name may go on from the word before it.
    "\"대통령 김정은\" OR 김정은",
];

#[test]
fn what_contradicts_itself_never_matches() {
    for (text, clause, because) in CONTRADICTIONS {
        let told =
            format!("[{clause}]: `{clause}` never holds where `{because}` does, as it must here");
        check(text, &[(NEVER, &told)]);
    }
    for text in POSSIBLE {
        silent(text);
    }
}

#[test]
fn what_has_no_place_never_matches() {
    check(
        "title:war NEAR/5 body:peace",
        &[(
            NEVER,
            "[title:war NEAR/5 body:peace]: `title:war` and `body:peace` are never in one field, so they are never near each other",
        )],
    );
    check(
        "war AND author:@bolton",
        &[(
            NEVER,
            "[@bolton]: actors are looked for in title, summary and body, so `author:` never has `@bolton`",
        )],
    );
    check(
        "war lang:english",
        &[(NEVER, "[english]: `english` is not the code of a language")],
    );
    check(
        "war lang:en-GB",
        &[(NEVER, "[en-GB]: `en-GB` is not the code of a language")],
    );
    check(
        "FIRST/1 (war NEAR/5 peace)",
        &[(
            NEVER,
            "[war NEAR/5 peace]: `war` and `peace` have no room beside each other in so few first words",
        )],
    );
    check(
        "FIRST/2 (\"the war\" PRE/5 peace)",
        &[(
            NEVER,
            "[\"the war\" PRE/5 peace]: `\"the war\"` and `peace` have no room beside each other in so few first words",
        )],
    );
    check(
        "war AND lang:(ATLEAST/2 en)",
        &[(
            NEVER,
            "[ATLEAST/2 en]: an article has one language, never 2",
        )],
    );
    for text in [
        "title:war NEAR/5 title:peace",
        "title:war NEAR/5 peace",
        "(title:war OR body:war) NEAR/5 body:peace",
        "author:bolton AND title:@bolton",
        "war lang:en",
        "war lang:haw",
        "war lang:en?",
        "FIRST/2 (war NEAR/5 peace)",
        "FIRST/1 (war AND peace)",
        "FIRST/2 (\"the war\" NEAR/5 peace)",
        "(FIRST/1 war) NEAR/5 peace",
    ] {
        silent(text);
    }
}

#[test]
fn what_follows_changes_nothing() {
    for (text, clause, because) in CONDITIONS {
        let told = format!(
            "[{clause}]: `{clause}` changes nothing: it holds wherever `{because}` does, which must hold too"
        );
        check(text, &[(NOTHING, &told)]);
    }
    for (text, clause, because) in ALTERNATIVES {
        let told =
            format!("[{clause}]: `{clause}` changes nothing: `{because}` holds wherever it does");
        check(text, &[(NOTHING, &told)]);
    }
    for text in OF_USE {
        silent(text);
    }
}

#[test]
fn what_is_said_twice_or_of_nothing_changes_nothing() {
    let rows = [
        ("war war", "[war]: `war` stands here twice"),
        ("war (peace war)", "[war]: `war` stands here twice"),
        ("war OR War", "[War]: `War` stands here twice"),
        ("war OR \"war\"", "[\"war\"]: `\"war\"` stands here twice"),
        (
            "co-operation OR co‐operation",
            "[co‐operation]: `co‐operation` stands here twice",
        ),
        (
            "war (peace OR NOT peace)",
            "[NOT peace]: either `peace` or `NOT peace` always holds, so this asks for nothing",
        ),
        (
            "2 OF(war, peace, War)",
            "[War]: `War` counts as two of the 2: where it is found, `war` is found as well",
        ),
        (
            "2 OF(war, war)",
            "[war]: `war` counts as two of the 2: where it is found, `war` is found as well",
        ),
        (
            "2 OF(@us, @bolton, war)",
            "[@bolton]: `@bolton` counts as two of the 2: where it is found, `@us` is found as well",
        ),
        (
            "ATLEAST/1 war",
            "[ATLEAST/1 war]: ATLEAST/1 `war` says no more than `war`",
        ),
        (
            "title:(body:war)",
            "[title:body:war]: `title:` changes nothing: the fields named inside it hold instead",
        ),
    ];
    for (text, told) in rows {
        check(text, &[(NOTHING, told)]);
    }
}

#[test]
fn a_score_and_a_salience_count_what_truth_does_not() {
    let with = |query: &str, salience, threshold| Topic {
        salience,
        threshold,
        ..topic("t", query)
    };
    for text in ["war OR (war AND peace)", "nuclear (nuclear NEAR/5 weapon)"] {
        check_topics(vec![with(text, Salience::Lead, 0.0)], &[]);
        check_topics(vec![with(text, Salience::Body, 0.5)], &[]);
        // Another topic compares its places.
        check_topics(vec![topic("t", text), topic("u", "talks NEAR/5 #t")], &[]);
    }
    check_topics(vec![with("weapon OR weapon*", Salience::Body, 0.5)], &[]);
    check_topics(
        vec![with("weapon OR weapon*", Salience::Title, 0.0)],
        &[
            "ChangesNothing topic.t.query[weapon]: `weapon` changes nothing: `weapon*` holds wherever it does",
        ],
    );
    check_topics(
        vec![with("war OR war", Salience::Title, 0.0)],
        &["ChangesNothing topic.t.query[war]: `war` stands here twice"],
    );
}

#[test]
fn what_counts_in_a_score_is_said_to() {
    let scored = Topic {
        threshold: 0.5,
        ..topic("t", "war OR war")
    };
    check_topics(
        vec![scored],
        &[
            "ChangesNothing topic.t.query[war]: `war` stands here twice, and counts once in the score",
        ],
    );
}

#[test]
fn what_rules_a_topic_out_leaves_something_of_it() {
    let with = |text: &str, unless: &str| Topic {
        unless: Some(query::parse(unless).unwrap()),
        ..topic("t", text)
    };
    check_topics(
        vec![with("weapons AND trade", "weapon*")],
        &[
            "NeverMatches topic.t.unless[weapon*]: `unless` holds wherever the query does, so the topic never matches",
        ],
    );
    check_topics(
        vec![with("war NOT film", "film AND star")],
        &[
            "ChangesNothing topic.t.unless[film AND star]: `unless` never holds where the query does, so it rules nothing out",
        ],
    );
    check_topics(
        vec![with("war", "film OR film*")],
        &[
            "ChangesNothing topic.t.unless[film]: `film` changes nothing: `film*` holds wherever it does",
        ],
    );
    check_topics(vec![with("war", "\"war film\"")], &[]);
    check_topics(vec![with("war OR peace", "war")], &[]);
}

#[test]
fn a_large_query_is_compared_within_bounds() {
    let words: Vec<String> = (0..900).map(|n| format!("word{n}")).collect();
    silent(&words.join(" OR "));
    let deep = (0..30).fold("war".to_owned(), |text, n| {
        format!("(a{n} AND (b{n} OR {text}))")
    });
    silent(&deep);
}
