//! What the dialects of Markdown share.

/// Text with a backslash before each of some characters.
pub(super) fn escape(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if special.contains(c) {
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
    for c in url.chars() {
        if "()[]<>{}|\\^`*\"'".contains(c) {
            // Each of them is one byte.
            address.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            address.push(c);
        }
    }
    address
}
