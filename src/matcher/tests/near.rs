//! What nearly matches: half of a query, or a doubtful name.

use super::super::Matcher;
use crate::article::Input;
use crate::watchlist::{Actor, ActorId, ActorKind, Topic, TopicId, Watchlist, query};

#[track_caller]
fn is_near(text: &str, topics: &[&str], actors: Vec<Actor>) -> bool {
    let topics = topics.iter().zip(0..).map(|(text, number)| {
        let id = TopicId::new(&format!("t{number}")).unwrap();
        Topic::new(id, query::parse(text).unwrap())
    });
    let watchlist = Watchlist {
        topics: topics.collect(),
        actors,
    };
    let matcher = Matcher::compile(&watchlist).unwrap();
    matcher.nearly(&Input::from_text(text).into_article(0))
}

#[test]
fn half_of_a_query_is_near() {
    let rows = [
        ("talks AND nuclear", "Talks go on.", true),
        ("talks AND nuclear", "A cat show opens.", false),
        ("talks AND nuclear AND pact", "Talks go on.", false),
        ("talks AND nuclear AND pact", "Talks on a pact.", true),
        ("talks OR (nuclear AND pact)", "A pact.", true),
        (
            "talks NEAR/2 nuclear",
            "Talks go on and on, says the nuclear agency.",
            true,
        ),
        (
            "talks AND (nuclear NEAR/5 (weapon OR crisis))",
            "A nuclear plant.",
            false,
        ),
        // What is ruled out speaks neither for nor against.
        ("talks AND NOT nuclear", "A cat show opens.", false),
        ("talks -show", "A cat show opens.", false),
        ("2 OF(talks, nuclear, pact)", "A pact.", true),
        ("3 OF(talks, nuclear, pact)", "A pact.", false),
        ("ATLEAST/3 talks", "Talks.", true),
        ("title:talks AND body:nuclear", "Talks.", true),
        ("(talks AND nuclear)^2", "A nuclear plant.", true),
    ];
    for (text, article, expect) in rows {
        assert_eq!(
            is_near(article, &[text], vec![]),
            expect,
            "{text} in {article}"
        );
    }
    // Through other topics, each asked once.
    assert!(is_near(
        "Talks.",
        &["talks AND pact", "#t0 AND #t0"],
        vec![]
    ));
    assert!(!is_near(
        "A cat.",
        &["talks AND pact", "#t0 OR #t0"],
        vec![]
    ));
}

#[test]
fn a_doubtful_name_of_somebody_who_is_alerted_is_near() {
    let actor = |alert| {
        let id = ActorId::new("council").unwrap();
        let mut actor = Actor::new(id, "UN Security Council", ActorKind::Organisation);
        actor.weak = vec!["Security Council".into()];
        actor.context = vec!["resolution".into()];
        actor.alert = alert;
        actor
    };
    let text = "The Security Council meets.";
    assert!(is_near(text, &[], vec![actor(true)]));
    assert!(!is_near(text, &[], vec![actor(false)]));
    assert!(!is_near("Security is tight.", &[], vec![actor(true)]));
    // A building block is what a topic has of it.
    assert!(is_near(
        "UN Security Council",
        &["@council AND talks"],
        vec![actor(false)]
    ));
}
