//! The little of HTML that chats take.

/// Text that is nothing but text between tags and inside quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A label, which is written already, that leads to an address.
pub(super) fn link(label: &str, url: &str) -> String {
    format!("<a href=\"{}\">{label}</a>", escape(url))
}
