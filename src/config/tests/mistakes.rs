//! One mistake a row, with the place, the message and the help that it must get.

use super::Folder;
use crate::config::{Level, Problem};

pub(super) struct Row {
    pub(super) text: &'static str,
    pub(super) at: &'static str,
    pub(super) message: &'static str,
    pub(super) key: &'static str,
    pub(super) help: &'static str,
}

/// `file` has the text of the row and is the only one with a mistake.
pub(super) fn check(row: &Row, file: &str, folder: &Folder) {
    let problems = folder.load(&[]).expect_err(row.text).0;
    let errors: Vec<&Problem> = problems
        .iter()
        .filter(|problem| problem.level == Level::Error)
        .collect();
    assert_eq!(errors.len(), 1, "{}: {errors:#?}", row.text);
    let error = errors[0];
    let text = |text: &Option<String>| folder.inside(text.as_deref().unwrap_or_default());
    assert_eq!(
        (
            folder.inside(&error.place).as_str(),
            folder.inside(&error.message).as_str(),
            text(&error.key).as_str(),
            text(&error.help).as_str(),
        ),
        (
            format!("{file}:{}", row.at).as_str(),
            row.message,
            row.key,
            row.help
        ),
        "{}",
        row.text
    );
}

#[test]
fn every_mistake_in_the_main_file_has_its_place_and_help() {
    for row in MAIN {
        let folder = Folder::new(&[("wirewatch.toml", row.text)]);
        check(row, "wirewatch.toml", &folder);
    }
}

#[test]
fn every_mistake_in_a_watchlist_has_its_place_and_help() {
    for row in WATCHLIST {
        let folder = Folder::new(&[
            ("wirewatch.toml", "watchlists = [\"watchlist.toml\"]\n"),
            ("watchlist.toml", row.text),
        ]);
        check(row, "watchlist.toml", &folder);
    }
}

const MAIN: &[Row] = &[
    Row {
        text: "[poll]
every = 15
",
        at: "2:9",
        message: "expected a duration, found an integer",
        key: "poll.every",
        help: r#"write a duration such as "30s", "15m", "1h30m" or "7d""#,
    },
    Row {
        text: r#"[poll]
every = "15"
"#,
        at: "2:9",
        message: "`15` has no unit",
        key: "poll.every",
        help: r#"write a duration such as "30s", "15m", "1h30m" or "7d", or "auto""#,
    },
    Row {
        text: r#"[poll]
every = "15 minutes"
"#,
        at: "2:9",
        message: "`minutes` is not a unit of time",
        key: "poll.every",
        help: r#"write a duration such as "30s", "15m", "1h30m" or "7d", or "auto""#,
    },
    Row {
        text: r#"[poll]
every = "30m1h"
"#,
        at: "2:9",
        message: "`30m1h` has its units in the wrong order, or one twice",
        key: "poll.every",
        help: r#"write a duration such as "30s", "15m", "1h30m" or "7d", or "auto""#,
    },
    Row {
        text: r#"[poll]
max = "1000w"
"#,
        at: "2:7",
        message: "`1000w` is longer than ten years",
        key: "poll.max",
        help: r#"write a duration such as "30s", "15m", "1h30m" or "7d""#,
    },
    Row {
        text: r#"[poll]
every = "2m"
"#,
        at: "2:9",
        message: "`min` (5m) is more than `every` (2m)",
        key: "poll.every",
        help: "raise `every` or lower `min`",
    },
    Row {
        text: r#"[poll]
max = "10m"
"#,
        at: "2:7",
        message: "`every` (15m) is more than `max` (10m)",
        key: "poll.max",
        help: "raise `max` or lower `every`",
    },
    Row {
        text: r#"[poll]
first_run = "some"
"#,
        at: "2:13",
        message: "`some` is not a duration",
        key: "poll.first_run",
        help: r#"write "none", "all", or an age such as "24h""#,
    },
    Row {
        text: r#"[poll]
every = "auto"
requests_per_minute = 0
"#,
        at: "3:23",
        message: "this is no number of requests a minute",
        key: "poll.requests_per_minute",
        help: "write a whole number from 1 to 1000000",
    },
    Row {
        text: r#"[feed.x]
url = "https://news.example/rss"
requests_per_minute = 60
"#,
        at: "3:23",
        message: "this is what all feeds may cost together",
        key: "feed.x.requests_per_minute",
        help: "write it into [poll]; a feed has `every`, `min` and `max`",
    },
    Row {
        text: r#"[poll]
every = "atuo"
"#,
        at: "2:9",
        message: "`atuo` is not a duration",
        key: "poll.every",
        help: "did you mean `auto`?",
    },
    Row {
        text: "[feed.a]
url = \"https://example.org/feed\"
full_text = true
",
        at: "3:13",
        message: "expected text, found true or false",
        key: "feed.a.full_text",
        help: r#"write one of "never", "near", "always""#,
    },
    Row {
        text: r#"[poll]
full_text = "allways"
"#,
        at: "2:13",
        message: "`allways` is not possible here",
        key: "poll.full_text",
        help: "did you mean `always`?",
    },
    Row {
        text: "[websub]
",
        at: "1:1",
        message: "`callback` is missing",
        key: "websub.callback",
        help: "add a line such as: callback = \"https://monitor.example.org/websub\"",
    },
    Row {
        text: r#"[websub]
callback = "https://a.example/b?c=d"
"#,
        at: "2:12",
        message: "only a host and a path can stand here",
        key: "websub.callback",
        help: r#"each subscription adds an end of its own: write one such as "https://monitor.example.org/websub""#,
    },
    Row {
        text: r#"[websub]
callback = "https://a.example/b"
listen = "8631"
"#,
        at: "3:10",
        message: "this is not an address to listen at",
        key: "websub.listen",
        help: r#"write an address of this machine and a port, such as "127.0.0.1:8631" or "[::1]:8631""#,
    },
    Row {
        text: r#"[websub]
callback = "https://a.example/b"
lissen = "127.0.0.1:8631"
"#,
        at: "3:1",
        message: "unknown key `lissen`",
        key: "websub.lissen",
        help: "did you mean `listen`?",
    },
    Row {
        text: r#"[feed.a]
url = "https://a.example/"
push = true
"#,
        at: "3:8",
        message: "no hub can reach us without a table [websub]",
        key: "feed.a.push",
        help: "add one with a `callback`, or remove the key",
    },
    Row {
        text: r#"[pol]
every = "15m"
"#,
        at: "1:2",
        message: "unknown key `pol`",
        key: "pol",
        help: "did you mean `poll`?",
    },
    Row {
        text: r#"[poll]
host_spcing = "2s"
"#,
        at: "2:1",
        message: "unknown key `host_spcing`",
        key: "poll.host_spcing",
        help: "did you mean `host_spacing`?",
    },
    Row {
        text: r#"[host."a/b"]
spacing = "2s"
"#,
        at: "1:7",
        message: "`a/b` is not the name of a host",
        key: "host.\"a/b\"",
        help: "write a name between quotes, such as [host.\"example.org\"]",
    },
    Row {
        text: r#"[host."example.org"]
floor = "0s"
"#,
        at: "2:9",
        message: "this must be more than nothing",
        key: "host.\"example.org\".floor",
        help: "write a duration such as \"30s\", \"15m\", \"1h30m\" or \"7d\"",
    },
    Row {
        text: r#"[daemon]
log_format = "jsn"
"#,
        at: "2:14",
        message: "`jsn` is not possible here",
        key: "daemon.log_format",
        help: "did you mean `json`?",
    },
    Row {
        text: r#"[daemon]
log_format = "journald"
"#,
        at: "2:14",
        message: r#"this version cannot do `log_format = "journald"` yet"#,
        key: "daemon.log_format",
        help: "choose another value",
    },
    Row {
        text: r#"[daemon]
listen = "8630"
"#,
        at: "2:10",
        message: "this is not an address to listen at",
        key: "daemon.listen",
        help: r#"write an address of this machine and a port, such as "127.0.0.1:8631" or "[::1]:8631""#,
    },
    Row {
        text: "[daemon]
state_dir = 7
",
        at: "2:13",
        message: "expected text, found an integer",
        key: "daemon.state_dir",
        help: r#"text stands between quotes: "…""#,
    },
    Row {
        text: r#"[store]
url = "postgres://user@host/db"
"#,
        at: "2:7",
        message: "this version cannot use PostgreSQL yet",
        key: "store.url",
        help: r#"write url = "sqlite", or remove the key"#,
    },
    Row {
        text: r#"[store]
url = "mysql"
"#,
        at: "2:7",
        message: "there is no such store",
        key: "store.url",
        help: r#"write url = "sqlite", or remove the key"#,
    },
    Row {
        text: r#"[store]
retain = "0s"
"#,
        at: "2:10",
        message: "this must be more than nothing",
        key: "store.retain",
        help: r#"write a duration such as "30s", "15m", "1h30m" or "7d""#,
    },
    Row {
        text: r#"[http]
timeout = "999ms"
"#,
        at: "2:11",
        message: "the timeout is too short",
        key: "http.timeout",
        help: r#"write "1s" or more"#,
    },
    Row {
        text: r#"[http]
body_max = "16 MX"
"#,
        at: "2:12",
        message: "`16 MX` is not a size",
        key: "http.body_max",
        help: r#"write a size such as "16MiB", "500kB" or 1048576"#,
    },
    Row {
        text: r#"[http]
body_max = "2GiB"
"#,
        at: "2:12",
        message: "no body can have this size",
        key: "http.body_max",
        help: r#"write a size between 1 and "1GiB""#,
    },
    Row {
        text: r#"[http]
allow = "10.0.0.0/8"
"#,
        at: "2:9",
        message: "expected a list, found text",
        key: "http.allow",
        help: r#"a list stands in brackets: ["…", "…"]"#,
    },
    Row {
        text: r#"[http]
allow = ["10.0.0.0/8", "10.0.0/8"]
"#,
        at: "2:24",
        message: "`10.0.0/8` is not a network",
        key: "http.allow[1]",
        help: r#"write a network such as "10.0.0.0/8", or an address"#,
    },
    Row {
        text: r#"[http]
contact = "Zoë"
"#,
        at: "2:11",
        message: "this cannot stand in a header of a request",
        key: "http.contact",
        help: "write an address of a page or a mailbox in ASCII",
    },
    Row {
        text: r#"[http]
proxy = "socks5://localhost"
"#,
        at: "2:9",
        message: "this is not the address of a proxy",
        key: "http.proxy",
        help: r#"write one such as "http://proxy.example.org:3128""#,
    },
    Row {
        text: r#"opml = ["feeds.opml"]
"#,
        at: "1:9",
        message: "cannot read feeds.opml: No such file or directory (os error 2)",
        key: "opml[0]",
        help: "create it, or remove it from the list",
    },
    Row {
        text: r#"watchlists = ["gone.toml"]
"#,
        at: "1:15",
        message: "cannot read gone.toml: No such file or directory (os error 2)",
        key: "watchlists[0]",
        help: "create it, or remove it from the list",
    },
    Row {
        text: r#"watchlists = ["watch.d/***"]
"#,
        at: "1:15",
        message: "`watch.d/***` is not a pattern: wildcards are either regular `*` or recursive `**`",
        key: "watchlists[0]",
        help: "`*` stands for any text within a name",
    },
    Row {
        text: r#"[feed.a]
tags = ["x"]
"#,
        at: "1:1",
        message: "`url` is missing",
        key: "feed.a.url",
        help: r#"add a line such as: url = "https://example.org/feed.xml""#,
    },
    Row {
        text: r#"[feed.a]
url = "bbc.co.uk/rss"
"#,
        at: "2:7",
        message: "an address begins with https:// or http://",
        key: "feed.a.url",
        help: r#"write one such as "https://example.org/feed.xml""#,
    },
    Row {
        text: r#"[feed.a]
url = "ftp://example.org/feed"
"#,
        at: "2:7",
        message: "this is not an http or https address",
        key: "feed.a.url",
        help: r#"write one such as "https://example.org/feed.xml""#,
    },
    Row {
        text: r#"[feed.Asia]
url = "https://example.org/feed"
"#,
        at: "1:7",
        message: "`Asia` is not a name: use 1 to 64 of the characters a-z, 0-9, `-` and `_`, not starting with `-` or `_`",
        key: "feed.Asia",
        help: "did you mean `asia`?",
    },
    Row {
        text: r#"[feed.a]
url = "https://example.org/feed"
interval = "5m"
"#,
        at: "3:1",
        message: "unknown key `interval`",
        key: "feed.a.interval",
        help: "known here: `url`, `every`, `min`, `max`, `host_spacing`, `first_run`, `full_text`, `push`, `tags`, `publisher`, `language`, `username`, `password`, `headers`",
    },
    Row {
        text: r#"[feed.a]
url = "https://example.org/feed"
urll = "5m"
"#,
        at: "3:1",
        message: "unknown key `urll`",
        key: "feed.a.urll",
        help: "did you mean `url`?",
    },
    Row {
        text: r#"[feed.a]
url = "https://example.org/feed"
every = "1m"
"#,
        at: "3:9",
        message: "`min` (5m) is more than `every` (1m)",
        key: "feed.a.every",
        help: "raise `every` or lower `min`",
    },
    Row {
        text: r#"[feed.a]
url = "https://example.org/feed"
language = "english please"
"#,
        at: "3:12",
        message: "`english please` is not a language",
        key: "feed.a.language",
        help: r#"write a code such as "en" or "pt-BR""#,
    },
    Row {
        text: r#"[feed.a]
url = "https://example.org/feed"
tags = ["asia", ""]
"#,
        at: "3:17",
        message: "this is empty",
        key: "feed.a.tags[1]",
        help: "write something, or remove the key",
    },
    Row {
        text: r#"[feed.a]
url = "https://example.org/feed"
tags = ["*"]
"#,
        at: "3:9",
        message: "`*` is not a tag",
        key: "feed.a.tags[0]",
        help: "in routes it stands for all",
    },
    Row {
        text: r#"[feed.a]
url = "https://example.org/feed"
username = "me"
"#,
        at: "3:12",
        message: "there is no `password` to this",
        key: "feed.a.username",
        help: "add one",
    },
    Row {
        text: r#"[feed.a]
url = "https://you@example.org/feed"
username = "me"
password = { env = "STATE_DIRECTORY" }
"#,
        at: "3:12",
        message: "a login stands in the address as well",
        key: "feed.a.username",
        help: "remove one of the two",
    },
    Row {
        text: r#"[feed.a]
url = "https://example.org/feed"
headers = { "X Key" = "1" }
"#,
        at: "3:13",
        message: "`X Key` is not the name of a header",
        key: r#"feed.a.headers."X Key""#,
        help: "",
    },
    Row {
        text: r#"feed = "https://example.org/feed"
"#,
        at: "1:8",
        message: "expected a table, found text",
        key: "feed",
        help: "a table begins with the line [feed.NAME]",
    },
    Row {
        text: r#"[[feed]]
url = "https://example.org/feed"
"#,
        at: "1:1",
        message: "expected a table, found a list",
        key: "feed",
        help: "a table begins with the line [feed.NAME]",
    },
    Row {
        text: "[sink.a]
",
        at: "1:1",
        message: "this sink is of no kind",
        key: "sink.a",
        help: "write [sink.a.log], [sink.a.file], [sink.a.webhook] or [sink.a.email]",
    },
    Row {
        text: "[sink.a.webhok]
",
        at: "1:9",
        message: "unknown key `webhok`",
        key: "sink.a.webhok",
        help: "did you mean `webhook`?",
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
[sink.a.log]
"#,
        at: "1:1",
        message: "this sink is of more than one kind",
        key: "sink.a.file",
        help: "give each its own name: [sink.ONE.file], [sink.OTHER.webhook]",
    },
    Row {
        text: "[sink.a.file]
",
        at: "1:1",
        message: "`path` is missing",
        key: "sink.a.file.path",
        help: r#"add a line such as: path = "alerts.jsonl""#,
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
rotate = 0
"#,
        at: "3:10",
        message: "this must be more than nothing",
        key: "sink.a.file.rotate",
        help: r#"write a size such as "16MiB", "500kB" or 1048576"#,
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
rotate_age = "0s"
"#,
        at: "3:14",
        message: "this must be more than nothing",
        key: "sink.a.file.rotate_age",
        help: r#"write a duration such as "30s", "15m", "1h30m" or "7d""#,
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
keep = 3
"#,
        at: "3:8",
        message: "`keep` counts rotated files, and nothing says when to rotate",
        key: "sink.a.file.keep",
        help: r#"add a line such as: rotate = "100MiB""#,
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
rotate = "1MiB"
keep = 0
"#,
        at: "4:8",
        message: "this is no number of files that can be kept",
        key: "sink.a.file.keep",
        help: "write a number from 1 to 1000, without quotes",
    },
    Row {
        text: r#"[sink.a.file]
atom = "a"
rotate = "1MiB"
"#,
        at: "3:10",
        message: "`rotate` speaks of lines, and this sink writes none",
        key: "sink.a.file.rotate",
        help: r#"add a line such as: path = "alerts.jsonl""#,
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
[sink.b.file]
path = "./a"
"#,
        at: "4:8",
        message: "./a is written by `sink.a.file.path` as well",
        key: "sink.b.file.path",
        help: "give each its own file; several routes may lead to one sink",
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
atom = "a"
"#,
        at: "3:8",
        message: "a is written by `sink.a.file.path` as well",
        key: "sink.a.file.atom",
        help: "give each its own file; several routes may lead to one sink",
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
rotate = "1MiB"
[sink.b.file]
atom = "a.10"
"#,
        at: "5:8",
        message: "a.10 is written by `sink.a.file.path` as well",
        key: "sink.b.file.atom",
        help: "give each its own file; several routes may lead to one sink",
    },
    Row {
        text: r#"[sink.a.file]
path = "a"
durable = "yes"
"#,
        at: "3:11",
        message: "expected true or false, found text",
        key: "sink.a.file.durable",
        help: "write it without quotes",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "slak"
"#,
        at: "3:10",
        message: "`slak` is not possible here",
        key: "sink.a.webhook.format",
        help: "did you mean `slack`?",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "matrix"
room = "news:example.org"
token = "syt_x"
"#,
        at: "4:8",
        message: "this is not the id of a room",
        key: "sink.a.webhook.room",
        help: "the id begins with `!`; the settings of the room show it",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "telegram"
chat = "news"
"#,
        at: "4:8",
        message: "this is not a chat",
        key: "sink.a.webhook.chat",
        help: "write the number of the chat, or the @name of a public channel, in quotes",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "telegram"
"#,
        at: "1:1",
        message: "`chat` is missing",
        key: "sink.a.webhook.chat",
        help: "add a line such as: chat = \"-1001234567890\"",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
format = "standart"
"#,
        at: "3:10",
        message: "`standart` is not possible here",
        key: "sink.a.webhook.format",
        help: "did you mean `standard`?",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = "hunter2"
"#,
        at: "3:10",
        message: "the secret begins with neither `whsec_` nor `whsk_`",
        key: "sink.a.webhook.secret",
        help: r#"make one: echo "whsec_$(head -c 32 /dev/urandom | base64)"; the receiver needs it as well"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = "whsec_c2hvcnQ="
"#,
        at: "3:10",
        message: "the secret has 5 bytes; it must have 24 to 64",
        key: "sink.a.webhook.secret",
        help: r#"make one: echo "whsec_$(head -c 32 /dev/urandom | base64)"; the receiver needs it as well"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = "whsk_c2hvcnQ="
"#,
        at: "3:10",
        message: "the private key has 5 bytes; it must have 32, or 64 with its public key",
        key: "sink.a.webhook.secret",
        help: r#"make one: echo "whsk_$(head -c 32 /dev/urandom | base64)"; `wirewatch sinks` prints its public key for the receiver"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = "whsk_not base64"
"#,
        at: "3:10",
        message: "what follows `whsk_` is not base64",
        key: "sink.a.webhook.secret",
        help: r#"make one: echo "whsk_$(head -c 32 /dev/urandom | base64)"; `wirewatch sinks` prints its public key for the receiver"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = "whpk_eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="
"#,
        at: "3:10",
        message: "`whpk_` is a public key, which cannot sign",
        key: "sink.a.webhook.secret",
        help: r#"make one: echo "whsk_$(head -c 32 /dev/urandom | base64)"; `wirewatch sinks` prints its public key for the receiver"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = ["whsec_eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=", "whsk_eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eA=="]
"#,
        at: "3:65",
        message: "the two halves of the private key do not belong together",
        key: "sink.a.webhook.secret[1]",
        help: r#"make one: echo "whsk_$(head -c 32 /dev/urandom | base64)"; `wirewatch sinks` prints its public key for the receiver"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = "whsec_not base64"
"#,
        at: "3:10",
        message: "what follows `whsec_` is not base64",
        key: "sink.a.webhook.secret",
        help: r#"make one: echo "whsec_$(head -c 32 /dev/urandom | base64)"; the receiver needs it as well"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = []
"#,
        at: "3:10",
        message: "there are 0 secrets",
        key: "sink.a.webhook.secret",
        help: "give 1 to 8, or remove the key",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = { file = "gone" }
"#,
        at: "3:19",
        message: "cannot read gone: No such file or directory (os error 2)",
        key: "sink.a.webhook.secret.file",
        help: "the file holds the secret and nothing else",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = { env = "GONE" }
"#,
        at: "3:18",
        message: "the variable GONE is not set",
        key: "sink.a.webhook.secret.env",
        help: "set it for the process that runs wirewatch",
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = { credential = "hook" }
"#,
        at: "3:25",
        message: "the credential `hook` is not here: $CREDENTIALS_DIRECTORY is not set",
        key: "sink.a.webhook.secret.credential",
        help: r#"credentials come from systemd (LoadCredential=); elsewhere use { file = "…" }"#,
    },
    Row {
        text: r#"[sink.a.webhook]
url = "https://example.org"
secret = { env = "A", file = "b" }
"#,
        at: "3:10",
        message: "a secret comes from exactly one place",
        key: "sink.a.webhook.secret",
        help: r#"write { file = "…" }, { env = "NAME" } or { credential = "name" }"#,
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["b"]
"#,
        at: "3:10",
        message: "there is no sink `b`",
        key: "route.r.sinks[0]",
        help: "known here: `a`",
    },
    Row {
        text: r#"[sink.journal.log]
[route.r]
sinks = ["jounral"]
"#,
        at: "3:10",
        message: "there is no sink `jounral`",
        key: "route.r.sinks[0]",
        help: "did you mean `journal`?",
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
feeds = ["asia"]
"#,
        at: "4:10",
        message: "there is no feed or tag `asia`",
        key: "route.r.feeds[0]",
        help: "",
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
severity = "hgih"
"#,
        at: "4:12",
        message: "`hgih` is not possible here",
        key: "route.r.severity",
        help: "did you mean `high`?",
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
limit = "60"
"#,
        at: "4:9",
        message: "`60` is not a rate",
        key: "route.r.limit",
        help: r#"write a number and a time such as "60/1h""#,
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
limit = "20000/1h"
"#,
        at: "4:9",
        message: "no route can keep to this limit",
        key: "route.r.limit",
        help: r#"write at most 10000 in at most "7d""#,
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
group_wait = "2d"
"#,
        at: "4:14",
        message: "this is too long to wait for others",
        key: "route.r.group_wait",
        help: r#"write "24h" or less"#,
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
mute = ["22:00-07:00"]
"#,
        at: "4:9",
        message: "the window has no time zone",
        key: "route.r.mute[0]",
        help: r#"write it as in "22:00-07:00 Europe/Berlin", or with UTC"#,
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
mute = ["22:00-07:00 Europe/Berlni"]
"#,
        at: "4:9",
        message: "there is no time zone `Europe/Berlni`",
        key: "route.r.mute[0]",
        help: "did you mean `Europe/Berlin`?",
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
mute = ["22-07 UTC"]
"#,
        at: "4:9",
        message: "`22` is not a time of day",
        key: "route.r.mute[0]",
        help: r#"write a window such as "22:00-07:00 Europe/Berlin" or "Sat,Sun 00:00-24:00 UTC""#,
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
mute = ["00:00-24:00 UTC"]
"#,
        at: "4:8",
        message: "these windows leave no time at which anything is sent",
        key: "route.r.mute",
        help: "leave a gap, or remove the route",
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
tags = ["asai"]
"#,
        at: "4:9",
        message: "there is no tag `asai`",
        key: "route.r.tags[0]",
        help: "",
    },
    Row {
        text: r#"[sink.a.log]
[route.r]
sinks = ["a"]
story = "every"
"#,
        at: "4:9",
        message: "this version cannot do `story` yet",
        key: "route.r.story",
        help: r#"remove the key, or write story = "first""#,
    },
    Row {
        text: r#"[route.r]
topics = ["*"]
"#,
        at: "1:1",
        message: "`sinks` is missing",
        key: "route.r.sinks",
        help: r#"add a line such as: sinks = ["journal"]"#,
    },
    Row {
        text: "[poll]
every = 15m
",
        at: "2:9",
        message: "this is not TOML: string values must be quoted, expected literal string",
        key: "",
        help: r#"text stands between quotes: key = "text""#,
    },
    Row {
        text: r#"[poll]
every = "15m"
every = "16m"
"#,
        at: "3:1",
        message: "`every` is given twice",
        key: "",
        help: "remove one of the two",
    },
    Row {
        text: r#"[poll
every = "15m"
"#,
        at: "1:6",
        message: "this is not TOML: unclosed table, expected `]`",
        key: "",
        help: "",
    },
    Row {
        text: r#""a.b" = 1
"#,
        at: "1:1",
        message: "unknown key `a.b`",
        key: r#""a.b""#,
        help: "known here: `watchlists`, `daemon`, `store`, `http`, `websub`, `poll`, `feed`, `opml`, `host`, `sink`, `route`",
    },
];

const WATCHLIST: &[Row] = &[
    Row {
        text: r#"[actor.a]
kind = "person"
"#,
        at: "1:1",
        message: "`name` is missing",
        key: "actor.a.name",
        help: r#"add a line such as: name = "John Bolton""#,
    },
    Row {
        text: r#"[actor.a]
name = "A"
"#,
        at: "1:1",
        message: "`kind` is missing",
        key: "actor.a.kind",
        help: r#"add a line such as: kind = "person""#,
    },
    Row {
        text: r#"[actor.a]
name = "A"
kind = "preson"
"#,
        at: "3:8",
        message: "`preson` is not possible here",
        key: "actor.a.kind",
        help: "did you mean `person`?",
    },
    Row {
        text: r#"[actor.a]
name = "A"
kind = "person"
aliases = "B"
"#,
        at: "4:11",
        message: "expected a list, found text",
        key: "actor.a.aliases",
        help: r#"a list stands in brackets: ["…", "…"]"#,
    },
    Row {
        text: r#"[actor.a]
name = "A"
kind = "person"
alises = ["B"]
"#,
        at: "4:1",
        message: "unknown key `alises`",
        key: "actor.a.alises",
        help: "did you mean `aliases`?",
    },
    Row {
        text: r#"[actor.a]
name = "A"
kind = "person"
surname = "yes"
"#,
        at: "4:11",
        message: "expected true or false, found text",
        key: "actor.a.surname",
        help: "write it without quotes",
    },
    Row {
        text: r#"[actor.a]
name = "A"
kind = "person"
roles = [{ title = "envoy", from = "May 2001" }]
"#,
        at: "4:36",
        message: "`May 2001` is no date",
        key: "actor.a.roles[0].from",
        help: r#"write year, month and day: "2001-05-11""#,
    },
    Row {
        text: r#"[actor.a]
name = "A"
kind = "person"
roles = [{ title = "envoy", from = "2005-07-31", to = "2001-05-11" }]
"#,
        at: "4:10",
        message: "the role ends on 2001-05-11, before it begins on 2005-07-31",
        key: "actor.a.roles[0]",
        help: "exchange `from` and `to`",
    },
    Row {
        text: r#"[actor.a]
name = "A"
kind = "person"
roles = [{ from = "2005-07-31" }]
"#,
        at: "4:10",
        message: "`title` is missing",
        key: "actor.a.roles[0].title",
        help: r#"add a line such as: title = "undersecretary""#,
    },
    Row {
        text: r#"[actor.a]
name = "A"
kind = "person"
member_of = ["B C"]
"#,
        at: "4:14",
        message: "`B C` is not a name: use 1 to 64 of the characters a-z, 0-9, `-` and `_`, not starting with `-` or `_`",
        key: "actor.a.member_of[0]",
        help: "did you mean `b-c`?",
    },
    Row {
        text: r#"[actor.A]
name = "A"
kind = "person"
"#,
        at: "1:8",
        message: "`A` is not a name: use 1 to 64 of the characters a-z, 0-9, `-` and `_`, not starting with `-` or `_`",
        key: "actor.A",
        help: "did you mean `a`?",
    },
    Row {
        text: r#"[actors.a]
name = "A"
kind = "person"
"#,
        at: "1:2",
        message: "unknown key `actors`",
        key: "actors",
        help: "did you mean `actor`?",
    },
    Row {
        text: r#"[topic.t]
name = "T"
"#,
        at: "1:1",
        message: "`query` is missing",
        key: "topic.t.query",
        help: r#"add a line such as: query = '"non-aggression pact"'"#,
    },
    Row {
        text: r#"[topic.t]
query = ""
"#,
        at: "2:9",
        message: "this is empty",
        key: "topic.t.query",
        help: "write something, or remove the key",
    },
];
