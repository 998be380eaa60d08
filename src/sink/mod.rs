//! Sinks: where alerts go. One file a kind.
//!
//! A sink takes stored bytes and says how that ended; it decides nothing. What
//! follows from the outcome is decided in [`policy::retry`](crate::policy::retry).

mod email;
mod file;
mod format;
mod log;
pub mod signing;
#[cfg(test)]
mod tests;
mod webhook;

pub use file::FileSink;
pub use log::TARGET as ALERT_TARGET;

use crate::config::{SinkConfig, SinkKind};
use crate::fetch::Client;
use crate::policy::SinkName;
use crate::policy::rate::Rate;
use crate::policy::retry::{Delivery, DeliveryOutcome};
use crate::text::hex;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// How many requests to one receiver may be under way.
const IN_FLIGHT_MAX: usize = 4;

/// Why a sink cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The address of a webhook.
    #[error("sink {sink}: its url is not an address that can be posted to: {problem}")]
    Url {
        /// The sink.
        sink: SinkName,
        /// What is wrong with it, without the address, which may be a secret.
        problem: String,
    },
    /// TLS to a mail server.
    #[error("sink {sink}: TLS cannot be set up: {problem}")]
    Tls {
        /// The sink.
        sink: SinkName,
        /// What is wrong.
        problem: String,
    },
}

/// What a sink's answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// For the delivery.
    pub outcome: DeliveryOutcome,
    /// For the sink: how long it wants to be left alone, whatever became of this
    /// delivery.
    pub rest: Option<SignedDuration>,
}

impl From<DeliveryOutcome> for Verdict {
    fn from(outcome: DeliveryOutcome) -> Self {
        Self {
            outcome,
            rest: None,
        }
    }
}

/// What tells whether a sink is still the one that it was: its address, its format
/// and what it is shown, hashed, so that no secret is in it.
pub fn fingerprint(config: &SinkConfig) -> String {
    let mut hash = Sha256::new();
    match &config.kind {
        SinkKind::Webhook(webhook) => {
            hash.update(webhook.url.expose());
            hash.update(format!("{:?}", webhook.format));
            for key in &webhook.keys {
                hash.update([0]);
                hash.update(key.identity());
            }
            for (name, value) in &webhook.headers {
                hash.update([1]);
                hash.update(name);
                hash.update([2]);
                hash.update(value.expose());
            }
        }
        kind => hash.update(format!("{kind:?}")),
    }
    let short = hash.finalize();
    hex(short.get(..8).unwrap_or_default())
}

/// An open sink.
#[derive(Debug)]
pub enum Sink {
    /// Lines in the log.
    Log,
    /// Lines of JSON at the end of a file, and an Atom feed.
    File(FileSink),
    /// Requests to an address.
    Webhook(Box<webhook::Webhook>),
    /// Letters by a mail server.
    Email(Box<email::Email>),
}

impl Sink {
    /// Opens a sink; the client is what webhooks go out through. A file is only
    /// opened when there is something to write.
    ///
    /// # Errors
    /// When the address of a webhook is none, or TLS cannot be set up.
    pub fn open(config: &SinkConfig, client: Client) -> Result<Self, SinkError> {
        Ok(match &config.kind {
            SinkKind::Log => Self::Log,
            SinkKind::File(file) => Self::File(FileSink::new(&config.name, file)),
            SinkKind::Webhook(webhook) => {
                let webhook = webhook::Webhook::open(&config.name, webhook, client)?;
                Self::Webhook(Box::new(webhook))
            }
            SinkKind::Email(email) => {
                let email = email::Email::open(&config.name, email, client)?;
                Self::Email(Box::new(email))
            }
        })
    }

    /// The files that it writes, if it writes any.
    pub fn files(&self) -> Option<FileSink> {
        match self {
            Self::File(file) => Some(file.clone()),
            Self::Log | Self::Webhook(_) | Self::Email(_) => None,
        }
    }

    /// How many batches may be under way at one time.
    pub fn in_flight_max(&self) -> usize {
        match self {
            Self::Log | Self::File(_) | Self::Email(_) => 1,
            Self::Webhook(webhook) if webhook.rate().is_some_and(Rate::is_slow) => 1,
            Self::Webhook(_) => IN_FLIGHT_MAX,
        }
    }

    /// How many deliveries one batch may have.
    pub fn batch_max(&self) -> usize {
        match self {
            Self::Log | Self::File(_) => 64,
            Self::Webhook(_) | Self::Email(_) => 1,
        }
    }

    /// How much it takes in which time, if that is known.
    pub fn rate(&self) -> Option<Rate> {
        match self {
            Self::Log | Self::File(_) | Self::Email(_) => None,
            Self::Webhook(webhook) => webhook.rate(),
        }
    }

    /// Whether what it refused can be said more plainly.
    pub fn has_plainer(&self) -> bool {
        match self {
            Self::Log | Self::File(_) | Self::Email(_) => false,
            Self::Webhook(webhook) => webhook.has_plainer(),
        }
    }

    /// Delivers a batch at a time; gives an outcome for each delivery.
    pub async fn deliver(&self, batch: &[Delivery], now: Timestamp) -> Vec<Verdict> {
        match self {
            Self::Log => {
                let outcomes = log::deliver(batch).await;
                outcomes.into_iter().map(Verdict::from).collect()
            }
            Self::File(file) => {
                let outcomes = file.deliver(batch, now).await;
                outcomes.into_iter().map(Verdict::from).collect()
            }
            Self::Webhook(webhook) => {
                let mut outcomes = Vec::with_capacity(batch.len());
                for delivery in batch {
                    outcomes.push(webhook.deliver(delivery, now).await);
                }
                outcomes
            }
            Self::Email(email) => {
                let mut outcomes = Vec::with_capacity(batch.len());
                for delivery in batch {
                    outcomes.push(email.deliver(delivery).await);
                }
                outcomes
            }
        }
    }
}
