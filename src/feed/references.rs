//! Character references: `&amp;`, `&#8217;`, and what publishers make of them.
//!
//! XML knows five names, and feeds use all that HTML knows, forget to escape
//! the ampersand of `AT&T` or of an address, and print numbers that are no
//! characters. All of them are decoded as they were meant; an ampersand that
//! begins no reference is itself.

use crate::text::html;
use crate::work;
use std::borrow::Cow;

/// A longer name is no reference; the longest of HTML has 32 letters.
const NAME_BYTES_MAX: usize = 34;

/// The names of U+00A0 to U+00FF, in their order.
const LATIN: [&str; 96] = [
    "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf",
    "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro",
    "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14", "frac12", "frac34", "iquest",
    "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig", "Ccedil", "Egrave", "Eacute",
    "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde", "Ograve", "Oacute",
    "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
    "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil",
    "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde",
    "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash", "ugrave", "uacute", "ucirc",
    "uuml", "yacute", "thorn", "yuml",
];

/// What the numbers 128 to 159 mean: the characters of Windows-1252, because that
/// is where they were copied from (HTML standard, section 13.2.5.80).
pub(super) const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// How a reference was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As XML has it.
    Sound,
    /// By a name that only HTML knows.
    Named,
    /// A number that is no character.
    NoCharacter,
    /// An ampersand that begins no reference.
    Bare,
}

/// Decodes all references of a text.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    let Some(first) = memchr::memchr(b'&', text.as_bytes()) else {
        return Cow::Borrowed(text);
    };
    let mut decoded = String::with_capacity(text.len());
    let (before, mut rest) = text.split_at_checked(first).unwrap_or((text, ""));
    decoded.push_str(before);
    while let Some(after) = rest.strip_prefix('&') {
        let bytes = reference(after, |meaning| decoded.push_str(meaning));
        let tail = after.get(bytes..).unwrap_or_default();
        let next = memchr::memchr(b'&', tail.as_bytes()).unwrap_or(tail.len());
        let (plain, more) = tail.split_at_checked(next).unwrap_or((tail, ""));
        decoded.push_str(plain);
        rest = more;
    }
    Cow::Owned(decoded)
}

/// The forms of all references of a text.
pub(super) fn forms(text: &str) -> impl Iterator<Item = Form> + '_ {
    memchr::memchr_iter(b'&', text.as_bytes()).map(|at| {
        let after = text.get(at + 1..).unwrap_or_default();
        form(after)
    })
}

/// The form of a reference, without what it means.
fn form(after: &str) -> Form {
    // Half of the text of a feed is markup that was escaped.
    if let [b'l' | b'g', b't', b';', ..]
    | [b'a', b'm', b'p', b';', ..]
    | [b'q', b'u', b'o', b't', b';', ..] = after.as_bytes()
    {
        return Form::Sound;
    }
    match name(after) {
        Some("amp" | "lt" | "gt" | "quot" | "apos") => Form::Sound,
        Some(name) if name.starts_with('#') => match number(name) {
            // The number of a control character stands for another one.
            Numeric::Character(c) if WINDOWS.contains(&c) => Form::Named,
            Numeric::Character(_) => Form::Sound,
            Numeric::NoCharacter => Form::NoCharacter,
            Numeric::NoNumber => Form::Bare,
        },
        Some(_) => Form::Named,
        None => Form::Bare,
    }
}

/// Reads what follows an ampersand, puts what it means, and gives the bytes that
/// it took: none where the ampersand is itself.
fn reference(after: &str, mut put: impl FnMut(&str)) -> usize {
    work::count(1);
    let mut buffer = [0_u8; 4];
    let (meaning, name_bytes) = match name(after) {
        Some(name) if name.starts_with('#') => match number(name) {
            Numeric::Character(c) => (
                Some(Cow::Borrowed(&*c.encode_utf8(&mut buffer))),
                name.len(),
            ),
            Numeric::NoCharacter => (Some(Cow::Borrowed("")), name.len()),
            Numeric::NoNumber => (None, 0),
        },
        Some(name) => (named(name), name.len()),
        None => (None, 0),
    };
    if let Some(meaning) = meaning {
        put(&meaning);
        return name_bytes + 1;
    }
    put("&");
    0
}

/// The name of a reference: what stands before its semicolon.
fn name(after: &str) -> Option<&str> {
    let start = after.as_bytes();
    let start = start.get(..NAME_BYTES_MAX.min(start.len()))?;
    let end = start
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#')?;
    let name = after.get(..end)?;
    (start.get(end) == Some(&b';') && !name.is_empty()).then_some(name)
}

/// What a numeric reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numeric {
    Character(char),
    NoCharacter,
    NoNumber,
}

fn number(name: &str) -> Numeric {
    let digits = name.trim_start_matches('#');
    let hex = digits.strip_prefix(['x', 'X']);
    let (digits, radix) = hex.map_or((digits, 10), |hex| (hex, 16));
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if !is_number {
        return Numeric::NoNumber;
    }
    let meant = match u32::from_str_radix(digits, radix) {
        Ok(code @ 0x80..=0x9f) => WINDOWS.get(code as usize - 0x80).copied(),
        Ok(code) => char::from_u32(code),
        Err(_) => None,
    };
    match meant {
        Some(
            '\0'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{fffe}'
            | '\u{ffff}',
        )
        | None => Numeric::NoCharacter,
        Some(c) => Numeric::Character(c),
    }
}

/// What a name of HTML means.
fn named(name: &str) -> Option<Cow<'static, str>> {
    let common = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        "hellip" => "…",
        "mdash" => "—",
        "ndash" => "–",
        "lsquo" => "‘",
        "rsquo" => "’",
        "ldquo" => "“",
        "rdquo" => "”",
        "bdquo" => "„",
        "bull" => "•",
        "euro" => "€",
        "trade" => "™",
        _ => "",
    };
    if !common.is_empty() {
        return Some(Cow::Borrowed(common));
    }
    if let Some(at) = LATIN.iter().position(|it| *it == name) {
        let c = char::from_u32(0xa0 + u32::try_from(at).ok()?)?;
        return Some(Cow::Owned(c.to_string()));
    }
    let source = format!("&{name};");
    let meaning = html::decode_entities(&source);
    (*meaning != source && !meaning.ends_with(';')).then(|| Cow::Owned(meaning.into_owned()))
}
