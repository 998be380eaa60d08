//! Variables override single values, and are checked like what is written.

use super::Folder;
use jiff::SignedDuration;

const MAIN: &str = r#"
[poll]
every = "1h"
[http]
allow = []
[feed.bbc-asia]
url = "https://example.org/feed"
[sink.archive.file]
path = "a.jsonl"
"#;

fn errors(variables: &[(&str, &str)]) -> Vec<String> {
    let problems = Folder::new(&[("wirewatch.toml", MAIN)])
        .load(variables)
        .unwrap_err();
    problems.0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_variable_wins_over_the_file_and_the_file_over_the_default() {
    let folder = Folder::new(&[("wirewatch.toml", MAIN)]);
    let variables = [
        ("WIREWATCH_POLL__EVERY", "20m"),
        ("WIREWATCH_POLL__MAX", "2d"),
        ("WIREWATCH_HTTP__BODY_MAX", "1024"),
        ("WIREWATCH_FEED__BBC_ASIA__MIN", "10m"),
        ("WIREWATCH_SINK__ARCHIVE__FILE__DURABLE", "false"),
        ("WIREWATCH_CONFIG", "elsewhere.toml"),
        ("WIREWATCH_LOG", "debug"),
    ];
    // `config` keeps its keys in an order of chance.
    for _ in 0..50 {
        let (config, _) = folder.load(&variables).unwrap();
        let feed = &config.feeds[0];
        assert_eq!(feed.id.as_str(), "bbc-asia");
        assert_eq!(feed.poll.shortest(), SignedDuration::from_mins(20));
        assert_eq!(feed.poll.min, SignedDuration::from_mins(10));
        assert_eq!(feed.poll.max, SignedDuration::from_hours(48));
        assert_eq!(config.http.body_bytes_max, 1024);
        assert!(format!("{:?}", config.sinks).contains("durable: false"));
    }
}

#[test]
fn errors_name_the_variable() {
    let rows = [
        (
            ("WIREWATCH_POLL__EVERY", "5 minutes"),
            "WIREWATCH_POLL__EVERY: error: `minutes` is not a unit of time (poll.every)\n  \
             help: write a duration such as \"30s\", \"15m\", \"1h30m\" or \"7d\", or \"auto\"",
        ),
        (
            ("WIREWATCH_POLL__EVRY", "5m"),
            "WIREWATCH_POLL__EVRY: error: unknown key `evry` (poll.evry)\n  \
             help: did you mean WIREWATCH_POLL__EVERY?",
        ),
        (
            ("WIREWATCH_POL__EVERY", "5m"),
            "WIREWATCH_POL__EVERY: error: unknown key `pol` (pol)\n  \
             help: did you mean `poll`?",
        ),
        (
            ("WIREWATCH_POLL", "5m"),
            "WIREWATCH_POLL: error: only single values can be set here (poll)\n  \
             help: lists and tables are set in the file",
        ),
        (
            ("WIREWATCH_HTTP__ALLOW", "10.0.0.0/8"),
            "WIREWATCH_HTTP__ALLOW: error: only single values can be set here (http.allow)\n  \
             help: lists and tables are set in the file",
        ),
        (
            ("WIREWATCH_WATCHLISTS", "a.toml"),
            "WIREWATCH_WATCHLISTS: error: expected a list, found text (watchlists)\n  \
             help: lists and tables are set in the file",
        ),
        (
            ("WIREWATCH_POLL__EVERY[0]", "5m"),
            "WIREWATCH_POLL__EVERY[0]: error: this is not the path of a key\n  \
             help: two underscores stand between the keys of a path: WIREWATCH_POLL__EVERY",
        ),
        (
            ("WIREWATCH_SINK__ARCHIVE__FILE__DURABLE", "yes"),
            "WIREWATCH_SINK__ARCHIVE__FILE__DURABLE: error: expected true or false, found text \
             (sink.archive.file.durable)\n  help: write it without quotes",
        ),
    ];
    for (variable, expected) in rows {
        assert_eq!(errors(&[variable]), [expected]);
    }
}

#[test]
fn a_value_and_a_table_under_one_name_are_told_apart() {
    let variables = [
        ("WIREWATCH_DAEMON", "x"),
        ("WIREWATCH_DAEMON__LOG_FORMAT", "json"),
    ];
    assert_eq!(
        errors(&variables),
        [
            "WIREWATCH_DAEMON: error: `daemon` is a table, since `daemon.log_format` is set as well (daemon)"
        ]
    );
}
