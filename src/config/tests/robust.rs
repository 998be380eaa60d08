//! Whatever the files say, there is an answer, and always the same.

use super::Folder;
use crate::config::amounts;
use proptest::prelude::*;

/// Text that is nearly a configuration.
fn nearly_toml() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => prop::sample::select(vec![
            "[poll]\n", "[feed.a]\n", "[feed.a.headers]\n", "[[feed]]\n", "[sink.a.webhook]\n",
            "[sink.a.file]\n", "[sink.a]\n", "[route.r]\n", "[http]\n", "[store]\n", "[actor.a]\n",
            "every = ", "min = ", "url = ", "secret = ", "headers = ", "watchlists = ", "allow = ",
            "path = ", "sinks = ", "topics = ", "name = ", "a.b.c = ", "\"x y\" = ", "poll.every = ",
            "\"15m\"", "\"https://u:p@example.org\"", "\"whsec_\"", "[\"*\"]", "[[1, {}], \"\"]",
            "{ env = \"X\" }", "{}", "7", "-1.5e400", "true", "1979-05-27", "'''\nx", "\"\"\"", "\"\\u00e9",
            "\n", "\n", "\n", ",", "=", "[", "]", "{", "}", "\"", "#", "\\", "\t", "日本",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_has_an_answer(main in nearly_toml(), watchlist in nearly_toml()) {
        let folder = Folder::new(&[
            ("wirewatch.toml", &format!("watchlists = [\"w.toml\"]\n{main}")),
            ("w.toml", &watchlist.replace("query", "quarry")),
        ]);
        let print = || match folder.load(&[("WIREWATCH_POLL__EVERY", "20m")]) {
            Ok((config, warnings)) => format!("{config:?} {warnings:?}"),
            Err(problems) => problems.to_string(),
        };
        prop_assert_eq!(print(), print());
    }

    #[test]
    fn any_variable_has_an_answer(name in "[A-Za-z_.\\[\\]-]{0,20}", value in "\\PC{0,10}") {
        let folder = Folder::new(&[("wirewatch.toml", "[poll]\nevery = \"15m\"\n")]);
        let name = format!("WIREWATCH_{name}");
        let print = || format!("{:?}", folder.load(&[(&name, &value)]));
        prop_assert_eq!(print(), print());
    }

    #[test]
    fn a_duration_is_read_as_it_is_shown(seconds in 0i64..300_000_000) {
        let duration = jiff::SignedDuration::from_secs(seconds);
        prop_assert_eq!(amounts::duration(&amounts::show(duration)), Ok(duration));
    }
}
