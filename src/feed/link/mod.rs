//! Links: made absolute, and made comparable.

pub(super) mod header;

use url::Url;

/// The longest link that is kept, in bytes; the limit of common servers is lower.
const LINK_BYTES_MAX: usize = 8 * 1024;

/// Query parameters that say where a reader came from and not what is read.
const TRACKING: [&str; 22] = [
    "_ga",
    "cmpid",
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "igshid",
    "mkt_tok",
    "msclkid",
    "ncid",
    "ocid",
    "smid",
    "srsltid",
    "ttclid",
    "twclid",
    "wbraid",
    "wt_mc",
    "wt.mc_id",
    "xtor",
    "yclid",
    "ysclid",
    "__twitter_impression",
];

/// How such parameters begin when they come in families.
const TRACKING_PREFIXES: [&str; 7] = ["utm_", "at_", "hsa_", "mc_", "mtm_", "ns_", "pk_"];

/// The form of a link that is the same for every way to write it: `https`, no
/// fragment, no credentials, no tracking parameters, no default port.
///
/// It is for comparison, not for fetching. Gives nothing for what is no
/// absolute web address.
///
/// ```
/// use wirewatch::article::canonical_link;
///
/// let link = canonical_link("http://Example.ORG:80/a?id=7&utm_source=rss#top");
/// assert_eq!(link.as_deref(), Some("https://example.org/a?id=7"));
/// ```
pub fn canonical_link(link: &str) -> Option<String> {
    let mut url = comparable(link)?;
    url.set_fragment(None);
    Some(url.into())
}

/// As [`canonical_link`], but with the fragment: the entries of a list of
/// changes may differ in nothing else. The link is one that [`absolute`] gave.
pub(super) fn identifying_link(link: &str) -> Option<String> {
    if let Some(rest) = link
        .strip_prefix("https://")
        .or(link.strip_prefix("http://"))
        && is_comparable(rest)
    {
        return Some(format!("https://{rest}"));
    }
    comparable(link).map(Into::into)
}

/// Whether what follows the scheme of a link has neither credentials nor a port,
/// and nothing in its query that would be left out.
fn is_comparable(rest: &str) -> bool {
    let (page, _) = rest.split_once('#').unwrap_or((rest, ""));
    let (page, query) = page.split_once('?').unwrap_or((page, "-"));
    let host = page.split('/').next().unwrap_or(page);
    let is_kept = |pair: &str| !pair.is_empty() && !is_tracking(pair);
    !host.contains(['@', ':']) && query.split('&').all(is_kept)
}

fn comparable(link: &str) -> Option<Url> {
    let mut url = Url::parse(link.trim()).ok()?;
    if !is_web(&url) {
        return None;
    }
    // A URL forgets the default port of its own scheme when it is parsed, so
    // that only others remain to be kept.
    url.set_scheme("https").ok()?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    if let Some(query) = url.query().map(str::to_owned) {
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && !is_tracking(pair))
            .collect();
        url.set_query(Some(kept.join("&").as_str()).filter(|kept| !kept.is_empty()));
    }
    Some(url)
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or(pair);
    let begins = |prefix: &str| {
        let start = name.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    TRACKING.iter().any(|it| name.eq_ignore_ascii_case(it))
        || TRACKING_PREFIXES.into_iter().any(begins)
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// A link as a feed wrote it, made absolute; nothing if it leads to no web page.
pub(super) fn absolute(link: &str, base: Option<&Url>) -> Option<String> {
    let link = link.trim();
    if link.is_empty() || link.len() > LINK_BYTES_MAX {
        return None;
    }
    let url = match base {
        Some(base) => base.join(link).ok()?,
        None => Url::parse(link).ok()?,
    };
    is_web(&url).then(|| url.into())
}

#[cfg(test)]
mod tests;
