//! One request to a hub: written down, sent, and understood.

use super::callback::host;
use crate::fetch::{Client, PostOutcome, PostRequest, Verb};
use crate::policy::Clock;
use crate::policy::poll::FailureKind;
use crate::policy::push::{HubAnswer, LEASE_ASKED, Mode, Pace, Subscription, Unguessable};
use crate::policy::rounds::Refusal;
use crate::scheduler::HostTurns;
use crate::store::{HubEnded, HubRequest, HubTurn, RequestNumber, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tracing::{debug, info, warn};
use url::{Url, form_urlencoded};

/// What a request came to.
#[derive(Debug)]
pub(super) enum Asked {
    /// It was answered, or not; with its subscription since then.
    Done(HubAnswer, Option<Box<Subscription>>),
    /// There was nothing to ask.
    Nothing,
}

/// What is to be asked of a hub.
#[derive(Debug)]
pub(super) struct Question {
    /// The subscription that it is for.
    pub(super) token: Unguessable,
    /// Where it goes.
    pub(super) url: Url,
    /// How fast it is repeated.
    pub(super) pace: Pace,
    /// The least time between two requests to a host that nothing is known of.
    pub(super) spacing: SignedDuration,
    /// The longest that an answer may take.
    pub(super) timeout: Duration,
}

/// Asks a hub, when its host may be asked.
pub(super) async fn ask(
    (client, store, clock): (Client, Store, Clock),
    turns: HostTurns,
    question: Question,
) -> Result<Asked, StoreError> {
    let Question { url, timeout, .. } = question;
    let Some(turn) = turns.wait(url.clone(), question.spacing).await else {
        return Ok(Asked::Nothing);
    };
    let request = HubRequest {
        token: question.token,
        pace: question.pace,
        host: turn.host.clone(),
        at: turn.at,
    };
    let (number, asking) = match store.begin_hub_request(request).await? {
        HubTurn::Ask(number, asking) => (number, asking),
        HubTurn::Nothing => return Ok(Asked::Nothing),
    };
    let host = host(url.as_str());
    if asking.failures > 1 && asking.error.is_none() {
        warn!(
            feed.id = %asking.feed, %host,
            "the hub has not asked back; see whether it can reach the address in websub.callback"
        );
    }
    let post = PostRequest {
        verb: Verb::Post,
        url: &url,
        derived: true,
        headers: vec![(
            "content-type".into(),
            "application/x-www-form-urlencoded".to_owned(),
        )],
        body: form(&asking).into_bytes(),
        timeout,
    };
    let outcome = client.post(post).await;
    turn.end(refusal(&outcome));
    let ended = ended((number, &asking), &outcome, &host, (clock.now)());
    let answer = ended.answer.clone();
    let after = store.end_hub_request(ended).await?;
    Ok(Asked::Done(answer, after.map(Box::new)))
}

/// What a hub is asked (WebSub, section 5.1).
///
/// The secret goes also to a hub without TLS, against a SHOULD: whoever can
/// listen there learns the callback as well, and everybody else could then send
/// us what they like.
fn form(asking: &Subscription) -> String {
    let mode = asking.mode();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("hub.callback", &asking.address())
        .append_pair("hub.mode", mode.as_str())
        // For hubs of before the Recommendation; others pass over it.
        .append_pair("hub.verify", "async")
        .append_pair("hub.topic", &asking.topic);
    if mode == Mode::Subscribe {
        form.append_pair("hub.lease_seconds", &LEASE_ASKED.as_secs().to_string())
            .append_pair("hub.secret", asking.secret.expose());
    }
    form.finish()
}

/// What a host said that holds for everything of it: that it is asked too much,
/// or a time. A hub that is only down keeps no feed of its host from being polled.
fn refusal(outcome: &PostOutcome) -> Option<Refusal> {
    match outcome {
        PostOutcome::Answered {
            status,
            retry_after,
            ..
        } if *status == 429 || *status >= 400 && retry_after.is_some() => {
            Some((*status, *retry_after))
        }
        _ => None,
    }
}

fn ended(
    (request, asking): (RequestNumber, &Subscription),
    outcome: &PostOutcome,
    host: &str,
    at: Timestamp,
) -> HubEnded {
    let (in_short, answer) = match outcome {
        PostOutcome::Answered {
            location: Some(to), ..
        } => {
            let to = to.to_string();
            (
                format!("elsewhere, to {}", self::host(&to)),
                HubAnswer::Moved { to },
            )
        }
        PostOutcome::Answered { status, .. } if (200..300).contains(status) => {
            (status.to_string(), HubAnswer::Taken)
        }
        PostOutcome::Answered {
            status,
            retry_after,
            body_start,
            ..
        } => {
            let words = if body_start.is_empty() {
                String::new()
            } else {
                format!(": {body_start}")
            };
            let answer = HubAnswer::Refused {
                detail: format!("{host} answered {status}{words}"),
                away: *retry_after,
            };
            (status.to_string(), answer)
        }
        PostOutcome::Failed { kind, detail } => {
            let detail = detail.clone();
            let answer = match kind {
                // It may have been heard, so it may be asked back.
                FailureKind::Timeout | FailureKind::Broken => HubAnswer::Unheard { detail },
                _ => HubAnswer::Refused { detail, away: None },
            };
            ("no answer".to_owned(), answer)
        }
    };
    HubEnded {
        request,
        token: asking.token.clone(),
        outcome: format!("{}: {in_short}", asking.mode().as_str()),
        answer,
        at,
    }
}

/// Says what a hub answered.
pub(super) fn tell(answer: &HubAnswer, now: &Subscription) {
    let (feed, hub) = (&now.feed, host(&now.hub));
    match answer {
        HubAnswer::Taken => debug!(feed.id = %feed, %hub, "the hub was asked, and will ask back"),
        HubAnswer::Moved { to } => {
            info!(feed.id = %feed, %hub, "the hub is elsewhere, at {}", host(to));
        }
        HubAnswer::Refused { detail, .. } | HubAnswer::Unheard { detail } => {
            let next = format!("{:.0}", now.next_at);
            warn!(
                feed.id = %feed, %hub, failures = now.failures, %next,
                "the hub cannot be asked to announce the feed, which is polled as before: {detail}"
            );
        }
    }
}
