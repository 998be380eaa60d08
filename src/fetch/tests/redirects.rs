//! Where redirects may lead, and what goes along.

use super::super::{Client, target};
use super::server::{Rest, Server};
use super::{client, failed, get, request};
use crate::config::{Http, Secret};
use crate::policy::poll::{Answer, FailureKind};
use url::Url;

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

#[tokio::test]
async fn a_login_goes_along_at_home() {
    let looping = sends_to("/again").await;
    let mut feed = request(&looping.url("/"));
    feed.login = Some(("desk".into(), Secret::new("secret".into())));
    feed.headers = vec![("X-Key".into(), Secret::new("secret".into()))];
    allowing("127.0.0.0/8").get(&feed).await;
    let asked = looping.asked();
    assert_eq!(asked.len(), 6);
    for asked in asked {
        let both = asked.contains("authorization: Basic") && asked.contains("x-key: secret");
        assert!(both, "{asked}");
    }
}

/// A server that sends whoever asks somewhere else.
async fn sends_to(location: &str) -> Server {
    Server::says(&format!(
        "HTTP/1.1 302 Found\nLocation: {location}\nContent-Length: 0\n\n"
    ))
    .await
}

fn allowing(network: &str) -> Client {
    client(|http| http.allow = vec![network.parse().unwrap()])
}

#[tokio::test]
async fn the_second_redirect_is_checked_like_the_first() {
    let canary = Server::says("HTTP/1.1 200 OK\nContent-Length: 0\n\n").await;
    let port = canary.address.port();
    let inward = sends_to(&format!("http://localhost:{port}/secret")).await;
    let outward = sends_to(&inward.url("/inward")).await;
    let outcome = get(&outward.url("/")).await;
    failed(&outcome, FailureKind::Refused, "127.0.0.1, which is not");
    assert_eq!(inward.asked().len(), 0);

    // The first is allowed here, and says nothing for the second.
    let inward = sends_to(&format!("http://127.0.0.2:{port}/secret")).await;
    let outward = sends_to(&inward.url("/inward")).await;
    let outcome = allowing("127.0.0.1/32")
        .get(&request(&outward.url("/")))
        .await;
    failed(&outcome, FailureKind::Refused, "127.0.0.2, which is not");
    assert_eq!(inward.asked().len(), 1);
    assert_eq!(canary.asked().len(), 0);
}

#[tokio::test]
async fn who_we_are_is_not_for_redirects_to_say() {
    let other = Server::says("HTTP/1.1 200 OK\nContent-Length: 0\n\n").await;
    let first = sends_to(&format!("http://eve:pw@{}/", other.address)).await;
    let outcome = allowing("127.0.0.0/8").get(&request(&first.url("/"))).await;
    let Answer::Body { url, .. } = &outcome.answer else {
        panic!("{outcome:?}")
    };
    assert_eq!(*url, other.url("/"));
    let asked = other.asked().concat();
    assert!(!asked.contains("authorization"), "{asked}");
}

#[test]
fn locations_are_read_from_where_they_were_said() {
    let check = |from: &str, location: &str, expect: Result<&str, &str>| {
        let asked = Url::parse("https://desk:pw@feeds.example/a/b?q").unwrap();
        let found = target(&Url::parse(from).unwrap(), location, &asked);
        let found = found.map_err(|failure| {
            assert_eq!(failure.kind, FailureKind::Redirect);
            failure.detail
        });
        let found = found.as_ref().map(Url::as_str).map_err(String::as_str);
        assert_eq!(found, expect, "{from} {location}");
    };
    let (home, away) = (
        "https://desk:pw@feeds.example/a/b?q",
        "https://cdn.example/x",
    );
    check(home, "c", Ok("https://desk:pw@feeds.example/a/c"));
    check(home, "../c", Ok("https://desk:pw@feeds.example/c"));
    check(home, "?r", Ok("https://desk:pw@feeds.example/a/b?r"));
    check(home, " /c ", Ok("https://desk:pw@feeds.example/c"));
    check(home, "//cdn.example/c", Ok("https://cdn.example/c"));
    check(
        home,
        "https://eve:x@cdn.example/",
        Ok("https://cdn.example/"),
    );
    check(
        home,
        "https://eve@feeds.example/",
        Ok("https://desk:pw@feeds.example/"),
    );
    check(
        home,
        "https://feeds.example:444/",
        Ok("https://feeds.example:444/"),
    );
    check(away, "/y", Ok("https://cdn.example/y"));
    check(
        away,
        "https://feeds.example/",
        Ok("https://desk:pw@feeds.example/"),
    );
    check(
        "http://cdn.example/",
        "https://cdn.example/",
        Ok("https://cdn.example/"),
    );
    check(
        home,
        "http://feeds.example/",
        Err("feeds.example sends from https to http"),
    );
    check(
        away,
        "http://cdn.example/",
        Err("cdn.example sends from https to http"),
    );
    check(
        home,
        "https://",
        Err("feeds.example redirects to what is no address"),
    );
    // The guard refuses them, with their scheme in its words.
    check(
        home,
        "mailto:desk@feeds.example",
        Ok("mailto:desk@feeds.example"),
    );
    check(home, "file:///etc/passwd", Ok("file:///etc/passwd"));
}
