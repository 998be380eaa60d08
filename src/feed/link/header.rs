//! The links of a `Link` header (RFC 8288, section 3): where a server says what it
//! offers beside its answer.

/// A link with what is said of it, in a header or a page.
#[derive(Debug, Default)]
pub(crate) struct WebLink {
    /// Where it leads, as written.
    pub(crate) target: String,
    /// What it is, words parted by spaces.
    pub(crate) relations: String,
    /// The media type of what it leads to, if it says so.
    pub(crate) media_type: String,
    /// What it calls that.
    pub(crate) title: String,
}

impl WebLink {
    /// Whether it is of a kind.
    pub(crate) fn is(&self, relation: &str) -> bool {
        let mut words = self.relations.split_ascii_whitespace();
        words.any(|word| word.eq_ignore_ascii_case(relation))
    }
}

/// The links in one line of the header. What cannot be read is passed over, for it
/// is a publisher's word, and so is a link from elsewhere (`anchor`), which says
/// nothing of what was asked for.
pub(crate) fn header_links(line: &str) -> impl Iterator<Item = WebLink> {
    parts(line, ',').filter_map(link)
}

fn link(text: &str) -> Option<WebLink> {
    let mut parts = parts(text, ';');
    let target = parts.next()?.trim();
    let target = target.strip_prefix('<')?.strip_suffix('>')?.trim();
    let mut link = WebLink {
        target: target.to_owned(),
        ..WebLink::default()
    };
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let kept = match name.trim().to_ascii_lowercase().as_str() {
            "anchor" => return None,
            "rel" => &mut link.relations,
            "type" => &mut link.media_type,
            "title" => &mut link.title,
            _ => continue,
        };
        // Of several only the first counts (section 3.3).
        if kept.is_empty() {
            *kept = unquoted(value.trim());
        }
    }
    Some(link)
}

/// Splits where a separator stands neither in quotes nor in an address.
fn parts(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped, mut in_address) = (false, false, false);
    text.split(move |c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if !in_address => quoted = !quoted,
            '<' if !quoted => in_address = true,
            '>' if !quoted => in_address = false,
            _ => return c == separator && !quoted && !in_address,
        }
        false
    })
}

fn unquoted(value: &str) -> String {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let Some(inner) = inner else {
        return value.to_owned();
    };
    let mut escaped = false;
    inner
        .chars()
        .filter(|c| {
            escaped = *c == '\\' && !escaped;
            !escaped
        })
        .collect()
}
