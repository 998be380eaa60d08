//! Names of actors.

use super::{actor, check_all, member, texts};
use crate::watchlist::{Actor, ActorKind, Watchlist};

#[track_caller]
fn check(actors: Vec<Actor>, expected: &[&str]) {
    let topics = vec![];
    check_all(&Watchlist { actors, topics }, expected);
}

/// Checks an organisation with these strong aliases.
#[track_caller]
fn check_aliases(aliases: &[&str], expected: &[&str]) {
    let acme = Actor {
        aliases: texts(aliases),
        ..actor("acme", "Acme Corporation", ActorKind::Organisation)
    };
    check(vec![acme], expected);
}

#[test]
fn a_name_by_itself_is_long_and_rare_enough() {
    check_aliases(
        &["Acm", "Apple", "金", "北", "김", "גל"],
        &[
            "CommonAlias actor.acme.aliases[0]: `Acm` is short, and counts wherever it stands",
            "CommonAlias actor.acme.aliases[1]: `Apple` is an ordinary word, and counts wherever it stands",
            "CommonAlias actor.acme.aliases[2]: `金` is short, and counts wherever it stands",
            "CommonAlias actor.acme.aliases[3]: `北` is short, and counts wherever it stands",
            "CommonAlias actor.acme.aliases[4]: `김` is short, and counts wherever it stands",
            "CommonAlias actor.acme.aliases[5]: `גל` is short, and counts wherever it stands",
        ],
    );
    check_aliases(
        &[
            "Iran",
            "Acm Inc",
            "中国",
            "미국",
            "ไทย",
            "مصر",
            "चीन",
            "Apple Inc",
        ],
        &[],
    );
    let weak = Actor {
        weak: texts(&["Acm", "Apple"]),
        acronyms: texts(&["Acm"]),
        context: texts(&["iPhone"]),
        ..actor("acme", "Acme Corporation", ActorKind::Organisation)
    };
    check(vec![weak], &[]);
    check(
        vec![actor("turkey", "Turkey", ActorKind::Country)],
        &[
            "CommonAlias actor.turkey.name: `Turkey` is an ordinary word, and counts wherever it stands",
        ],
    );
    check_aliases(
        &["*", "no*"],
        &[
            "CommonAlias actor.acme.aliases[0]: `*` fits every word",
            "CommonAlias actor.acme.aliases[1]: `no*` is short, and counts wherever it stands",
        ],
    );
}

#[test]
fn acronyms_are_capitals_and_stand_in_their_list() {
    check_aliases(
        &["UN", "U.N.", "NATO", "США"],
        &[
            "AcronymCase actor.acme.aliases[0]: `UN` counts in small letters, too",
            "AcronymCase actor.acme.aliases[1]: `U.N.` counts in small letters, too",
            "AcronymCase actor.acme.aliases[2]: `NATO` counts in small letters, too",
            "AcronymCase actor.acme.aliases[3]: `США` counts in small letters, too",
        ],
    );
    check_aliases(
        &["UN Security Council", "UNICEF", "HAMAS"],
        &["AcronymCase actor.acme.aliases[2]: `HAMAS` counts in small letters, too"],
    );
    check(
        vec![
            actor("who", "WHO", ActorKind::Organisation),
            actor("nato", "NATO", ActorKind::Organisation),
            Actor {
                acronyms: texts(&["iaea", "IAEA", "PhD", "Nato", "אבג"]),
                ..actor("agency", "Atomic Energy Agency", ActorKind::Organisation)
            },
        ],
        &[
            "AcronymCase actor.who.name: `WHO` counts in small letters, too",
            "AcronymCase actor.agency.acronyms[0]: `iaea` is found in exactly this case, so never in capitals",
            "SharedAlias actor.agency.acronyms[3]: `Nato` belongs to the actor `nato` as well (name), so it is a mention of both",
        ],
    );
}

#[test]
fn a_name_belongs_to_one_actor() {
    let georgia = |id: &str, kind| actor(id, "Georgia", kind);
    check(
        vec![
            georgia("georgia", ActorKind::Country),
            georgia("georgia-state", ActorKind::Place),
        ],
        &[
            "SharedAlias actor.georgia-state.name: `Georgia` belongs to the actor `georgia` as well (name), so it is a mention of both",
        ],
    );
    // What belongs together may share a name, and so may what needs support.
    let with = |id: &str, name: &str| actor(id, name, ActorKind::Organisation);
    check(
        vec![
            with("us", "Bolton Works"),
            member("firm", "Bolton Works", "us"),
            Actor {
                weak: texts(&["Bolton Works"]),
                metonyms: texts(&["Acme Town"]),
                demonyms: texts(&["Acmean"]),
                acronyms: texts(&["ACM"]),
                ..with("second", "Second Works")
            },
            Actor {
                metonyms: texts(&["Acme Town"]),
                demonyms: texts(&["Acmean"]),
                acronyms: texts(&["AcM"]),
                ..with("third", "Third Works")
            },
            with("town", "Acme Town"),
        ],
        &[],
    );
}

#[test]
fn an_alias_is_there_once_and_counts() {
    let acme = Actor {
        aliases: texts(&[
            "Acme  corporation",
            "Acme Works",
            "acme works",
            "Acme-Works",
            "!!",
        ]),
        acronyms: texts(&["ACM", "A.C.M.", "ACM", "Acme Works"]),
        metonyms: texts(&["Acme Town"]),
        weak: texts(&["Acme Town", "Works"]),
        context: texts(&["steel"]),
        unless: texts(&["works"]),
        ..actor("acme", "Acme Corporation", ActorKind::Organisation)
    };
    check(
        vec![acme],
        &[
            "SpareAlias actor.acme.aliases[4]: `!!` has no letters or digits, so no text has it",
            "SpareAlias actor.acme.weak[1]: `Works` is in `unless` as well, which hides it wherever it stands",
            "SpareAlias actor.acme.aliases[0]: `Acme  corporation` is in `name` already, and counts there",
            "SpareAlias actor.acme.aliases[2]: `acme works` is given twice",
            "SpareAlias actor.acme.acronyms[2]: `ACM` is given twice",
            "SpareAlias actor.acme.acronyms[3]: `Acme Works` is in `aliases` already, and counts there",
            "SpareAlias actor.acme.weak[0]: `Acme Town` is in `metonyms` already, and counts there",
        ],
    );
}

#[test]
fn keys_work_beside_those_that_they_need() {
    let acme = Actor {
        titles: texts(&["director"]),
        context: texts(&["steel"]),
        surname: true,
        ..actor("acme", "Acme Corporation", ActorKind::Organisation)
    };
    check(
        vec![acme],
        &[
            "ChangesNothing actor.acme.context: there is no weak alias that `context` could support",
            "ChangesNothing actor.acme.titles: only persons have titles",
            "ChangesNothing actor.acme.surname: only persons have a surname",
        ],
    );
    let bolton = Actor {
        titles: texts(&["ambassador"]),
        weak: texts(&["Bolton"]),
        context: texts(&["ambassador"]),
        ..actor("bolton", "John Bolton", ActorKind::Person)
    };
    check(vec![bolton], &[]);
}

#[test]
fn what_hides_names_has_one_inside() {
    let with = |unless: &[&str]| Actor {
        aliases: texts(&["Đoković", "金正恩"]),
        unless: texts(unless),
        ..actor("bolton", "John Bolton", ActorKind::Person)
    };
    check(
        vec![with(&["Bolton Wanderers", "football", "Wanderers"])],
        &[
            "ChangesNothing actor.bolton.unless[1]: no name of this actor stands in `football`, so it hides nothing",
            "ChangesNothing actor.bolton.unless[2]: no name of this actor stands in `Wanderers`, so it hides nothing",
        ],
    );
    // Names declined, in other letters, or with wildcards are not judged.
    check(
        vec![with(&[
            "Boltonem Park",
            "Djokovic Street",
            "金正恩路",
            "foot*",
        ])],
        &[],
    );
}
