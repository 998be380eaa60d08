//! What an explanation says, and that it never contradicts the matcher.

use super::{Clause, Explainer, TopicExplanation, TopicVerdict};
use crate::article::{Article, Input};
use crate::matcher::Matcher;
use crate::watchlist::{Actor, ActorId, ActorKind, Salience, Topic, TopicId, Watchlist, query};
use proptest::prelude::*;

fn topic(text: &str) -> Topic {
    Topic::new(TopicId::new("t").unwrap(), query::parse(text).unwrap())
}

fn article(text: &str) -> Article {
    Input::from_text(text).into_article(0)
}

fn explain(topic: &Topic, text: &str) -> TopicExplanation {
    let watchlist = Watchlist {
        actors: vec![],
        topics: vec![topic.clone()],
    };
    let explainer = Explainer::new(&watchlist, &[topic]).unwrap();
    explainer.explain(&article(text)).remove(0)
}

/// The clause tree on lines: what holds has a `+`, what fails a `-`.
fn tree(clause: &Clause) -> Vec<String> {
    let mark = if clause.holds { '+' } else { '-' };
    let parts = clause
        .parts
        .iter()
        .flat_map(tree)
        .map(|line| format!("  {line}"));
    std::iter::once(format!("{mark} {}", clause.text))
        .chain(parts)
        .collect()
}

#[test]
fn the_first_clause_that_fails_is_named() {
    let rows = [
        ("talks AND nuclear", "Talks go on.", "nuclear", None),
        (
            "talks AND (pact OR treaty)",
            "Talks go on.",
            "pact OR treaty",
            None,
        ),
        (
            "talks AND (nuclear NEAR/2 weapon)",
            "Talks: nuclear arms, and one old weapon.",
            "nuclear NEAR/2 weapon",
            Some("within 8 words"),
        ),
        (
            "nuclear PRE/3 weapon",
            "A weapon, nuclear.",
            "nuclear PRE/3 weapon",
            Some("in the other order"),
        ),
        (
            "talks SENTENCE pact",
            "Talks go on. A pact is near.",
            "talks SENTENCE pact",
            Some("in one paragraph"),
        ),
        ("talks AND NOT pact", "Talks on a pact.", "NOT pact", None),
        (
            "title:talks AND pact",
            "Pact.\n\nTalks.",
            "title:talks",
            None,
        ),
        (
            "2 OF(talks, pact, treaty)",
            "Talks.",
            "2 OF(talks, pact, treaty)",
            None,
        ),
        ("ATLEAST/2 talks", "Talks.", "ATLEAST/2 talks", None),
    ];
    for (query, text, clause, nearly) in rows {
        let expected = TopicVerdict::Fails {
            clause: clause.to_owned(),
            nearly: nearly.map(str::to_owned),
        };
        assert_eq!(
            explain(&topic(query), text).verdict,
            expected,
            "{query} in {text}"
        );
    }
}

#[test]
fn what_a_topic_asks_for_beside_its_query_is_a_reason() {
    let mut ruled_out = topic("talks");
    ruled_out.unless = Some(query::parse("sports").unwrap());
    assert_eq!(
        explain(&ruled_out, "Sports talks.").verdict,
        TopicVerdict::RuledOut
    );
    assert_eq!(explain(&ruled_out, "Talks.").verdict, TopicVerdict::Matches);
    let mut strong = topic("talks");
    strong.threshold = 99.0;
    let explained = explain(&strong, "Talks.");
    assert_eq!(explained.verdict, TopicVerdict::Score { threshold: 99.0 });
    assert!(explained.score > 0.0, "{explained:?}");
    let mut prominent = topic("talks");
    prominent.salience = Salience::Title;
    let far_down = format!("Title\n\n{}talks", "word ".repeat(100));
    let asked = Salience::Title;
    assert_eq!(
        explain(&prominent, &far_down).verdict,
        TopicVerdict::Salience { asked }
    );
}

#[test]
fn every_clause_is_shown_with_what_it_found() {
    let topic = topic("talks AND (nuclear NEAR/2 weapon OR title:pact) AND NOT sports");
    let explained = explain(&topic, "On arms\n\nTalks on a nuclear weapon.");
    assert_eq!(
        tree(&explained.query),
        [
            "+ talks AND (nuclear NEAR/2 weapon OR title:pact) AND NOT sports",
            "  + talks",
            "  + nuclear NEAR/2 weapon OR title:pact",
            "    + nuclear NEAR/2 weapon",
            "      + nuclear",
            "      + weapon",
            "    - title:pact",
            "  + NOT sports",
            "    - sports",
        ]
    );
    assert_eq!(explained.query.parts[0].evidence[0].quote, "Talks");
}

#[test]
fn a_name_that_does_not_count_is_shown() {
    let id = ActorId::new("un").unwrap();
    let mut actor = Actor::new(id, "United Nations", ActorKind::Organisation);
    actor.weak = vec!["Security Council".to_owned()];
    actor.context = vec!["veto".to_owned()];
    let watchlist = Watchlist {
        actors: vec![actor],
        topics: vec![],
    };
    let matcher = Matcher::compile(&watchlist).unwrap();
    let doubtful = matcher.explain_actors(&article("They told the Security Council."));
    assert!(doubtful[0].found.is_none(), "{doubtful:?}");
    assert_eq!(doubtful[0].doubtful[0].quote, "Security Council");
    let counted = matcher.explain_actors(&article("A veto in the Security Council."));
    assert!(
        counted[0].found.is_some() && counted[0].doubtful.is_empty(),
        "{counted:?}"
    );
}

const WORDS: [&str; 4] = ["talks", "nuclear", "pact", "seoul"];

fn queries() -> impl Strategy<Value = String> {
    let word = prop::sample::select(WORDS.as_slice()).prop_map(str::to_owned);
    word.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} AND {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} AND NOT {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(({a}) NEAR/2 ({b}))")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(({a}) NOT PRE/2 ({b}))")),
            inner.clone().prop_map(|a| format!("title:({a})")),
            inner.clone().prop_map(|a| format!("FIRST/3 ({a})")),
            inner.prop_map(|a| format!("ATLEAST/2 ({a})^2")),
        ]
    })
}

fn texts() -> impl Strategy<Value = String> {
    let words = ["talks", "nuclear", "pact", "Seoul", "and", "rain.", "\n\n"];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..25)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn an_explanation_says_what_the_matcher_decides(
        query in queries(), unless in prop::option::of(queries()), text in texts(),
        threshold in 0.0..2.0_f64, salience in 0..3_usize,
    ) {
        let Ok(query) = query::parse(&query) else { return Ok(()) };
        let mut topic = Topic::new(TopicId::new("t").unwrap(), query);
        topic.unless = unless.and_then(|unless| query::parse(&unless).ok());
        topic.threshold = threshold;
        topic.salience = [Salience::Body, Salience::Lead, Salience::Title][salience];
        let watchlist = Watchlist { actors: vec![], topics: vec![topic.clone()] };
        let Ok(matcher) = Matcher::compile(&watchlist) else { return Ok(()) };
        let article = article(&text);
        let matches = !matcher.matches(&article).topics.is_empty();
        let explainer = Explainer::new(&watchlist, &[&topic]).unwrap();
        let explained = explainer.explain(&article).remove(0);
        prop_assert_eq!(explained.verdict == TopicVerdict::Matches, matches, "{:?}", explained);
    }
}
