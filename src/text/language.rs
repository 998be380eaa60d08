//! The language of a text: the publisher's word first, a guess second.

/// The language of a text as a two-letter code (ISO 639-1), if it is certain enough.
pub fn detect(_text: &str) -> Option<&'static str> {
    None
}

/// The primary subtag of a language tag (RFC 5646), lower case: `en-GB` gives `en`.
pub fn primary_subtag(_tag: &str) -> Option<String> {
    None
}
