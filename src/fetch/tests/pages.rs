//! Pages and robots.txt: what goes out, and how much comes in.

use super::server::{Rest, Server};
use super::{client, failed};
use crate::fetch::Client;
use crate::policy::poll::{Answer, FailureKind, FetchOutcome};
use url::Url;

/// A client that may reach the servers of these tests on anybody's word.
fn on_loopback() -> Client {
    client(|http| http.allow = vec!["127.0.0.0/8".parse().unwrap()])
}

#[track_caller]
fn length(outcome: &FetchOutcome) -> usize {
    match &outcome.answer {
        Answer::Body { bytes, .. } => bytes.len(),
        other => panic!("{other:?}"),
    }
}

fn url(server: &Server) -> Url {
    Url::parse(&server.url("/x")).unwrap()
}

#[tokio::test]
async fn a_page_is_asked_for_as_a_page() {
    let server =
        Server::says("HTTP/1.1 200 OK\nContent-Type: Text/HTML; charset=utf-8\n\n<p>a").await;
    assert_eq!(length(&on_loopback().ask_page(&url(&server)).await), 4);
    let asked = server.asked()[0].to_lowercase();
    assert!(asked.contains("accept: text/html"), "{asked}");
    for header in [
        "if-none-match",
        "a-im",
        "cookie",
        "referer",
        "authorization",
    ] {
        assert!(!asked.contains(header), "{asked}");
    }
}

#[tokio::test]
async fn nobody_is_sent_inward_on_the_word_of_a_feed() {
    let server = Server::says("HTTP/1.1 200 OK\n\n<p>a").await;
    let outcome = client(|_| {}).ask_page(&url(&server)).await;
    failed(
        &outcome,
        FailureKind::Refused,
        "127.0.0.1, which is not public",
    );
    let outcome = client(|_| {}).ask_robots(&url(&server)).await;
    failed(
        &outcome,
        FailureKind::Refused,
        "127.0.0.1, which is not public",
    );
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn what_is_no_page_or_too_large_is_not_taken() {
    let other = Server::says("HTTP/1.1 200 OK\nContent-Type: application/pdf\n\n%PDF").await;
    let outcome = on_loopback().ask_page(&url(&other)).await;
    failed(&outcome, FailureKind::NotAPage, "no web page");
    let endless = Server::open(b"HTTP/1.1 200 OK\r\n\r\n", Rest::Endless).await;
    let outcome = on_loopback().ask_page(&url(&endless)).await;
    failed(&outcome, FailureKind::TooLarge, "larger than 4194304 bytes");
    let small = client(|http| {
        http.allow = vec!["127.0.0.0/8".parse().unwrap()];
        http.body_bytes_max = 1000;
    });
    let outcome = small.ask_page(&url(&endless)).await;
    failed(&outcome, FailureKind::TooLarge, "larger than 1000 bytes");
    // Of rules the beginning counts.
    assert_eq!(
        length(&on_loopback().ask_robots(&url(&endless)).await),
        500 * 1024
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let server = Server::says("HTTP/1.1 302 Found\nLocation: //u:secret@b.example/y\n\n").await;
    let outcome = on_loopback().ask_page(&url(&server)).await;
    let to = Box::new(Url::parse("http://b.example/y").unwrap());
    let permanent = false;
    assert_eq!(outcome.answer, Answer::Redirect { to, permanent });
    let server = Server::says("HTTP/1.1 410 Gone\n\n").await;
    let outcome = on_loopback().ask_page(&url(&server)).await;
    assert_eq!(outcome.answer, Answer::Gone);
}
