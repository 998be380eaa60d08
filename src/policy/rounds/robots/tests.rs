//! What answers about robots.txt mean for pages.

use super::{BYTES_MAX, RobotsBook, Verdict, origin};
use crate::policy::poll::{Answer, FailureKind, FetchOutcome, Hints, Validators};
use jiff::{SignedDuration, Timestamp};
use url::Url;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + secs).unwrap()
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn outcome(answer: Answer) -> FetchOutcome {
    FetchOutcome {
        answer,
        hints: Hints::default(),
    }
}

fn file(text: &str) -> FetchOutcome {
    outcome(Answer::Body {
        bytes: text.as_bytes().to_vec(),
        content_type: None,
        validators: Validators::default(),
        url: String::new(),
        delta: false,
        links: Box::default(),
    })
}

fn failed(kind: FailureKind) -> FetchOutcome {
    outcome(Answer::Failed {
        kind,
        detail: String::new(),
    })
}

#[test]
fn rules_are_read_as_the_standard_has_them() {
    let closed = Verdict::Closed(at(3600));
    let rows = [
        (file(""), "/a", Verdict::Allowed),
        (
            file("User-agent: *\nDisallow: /"),
            "/a",
            Verdict::Disallowed,
        ),
        (
            file("user-agent: WireWatch\ndisallow: /a"),
            "/a?b",
            Verdict::Disallowed,
        ),
        (
            file("User-agent: *\nDisallow: /\n\nUser-agent: wirewatch\nAllow: /"),
            "/a",
            Verdict::Allowed,
        ),
        (
            file("User-agent: other\nDisallow: /"),
            "/a",
            Verdict::Allowed,
        ),
        // The longest rule wins, and of two equals the one that allows.
        (
            file("User-agent: *\nDisallow: /a\nAllow: /a/b"),
            "/a/b/c",
            Verdict::Allowed,
        ),
        (
            file("User-agent: *\nAllow: /a\nDisallow: /a"),
            "/a",
            Verdict::Allowed,
        ),
        (
            file("User-agent: *\nDisallow: /*.pdf$"),
            "/a.pdf",
            Verdict::Disallowed,
        ),
        (
            file("User-agent: *\nDisallow: /*.pdf$"),
            "/a.pdf?x",
            Verdict::Allowed,
        ),
        (
            file("<html><body>Not found</body></html>"),
            "/a",
            Verdict::Allowed,
        ),
        (failed(FailureKind::Status(404)), "/a", Verdict::Allowed),
        (failed(FailureKind::Status(403)), "/a", Verdict::Allowed),
        (outcome(Answer::Gone), "/a", Verdict::Allowed),
        (failed(FailureKind::Status(429)), "/a", closed),
        (failed(FailureKind::Status(500)), "/a", closed),
        (failed(FailureKind::Timeout), "/a", closed),
        (failed(FailureKind::Dns), "/a", closed),
    ];
    for (outcome, path, verdict) in rows {
        let mut book = RobotsBook::default();
        let page = url("https://a.example/").join(path).unwrap();
        assert_eq!(book.verdict(&page, at(0)), Verdict::Unknown);
        book.note(origin(&page), &outcome, at(0));
        assert_eq!(book.verdict(&page, at(0)), verdict, "{path}: {outcome:?}");
    }
}

#[test]
fn rules_hold_for_a_day_and_one_origin() {
    let mut book = RobotsBook::default();
    let page = url("https://a.example/x");
    book.note(origin(&page), &file("User-agent: *\nDisallow: /"), at(0));
    for other in [
        "http://a.example/x",
        "https://a.example:444/x",
        "https://b.example/x",
    ] {
        assert_eq!(
            book.verdict(&url(other), at(1)),
            Verdict::Unknown,
            "{other}"
        );
    }
    let day = 24 * 60 * 60;
    assert_eq!(book.verdict(&page, at(day - 1)), Verdict::Disallowed);
    assert_eq!(book.verdict(&page, at(day)), Verdict::Unknown);
    book.shift(SignedDuration::from_secs(10));
    assert_eq!(book.verdict(&page, at(day)), Verdict::Disallowed);
}

#[test]
fn what_is_kept_is_bounded() {
    let mut book = RobotsBook::default();
    let long = file(&"Disallow: /x\n".repeat(40_000));
    for number in 0..100 {
        let site = url(&format!("https://a{number}.example/"));
        book.note(origin(&site), &long, at(number));
        assert!(book.bytes <= BYTES_MAX);
        assert_eq!(book.verdict(&site, at(number)), Verdict::Allowed);
    }
    assert_eq!(
        book.verdict(&url("https://a0.example/"), at(99)),
        Verdict::Unknown
    );
    // The same site again counts once.
    let site = url("https://a99.example/");
    let before = book.bytes;
    book.note(origin(&site), &long, at(100));
    assert_eq!(book.bytes, before);
}
