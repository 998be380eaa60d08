//! What is told of an article: passages, and payloads that can be read back.

use super::message::{Content, Message, pieces};
use super::notice::{Notice, NoticeKind, Subject};
use super::payload::{DigestHead, alert_json, digest_json, notice_json, test_json, with_seq};
use super::{Alert, DigestId, passages, sample};
use crate::matcher::{Because, Evidence};
use crate::text::Field;
use crate::watchlist::Severity;
use jiff::Timestamp;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// An alert on a body, for each of these words in it.
fn alert(body: &str, words: &[&str]) -> Alert {
    let mut alert = sample(NOW).unwrap();
    alert.article.summary = String::new();
    alert.article.body = body.to_owned();
    alert.matches.actors.clear();
    alert.matches.topics[0].evidence = words
        .iter()
        .map(|word| {
            let start = body.find(word).unwrap();
            Evidence {
                field: Field::Body,
                start,
                end: start + word.len(),
                quote: (*word).to_owned().into(),
                because: Because::Term((*word).to_owned().into()),
            }
        })
        .collect();
    alert
}

/// The passages with their marks in brackets.
fn shown(alert: &Alert) -> Vec<String> {
    let bracketed = |(text, marked): (&str, bool)| {
        if marked {
            format!("[{text}]")
        } else {
            text.to_owned()
        }
    };
    passages(&alert.article, &alert.matches)
        .iter()
        .map(|passage| pieces(passage).into_iter().map(bracketed).collect())
        .collect()
}

#[test]
fn a_passage_is_the_sentence_with_its_words_marked() {
    let body = "It rained. Pyongyang wants a non-aggression pact. Nobody came.";
    assert_eq!(
        shown(&alert(body, &["Pyongyang", "non-aggression pact"])),
        ["[Pyongyang] wants a [non-aggression pact]."]
    );
    let title_only = {
        let mut alert = alert(body, &[]);
        alert.article.title = "Talks with Seoul".into();
        alert.matches.topics[0].evidence.push(Evidence {
            field: Field::Title,
            start: 11,
            end: 16,
            quote: "Seoul".into(),
            because: Because::Term("Seoul".into()),
        });
        alert
    };
    assert_eq!(shown(&title_only), ["Talks with [Seoul]"]);
}

#[test]
fn a_long_sentence_is_cut_between_words_around_its_words() {
    let body = format!(
        "{}the Security Council met {}",
        "so é ".repeat(100),
        "and on ".repeat(100)
    );
    let shown = shown(&alert(&body, &["Security Council"]));
    let [passage] = shown.as_slice() else {
        panic!("{shown:?}")
    };
    assert!(
        passage.starts_with('…') && passage.ends_with('…'),
        "{passage}"
    );
    assert!(passage.contains("the [Security Council] met"), "{passage}");
    assert!(passage.len() < 340, "{passage}");
}

#[test]
fn the_sentences_that_say_the_most_are_kept_in_the_order_of_the_text() {
    let body = "Alpha. Beta. Gamma. Delta.";
    let all = alert(body, &["Alpha", "Beta", "Gamma", "Delta"]);
    assert_eq!(shown(&all), ["[Alpha].", "[Beta].", "[Gamma]."]);
}

#[test]
fn what_is_written_can_be_read_back() {
    let test = sample(NOW).unwrap();
    for (payload, kind, test_run) in [
        (alert_json(&test, 7), "article.matched", false),
        (test_json(&test, 7), "test", true),
    ] {
        let message = Message::read(&payload).unwrap();
        assert_eq!((message.kind.as_str(), message.is_test()), (kind, test_run));
        assert_eq!((message.seq, &message.id), (7, &test.id.0));
        assert_eq!(message.title(), "This is a test of wirewatch");
        assert_eq!(message.url(), Some("https://example.org/wirewatch-test"));
        let Content::Article(article) = &message.content else {
            panic!("{message:?}")
        };
        assert_eq!(article.topics[0].name, "A test");
        assert_eq!(article.passages, passages(&test.article, &test.matches));
    }
}

#[test]
fn a_digest_tells_what_it_holds() {
    let notice = Notice {
        kind: NoticeKind::FeedSilent,
        subject: Subject::Feed("bbc-asia".into()),
        at: NOW,
        text: "nothing new since yesterday".into(),
    };
    let parts = [
        alert_json(&sample(NOW).unwrap(), 0),
        notice_json(&notice, 0),
    ]
    .map(|payload| Message::read(&payload).unwrap());
    let head = DigestHead {
        id: &DigestId("d1".into()),
        at: NOW,
        reason: "group-wait",
        route: Some("default"),
    };
    let digest = Message::read(&digest_json(&head, &parts, 3)).unwrap();
    assert_eq!((digest.seq, digest.severity), (3, Severity::Normal));
    assert_eq!(digest.title(), "1 alert and 1 notice");
    let Content::Digest(digest) = digest.content else {
        panic!("a digest")
    };
    assert_eq!(digest.articles[0].1.title, "This is a test of wirewatch");
    assert_eq!(digest.notices[0].1.title, "feed bbc-asia has fallen silent");
}

#[test]
fn a_number_is_given_later() {
    let test = sample(NOW).unwrap();
    assert_eq!(with_seq(&alert_json(&test, 0), 12), alert_json(&test, 12));
    assert_eq!(with_seq(&alert_json(&test, 123), 4), alert_json(&test, 4));
}

#[test]
fn foreign_text_becomes_harmless() {
    let mut hostile = sample(NOW).unwrap();
    hostile.article.title = "one\r\ntwo\u{1b}[31m \u{202e}three".into();
    hostile.article.url = Some("javascript:alert(1)".into());
    hostile.feed.publisher = "p".repeat(10_000);
    let message = Message::read(&alert_json(&hostile, 1)).unwrap();
    assert_eq!(message.title(), "one two [31m three");
    assert_eq!(message.url(), None);
    let Content::Article(article) = message.content else {
        panic!("an article")
    };
    assert_eq!(article.publisher.chars().count(), 200);
    let broken = alert("a\nb\u{202e} Seoul\tc", &["Seoul\tc"]);
    let Content::Article(article) = Message::read(&alert_json(&broken, 1)).unwrap().content else {
        panic!("an article")
    };
    assert_eq!(article.passages[0].text, "a b Seoul c");
    assert_eq!(pieces(&article.passages[0])[1], ("Seoul c", true));
}
