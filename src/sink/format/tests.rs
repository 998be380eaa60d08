//! What answers mean.

use super::{Reply, verdict};
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
