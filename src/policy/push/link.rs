//! What the `Link` headers of an answer say of hubs (RFC 8288).

use url::Url;

/// The most hubs that are kept of one answer.
const HUBS_MAX: usize = 8;
/// The longest address that is taken for a hub or a topic, in bytes.
const ADDRESS_BYTES_MAX: usize = 2048;

/// The links of an answer that WebSub is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HubLinks {
    /// The hubs that announce it (`rel=hub`).
    pub hubs: Vec<String>,
    /// Its own address (`rel=self`).
    pub address: Option<String>,
}

/// Reads the links from the lines of a header, relative to the address that
/// answered. What cannot be read is passed over: a header is a publisher's word.
///
/// ```
/// use wirewatch::policy::push::hub_links;
///
/// let base = url::Url::parse("https://example.org/feed").unwrap();
/// let links = hub_links(["<https://hub.example/>; rel=\"hub\", </feed>; rel=self"], &base);
/// assert_eq!(links.hubs, ["https://hub.example/"]);
/// assert_eq!(links.address.as_deref(), Some("https://example.org/feed"));
/// ```
pub fn hub_links<'a>(lines: impl IntoIterator<Item = &'a str>, base: &Url) -> HubLinks {
    let mut found = HubLinks::default();
    let links = lines.into_iter().flat_map(|line| parts(line, ','));
    for (target, relations) in links.filter_map(link) {
        let is = |wanted: &str| {
            let mut words = relations.split_ascii_whitespace();
            words.any(|word| word.eq_ignore_ascii_case(wanted))
        };
        let (hub, address) = (is("hub"), is("self"));
        if !hub && !address {
            continue;
        }
        let Some(target) = base.join(target).ok().filter(is_usable) else {
            continue;
        };
        if hub && found.hubs.len() < HUBS_MAX {
            found.hubs.push(target.to_string());
        }
        if address {
            found.address.get_or_insert_with(|| target.to_string());
        }
    }
    found
}

/// Whether something can be asked for at an address, and be told to others.
pub(super) fn is_usable(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.as_str().len() <= ADDRESS_BYTES_MAX
}

/// The target and the relations of one link. A link from elsewhere (`anchor`)
/// says nothing of what was asked for.
fn link(text: &str) -> Option<(&str, String)> {
    let mut parts = parts(text, ';');
    let target = parts.next()?.trim();
    let target = target.strip_prefix('<')?.strip_suffix('>')?;
    let mut relations = None;
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "anchor" => return None,
            // Of several only the first counts (section 3.3).
            "rel" if relations.is_none() => relations = Some(unquoted(value.trim())),
            _ => {}
        }
    }
    Some((target.trim(), relations?))
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
