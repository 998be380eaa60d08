//! Signatures of webhooks, after Standard Webhooks 1.0.0 (symmetric, `v1`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

/// The value of `webhook-signature` for a body: one signature for each key, so
/// that a receiver can go over from an old key to a new one in its own time.
///
/// What is signed is `id.timestamp.body`, with the time of the attempt in whole
/// seconds, over exactly the bytes that are sent.
pub fn signature<K: AsRef<[u8]>>(keys: &[K], id: &str, at: Timestamp, body: &[u8]) -> String {
    let signatures: Vec<String> = keys
        .iter()
        .filter_map(|key| sign(key.as_ref(), id, at, body))
        .map(|signature| format!("v1,{signature}"))
        .collect();
    signatures.join(" ")
}

/// HMAC takes keys of any length, so the `None` never happens.
fn sign(key: &[u8], id: &str, at: Timestamp, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(at.as_second().to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}
