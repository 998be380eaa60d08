//! What each receiver gets of the same four messages, kept to the letter.
//! `UPDATE=1 cargo test --lib fixtures` writes them anew, for review.

use super::RECEIVERS;
use crate::alert::message::{Content, Message};
use crate::alert::notice::{Notice, NoticeKind, Subject};
use crate::alert::payload::{DigestHead, digest_json, notice_json, test_json};
use crate::alert::{DigestId, sample};
use crate::watchlist::Severity;
use jiff::Timestamp;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The stored alert of the story of 2003.
const ALERT: &str = include_str!("../fixtures/payload/alert.json");

fn now() -> Timestamp {
    "2003-07-23T14:12:09Z".parse().unwrap()
}

fn notice() -> Vec<u8> {
    let notice = Notice {
        kind: NoticeKind::FeedSilent,
        subject: Subject::Feed("voa-asia".into()),
        at: now(),
        text: "nothing new for 2 days, where 3 hours are usual; see whether it moved".into(),
    };
    notice_json(&notice, 8)
}

fn digest() -> Vec<u8> {
    let story = Message::read(ALERT.as_bytes()).unwrap();
    let other = |title: &str, publisher: &str, severity| {
        let mut other = story.clone();
        other.severity = severity;
        if let Content::Article(article) = &mut other.content {
            title.clone_into(&mut article.title);
            publisher.clone_into(&mut article.publisher);
        }
        other
    };
    let parts = [
        story.clone(),
        other(
            "Seoul: Talks \"Outside the U.N. Framework\"",
            "Financial Times",
            Severity::Normal,
        ),
        other("Bolton in Tokyo [Update]", "Reuters", Severity::Low),
        Message::read(&notice()).unwrap(),
    ];
    let head = DigestHead {
        id: &DigestId("b0a1".repeat(8)),
        at: now(),
        reason: "group-wait",
        route: Some("asia"),
    };
    digest_json(&head, &parts, 9)
}

#[test]
fn messages_read_well() {
    let payloads = [
        ("alert", ALERT.as_bytes().to_vec()),
        ("digest", digest()),
        ("notice", notice()),
        ("test", test_json(&sample(now()).unwrap(), 10)),
    ];
    for receiver in RECEIVERS {
        for (name, payload) in &payloads {
            let rendered = receiver.render(payload, false);
            let (text, kind) = match serde_json::from_slice::<Value>(&rendered.body) {
                Ok(body) => (format!("{body:#}\n"), "json"),
                Err(_) => (String::from_utf8(rendered.body).unwrap(), "txt"),
            };
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("src/sink/format/fixtures")
                .join(receiver.name)
                .join(format!("{name}.{kind}"));
            if std::env::var_os("UPDATE").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &text).unwrap();
            }
            let kept = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(text, kept, "{} changed", path.display());
        }
    }
}
