//! The webhook sink: one signed POST an alert, after Standard Webhooks 1.0.0.

use super::{SinkError, signing};
use crate::config::{Secret, SigningKey};
use crate::fetch::{Client, PostOutcome, PostRequest};
use crate::policy::SinkName;
use crate::policy::poll::FailureKind;
use crate::policy::retry::{Delivery, DeliveryOutcome};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use url::Url;

/// How long a receiver may take to answer (Standard Webhooks asks for 15 to 30 s).
const TIMEOUT: Duration = Duration::from_secs(20);

/// A receiver with what is needed to reach it.
#[derive(Debug)]
pub struct Webhook {
    url: Secret<Url>,
    keys: Vec<SigningKey>,
    client: Client,
}

impl Webhook {
    pub(super) fn new(
        sink: &SinkName,
        url: &Secret,
        keys: Vec<SigningKey>,
        client: Client,
    ) -> Result<Self, SinkError> {
        let unusable = |problem: String| SinkError::Url {
            sink: sink.clone(),
            problem,
        };
        let url = Url::parse(url.expose()).map_err(|error| unusable(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(unusable("it is neither http nor https".to_owned()));
        }
        Ok(Self {
            url: Secret::new(url),
            keys,
            client,
        })
    }

    pub(super) async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> DeliveryOutcome {
        let request = PostRequest {
            url: self.url.expose(),
            derived: false,
            headers: headers(&self.keys, delivery, now),
            body: delivery.payload.clone(),
            timeout: TIMEOUT,
        };
        match self.client.post(request).await {
            PostOutcome::Answered {
                status,
                retry_after,
                body_start,
                ..
            } => of_answer(status, retry_after, &body_start),
            PostOutcome::Failed {
                kind: FailureKind::Refused,
                detail,
            } => DeliveryOutcome::Misconfigured { detail },
            PostOutcome::Failed { detail, .. } => DeliveryOutcome::Unavailable {
                retry_after: None,
                detail,
            },
        }
    }
}

/// The headers of one attempt; without keys there is nothing to sign with.
pub(super) fn headers(
    keys: &[SigningKey],
    delivery: &Delivery,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", delivery.id.0.clone()),
        ("webhook-timestamp", now.as_second().to_string()),
    ];
    if !keys.is_empty() {
        let signature = signing::signature(keys, &delivery.id.0, now, &delivery.payload);
        headers.push(("webhook-signature", signature));
    }
    headers
}

/// What an answer means for a delivery.
///
/// Only 2xx is success; a redirect is not followed, since it could lead the
/// alert to somebody else. Statuses that speak of the address or of credentials
/// wait for a person; those that speak of the payload would never change. A
/// status that no standard knows (RFC 9110, section 15) is a broken receiver or
/// something in between, and no reason to give an alert up.
pub(super) fn of_answer(
    status: u16,
    retry_after: Option<SignedDuration>,
    body_start: &str,
) -> DeliveryOutcome {
    let detail = if body_start.is_empty() {
        format!("the receiver answered {status}")
    } else {
        format!("the receiver answered {status}: {body_start}")
    };
    match status {
        200..=299 => DeliveryOutcome::Delivered,
        300..=399 | 401 | 403 | 404 | 405 | 407 | 410 => DeliveryOutcome::Misconfigured { detail },
        400..=499 if !matches!(status, 408 | 425 | 429) => DeliveryOutcome::Refused { detail },
        _ => DeliveryOutcome::Unavailable {
            retry_after,
            detail,
        },
    }
}
