//! Whether a document comes from the hub that it should (WebSub, section 7.1).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Whether `header`, the value of `X-Hub-Signature`, is a signature of `body`.
///
/// The hub chooses the method; SHA-1 is still what most of them use, and is
/// sound in an HMAC (RFC 6194, section 3.3). The comparison takes the same time
/// wherever the two differ.
pub(super) fn is_signed(header: &str, secret: &[u8], body: &[u8]) -> bool {
    let Some((method, digits)) = header.trim().split_once('=') else {
        return false;
    };
    let Some(tag) = bytes(digits) else {
        return false;
    };
    match method.to_ascii_lowercase().as_str() {
        "sha1" => verifies::<Hmac<Sha1>>(secret, body, &tag),
        "sha256" => verifies::<Hmac<Sha256>>(secret, body, &tag),
        "sha384" => verifies::<Hmac<Sha384>>(secret, body, &tag),
        "sha512" => verifies::<Hmac<Sha512>>(secret, body, &tag),
        _ => false,
    }
}

fn verifies<M: Mac + KeyInit>(secret: &[u8], body: &[u8], tag: &[u8]) -> bool {
    // HMAC takes keys of any length.
    M::new_from_slice(secret).is_ok_and(|mac| mac.chain_update(body).verify_slice(tag).is_ok())
}

/// The bytes that pairs of hexadecimal digits stand for.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    let value = |digit: u8| char::from(digit).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| Some((value(*high)? * 16 + value(*low)?) as u8);
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}
