//! Fingerprints: what a folded word is known by once it has been read.
//!
//! A watchlist of a million aliases is looked up for every word of every article.
//! What limits that is memory that must be fetched, so words are kept as 64 bits
//! and not as letters. Among a million words, one look-up in 10^13 finds another
//! word by chance; who writes such a word on purpose gets no more than by writing
//! the name itself.
//!
//! The print is made of eight bytes at a time, by a multiplication whose upper
//! half is folded onto its lower (as in wyhash, Wang Yi 2019), so that words of
//! ASCII are found, folded and fingerprinted in one go.

/// What a folded word is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub(crate) u64);

impl Fingerprint {
    /// The print of no letters.
    pub(super) const EMPTY: Self = Self(0x9E37_79B9_7F4A_7C15);

    /// The print of a folded word.
    pub fn of(folded: &str) -> Self {
        let bytes = folded.as_bytes();
        (0..bytes.len())
            .step_by(8)
            .fold(Self::EMPTY, |print, at| print.with(load(bytes, at)))
    }

    /// The print of what came before with eight more bytes.
    pub(super) fn with(self, eight: u64) -> Self {
        Self(folded_product(self.0 ^ eight, 0xD6E8_FEB8_6659_FD93))
    }
}

/// The product of two numbers, its upper half folded onto its lower.
pub(crate) fn folded_product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The eight bytes from `at` on, the first the lowest; zeros after the end.
pub(super) fn load(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(eight) = rest.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    let mut eight = [0; 8];
    for (to, from) in eight.iter_mut().zip(rest) {
        *to = *from;
    }
    u64::from_le_bytes(eight)
}

/// A byte in each of eight places.
const fn everywhere(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// How many of eight bytes, from the first on, are letters or digits of ASCII.
pub(super) fn ascii_word_length(eight: u64) -> usize {
    let high = everywhere(0x80);
    let low = eight & !high;
    let lower = low | everywhere(0x20);
    // Adding what is missing to 128 sets the upper bit of each byte that is at
    // least so large, without a carry to the next.
    let from = |bytes: u64, least: u8| bytes.wrapping_add(everywhere(0x80 - least));
    let letters = from(lower, b'a') & !from(lower, b'z' + 1);
    let digits = from(low, b'0') & !from(low, b'9' + 1);
    let words = (letters | digits) & !eight & high;
    ((!words & high).trailing_zeros() / 8) as usize
}

/// The first `length` of eight letters and digits of ASCII in lower case, zeros
/// after them. Digits have the bit of lower case anyway.
pub(super) fn lower_case(eight: u64, length: usize) -> u64 {
    let kept = u64::MAX >> (64 - 8 * length.clamp(1, 8));
    (eight | everywhere(0x20)) & kept
}
