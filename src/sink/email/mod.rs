//! The e-mail sink: one letter an alert, handed to one mail server (RFC 5321).
//!
//! The stages of the conversation say whose fault a refusal is: what comes before
//! the letter itself is about the server, the login or the addresses, and waits
//! for a person; what comes after it is about the letter, and would never change.

#[cfg(test)]
mod tests;

use super::format::letter;
use super::{SinkError, Verdict};
use crate::config::{EmailConfig, MailTls};
use crate::fetch::{Client, Failure};
use crate::policy::SinkName;
use crate::policy::poll::FailureKind;
use crate::policy::retry::{Delivery, DeliveryOutcome};
use crate::text::printable;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::time::Duration;
use tokio::time::timeout;

/// How long a server may take for a letter in all, as a webhook's receiver may.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long it may take to say good-bye, when the letter is with it already.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);
/// The longest answer that is kept, in characters.
const ANSWER_CHARS_MAX: usize = 500;

/// A mail server with what is needed to reach it.
pub struct Email {
    sink: SinkName,
    config: EmailConfig,
    tls: Option<TlsParameters>,
    client: Client,
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Email")
            .field("sink", &self.sink)
            .finish_non_exhaustive()
    }
}

/// How far the conversation with the server came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It does not take letters from us, or none for these addresses.
    Before,
    /// It has the letter, and judges it.
    Letter,
}

impl Email {
    pub(super) fn open(
        sink: &SinkName,
        config: &EmailConfig,
        client: Client,
    ) -> Result<Self, SinkError> {
        let tls = match config.tls {
            MailTls::None => None,
            MailTls::Implicit | MailTls::StartTls => {
                let parameters = TlsParameters::new(config.host.clone());
                Some(parameters.map_err(|error| SinkError::Tls {
                    sink: sink.clone(),
                    problem: error.to_string(),
                })?)
            }
        };
        Ok(Self {
            sink: sink.clone(),
            config: config.clone(),
            tls,
            client,
        })
    }

    pub(super) async fn deliver(&self, delivery: &Delivery) -> Verdict {
        let letter = match letter::write(&self.config, &self.sink, delivery) {
            Ok(letter) => letter,
            Err(error) => {
                let detail = error.to_string();
                return DeliveryOutcome::Refused { detail }.into();
            }
        };
        let handed = timeout(TIMEOUT, self.hand_over(&letter)).await;
        let outcome = match handed {
            Ok(Ok(mut connection)) => {
                // The letter has been taken, whatever becomes of the farewell.
                let _farewell = timeout(QUIT_TIMEOUT, connection.quit()).await;
                DeliveryOutcome::Delivered
            }
            Ok(Err(outcome)) => outcome,
            Err(_) => unavailable(format!("no answer within {TIMEOUT:?}")),
        };
        outcome.into()
    }

    /// Has the whole conversation but for the farewell.
    async fn hand_over(
        &self,
        letter: &lettre::Message,
    ) -> Result<AsyncSmtpConnection, DeliveryOutcome> {
        let before = |error: Error| outcome(&error, Stage::Before);
        let mut connection = self.connect().await?;
        if let Some((user, password)) = &self.config.login {
            let credentials = Credentials::new(user.clone(), password.expose().clone());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .await
                .map_err(before)?;
        }
        let envelope = letter.envelope();
        let sender = Mail::new(envelope.from().cloned(), Vec::new());
        connection.command(sender).await.map_err(before)?;
        for recipient in envelope.to() {
            let recipient = Rcpt::new(recipient.clone(), Vec::new());
            connection.command(recipient).await.map_err(before)?;
        }
        connection.command(Data).await.map_err(before)?;
        connection
            .message(&letter.formatted())
            .await
            .map_err(|error| outcome(&error, Stage::Letter))?;
        Ok(connection)
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, DeliveryOutcome> {
        let before = |error: Error| outcome(&error, Stage::Before);
        let reached = self.client.addresses(&self.config.host, self.config.port);
        let addresses = reached.await.map_err(|Failure { kind, detail }| {
            if kind == FailureKind::Refused {
                DeliveryOutcome::Misconfigured { detail }
            } else {
                unavailable(detail)
            }
        })?;
        let us = ClientId::default();
        let at_once = (self.config.tls == MailTls::Implicit)
            .then(|| self.tls.clone())
            .flatten();
        let mut connection = AsyncSmtpConnection::connect_tokio1(
            addresses.as_slice(),
            Some(TIMEOUT),
            &us,
            at_once,
            None,
        )
        .await
        .map_err(before)?;
        if let (MailTls::StartTls, Some(tls)) = (self.config.tls, &self.tls) {
            if !connection.can_starttls() {
                return Err(DeliveryOutcome::Misconfigured {
                    detail: "the mail server offers no STARTTLS, and without it anybody on the \
                             way could read and change letters"
                        .to_owned(),
                });
            }
            connection
                .starttls(tls.clone(), &us)
                .await
                .map_err(before)?;
        }
        Ok(connection)
    }
}

/// What a failure means for the delivery. A letter whose fate is unknown is sent
/// again, under the same Message-ID.
fn outcome(error: &Error, stage: Stage) -> DeliveryOutcome {
    let detail = printable(&format!("the mail server: {error}"), ANSWER_CHARS_MAX);
    if !error.is_permanent() && !error.is_client() {
        return unavailable(detail);
    }
    match stage {
        Stage::Before => DeliveryOutcome::Misconfigured { detail },
        Stage::Letter => DeliveryOutcome::Refused { detail },
    }
}

fn unavailable(detail: String) -> DeliveryOutcome {
    DeliveryOutcome::Unavailable {
        retry_after: None,
        detail,
    }
}
