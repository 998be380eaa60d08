//! What the `Link` headers of an answer say of hubs (RFC 8288).

use crate::feed::header_links;
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
    for link in lines.into_iter().flat_map(header_links) {
        let (hub, address) = (link.is("hub"), link.is("self"));
        if !hub && !address {
            continue;
        }
        let Some(target) = base.join(&link.target).ok().filter(is_usable) else {
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
