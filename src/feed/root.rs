//! The root element of a document, found without parsing it.
//!
//! It tells a feed from a web page before anything is read in full, and words
//! the error when there is no feed.

/// A root that starts later than this is not looked for, in bytes.
const PROLOG_BYTES_MAX: usize = 16 * 1024;

/// The name of the root element of XML or HTML, in lower case and without its
/// prefix: `rss`, `feed`, `rdf`, `html`.
pub(crate) fn root_element(bytes: &[u8]) -> Option<String> {
    // Without its zero bytes, UTF-16 markup reads like ASCII.
    let start: Vec<u8> = bytes
        .iter()
        .take(PROLOG_BYTES_MAX)
        .copied()
        .filter(|byte| *byte != 0)
        .collect();
    let text = String::from_utf8_lossy(&start);
    let mut rest = text.trim_start_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{feff}' | char::REPLACEMENT_CHARACTER)
    });
    loop {
        let markup = rest.trim_start().strip_prefix('<')?;
        let end = if markup.starts_with("!--") {
            "-->"
        } else if markup.starts_with('?') {
            ">"
        } else if let Some(declaration) = markup.strip_prefix('!') {
            if is_html_doctype(declaration) {
                return Some("html".to_owned());
            }
            doctype_end(declaration)
        } else {
            return element_name(markup);
        };
        rest = markup.split_once(end)?.1;
    }
}

fn is_html_doctype(declaration: &str) -> bool {
    let mut words = declaration.split(|c: char| c.is_whitespace() || c == '>');
    let is = |word: Option<&str>, expected| word.is_some_and(|w| w.eq_ignore_ascii_case(expected));
    is(words.next(), "doctype") && is(words.find(|word| !word.is_empty()), "html")
}

/// A document type with declarations of its own ends after their bracket.
fn doctype_end(declaration: &str) -> &'static str {
    let has_own = declaration
        .find(['[', '>'])
        .and_then(|at| declaration.get(at..))
        .is_some_and(|rest| rest.starts_with('['));
    if has_own { "]>" } else { ">" }
}

fn element_name(markup: &str) -> Option<String> {
    let end = markup.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
    let name = markup.get(..end)?.rsplit(':').next()?;
    (!name.is_empty()).then(|| name.to_ascii_lowercase())
}
