//! `standard`: the stored JSON as it is, and what any HTTP receiver means.

use super::{Rendered, Reply, Task};
use crate::fetch::Verb;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::Verdict;

/// The stored bytes are sent, so that what is signed is the same at every attempt.
pub(super) fn render(task: Task<'_>) -> Rendered {
    Rendered {
        verb: Verb::Post,
        url: task.url.clone(),
        content_type: "application/json".into(),
        headers: Vec::new(),
        body: task.delivery.payload.clone(),
    }
}

/// What an answer means for a delivery.
///
/// Only 2xx is success; a redirect is not followed, since it could lead the
/// alert to somebody else. Statuses that speak of the address or of credentials
/// wait for a person; those that speak of the payload would never change. A
/// status that no standard knows (RFC 9110, section 15) is a broken receiver or
/// something in between, and no reason to give an alert up.
pub(super) fn verdict(reply: Reply<'_>) -> Verdict {
    let status = reply.status;
    let detail = detail(reply);
    let outcome = match status {
        200..=299 => DeliveryOutcome::Delivered,
        410 => DeliveryOutcome::Gone { detail },
        300..=399 | 401 | 403 | 404 | 405 | 407 => DeliveryOutcome::Misconfigured { detail },
        400..=499 if !matches!(status, 408 | 425 | 429) => DeliveryOutcome::Refused { detail },
        _ => DeliveryOutcome::Unavailable {
            retry_after: reply.retry_after,
            detail,
        },
    };
    let rest = match reply.room {
        Some((0, reset)) => Some(reset),
        _ => None,
    };
    Verdict { outcome, rest }
}

/// What a receiver answered, in words.
pub(super) fn detail(reply: Reply<'_>) -> String {
    let Reply { status, shown, .. } = reply;
    if shown.is_empty() {
        format!("the receiver answered {status}")
    } else {
        format!("the receiver answered {status}: {shown}")
    }
}
