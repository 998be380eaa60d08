//! What can be wrong with a watchlist as a whole, where it is, and what helps.

use super::{Actor, ActorId, ActorKind, CHAIN_MAX, Flaw, Place, Topic, TopicId, Watchlist, query};

fn actor(id: &str, member_of: &[&str]) -> Actor {
    let name = |id: &str| ActorId::new(id).unwrap();
    Actor {
        member_of: member_of.iter().map(|group| name(group)).collect(),
        ..Actor::new(name(id), id, ActorKind::Person)
    }
}

fn topic(id: &str, text: &str, unless: Option<&str>) -> Topic {
    Topic {
        unless: unless.map(|text| query::parse(text).unwrap()),
        ..Topic::new(TopicId::new(id).unwrap(), query::parse(text).unwrap())
    }
}

/// One line a flaw: its place, the wrong part of the text, message and help.
#[track_caller]
fn check(actors: Vec<Actor>, topics: Vec<Topic>, expected: &[&str]) {
    let told = |flaw: Flaw| {
        let place = match flaw.place {
            Place::Actor(id, key) => format!("actor.{id}.{key}"),
            Place::Topic(id, key) => format!("topic.{id}.{key}"),
        };
        let text = flaw.text.unwrap_or_default();
        let help = flaw.help.unwrap_or_default();
        format!("{place} [{text}] {}: {help}", flaw.message)
    };
    let flaws = Watchlist { actors, topics }.flaws();
    let told: Vec<String> = flaws.into_iter().map(told).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_sound_watchlist_has_no_flaws() {
    let actors = vec![actor("bolton", &["us"]), actor("us", &[])];
    let topics = vec![
        topic("base", "@bolton NEAR/5 title:@us!", None),
        // Two ways to one topic are no circle.
        topic("left", "#base war", None),
        topic("right", "#base OR #left", Some("sport OR #left")),
    ];
    check(actors, topics, &[]);
}

#[test]
fn references_lead_somewhere() {
    let actors = vec![
        actor("john-bolton", &["north-corea"]),
        actor("north-korea", &[]),
    ];
    let topics = vec![topic(
        "talks",
        "title:(@jon-bolton! NEAR/5 talks) OR @bolton OR #tals",
        Some("2 OF(@nobody, sport)"),
    )];
    check(
        actors,
        topics,
        &[
            "actor.john-bolton.member_of [north-corea] there is no actor `north-corea`: did you mean `north-korea`?",
            "topic.talks.query [@jon-bolton] there is no actor `jon-bolton`: did you mean `john-bolton`?",
            "topic.talks.query [@bolton] there is no actor `bolton`: did you mean `john-bolton`?",
            "topic.talks.query [#tals] there is no topic `tals`: did you mean `talks`?",
            "topic.talks.unless [@nobody] there is no actor `nobody`: define it with `[actor.nobody]`",
        ],
    );
}

#[test]
fn names_are_given_once() {
    check(
        vec![actor("us", &[]), actor("us", &[])],
        vec![topic("war", "war", None), topic("war", "fight", None)],
        &[
            "actor.us.name [] there are two actors named `us`: rename one of them",
            "topic.war.name [] there are two topics named `war`: rename one of them",
        ],
    );
}

#[test]
fn nothing_contains_itself() {
    check(
        vec![
            actor("selfish", &["selfish"]),
            actor("c", &["a"]),
            actor("a", &["b"]),
            actor("b", &["c"]),
        ],
        vec![
            topic("mirror", "war #mirror", None),
            topic("one", "war", Some("#two")),
            topic("two", "peace OR (#three talks)", None),
            topic("three", "#one", None),
        ],
        &[
            "actor.a.member_of [b] actors are members of each other in a circle: a → b → c → a: remove one of these memberships",
            "actor.selfish.member_of [selfish] actors are members of each other in a circle: selfish → selfish: remove one of these memberships",
            "topic.mirror.query [#mirror] topics refer to each other in a circle: #mirror → #mirror: remove one of these references",
            "topic.one.unless [#two] topics refer to each other in a circle: #one → #two → #three → #one: remove one of these references",
        ],
    );
}

#[test]
fn a_long_line_of_members_is_walked_without_recursion() {
    let line = |n: usize| actor(&format!("a{n}"), &[&format!("a{}", n + 1)]);
    let mut actors: Vec<Actor> = (0..2_000).map(line).collect();
    actors.push(actor("a2000", &[]));
    check(actors, vec![], &[]);
}

#[test]
fn references_go_only_so_deep() {
    let line = |n: usize| topic(&format!("t{n}"), &format!("#t{} war", n - 1), None);
    let mut topics = vec![topic("t0", "war", None)];
    topics.extend((1..=CHAIN_MAX).map(line));
    check(vec![], topics.clone(), &[]);
    topics.extend((CHAIN_MAX + 1..3 * CHAIN_MAX).map(line));
    check(
        vec![],
        topics,
        &[
            "topic.t33.query [#t32] topic `t33` rests on a chain of more than 32 topics that refer to each other: write out the query of one of them",
        ],
    );
}
