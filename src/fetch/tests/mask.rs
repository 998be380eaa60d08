//! What is left of an answer that repeats its request.

use super::super::mask::Mask;
use super::super::{PostRequest, Verb};
use std::time::Duration;
use url::Url;

fn hidden(url: &str, headers: &[(&'static str, &str)], body: &str, answer: &str) -> String {
    let url = Url::parse(url).unwrap();
    let request = PostRequest {
        verb: Verb::Post,
        url: &url,
        derived: false,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).to_owned()))
            .collect(),
        body: Vec::new(),
        timeout: Duration::from_secs(1),
    };
    let proxy = Url::parse("http://me:proxied-word@proxy.example").unwrap();
    let mask = Mask::of(&request, body.to_owned().into(), Some(&proxy));
    String::from_utf8(mask.hide(answer.as_bytes()).into_owned()).unwrap()
}

#[test]
fn what_may_be_a_secret_is_left_out() {
    let slack = "https://hooks.example/services/T0123456A/B0123456A/x1y2z3x1y2z3";
    for (url, answer, left) in [
        (
            slack,
            "no x1y2z3x1y2z3 of T0123456A here",
            "no *** of *** here",
        ),
        (
            slack,
            "POST /services/T0123456A/B0123456A/x1y2z3x1y2z3",
            "POST /services/***/***/***",
        ),
        (
            slack,
            "all services of hooks.example are down",
            "all services of hooks.example are down",
        ),
        (
            "https://h.example/webhooks/messages",
            "no such webhooks messages",
            "no such webhooks messages",
        ),
        (
            "https://h.example/a?token=abcd1234&b=c",
            "token=abcd1234&b=c",
            "token=***&b=c",
        ),
        ("https://h.example/a?abcd1234", "?abcd1234", "?***"),
        (
            "https://h.example/a%2Fb%20c%2Fd1",
            "a/b c/d1 and a%2Fb%20c%2Fd1",
            "*** and ***",
        ),
        (
            "https://me:pass%20word@h.example/",
            "pass word, Basic bWU6cGFzcyB3b3Jk",
            "***, Basic ***",
        ),
        (
            "https://h.example/",
            "{\"error\":\"x\"}",
            "{\"error\":\"x\"}",
        ),
    ] {
        assert_eq!(hidden(url, &[], "", answer), left);
    }
}

#[test]
fn headers_and_fields_are_hidden_where_they_may_be_secret() {
    let headers = [
        ("authorization", "Bearer abcd-1234-efgh"),
        ("x-gotify-key", "AbCdEfGh1"),
        ("content-type", "application/json"),
    ];
    let url = "https://h.example/";
    let answer = "Bearer abcd-1234-efgh, AbCdEfGh1, application/json";
    let left = "Bearer ***, ***, application/json";
    assert_eq!(hidden(url, &headers, "", answer), left);
    let form = "hub.topic=https%3A%2F%2Fa.example%2Ffeed&hub.secret=0123456789abcdef\
                &hub.callback=https%3A%2F%2Fb.example%2Fabcdef0123456789";
    let answer = "https://a.example/feed, 0123456789abcdef, abcdef0123456789";
    let left = "https://a.example/feed, ***, ***";
    assert_eq!(hidden(url, &[], form, answer), left);
    let json = "{\"routing_key\":\"0123456789abcdef\",\"text\":\"Pyongyang wants\"}";
    let answer = "0123456789abcdef: Pyongyang wants";
    assert_eq!(hidden(url, &[], json, answer), "***: Pyongyang wants");
    assert_eq!(
        hidden(url, &[], "not a form", "\u{fffd}not a form"),
        "\u{fffd}not a form"
    );
}
