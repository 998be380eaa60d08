use super::ftm::{self, Entity};
use super::tsv::Columns;
use super::{Mistake, id_of};
use crate::watchlist::{Actor, ActorId, ActorKind};
use proptest::prelude::*;

fn id(text: &str) -> ActorId {
    ActorId::new(text).unwrap()
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// What stands at each mistake, with its message.
fn told(line: &str, mistakes: &[Mistake]) -> Vec<String> {
    mistakes
        .iter()
        .map(|mistake| {
            let part = line.get(mistake.span.clone()).unwrap();
            format!("{part:?}: {}", mistake.message)
        })
        .collect()
}

#[test]
fn any_text_makes_an_id_and_always_the_same() {
    for (text, expected) in [
        ("John Bolton", "john-bolton"),
        ("NK-2bQ", "nk-2bq"),
        ("Zoë Müller", "zoe-muller"),
        ("  (The) «Group» of 7! ", "the-group-of-7"),
        ("_x", "x"),
    ] {
        assert_eq!(id_of(text).unwrap(), id(expected), "{text}");
    }
    // Where letters are lost, two texts still have two ids.
    let ids = ["金正恩", "金正日", "", "!", "Ким 1", "Кам 1"].map(|text| id_of(text).unwrap());
    for (index, first) in ids.iter().enumerate() {
        assert!(
            ids.iter().skip(index + 1).all(|other| other != first),
            "{ids:?}"
        );
    }
    let long = "a very long name ".repeat(10);
    let ids = [id_of(&long).unwrap(), id_of(&format!("{long}x")).unwrap()];
    assert!(ids[0] != ids[1] && ids[0].as_str().len() == 64, "{ids:?}");
}

#[test]
fn a_line_of_a_table_is_an_actor() {
    let header = "name\tkind\tid\taliases\tweak\ttitles\tacronyms\tmetonyms\tdemonyms\tcontext\tunless\tmember_of\tsurname\talert";
    let columns = Columns::new(header).unwrap();
    let line = "John Bolton\tperson\tbolton\tJohn R. Bolton | J. Bolton||\tJB\tenvoy\tA\tM\tD\tC\tBolton Wanderers\tus|un\tfalse\tFALSE";
    let expected = Actor {
        aliases: texts(&["John R. Bolton", "J. Bolton"]),
        weak: texts(&["JB"]),
        titles: texts(&["envoy"]),
        acronyms: texts(&["A"]),
        metonyms: texts(&["M"]),
        demonyms: texts(&["D"]),
        context: texts(&["C"]),
        unless: texts(&["Bolton Wanderers"]),
        surname: false,
        member_of: vec![id("us"), id("un")],
        alert: false,
        ..Actor::new(id("bolton"), "John Bolton", ActorKind::Person)
    };
    assert_eq!(columns.actor(line).unwrap(), Some(expected));

    // What is left empty is as if it were not there, and so is the rest of the line.
    let plain = Actor::new(id("john-bolton"), "John Bolton", ActorKind::Person);
    assert_eq!(
        columns.actor(" John Bolton \tperson\t \t").unwrap(),
        Some(plain)
    );
    // As a spreadsheet writes it.
    let quoted = columns
        .actor("\"\"\"Che\"\" Guevara\"\tperson")
        .unwrap()
        .unwrap();
    assert_eq!(quoted.name, "\"Che\" Guevara");
    for nothing in ["", "\t\t", "# a comment"] {
        assert_eq!(columns.actor(nothing).unwrap(), None);
    }
}

#[test]
fn a_header_is_read_with_all_its_mistakes() {
    for (header, expected) in [
        (
            "name\tkind\talias",
            &["\"alias\": unknown column `alias`"][..],
        ),
        (
            "name\tkind\tkind\tx",
            &[
                "\"kind\": the column `kind` is given twice",
                "\"x\": unknown column `x`",
            ],
        ),
        ("id\tname", &["\"id\\tname\": there is no column `kind`"]),
        ("", &["\"\": unknown column ``"]),
    ] {
        let mistakes = Columns::new(header).unwrap_err();
        assert_eq!(told(header, &mistakes), expected, "{header}");
    }
    let mistakes = Columns::new("name\tkind\talias").unwrap_err();
    assert_eq!(mistakes[0].help.as_deref(), Some("did you mean `aliases`?"));
}

#[test]
fn a_line_tells_all_its_mistakes() {
    let columns = Columns::new("id\tname\tkind\tmember_of\talert").unwrap();
    for (line, expected) in [
        (
            "A B\tX\tpreson",
            &[
                "\"preson\": `preson` is not possible here",
                "\"A B\": `A B` is not a name: use 1 to 64 of the characters a-z, 0-9, `-` and `_`, not starting with `-` or `_`",
            ][..],
        ),
        ("a\t\tperson", &["\"\\t\": `name` is missing"]),
        ("a\tX", &["\"X\": `kind` is missing"]),
        (
            "a\tX\tperson\tb|C\tmaybe\tz",
            &[
                "\"z\": there are 6 fields, but only 5 columns",
                "\"b|C\": `C` is not a name: use 1 to 64 of the characters a-z, 0-9, `-` and `_`, not starting with `-` or `_`",
                "\"maybe\": `maybe` is not true or false",
            ],
        ),
    ] {
        let mistakes = columns.actor(line).unwrap_err();
        assert_eq!(told(line, &mistakes), expected, "{line}");
        assert!(mistakes.iter().all(|mistake| mistake.help.is_some()));
    }
}

#[test]
fn an_entity_is_an_actor_read_with_caution() {
    let line = r#"{"id": "NK-9x", "schema": "Person", "caption": "Ali Hassan", "datasets": ["x"], "properties": {
        "name": ["HASSAN, Ali", "Ali Hassan"], "alias": ["Ali", "Ali al-Hassan", "علي"], "previousName": ["Ali Smith"],
        "weakAlias": ["The Engineer"], "firstName": ["Ali"], "lastName": ["Hassan"], "title": ["Colonel"],
        "position": ["Minister of Oil"], "country": ["iq"], "birthDate": ["1960"]}}"#
        .replace('\n', "");
    let Entity::Actor(actor) = ftm::entity(&line).unwrap() else {
        panic!("no actor");
    };
    let expected = Actor {
        aliases: texts(&["Ali al-Hassan", "علي", "Ali Smith"]),
        weak: texts(&["Ali", "The Engineer"]),
        titles: texts(&["Colonel"]),
        context: texts(&["Minister of Oil"]),
        surname: false,
        ..Actor::new(id("nk-9x"), "Ali Hassan", ActorKind::Person)
    };
    assert_eq!(*actor, expected);

    for (schema, kind) in [
        ("Organization", ActorKind::Organisation),
        ("Company", ActorKind::Organisation),
        ("LegalEntity", ActorKind::Organisation),
        ("PublicBody", ActorKind::Organisation),
        ("Country", ActorKind::Country),
    ] {
        let line = format!(
            r#"{{"id":"a","schema":"{schema}","properties":{{"name":["Rosneft"],"abbreviation":["RN"],"alias":["Neft"]}}}}"#
        );
        let expected = Actor {
            aliases: texts(&["Neft"]),
            acronyms: texts(&["RN"]),
            ..Actor::new(id("a"), "Rosneft", kind)
        };
        assert_eq!(
            ftm::entity(&line).unwrap(),
            Entity::Actor(Box::new(expected))
        );
    }
}

#[test]
fn what_is_no_actor_is_told_apart_from_what_is_wrong() {
    for (line, expected) in [
        (r#"{"id":"a","schema":"Vessel"}"#, Ok("Vessel")),
        (
            r#"{"id":"a","schema":"Person"}"#,
            Ok("Person without a name"),
        ),
        (
            r#"{"id":"a","schema":"Person","properties":{"name":[" "]}}"#,
            Ok("Person without a name"),
        ),
        ("nope", Err("\"o\": this is no entity: expected ident")),
        (
            "[]",
            Err("\"]\": this is no entity: invalid length 0, expected an object"),
        ),
        (
            r#"{"schema":"Person"}"#,
            Err("\"}\": this is no entity: missing field `id`"),
        ),
        (
            r#"{"id":"é","schema":"Person","properties":{"name":["é", 7]}}"#,
            Err("\"7\": this is no entity: invalid type: integer `7`, expected a string"),
        ),
    ] {
        match (ftm::entity(line), expected) {
            (Ok(Entity::Other(schema)), Ok(expected)) => assert_eq!(schema, expected),
            (Err(mistake), Err(expected)) => assert_eq!(told(line, &[mistake]), [expected]),
            (found, _) => panic!("{line}: {found:?}"),
        }
    }
    assert_eq!(ftm::entity("  ").unwrap(), Entity::Nothing);
}

/// Text that is nearly a line of a list.
fn nearly_a_line() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "\t", "\t", "|", "\"", "\"\"", "name", "kind", "id", "aliases", "person", "country", "true", "member_of",
            "{", "}", "[", "]", ":", ",", "\"id\"", "\"schema\":\"Person\"", "\"properties\":", "\"name\":[\"é\"]",
            "{\"id\":\"x\",\"schema\":\"Person\",\"properties\":{\"name\":[\"x\"]}}", "\\u00e9", "7", "#", "日本", "\u{feff}",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
        1 => prop::collection::vec(any::<u8>(), 0..8).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ];
    prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_line_has_an_answer_that_points_into_it(header in nearly_a_line(), line in nearly_a_line()) {
        let mut pointed = Vec::new();
        let whole = Columns::new("name\tkind\tid\taliases\tmember_of\talert").unwrap();
        match Columns::new(&header) {
            Ok(columns) => pointed.extend(columns.actor(&line).err().unwrap_or_default()),
            Err(mistakes) => for mistake in mistakes {
                prop_assert!(header.get(mistake.span).is_some());
            },
        }
        pointed.extend(whole.actor(&line).err().unwrap_or_default());
        pointed.extend(ftm::entity(&line).err());
        for mistake in pointed {
            prop_assert!(line.get(mistake.span.clone()).is_some(), "{:?}", mistake);
        }
    }

    #[test]
    fn a_written_actor_is_read_as_it_was(
        name in "[A-Za-zé日]{1,12}( [A-Za-zé]{1,9})?",
        aliases in prop::collection::vec("[A-Za-zé日;,']{1,12}", 0..4),
        alert: bool,
    ) {
        let columns = Columns::new("kind\talert\tname\taliases").unwrap();
        let read = columns.actor(&format!("group\t{alert}\t{name}\t{}", aliases.join(" | "))).unwrap();
        let expected = Actor {
            aliases,
            alert,
            ..Actor::new(id_of(&name).unwrap(), name, ActorKind::Group)
        };
        prop_assert_eq!(read, Some(expected));
    }
}
