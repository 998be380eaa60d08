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
    let judged = Command::new("systemd-analyze")
        .args([
            "security",
            "--offline=true",
            "--threshold=11",
            "--no-pager",
            unit,
        ])
        .output();
    let Ok(judged) = judged else {
        println!("no systemd-analyze here, so it was not asked");
        return;
    };
    let out = String::from_utf8_lossy(&judged.stdout);
    assert!(
        judged.status.success(),
        "{}",
        out.lines().last().unwrap_or_default()
    );
}
