//! Clauses that never match, and clauses that change nothing.

use super::{check, check_topics, silent, topic};
use crate::watchlist::{Salience, Topic, query};

const NEVER: &str = "NeverMatches";
const NOTHING: &str = "ChangesNothing";

#[test]
fn what_contradicts_itself_never_matches() {
    let rows = [
        (
            "war NOT war",
            "[NOT war]: `NOT war` never holds where `war` does, as it must here",
        ),
        (
            "War NOT wár",
            "[NOT wár]: `NOT wár` never holds where `War` does, as it must here",
        ),
        (
            "NOT war war",
            "[war]: `war` never holds where `NOT war` does, as it must here",
        ),
        (
            "war NOT (war OR peace)",
            "[NOT (war OR peace)]: `NOT (war OR peace)` never holds where `war` does, as it must here",
        ),
        (
            "(war NEAR/3 peace) NOT war",
            "[NOT war]: `NOT war` never holds where `war NEAR/3 peace` does, as it must here",
        ),
        (
            "weapons NOT weapon*",
            "[NOT weapon*]: `NOT weapon*` never holds where `weapons` does, as it must here",
        ),
        (
            "\"nuclear weapon\" NOT weapon",
            "[NOT weapon]: `NOT weapon` never holds where `\"nuclear weapon\"` does, as it must here",
        ),
        (
            "title:war NOT war",
            "[NOT war]: `NOT war` never holds where `title:war` does, as it must here",
        ),
        (
            "@bolton NOT @us",
            "[NOT @us]: `NOT @us` never holds where `@bolton` does, as it must here",
        ),
        (
            "@us! NOT @us",
            "[NOT @us]: `NOT @us` never holds where `@us!` does, as it must here",
        ),
        (
            "war (peace OR (treaty NOT war))",
            "[treaty AND NOT war]: `treaty AND NOT war` never holds where `war` does, as it must here",
        ),
        (
            "war lang:en lang:de",
            "[lang:de]: `lang:de` never holds where `lang:en` does, as it must here",
        ),
        (
            "war AND lang:(en AND de)",
            "[de]: `de` never holds where `en` does, as it must here",
        ),
        (
            "war (NOT war OR peace)",
            "[NOT war]: `NOT war` never holds where `war` does, as it must here",
        ),
    ];
    for (text, expected) in rows {
        check(text, &[(NEVER, expected)]);
    }
    for text in [
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
    ] {
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
    let rows = [
        ("war war", "[war]: `war` is asked for twice"),
        ("war (peace war)", "[war]: `war` is asked for twice"),
        (
            "war OR War",
            "[War]: `War` is given as an alternative twice",
        ),
        (
            "war OR \"war\"",
            "[\"war\"]: `\"war\"` is given as an alternative twice",
        ),
        (
            "co-operation OR co‐operation",
            "[co‐operation]: `co‐operation` is given as an alternative twice",
        ),
        (
            "weapon OR weapon*",
            "[weapon]: `weapon` changes nothing: `weapon*` holds wherever it does",
        ),
        (
            "weap* OR peace OR weapon*",
            "[weapon*]: `weapon*` changes nothing: `weap*` holds wherever it does",
        ),
        (
            "=Turkey OR turkey",
            "[=Turkey]: `=Turkey` changes nothing: `turkey` holds wherever it does",
        ),
        (
            "title:war OR war",
            "[title:war]: `title:war` changes nothing: `war` holds wherever it does",
        ),
        (
            "war OR (war AND peace)",
            "[war AND peace]: `war AND peace` changes nothing: `war` holds wherever it does",
        ),
        (
            "nuclear OR \"nuclear weapon\"",
            "[\"nuclear weapon\"]: `\"nuclear weapon\"` changes nothing: `nuclear` holds wherever it does",
        ),
        (
            "war (war OR peace)",
            "[war OR peace]: `war OR peace` changes nothing: it holds wherever `war` does, which must hold too",
        ),
        (
            "nuclear (nuclear NEAR/5 weapon)",
            "[nuclear]: `nuclear` changes nothing: it holds wherever `nuclear NEAR/5 weapon` does, which must hold too",
        ),
        (
            "(war NEAR/3 peace) OR (peace NEAR/5 war)",
            "[war NEAR/3 peace]: `war NEAR/3 peace` changes nothing: `peace NEAR/5 war` holds wherever it does",
        ),
        (
            "(war PRE/3 peace) OR (peace NEAR/3 war)",
            "[war PRE/3 peace]: `war PRE/3 peace` changes nothing: `peace NEAR/3 war` holds wherever it does",
        ),
        (
            "@us OR @bolton",
            "[@bolton]: `@bolton` changes nothing: `@us` holds wherever it does",
        ),
        (
            "@bolton! OR @bolton",
            "[@bolton!]: `@bolton!` changes nothing: `@bolton` holds wherever it does",
        ),
        (
            "FIRST/50 war OR FIRST/20 war",
            "[FIRST/20 war]: `FIRST/20 war` changes nothing: `FIRST/50 war` holds wherever it does",
        ),
        (
            "ATLEAST/3 war OR ATLEAST/2 war",
            "[ATLEAST/3 war]: `ATLEAST/3 war` changes nothing: `ATLEAST/2 war` holds wherever it does",
        ),
        (
            "war NOT sport NOT (sport film)",
            "[NOT (sport AND film)]: `NOT (sport AND film)` changes nothing: it holds wherever `NOT sport` does, which must hold too",
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
        (
            "(weapon OR weapon*) NEAR/5 nuclear",
            "[weapon]: `weapon` changes nothing: `weapon*` holds wherever it does",
        ),
    ];
    for (text, expected) in rows {
        check(text, &[(NOTHING, expected)]);
    }
    for text in [
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
    ] {
        silent(text);
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
        vec![with("war OR war", Salience::Title, 0.5)],
        &["ChangesNothing topic.t.query[war]: `war` is given as an alternative twice"],
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
