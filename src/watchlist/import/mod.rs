//! Actors from lists that others keep: a spreadsheet, or a file of entities as
//! OpenSanctions and others who follow the money publish them.
//!
//! Everything here reads one line, so that a list of any length takes no more
//! memory than its actors, and one bad line does not hide the rest. Such lists
//! are long and made by machines: what a person would write down with care is
//! read with more caution here.

pub mod ftm;
#[cfg(test)]
mod tests;
pub mod tsv;

use super::ActorId;
use crate::name::{NAME_BYTES_MAX, NameError};
use crate::text::fold;
use std::ops::Range;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The bytes of the line that it is about.
    pub span: Range<usize>,
    /// The column that it is about, if it is about one.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Mistake {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            column: None,
            message: message.into(),
            help: None,
        }
    }

    fn of(self, column: &'static str) -> Self {
        Self {
            column: Some(column),
            ..self
        }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self {
            help: Some(help.into()),
            ..self
        }
    }
}

/// An id made of a name, or of an id from elsewhere: "NK-2b/É" becomes `nk-2b-e`.
///
/// It depends on the text alone, not on what else is in a list, so that it is
/// the same tomorrow. Where letters are lost, as all of them are in "金正恩", a
/// checksum of the text stands in for them.
///
/// # Errors
/// When the result is no name after all, which no text is known to bring about.
pub fn id_of(text: &str) -> Result<ActorId, NameError> {
    /// A hyphen and eight digits of a checksum.
    const SUFFIX_BYTES: usize = 9;
    let mut id = String::new();
    let mut lost = false;
    for c in fold(text).chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => id.push(c),
            c => {
                lost |= c.is_alphanumeric();
                if !id.is_empty() && !id.ends_with('-') {
                    id.push('-');
                }
            }
        }
    }
    if lost || id.len() > NAME_BYTES_MAX || id.is_empty() {
        id.truncate(NAME_BYTES_MAX - SUFFIX_BYTES);
        let sum = format!("-{:08x}", crc32c::crc32c(text.as_bytes()));
        id = id.trim_end_matches('-').to_owned() + &sum;
    }
    ActorId::new(id.trim_matches('-'))
}
