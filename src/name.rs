//! Names that people give in their configuration, as types.
//!
//! A feed, a sink, a topic and an actor each have a name; a type apiece keeps
//! them from being mixed up on their way through the rooms.

/// The longest name, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 64;

/// Why a name is refused, for a message to the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a name: use 1 to 64 of the characters a-z, 0-9, `-` and `_`, not starting with `-` or `_`"
)]
pub struct NameError(pub String);

pub(crate) fn is_name(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts_well
        && text.len() <= NAME_BYTES_MAX
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}

/// The word that stands for `value` in a table of words.
pub(crate) fn word_of<T: PartialEq + Copy>(words: &[(&'static str, T)], value: T) -> &'static str {
    words
        .iter()
        .find(|(_, other)| *other == value)
        .map_or("", |(word, _)| word)
}

/// The value that a word stands for in a table of words, if it stands for one.
pub(crate) fn of_word<T: Copy>(words: &[(&'static str, T)], word: &str) -> Option<T> {
    let mut words = words.iter();
    let found = words.find(|(known, _)| *known == word);
    found.map(|(_, value)| *value)
}

/// Defines a name type: checked when made, cheap to clone.
macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Takes a name as written.
            ///
            /// # Errors
            /// When it is empty, longer than 64 bytes, or has other characters
            /// than `a-z`, `0-9`, `-` and `_`.
            pub fn new(text: &str) -> Result<Self, $crate::name::NameError> {
                if $crate::name::is_name(text) {
                    Ok(Self(text.into()))
                } else {
                    Err($crate::name::NameError(text.to_owned()))
                }
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}
