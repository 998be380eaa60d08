//! Text: from HTML to plain text, from plain text to folded tokens.
//!
//! The pipeline is blind to language: it folds case and width, strips the marks
//! of Latin and Greek, parts words at hyphens and apostrophes, and takes each
//! character of scripts without spaces as a token of its own. Whatever a
//! language needs beyond that is done once, when a watchlist is compiled. Every
//! token keeps the bytes that it came from; they never split a character.

mod count;
mod field;
mod fingerprint;
mod fold;
mod hex;
pub mod html;
mod language;
mod printable;
pub(crate) mod suggest;
mod tokens;

pub use count::count;
pub use field::Field;
pub use fingerprint::Fingerprint;
pub(crate) use fingerprint::folded_product;
pub use fold::fold;
pub(crate) use fold::{is_ignorable, lowered};
pub(crate) use hex::hex;
pub use language::{detect, primary_subtag};
pub use printable::{is_active, printable};
pub use tokens::{TOKENS_MAX, Token, Tokens, tokenise};
pub(crate) use tokens::{is_apostrophe, is_hangul, is_hyphen};

#[cfg(test)]
mod tests;
