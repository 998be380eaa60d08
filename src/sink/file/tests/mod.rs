//! What the file sink promises: lines that are whole and there once, files that
//! rotate without a loss, and a feed that any reader can follow.

mod atom;
mod rotation;

use super::FileSink;
use crate::config::{FileConfig, LinesConfig};
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryOutcome};
use crate::sink::tests::delivery;
use jiff::Timestamp;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A sink that writes lines and never rotates.
fn plain(path: &Path) -> LinesConfig {
    LinesConfig {
        path: path.to_owned(),
        bytes_max: None,
        age_max: None,
        keep: 10,
    }
}

fn open(lines: LinesConfig) -> FileSink {
    let config = FileConfig {
        lines: Some(lines),
        atom: None,
        durable: true,
    };
    FileSink::new(&SinkName::new("archive").unwrap(), &config)
}

fn numbered(seq: u64) -> Delivery {
    delivery(seq, &format!("{{\"n\":{seq}}}"))
}

/// What a file holds when these were written to it.
fn written(numbers: impl IntoIterator<Item = u64>) -> String {
    let lines = numbers.into_iter();
    lines.map(|seq| format!("{{\"n\":{seq}}}\n")).collect()
}

async fn check_file(before: &str, expect: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.jsonl");
    std::fs::write(&path, before).unwrap();
    let sink = open(plain(&path));
    let outcomes = sink.deliver(&[numbered(1), numbered(2)], NOW).await;
    assert_eq!(
        outcomes,
        [DeliveryOutcome::Delivered, DeliveryOutcome::Delivered]
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), expect);
}

#[tokio::test]
async fn every_line_is_whole() {
    check_file("", "{\"n\":1}\n{\"n\":2}\n").await;
    check_file("{\"n\":0}\n", "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n").await;
    // A crash tore the last line, or lost only its end.
    check_file("{\"n\":0}\n{\"n\":", "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n").await;
    check_file(
        "{\"n\":0}\n{\"n\":9}",
        "{\"n\":0}\n{\"n\":9}\n{\"n\":1}\n{\"n\":2}\n",
    )
    .await;
    // It was killed after a write and before it could say so.
    check_file(&written(0..=1), &written(0..=2)).await;
    check_file("{\"n\":1}\n{\"n\":2}", &written(1..=2)).await;
}

#[tokio::test]
async fn what_comes_again_is_written_once_unless_it_was_removed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.jsonl");
    let sink = open(plain(&path));
    let taken = [DeliveryOutcome::Delivered, DeliveryOutcome::Delivered];
    let batch = [numbered(1), numbered(2)];
    for _ in 0..2 {
        assert_eq!(sink.deliver(&batch, NOW).await, taken);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), written(1..=2));
    }
    // Somebody emptied the file where it is, and has the alerts sent again.
    std::fs::write(&path, "").unwrap();
    assert_eq!(sink.deliver(&batch, NOW).await, taken);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written(1..=2));
    // Or wrote to it, and did not end the line.
    std::fs::write(&path, written(1..=1) + "{\"n\":7").unwrap();
    assert_eq!(sink.deliver(&batch, NOW).await, taken);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written(1..=2));
    // Or removed it.
    std::fs::remove_file(&path).unwrap();
    assert_eq!(sink.deliver(&batch, NOW).await, taken);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written(1..=2));
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named_and_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("folder/alerts.jsonl");
    std::fs::create_dir_all(&path).unwrap();
    let sink = open(plain(&path));
    let batch = [delivery(1, "{}")];
    let outcomes = sink.deliver(&batch, NOW).await;
    let detail = unavailable(&outcomes);
    assert!(detail.contains(&path.display().to_string()), "{detail}");
    assert!(detail.contains("name a file in it"), "{detail}");
    std::fs::remove_dir(&path).unwrap();
    assert_eq!(
        sink.deliver(&batch, NOW).await,
        [DeliveryOutcome::Delivered]
    );
    assert_eq!(mode(&path), 0o600);
}

#[tokio::test]
async fn what_this_sink_did_not_write_is_never_cut() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes");
    let longer_than_a_line = vec![7; (16 << 20) + 1];
    for foreign in [
        &b"first note\nsecond note"[..],
        b"SQLite format 3\0\n\0\0",
        b"{\n  \"pretty\": 1\n}",
        &longer_than_a_line,
    ] {
        std::fs::write(&path, foreign).unwrap();
        let sink = open(plain(&path));
        let outcomes = sink.deliver(&[delivery(1, "{}")], NOW).await;
        let detail = unavailable(&outcomes);
        assert!(detail.contains("name another file"), "{detail}");
        assert!(std::fs::read(&path).unwrap() == foreign, "{detail}");
    }
}

#[tokio::test]
async fn only_a_regular_file_is_written() {
    let sink = open(plain(Path::new("/dev/full")));
    let outcomes = sink.deliver(&[delivery(1, "{}")], NOW).await;
    let detail = unavailable(&outcomes);
    assert_eq!(detail, "cannot write /dev/full: it is not a regular file");
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.jsonl");
    let sink = open(plain(&path));
    sink.deliver(&[numbered(1)], NOW).await;
    let moved = dir.path().join("alerts.1");
    std::fs::rename(&path, &moved).unwrap();
    sink.deliver(&[numbered(2)], NOW).await;
    assert_eq!(std::fs::read_to_string(&moved).unwrap(), written(1..=1));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written(2..=2));
}

#[tokio::test]
async fn a_file_is_opened_anew_at_once_if_one_was_open() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.jsonl");
    let sink = open(plain(&path));
    sink.reopen(NOW).await;
    assert!(!path.exists(), "there was nothing to write");
    sink.deliver(&[numbered(1)], NOW).await;
    let moved = dir.path().join("alerts.1");
    std::fs::rename(&path, &moved).unwrap();
    sink.reopen(NOW).await;
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    sink.deliver(&[numbered(2)], NOW).await;
    assert_eq!(std::fs::read_to_string(&moved).unwrap(), written(1..=1));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written(2..=2));
}

/// What lies beside a copy of this test that is to write until it may not.
const LIMITED: &str = "limited";

/// A real limit on the size of files makes a write fail half way. It holds for a
/// whole process, so this test runs itself again under it.
#[tokio::test]
async fn a_write_that_fails_half_way_leaves_whole_lines() {
    if Path::new(LIMITED).exists() {
        return write_beyond_the_limit().await;
    }
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(LIMITED), "").unwrap();
    let name = "sink::file::tests::a_write_that_fails_half_way_leaves_whole_lines";
    let ended = std::process::Command::new("sh")
        // Without the signal, the write fails and the process lives.
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args([name, "--exact"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{out}");
    assert!(out.contains("1 passed"), "{out}");
}

async fn write_beyond_the_limit() {
    let path = Path::new("alerts.jsonl");
    let sink = open(plain(path));
    let small = [delivery(1, "{\"n\":1}")];
    assert_eq!(
        sink.deliver(&small, NOW).await,
        [DeliveryOutcome::Delivered]
    );
    let long = "x".repeat(3000);
    let batch = [2, 3, 4, 5].map(|seq| delivery(seq, &format!("{{\"{seq}\":\"{long}\"}}")));
    let outcomes = sink.deliver(&batch, NOW).await;
    assert_eq!(outcomes.len(), batch.len());
    let detail = unavailable(&outcomes[..1]);
    assert!(detail.contains("File too large"), "{detail}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{\"n\":1}\n");
    // The next attempt opens the file anew.
    assert_eq!(
        sink.deliver(&[numbered(2)], NOW).await,
        [DeliveryOutcome::Delivered]
    );
    assert_eq!(std::fs::read_to_string(path).unwrap(), written(1..=2));
}

/// Why the only delivery of a batch did not arrive.
#[track_caller]
fn unavailable(outcomes: &[DeliveryOutcome]) -> &str {
    match outcomes {
        [DeliveryOutcome::Unavailable { detail, .. }] => detail,
        _ => panic!("{outcomes:?}"),
    }
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}
