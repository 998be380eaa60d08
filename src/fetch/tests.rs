//! What the client promises to publishers and to whoever runs it, against
//! scripted servers on loopback that answer with raw bytes.

use super::address::is_public;
use super::hints::hints;
use super::{Client, FeedRequest, PostOutcome, PostRequest};
use crate::config::{Http, Secret};
use crate::policy::poll::{Answer, FailureKind, FetchOutcome, Hints, Validators};
use jiff::SignedDuration;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

/// A server that answers every connection with the same bytes.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

/// What follows the head of an answer.
#[derive(Clone, Copy)]
enum Rest {
    End,
    /// Zeros without an end.
    Endless,
    /// A byte now and then, for ever.
    Drip,
    /// Nothing, and no end.
    Silence,
}

impl Server {
    async fn open(answer: &[u8], rest: Rest) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen) = (answer.to_vec(), Arc::clone(&asked));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, answer.clone(), rest, Arc::clone(&seen)));
            }
        });
        Self {
            address,
            asked,
            _serving: serving,
        }
    }

    async fn says(answer: &str) -> Self {
        Self::open(answer.replace('\n', "\r\n").as_bytes(), Rest::End).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answer: Vec<u8>, rest: Rest, asked: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_buf(&mut request).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    // The bytes of headers are looked at as they are, not as UTF-8.
    asked
        .lock()
        .unwrap()
        .push(request.iter().map(|byte| char::from(*byte)).collect());
    if stream.write_all(&answer).await.is_err() {
        return;
    }
    match rest {
        Rest::End => {}
        Rest::Endless => while stream.write_all(&[0; 8_192]).await.is_ok() {},
        Rest::Drip => {
            let mut tick = tokio::time::interval(Duration::from_millis(50));
            while stream.write_all(b"x").await.is_ok() {
                tick.tick().await;
            }
        }
        Rest::Silence => std::future::pending().await,
    }
}

fn client(change: impl FnOnce(&mut Http)) -> Client {
    let mut http = Http {
        timeout: SignedDuration::from_secs(10),
        ..Http::default()
    };
    change(&mut http);
    Client::new(&http).unwrap()
}

fn request(url: &str) -> FeedRequest {
    FeedRequest {
        url: Url::parse(url).unwrap(),
        validators: Validators::default(),
        login: None,
        headers: Vec::new(),
    }
}

async fn get(url: &str) -> FetchOutcome {
    client(|_| {}).get(&request(url)).await
}

#[track_caller]
fn failed(outcome: &FetchOutcome, kind: FailureKind, words: &str) {
    match &outcome.answer {
        Answer::Failed {
            kind: found,
            detail,
        } => {
            assert!(
                *found == kind && detail.contains(words),
                "{found:?}: {detail}"
            );
            assert!(!detail.contains("secret"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

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

#[track_caller]
fn check_hints(headers: &[(&str, &str)], fresh_s: Option<i64>, away_s: Option<i64>) {
    let found = hints(|name| {
        headers
            .iter()
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| *value)
            .collect()
    });
    let seconds = |secs: Option<i64>| secs.map(SignedDuration::from_secs);
    let expect = Hints {
        fresh_for: seconds(fresh_s),
        retry_after: seconds(away_s),
    };
    assert_eq!(found, expect, "{headers:?}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn headers_say_when_to_come_back() {
    const DATE: (&str, &str) = ("date", "Tue, 24 Nov 2026 09:00:00 GMT");
    check_hints(&[], None, None);
    check_hints(&[("retry-after", "120")], None, Some(120));
    check_hints(&[("retry-after", "0")], None, Some(0));
    check_hints(&[("retry-after", "-5")], None, None);
    check_hints(&[("retry-after", "soon")], None, None);
    check_hints(
        &[("retry-after", "99999999999999999999")],
        None,
        Some(i64::MAX),
    );
    check_hints(
        &[DATE, ("retry-after", "Tue, 24 Nov 2026 10:00:00 GMT")],
        None,
        Some(3600),
    );
    check_hints(
        &[DATE, ("retry-after", "Tue, 24 Nov 2026 08:00:00 GMT")],
        None,
        None,
    );
    check_hints(
        &[("retry-after", "Tue, 24 Nov 2026 10:00:00 GMT")],
        None,
        None,
    );
    check_hints(
        &[("cache-control", "public, max-age=43200")],
        Some(43_200),
        None,
    );
    check_hints(
        &[("cache-control", "MAX-AGE=\"60\""), ("age", "20")],
        Some(40),
        None,
    );
    check_hints(
        &[("cache-control", "max-age=60"), ("age", "90")],
        None,
        None,
    );
    check_hints(&[("cache-control", "max-age=60, no-cache")], None, None);
    check_hints(&[("cache-control", "no-store, max-age=60")], None, None);
    check_hints(
        &[("cache-control", "public"), ("cache-control", "max-age=60")],
        Some(60),
        None,
    );
    check_hints(
        &[
            ("cache-control", "max-age=60"),
            ("cache-control", "no-store"),
        ],
        None,
        None,
    );
    check_hints(
        &[("retry-after", "120"), ("retry-after", "60")],
        None,
        Some(120),
    );
    check_hints(
        &[DATE, ("expires", "Tue, 24 Nov 2026 09:30:00 GMT")],
        Some(1800),
        None,
    );
    check_hints(&[DATE, ("expires", "0")], None, None);
    check_hints(
        &[
            DATE,
            ("expires", "Tue, 24 Nov 2026 09:30:00 GMT"),
            ("cache-control", "max-age=5"),
        ],
        Some(5),
        None,
    );
    check_hints(
        &[
            ("x-ratelimit-remaining", "0.0"),
            ("x-ratelimit-reset", "58.2"),
        ],
        None,
        Some(59),
    );
    check_hints(
        &[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "58")],
        None,
        None,
    );
    check_hints(
        &[
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1800000000"),
        ],
        None,
        None,
    );
}

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

/// Ways to write an address of this machine that a publisher could send us to.
fn inward(port: u16) -> Vec<String> {
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0",
        "0.0.0.0",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "127.0.0.1.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[::]",
        "１２７.０.０.１",
        "127。0。0。1",
        "good.example@127.0.0.1",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ];
    let mut urls: Vec<String> = hosts
        .iter()
        .map(|host| format!("http://{host}:{port}/"))
        .collect();
    urls.push(format!("http:\\\\127.0.0.1:{port}\\"));
    urls.push(format!("//127.0.0.1:{port}/"));
    urls.extend(
        [
            "http://169.254.169.254/latest",
            "http://10.0.0.1/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
        ]
        .map(str::to_owned),
    );
    urls
}

#[tokio::test]
async fn nobody_sends_us_inward() {
    let canary = Server::says("HTTP/1.1 200 OK\nContent-Length: 0\n\n").await;
    let port = canary.address.port();
    for target in inward(port) {
        // Header values are bytes; what is not ASCII goes as UTF-8.
        let answer =
            format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n");
        let server = Server::open(answer.as_bytes(), Rest::End).await;
        let outcome = get(&server.url("/")).await;
        let Answer::Failed { kind, detail } = outcome.answer else {
            panic!("{target}: {outcome:?}")
        };
        // By the guard or for want of an address, not because nobody read it.
        let refused = matches!(kind, FailureKind::Refused | FailureKind::Dns);
        assert!(refused, "{target}: {kind:?} {detail}");
    }
    assert_eq!(canary.asked().len(), 0, "{:?}", canary.asked());
    // What the operator writes is reached as written, and what it allows is too.
    for url in [canary.url("/"), format!("http://localhost:{port}/")] {
        assert!(
            matches!(get(&url).await.answer, Answer::Body { .. }),
            "{url}"
        );
    }
    let server = Server::says(&format!(
        "HTTP/1.1 302 Found\nLocation: http://127.0.0.1:{port}/\nContent-Length: 0\n\n"
    ))
    .await;
    let allowing = client(|http| http.allow = vec!["127.0.0.0/8".parse().unwrap()]);
    let outcome = allowing.get(&request(&server.url("/"))).await;
    assert!(matches!(outcome.answer, Answer::Body { .. }), "{outcome:?}");
    assert_eq!(canary.asked().len(), 3);
}

#[tokio::test]
async fn redirects_are_few_and_keep_secrets_at_home() {
    let allow = |http: &mut Http| http.allow = vec!["127.0.0.0/8".parse().unwrap()];
    let looping = Server::says("HTTP/1.1 301 Moved\nLocation: /again\nContent-Length: 0\n\n").await;
    let outcome = client(allow).get(&request(&looping.url("/secret"))).await;
    failed(&outcome, FailureKind::Redirect, "more than 5 redirects");
    assert_eq!(looping.asked().len(), 6);

    let other = Server::says("HTTP/1.1 200 OK\nContent-Length: 0\n\n").await;
    let first = Server::says(&format!(
        "HTTP/1.1 307 Moved\nLocation: {}\nContent-Length: 0\n\n",
        other.url("/")
    ))
    .await;
    let mut feed = request(&first.url("/"));
    feed.login = Some(("desk".into(), Secret::new("secret".into())));
    feed.headers = vec![("X-Key".into(), Secret::new("secret".into()))];
    client(allow).get(&feed).await;
    let (first, other) = (first.asked().concat(), other.asked().concat());
    assert!(
        first.contains("authorization: Basic") && first.contains("x-key: secret"),
        "{first}"
    );
    assert!(
        other.contains("GET / ") && !other.contains("authorization") && !other.contains("x-key"),
        "{other}"
    );

    // Addresses that are not ASCII come as UTF-8, though they should be escaped.
    let home = Server::open(
        "HTTP/1.1 302 Found\r\nLocation: /é\r\nContent-Length: 0\r\n\r\n".as_bytes(),
        Rest::End,
    )
    .await;
    client(allow).get(&request(&home.url("/"))).await;
    let asked = home.asked();
    assert!(
        asked.iter().any(|asked| asked.starts_with("GET /%C3%A9 ")),
        "{asked:?}"
    );

    let nowhere = Server::says("HTTP/1.1 302 Found\nContent-Length: 0\n\n").await;
    failed(
        &get(&nowhere.url("/secret")).await,
        FailureKind::Redirect,
        "redirects nowhere",
    );
}

async fn post(server: &Server) -> PostOutcome {
    let url = Url::parse(&server.url("/hook?token=secret")).unwrap();
    let request = PostRequest {
        url: &url,
        headers: vec![("webhook-id", "msg_1".into())],
        body: b"{\"a\":1}".to_vec(),
        timeout: Duration::from_secs(1),
    };
    client(|_| {}).post(request).await
}

#[tokio::test]
async fn webhooks_are_sent_whole_and_follow_nobody() {
    let server = Server::says("HTTP/1.1 302 Found\nLocation: http://127.0.0.1:1/\nRetry-After: 7\nContent-Length: 12\n\na\u{1b}[31mb\n\nc").await;
    let answered = PostOutcome::Answered {
        status: 302,
        retry_after: Some(SignedDuration::from_secs(7)),
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

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn the_public_internet_is_what_is_left() {
    let public = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "2002:101:101::",
    ];
    let special = [
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "64:ff9b:1:7f00:0:100:101:101",
        "64:ff9b:2::101:101",
        "64:ff9b::1:0:101:101",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "100::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ];
    for address in public {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
    for address in special {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
}
