use super::*;
use std::fs;

/// Checks a main file beside a watchlist.
fn check(main: &str, watchlist: &str, deny_warnings: bool) -> (u8, Result<String, String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wirewatch.toml");
    fs::write(&path, main).unwrap();
    fs::write(folder.path().join("watchlist.toml"), watchlist).unwrap();
    let environment = Environment::of([("STATE_DIRECTORY", "/var/lib/wirewatch")]);
    let inside = |text: String| text.replace(&format!("{}/", folder.path().display()), "");
    let said = config::read(&path, &environment)
        .and_then(test)
        .map(|(config, warnings)| inside(summary(&config, warnings.len())))
        .map_err(|problems| inside(problems.to_string()));
    (run(&path, deny_warnings, &environment), said)
}

const MAIN: &str = r#"
watchlists = ["watchlist.toml"]
[feed.a]
url = "https://example.org/feed"
[sink.journal.log]
"#;

#[test]
fn a_sound_configuration_is_counted() {
    let topic = "[topic.fruit]\nquery = \"apple\"\n[[topic.fruit.tests]]\ntext = \"A banana.\"\nexpect = false\n";
    let expected = "wirewatch.toml: 1 feed, 1 sink, 0 routes, 0 actors, 1 topic: no mistakes";
    assert_eq!(
        check(MAIN, topic, true),
        (exit::DONE, Ok(expected.to_owned()))
    );
}

#[test]
fn warnings_fail_only_when_they_are_denied() {
    let expected =
        Ok("wirewatch.toml: 1 feed, 1 sink, 0 routes, 0 actors, 0 topics: 1 warning".to_owned());
    assert_eq!(check(MAIN, "", false), (exit::DONE, expected.clone()));
    assert_eq!(check(MAIN, "", true), (exit::NO, expected));
}

#[test]
fn mistakes_and_failing_tests_are_configuration_errors() {
    let (code, said) = check("[poll]\nevery = 1\n", "", false);
    assert_eq!((code, said.is_err()), (exit::CONFIG, true));
    let topic = "[topic.fruit]\nquery = \"apple\"\n[[topic.fruit.tests]]\ntext = \"A banana.\"\nexpect = true\n";
    let expected = "watchlist.toml:3:1: error: test fails: expected a match, but nothing matched \
                    (topic.fruit.tests[0])\n  [[topic.fruit.tests]]\n  ^^^^^^^^^^^^^^^^^^^^^";
    assert_eq!(
        check(MAIN, topic, false),
        (exit::CONFIG, Err(expected.to_owned()))
    );
}
