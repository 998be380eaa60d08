//! What the dialects of Markdown share.

/// Text with a backslash before each of some characters, and before what would make
/// it a heading, a quote or an entry of a list if it were the beginning of a line.
pub(super) fn escape(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number_bytes = text.len() - number;
    for (at, c) in text.char_indices() {
        let begins = match at {
            0 => "#-+>".contains(c),
            _ => at == number_bytes && ".)".contains(c),
        };
        if begins || special.contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A label, which is written already, that leads to an address.
pub(super) fn link(label: &str, url: &str) -> String {
    format!("[{label}]({})", address(url))
}

/// An address in which nothing ends it early or is markup: such characters are
/// written as a browser would read them anyway (RFC 3986, section 2.1).
pub(super) fn address(url: &str) -> String {
    let mut address = String::with_capacity(url.len());
    // Whether it may be the name of a character so far, such as `&lt;`.
    let mut reference = false;
    for c in url.chars() {
        if "()[]<>{}|\\^`*\"'".contains(c) || (reference && c == ';') {
            // Each of them is one byte.
            let digit = |number| char::from_digit(number, 16).map(|it| it.to_ascii_uppercase());
            let (high, low) = (digit(u32::from(c) >> 4), digit(u32::from(c) & 15));
            address.push('%');
            address.extend([high, low].into_iter().flatten());
        } else {
            address.push(c);
        }
        reference = c == '&' || (reference && (c == '#' || c.is_ascii_alphanumeric()));
    }
    address
}
