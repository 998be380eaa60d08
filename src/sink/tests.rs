//! What sinks promise: signatures that others verify, lines that are whole, and
//! outcomes that mean what the receiver said.

use super::file::FileSink;
use super::signing::signature;
use super::webhook::headers;
use crate::alert::AlertId;
use crate::config::Secret;
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryId, DeliveryOutcome};
use jiff::Timestamp;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn delivery(seq: u64, payload: &str) -> Delivery {
    Delivery {
        id: DeliveryId(format!("msg_{seq}_archive")),
        alert: AlertId(seq.to_string()),
        sink: SinkName::new("archive").unwrap(),
        seq,
        payload: payload.as_bytes().to_vec(),
        created_at: Timestamp::UNIX_EPOCH,
        attempts: 0,
    }
}

#[test]
fn the_official_library_verifies_our_signatures() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let keys: Vec<Vec<u8>> = [secret, other]
        .iter()
        .map(|secret| {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD
                .decode(secret.trim_start_matches("whsec_"))
                .unwrap()
        })
        .collect();
    #[expect(
        clippy::disallowed_methods,
        reason = "the library compares with the clock"
    )]
    let at = Timestamp::now();
    let (id, body) = ("msg_1_newsroom", br#"{"type":"test"}"#);
    let headers = |name: &str| -> Vec<(String, String)> {
        vec![
            (format!("{name}-id"), id.to_owned()),
            (format!("{name}-timestamp"), at.as_second().to_string()),
            (format!("{name}-signature"), signature(&keys, id, at, body)),
        ]
    };
    for secret in [secret, other] {
        let verifier = standardwebhooks::Webhook::new(secret).unwrap();
        let mut map = axum::http::HeaderMap::new();
        for (name, value) in headers("webhook") {
            let name = axum::http::HeaderName::try_from(name).unwrap();
            map.insert(name, value.parse().unwrap());
        }
        verifier.verify(body, &map).expect("a valid signature");
        assert!(verifier.verify(b"{}", &map).is_err(), "of another body");
    }
}

#[test]
fn a_signature_is_that_of_the_official_test_vector() {
    use base64::Engine;
    let key = base64::engine::general_purpose::STANDARD
        .decode("C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
        .unwrap();
    let at = Timestamp::from_second(1_649_367_553).unwrap();
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    assert_eq!(
        signature(&[key], "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", at, body),
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="
    );
}

#[test]
fn only_a_sink_with_keys_signs_with_each_of_them() {
    let at = Timestamp::from_millisecond(1_069_664_400_999).unwrap();
    for count in 0..3 {
        let keys: Vec<_> = (0..count).map(|n| Secret::new(vec![n; 24])).collect();
        let headers = headers(&keys, &delivery(1, "{}"), b"{}", at);
        assert_eq!(
            headers[..2],
            [
                ("webhook-id".into(), "msg_1_archive".to_owned()),
                ("webhook-timestamp".into(), "1069664400".to_owned()),
            ]
        );
        let signatures = headers
            .get(2)
            .map_or(0, |(_, value)| value.split(' ').count());
        assert_eq!(signatures, usize::from(count));
    }
}

/// What a log has of one alert, as JSON.
fn logged(payload: &serde_json::Value) -> serde_json::Value {
    #[derive(Clone, Default)]
    struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_writer(move || writer.clone())
        .finish();
    let outcome = tracing::subscriber::with_default(subscriber, || {
        super::log::write(&delivery(1, &payload.to_string()))
    });
    assert_eq!(outcome, DeliveryOutcome::Delivered);
    let line = lines.0.lock().unwrap();
    serde_json::from_slice(&line).expect("one line")
}

#[test]
fn a_log_line_says_what_where_and_why() {
    let topic = |id: &str, severity: &str, score: f64, quotes: [&str; 2]| {
        serde_json::json!({"id": id, "severity": severity, "score": score,
            "evidence": quotes.map(|quote| serde_json::json!({"quote": quote}))})
    };
    let mut payload = serde_json::json!({"type": "article.matched", "data": {
        "alert": "5eed", "severity": "high",
        "article": {"url": "https://news.example/1", "title": "Talks\nin \u{202e}Beijing",
            "feed": {"id": "wire"}},
        "topics": [
            topic("trade", "low", 9.0, ["tariffs on steel and rice", "tariffs"]),
            topic("pact", "high", 1.0, ["nuclear", "pact"]),
            topic("dprk", "high", 2.0, ["talks", "non-aggression\u{1b}[2J pact"]),
        ],
        "actors": [{"id": "china", "confidence": 1.0, "evidence": [{"quote": "Beijing"}]}],
    }});
    let line = logged(&payload);
    assert_eq!(line["target"], "wirewatch::alert");
    assert_eq!(
        line["fields"],
        serde_json::json!({
            "message": "Talks in Beijing “non-aggression [2J pact”",
            "severity": "high", "alert.id": "5eed", "topics": "trade pact dprk",
            "actors": "china", "feed.id": "wire", "url": "https://news.example/1",
        })
    );
    // Without a topic the surest actor speaks; the title is not said twice.
    payload["data"]["topics"] = serde_json::json!([]);
    assert_eq!(logged(&payload)["fields"]["message"], "Talks in Beijing");
    payload["data"]["article"]["title"] = "x".repeat(1000).into();
    let message = format!("{}… “Beijing”", "x".repeat(299));
    assert_eq!(logged(&payload)["fields"]["message"], message);
}

async fn check_file(before: &str, expect: &str) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.jsonl");
    std::fs::write(&path, before).unwrap();
    let sink = FileSink::new(path.clone(), true);
    let outcomes = sink
        .deliver(&[delivery(1, "{\"n\":1}"), delivery(2, "{\"n\":2}")])
        .await;
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
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named_and_tried_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("folder/alerts.jsonl");
    std::fs::create_dir_all(&path).unwrap();
    let sink = FileSink::new(path.clone(), true);
    let batch = [delivery(1, "{}")];
    let outcomes = sink.deliver(&batch).await;
    let detail = unavailable(&outcomes);
    assert!(detail.contains(&path.display().to_string()), "{detail}");
    assert!(detail.contains("name a file in it"), "{detail}");
    std::fs::remove_dir(&path).unwrap();
    assert_eq!(sink.deliver(&batch).await, [DeliveryOutcome::Delivered]);
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
        let sink = FileSink::new(path.clone(), true);
        let outcomes = sink.deliver(&[delivery(1, "{}")]).await;
        let detail = unavailable(&outcomes);
        assert!(detail.contains("name another file"), "{detail}");
        assert!(std::fs::read(&path).unwrap() == foreign, "{detail}");
    }
}

#[tokio::test]
async fn only_a_regular_file_is_written() {
    let sink = FileSink::new("/dev/full".into(), false);
    let outcomes = sink.deliver(&[delivery(1, "{}")]).await;
    let detail = unavailable(&outcomes);
    assert_eq!(detail, "cannot write /dev/full: it is not a regular file");
}

#[tokio::test]
async fn a_file_that_was_moved_away_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.jsonl");
    let sink = FileSink::new(path.clone(), false);
    sink.deliver(&[delivery(1, "{\"n\":1}")]).await;
    let moved = dir.path().join("alerts.1");
    std::fs::rename(&path, &moved).unwrap();
    sink.deliver(&[delivery(2, "{\"n\":2}")]).await;
    assert_eq!(std::fs::read_to_string(&moved).unwrap(), "{\"n\":1}\n");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"n\":2}\n");
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
    let name = "sink::tests::a_write_that_fails_half_way_leaves_whole_lines";
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
    let sink = FileSink::new(path.to_owned(), true);
    let small = [delivery(1, "{\"n\":1}")];
    assert_eq!(sink.deliver(&small).await, [DeliveryOutcome::Delivered]);
    let long = format!("{{\"n\":\"{}\"}}", "x".repeat(3000));
    let batch = [2, 3, 4, 5].map(|seq| delivery(seq, &long));
    let outcomes = sink.deliver(&batch).await;
    assert_eq!(outcomes.len(), batch.len());
    let detail = unavailable(&outcomes[..1]);
    assert!(detail.contains("File too large"), "{detail}");
    assert_eq!(std::fs::read_to_string(path).unwrap(), "{\"n\":1}\n");
    // The next attempt opens the file anew.
    assert_eq!(sink.deliver(&small).await, [DeliveryOutcome::Delivered]);
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        "{\"n\":1}\n{\"n\":1}\n"
    );
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
