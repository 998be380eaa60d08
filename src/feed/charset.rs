//! What the label of an encoding means.
//!
//! Browsers know some two hundred labels and so does `encoding_rs`; publishers
//! use others as well: with an underscore for a hyphen, the names that other
//! programs have for them, and the code pages of DOS by their number.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use oem_cp::code_table::DECODING_TABLE_CP_MAP;
use oem_cp::code_table_type::TableType;

/// Labels of other programs, and those that browsers have for the same.
const ALIASES: [(&str, &str); 5] = [
    ("mac-cyrillic", "x-mac-cyrillic"),
    ("mac-roman", "macintosh"),
    ("maccyrillic", "x-mac-cyrillic"),
    ("macroman", "macintosh"),
    ("ms-cyrl", "windows-1251"),
];

/// An encoding that we can read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Charset {
    Standard(&'static Encoding),
    /// A code page of DOS, with its number.
    Page(u16, &'static TableType),
}

impl Charset {
    /// The encoding of a label, if it is known.
    pub(super) fn of_label(label: &str) -> Option<Self> {
        let standard = |label: &str| Encoding::for_label(label.as_bytes()).map(Self::Standard);
        let plain = || label.trim().to_ascii_lowercase().replace('_', "-");
        standard(label)
            .or_else(|| standard(&plain()))
            .or_else(|| {
                let plain = plain();
                let alias = ALIASES.iter().find(|(alias, _)| *alias == plain);
                alias.and_then(|(_, label)| standard(label))
            })
            .or_else(|| page(label))
    }

    /// Whether it is one that Unicode has made for itself.
    pub(super) fn is_of_unicode(self) -> bool {
        let of_unicode = [UTF_8, UTF_16LE, UTF_16BE];
        matches!(self, Self::Standard(encoding) if of_unicode.contains(&encoding))
    }

    /// Its name, for a person.
    pub(super) fn name(self) -> String {
        match self {
            Self::Standard(encoding) => encoding.name().to_owned(),
            Self::Page(number, _) => format!("code page {number}"),
        }
    }
}

/// The code page in `cp437`, `IBM850` or `cspc8codepage437`.
fn page(label: &str) -> Option<Charset> {
    let numbers = label.split(|c: char| !c.is_ascii_digit());
    let number = numbers
        .filter(|number| number.len() == 3)
        .find_map(|it| it.parse().ok())?;
    let table = DECODING_TABLE_CP_MAP.get(&number)?;
    Some(Charset::Page(number, table))
}
