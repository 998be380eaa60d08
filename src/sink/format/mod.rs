//! What receivers understand: one file a format.
//!
//! A format says how a stored payload is written for its receiver, with the
//! receiver's limits and the unit that they count in, what its markup must not
//! carry, what its answers mean, and how much it takes in which time. All of it is
//! values in and values out.

mod alertmanager;
mod apprise;
mod cloudevents;
mod discord;
mod flow;
mod gotify;
mod html;
pub(super) mod letter;
mod markdown;
mod matrix;
mod mattermost;
mod ntfy;
mod pagerduty;
mod pushover;
mod slack;
mod standard;
mod teams;
mod telegram;
mod template;
#[cfg(test)]
mod tests;
mod text;

use super::Verdict;
use crate::alert::message::{Message, MessageError};
use crate::config::Format;
use crate::fetch::Verb;
use crate::policy::rate::Rate;
use crate::policy::retry::Delivery;
use crate::template::TemplateError;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::borrow::Cow;
use text::View;
use url::Url;

/// What is to be written for a receiver.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    /// The receiver's address as configured.
    pub(super) url: &'a Url,
    /// What is sent.
    pub(super) delivery: &'a Delivery,
    /// Whether the receiver refused the full form, so that it gets the plainest
    /// one there is.
    pub(super) plain: bool,
    /// When the attempt is made.
    pub(super) now: Timestamp,
}

/// Why a delivery cannot be written for its receiver.
#[derive(Debug, thiserror::Error)]
pub(super) enum RenderError {
    /// What is stored cannot be read.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// What is made of it cannot be written as JSON.
    #[error("the stored payload cannot be written again: {0}")]
    Json(#[from] serde_json::Error),
    /// The operator's template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// A request, but for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rendered {
    /// How it is handed over.
    pub(super) verb: Verb,
    /// Where to.
    pub(super) url: Url,
    /// What the body is.
    pub(super) content_type: Cow<'static, str>,
    /// Other headers.
    pub(super) headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// What a receiver said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply<'a> {
    /// The status.
    pub(super) status: u16,
    /// How long it asked us to wait by a header.
    pub(super) retry_after: Option<SignedDuration>,
    /// How many more requests it takes for now, and when it takes more.
    pub(super) room: Option<(u64, SignedDuration)>,
    /// The beginning of its body.
    pub(super) body: &'a [u8],
    /// The same, fit to be shown.
    pub(super) shown: &'a str,
}

/// Writes a delivery as its receiver understands it.
///
/// # Errors
/// When the stored payload cannot be read, or the operator's template fails.
pub(super) fn render(format: &Format, task: Task<'_>) -> Result<Rendered, RenderError> {
    Ok(match format {
        Format::Standard => standard::render(task),
        Format::Slack => slack::render(task)?,
        Format::Discord => discord::render(task)?,
        Format::Teams => teams::render(task)?,
        Format::Mattermost => mattermost::render(task)?,
        Format::Matrix { room, token } => matrix::render(task, room, token)?,
        Format::Telegram { chat } => telegram::render(task, chat)?,
        Format::CloudEvents { source } => cloudevents::render(task, source)?,
        Format::Ntfy { token } => ntfy::render(task, token.as_ref())?,
        Format::Gotify { token } => gotify::render(task, token)?,
        Format::Pushover { token, user } => pushover::render(task, token, user)?,
        Format::PagerDuty { routing_key } => pagerduty::render(task, routing_key)?,
        Format::Alertmanager { resolve_after } => alertmanager::render(task, *resolve_after)?,
        Format::Apprise { urls, tags } => apprise::render(task, urls, tags)?,
        Format::Template(format) => template::render(task, format)?,
    })
}

/// What a receiver's answer means.
pub(super) fn verdict(format: &Format, reply: Reply<'_>) -> Verdict {
    match format {
        Format::Standard
        | Format::CloudEvents { .. }
        | Format::Gotify { .. }
        | Format::Alertmanager { .. }
        // 2xx is all that a workflow of Teams ever says of success.
        | Format::Teams
        | Format::Template(_) => standard::verdict(reply),
        Format::Slack => slack::verdict(reply),
        Format::Discord => discord::verdict(reply),
        Format::Mattermost => mattermost::verdict(reply),
        Format::Matrix { .. } => matrix::verdict(reply),
        Format::Telegram { .. } => telegram::verdict(reply),
        Format::Ntfy { .. } => ntfy::verdict(reply),
        Format::Pushover { .. } => pushover::verdict(reply),
        Format::PagerDuty { .. } => pagerduty::verdict(reply),
        Format::Apprise { .. } => apprise::verdict(reply),
    }
}

/// Whether a format can say the same more plainly, for a receiver that refused it:
/// one that hands over the stored bytes, or what the operator wrote, cannot.
pub(super) fn has_plainer(format: &Format) -> bool {
    !matches!(
        format,
        Format::Standard | Format::CloudEvents { .. } | Format::Template(_)
    )
}

/// How much a receiver of this format takes, where it is known.
pub(super) fn rate(format: &Format) -> Option<Rate> {
    match format {
        Format::Standard | Format::CloudEvents { .. } | Format::Template(_) => None,
        Format::Slack => Some(slack::RATE),
        Format::Discord => Some(discord::RATE),
        Format::Teams => Some(teams::RATE),
        // Their servers are set up by their owners.
        Format::Mattermost
        | Format::Gotify { .. }
        | Format::Alertmanager { .. }
        | Format::Apprise { .. } => None,
        Format::Matrix { .. } => Some(matrix::RATE),
        Format::Telegram { .. } => Some(telegram::RATE),
        Format::Ntfy { .. } => Some(ntfy::RATE),
        Format::Pushover { .. } => Some(pushover::RATE),
        Format::PagerDuty { .. } => Some(pagerduty::RATE),
    }
}

/// What a delivery tells people, without anything that a client would make active
/// by itself.
fn view(task: Task<'_>) -> Result<View, MessageError> {
    let message = Message::read(&task.delivery.payload)?;
    Ok(View::of(&message).inert())
}

/// The address with more of a path, unless it ends in that already: operators
/// copy the address of a server as often as that of its interface.
fn below(url: &Url, path: &str) -> Url {
    let mut below = url.clone();
    let whole = url.path().trim_end_matches('/');
    if !whole.ends_with(path) {
        below.set_path(&format!("{whole}{path}"));
    }
    below
}

/// A message as plain text below its title: what it says, a line each.
fn plain_lines(view: &View) -> String {
    flow::PLAIN.lines(view).join("\n")
}

impl Rendered {
    /// A body of JSON.
    fn json(url: &Url, body: &Value) -> Self {
        Self {
            verb: Verb::Post,
            url: url.clone(),
            content_type: "application/json".into(),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        }
    }
}

impl Reply<'_> {
    /// The body as JSON; null if it is none.
    fn json(self) -> Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }

    /// The same, asking us to wait as long as its body says, which goes before the
    /// header.
    fn asking(self, wait: Option<SignedDuration>) -> Self {
        Self {
            retry_after: wait.filter(|it| !it.is_negative()).or(self.retry_after),
            ..self
        }
    }
}
