//! What the matcher promises, as rows: a query or an actor, a text, what is found.

mod adaptive;
mod caps;
mod linear;
mod mentions;
mod near;
mod variants;

use super::glob::Globs;
use super::{Because, Evidence, Matcher, Matches};
use crate::article::{Article, ArticleId};
use crate::text::{Field, Fingerprint};
use crate::watchlist::query::{Query, Reach, Word, WordForm};
use crate::watchlist::{Actor, ActorId, ActorKind, Salience, Topic, TopicId, Watchlist, query};
use proptest::prelude::*;

fn article(title: &str, summary: &str, body: &str) -> Article {
    Article {
        id: ArticleId("test".into()),
        url: Some("https://news.example.org/world/korea-talks".into()),
        title: title.into(),
        summary: summary.into(),
        body: body.into(),
        published: None,
        language: Some("en".into()),
        authors: vec!["Amy Bickers".into()],
        categories: vec!["Asia".into()],
        source: "Voice of America".into(),
        feed: Some(crate::article::FeedId::new("voa-asia").unwrap()),
        tags: vec!["asia".into()],
    }
}

fn topic(id: &str, text: &str) -> Topic {
    let query = query::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    Topic::new(TopicId::new(id).unwrap(), query)
}

fn actor(id: &str, name: &str, kind: ActorKind) -> Actor {
    Actor::new(ActorId::new(id).unwrap(), name, kind)
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The actors of the rows below.
fn actors() -> Vec<Actor> {
    let mut bolton = actor("bolton", "John Bolton", ActorKind::Person);
    bolton.aliases = strings(&["John R. Bolton"]);
    bolton.titles = strings(&["undersecretary"]);
    bolton.unless = strings(&["Bolton Wanderers"]);
    bolton.member_of = vec![ActorId::new("us").unwrap()];
    let mut yoon = actor("yoon", "Yoon Young-kwan", ActorKind::Person);
    yoon.aliases = strings(&["Yoon Young Kwan"]);
    yoon.titles = strings(&["foreign minister"]);
    let ban = actor("ban", "Ban Ki-moon", ActorKind::Person);
    let leyen = actor("leyen", "Ursula von der Leyen", ActorKind::Person);
    let mut us = actor("us", "United States", ActorKind::Country);
    us.acronyms = strings(&["US", "U.S.", "USA"]);
    us.metonyms = strings(&["Washington"]);
    us.unless = strings(&["George Washington"]);
    let mut nk = actor("nk", "North Korea", ActorKind::Country);
    nk.metonyms = strings(&["P'yongyang", "Pyongyang"]);
    nk.demonyms = strings(&["North Korean"]);
    nk.aliases = strings(&["조선민주주의인민공화국", "北朝鮮"]);
    let mut apple = actor("apple", "Apple Inc", ActorKind::Organisation);
    apple.weak = strings(&["Apple"]);
    apple.context = strings(&["iPhone", "Cupertino"]);
    let post = actor("post", "Washington Post", ActorKind::Organisation);
    vec![bolton, yoon, ban, leyen, us, nk, apple, post]
}

fn run(topics: Vec<Topic>, article: &Article) -> Matches<'static> {
    let watchlist = Watchlist {
        actors: actors(),
        topics,
    };
    let matcher = Matcher::compile(&watchlist).unwrap();
    matcher.matches(article).into_owned()
}

/// Every quote is the text at its offsets.
#[track_caller]
fn sound(evidence: &[Evidence<'_>], article: &Article) {
    for piece in evidence {
        let values = article.values(piece.field);
        let slice = values
            .iter()
            .any(|value| value.get(piece.start..piece.end) == Some(&piece.quote));
        assert!(slice, "{piece:?}");
    }
}

#[track_caller]
fn check_query(text: &str, body: &str, expect: &[&str]) {
    let article = article("Talks in Seoul", "Envoys met.", body);
    let matches = run(vec![topic("t", text)], &article);
    let found = matches.topics.first();
    let quotes: Vec<&str> = found.map_or(vec![], |found| {
        sound(&found.evidence, &article);
        found.evidence.iter().map(|piece| &*piece.quote).collect()
    });
    assert_eq!(quotes, expect, "{text} in {body:?}");
    assert_eq!(found.is_some(), !expect.is_empty(), "{text} in {body:?}");
}

#[test]
fn words_and_phrases() {
    check_query("pact", "A pact. An impact.", &["pact"]);
    check_query("PACT", "The Pact", &["Pact"]);
    check_query("=Pact", "A pact, the Pact", &["Pact"]);
    check_query("=US", "between us and the US or the U.S.", &["US", "U.S."]);
    check_query(
        "weapon*",
        "weaponry, weapons, a weapon",
        &["weaponry", "weapons", "weapon"],
    );
    check_query("*waffen*", "Die Atomwaffenfrage", &["Atomwaffenfrage"]);
    check_query(
        "organi?ation",
        "organisation organization organiation",
        &["organisation", "organization"],
    );
    check_query(
        "~negotiate",
        "They negotiated; negotiating is hard.",
        &["negotiated", "negotiating"],
    );
    check_query(
        "\"security council\"",
        "The Security\nCouncil met",
        &["Security\nCouncil"],
    );
    check_query(
        "\"nuclear weapon*\"",
        "nuclear weapons and weapons",
        &["nuclear weapons"],
    );
    check_query(
        "\"non-aggression pact\"",
        "a non-aggression pact, a nonaggression pact, a non aggression pact",
        &[
            "non-aggression pact",
            "nonaggression pact",
            "non aggression pact",
        ],
    );
    check_query(
        "nonaggression",
        "a non-aggression pact",
        &["non-aggression"],
    );
    check_query("cafe", "the Café", &["Café"]);
    check_query("o'brien", "Mr. O’Brien and OBrien", &["O’Brien", "OBrien"]);
    check_query("北朝鮮", "今日、北朝鮮は", &["北朝鮮"]);
    check_query("absent", "nothing", &[]);
}

#[test]
fn operators() {
    check_query("a1 AND b1", "b1 then a1", &["b1", "a1"]);
    check_query("a1 AND b1", "a1 alone", &[]);
    check_query("a1 OR b1", "only b1", &["b1"]);
    check_query("a1 NOT b1", "a1", &["a1"]);
    check_query("a1 NOT b1", "a1 b1", &[]);
    check_query("a1 NEAR/3 b1", "a1 x x b1", &["a1", "b1"]);
    check_query("a1 NEAR/3 b1", "b1 x x a1 x x x x x a1", &["b1", "a1"]);
    check_query("a1 NEAR/3 b1", "a1 x x x b1", &[]);
    check_query("a1 PRE/2 b1", "b1 a1", &[]);
    check_query("a1 PRE/2 b1", "a1 x b1", &["a1", "b1"]);
    check_query("a1 NEAR/1 (b1 OR c1)", "c1 a1", &["c1", "a1"]);
    check_query(
        "a1 SENTENCE b1",
        "A1 here. B1 there. B1 and a1.",
        &["B1", "a1"],
    );
    check_query("a1 SENTENCE b1", "A1 here. B1 there.", &[]);
    check_query("a1 PARA b1", "A1 here. B1 there.", &["A1", "B1"]);
    check_query("a1 PARA b1", "a1\n\nb1", &[]);
    check_query("a1 NEAR/2 b1 NEAR/2 c1", "a1 b1 x c1", &["a1", "b1", "c1"]);
    check_query("ATLEAST/2 a1", "a1 a1", &["a1", "a1"]);
    check_query("ATLEAST/2 a1", "a1", &[]);
    check_query("FIRST/2 a1", "x a1 a1", &["a1"]);
    check_query("2 OF(a1, b1, c1)", "a1 c1", &["a1", "c1"]);
    check_query("2 OF(a1, b1, c1)", "a1", &[]);
    check_query("seoul NEAR/50 a1", "a1", &[]);
    for text in [
        "École",
        "E\u{301}cole",
        "ÉCOLE",
        "e\u{ad}cole",
        "ｅcole",
        "Écol",
    ] {
        check_query("ecol*", text, &[text]);
    }
    check_query("a1 NOT NEAR/2 b1", "a1 b1 x x x x a1", &["a1"]);
    check_query("a1 NOT NEAR/2 b1", "a1 x b1 a1", &[]);
    check_query("a1 NOT NEAR/2 b1", "a1", &["a1"]);
    check_query("a1 NOT NEAR/2 b1", "b1", &[]);
    check_query("a1 NOT PRE/1 b1", "b1 a1", &["a1"]);
    check_query("a1 NOT PRE/1 b1", "a1 b1", &[]);
    check_query("a1 NOT NEAR/1 \"b1 a1\"", "b1 a1 x x a1", &["a1"]);
    check_query("a1 NOT NEAR/1 \"b1 a1\"", "b1 a1", &[]);
    check_query("a1 NOT SENTENCE b1", "A1 b1. A1 x.", &["A1"]);
    check_query("(a1 OR c1) NOT NEAR/1 b1", "a1 b1 x x c1", &["c1"]);
}

#[test]
fn fields() {
    check_query("title:seoul", "", &["Seoul"]);
    check_query("body:seoul", "", &[]);
    check_query("summary:envoys", "", &["Envoys"]);
    check_query("author:bickers", "", &["Bickers"]);
    check_query("source:\"voice of america\"", "", &["Voice of America"]);
    check_query("feed:voa-asia", "", &["voa-asia"]);
    check_query("feed:voa-*", "", &["voa-asia"]);
    check_query("tag:asia lang:en", "", &["asia", "en"]);
    check_query("category:asia", "", &["Asia"]);
    check_query("url:news.example.org", "", &["news.example.org"]);
    check_query("bickers", "", &[]);
    check_query("a1 NOT lang:de", "a1", &["a1"]);
}

/// The actors found, each with its mentions and their classes.
#[track_caller]
fn check_actors(title: &str, body: &str, expect: &str) {
    let article = article(title, "", body);
    let matches = run(vec![], &article);
    let found: Vec<String> = matches
        .actors
        .iter()
        .map(|actor| {
            sound(&actor.evidence, &article);
            let mentions: Vec<String> = actor
                .evidence
                .iter()
                .map(|piece| match &piece.because {
                    Because::Alias { class, .. } => format!("{}:{}", piece.quote, class.as_str()),
                    Because::Term(term) => term.to_string(),
                })
                .collect();
            format!("{}[{}]", actor.id, mentions.join(","))
        })
        .collect();
    assert_eq!(found.join(" "), expect, "{title:?} {body:?}");
}

#[test]
fn surnames_need_an_owner() {
    check_actors(
        "",
        "John Bolton met him. Mr. Bolton left.",
        "bolton[John Bolton:strong,Bolton:surname]",
    );
    check_actors("", "Mr. Bolton left.", "bolton[Bolton:surname]");
    check_actors(
        "",
        &format!("Bolton left. {}", "And so it went on. ".repeat(30)),
        "",
    );
    check_actors("Bolton flies to Tokyo", "", "bolton[Bolton:surname]");
    check_actors(
        "Bolton flies to Tokyo",
        &format!("John Bolton. {}", "So it went. ".repeat(30)),
        "bolton[Bolton:surname,John Bolton:strong]",
    );
    check_actors("", "Michael Bolton sang. Bolton was good.", "");
    check_actors(
        "",
        "John Bolton spoke. Then Michael Bolton sang. Bolton was good.",
        "bolton[John Bolton:strong]",
    );
}

#[test]
fn titles_and_other_names_are_told_apart() {
    check_actors(
        "",
        "Undersecretary Bolton spoke. Bolton left.",
        "bolton[Undersecretary Bolton:titled,Bolton:surname]",
    );
    check_actors(
        "",
        "Undersecretary Bolton. Undersecretary John Bolton.",
        "bolton[Undersecretary Bolton:titled,John Bolton:strong]",
    );
    check_actors(
        "",
        "Foreign Minister Yoon Young-kwan",
        "yoon[Yoon Young-kwan:strong]",
    );
    check_actors(
        "Bolton Wanderers win",
        "John Bolton saw Bolton Wanderers.",
        "bolton[John Bolton:strong]",
    );
    check_actors(
        "",
        "John Bolton and Bolton Inc are two.",
        "bolton[John Bolton:strong]",
    );
    check_actors(
        "",
        "Foreign Minister Yoon Young-kwan spoke. But Yoon left.",
        "yoon[Yoon Young-kwan:strong,Yoon:surname]",
    );
    check_actors(
        "",
        "Yoon Youngkwan and YOON YOUNG-KWAN",
        "yoon[Yoon Youngkwan:strong,YOON YOUNG-KWAN:strong]",
    );
    check_actors(
        "Ministers Want Ban on Plastic",
        "The ban comes in spring.",
        "",
    );
    check_actors(
        "",
        "Ban Ki-moon spoke of a ban. Ban left.",
        "ban[Ban Ki-moon:strong,Ban:surname]",
    );
    check_actors(
        "",
        "Ursula von der Leyen came. Von der Leyen left. Leyen's plan.",
        "leyen[Ursula von der Leyen:strong,Von der Leyen:surname,Leyen:surname]",
    );
}

#[test]
fn classes_have_their_rules() {
    check_actors(
        "",
        "The US and us. U.S. troops. USA!",
        "us[US:acronym,U.S.:acronym,USA:acronym]",
    );
    check_actors("", "Washington said so.", "us[Washington:metonym]");
    check_actors("", "washington said so.", "");
    check_actors("", "George Washington rode.", "");
    check_actors(
        "",
        "The Washington Post wrote.",
        "post[Washington Post:strong]",
    );
    check_actors(
        "",
        "P'yongyang, Pyongyang’s, PYONGYANG",
        "nk[P'yongyang:metonym,Pyongyang:metonym,PYONGYANG:metonym]",
    );
    check_actors(
        "",
        "North Korean and North Korea's",
        "nk[North Korean:demonym,North Korea:strong]",
    );
    check_actors("", "An Apple a day", "");
    check_actors("", "Apple shows an iPhone", "apple[Apple:weak]");
    check_actors(
        "",
        "Apple Inc grew. Apple said",
        "apple[Apple Inc:strong,Apple:weak]",
    );
    check_actors(
        "",
        "北朝鮮は 조선민주주의인민공화국은",
        "nk[北朝鮮:strong,조선민주주의인민공화국:strong]",
    );
}

#[test]
fn actors_in_queries() {
    check_query("@us", "John Bolton spoke.", &["John Bolton"]);
    check_query("@us!", "Washington spoke.", &[]);
    check_query("@us!", "The US spoke.", &["US"]);
    check_query(
        "@bolton SENTENCE @nk",
        "John Bolton spoke. Pyongyang did not like Mr. Bolton.",
        &["Pyongyang", "Bolton"],
    );
    check_query(
        "@us NEAR/4 @nk",
        "Washington and Pyongyang talk",
        &["Washington", "Pyongyang"],
    );
}

#[test]
fn topics_refer_to_topics() {
    let mut base = topic("base", "nuclear");
    base.unless = Some(query::parse("family").unwrap());
    let derived = topic("derived", "#base AND talks");
    let ids = |body: &str| {
        let article = article("", "", body);
        let matches = run(vec![derived.clone(), base.clone()], &article);
        matches
            .topics
            .iter()
            .map(|topic| topic.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids("nuclear talks"), ["derived", "base"]);
    assert_eq!(ids("nuclear plant"), ["base"]);
    assert!(ids("nuclear family talks").is_empty());
}

#[test]
fn circles_and_gaps_do_not_compile() {
    for text in ["#t AND war", "#other AND war", "@nobody"] {
        let watchlist = Watchlist {
            actors: vec![],
            topics: vec![topic("t", text)],
        };
        assert!(Matcher::compile(&watchlist).is_err(), "{text}");
    }
}

#[test]
fn score_and_salience() {
    let matched = |text: &str, change: fn(&mut Topic), title: &str, body: &str| {
        let mut topic = topic("t", text);
        change(&mut topic);
        run(vec![topic], &article(title, "", body))
            .topics
            .first()
            .map(|topic| topic.score)
    };
    let plain: fn(&mut Topic) = |_| {};
    let far = format!("{} nuclear", "x ".repeat(60));
    let score = |text, title, body| matched(text, plain, title, body).unwrap();
    assert!(score("nuclear", "Nuclear", "") > score("nuclear", "", "nuclear"));
    assert!(score("nuclear", "", "nuclear") > score("nuclear", "", &far));
    assert!(score("nuclear^3", "", "nuclear") > score("nuclear", "", "nuclear"));
    assert!(score("nuclear", "", &"nuclear ".repeat(1000)) < 1.0);
    assert_eq!(
        matched("nuclear", |topic| topic.threshold = 2.0, "", "nuclear"),
        None
    );
    let title: fn(&mut Topic) = |topic| topic.salience = Salience::Title;
    let lead: fn(&mut Topic) = |topic| topic.salience = Salience::Lead;
    assert_eq!(matched("nuclear", title, "", "nuclear"), None);
    assert!(matched("nuclear", title, "Nuclear", "").is_some());
    assert_eq!(matched("nuclear", lead, "", &far), None);
    assert!(matched("nuclear", lead, "", &format!("{far} nuclear")).is_some());
}

#[test]
fn evidence_names_its_field() {
    let article = article("Talks", "Talks", "Talks");
    let matches = run(vec![topic("t", "talks")], &article);
    let fields: Vec<Field> = matches.topics[0]
        .evidence
        .iter()
        .map(|piece| piece.field)
        .collect();
    assert_eq!(fields, [Field::Title, Field::Summary, Field::Body]);
}

/// Whether a word fits a pattern, by trying every way.
fn fits(pattern: &[char], word: &[char]) -> bool {
    match (pattern.first(), word.first()) {
        (None, None) => true,
        (Some('*'), _) => {
            fits(&pattern[1..], word) || (!word.is_empty() && fits(pattern, &word[1..]))
        }
        (Some('?'), Some(_)) => fits(&pattern[1..], &word[1..]),
        (Some(a), Some(b)) if a == b => fits(&pattern[1..], &word[1..]),
        _ => false,
    }
}

proptest! {
    #[test]
    fn wildcards_fit_what_they_should(patterns in prop::collection::vec("[ab?*]{1,6}", 1..6), word in "[ab]{0,8}") {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let mut globs = Globs::default();
        let mut expect = Vec::new();
        for pattern in &patterns {
            let print = Fingerprint::of(pattern);
            globs.add(pattern, print);
            if fits(&letters(pattern), &letters(&word)) {
                expect.push(print);
            }
        }
        globs.finish();
        expect.sort_unstable();
        let mut found = globs.fitting(&word);
        found.sort_unstable();
        prop_assert_eq!(found, expect, "{:?} {}", patterns, word);
    }
}

/// Queries over a few words, of every operator.
fn small_query() -> impl Strategy<Value = Query> {
    let word = |text: &str| {
        Query::Word(Word {
            text: text.into(),
            form: WordForm::Folded,
        })
    };
    let leaf = prop_oneof![
        prop::sample::select(vec!["aa", "bb", "cc", "dd", "a*"]).prop_map(word),
        Just(query::parse("\"aa bb\"").unwrap()),
        Just(query::parse("@bolton").unwrap()),
        Just(query::parse("@us").unwrap()),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts().prop_map(Query::And),
            parts().prop_map(Query::Or),
            (1..3_u32, parts()).prop_map(|(n, parts)| Query::Of(n, parts)),
            inner.clone().prop_map(|part| Query::Not(Box::new(part))),
            (1..3_u32, inner.clone()).prop_map(|(n, part)| Query::AtLeast(n, Box::new(part))),
            inner
                .clone()
                .prop_map(|part| Query::In(Field::Body, Box::new(part))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Query::Proximity {
                reach: Reach::Near(2),
                left: Box::new(left),
                right: Box::new(right),
            }),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Query::Apart {
                reach: Reach::Near(2),
                left: Box::new(left),
                right: Box::new(right),
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_not_evaluated_would_not_have_matched(
        query in small_query(),
        body in "(aa|bb|cc|ab|zz|John Bolton|Washington|\\.)( (aa|bb|cc|ab|zz|Bolton|Washington|\\.)){0,8}",
    ) {
        let mut plain = topic("plain", "aa");
        plain.query = query.clone();
        // What may be satisfied by an absence has no anchor, so it is always
        // evaluated; it rests on the same evidence.
        let mut always = topic("always", "aa");
        let absent = Query::Not(Box::new(query::parse("absent").unwrap()));
        always.query = Query::Or(vec![query, absent]);
        let article = article("", "", &body);
        let matches = run(vec![plain, always], &article);
        let evidence = |id: &str| {
            let found = matches.topics.iter().find(|topic| topic.id == id);
            found.map(|topic| topic.evidence.clone()).unwrap_or_default()
        };
        prop_assert_eq!(evidence("plain"), evidence("always"));
    }

    #[test]
    fn whatever_an_article_says_its_evidence_is_sound(
        title in "\\PC{0,30}",
        body in "([A-Za-z]{1,8}|Bolton|John Bolton|nuclear|U\\.S\\.|P'yongyang|[가-힣金正恩.,'’\\-]{1,3}|[ \n]){0,60}",
    ) {
        let queries = [
            "nuclear NEAR/5 @us", "ATLEAST/2 @bolton", "ab* OR =US", "@nk SENTENCE (john OR bo*)",
            "2 OF(title:ab?, nuclear^2, FIRST/5 \"john bolton\")",
        ];
        let article = article(&title, "", &body);
        let topics = queries.iter().enumerate().map(|(n, text)| topic(&format!("t{n}"), text));
        let matches = run(topics.collect(), &article);
        for topic in &matches.topics {
            sound(&topic.evidence, &article);
            prop_assert!(topic.score.is_finite() && topic.score >= 0.0);
        }
        for actor in &matches.actors {
            sound(&actor.evidence, &article);
            prop_assert!(actor.confidence > 0.0 && actor.confidence <= 1.0);
        }
        let again = run(queries.iter().enumerate().map(|(n, text)| topic(&format!("t{n}"), text)).collect(), &article);
        prop_assert_eq!(matches, again);
    }
}
