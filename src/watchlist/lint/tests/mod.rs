//! What is said about watchlists, and what is left alone: each lint on its case,
//! and silent on the nearest case that is sound.

mod names;
mod queries;
mod topics;

use crate::watchlist::query::{clause_spans, parse};
use crate::watchlist::{Actor, ActorId, ActorKind, Lint, Part, Place, Topic, TopicId, Watchlist};

fn actor(id: &str, name: &str, kind: ActorKind) -> Actor {
    Actor::new(ActorId::new(id).unwrap(), name, kind)
}

/// An actor that belongs to a group.
fn member(id: &str, name: &str, group: &str) -> Actor {
    Actor {
        member_of: vec![ActorId::new(group).unwrap()],
        ..actor(id, name, ActorKind::Person)
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn topic(id: &str, query: &str) -> Topic {
    Topic::new(TopicId::new(id).unwrap(), parse(query).unwrap())
}

/// The actors that the queries of these tests name.
fn cast() -> Vec<Actor> {
    vec![
        actor("us", "United States", ActorKind::Country),
        member("bolton", "John Bolton", "us"),
        actor("un-council", "UN Security Council", ActorKind::Organisation),
    ]
}

/// One line a lint: its kind, its key or, for a query, the clause, and what it says.
fn told(lint: &Lint, watchlist: &Watchlist) -> String {
    let key = match &lint.place {
        Place::Actor(id, key) => format!("actor.{id}.{key}"),
        Place::Topic(id, key) => format!("topic.{id}.{key}"),
    };
    let part = match (&lint.place, lint.part) {
        (_, Part::Whole) => String::new(),
        (_, Part::Item(index)) => format!("[{index}]"),
        (Place::Topic(id, key), Part::Clause(number)) => {
            let mut topics = watchlist.topics.iter();
            let topic = topics.find(|topic| topic.id == *id).unwrap();
            let query = match *key {
                "query" => topic.query.to_string(),
                _ => topic.unless.as_ref().unwrap().to_string(),
            };
            let span = clause_spans(&query).unwrap()[number].clone();
            format!("[{}]", query.get(span).unwrap())
        }
        (Place::Actor(..), Part::Clause(_)) => panic!("{lint:?}"),
    };
    assert!(!lint.help.is_empty(), "{lint:?}");
    format!("{:?} {key}{part}: {}", lint.kind, lint.message)
}

#[track_caller]
fn check_all(watchlist: &Watchlist, expected: &[&str]) {
    assert_eq!(watchlist.flaws(), []);
    let lints = watchlist.lints();
    let told: Vec<String> = lints.iter().map(|lint| told(lint, watchlist)).collect();
    assert_eq!(told, expected);
}

/// Checks the lints of topics beside the cast.
#[track_caller]
fn check_topics(topics: Vec<Topic>, expected: &[&str]) {
    let actors = cast();
    check_all(&Watchlist { actors, topics }, expected);
}

/// Checks the lints of one query: the clause, and what is said of it.
#[track_caller]
fn check(query: &str, expected: &[(&str, &str)]) {
    let watchlist = Watchlist {
        actors: cast(),
        topics: vec![topic("t", query)],
    };
    let lints = watchlist.lints();
    let told: Vec<String> = lints.iter().map(|lint| told(lint, &watchlist)).collect();
    let expected: Vec<String> = expected
        .iter()
        .map(|(kind, told)| format!("{kind} topic.t.query{told}"))
        .collect();
    assert_eq!(told, expected, "of {query}");
}

#[track_caller]
fn silent(query: &str) {
    check(query, &[]);
}
