//! What sinks promise: signatures that others verify, and lines in the log that say
//! why.

use super::signing::signature;
use super::webhook::headers;
use crate::alert::AlertId;
use crate::config::Secret;
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryId, DeliveryOutcome};
use jiff::Timestamp;

pub(super) fn delivery(seq: u64, payload: &str) -> Delivery {
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
