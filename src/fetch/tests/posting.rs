//! How webhooks are sent, and what counts as their answer.

use super::super::{PostOutcome, PostRequest, Verb};
use super::client;
use super::server::{Rest, Server};
use crate::policy::poll::FailureKind;
use jiff::SignedDuration;
use std::time::Duration;
use url::Url;

async fn post(server: &Server) -> PostOutcome {
    let url = Url::parse(&server.url("/hook?token=secret")).unwrap();
    let request = PostRequest {
        verb: Verb::Post,
        url: &url,
        derived: false,
        headers: vec![("webhook-id".into(), "msg_1".into())],
        body: b"{\"a\":1}".to_vec(),
        timeout: Duration::from_secs(1),
    };
    client(|_| {}).post(request).await
}

#[tokio::test]
async fn webhooks_are_sent_whole_and_follow_nobody() {
    let server = Server::says("HTTP/1.1 302 Found\nLocation: http://127.0.0.1:1/\nRetry-After: 7\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset-After: 1.5\nContent-Length: 12\n\na\u{1b}[31mb\n\nc").await;
    let answered = PostOutcome::Answered {
        status: 302,
        retry_after: Some(SignedDuration::from_secs(7)),
        retry_at: None,
        room: Some((0, SignedDuration::from_millis(1500))),
        location: Some(Box::new(Url::parse("http://127.0.0.1:1/").unwrap())),
        body: b"a\x1b[31mb\r\n\r\nc".to_vec(),
        body_start: "a [31mb c".into(),
    };
    assert_eq!(post(&server).await, answered);
    let asked = server.asked().concat();
    assert!(
        asked.starts_with("POST /hook?token=secret ") && asked.contains("webhook-id: msg_1\r\n"),
        "{asked}"
    );

    let silent = Server::open(b"", Rest::Silence).await;
    let PostOutcome::Failed { kind, detail } = post(&silent).await else {
        panic!("an answer")
    };
    assert_eq!(kind, FailureKind::Timeout);
    assert!(!detail.contains("secret"), "{detail}");
    // A status that came is the answer, however its body goes on: to call that
    // a failure would send the same thing twice.
    for rest in [Rest::Endless, Rest::Drip, Rest::Silence] {
        let accepting = Server::open(b"HTTP/1.1 200 OK\r\n\r\n", rest).await;
        let outcome = post(&accepting).await;
        let accepted = matches!(outcome, PostOutcome::Answered { status: 200, .. });
        assert!(accepted, "{outcome:?}");
    }
}

#[tokio::test]
async fn a_webhook_is_sent_to_the_byte() {
    let server = Server::says("HTTP/1.1 204 Taken\n\n").await;
    post(&server).await;
    let asked = server.asked().concat();
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    let mut found: Vec<&str> = head.split("\r\n").collect();
    found.sort_unstable();
    let version = env!("CARGO_PKG_VERSION");
    let mut expect = vec![
        "POST /hook?token=secret HTTP/1.1".to_owned(),
        "accept-encoding: zstd,gzip,deflate,br".to_owned(),
        "accept: */*".to_owned(),
        "content-length: 7".to_owned(),
        format!("host: {}", server.address),
        format!("user-agent: wirewatch/{version} (news feed monitor)"),
        "webhook-id: msg_1".to_owned(),
    ];
    expect.sort();
    assert_eq!(found, expect);
    assert_eq!(body, "{\"a\":1}");
}

#[tokio::test]
async fn an_answer_to_a_webhook_is_shown_in_part() {
    let start = |status: u16, body: String| async move {
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let server = Server::open(&[head.as_bytes(), body.as_bytes()].concat(), Rest::End).await;
        match post(&server).await {
            PostOutcome::Answered {
                status: found,
                body_start,
                ..
            } if found == status => body_start,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        start(400, "no\0\u{7}\u{9b}\r\n\twith  \u{202e}words\u{7f}".into()).await,
        "no with words"
    );
    let long = start(500, "é".repeat(20_000)).await;
    assert!(
        long.chars().count() <= 500 && long.starts_with('é') && long.ends_with('…'),
        "{long}"
    );
    assert_eq!(start(200, String::new()).await, "");
}
