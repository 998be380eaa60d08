//! What `check` says of queries is so: a clause that never matches can be taken
//! for a word that nobody says, and one that changes nothing can be left out,
//! and every article matches as before.

use proptest::prelude::*;
use proptest::sample::select;
use wirewatch::article::{Article, Input};
use wirewatch::matcher::Matcher;
use wirewatch::text::Field;
use wirewatch::watchlist::query::{Query, Reach, Word, WordForm, parse};
use wirewatch::watchlist::{
    Actor, ActorId, ActorKind, Lint, LintKind, Part, Place, Salience, Topic, TopicId, Watchlist,
};

/// Words that have to do with each other: beginnings, parts, joined words.
const WORDS: [&str; 12] = [
    "war", "wars", "war*", "wa?", "peace", "pe-ace", "title", "us", "john", "bolton", "ki", "말",
];

/// Texts that say some of them, close to each other.
const TEXTS: [&str; 14] = [
    "war",
    "wars",
    "War",
    "peace",
    "pe-ace",
    "Peace",
    "title",
    "John Bolton",
    "Bolton",
    "United States",
    "US",
    "us",
    "말전쟁",
    ".",
];

fn word() -> impl Strategy<Value = Query> {
    let form = select(vec![
        WordForm::Folded,
        WordForm::Folded,
        WordForm::Exact,
        WordForm::Stem,
    ]);
    (select(&WORDS[..]), form, any::<bool>()).prop_map(|(text, form, capital)| {
        let wild = text.contains(['*', '?']);
        let text = if capital {
            text.replacen('w', "W", 1)
        } else {
            text.to_owned()
        };
        Query::Word(Word {
            text,
            form: if wild { WordForm::Folded } else { form },
        })
    })
}

fn leaf() -> impl Strategy<Value = Query> {
    let phrase = prop::collection::vec(select(&WORDS[..]), 1..4).prop_map(|words| {
        let word = |text: &str| Word {
            text: text.to_owned(),
            form: WordForm::Folded,
        };
        Query::Phrase(words.into_iter().map(word).collect())
    });
    let actor = (select(vec!["us", "bolton", "john"]), any::<bool>()).prop_map(|(id, strong)| {
        Query::Actor {
            id: ActorId::new(id).unwrap(),
            strong,
        }
    });
    let language = select(vec!["en", "de", "english"]).prop_map(|code| {
        let word = Word {
            text: code.to_owned(),
            form: WordForm::Folded,
        };
        Query::In(Field::Language, Box::new(Query::Word(word)))
    });
    let topic = Just(Query::Topic(TopicId::new("base").unwrap()));
    prop_oneof![6 => word(), 2 => phrase, 2 => actor, 1 => language, 1 => topic]
}

fn query() -> impl Strategy<Value = Query> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 2..4);
        let boxed = inner.clone().prop_map(Box::new);
        let reach = select(vec![
            Reach::Near(1),
            Reach::Near(4),
            Reach::Pre(1),
            Reach::Pre(3),
            Reach::Sentence,
            Reach::Paragraph,
        ]);
        let near = (reach, boxed.clone(), boxed.clone())
            .prop_map(|(reach, left, right)| Query::Proximity { reach, left, right });
        let field = select(vec![Field::Title, Field::Body, Field::Author]);
        prop_oneof![
            4 => several().prop_map(Query::And),
            4 => several().prop_map(Query::Or),
            3 => near,
            3 => boxed.clone().prop_map(Query::Not),
            1 => (field, boxed.clone()).prop_map(|(field, part)| Query::In(field, part)),
            1 => (1..4_u32, boxed.clone()).prop_map(|(n, part)| Query::AtLeast(n, part)),
            1 => (1..4_u32, boxed.clone()).prop_map(|(n, part)| Query::First(n, part)),
            1 => (select(vec![0.5, 2.0]), boxed)
                .prop_map(|(weight, part)| Query::Weighted(part, weight)),
            1 => (1..3_u32, several()).prop_map(|(n, parts)| Query::Of(n, parts)),
        ]
    })
}

fn article() -> impl Strategy<Value = Article> {
    let text = |most| prop::collection::vec(select(&TEXTS[..]), 0..most);
    let language = select(vec![None, Some("en"), Some("de")]);
    (text(4), text(9), language).prop_map(|(title, body, language)| {
        let input = Input {
            language: language.map(str::to_owned),
            body: body.join(" "),
            ..Input::from_text("")
        };
        Input {
            title: title.join(" "),
            ..input
        }
        .into_article(0)
    })
}

/// A topic with demands of its own, and whether another compares its places.
fn topic() -> impl Strategy<Value = (Topic, bool)> {
    let unless = prop::option::weighted(0.3, query());
    let salience = select(vec![
        Salience::Body,
        Salience::Body,
        Salience::Lead,
        Salience::Title,
    ]);
    let threshold = select(vec![0.0, 0.0, 0.0, 0.5, 1.5]);
    let topic = (query(), unless, salience, threshold, any::<bool>());
    topic.prop_filter_map(
        "asks for nothing",
        |(query, unless, salience, threshold, used)| {
            // What is refused is not written.
            let written = |query: Query| parse(&query.to_string()).ok();
            let topic = Topic {
                unless: unless.and_then(written),
                salience,
                threshold,
                ..Topic::new(TopicId::new("t").unwrap(), written(query)?)
            };
            Some((topic, used))
        },
    )
}

fn watchlist(topic: Topic, used: bool) -> Watchlist {
    let actor = |id: &str, name: &str, kind| Actor::new(ActorId::new(id).unwrap(), name, kind);
    let us = Actor {
        acronyms: vec!["US".to_owned()],
        ..actor("us", "United States", ActorKind::Country)
    };
    let bolton = Actor {
        member_of: vec![us.id.clone()],
        ..actor("bolton", "John Bolton", ActorKind::Person)
    };
    let other = |id: &str, query| Topic::new(TopicId::new(id).unwrap(), parse(query).unwrap());
    let mut topics = vec![other("base", "peace NOT wars"), topic];
    if used {
        topics.push(other("user", "#t NEAR/3 peace"));
    }
    Watchlist {
        actors: vec![us, bolton, actor("john", "John", ActorKind::Person)],
        topics,
    }
}

/// What is done to a clause that a lint is about.
#[derive(Clone, Copy)]
enum Change {
    /// It is left out.
    Drop,
    /// Its only part stands in its place.
    Unwrap,
    /// A word that nobody says stands in its place.
    Silence,
}

/// A query with the clause of this number changed; none if nothing is left.
fn changed(query: &Query, number: usize, change: Change, next: &mut usize) -> Option<Query> {
    let mut one = |part: &Query| changed(part, number, change, next).map(Box::new);
    let made = match query {
        Query::And(parts) | Query::Or(parts) | Query::Of(_, parts) => {
            let mut kept: Vec<Query> = parts
                .iter()
                .filter_map(|part| changed(part, number, change, next))
                .collect();
            match (query, kept.len()) {
                (_, 0) => None,
                (Query::Of(count, _), _) => Some(Query::Of(*count, kept)),
                (_, 1) => kept.pop(),
                (Query::And(_), _) => Some(Query::And(kept)),
                _ => Some(Query::Or(kept)),
            }
        }
        Query::Proximity { reach, left, right } => {
            let (left, right) = (one(left), one(right));
            left.zip(right).map(|(left, right)| Query::Proximity {
                reach: *reach,
                left,
                right,
            })
        }
        Query::Not(part) => one(part).map(Query::Not),
        Query::In(field, part) => one(part).map(|part| Query::In(*field, part)),
        Query::AtLeast(count, part) => one(part).map(|part| Query::AtLeast(*count, part)),
        Query::First(count, part) => one(part).map(|part| Query::First(*count, part)),
        Query::Weighted(part, weight) => one(part).map(|part| Query::Weighted(part, *weight)),
        leaf => Some(leaf.clone()),
    };
    let this = *next == number;
    *next += 1;
    if !this {
        return made;
    }
    match (change, made?) {
        (Change::Drop, _) => None,
        (Change::Unwrap, Query::In(_, part) | Query::AtLeast(_, part)) => Some(*part),
        (Change::Unwrap, other) => panic!("{other}"),
        (Change::Silence, _) => Some(parse("zyzzyva").unwrap()),
    }
}

/// What may be done to the clause of a lint so that nothing else changes.
fn change_of(lint: &Lint) -> Option<Change> {
    match lint.kind {
        LintKind::NeverMatches => Some(Change::Silence),
        LintKind::ChangesNothing if lint.message.starts_with("ATLEAST/1 ") => Some(Change::Unwrap),
        LintKind::ChangesNothing if lint.message.ends_with("hold instead") => Some(Change::Unwrap),
        LintKind::ChangesNothing if lint.message.contains("counts as two") => None,
        LintKind::ChangesNothing if lint.message.ends_with("in the score") => None,
        LintKind::ChangesNothing if lint.message.starts_with("either ") => None,
        LintKind::ChangesNothing => Some(Change::Drop),
        _ => None,
    }
}

fn found(watchlist: &Watchlist, articles: &[Article]) -> Vec<Vec<String>> {
    let matcher = Matcher::compile(watchlist).unwrap();
    let topics = |article| matcher.matches(article).topics;
    articles
        .iter()
        .map(|article| {
            topics(article)
                .into_iter()
                .map(|topic| topic.id.into_owned())
                .collect()
        })
        .collect()
}

/// A topic without what a lint says is void; none if nothing else is in it.
fn mended(topic: &Topic, lint: &Lint) -> Option<Topic> {
    let (Part::Clause(number), Some(change)) = (lint.part, change_of(lint)) else {
        return None;
    };
    let mended = topic.clone();
    match &lint.place {
        Place::Topic(_, "query") => Some(Topic {
            query: changed(&topic.query, number, change, &mut 0)?,
            ..mended
        }),
        // Where it never leaves anything, there is nothing to mend.
        _ if lint.kind == LintKind::NeverMatches && lint.message.starts_with("`unless`") => None,
        _ => Some(Topic {
            unless: changed(topic.unless.as_ref()?, number, change, &mut 0),
            ..mended
        }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn what_is_said_of_a_query_is_so(
        (topic, used) in topic(),
        articles in prop::collection::vec(article(), 20),
    ) {
        let before = watchlist(topic.clone(), used);
        let lints = before.lints();
        if lints.is_empty() {
            return Ok(());
        }
        let expected = found(&before, &articles);
        let matches = expected.iter().flatten().any(|id| id == topic.id.as_str());
        for lint in &lints {
            if let Some(topic) = mended(&topic, lint) {
                let after = watchlist(topic, used);
                prop_assert_eq!(
                    &found(&after, &articles), &expected,
                    "{:?}: {:?} instead of {:?}", lint, after.topics[1], before.topics[1]
                );
            }
            let never = lint.kind == LintKind::OutOfReach
                || lint.kind == LintKind::NeverMatches && lint.message.starts_with("`unless`");
            prop_assert!(!(never && matches), "{:?} of {:?}", lint, before.topics[1]);
        }
    }
}
