//! What an answer may not say again: the secrets of the request.
//!
//! A receiver that repeats in its error what it was asked ("POST /services/T0/B0/
//! x1y2 failed") would bring the secret of its own address into our log, our
//! lists and our store. What is shown of an answer is therefore without every
//! part of the request that may be a secret: parts of the address, the login,
//! the headers that are not known to be public, and the fields of the body that
//! are called like secrets.

use super::PostRequest;
use crate::config::decoded;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::borrow::Cow;
use std::cmp::Reverse;
use url::{Url, form_urlencoded};

/// The shortest text that is taken for a secret, in bytes. What is shorter stands
/// in sentences by chance.
const SECRET_BYTES_MIN: usize = 8;
/// The longest word of small letters that is none: "webhooks", "messages".
const WORD_BYTES_MAX: usize = 11;
/// What stands in the place of a secret.
const MASK: &str = "***";

/// Headers that tell nobody anything.
const PUBLIC_HEADERS: [&str; 7] = [
    "accept",
    "content-type",
    "user-agent",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "x-request-id",
];

/// How fields are called that hold secrets.
const SECRET_FIELDS: [&str; 6] = ["secret", "token", "key", "pass", "callback", "user"];

/// The secrets of one request.
pub(super) struct Mask {
    secrets: Vec<String>,
    body: Bytes,
}

impl Mask {
    /// Of a request, the body of which is sent as `body`, perhaps through a proxy.
    pub(super) fn of(request: &PostRequest<'_>, body: Bytes, proxy: Option<&Url>) -> Self {
        let mut mask = Self {
            secrets: Vec::new(),
            body,
        };
        mask.address(request.url);
        mask.login(request.url);
        if let Some(proxy) = proxy {
            mask.login(proxy);
        }
        for (name, value) in &request.headers {
            if !PUBLIC_HEADERS.contains(&&**name) {
                // "Bearer" and the like are words, and what follows them is not.
                value.split_whitespace().for_each(|part| mask.add(part));
            }
        }
        mask
    }

    /// An answer without the secrets.
    pub(super) fn hide(mut self, answer: &[u8]) -> Cow<'_, [u8]> {
        self.fields();
        // A long one first: it may hold a short one.
        self.secrets.sort_by_key(|secret| Reverse(secret.len()));
        let text = String::from_utf8_lossy(answer);
        let mut hidden = Cow::Borrowed(&*text);
        for secret in &self.secrets {
            if hidden.contains(secret.as_str()) {
                hidden = Cow::Owned(hidden.replace(secret.as_str(), MASK));
            }
        }
        match hidden {
            Cow::Borrowed(_) => Cow::Borrowed(answer),
            Cow::Owned(hidden) => Cow::Owned(hidden.into_bytes()),
        }
    }

    fn address(&mut self, url: &Url) {
        for part in url.path_segments().into_iter().flatten() {
            self.add_encoded(part);
        }
        for pair in url.query().unwrap_or_default().split('&') {
            self.add_encoded(pair.split_once('=').map_or(pair, |(_, value)| value));
        }
    }

    fn login(&mut self, url: &Url) {
        if let Some(password) = url.password() {
            self.add_encoded(password);
            let login = format!("{}:{password}", url.username());
            self.add(&STANDARD.encode(decoded(&login)));
        }
    }

    /// The fields of a body that is a form or a JSON object.
    fn fields(&mut self) {
        let is_secret = |name: &str| {
            let name = name.to_ascii_lowercase();
            SECRET_FIELDS.iter().any(|word| name.contains(word))
        };
        let body = self.body.clone();
        if let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(&body) {
            for (name, value) in fields {
                if let Some(value) = value.as_str().filter(|_| is_secret(&name)) {
                    self.add(value);
                }
            }
            return;
        }
        for pair in body.split(|byte| *byte == b'&') {
            for (name, value) in form_urlencoded::parse(pair) {
                if is_secret(&name) {
                    self.add(&value);
                    // Of an address it is the last part that is secret, and the
                    // encoded whole that is repeated.
                    value.rsplit('/').take(1).for_each(|part| self.add(part));
                }
            }
        }
    }

    /// A part of an address, as it stands there and as it is meant.
    fn add_encoded(&mut self, part: &str) {
        self.add(part);
        let meant = decoded(part);
        if meant != part {
            self.add(&meant);
        }
    }

    fn add(&mut self, text: &str) {
        let is_word =
            text.len() <= WORD_BYTES_MAX && text.bytes().all(|it| it.is_ascii_lowercase());
        if text.len() >= SECRET_BYTES_MIN && !is_word {
            self.secrets.push(text.to_owned());
        }
    }
}
