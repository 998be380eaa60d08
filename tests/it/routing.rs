//! Which sinks an alert goes to: a row is routes, and what comes of them.

use std::sync::Arc;
use wirewatch::alert::{Alert, AlertId, FeedRef};
use wirewatch::article::{Article, ArticleId};
use wirewatch::feed::FeedId;
use wirewatch::matcher::{ActorMatch, Matches, TopicMatch};
use wirewatch::policy::route::{NowhereReason, Route, Verdict, plan};
use wirewatch::policy::selection::{Refusal, Selection};
use wirewatch::policy::{RouteName, SinkName};
use wirewatch::watchlist::{ActorKind, Salience, Severity};

/// An alert of severity `normal` from the feed `bbc-asia`, tagged `asia`, about
/// the topic `dprk` with the tag `proliferation`, if it has a topic, and the
/// actor `bolton`, if it has one.
fn alert(has_topic: bool, has_actor: bool) -> Alert {
    let topic = TopicMatch {
        id: "dprk".into(),
        name: "DPRK".into(),
        severity: Severity::Normal,
        tags: vec!["proliferation".into()].into(),
        score: 1.0,
        evidence: vec![],
    };
    let actor = ActorMatch {
        id: "bolton".into(),
        name: "John Bolton".into(),
        kind: ActorKind::Person,
        alert: true,
        mentions: 1,
        salience: Salience::Title,
        confidence: 1.0,
        evidence: vec![],
    };
    let feed = FeedId::new("bbc-asia").unwrap();
    let tags = vec!["asia".to_owned()];
    let now = jiff::Timestamp::UNIX_EPOCH;
    Alert {
        id: AlertId("a".into()),
        at: now,
        seen: now,
        severity: Severity::Normal,
        article: Article {
            id: ArticleId("a".into()),
            url: None,
            title: "Talks".into(),
            summary: String::new(),
            body: String::new(),
            published: None,
            language: None,
            authors: vec![],
            categories: vec![],
            source: "BBC".into(),
            feed: Some(feed.clone()),
            tags: tags.clone(),
        },
        feed: FeedRef {
            id: feed,
            title: "Asia".into(),
            url: "https://example.org/rss".into(),
            publisher: "BBC".into(),
            tags,
        },
        matches: Matches {
            topics: has_topic.then_some(topic).into_iter().collect(),
            actors: has_actor.then_some(actor).into_iter().collect(),
        },
    }
}

fn texts(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

fn sinks(words: &str) -> Vec<SinkName> {
    let names = words.split_whitespace();
    names.map(|name| SinkName::new(name).unwrap()).collect()
}

/// A route for everything that goes to these sinks and lets later routes try.
fn route(name: &str, to: &str) -> Route {
    Route {
        name: RouteName::new(name).unwrap(),
        selection: Selection::all(),
        severity: Severity::Info,
        sinks: sinks(to),
        next: true,
        rules: Arc::default(),
    }
}

/// A route to the sink `pager` for these topics and actors alone.
fn only(topics: &str, actors: &str) -> Route {
    only_of(Selection::of(Some(texts(topics)), Some(texts(actors))))
}

/// A route to the sink `pager` for these alerts alone.
fn only_of(selection: Selection) -> Route {
    Route {
        selection,
        ..route("only", "pager")
    }
}

/// `sink<route` for each sink, or the reason for none.
#[track_caller]
fn check(alert: &Alert, routes: &[Route], known: &str, expected: &str) {
    let plan = plan(alert, routes, &sinks(known));
    let chosen = plan.targets.iter().map(|target| match &target.route {
        Some((route, _)) => format!("{}<{route}", target.sink),
        None => target.sink.to_string(),
    });
    let told = match plan.nowhere {
        None => chosen.collect::<Vec<_>>().join(" "),
        Some(NowhereReason::NoSink) => "no sink".to_owned(),
        Some(NowhereReason::NoRoute) => "no route".to_owned(),
        Some(NowhereReason::Dropped) => "dropped".to_owned(),
    };
    assert_eq!(told, expected);
}

#[test]
fn without_routes_every_sink_gets_every_alert() {
    check(&alert(true, true), &[], "pager file", "pager file");
    check(&alert(true, true), &[], "", "no sink");
}

#[test]
fn a_route_passes_with_any_topic_or_actor_and_all_else() {
    let rows = [
        // Topics and actors are alternatives.
        (only("dprk", ""), true, true, true),
        (only("proliferation", ""), true, false, true),
        (only("", "bolton"), false, true, true),
        (only("dprk", "bolton"), true, false, true),
        (only("dprk", "bolton"), false, true, true),
        (only("other", "nobody"), true, true, false),
        (only("", ""), true, true, false),
        // All topics are still only topics.
        (only("*", ""), true, false, true),
        (only("*", ""), false, true, false),
        (only("", "*"), true, false, false),
        (only("other", "*"), true, true, true),
    ];
    for (route, has_topic, has_actor, passes) in rows {
        let expected = if passes { "pager<only" } else { "no route" };
        check(&alert(has_topic, has_actor), &[route], "pager", expected);
    }
}

#[test]
fn a_route_asks_for_its_feeds_and_severity_too() {
    let from = |feeds: &str| {
        only_of(Selection {
            feeds: texts(feeds),
            ..Selection::all()
        })
    };
    let by = |publisher: &str| {
        only_of(Selection {
            publishers: vec![publisher.to_owned()],
            ..Selection::all()
        })
    };
    let tagged = |tags: &str| {
        only_of(Selection {
            tags: texts(tags),
            ..Selection::all()
        })
    };
    let at_least = |severity| Route {
        severity,
        ..route("only", "pager")
    };
    let rows = [
        (from("bbc-asia"), "pager<only"),
        (from("other asia"), "pager<only"),
        (from("europe"), "no route"),
        (by("bbc"), "pager<only"),
        (by("BBC News"), "no route"),
        // Tags of topics and tags of feeds.
        (tagged("europe proliferation"), "pager<only"),
        (tagged("asia"), "pager<only"),
        (tagged("europe"), "no route"),
        (at_least(Severity::Normal), "pager<only"),
        (at_least(Severity::High), "no route"),
    ];
    for (route, expected) in rows {
        check(&alert(true, true), &[route], "pager", expected);
    }
}

#[test]
fn routes_are_tried_in_order_until_one_ends_it() {
    let last = |route: Route| Route {
        next: false,
        ..route
    };
    let alert = alert(true, true);
    let all = "pager file chat";
    let one_sink_twice = [route("a", "pager file"), route("b", "file chat")];
    check(&alert, &one_sink_twice, all, "pager<a file<a chat<b");
    let ended = [last(route("a", "pager")), route("b", "chat")];
    check(&alert, &ended, all, "pager<a");
    // What does not pass does not end it either.
    let passed_by = [last(only("other", "")), route("b", "chat")];
    check(&alert, &passed_by, all, "chat<b");
    let dropped = [last(route("a", "")), route("b", "chat")];
    check(&alert, &dropped, all, "dropped");
}

#[test]
fn each_route_says_what_it_did() {
    let last = Route {
        next: false,
        ..route("c", "pager")
    };
    let strict = Route {
        severity: Severity::Critical,
        ..only_of(Selection {
            feeds: texts("other"),
            ..Selection::all()
        })
    };
    let routes = [
        only("other", ""),
        strict,
        route("b", "pager file"),
        last,
        route("d", "chat"),
    ];
    let plan = plan(&alert(true, true), &routes, &sinks("pager file chat"));
    let verdicts: Vec<(&str, Verdict)> = plan
        .verdicts
        .iter()
        .map(|(route, verdict)| (route.as_str(), verdict.clone()))
        .collect();
    let expected = [
        ("only", Verdict::Refused(Refusal::TopicsAndActors)),
        ("only", Verdict::Refused(Refusal::Severity)),
        ("b", Verdict::Passed(sinks("pager file"))),
        // The sink is chosen already.
        ("c", Verdict::Passed(Vec::new())),
        ("d", Verdict::NotTried),
    ];
    assert_eq!(verdicts, expected);
}
