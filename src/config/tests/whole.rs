//! Whole configurations: what comes of them, in which order, and all mistakes at once.

use super::{Folder, load_text};
use crate::config::{Environment, Http, Level, Lint, LogFormat, Problem, SinkKind, find, load};
use crate::policy::poll::FirstRun;
use crate::policy::selection::Selection;
use jiff::SignedDuration;
use std::path::{Path, PathBuf};

#[test]
fn the_shipped_configuration_is_sound() {
    let environment = Environment::of([("STATE_DIRECTORY", "/var/lib/wirewatch")]);
    let (config, warnings) = load(Path::new("config/wirewatch.toml"), &environment)
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(warnings, []);
    assert!(config.feeds.len() >= 10);
    let actors = &config.watchlist.actors;
    assert!(
        actors
            .iter()
            .any(|actor| actor.alert && actor.id.as_str() == "john-bolton")
    );
    assert!(
        actors
            .iter()
            .all(|actor| !actor.alert || actor.kind.as_str() != "country")
    );
    assert_eq!(config.watchlist.topics[0].id.as_str(), "dprk-nuclear");
    assert!(config.watchlist.topics[0].tests.len() >= 4);
    // Relative to the file that names it.
    assert!(config.sinks.iter().any(|sink| matches!(
        &sink.kind,
        SinkKind::File(file) if file.durable
            && file.lines.as_ref().is_some_and(|lines| lines.path == Path::new("config/alerts.jsonl"))
    )));
}

#[test]
fn nothing_written_is_the_defaults_and_three_warnings() {
    let (config, warnings) = load_text("").unwrap();
    let lints: Vec<Level> = warnings.iter().map(|warning| warning.level).collect();
    let expected = [Lint::NoFeeds, Lint::NoSinks, Lint::NothingToAlert];
    assert_eq!(lints, expected.map(Level::Warning));
    assert_eq!(config.daemon.log_format, LogFormat::Auto);
    assert_eq!(config.daemon.state_dir, Path::new("/var/lib/wirewatch"));
    assert_eq!(config.store.retain, SignedDuration::from_hours(90 * 24));
    assert_eq!(config.http.body_bytes_max, 16 << 20);
    assert!(config.http.proxy.is_none());
    assert_eq!(config.websub, None);
    // Without a configuration the same holds, as for `parse`.
    let default = Http::default();
    assert_eq!(config.http.timeout, default.timeout);
    assert_eq!(config.http.body_bytes_max, default.body_bytes_max);
    assert_eq!(
        (config.http.contact, config.http.allow),
        (default.contact, default.allow)
    );
}

#[test]
fn a_file_sink_writes_lines_or_a_feed_or_both() {
    let folder = Folder::new(&[(
        "wirewatch.toml",
        "[sink.both.file]\npath = \"a.jsonl\"\nrotate = \"100MiB\"\nrotate_age = \"7d\"\nkeep = 3\natom = \"a.atom\"\n\
         [sink.feed.file]\natom = \"b.atom\"\n\
         [sink.numbered.file]\npath = \"a.jsonl.4\"\nrotate_age = \"1d\"\n",
    )]);
    let (config, _) = folder.load(&[]).unwrap();
    let files = config.sinks.iter().map(|sink| match &sink.kind {
        SinkKind::File(file) => file,
        other => panic!("{other:?}"),
    });
    let [both, feed, numbered] = files.collect::<Vec<_>>()[..] else {
        panic!("{:?}", config.sinks);
    };
    let lines = both.lines.as_ref().unwrap();
    assert_eq!(lines.bytes_max, Some(100 << 20));
    assert_eq!(lines.age_max, Some(SignedDuration::from_hours(7 * 24)));
    assert_eq!((lines.keep, lines.rotated(0)), (3, folder.path("a.jsonl")));
    assert_eq!(lines.rotated(3), folder.path("a.jsonl.3"));
    assert_eq!(both.atom, Some(folder.path("a.atom")));
    assert_eq!((&feed.lines, feed.durable), (&None, true));
    assert_eq!(numbered.lines.as_ref().unwrap().keep, 10);
}

#[test]
fn where_hubs_reach_us_and_which_feeds_they_announce() {
    let table = "[websub]\ncallback = \"https://monitor.example.org/websub/\"\n";
    let feeds = "[feed.a]\nurl = \"https://a.example/\"\npush = false\n\
                 [feed.b]\nurl = \"https://b.example/\"\n";
    for (listen, expected) in [
        ("", "127.0.0.1:8631"),
        ("listen = \"[::1]:8632\"\n", "[::1]:8632"),
    ] {
        let (config, _) = load_text(&format!("{table}{listen}{feeds}")).unwrap();
        let websub = config.websub.unwrap();
        assert_eq!(
            websub.callback.as_str(),
            "https://monitor.example.org/websub/"
        );
        assert_eq!(websub.listen, expected.parse().unwrap());
        let pushed: Vec<bool> = config.feeds.iter().map(|feed| feed.push).collect();
        assert_eq!(pushed, [false, true]);
    }
}

const EVERYTHING: &str = r#"
opml = []
[daemon]
state_dir = "state"
listen = ""
log_format = "json"
[store]
url = "sqlite"
retain = "12w"
[http]
contact = "https://example.org/bot"
timeout = "1m30s"
body_max = 1000000
allow = ["10.1.2.3/8", "::1"]
proxy = "http://me:pw@proxy.example.org:3128"
[poll]
every = "30m"
min = "1s"
max = "7d"
host_spacing = "0s"
first_run = "none"
full_text = "never"
[feed.zulu]
url = "https://me:p%40ss@example.org/zulu"
every = "10m"
host_spacing = "5s"
first_run = "48h"
tags = ["asia", "far east"]
publisher = "Zulu"
language = "pt-BR"
headers = { "X-Key" = { env = "KEY" } }
[feed.alpha]
url = "https://example.org/alpha"
first_run = "all"
username = "you"
password = { env = "KEY" }
[host."example.org"]
spacing = "30s"
floor = "1h"
[host.localhost]
spacing = "0s"
[sink.z.log]
[sink.a.file]
path = "a.jsonl"
durable = false
max_age = "1d"
[route.topics-only]
topics = ["*"]
feeds = ["far east", "alpha"]
severity = "high"
sinks = ["z", "a"]
story = "first"
group_wait = "0s"
mute = []
continue = false
[route.all]
sinks = []
"#;

#[test]
fn everything_that_can_be_written_is_read_in_its_order() {
    let folder = Folder::new(&[("wirewatch.toml", EVERYTHING)]);
    let (config, _) = folder
        .load(&[("KEY", "secret")])
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.daemon.state_dir, folder.path("state"));
    let spacings: Vec<SignedDuration> = config
        .feeds
        .iter()
        .map(|feed| feed.poll.host_spacing)
        .collect();
    assert_eq!(spacings, [5, 0].map(SignedDuration::from_secs));
    let rule = config.hosts.rule(&config.feeds[0].url, spacings[0]);
    assert_eq!(rule.spacing, SignedDuration::from_secs(30));
    assert_eq!(rule.floor, Some(SignedDuration::from_hours(1)));
    assert_eq!(config.http.timeout, SignedDuration::from_secs(90));
    assert_eq!(config.daemon.log_format, LogFormat::Json);
    assert_eq!(config.store.retain, SignedDuration::from_hours(12 * 7 * 24));
    assert_eq!(config.http.timeout, SignedDuration::from_secs(90));
    assert_eq!(config.http.body_bytes_max, 1_000_000);
    let allow: Vec<String> = config.http.allow.iter().map(ToString::to_string).collect();
    assert_eq!(allow, ["10.0.0.0/8", "::1/128"]);

    let [zulu, alpha] = &config.feeds[..] else {
        panic!("{:?}", config.feeds);
    };
    assert_eq!(
        (zulu.id.as_str(), alpha.id.as_str()),
        ("zulu", "alpha"),
        "the order of the file"
    );
    assert_eq!(zulu.url.as_str(), "https://example.org/zulu");
    let (username, password) = zulu.login.as_ref().unwrap();
    assert_eq!(
        (username.as_str(), password.expose().as_str()),
        ("me", "p@ss")
    );
    assert_eq!(zulu.poll.shortest(), SignedDuration::from_mins(10));
    assert_eq!(zulu.poll.max, SignedDuration::from_hours(7 * 24));
    assert_eq!(
        zulu.poll.first_run,
        FirstRun::Within(SignedDuration::from_hours(48))
    );
    assert_eq!(zulu.headers[0].0, "X-Key");
    assert_eq!(zulu.headers[0].1.expose(), "secret");
    assert_eq!(alpha.poll.shortest(), SignedDuration::from_mins(30));
    assert_eq!(alpha.poll.first_run, FirstRun::All);
    assert_eq!(alpha.login.as_ref().unwrap().1.expose(), "secret");

    assert_eq!(config.sinks[0].max_age, SignedDuration::from_hours(72));
    assert_eq!(config.sinks[1].max_age, SignedDuration::from_hours(24));
    assert!(matches!(config.sinks[0].kind, SinkKind::Log));
    let SinkKind::File(file) = &config.sinks[1].kind else {
        panic!("{:?}", config.sinks[1]);
    };
    assert!(!file.durable);
    assert_eq!(file.atom, None);
    let lines = file.lines.as_ref().unwrap();
    assert_eq!(lines.path, folder.path("a.jsonl"));
    assert_eq!((lines.bytes_max, lines.age_max), (None, None));

    let [topics_only, all] = &config.routes[..] else {
        panic!("{:?}", config.routes);
    };
    assert_eq!(topics_only.selection.topics, ["*"]);
    assert_eq!(
        topics_only.selection.actors, [""; 0],
        "topics alone are not about actors"
    );
    assert!(!topics_only.next);
    assert_eq!(all.selection, Selection::all());
    assert!(all.next);
}

#[test]
fn all_mistakes_of_all_files_come_in_one_run_in_their_order() {
    let folder = Folder::new(&[
        (
            "wirewatch.toml",
            "watchlists = [\"one.toml\", \"watch.d/*.toml\"]\n[poll]\nevry = \"5m\"\nmin = 5\n\
             [http]\ntimeout = 30s\n[sink.a.fil]\n",
        ),
        ("one.toml", "[actor.a]\nname = 7\nkind = \"preson\"\n"),
        (
            "watch.d/b.toml",
            "[actor.b]\nname = \"B\"\nkind = \"person\"\n[actor.a]\nname = \"A\"\nkind = \"person\"\n",
        ),
        ("watch.d/a.toml", "[actr.b]\n"),
        ("watch.d/ignored.txt", "]["),
    ]);
    let problems = folder
        .load(&[("WIREWATCH_STORE__RETAIN", "long")])
        .unwrap_err();
    let heads: Vec<String> = problems
        .0
        .iter()
        .map(|problem| folder.inside(&format!("{}: {}", problem.place, problem.message)))
        .collect();
    assert_eq!(
        heads,
        [
            "wirewatch.toml:3:1: unknown key `evry`",
            "wirewatch.toml:4:7: expected a duration, found an integer",
            "wirewatch.toml:6:11: this is not TOML: string values must be quoted, expected literal string",
            "wirewatch.toml:7:9: unknown key `fil`",
            "one.toml:2:8: expected text, found an integer",
            "one.toml:3:8: `preson` is not possible here",
            "watch.d/a.toml:1:2: unknown key `actr`",
            "watch.d/b.toml:4:8: `a` is given twice",
            "WIREWATCH_STORE__RETAIN: `long` is not a duration",
        ]
    );
    let twice = &problems.0[7];
    let help = folder.inside(twice.help.as_deref().unwrap());
    assert_eq!(help, "the first is at one.toml:1:8");
}

#[test]
fn a_mistake_in_the_syntax_makes_no_others() {
    for text in [
        "[sink.a.log\n[route.r]\nsinks = [\"a\"]\n",
        "[feed.a]\nurl \"https://example.org\"\n",
        "watchlists = [\"watchlist.toml\"]\n[sink.a.log]\n[route.r]\nactors = [\"x\"]\nsinks = [\"a\"]\n",
    ] {
        let folder = Folder::new(&[
            ("wirewatch.toml", text),
            ("watchlist.toml", "[actor.x\nname = \"X\"\n"),
        ]);
        let problems = folder.load(&[]).unwrap_err();
        let strangers: Vec<&Problem> = problems
            .0
            .iter()
            .filter(|problem| !problem.message.starts_with("this is not TOML"))
            .collect();
        assert!(strangers.is_empty(), "{text}: {strangers:#?}");
    }
}

#[test]
fn warnings_say_what_may_not_be_meant() {
    let (_, warnings) = load_text(
        "[feed.a]\nurl = \"https://example.org/feed\"\nevery = \"1m\"\nmin = \"1m\"\n\
         [feed.b]\nurl = \"http://example.org/feed#x\"\n\
         [feed.own]\nurl = \"http://127.0.0.1:8000/feed\"\nevery = \"1s\"\nmin = \"1s\"\n\
         [sink.w.webhook]\nurl = \"https://hooks.example.org\"\n\
         [sink.lost.log]\n[route.all]\nsinks = [\"w\"]\n",
    )
    .unwrap();
    let codes: Vec<String> = warnings
        .iter()
        .map(|warning| {
            let place = warning.place.rsplit_once("wirewatch.toml:").unwrap().1;
            format!("{place}: {}", warning.level)
        })
        .collect();
    assert_eq!(
        codes,
        [
            "1:1: warning[W003]",
            "3:9: warning[W005]",
            "6:7: warning[W004]",
            "11:1: warning[W006]",
            "13:7: warning[W008]"
        ]
    );
}

#[test]
fn a_file_that_is_not_there_is_named_as_it_was_given() {
    let problems = load(Path::new("no/such.toml"), &Environment::default()).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "no/such.toml: error: cannot read no/such.toml: No such file or directory (os error 2)\n  \
         help: `wirewatch init` writes a configuration to begin with"
    );
}

#[test]
fn the_main_file_is_searched_for_in_order() {
    let folder = Folder::new(&[("wirewatch.toml", "")]);
    let systemd = folder.0.path().to_str().unwrap();
    let named = Path::new("named.toml");
    let both = Environment::of([
        ("WIREWATCH_CONFIG", "variable.toml"),
        ("CONFIGURATION_DIRECTORY", systemd),
    ]);
    let only_systemd = Environment::of([("CONFIGURATION_DIRECTORY", systemd)]);
    assert_eq!(find(Some(named), &both), Ok(named.to_owned()));
    assert_eq!(find(None, &both), Ok(PathBuf::from("variable.toml")));
    assert_eq!(find(None, &only_systemd), Ok(folder.path("wirewatch.toml")));
    // Tests run in the root of the repository.
    assert_eq!(
        find(None, &Environment::default()),
        Ok(PathBuf::from("config/wirewatch.toml"))
    );
}
