//! What answers mean.

use super::super::{Reply, rate, verdict};
use super::RECEIVERS;
use crate::config::Format;
use crate::policy::retry::DeliveryOutcome;
use jiff::SignedDuration;

fn reply(status: u16, shown: &str) -> Reply<'_> {
    Reply {
        status,
        retry_after: None,
        room: None,
        body: shown.as_bytes(),
        shown,
    }
}

#[test]
fn answers_mean_what_the_receiver_said() {
    use DeliveryOutcome::{Delivered, Gone, Misconfigured, Refused, Unavailable};
    for status in 100..1000 {
        let outcome = verdict(&Format::Standard, reply(status, "")).outcome;
        let as_expected = match status {
            200..=299 => outcome == Delivered,
            408 | 425 | 429 => matches!(outcome, Unavailable { .. }),
            410 => matches!(outcome, Gone { .. }),
            300..=399 | 401 | 403 | 404 | 405 | 407 => matches!(outcome, Misconfigured { .. }),
            400..=499 => matches!(outcome, Refused { .. }),
            _ => matches!(outcome, Unavailable { .. }),
        };
        assert!(as_expected, "{status} gave {outcome:?}");
    }
    let wait = SignedDuration::from_secs(7);
    let limited = Reply {
        retry_after: Some(wait),
        room: Some((0, wait)),
        ..reply(429, "slow down")
    };
    let verdict = verdict(&Format::Standard, limited);
    assert_eq!(verdict.rest, Some(wait));
    assert_eq!(
        verdict.outcome,
        Unavailable {
            retry_after: Some(wait),
            detail: "the receiver answered 429: slow down".to_owned(),
        }
    );
}

/// Format, status, body, outcome.
const ANSWERS: &[(&str, u16, &str, &str)] = &[
    ("slack", 200, "ok", "delivered"),
    ("slack", 200, "<html>Please log in</html>", "misconfigured"),
    ("slack", 400, "invalid_payload", "refused"),
    ("slack", 400, "invalid_blocks", "refused"),
    ("slack", 400, "msg_blocks_too_long", "refused"),
    ("slack", 400, "user_not_found", "misconfigured"),
    ("slack", 403, "action_prohibited", "misconfigured"),
    ("slack", 403, "invalid_token", "misconfigured"),
    ("slack", 404, "channel_not_found", "misconfigured"),
    ("slack", 404, "no_service\n", "misconfigured"),
    // An archived channel can be opened again.
    ("slack", 410, "channel_is_archived", "misconfigured"),
    ("slack", 500, "rollup_error", "unavailable"),
    ("slack", 503, "", "unavailable"),
    ("discord", 200, r#"{"id": "1"}"#, "delivered"),
    ("discord", 204, "", "delivered"),
    ("discord", 400, r#"{"code": 50035}"#, "refused"),
    ("discord", 401, "", "misconfigured"),
    ("discord", 404, r#"{"code": 10015}"#, "misconfigured"),
    ("discord", 502, "", "unavailable"),
    ("teams", 200, "1", "delivered"),
    ("teams", 202, "", "delivered"),
    ("teams", 400, "", "refused"),
    ("teams", 401, "", "misconfigured"),
    ("teams", 413, "", "refused"),
    ("mattermost", 200, "ok", "delivered"),
    (
        "mattermost",
        400,
        r#"{"id": "web.incoming_webhook.parse.app_error"}"#,
        "refused",
    ),
    (
        "mattermost",
        400,
        r#"{"id": "web.incoming_webhook.invalid.app_error"}"#,
        "misconfigured",
    ),
    (
        "mattermost",
        501,
        r#"{"id": "web.incoming_webhook.disabled.app_error"}"#,
        "misconfigured",
    ),
    ("mattermost", 500, "", "unavailable"),
    ("matrix", 200, r#"{"event_id": "$1"}"#, "delivered"),
    ("matrix", 200, "<html>Please log in</html>", "misconfigured"),
    ("matrix", 400, r#"{"errcode": "M_BAD_JSON"}"#, "refused"),
    (
        "matrix",
        401,
        r#"{"errcode": "M_UNKNOWN_TOKEN"}"#,
        "misconfigured",
    ),
    (
        "matrix",
        403,
        r#"{"errcode": "M_FORBIDDEN"}"#,
        "misconfigured",
    ),
    ("matrix", 413, r#"{"errcode": "M_TOO_LARGE"}"#, "refused"),
    (
        "telegram",
        200,
        r#"{"ok": true, "result": {}}"#,
        "delivered",
    ),
    ("telegram", 200, r#"{"ok": false}"#, "misconfigured"),
    ("telegram", 200, "", "misconfigured"),
    (
        "telegram",
        400,
        r#"{"ok": false, "description": "Bad Request: message is too long"}"#,
        "refused",
    ),
    (
        "telegram",
        400,
        r#"{"ok": false, "description": "Bad Request: can't parse entities"}"#,
        "refused",
    ),
    (
        "telegram",
        400,
        r#"{"ok": false, "description": "Bad Request: chat not found"}"#,
        "misconfigured",
    ),
    (
        "telegram",
        400,
        r#"{"ok": false, "description": "Bad Request: group chat was upgraded to a supergroup chat"}"#,
        "misconfigured",
    ),
    (
        "telegram",
        401,
        r#"{"ok": false, "description": "Unauthorized"}"#,
        "misconfigured",
    ),
    (
        "telegram",
        403,
        r#"{"ok": false, "description": "Forbidden: bot was blocked"}"#,
        "misconfigured",
    ),
    (
        "telegram",
        404,
        r#"{"ok": false, "description": "Not Found"}"#,
        "misconfigured",
    ),
];

#[test]
fn chats_say_whose_fault_it_is() {
    for (name, status, body, expected) in ANSWERS {
        let receiver = RECEIVERS.iter().find(|it| it.name == *name).unwrap();
        let verdict = verdict(&(receiver.format)(), reply(*status, body));
        let outcome = verdict.outcome.as_str();
        assert_eq!(outcome, *expected, "{name} {status} {body}");
        assert_eq!(verdict.rest, None, "{name} {status} {body}");
    }
}

#[test]
fn chats_say_how_long_to_wait() {
    let header = SignedDuration::from_secs(30);
    for (name, body, wait_ms) in [
        ("slack", "rate_limited", 30_000),
        ("teams", "", 30_000),
        ("mattermost", "", 30_000),
        (
            "discord",
            r#"{"retry_after": 1.337, "global": false}"#,
            1_337,
        ),
        ("discord", r#"{"retry_after": 1e300}"#, 30_000),
        ("discord", "error code: 1015", 30_000),
        (
            "matrix",
            r#"{"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}"#,
            2_500,
        ),
        ("matrix", r#"{"errcode": "M_LIMIT_EXCEEDED"}"#, 30_000),
        (
            "telegram",
            r#"{"ok": false, "parameters": {"retry_after": 12}}"#,
            12_000,
        ),
        ("telegram", r#"{"ok": false}"#, 30_000),
    ] {
        let receiver = RECEIVERS.iter().find(|it| it.name == name).unwrap();
        let reply = Reply {
            retry_after: Some(header),
            ..reply(429, body)
        };
        let verdict = verdict(&(receiver.format)(), reply);
        let wait = SignedDuration::from_millis(wait_ms);
        assert!(
            matches!(verdict.outcome, DeliveryOutcome::Unavailable { retry_after: Some(it), .. } if it == wait),
            "{name} {body} gave {verdict:?}"
        );
    }
}

#[test]
fn a_receiver_is_known_to_take_at_least_something() {
    for receiver in RECEIVERS {
        if let Some(rate) = rate(&(receiver.format)()) {
            assert!(
                rate.count > 0 && rate.per > SignedDuration::ZERO,
                "{}",
                receiver.name
            );
        }
    }
}
