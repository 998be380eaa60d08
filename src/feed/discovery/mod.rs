//! Discovery: the feeds that a web page offers.
//!
//! Pages name their feeds in links of the kind `rel=alternate` (HTML standard,
//! section 4.6.6.1), some servers in a `Link` header (RFC 8288). Both are read as
//! readers of feeds have always read them, in any case, order and punctuation;
//! no address is made up, because a site that is asked for `/feed`, `/rss` and
//! ten others in a row takes it for an attack.

#[cfg(test)]
mod tests;

use super::problems::Problems;
use super::{Format, WebLink, canonical_link, decode, header_links, link};
use html5gum::emitters::default::{DefaultEmitter, StartTag};
use html5gum::{Token, Tokenizer};
use std::collections::HashSet;
use url::Url;

/// The most feeds that one page is believed to offer.
const OFFERS_MAX: usize = 200;

/// A feed that a page offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its address.
    pub url: String,
    /// What the page calls it.
    pub title: Option<String>,
    /// Its format, as far as the page says.
    pub format: Option<Format>,
    /// Whether it seems to carry what readers say instead of what the site says.
    pub of_comments: bool,
}

/// The feeds that a page offers, those of comments last.
///
/// `headers` are the values of its `Link` headers, `base` is the address that it
/// came from.
///
/// ```
/// use wirewatch::feed::discovery::discover;
///
/// let page = br#"<link rel="Alternate home" type="application/rss+xml" href="/rss">"#;
/// let base = url::Url::parse("https://example.org/news/")?;
/// let offers = discover(page, None, &base, &[]);
/// assert_eq!(offers[0].url, "https://example.org/rss");
/// # Ok::<(), url::ParseError>(())
/// ```
pub fn discover(
    page: &[u8],
    content_type: Option<&str>,
    base: &Url,
    headers: &[String],
) -> Vec<Offer> {
    let declared = declared(page);
    let content_type = content_type.filter(|it| it.contains("charset"));
    let content_type = content_type.or(declared.as_deref());
    let text = decode::decode(page, content_type, &mut Problems::default());
    let (links, page_base) = page_links(&text);
    let page_base = page_base.and_then(|href| base.join(&href).ok());
    let page_base = page_base.as_ref().unwrap_or(base);
    let in_headers = headers.iter().flat_map(|header| header_links(header));
    let offered = in_headers.filter_map(|link| link.offer(base));
    let mut known = HashSet::new();
    let mut offers: Vec<Offer> = offered
        .chain(links.into_iter().filter_map(|link| link.offer(page_base)))
        .filter(|offer| known.insert(canonical_link(&offer.url)))
        .take(OFFERS_MAX)
        .collect();
    // The sort is stable: otherwise they stay in the order of the page, whose
    // first feed is the one that it means most.
    offers.sort_by_key(|offer| offer.of_comments);
    offers
}

impl WebLink {
    /// What it offers, if that is a feed.
    fn offer(self, base: &Url) -> Option<Offer> {
        let is_feed = self.is("feed");
        if !is_feed && (!self.is("alternate") || self.is("stylesheet")) {
            return None;
        }
        let format = match format(&self.media_type) {
            Some(format) => Some(format),
            // An older habit names the relation and no type.
            None if is_feed && self.media_type.trim().is_empty() => None,
            None => return None,
        };
        let url = link::absolute(&feed_scheme(&self.target), Some(base))?;
        let title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Offer {
            of_comments: is_of_comments(&title, &url),
            url,
            title: Some(title).filter(|title| !title.is_empty()),
            format,
        })
    }
}

/// The format that a media type stands for; parameters do not matter.
///
/// Types that say no more than XML or JSON are what interfaces for programs are
/// announced with, so they count for nothing.
fn format(media_type: &str) -> Option<Format> {
    const FORMATS: [(&str, Format); 7] = [
        ("application/rss+xml", Format::Rss),
        ("application/rss", Format::Rss),
        ("application/x.atom+xml", Format::Atom),
        ("application/atom+xml", Format::Atom),
        ("application/rdf+xml", Format::Rdf),
        ("application/feed+json", Format::Json),
        ("application/x-rss+xml", Format::Rss),
    ];
    let name = media_type.split(';').next().unwrap_or_default().trim();
    FORMATS
        .iter()
        .find(|(known, _)| name.eq_ignore_ascii_case(known))
        .map(|(_, format)| *format)
}

/// An address of the scheme `feed:`, which some pages write so that a reader
/// opens it, as the one that it stands for.
pub(super) fn feed_scheme(href: &str) -> String {
    let href = href.trim();
    let Some((scheme, rest)) = href.split_once(':') else {
        return href.to_owned();
    };
    if !scheme.eq_ignore_ascii_case("feed") {
        return href.to_owned();
    }
    let lower = rest.to_ascii_lowercase();
    if lower.starts_with("http:") || lower.starts_with("https:") {
        rest.to_owned()
    } else {
        format!("http:{rest}")
    }
}

/// Blogs offer a feed of comments beside each feed. Its address says so in
/// English whatever the language of its title; whole words count, since a
/// commentary is something else.
fn is_of_comments(title: &str, url: &str) -> bool {
    const WORDS: [&str; 7] = [
        "comments",
        "commentaires",
        "comentarios",
        "comentários",
        "kommentar",
        "kommentare",
        "reacties",
    ];
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/');
    let mut words = title.split(|c: char| !c.is_alphanumeric());
    words.any(|word| WORDS.contains(&word.to_lowercase().as_str()))
        || parts.any(|part| part.eq_ignore_ascii_case("comments"))
}

/// The media type that a page declares inside of itself, where its server says
/// nothing: all that counts of it is the charset (HTML standard, section 13.2.3.2).
fn declared(page: &[u8]) -> Option<String> {
    const LOOKED_BYTES: usize = 1024;
    let start = page.get(..LOOKED_BYTES.min(page.len()))?;
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let (_, value) = start.split_once("charset=")?;
    let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | '>' | ';' | '/');
    let name = value.trim_start_matches(['"', '\'']).split(is_end).next()?;
    Some(format!("text/html; charset={name}"))
}

/// The links of a page, and the base that it sets for them.
fn page_links(text: &str) -> (Vec<WebLink>, Option<String>) {
    let mut emitter = DefaultEmitter::default();
    // Scripts hold text that looks like links.
    emitter.naively_switch_states(true);
    let mut links = Vec::new();
    let mut base = None;
    for token in Tokenizer::new_with_emitter(text, emitter).flatten() {
        let Token::StartTag(tag) = token else {
            continue;
        };
        let attribute = |name: &str| attribute(&tag, name);
        match tag.name.as_slice() {
            b"base" => base = base.or_else(|| Some(attribute("href")).filter(|it| !it.is_empty())),
            b"link" | b"a" | b"area" => {
                let link = WebLink {
                    target: attribute("href"),
                    relations: attribute("rel"),
                    media_type: attribute("type"),
                    title: attribute("title"),
                };
                if !link.target.is_empty() && !link.relations.is_empty() {
                    links.push(link);
                }
            }
            _ => {}
        }
    }
    (links, base)
}

fn attribute(tag: &StartTag<()>, name: &str) -> String {
    let value = tag.attributes.get(name.as_bytes());
    value.map_or_else(String::new, |value| {
        String::from_utf8_lossy(value).into_owned()
    })
}
