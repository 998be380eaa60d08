//! What a hub asks of the callback, as the query of its request says it
//! (WebSub, sections 5.2 and 5.3).

use super::Mode;
use jiff::SignedDuration;
use std::borrow::Cow;
use url::form_urlencoded;

/// The longest challenge that is sent back, in bytes.
const CHALLENGE_BYTES_MAX: usize = 1024;
/// The longest lease that is believed. A hub forgets, too, and a lease that is
/// renewed every few weeks shows it.
const LEASE_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a hub wants to know or to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Whether we meant it.
    Verify {
        /// What it was asked for.
        mode: Mode,
        /// The topic, exactly as we named it if it is ours.
        topic: String,
        /// What it wants to hear if we did.
        challenge: String,
        /// For how long it would announce the topic, if it says so.
        lease: Option<SignedDuration>,
    },
    /// That it will not announce the topic.
    Denied {
        /// The topic.
        topic: String,
        /// Why not, if it says so.
        reason: String,
    },
}

impl Intent {
    /// The topic that it is about.
    pub fn topic(&self) -> &str {
        match self {
            Self::Verify { topic, .. } | Self::Denied { topic, .. } => topic,
        }
    }
}

/// Reads the query of a request; none if it is not one of a hub.
///
/// Of a key that comes twice the first counts.
pub fn intent(query: &str) -> Option<Intent> {
    let value = |key: &str| -> Option<Cow<'_, str>> {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == key).map(|(_, value)| value)
    };
    let topic = value("hub.topic")?.into_owned();
    let mode = match value("hub.mode")?.as_ref() {
        "subscribe" => Mode::Subscribe,
        "unsubscribe" => Mode::Unsubscribe,
        "denied" => {
            let reason = value("hub.reason").unwrap_or_default().into_owned();
            return Some(Intent::Denied { topic, reason });
        }
        _ => return None,
    };
    let challenge = value("hub.challenge")?.into_owned();
    if challenge.is_empty() || challenge.len() > CHALLENGE_BYTES_MAX {
        return None;
    }
    Some(Intent::Verify {
        mode,
        topic,
        challenge,
        lease: value("hub.lease_seconds").and_then(|text| lease(&text)),
    })
}

/// A lease; no time at all is none.
fn lease(text: &str) -> Option<SignedDuration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.then(|| text.parse().unwrap_or(i64::MAX))?;
    (seconds > 0).then(|| SignedDuration::from_secs(seconds).min(LEASE_MAX))
}
