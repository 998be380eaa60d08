//! What the bodies of services hold beside text, and what their answers mean.

use super::super::{Rendered, Reply, Task, render, verdict};
use crate::alert::AlertId;
use crate::alert::payload::{alert_json, test_json};
use crate::alert::sample;
use crate::config::{Format, Secret, TemplateFormat};
use crate::fetch::Verb;
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryId, DeliveryOutcome};
use crate::template::{Output, Template};
use crate::watchlist::Severity;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn at() -> Timestamp {
    "2003-07-23T14:12:09Z".parse().unwrap()
}

/// The payload of an alert of that severity.
fn payload(severity: Severity) -> Vec<u8> {
    let mut alert = sample(at()).unwrap();
    alert.severity = severity;
    alert_json(&alert, 7)
}

/// What is sent of a payload an hour later.
fn sent(format: &Format, url: &str, payload: Vec<u8>) -> Rendered {
    let delivery = Delivery {
        id: DeliveryId("msg_5eed_desk".to_owned()),
        alert: AlertId("5eed".to_owned()),
        sink: SinkName::new("desk").unwrap(),
        seq: 7,
        payload,
        created_at: at(),
        attempts: 0,
        plain: false,
    };
    let task = Task {
        url: &Url::parse(url).unwrap(),
        delivery: &delivery,
        plain: false,
        now: at() + SignedDuration::from_hours(1),
    };
    render(format, task).unwrap()
}

fn body(rendered: &Rendered) -> Value {
    serde_json::from_slice(&rendered.body).unwrap()
}

#[test]
fn an_event_has_the_data_of_the_standard_body_as_they_are() {
    let format = Format::CloudEvents {
        source: "/newsroom".to_owned(),
    };
    let payload = payload(Severity::High);
    let rendered = sent(&format, "https://example.org/events", payload.clone());
    assert_eq!(rendered.content_type, "application/cloudevents+json");
    let event = body(&rendered);
    let standard: Value = serde_json::from_slice(&payload).unwrap();
    let keys: Vec<&String> = event.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 9, "{keys:?}");
    for (key, expected) in [
        ("specversion", json!("1.0")),
        ("id", json!("msg_5eed_desk")),
        ("source", json!("/newsroom")),
        ("type", json!("wirewatch.article.matched")),
        ("subject", standard["data"]["alert"].clone()),
        ("time", json!("2003-07-23T14:12:09Z")),
        ("severity", json!("high")),
        ("datacontenttype", json!("application/json")),
    ] {
        assert_eq!(event[key], expected, "{key}");
    }
    let text = String::from_utf8(rendered.body).unwrap();
    let standard = String::from_utf8(payload).unwrap();
    let (_, data) = standard.split_once("\"data\":").unwrap();
    assert!(text.ends_with(&format!("\"data\":{data}")), "{text}");
}

#[test]
fn how_much_it_matters_is_said_as_each_service_has_it() {
    use Severity::{Critical, High, Info, Low, Normal};
    let ntfy = Format::Ntfy { token: None };
    let gotify = Format::Gotify { token: secret("t") };
    let pushover = Format::Pushover {
        token: secret("t"),
        user: secret("u"),
    };
    let pagerduty = Format::PagerDuty {
        routing_key: secret("k"),
    };
    let apprise = Format::Apprise {
        urls: Vec::new(),
        tags: Vec::new(),
    };
    for (severity, numbers, words) in [
        (Info, [1, 0, -2], ["info", "info"]),
        (Low, [2, 2, -1], ["info", "info"]),
        (Normal, [3, 5, 0], ["warning", "info"]),
        (High, [4, 7, 1], ["error", "warning"]),
        (Critical, [5, 9, 1], ["critical", "failure"]),
    ] {
        let url = "https://example.org/topic";
        let sent = |format| sent(format, url, payload(severity));
        let form = String::from_utf8(sent(&pushover).body).unwrap();
        assert!(
            form.contains(&format!("&priority={}&", numbers[2])),
            "{form}"
        );
        assert_eq!(body(&sent(&ntfy))["priority"], numbers[0]);
        assert_eq!(body(&sent(&gotify))["priority"], numbers[1]);
        assert_eq!(body(&sent(&pagerduty))["payload"]["severity"], words[0]);
        assert_eq!(body(&sent(&apprise))["type"], words[1]);
    }
}

#[test]
fn a_service_is_found_below_the_address_of_its_server() {
    let ntfy = Format::Ntfy {
        token: Some(secret("tk_1")),
    };
    let gotify = Format::Gotify {
        token: secret("A1"),
    };
    let alertmanager = Format::Alertmanager {
        resolve_after: SignedDuration::from_hours(2),
    };
    for (format, url, expected) in [
        (&ntfy, "https://ntfy.sh/news", "https://ntfy.sh/"),
        (
            &ntfy,
            "https://example.org/ntfy/news/",
            "https://example.org/ntfy/",
        ),
        (
            &gotify,
            "https://example.org",
            "https://example.org/message",
        ),
        (
            &gotify,
            "https://example.org/g/message",
            "https://example.org/g/message",
        ),
        (
            &alertmanager,
            "http://127.0.0.1:9093/",
            "http://127.0.0.1:9093/api/v2/alerts",
        ),
        (
            &alertmanager,
            "https://example.org/am/api/v2/alerts",
            "https://example.org/am/api/v2/alerts",
        ),
    ] {
        let rendered = sent(format, url, payload(Severity::High));
        assert_eq!(rendered.url.as_str(), expected);
    }
    let rendered = sent(&ntfy, "https://ntfy.sh/news", payload(Severity::High));
    assert_eq!(body(&rendered)["topic"], "news");
    assert_eq!(
        rendered.headers,
        [("authorization".into(), "Bearer tk_1".to_owned())]
    );
    let rendered = sent(&gotify, "https://example.org", payload(Severity::High));
    assert_eq!(rendered.headers, [("x-gotify-key".into(), "A1".to_owned())]);
}

#[test]
fn an_alert_fires_from_when_it_was_made_until_some_time_after_the_attempt() {
    let format = Format::Alertmanager {
        resolve_after: SignedDuration::from_hours(2),
    };
    let rendered = sent(&format, "http://127.0.0.1:9093", payload(Severity::High));
    let body = body(&rendered);
    assert_eq!(body.as_array().map(Vec::len), Some(1));
    let alert = &body[0];
    assert_eq!(alert["startsAt"], "2003-07-23T14:12:09Z");
    assert_eq!(alert["endsAt"], "2003-07-23T17:12:09Z");
    assert_eq!(alert["generatorURL"], "https://example.org/wirewatch-test");
    let id = sample(at()).unwrap().id.0;
    assert_eq!(
        alert["labels"],
        json!({"alertname": "WirewatchArticle", "severity": "high", "alert": id, "feed": "test",
            "language": "en", "topics": ",test,", "actors": ",somebody,"})
    );
    let mut hostile = sample(at()).unwrap();
    hostile.article.language = Some("<!channel>".to_owned());
    let test = sent(&format, "http://127.0.0.1:9093", test_json(&hostile, 1));
    let labels = &self::body(&test)[0]["labels"];
    assert_eq!(labels["alertname"], "WirewatchTest");
    assert_eq!(labels.get("language"), None);
}

#[test]
fn an_incident_is_known_by_its_alert() {
    let format = Format::PagerDuty {
        routing_key: secret("k1"),
    };
    let event = body(&sent(
        &format,
        "https://events.pagerduty.com/v2/enqueue",
        payload(Severity::High),
    ));
    assert_eq!(event["routing_key"], "k1");
    assert_eq!(event["event_action"], "trigger");
    assert_eq!(event["dedup_key"], sample(at()).unwrap().id.0);
    assert_eq!(event["payload"]["timestamp"], "2003-07-23T14:12:09Z");
    assert_eq!(event["payload"]["class"], "article.matched");
}

#[test]
fn targets_of_apprise_are_named_or_left_to_the_server() {
    let mut format = Format::Apprise {
        urls: Vec::new(),
        tags: Vec::new(),
    };
    let url = "https://example.org/notify/key";
    let plain = body(&sent(&format, url, payload(Severity::High)));
    assert_eq!((plain.get("urls"), plain.get("tag")), (None, None));
    if let Format::Apprise { urls, tags } = &mut format {
        *urls = vec![secret("json://a"), secret("json://b")];
        *tags = vec!["desk".to_owned(), "night".to_owned()];
    }
    let named = body(&sent(&format, url, payload(Severity::High)));
    assert_eq!(named["urls"], json!(["json://a", "json://b"]));
    assert_eq!(named["tag"], "desk,night");
}

#[test]
fn a_template_has_the_payload_and_the_words_of_a_message() {
    let source = "{{ type }} {{ severity }} {{ delivery }} {{ data.seq }} {{ url }}\n{{ text }}";
    let template = |source: &str, put| {
        Format::Template(Arc::new(TemplateFormat {
            template: Template::new(source.to_owned(), Output::Plain).unwrap(),
            content_type: "text/plain".to_owned(),
            put,
        }))
    };
    let url = "https://example.org/x";
    let rendered = sent(&template(source, true), url, payload(Severity::High));
    assert_eq!(
        (rendered.verb, &*rendered.content_type),
        (Verb::Put, "text/plain")
    );
    let text = String::from_utf8(rendered.body).unwrap();
    let first = "article.matched high msg_5eed_desk 7 https://example.org/wirewatch-test\n";
    assert!(text.starts_with(first), "{text}");
    assert!(text.contains("words marked"), "{text}");
    let failing = template("{{ data.nothing.at_all }}", false);
    let delivery = Delivery {
        id: DeliveryId("1".to_owned()),
        alert: AlertId("1".to_owned()),
        sink: SinkName::new("desk").unwrap(),
        seq: 1,
        payload: payload(Severity::High),
        created_at: at(),
        attempts: 0,
        plain: false,
    };
    let task = Task {
        url: &Url::parse(url).unwrap(),
        delivery: &delivery,
        plain: false,
        now: at(),
    };
    let error = render(&failing, task).unwrap_err().to_string();
    assert!(
        error.starts_with("line 1 of the template: undefined value"),
        "{error}"
    );
}

/// What is expected of an answer: `d`elivered, `m`isconfigured, `r`efused, `u`navailable
/// and, in seconds, for how long.
type Expected = (char, Option<i64>);

fn check(format: &Format, rows: &[(u16, &str, Expected)]) {
    for (status, said, expected) in rows {
        let reply = Reply {
            status: *status,
            retry_after: None,
            room: None,
            body: said.as_bytes(),
            shown: said,
        };
        let found = match verdict(format, reply).outcome {
            DeliveryOutcome::Delivered => ('d', None),
            DeliveryOutcome::Misconfigured { .. } => ('m', None),
            DeliveryOutcome::Refused { .. } => ('r', None),
            DeliveryOutcome::Unavailable { retry_after, .. } => {
                ('u', retry_after.map(|wait| wait.as_secs()))
            }
            DeliveryOutcome::Gone { .. } => ('g', None),
        };
        assert_eq!(found, *expected, "{format:?} {status} {said}");
    }
}

#[test]
fn an_answer_of_a_push_service_means_what_it_says() {
    check(
        &Format::Ntfy { token: None },
        &[
            (200, "{}", ('d', None)),
            (401, r#"{"code":40101}"#, ('m', None)),
            (400, r#"{"code":40009}"#, ('m', None)),
            (400, r#"{"code":40011}"#, ('r', None)),
            (413, r#"{"code":41303}"#, ('r', None)),
            (429, r#"{"code":42901}"#, ('u', None)),
            (429, r#"{"code":42908}"#, ('u', Some(3600))),
            (507, "", ('u', None)),
        ],
    );
    check(
        &Format::Gotify { token: secret("t") },
        &[
            (200, "{}", ('d', None)),
            (401, "{}", ('m', None)),
            (400, "{}", ('r', None)),
        ],
    );
    let pushover = Format::Pushover {
        token: secret("t"),
        user: secret("u"),
    };
    check(
        &pushover,
        &[
            (200, r#"{"status":1}"#, ('d', None)),
            (200, "<html>", ('m', None)),
            (400, r#"{"token":"invalid","status":0}"#, ('m', None)),
            (400, r#"{"user":"invalid","status":0}"#, ('m', None)),
            (
                400,
                r#"{"errors":["message cannot be blank"]}"#,
                ('r', None),
            ),
            (429, r#"{"status":0}"#, ('u', Some(3600))),
            (500, "", ('u', None)),
        ],
    );
}

#[test]
fn an_answer_of_a_pager_or_a_broker_means_what_it_says() {
    let routing_key = secret("k");
    check(
        &Format::PagerDuty { routing_key },
        &[
            (202, r#"{"status":"success"}"#, ('d', None)),
            (
                400,
                r#"{"errors":["'routing_key' is too short"]}"#,
                ('m', None),
            ),
            (400, r#"{"errors":["'summary' is missing"]}"#, ('r', None)),
            (429, "", ('u', None)),
        ],
    );
    let resolve_after = SignedDuration::from_hours(1);
    check(
        &Format::Alertmanager { resolve_after },
        &[(200, "", ('d', None)), (400, "bad", ('r', None))],
    );
    let (urls, tags) = (Vec::new(), Vec::new());
    check(
        &Format::Apprise { urls, tags },
        &[
            (200, "", ('d', None)),
            (204, "", ('m', None)),
            (424, "", ('u', None)),
        ],
    );
    let source = "/x".to_owned();
    check(
        &Format::CloudEvents { source },
        &[(202, "", ('d', None)), (415, "", ('r', None))],
    );
}
