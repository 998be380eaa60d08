//! The webhook sink: one request an alert, signed after Standard Webhooks 1.0.0.
//!
//! What the request holds and what the answer means is the business of its
//! format.

use super::format::{self, Reply, Task};
use super::{SinkError, Verdict, signing};
use crate::config::{Format, Secret, SigningKey, WebhookConfig};
use crate::fetch::{Client, PostOutcome, PostRequest};
use crate::policy::SinkName;
use crate::policy::poll::FailureKind;
use crate::policy::rate::Rate;
use crate::policy::retry::{Delivery, DeliveryOutcome};
use jiff::Timestamp;
use std::borrow::Cow;
use std::time::Duration;
use url::Url;

/// How long a receiver may take to answer (Standard Webhooks asks for 15 to 30 s).
const TIMEOUT: Duration = Duration::from_secs(20);

/// A receiver with what is needed to reach it.
#[derive(Debug)]
pub struct Webhook {
    url: Secret<Url>,
    keys: Vec<SigningKey>,
    format: Format,
    headers: Vec<(String, Secret)>,
    rate: Option<Rate>,
    client: Client,
}

impl Webhook {
    pub(super) fn open(
        sink: &SinkName,
        config: &WebhookConfig,
        client: Client,
    ) -> Result<Self, SinkError> {
        let unusable = |problem: String| SinkError::Url {
            sink: sink.clone(),
            problem,
        };
        let url = Url::parse(config.url.expose()).map_err(|error| unusable(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(unusable("it is neither http nor https".to_owned()));
        }
        Ok(Self {
            url: Secret::new(url),
            keys: config.keys.clone(),
            rate: config.rate.or_else(|| format::rate(&config.format)),
            format: config.format.clone(),
            headers: config.headers.clone(),
            client,
        })
    }

    /// How much it takes in which time: the operator's word first, then what is
    /// known of its format.
    pub(super) fn rate(&self) -> Option<Rate> {
        self.rate
    }

    /// Whether what was refused can be said more plainly.
    pub(super) fn has_plainer(&self) -> bool {
        format::has_plainer(&self.format)
    }

    pub(super) async fn deliver(&self, delivery: &Delivery, now: Timestamp) -> Verdict {
        let task = Task {
            url: self.url.expose(),
            delivery,
            plain: delivery.plain,
            now,
        };
        let rendered = match format::render(&self.format, task) {
            Ok(rendered) => rendered,
            Err(error) => {
                let detail = error.to_string();
                return DeliveryOutcome::Refused { detail }.into();
            }
        };
        let mut headers = headers(&self.keys, delivery, &rendered.body, now);
        headers.push(("content-type".into(), rendered.content_type.into_owned()));
        headers.extend(rendered.headers);
        let own = self.headers.iter();
        headers.extend(own.map(|(name, value)| (name.clone().into(), value.expose().clone())));
        let request = PostRequest {
            verb: rendered.verb,
            url: &rendered.url,
            derived: false,
            headers,
            body: rendered.body,
            timeout: TIMEOUT,
        };
        self.verdict(self.client.post(request).await, now)
    }

    fn verdict(&self, answered: PostOutcome, now: Timestamp) -> Verdict {
        match answered {
            PostOutcome::Answered {
                status,
                retry_after,
                retry_at,
                room,
                body,
                body_start,
                ..
            } => {
                let until = retry_at.map(|time| time.duration_since(now));
                let reply = Reply {
                    status,
                    retry_after: retry_after.or(until),
                    room,
                    body: &body,
                    shown: &body_start,
                };
                format::verdict(&self.format, reply)
            }
            PostOutcome::Failed {
                kind: FailureKind::Refused,
                detail,
            } => DeliveryOutcome::Misconfigured { detail }.into(),
            PostOutcome::Failed { detail, .. } => DeliveryOutcome::Unavailable {
                retry_after: None,
                detail,
            }
            .into(),
        }
    }
}

/// The headers of one attempt after Standard Webhooks; without keys there is
/// nothing to sign with.
pub(super) fn headers(
    keys: &[SigningKey],
    delivery: &Delivery,
    body: &[u8],
    now: Timestamp,
) -> Vec<(Cow<'static, str>, String)> {
    let mut headers = vec![
        ("webhook-id".into(), delivery.id.0.clone()),
        ("webhook-timestamp".into(), now.as_second().to_string()),
    ];
    if !keys.is_empty() {
        let signature = signing::signature(keys, &delivery.id.0, now, body);
        headers.push(("webhook-signature".into(), signature));
    }
    headers
}
