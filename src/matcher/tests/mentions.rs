//! What is a mention and what only looks like one: who is watched, a text, the
//! mentions in it.

use super::{actor, article, strings};
use crate::matcher::Matcher;
use crate::watchlist::{Actor, ActorKind, Role, Watchlist};
use jiff::civil::date;

/// The actors of the rows, by what they are for.
fn person(id: &str, name: &str) -> Actor {
    actor(id, name, ActorKind::Person)
}

fn watched() -> Vec<Actor> {
    let mut us = actor("us", "United States", ActorKind::Country);
    us.aliases = strings(&["America"]);
    us.acronyms = strings(&["US", "U.S."]);
    us.metonyms = strings(&["Washington"]);
    us.demonyms = strings(&["American"]);
    let mut korea = actor("korea", "Korea", ActorKind::Country);
    korea.demonyms = strings(&["Korean"]);
    let mut france = actor("france", "France", ActorKind::Country);
    france.metonyms = strings(&["Paris"]);
    france.demonyms = strings(&["French", "Français", "Французский"]);
    let mut who = actor("who", "World Health Organization", ActorKind::Organisation);
    who.acronyms = strings(&["WHO"]);
    let mut turkey = actor("turkey", "Türkiye", ActorKind::Country);
    turkey.demonyms = strings(&["turc"]);
    vec![
        person("bolton", "John Bolton"),
        person("trump", "Donald Trump"),
        person("clinton", "Hillary Clinton"),
        person("comey", "James Comey"),
        person("may", "Theresa May"),
        person("kim", "Kim Jong-un"),
        person("chan", "Raymond Chan Chi-chuen"),
        person("dunbar", "Bonnie J. Dunbar"),
        us,
        korea,
        france,
        who,
        turkey,
        actor("dc", "Washington, D.C.", ActorKind::Place),
        actor("moodys", "Moody's Corp", ActorKind::Organisation),
    ]
}

/// The mentions of an article, each with its actor and, where it is not sure, how
/// sure it is.
#[track_caller]
fn check_in(actors: Vec<Actor>, language: &str, title: &str, body: &str, expect: &str) {
    let watchlist = Watchlist {
        actors,
        topics: vec![],
    };
    let mut article = article(title, "", body);
    article.language = Some(language.into());
    let matcher = Matcher::compile(&watchlist).unwrap();
    let matches = matcher.matches(&article);
    let found: Vec<String> = matches
        .actors
        .iter()
        .map(|actor| {
            let quotes: Vec<&str> = actor.evidence.iter().map(|piece| &*piece.quote).collect();
            let doubt = if actor.confidence < 0.6 { "?" } else { "" };
            format!("{}{doubt}[{}]", actor.id, quotes.join(","))
        })
        .collect();
    assert_eq!(found.join(" "), expect, "{title:?} {body:?}");
}

#[track_caller]
fn check(title: &str, body: &str, expect: &str) {
    check_in(watched(), "en", title, body, expect);
}

/// A text in which a person would be named in full.
fn long(text: &str) -> String {
    format!("{text} {}", "And so it went on. ".repeat(30))
}

#[test]
fn a_name_is_not_parted() {
    for text in [
        "Elton John, Bolton fan",
        "He knew John. Bolton did not.",
        "for John; Bolton left",
        "John: Bolton left",
        "by John (Bolton)",
        "\"John\" Bolton",
        "“John” Bolton",
        "John/Bolton",
        "John - Bolton",
        "John – Bolton",
        "John — Bolton",
        "John—Bolton",
        "John -- Bolton",
        "John's Bolton",
        "John’s Bolton",
        "Bolton, John",
        "John\n\nBolton",
    ] {
        check("", &long(text), "");
    }
    for text in [
        "John Bolton",
        "John\nBolton",
        "John\u{a0}Bolton",
        "John Bolton's",
        "John  Bolton",
    ] {
        let quote = text.trim_end_matches("'s");
        check("", &long(text), &format!("bolton[{quote}]"));
    }
    check("", "In Washington, D.C. it rained.", "dc[Washington, D.C.]");
    check("", "In Washington D.C. it rained.", "dc[Washington D.C.]");
    check(
        "",
        "Moody's Corp. and Moody's, Corp",
        "moodys[Moody's Corp,Moody's, Corp]",
    );
}

#[test]
fn a_person_has_middle_names_initials_and_short_forms() {
    for (text, quotes) in [
        ("Donald J. Trump spoke. Trump left.", "trump[Trump,Trump]"),
        (
            "Hillary Rodham Clinton spoke. Mrs. Clinton left.",
            "clinton[Clinton,Clinton]",
        ),
        ("Jim Comey spoke.", "comey[Comey]"),
        ("James B. Comey Jr. spoke.", "comey[Comey]"),
        ("J. Bolton spoke.", "bolton?[Bolton]"),
        ("Bonnie Dunbar flew.", "dunbar[Dunbar]"),
        ("Raymond Chan spoke. Chan left.", "chan[Chan,Chan]"),
    ] {
        let text = if quotes.contains('?') {
            text.to_owned()
        } else {
            long(text)
        };
        check("", &text, quotes);
    }
    for text in [
        "Michael R. Bolton sang. Bolton left.",
        "R. Bolton sang.",
        "Bill Clinton spoke. Clinton left.",
        "Chelsea Victoria Clinton spoke. Clinton left.",
        "Kim Yo-jong spoke. Kim left.",
        "Melania Trump spoke.",
        "Jackie Chan fought. Chan left.",
    ] {
        check("", text, "");
        check("", &long(text), "");
    }
    check("Michael Bolton Sings Ballads Again", "", "");
    check("MICHAEL BOLTON SINGS BALLADS", "", "");
    check("Envoy Bolton Flies Home Tonight", "", "bolton?[Bolton]");
    check("ENVOY BOLTON FLIES HOME", "", "bolton?[BOLTON]");
}

#[test]
fn words_before_a_surname_are_no_names() {
    for text in [
        "John Bolton spoke. On Tuesday Bolton left.",
        "John Bolton spoke. He said, \"But Bolton left.\"",
        "John Bolton spoke. Special Counsel Bolton left.",
        "John Bolton spoke. GOP Bolton left.",
        "John Bolton spoke. Republican Bolton left.",
        "John Bolton spoke. Texan’s Bolton left.",
    ] {
        check("", text, "bolton[John Bolton,Bolton]");
    }
    check("", "John Bolton and the Boltons", "bolton[John Bolton]");
    check_in(
        watched(),
        "de",
        "",
        "John Bolton kam. Boltons Rede war kurz.",
        "bolton[John Bolton,Boltons]",
    );
}

#[test]
fn a_surname_without_a_full_name_needs_a_sign() {
    // A title, and then whatever stands alone.
    check(
        "",
        &long("President Trump spoke. Trump left."),
        "trump[Trump,Trump]",
    );
    check(
        "",
        &long("Mrs. May spoke. In May it rained. May left."),
        "may[May,May]",
    );
    check(
        "May Sets Out Plan for Talks",
        &long("Prime Minister May spoke."),
        "may[May,May]",
    );
    // The headline, or more than one mention.
    check("Trump wins", &long("It rained."), "trump?[Trump]");
    check(
        "",
        &long("It was Trump who left. It was Trump."),
        "trump?[Trump,Trump]",
    );
    check("", &long("It was Trump who left."), "");
    // A common surname is somebody's, but not known whose.
    let harris = || vec![person("harris", "Rene Harris")];
    let doctor = "Doctor Harris spoke. Mr. Harris left.";
    check_in(harris(), "en", "", &long(doctor), "");
    check_in(harris(), "en", "Harris wins", "", "harris?[Harris]");
    // A surname that is a given name has one of its own behind it.
    let donald = || vec![person("donald", "Allan Donald")];
    check_in(donald(), "en", "", "Secretary Donald Rumsfeld spoke.", "");
    check_in(donald(), "en", "Donald Rumsfeld Leaves for Baghdad", "", "");
    check_in(donald(), "en", "", "Mr. Donald spoke.", "donald[Donald]");
    // Not an ordinary word, a place, a firm, or what two have.
    check("May Sets Out Plan for Talks", &long("It rained."), "");
    check("", &long("A fire in Bolton. A man from Bolton."), "");
    check(
        "",
        &long("Bolton Wanderers won. Bolton Wanderers lost."),
        "",
    );
    let both = vec![
        person("bill", "Bill Clinton"),
        person("hillary", "Hillary Clinton"),
    ];
    check_in(both.clone(), "en", "Clinton wins", "", "");
    check_in(
        both,
        "en",
        "Clinton wins",
        &long("Bill Clinton won."),
        "bill[Clinton,Bill Clinton]",
    );
}

#[test]
fn who_is_named_most_owns_the_headline() {
    check(
        "Bolton wins",
        &long("Michael Bolton sang. John Bolton spoke. John Bolton left."),
        "bolton[Bolton,John Bolton,John Bolton]",
    );
    check(
        "Bolton wins",
        &long("Michael Bolton sang. Bolton won. Michael Bolton left."),
        "",
    );
    check(
        "",
        &long("A ball by Bolton went wide. John Bolton tried again."),
        "bolton[Bolton,John Bolton]",
    );
}

#[test]
fn capitals_are_governments_or_places() {
    for text in [
        "Washington said no.",
        "Talks with Washington failed.",
        "The Washington government",
    ] {
        check("", text, "us[Washington]");
    }
    for text in [
        "It rained in Washington.",
        "WASHINGTON, March 3 - It rained.",
        "WASHINGTON (AP) — It rained.",
        "WASHINGTON - It rained.",
    ] {
        let quote = if text.starts_with('W') {
            "WASHINGTON"
        } else {
            "Washington"
        };
        check("", text, &format!("us?[{quote}]"));
    }
    for text in [
        "George Washington rode.",
        "a film of Denzel Washington",
        "on Mount Washington",
        "the University of Washington",
        "in Washington state",
        "Washington State won",
        "on Washington Street",
        "the Washington Post wrote",
        "the Washington Times wrote",
    ] {
        check("", text, "");
    }
    check("George Washington Rides Again Today", "", "");
    check("", "So said Valeska Paris.", "");
}

#[test]
fn countries_are_not_parts_of_others() {
    check("", "North America and Latin America", "");
    check(
        "",
        "North Korean, South Korean, African American, Native American",
        "",
    );
    check(
        "",
        "New Korea rules. America and Korean",
        "us[America] korea[Korea,Korean]",
    );
    check("New Korea Sanctions Planned Today", "", "korea[Korea]");
}

#[test]
fn names_of_one_word_have_capitals() {
    let firms = || {
        let org = |id: &str, name: &str| actor(id, name, ActorKind::Organisation);
        vec![
            org("target", "Target"),
            org("ebay", "eBay"),
            org("goldman", "Goldman Sachs"),
        ]
    };
    let check = |title: &str, body: &str, expect: &str| {
        check_in(firms(), "en", title, body, expect);
    };
    check("", "Target hit its target.", "target[Target]");
    check("TARGET HITS IT", "", "target[TARGET]");
    check("shares of target fall", "", "target[target]");
    check(
        "",
        "We sold it on ebay, Ebay and EBAY.",
        "ebay[ebay,Ebay,EBAY]",
    );
    check("", "The men of goldman sachs.", "goldman[goldman sachs]");
}

#[test]
fn acronyms_are_not_words() {
    check("WHO SAYS FLU SPREADS FAST", "", "");
    check("GIVE US MORE TIME SAY GROWERS", "It rained.", "");
    check(
        "WHO SAYS FLU SPREADS FAST",
        "The World Health Organization said so.",
        "who[WHO,World Health Organization]",
    );
    check("U.S. SAYS FLU SPREADS FAST", "", "us[U.S.]");
    check("WHO says flu spreads fast", "", "who[WHO]");
    check("", "It cost US$ 20 and US$20.", "");
    check("", "Union Carbide <US> and (US)", "us[US]");
}

#[test]
fn demonyms_are_small_in_many_languages() {
    check("", "french fries", "");
    check("", "French fries", "france[French]");
    check_in(
        watched(),
        "fr",
        "",
        "le président français",
        "france[français]",
    );
    check_in(
        watched(),
        "ru",
        "",
        "сказал французский министр",
        "france[французский]",
    );
    check_in(
        watched(),
        "en",
        "",
        "the word turc is French",
        "france[French] turkey[turc]",
    );
}

#[test]
fn roles_last_for_a_time() {
    let role = |from, to| Role {
        title: "undersecretary".into(),
        from: Some(from),
        to,
    };
    let mut bolton = person("bolton", "John Bolton");
    bolton.surname = false;
    bolton.roles = vec![
        role(date(2001, 5, 11), Some(date(2005, 7, 31))),
        role(date(2026, 1, 1), None),
    ];
    let watchlist = Watchlist {
        actors: vec![bolton],
        topics: vec![],
    };
    let matcher = Matcher::compile(&watchlist).unwrap();
    for (published, expect) in [
        (Some("2001-05-10T23:59:59Z"), false),
        (Some("2001-05-11T00:00:00Z"), true),
        (Some("2005-07-31T23:59:59Z"), true),
        (Some("2005-08-01T00:00:00Z"), false),
        (Some("2030-08-01T00:00:00Z"), true),
        (None, true),
    ] {
        let mut article = article("", "", "Undersecretary Bolton spoke.");
        article.published = published.map(|time| time.parse().unwrap());
        let found = !matcher.matches(&article).actors.is_empty();
        assert_eq!(found, expect, "{published:?}");
    }
}

#[test]
fn words_without_spaces_are_words() {
    let country = |id: &str, name: &str| actor(id, name, ActorKind::Country);
    let actors = || {
        vec![
            country("iran", "이란"),
            country("kyoto", "京都"),
            country("us", "美"),
            country("usa", "美国"),
        ]
    };
    let check = |language: &str, text: &str, expect: &str| {
        check_in(actors(), language, "", text, expect);
    };
    check("ko", "이란은 핵 협상을 거부했다", "iran[이란]");
    check("ko", "이란 대통령", "iran[이란]");
    check("ko", "이란군이 말했다", "iran[이란]");
    check("ko", "이 란제리 회사", "");
    check("ko", "이란성 쌍둥이", "");
    check("ja", "昨日、京都で", "kyoto[京都]");
    check("ja", "東京都で", "");
    check("ja", "東京都と京都で", "kyoto[京都,京都]");
    check("zh", "他很美", "");
    check("zh", "访问美国", "usa[美国]");
}
