//! A JSON value without what we do not read of it, and within bounds.

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The most elements of a list or an object that are kept.
const ELEMENTS_MAX: usize = 64;

/// The longest text that is kept, in bytes.
const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A value of any type.
#[derive(Debug)]
pub(super) enum Loose {
    /// A string, or a number as it is printed.
    Text(String),
    List(Vec<Loose>),
    Map(Vec<(String, Loose)>),
    /// Null, true or false.
    Nothing,
}

impl Loose {
    /// The text of it, if it says anything.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// Its elements; anything else counts as a list of itself.
    pub(super) fn list(self) -> Vec<Self> {
        match self {
            Self::List(elements) => elements,
            Self::Nothing => Vec::new(),
            other => vec![other],
        }
    }

    /// One value of an object; a text is the value that is asked for.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        match self {
            Self::Map(pairs) => pairs
                .into_iter()
                .find(|(found, _)| found == key)
                .map(|(_, value)| value),
            Self::Text(_) => Some(self),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        let end = text.floor_char_boundary(TEXT_BYTES_MAX);
        Ok(Loose::Text(text.get(..end).unwrap_or(text).to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose::Text(number.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose::Text(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Loose, E> {
        Ok(Loose::Text(number.to_string()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Loose, E> {
        Ok(Loose::Nothing)
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Loose, A::Error> {
        let mut elements = Vec::new();
        while elements.len() < ELEMENTS_MAX {
            let Some(element) = seq.next_element()? else {
                return Ok(Loose::List(elements));
            };
            elements.push(element);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        let mut pairs = Vec::new();
        while pairs.len() < ELEMENTS_MAX {
            let Some(pair) = map.next_entry()? else {
                return Ok(Loose::Map(pairs));
            };
            pairs.push(pair);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Map(pairs))
    }
}
