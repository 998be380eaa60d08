//! What users and their programs read, kept to the letter: the help of every
//! command and the payload of an alert. After a change on purpose,
//! `UPDATE=1 cargo test --test it snapshots` writes them anew, for review.

use crate::support::{Page, Receiver, Site, Wirewatch, alerting_entry, rss};
use serde_json::Value;
use std::path::Path;

/// Compares a text with the snapshot of this name.
#[track_caller]
fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/snapshots")
        .join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).expect("a snapshot can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the snapshot is there");
    assert_eq!(text, kept, "{name} changed");
}

#[test]
fn the_help_of_every_command() {
    let wirewatch = Wirewatch::with("");
    let commands = [
        "",
        "init",
        "check",
        "run",
        "demo",
        "parse",
        "match",
        "discover",
        "feeds",
        "feeds list",
        "feeds add",
        "feeds remove",
        "feeds import",
        "feeds export",
        "feeds poll",
        "host",
        "alerts",
        "deliveries",
        "deliveries list",
        "deliveries show",
        "deliveries retry",
        "deliveries replay",
        "sinks",
        "sinks list",
        "sinks test",
    ];
    let of = |command: &str| {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let help = wirewatch.command(&arguments);
        assert_eq!(help.code, Some(0), "{}", help.err);
        format!("$ wirewatch {}\n{}\n", arguments.join(" "), help.out)
    };
    check("help.txt", &commands.map(of).concat());
}

#[test]
fn the_warnings_about_a_watchlist() {
    let wirewatch = Wirewatch::with(
        "[feed.wire]\nurl = \"http://127.0.0.1:9/rss\"\n[sink.journal.log]\n\
         [route.diplomacy]\ntopics = [\"diplomacy\", \"arms\"]\nsinks = [\"journal\"]\n",
    );
    let watchlist = include_str!("snapshots/lints.toml");
    std::fs::write(wirewatch.path("watchlist.toml"), watchlist).expect("a file");
    let checked = wirewatch.command(&["check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.err);
    check("lints.txt", &(checked.err + &checked.out));
    let denied = wirewatch.command(&["check", "--deny-warnings"]);
    assert_eq!(denied.code, Some(1), "{}", denied.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_payload_of_an_alert() {
    let (site, receiver) = (Site::open().await, Receiver::open().await);
    let dated = alerting_entry(1).replace("</item>", "<pubDate>Sun, 24 Aug 2003 12:00:00 GMT</pubDate><author>amy@news.example (Amy)</author></item>");
    site.set("/rss", Page::Document(rss(&[dated])));
    let feed = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\npublisher = \"VOA\"\ntags = [\"asia\"]\n",
        site.url(1, "/rss")
    );
    let wirewatch = Wirewatch::with(&(feed + &receiver.sink("hook")));
    assert_eq!(wirewatch.command(&["run", "--once"]).code, Some(0));
    let mut body = receiver.wait_for(1).await[0].body.clone();
    // What differs from run to run stands as its type.
    for pointer in [
        "/timestamp",
        "/data/article/seen",
        "/data/article/feed/url",
        "/data/latency_ms/published_to_seen",
        "/data/latency_ms/seen_to_alert",
    ] {
        let value = body
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("no {pointer}"));
        *value = Value::from(match value {
            Value::String(_) => "(text)",
            Value::Number(_) => "(number)",
            _ => "(other)",
        });
    }
    check(
        "alert.json",
        &(serde_json::to_string_pretty(&body).expect("JSON") + "\n"),
    );
}
