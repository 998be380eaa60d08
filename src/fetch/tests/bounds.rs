//! How much is taken, and how long is waited.

use super::server::{Rest, Server};
use super::{client, failed, get, request};
use crate::config::Http;
use crate::policy::poll::{Answer, FailureKind, Hints};
use jiff::SignedDuration;

#[tokio::test]
async fn bodies_and_times_are_bounded() {
    let small = |http: &mut Http| {
        http.body_bytes_max = 200_000;
        http.timeout = SignedDuration::from_secs(1);
    };
    let open = |head: &'static str, rest| async move { Server::open(head.as_bytes(), rest).await };
    let cases = [
        (
            "HTTP/1.1 200 OK\r\n\r\n",
            Rest::Endless,
            FailureKind::TooLarge,
            "larger than 200000 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n",
            Rest::Silence,
            FailureKind::TooLarge,
            "larger",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
            Rest::Drip,
            FailureKind::Timeout,
            "longer than 1s",
        ),
        (
            "HTTP/1.1 200 OK\r\nX: ",
            Rest::Drip,
            FailureKind::Timeout,
            "longer than 1s",
        ),
        ("", Rest::Silence, FailureKind::Timeout, "longer than 1s"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi",
            Rest::End,
            FailureKind::Broken,
            "broke off",
        ),
        (
            "nonsense\r\n\r\n",
            Rest::End,
            FailureKind::Broken,
            "broke off",
        ),
    ];
    for (head, rest, kind, words) in cases {
        let server = open(head, rest).await;
        failed(
            &client(small).get(&request(&server.url("/secret"))).await,
            kind,
            words,
        );
    }
    failed(
        &get("http://127.0.0.1:1/secret").await,
        FailureKind::Connect,
        "127.0.0.1 cannot be reached",
    );
    failed(
        &get("http://no-such-host.invalid/secret").await,
        FailureKind::Dns,
        "no-such-host.invalid",
    );
}

#[tokio::test]
async fn wishes_hold_though_the_body_cannot_be_taken() {
    let head = "HTTP/1.1 200 OK\r\nCache-Control: public\r\nCache-Control: max-age=7200\r\nRetry-After: 60\r\n\r\n";
    let server = Server::open(head.as_bytes(), Rest::Endless).await;
    let client = client(|http| http.body_bytes_max = 10_000);
    let outcome = client.get(&request(&server.url("/"))).await;
    failed(&outcome, FailureKind::TooLarge, "larger");
    let wished = Hints {
        fresh_for: Some(SignedDuration::from_hours(2)),
        retry_after: Some(SignedDuration::from_mins(1)),
        ..Hints::default()
    };
    assert_eq!(outcome.hints, wished);
}

/// 200,000 zeros, packed by gzip into a thousandth.
fn bomb() -> Vec<u8> {
    const ZEROS_GZ: &str = "H4sIAAAAAAACA+3BMQEAAADCoPVPbQZ/oAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA1wB7WOBcQA0DAA==";
    use base64::Engine;
    base64::engine::general_purpose::STANDARD
        .decode(ZEROS_GZ)
        .unwrap()
}

#[tokio::test]
async fn what_unpacks_to_too_much_is_cut_off() {
    let packed = bomb();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        packed.len()
    );
    let server = Server::open(&[head.as_bytes(), &packed].concat(), Rest::End).await;
    let client = client(|http| http.body_bytes_max = 10_000);
    let outcome = client.get(&request(&server.url("/"))).await;
    let Answer::Failed { kind, .. } = outcome.answer else {
        panic!("{outcome:?}")
    };
    assert_eq!(kind, FailureKind::TooLarge);
}

#[tokio::test]
async fn a_body_may_be_as_large_as_it_may_be() {
    for (length, kept) in [(1_000, true), (1_001, false)] {
        // With its length in the head, and without.
        for head in [
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"),
            "HTTP/1.1 200 OK\r\n\r\n".to_owned(),
        ] {
            let answer = [head.as_bytes(), &vec![b'x'; length]].concat();
            let server = Server::open(&answer, Rest::End).await;
            let client = client(|http| http.body_bytes_max = 1_000);
            match client.get(&request(&server.url("/"))).await.answer {
                Answer::Body { bytes, .. } => assert!(kept && bytes.len() == length, "{head}"),
                Answer::Failed { kind, .. } => {
                    assert!(!kept && kind == FailureKind::TooLarge, "{head}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn words_of_a_failure_tell_no_secret() {
    let broken = Server::says("nonsense\n\n").await;
    let failing = Server::says("HTTP/1.1 500 Oh\nContent-Length: 0\n\n").await;
    let misled = Server::says("HTTP/1.1 302 Found\nLocation: http://secret:secret@127.0.0.1/secret\nContent-Length: 0\n\n").await;
    let hosts = [
        "127.0.0.1:1".to_owned(),
        "no-such-host.invalid".to_owned(),
        broken.address.to_string(),
        failing.address.to_string(),
        misled.address.to_string(),
    ];
    for host in hosts {
        let url =
            format!("http://secret-user:secret-word@{host}/secret-path?key=secret-query#secret");
        let outcome = get(&url).await;
        let Answer::Failed { detail, .. } = outcome.answer else {
            panic!("{outcome:?}")
        };
        assert!(!detail.contains("secret"), "{detail}");
    }
}
