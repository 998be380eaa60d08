//! The unit file: what the daemon needs of systemd, and what it must not have.

use std::process::Command;

const UNIT: &str = include_str!("../../systemd/wirewatch.service");

/// The value of a key that stands once.
#[track_caller]
fn value(key: &str) -> &'static str {
    let mut values = UNIT
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    let value = values.next().unwrap_or_else(|| panic!("no {key}"));
    assert_eq!(values.next(), None, "{key} stands twice");
    value
}

#[test]
fn it_starts_and_stops_as_the_daemon_does() {
    assert_eq!(value("Type"), "notify");
    assert_eq!(value("ExecStart"), "/usr/bin/wirewatch run");
    // The daemon takes up to 18 s to let things end.
    assert!(value("TimeoutStopSec").parse::<u64>().expect("seconds") > 20);
    // Restarting cannot mend a configuration (78) or a command line (64).
    assert_eq!(value("RestartPreventExitStatus"), "64 78");
    assert_eq!(
        (value("StateDirectory"), value("ConfigurationDirectory")),
        ("wirewatch", "wirewatch")
    );
}

#[test]
fn it_may_do_little_else() {
    for (key, wanted) in [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("MemoryDenyWriteExecute", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
    ] {
        assert_eq!(value(key), wanted, "{key}");
    }
}

/// systemd's own judgement, where systemd is: exposure in tenths.
#[test]
fn systemd_finds_it_hardly_exposed() {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/wirewatch.service");
    analyze(&["security", "--offline=true", "--threshold=11", unit]);
}

/// A key that systemd does not know, or a value that it cannot read, is left out
/// with no more than a line in the journal: a typing mistake opens a wall.
#[test]
fn systemd_understands_every_line_of_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let unit = dir.path().join("wirewatch.service");
    // It wants the program to be there, so it is shown the one that was built.
    let here = UNIT.replace("/usr/bin/wirewatch", env!("CARGO_BIN_EXE_wirewatch"));
    std::fs::write(&unit, here).expect("a file");
    let told = analyze(&["verify", "--man=no", unit.to_str().expect("a plain path")]);
    assert!(!told.contains("wirewatch.service"), "{told}");
}

/// Runs systemd-analyze, which is to be content; gives what it complained of.
#[track_caller]
fn analyze(arguments: &[&str]) -> String {
    let judged = Command::new("systemd-analyze")
        .arg("--no-pager")
        .args(arguments)
        .output();
    let Ok(judged) = judged else {
        println!("no systemd-analyze here, so it was not asked");
        return String::new();
    };
    let complaints = String::from_utf8_lossy(&judged.stderr).into_owned();
    let out = String::from_utf8_lossy(&judged.stdout);
    assert!(
        judged.status.success(),
        "{complaints}{}",
        out.lines().last().unwrap_or_default()
    );
    complaints
}
