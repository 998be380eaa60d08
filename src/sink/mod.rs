//! Sinks: where alerts go. One file a kind.
//!
//! A sink takes stored bytes and says how that ended; it decides nothing. What
//! follows from the outcome is decided in [`policy::retry`](crate::policy::retry).

mod file;
mod log;
pub mod signing;
#[cfg(test)]
mod tests;
mod webhook;

use crate::config::{SinkConfig, SinkKind};
use crate::fetch::Client;
use crate::policy::SinkName;
use crate::policy::retry::{Delivery, DeliveryOutcome};
use jiff::Timestamp;

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
}

/// An open sink.
#[derive(Debug)]
pub enum Sink {
    /// Lines in the log.
    Log,
    /// Lines of JSON at the end of a file.
    File(file::FileSink),
    /// Requests to an address.
    Webhook(Box<webhook::Webhook>),
}

impl Sink {
    /// Opens a sink; the client is what webhooks go out through. A file is only
    /// opened when there is something to write.
    ///
    /// # Errors
    /// When the address of a webhook is none.
    pub fn open(config: &SinkConfig, client: Client) -> Result<Self, SinkError> {
        Ok(match &config.kind {
            SinkKind::Log => Self::Log,
            SinkKind::File { path, durable } => {
                Self::File(file::FileSink::new(path.clone(), *durable))
            }
            SinkKind::Webhook { url, keys } => {
                let webhook = webhook::Webhook::new(&config.name, url, keys.clone(), client)?;
                Self::Webhook(Box::new(webhook))
            }
        })
    }

    /// How many batches may be under way at one time.
    pub fn in_flight_max(&self) -> usize {
        match self {
            Self::Log | Self::File(_) => 1,
            Self::Webhook(_) => 4,
        }
    }

    /// How many deliveries one batch may have.
    pub fn batch_max(&self) -> usize {
        match self {
            Self::Log | Self::File(_) => 64,
            Self::Webhook(_) => 1,
        }
    }

    /// Delivers a batch at a time; gives an outcome for each delivery.
    pub async fn deliver(&self, batch: &[Delivery], now: Timestamp) -> Vec<DeliveryOutcome> {
        match self {
            Self::Log => batch.iter().map(log::deliver).collect(),
            Self::File(file) => file.deliver(batch).await,
            Self::Webhook(webhook) => {
                let mut outcomes = Vec::with_capacity(batch.len());
                for delivery in batch {
                    outcomes.push(webhook.deliver(delivery, now).await);
                }
                outcomes
            }
        }
    }
}
