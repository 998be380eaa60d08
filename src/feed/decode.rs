//! Bytes to text, whatever they are said to be.
//!
//! Labels lie more often than bytes: bytes that are UTF-8 are read as UTF-8
//! though a header or a declaration says otherwise. Only after that are the byte
//! order mark, the header and the declaration believed, in this order, and bytes
//! that are UTF-8 but for a few are read as UTF-8 without those few. What is
//! left is Windows-1252, the superset of Latin-1 that browsers read instead.

use super::charset::Charset;
use super::problems::Problems;
use super::references::WINDOWS;
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// How far an XML declaration is looked for, in bytes.
const DECLARATION_BYTES_MAX: usize = 1024;

/// How many zero bytes in so many tell UTF-16 without a mark.
const PROBE_BYTES: usize = 64;

/// Decodes a document and drops characters that XML does not allow.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
    problems: &mut Problems,
) -> Cow<'a, str> {
    let text = decoded(bytes, content_type, problems);
    let text = if has_forbidden(&text) {
        problems.note("characters that XML does not allow are left out", "");
        Cow::Owned(text.chars().filter(|c| !is_forbidden(*c)).collect())
    } else {
        text
    };
    if !has_controls(&text) {
        return text;
    }
    problems.note("control characters are read as", WINDOWS_1252.name());
    Cow::Owned(text.chars().map(of_windows).collect())
}

fn decoded<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
    problems: &mut Problems,
) -> Cow<'a, str> {
    if let Some((marked, mark_bytes)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(mark_bytes..).unwrap_or_default();
        // Some editors write the mark of UTF-8 and go on in another encoding.
        if marked != UTF_8 || std::str::from_utf8(rest).is_ok() {
            return with(marked, rest, problems);
        }
        return unmarked(rest, content_type, problems);
    }
    unmarked(bytes, content_type, problems)
}

fn unmarked<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
    problems: &mut Problems,
) -> Cow<'a, str> {
    if let Some(wide) = wide_without_mark(bytes) {
        return with(wide, bytes, problems);
    }
    let labelled = content_type
        .and_then(charset)
        .into_iter()
        .chain(declared(bytes))
        .find_map(Charset::of_label);
    if let Ok(text) = std::str::from_utf8(bytes) {
        // Its bytes are all ASCII, so that they are UTF-8 as well.
        if matches!(labelled, Some(Charset::Standard(label)) if label == ISO_2022_JP)
            && bytes.contains(&0x1b)
        {
            return with(ISO_2022_JP, bytes, problems);
        }
        if let Some(label) = labelled
            && !matches!(label, Charset::Standard(label) if label == UTF_8)
            && !bytes.is_ascii()
        {
            problems.note("the text is UTF-8, though it is said to be", &label.name());
        }
        return Cow::Borrowed(text);
    }
    match labelled {
        Some(Charset::Page(_, table)) => Cow::Owned(table.decode_string_lossy(bytes)),
        Some(label @ Charset::Standard(encoding)) if !label.is_of_unicode() => {
            with(encoding, bytes, problems)
        }
        _ if is_mostly_utf8(bytes) => mixed(bytes, problems),
        _ => {
            problems.note("the text is not UTF-8 and is read as", WINDOWS_1252.name());
            with(WINDOWS_1252, bytes, problems)
        }
    }
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8], problems: &mut Problems) -> Cow<'a, str> {
    let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
    if has_errors {
        problems.note("some bytes are no text in the encoding", encoding.name());
    }
    text
}

/// Whether most of what is not ASCII is UTF-8.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good > bad
}

/// UTF-8 into which text in Latin-1 was pasted: each part as what it is.
fn mixed<'a>(bytes: &[u8], problems: &mut Problems) -> Cow<'a, str> {
    problems.note("bytes in the UTF-8 text are read as", WINDOWS_1252.name());
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        let (latin, _) = WINDOWS_1252.decode_without_bom_handling(chunk.invalid());
        text.push_str(&latin);
    }
    Cow::Owned(text)
}

/// UTF-16 without a mark has a zero byte beside each character of markup.
fn wide_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let probe = bytes.get(..PROBE_BYTES.min(bytes.len()))?;
    let zeros = |from: usize| {
        let every_other = probe.iter().skip(from).step_by(2);
        every_other.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let many = probe.len() / 4 + 1;
    match (even >= many, odd >= many) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

/// The `charset` of a media type.
fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches(['"', '\'']))
    })
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let start = bytes.get(..DECLARATION_BYTES_MAX.min(bytes.len()))?;
    let at = memchr::memmem::find(start, b"<?xml")?;
    let declaration = start.get(at..)?;
    let end = memchr::memchr(b'>', declaration)?;
    let declaration = declaration.get(..end)?;
    let name = memchr::memmem::find(declaration, b"encoding")?;
    let value = declaration.get(name..)?;
    let open = value.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let quote = *value.get(open)?;
    let value = value.get(open + 1..)?;
    let close = memchr::memchr(quote, value)?;
    std::str::from_utf8(value.get(..close)?).ok()
}

/// XML 1.0, section 2.2: what is no character of a document.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}')
}

/// A control character that only Latin-1 and Unicode have, as what its number
/// means in Windows-1252: text went from that to UTF-8 as if it were Latin-1.
fn of_windows(c: char) -> char {
    let at = u32::from(c).checked_sub(0x80);
    let meant = at.and_then(|at| WINDOWS.get(at as usize));
    meant.copied().unwrap_or(c)
}

/// Whether there are characters from U+0080 to U+009F.
fn has_controls(text: &str) -> bool {
    /// All characters from U+0080 to U+00BF begin with it in UTF-8.
    const LEAD: u8 = 0xc2;
    let bytes = text.as_bytes();
    memchr::memchr_iter(LEAD, bytes).any(|at| bytes.get(at + 1).is_some_and(|it| *it < 0xa0))
}

fn has_forbidden(text: &str) -> bool {
    // Folding without a branch lets the compiler look at many bytes at once.
    let controls = text.as_bytes().chunks(4096).any(|chunk| {
        let bad = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r') || byte == 0x7f;
        let found = chunk
            .iter()
            .fold(0, |found, byte| found | u8::from(bad(*byte)));
        found != 0
    });
    controls || memchr::memmem::find(text.as_bytes(), b"\xef\xbf\xbe").is_some()
}
