//! Keys of Standard Webhooks 1.0.0 as its text writes them: a secret that both
//! sides have (`whsec_`), or the private half of a pair (`whsk_`), whose public
//! half (`whpk_`) is all that a receiver needs.

use super::Secret;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::ops::RangeInclusive;
use std::sync::Arc;

const SHARED: &str = "whsec_";
const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";

/// How many bytes a shared secret has.
const SHARED_BYTES: RangeInclusive<usize> = 24..=64;
/// How many bytes an Ed25519 seed has (RFC 8032, section 5.1.5).
const SEED_BYTES: usize = 32;

/// Padding is optional on the way in, as verifiers disagree about it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key that webhooks are signed with.
#[derive(Debug, Clone)]
pub enum SigningKey {
    /// A secret that the receiver has as well: HMAC-SHA256, `v1`.
    Shared(Secret<Vec<u8>>),
    /// The private half of an Ed25519 pair, `v1a`.
    Private(Arc<Ed25519KeyPair>),
}

/// Why a text is no signing key. None of these shows any of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningKeyError {
    /// It is of no known kind.
    #[error("the secret begins with neither `whsec_` nor `whsk_`")]
    Prefix,
    /// It is what the receiver gets.
    #[error("`whpk_` is a public key, which cannot sign")]
    Public,
    /// What follows the prefix cannot be decoded.
    #[error("what follows `{0}` is not base64")]
    Base64(&'static str),
    /// A shared secret of a length that receivers may refuse.
    #[error("the secret has {0} bytes; it must have {start} to {end}", start = SHARED_BYTES.start(), end = SHARED_BYTES.end())]
    SharedLength(usize),
    /// No seed, and no seed with its public key.
    #[error("the private key has {0} bytes; it must have 32, or 64 with its public key")]
    PrivateLength(usize),
    /// The second half is not the public key of the first.
    #[error("the two halves of the private key do not belong together")]
    Halves,
}

impl SigningKey {
    /// Reads a key.
    ///
    /// What a `whsk_` holds, the specification leaves open. The official Go
    /// library takes the 32 bytes of a seed; Svix, whose scheme it is, keeps the
    /// seed and the public key together in 64. Both are taken.
    ///
    /// # Errors
    /// When the text is no key that can sign.
    pub fn parse(text: &str) -> Result<Self, SigningKeyError> {
        if let Some(text) = text.strip_prefix(SHARED) {
            let key = decode(SHARED, text)?;
            if !SHARED_BYTES.contains(&key.len()) {
                return Err(SigningKeyError::SharedLength(key.len()));
            }
            return Ok(Self::Shared(Secret::new(key)));
        }
        if let Some(text) = text.strip_prefix(PRIVATE) {
            return private(&decode(PRIVATE, text)?);
        }
        Err(if text.starts_with(PUBLIC) {
            SigningKeyError::Public
        } else {
            SigningKeyError::Prefix
        })
    }

    /// Bytes that tell it from other keys, for hashing: the secret, or the public
    /// half of a pair.
    pub fn identity(&self) -> &[u8] {
        match self {
            Self::Shared(secret) => secret.expose(),
            Self::Private(pair) => pair.public_key().as_ref(),
        }
    }

    /// The `whpk_` that receivers verify with; a shared secret has none.
    pub fn public(&self) -> Option<String> {
        match self {
            Self::Shared(_) => None,
            Self::Private(pair) => {
                let key = BASE64.encode(pair.public_key());
                Some(format!("{PUBLIC}{key}"))
            }
        }
    }
}

fn private(key: &[u8]) -> Result<SigningKey, SigningKeyError> {
    let length = SigningKeyError::PrivateLength(key.len());
    let (seed, public) = key.split_at_checked(SEED_BYTES).ok_or(length)?;
    let pair = match public.len() {
        0 => Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| length),
        SEED_BYTES => Ed25519KeyPair::from_seed_and_public_key(seed, public)
            .map_err(|_| SigningKeyError::Halves),
        _ => Err(length),
    };
    Ok(SigningKey::Private(Arc::new(pair?)))
}

fn decode(prefix: &'static str, text: &str) -> Result<Vec<u8>, SigningKeyError> {
    BASE64
        .decode(text)
        .map_err(|_| SigningKeyError::Base64(prefix))
}
