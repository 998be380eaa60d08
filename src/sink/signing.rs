//! Signatures of webhooks, after Standard Webhooks 1.0.0: `v1` with a secret that
//! both sides have, `v1a` with the private half of a pair.

use crate::config::SigningKey;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// The value of `webhook-signature` for a body: one signature for each key, in
/// their order, so that a receiver can go over from an old key to a new one, or
/// from a secret to a pair, in its own time.
///
/// What is signed is `id.timestamp.body`, with the time of the attempt in whole
/// seconds, over exactly the bytes that are sent.
pub fn signature(keys: &[SigningKey], id: &str, at: Timestamp, body: &[u8]) -> String {
    let head = format!("{id}.{}.", at.as_second());
    let content = [head.as_bytes(), body].concat();
    let signatures: Vec<String> = keys.iter().map(|key| sign(key, &content)).collect();
    signatures.join(" ")
}

fn sign(key: &SigningKey, content: &[u8]) -> String {
    match key {
        SigningKey::Shared(secret) => {
            let code = code(secret.expose(), content);
            format!("v1,{}", STANDARD.encode(code.unwrap_or_default()))
        }
        SigningKey::Private(pair) => format!("v1a,{}", STANDARD.encode(pair.sign(content))),
    }
}

/// HMAC takes keys of any length, so the `None` never happens.
fn code(key: &[u8], content: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(content);
    Some(mac.finalize().into_bytes().into())
}
