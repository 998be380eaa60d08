//! The table of who may import whom, held against the source.
//!
//! Rooms stay small only while imports point one way: what decides does not know
//! what acts. To change a row is a decision about the whole house, so it is a
//! commit of its own, with the reason.

mod source;

use source::named;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms that it may import, lower rooms first; `core` stands
/// for all of [`CORE`]. Every room may import those of [`EVERYBODY`] as well.
const TABLE: &[(&str, &[&str])] = &[
    ("name", &[]),
    ("work", &[]),
    ("text", &[]),
    // Core.
    ("feed", &[]),
    ("watchlist", &[]),
    ("article", &["feed"]),
    ("matcher", &["watchlist", "article"]),
    ("alert", &["feed", "watchlist", "article", "matcher"]),
    ("policy", &["feed", "watchlist", "alert"]),
    // What the operator writes to be filled with a message: configuration tries
    // it, sinks use it.
    ("template", &["alert"]),
    // Configuration and edges. An alert carries its matches into the store; one
    // guarded client serves all that goes out, so sinks post through it.
    (
        "config",
        &["feed", "watchlist", "alert", "policy", "template"],
    ),
    ("fetch", &["feed", "policy", "config"]),
    ("store", &["core", "config"]),
    // What is told to people shows how much it matters; what a sink writes as a
    // feed is to be one that our own reader follows.
    (
        "sink",
        &[
            "feed",
            "watchlist",
            "alert",
            "policy",
            "template",
            "config",
            "fetch",
        ],
    ),
    // Application.
    ("metrics", &[]),
    ("scheduler", &["core", "config", "fetch", "store"]),
    // What hubs bring goes the way of a poll.
    ("push", &["core", "config", "fetch", "store", "scheduler"]),
    ("notifier", &["core", "config", "store", "sink"]),
    ("status", &["core", "config", "store", "metrics"]),
    (
        "daemon",
        &[
            "core",
            "config",
            "fetch",
            "store",
            "sink",
            "scheduler",
            "push",
            "notifier",
            "metrics",
            "status",
        ],
    ),
    (
        "cli",
        &[
            "core",
            "config",
            "fetch",
            "store",
            "sink",
            "scheduler",
            "notifier",
            "daemon",
        ],
    ),
    // The roots: the library only names its rooms, the binary only starts.
    ("lib", &[]),
    ("main", &["cli"]),
];

/// Rooms that every room may import: text is what we are about, names keep one
/// kind of thing from being taken for another, and work is counted everywhere.
const EVERYBODY: &[&str] = &["name", "text", "work"];

/// Crates whose types stay inside one room, so that they can be replaced there.
const ENCLOSED: &[(&str, &str)] = &[
    ("feed_rs", "feed"),
    ("rusqlite", "store"),
    ("quick_xml", "sink"),
    ("reqwest", "fetch"),
    ("hyper", "push"),
    ("clap", "cli"),
    ("robotxt", "policy"),
    ("trafilatura", "scheduler"),
    ("minijinja", "template"),
    ("prometheus_client", "metrics"),
];

/// Rooms of values in and values out.
const CORE: &[&str] = &[
    "text",
    "feed",
    "watchlist",
    "article",
    "matcher",
    "alert",
    "policy",
];

/// What the core never names: waiting, logging, files, sockets and clocks.
const OUTSIDE_CORE: &[&str] = &[
    "async",
    "tokio",
    "tracing",
    "std::fs",
    "std::net",
    "std::env",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
];

#[test]
fn imports_point_one_way() {
    let mut faults = Vec::new();
    let mut rooms = BTreeSet::new();
    for (path, source) in sources() {
        let room = room_of(&path);
        if row(&room).is_none() {
            faults.push(format!("src/{path}: the room {room} is not in the table"));
        }
        rooms.insert(room);
        faults.extend(faults_of(&path, &source));
    }
    for (room, _) in TABLE {
        if !rooms.contains(*room) {
            faults.push(format!("the table has {room}, which is not in src"));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Every source file: its path inside `src`, with `/`, and its text.
fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<PathBuf> = vec![src.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of src can be listed") {
            let path = entry.expect("an entry of src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&src).expect("it is inside src");
                let inside = inside.to_str().expect("it has a plain name");
                let source = fs::read_to_string(&path).expect("a source file can be read");
                found.push((inside.to_owned(), source));
            }
        }
    }
    found.sort();
    found
}

/// What the file at `path` inside `src` names and may not.
fn faults_of(path: &str, source: &str) -> Vec<String> {
    let room = room_of(path);
    let mut faults = Vec::new();
    for found in named(source) {
        let segments: Vec<&str> = found.segments.iter().map(String::as_str).collect();
        let import = imported(path, &segments).and_then(|target| import_fault(&room, target));
        let crates = crate_fault(&room, &segments);
        let outside = if is_test(path) {
            None
        } else {
            outside_fault(&room, &segments)
        };
        for fault in [import, crates, outside].into_iter().flatten() {
            let fault = format!("src/{path}:{}: {fault}", found.line);
            if faults.last() != Some(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}

/// What a path takes from the top of the library, if it goes there: by its name,
/// or by as many steps up as the file is deep.
fn imported<'a>(path: &str, segments: &[&'a str]) -> Option<&'a str> {
    let steps_up = segments
        .iter()
        .take_while(|segment| **segment == "super")
        .count();
    match segments {
        ["crate" | "wirewatch", target, ..] => Some(target),
        [_, ..] if steps_up >= depth_of(path).max(1) => segments
            .get(steps_up)
            .copied()
            .filter(|target| row(target).is_some()),
        _ => None,
    }
}

fn import_fault(room: &str, target: &str) -> Option<String> {
    if target == room || EVERYBODY.contains(&target) {
        None
    } else if row(target).is_none() {
        Some(format!(
            "`{target}` is no room, and what is imported is imported by its room"
        ))
    } else if row(room).is_some_and(|allowed| allowed.contains(&target)) {
        None
    } else {
        Some(format!("{room} may not import {target}"))
    }
}

fn crate_fault(room: &str, segments: &[&str]) -> Option<String> {
    let first = segments.first()?;
    let (name, home) = ENCLOSED.iter().find(|(name, _)| name == first)?;
    (*home != room).then(|| format!("{room} names {name}, which stays inside {home}"))
}

/// A path that ends above something banned would hide it, so it is a fault too.
fn outside_fault(room: &str, segments: &[&str]) -> Option<String> {
    if !CORE.contains(&room) {
        return None;
    }
    let segments: Vec<&str> = segments
        .iter()
        .copied()
        .filter(|segment| !matches!(*segment, "self" | "*"))
        .collect();
    let banned = OUTSIDE_CORE.iter().find(|banned| {
        let mut pairs = banned.split("::").zip(&segments);
        pairs.all(|(wanted, segment)| wanted == *segment)
            && !segments.is_empty()
            && (segments.len() > 1 || !banned.contains("::"))
    })?;
    Some(format!(
        "{room} is core and names {banned} with `{}`",
        segments.join("::")
    ))
}

/// The room of a file: the first part of its path.
fn room_of(path: &str) -> String {
    let first = path.split('/').next().unwrap_or(path);
    first.trim_end_matches(".rs").to_owned()
}

/// How many modules a file is below the top of the library.
fn depth_of(path: &str) -> usize {
    match path {
        "lib.rs" | "main.rs" => 0,
        _ => path.split('/').filter(|part| *part != "mod.rs").count(),
    }
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs") || path.split('/').any(|part| part == "tests")
}

fn row(room: &str) -> Option<Vec<&'static str>> {
    let (_, allowed) = TABLE.iter().find(|(name, _)| *name == room)?;
    let rooms = allowed.iter().flat_map(|room| match *room {
        "core" => CORE.to_vec(),
        room => vec![room],
    });
    Some(rooms.collect())
}

#[test]
fn the_table_has_no_way_back() {
    for (place, (room, _)) in TABLE.iter().enumerate() {
        for target in row(room).unwrap_or_default() {
            let lower = TABLE[..place].iter().any(|(name, _)| *name == target);
            assert!(lower, "{room} imports {target}, which is not below it");
        }
    }
}

/// The faults of a file with that path and source, without their place.
fn check(path: &str, source: &str, expected: &[&str]) {
    let faults = faults_of(path, source);
    let told: Vec<&str> = faults
        .iter()
        .map(|fault| fault.split(": ").nth(1).unwrap_or(fault))
        .collect();
    assert_eq!(told, expected, "of {path} with {source:?}");
}

#[test]
fn a_planted_import_is_found() {
    let up = "feed may not import store";
    check("feed/mod.rs", "use crate::store::Store;", &[up]);
    check("feed/date.rs", "let x = crate::store::open();", &[up]);
    check(
        "feed/mod.rs",
        "use crate::{\n text,\n store::{Store, self},\n};",
        &[up],
    );
    check("feed/mod.rs", "fn f(x: &super::store::Store) {}", &[up]);
    check("feed/date.rs", "use super::super::store;", &[up]);
    check("feed/tests.rs", "use crate::store::Store;", &[up]);
    check(
        "name.rs",
        "macro_rules! m { () => { $crate::feed::x } }",
        &["name may not import feed"],
    );
    check(
        "main.rs",
        "wirewatch::daemon::run()",
        &["main may not import daemon"],
    );
    check(
        "lib.rs",
        "pub use crate::feed::Feed;",
        &["lib may not import feed"],
    );
    let none = "`*` is no room, and what is imported is imported by its room";
    check("cli/mod.rs", "use crate::*;", &[none]);
}

#[test]
fn an_import_that_is_in_the_table_is_no_fault() {
    check(
        "feed/mod.rs",
        "use crate::{text::fold, name};\nuse crate::feed::Entry;",
        &[],
    );
    check(
        "feed/date.rs",
        "use super::store;\npub(crate) fn f() {}",
        &[],
    );
    check("sink/webhook.rs", "use crate::fetch::Client;", &[]);
    check(
        "feed/mod.rs",
        "//! [`crate::store`]\n/* crate::cli */ const X: &str = \"crate::cli\";",
        &[],
    );
}

#[test]
fn a_planted_crate_is_found() {
    check(
        "cli/feeds.rs",
        "use rusqlite::Connection;",
        &["cli names rusqlite, which stays inside store"],
    );
    check(
        "sink/mod.rs",
        "fn f() -> reqwest::Result<()> {}",
        &["sink names reqwest, which stays inside fetch"],
    );
    check("feed/mod.rs", "use feed_rs::model;", &[]);
    check("config/load.rs", "use ::config::Config;", &[]);
}

#[test]
fn a_planted_look_outside_the_core_is_found() {
    check(
        "text/mod.rs",
        "use std::{fmt, fs};",
        &["text is core and names std::fs with `std::fs`"],
    );
    check(
        "policy/poll.rs",
        "use std::time::{Duration, Instant};",
        &["policy is core and names std::time::Instant with `std::time::Instant`"],
    );
    check(
        "policy/poll.rs",
        "use std::time;",
        &["policy is core and names std::time::Instant with `std::time`"],
    );
    check(
        "alert/mod.rs",
        "tracing::info!(\"x\")",
        &["alert is core and names tracing with `tracing::info`"],
    );
    check(
        "alert/mod.rs",
        "pub async fn build() {}",
        &["alert is core and names async with `async`"],
    );
    check(
        "matcher/mod.rs",
        "#[tokio::test]",
        &["matcher is core and names tokio with `tokio::test`"],
    );
    check(
        "policy/poll.rs",
        "use std::time::Duration;\nuse std::fmt;",
        &[],
    );
    check("feed/tests.rs", "use std::fs;", &[]);
    check(
        "store/open.rs",
        "use std::fs;\nuse tokio::sync::Notify;",
        &[],
    );
}
