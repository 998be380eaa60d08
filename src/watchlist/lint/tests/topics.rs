//! Topics as wholes.

use super::{check, check_topics, silent, topic};
use crate::watchlist::{Salience, Topic};

#[test]
fn a_topic_asks_for_something() {
    const MUCH: (&str, &str) = (
        "MatchesMuch",
        ": the query asks for no word in particular, so it matches whatever an article is about",
    );
    for text in [
        "lang:en",
        "lang:en NOT sport",
        "lang:(en OR de)",
        "the",
        "the OR war",
        "*er*",
        "body:the NOT sport",
        "1 OF(lang:en, war)",
    ] {
        check(text, &[MUCH]);
    }
    for text in [
        "war",
        "the war",
        "lang:en war",
        "title:the",
        "=IT",
        "feed:bbc-asia",
        "tag:asia",
        "author:bickers",
        "*war*",
        "\"to be\"",
        "2 OF(lang:en, war, peace)",
    ] {
        silent(text);
    }
    check_topics(
        vec![
            topic("english", "lang:en war"),
            topic("also", "#english NOT sport"),
        ],
        &[],
    );
    check_topics(
        vec![topic("all", "lang:en"), topic("also", "#all NOT sport")],
        &[
            "MatchesMuch topic.all.query: the query asks for no word in particular, so it matches whatever an article is about",
            "MatchesMuch topic.also.query: the query asks for no word in particular, so it matches whatever an article is about",
        ],
    );
}

#[test]
fn operators_are_capitals() {
    const SMALL: &str = "SmallOperator";
    check(
        "nuclear or weapon",
        &[(
            SMALL,
            "[or]: `or` is a word here, which an article must say",
        )],
    );
    check(
        "title:(nuclear And weapon) OR war",
        &[(
            SMALL,
            "[And]: `and` is a word here, which an article must say",
        )],
    );
    check(
        "nuclear not weapon and war",
        &[
            (
                SMALL,
                "[not]: `not` is a word here, which an article must say",
            ),
            (
                SMALL,
                "[and]: `and` is a word here, which an article must say",
            ),
        ],
    );
    for text in [
        "nuclear \"or\" weapon",
        // French for gold.
        "or argent",
        "prix or",
        "nuclear =or weapon",
        "prix OR or OR argent",
    ] {
        silent(text);
    }
    let help = |text: &str| {
        let topics = vec![topic("t", text)];
        let watchlist = crate::watchlist::Watchlist {
            actors: vec![],
            topics,
        };
        watchlist.lints()[0].help.clone()
    };
    assert_eq!(
        help("nuclear or (arms NEAR/3 deal)"),
        "the operator is in capitals: `nuclear OR arms NEAR/3 deal`; the word goes in quotes: \"or\""
    );
    assert_eq!(
        help("nuclear not power"),
        "the operator is in capitals: `nuclear AND NOT power`; the word goes in quotes: \"not\""
    );
}

#[test]
fn demands_can_be_met() {
    let asking = |query: &str, salience, threshold| Topic {
        salience,
        threshold,
        ..topic("t", query)
    };
    let any = Salience::Body;
    check_topics(
        vec![asking("body:war OR summary:war", Salience::Title, 0.0)],
        &[
            "OutOfReach topic.t.salience: the query is found in `summary:` or `body:` only, never in the title",
        ],
    );
    check_topics(vec![asking("body:war OR peace", Salience::Title, 0.0)], &[]);
    check_topics(vec![asking("body:war", Salience::Lead, 0.0)], &[]);
    check_topics(
        vec![asking("war AND peace", any, 2.5)],
        &["OutOfReach topic.t.threshold: no article reaches this: the score is at most 2"],
    );
    check_topics(
        vec![asking("war^0.5 NOT film", any, 1.0)],
        &["OutOfReach topic.t.threshold: no article reaches this: the score is at most 0.5"],
    );
    // A word counts once, with the largest of its weights.
    check_topics(
        vec![asking("title:war^2 OR body:war OR @bolton", any, 3.5)],
        &["OutOfReach topic.t.threshold: no article reaches this: the score is at most 3"],
    );
    check_topics(vec![asking("war AND peace", any, 2.0)], &[]);
    check_topics(vec![asking("(war OR peace)^3", any, 6.0)], &[]);
    // Each member of a group has a score of its own.
    check_topics(vec![asking("@us", any, 1.5)], &[]);
    check_topics(
        vec![topic("both", "war OR peace"), asking("#both", any, 2.0)],
        &[],
    );
}

#[test]
fn a_topic_is_asked_for_once() {
    check_topics(
        vec![
            topic("one", "war (talks OR Peace)"),
            topic("two", "(peace OR talks) AND war"),
        ],
        &["SameTopic topic.two.query: this asks for just what the topic `one` asks for"],
    );
    let prominent = Topic {
        salience: Salience::Title,
        ..topic("two", "war")
    };
    check_topics(vec![topic("one", "war"), prominent], &[]);
}
