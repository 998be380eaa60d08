//! What sinks promise: signatures that others verify, and lines in the log that say
//! why.

use super::signing::signature;
use super::webhook::headers;
use crate::alert::AlertId;
use crate::config::SigningKey;
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
        plain: false,
        attempts: 0,
    }
}

#[test]
fn the_official_library_verifies_our_signatures() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let keys = [secret, other].map(key);
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

fn key(text: &str) -> SigningKey {
    SigningKey::parse(text).unwrap()
}

/// One row each of the tests of the official libraries for Rust (`v1`) and Go
/// (`v1a`), the latter as a seed and with its public key.
#[test]
fn signatures_are_those_of_the_official_test_vectors() {
    const V1A: &str = "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==";
    let rows = [
        (
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            r#"{"email":"test@example.com","username":"test_user"}"#,
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
        (
            "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            V1A,
        ),
        (
            "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTllmU3h6Dt1JKqLSahf2FBSTeius6i4rdBVBKUlrbjxz+A==",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            V1A,
        ),
    ];
    for (text, id, second, body, expected) in rows {
        let at = Timestamp::from_second(second).unwrap();
        let keys = [key(text)];
        assert_eq!(signature(&keys, id, at, body.as_bytes()), expected);
        // A list has the signatures in the order of the keys.
        let keys = [key(text), key(text)];
        let both = format!("{expected} {expected}");
        assert_eq!(signature(&keys, id, at, body.as_bytes()), both);
    }
}

#[test]
fn only_a_private_key_has_a_public_one() {
    let shared = key("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    assert_eq!(shared.public(), None);
    // RFC 8032, section 7.1, test 1.
    let seed = "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
    let public = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    assert_eq!(key(seed).public().as_deref(), Some(public));
}

#[test]
fn only_a_sink_with_keys_signs_with_each_of_them() {
    let at = Timestamp::from_millisecond(1_069_664_400_999).unwrap();
    for count in 0..3 {
        let keys = vec![key("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"); count];
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
        assert_eq!(signatures, count);
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
