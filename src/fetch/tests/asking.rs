//! How we ask, and what each answer means.

use super::server::{Rest, Server};
use super::{client, failed, get, request};
use crate::config::Secret;
use crate::policy::poll::{Answer, FailureKind, Hints, Validators};
use jiff::SignedDuration;

#[tokio::test]
async fn validators_go_back_as_they_came() {
    let server = Server::open(b"HTTP/1.1 200 OK\r\nETag: W/\"\xe9 \"\r\nLast-Modified: yesterday, or so\r\nContent-Type: text/xml\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nhi", Rest::End).await;
    let client = client(|http| http.contact = "https://desk.example/bot".into());
    let mut feed = request(&server.url("/rss"));
    let Answer::Body {
        bytes,
        validators,
        content_type,
        ..
    } = client.get(&feed).await.answer
    else {
        panic!("no body");
    };
    assert_eq!(
        (bytes.as_slice(), content_type.as_deref()),
        (&b"hi"[..], Some("text/xml"))
    );
    feed.validators = validators;
    client.get(&feed).await;
    let asked = server.asked();
    let [first, second] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert!(
        !first.contains("if-none-match") && !first.contains("a-im"),
        "{first}"
    );
    for line in [
        "if-none-match: W/\"\u{e9} \"\r\n",
        "if-modified-since: yesterday, or so\r\n",
        "a-im: feed\r\n",
    ] {
        assert!(second.contains(line), "no {line:?} in {second}");
    }
    for asked in [first, second] {
        assert!(
            asked.contains("(news feed monitor; https://desk.example/bot)\r\n"),
            "{asked}"
        );
        for coding in ["gzip", "br", "zstd", "deflate"] {
            assert!(asked.contains(coding), "{asked}");
        }
        assert!(
            !asked.contains("cookie:") && !asked.contains("referer:"),
            "{asked}"
        );
    }
}

#[tokio::test]
async fn every_status_has_its_meaning() {
    let asking = |status: &'static str| async move {
        let server = Server::says(&format!(
            "HTTP/1.1 {status}\nETag: \"2\"\nContent-Length: 0\n\n"
        ))
        .await;
        let mut feed = request(&server.url("/secret"));
        feed.validators.etag = Some(b"\"1\"".to_vec());
        client(|_| {}).get(&feed).await
    };
    let new = Validators {
        etag: Some(b"\"2\"".to_vec()),
        last_modified: None,
    };
    assert_eq!(
        asking("304 Not Modified").await.answer,
        Answer::NotModified(new)
    );
    assert!(matches!(
        asking("226 IM Used").await.answer,
        Answer::Body { .. }
    ));
    assert_eq!(asking("410 Gone").await.answer, Answer::Gone);
    failed(
        &asking("404 Not Found").await,
        FailureKind::Status(404),
        "127.0.0.1 answered 404 Not Found",
    );
    failed(&asking("500 Oh").await, FailureKind::Status(500), "500");
    // Nobody asked conditionally, so "not modified" says nothing.
    let server = Server::says("HTTP/1.1 304 Not Modified\nContent-Length: 0\n\n").await;
    failed(
        &get(&server.url("/")).await,
        FailureKind::Status(304),
        "304",
    );
}

#[tokio::test]
async fn a_request_says_this_and_nothing_else() {
    let server = Server::says("HTTP/1.1 200 OK\nSet-Cookie: a=b\nContent-Length: 0\n\n").await;
    let client = client(|http| http.contact = "mailto:desk@example.org".into());
    let mut feed = request(&server.url("/rss?all=1#top"));
    feed.validators = Validators {
        etag: Some(b"\"\xff\", odd".to_vec()),
        last_modified: Some(b"0".to_vec()),
    };
    feed.login = Some(("desk".into(), Secret::new("pass:word".into())));
    feed.headers = vec![("X-Key".into(), Secret::new("k".into()))];
    let version = env!("CARGO_PKG_VERSION");
    let mut expect = vec![
        "accept-encoding: zstd,gzip,deflate,br".to_owned(),
        format!("accept: {}", super::super::ACCEPT),
        "a-im: feed".to_owned(),
        "authorization: Basic ZGVzazpwYXNzOndvcmQ=".to_owned(),
        format!("host: {}", server.address),
        "if-modified-since: 0".to_owned(),
        "if-none-match: \"\u{ff}\", odd".to_owned(),
        format!("user-agent: wirewatch/{version} (news feed monitor; mailto:desk@example.org)"),
        "x-key: k".to_owned(),
    ];
    expect.sort();
    // The second time as well: what a server set is not kept.
    for _ in 0..2 {
        client.get(&feed).await;
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    for asked in asked {
        let (line, headers) = asked.trim_end().split_once("\r\n").unwrap();
        assert_eq!(line, "GET /rss?all=1 HTTP/1.1");
        let mut found: Vec<&str> = headers.split("\r\n").collect();
        found.sort_unstable();
        assert_eq!(found, expect);
    }
}

#[tokio::test]
async fn every_answer_may_say_when_to_come_back() {
    let wished = Hints {
        fresh_for: Some(SignedDuration::from_hours(1)),
        retry_after: Some(SignedDuration::from_mins(2)),
        ..Hints::default()
    };
    for status in [
        "200 OK",
        "226 IM Used",
        "304 Not Modified",
        "404 Not Found",
        "410 Gone",
        "429 Slow",
        "503 Down",
    ] {
        let server = Server::says(&format!("HTTP/1.1 {status}\nCache-Control: max-age=3600\nRetry-After: 120\nContent-Length: 0\n\n")).await;
        let mut feed = request(&server.url("/"));
        feed.validators.etag = Some(b"\"1\"".to_vec());
        let outcome = client(|_| {}).get(&feed).await;
        assert_eq!(outcome.hints, wished, "{status}");
    }
}
