//! What sinks promise: signatures that others verify, lines that are whole, and
//! outcomes that mean what the receiver said.

use super::file::FileSink;
use super::signing::signature;
use super::webhook::of_answer;
use crate::alert::AlertId;
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
fn answers_mean_what_the_receiver_said() {
    use DeliveryOutcome::{Delivered, Misconfigured, Refused, Unavailable};
    for status in 100..600 {
        let outcome = of_answer(status, None, "");
        let as_expected = match status {
            200..=299 => outcome == Delivered,
            408 | 425 | 429 | 500..=599 => matches!(outcome, Unavailable { .. }),
            300..=399 | 401 | 403 | 404 | 405 | 407 | 410 => {
                matches!(outcome, Misconfigured { .. })
            }
            _ => matches!(outcome, Refused { .. }),
        };
        assert!(as_expected, "{status} gave {outcome:?}");
    }
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
    let [DeliveryOutcome::Unavailable { detail, .. }] = outcomes.as_slice() else {
        panic!("{outcomes:?}");
    };
    assert!(detail.contains(&path.display().to_string()), "{detail}");
    std::fs::remove_dir(&path).unwrap();
    assert_eq!(sink.deliver(&batch).await, [DeliveryOutcome::Delivered]);
    assert_eq!(mode(&path), 0o600);
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

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}
