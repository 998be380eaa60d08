//! The vocabularies of feeds, and which one a prefix or an address means.
//!
//! Publishers misspell the addresses of namespaces (`https`, a slash too many
//! or too few) and use prefixes that they never declare. So an address is
//! compared without what is often wrong in it, and a prefix that is not declared
//! means what everybody means by it.

/// What a group of elements is about. RSS, Atom and RSS 1.0 count as one,
/// because their elements mean the same where they have the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vocabulary {
    /// RSS of every version and Atom.
    Feed,
    Rdf,
    Content,
    Dublin,
    DublinTerms,
    Media,
    Itunes,
    GeoRss,
    Geo,
    Gml,
    Syndication,
    Xhtml,
    FeedBurner,
    /// Known, but with nothing for us.
    Other,
    /// Not known at all.
    Unknown,
}

/// A namespace: its address, what it means, and the prefixes that mean it.
struct Known {
    address: &'static str,
    vocabulary: Vocabulary,
    prefixes: &'static [&'static str],
}

const fn known(
    address: &'static str,
    vocabulary: Vocabulary,
    prefixes: &'static [&'static str],
) -> Known {
    Known {
        address,
        vocabulary,
        prefixes,
    }
}

const KNOWN: [Known; 33] = [
    known(
        "http://www.w3.org/2005/Atom",
        Vocabulary::Feed,
        &["atom", "a10", "atom10"],
    ),
    known("http://purl.org/atom/ns#", Vocabulary::Feed, &["atom03"]),
    known(
        "http://purl.org/rss/1.0/",
        Vocabulary::Feed,
        &["rss", "rss10"],
    ),
    known(
        "http://my.netscape.com/rdf/simple/0.9/",
        Vocabulary::Feed,
        &[],
    ),
    known(
        "http://channel.netscape.com/rdf/simple/0.9/",
        Vocabulary::Feed,
        &[],
    ),
    known("http://purl.org/net/rss1.1#", Vocabulary::Feed, &[]),
    known(
        "http://backend.userland.com/rss2",
        Vocabulary::Feed,
        &["rss2"],
    ),
    known("http://backend.userland.com/RSS2", Vocabulary::Feed, &[]),
    known(
        "http://blogs.law.harvard.edu/tech/rss",
        Vocabulary::Feed,
        &[],
    ),
    known(
        "http://www.rssboard.org/rss-specification",
        Vocabulary::Feed,
        &[],
    ),
    known(
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        Vocabulary::Rdf,
        &["rdf"],
    ),
    known(
        "http://purl.org/rss/1.0/modules/content/",
        Vocabulary::Content,
        &["content"],
    ),
    known(
        "http://purl.org/dc/elements/1.1/",
        Vocabulary::Dublin,
        &["dc"],
    ),
    known("http://purl.org/dc/elements/1.0/", Vocabulary::Dublin, &[]),
    known(
        "http://purl.org/dc/terms/",
        Vocabulary::DublinTerms,
        &["dcterms", "dct"],
    ),
    known(
        "http://search.yahoo.com/mrss/",
        Vocabulary::Media,
        &["media"],
    ),
    known(
        "http://www.itunes.com/dtds/podcast-1.0.dtd",
        Vocabulary::Itunes,
        &["itunes"],
    ),
    known(
        "http://www.georss.org/georss",
        Vocabulary::GeoRss,
        &["georss"],
    ),
    known(
        "http://www.w3.org/2003/01/geo/wgs84_pos#",
        Vocabulary::Geo,
        &["geo"],
    ),
    known("http://www.opengis.net/gml", Vocabulary::Gml, &["gml"]),
    known(
        "http://purl.org/rss/1.0/modules/syndication/",
        Vocabulary::Syndication,
        &["sy"],
    ),
    known(
        "http://www.w3.org/1999/xhtml",
        Vocabulary::Xhtml,
        &["xhtml", "html"],
    ),
    known(
        "http://rssnamespace.org/feedburner/ext/1.0",
        Vocabulary::FeedBurner,
        &["feedburner"],
    ),
    known(
        "http://purl.org/rss/1.0/modules/slash/",
        Vocabulary::Other,
        &["slash"],
    ),
    known(
        "http://wellformedweb.org/CommentAPI/",
        Vocabulary::Other,
        &["wfw"],
    ),
    known(
        "http://purl.org/syndication/thread/1.0",
        Vocabulary::Other,
        &["thr"],
    ),
    known(
        "http://purl.org/syndication/history/1.0",
        Vocabulary::Other,
        &["fh"],
    ),
    known(
        "http://podcastindex.org/namespace/1.0",
        Vocabulary::Other,
        &["podcast"],
    ),
    known(
        "http://www.google.com/schemas/play-podcasts/1.0",
        Vocabulary::Other,
        &["googleplay"],
    ),
    known(
        "http://a9.com/-/spec/opensearch/1.1/",
        Vocabulary::Other,
        &["opensearch"],
    ),
    known(
        "http://www.youtube.com/xml/schemas/2015",
        Vocabulary::Other,
        &["yt"],
    ),
    known("http://webns.net/mvcb/", Vocabulary::Other, &["admin"]),
    known(
        "http://creativecommons.org/ns#",
        Vocabulary::Other,
        &["cc", "creativeCommons"],
    ),
];

/// How an address of a namespace was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Right,
    /// It differs from what it must be, but not by much.
    Wrong,
    Unknown,
}

/// What the address of a namespace means.
pub(super) fn of_address(address: &str) -> (Vocabulary, Spelling) {
    let address = address.trim();
    if let Some(known) = KNOWN.iter().find(|known| known.address == address) {
        return (known.vocabulary, Spelling::Right);
    }
    let bare = folded(address);
    let found = KNOWN
        .iter()
        .find(|known| bare.eq_ignore_ascii_case(folded(known.address)));
    match found {
        // Those with nothing for us may be spelt as they like.
        Some(known) if known.vocabulary == Vocabulary::Other => {
            (Vocabulary::Other, Spelling::Right)
        }
        Some(known) => (known.vocabulary, Spelling::Wrong),
        None => (Vocabulary::Unknown, Spelling::Unknown),
    }
}

/// What everybody means by a prefix.
pub(super) fn of_prefix(prefix: &str) -> Vocabulary {
    KNOWN
        .iter()
        .find(|known| {
            known
                .prefixes
                .iter()
                .any(|it| prefix.eq_ignore_ascii_case(it))
        })
        .map_or(Vocabulary::Unknown, |known| known.vocabulary)
}

/// An address without what is often wrong in it.
fn folded(address: &str) -> &str {
    let bare = address.split_once("://").map_or(address, |(_, rest)| rest);
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    bare.trim_end_matches(['/', '#'])
}

/// The prefix of a name, empty if it has none, and the name itself.
pub(super) fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

/// The most prefixes that a document may declare; others mean nothing.
const PREFIXES_MAX: usize = 64;

/// What the prefixes of one document mean.
#[derive(Debug, Default, Clone)]
pub(super) struct Prefixes<'a> {
    declared: Vec<(&'a str, Vocabulary)>,
}

impl<'a> Prefixes<'a> {
    /// Takes in a declaration. The first one of a prefix counts for the whole
    /// document: feeds that declare one twice do not mean two things by it.
    pub(super) fn declare(&mut self, prefix: &'a str, vocabulary: Vocabulary) {
        if self.declared.len() < PREFIXES_MAX && self.declared(prefix).is_none() {
            self.declared.push((prefix, vocabulary));
        }
    }

    pub(super) fn declared(&self, prefix: &str) -> Option<Vocabulary> {
        let found = self.declared.iter().find(|(it, _)| *it == prefix);
        found.map(|(_, vocabulary)| *vocabulary)
    }

    /// What an element of this prefix is about.
    pub(super) fn vocabulary(&self, prefix: &str) -> Vocabulary {
        if prefix.is_empty() {
            return Vocabulary::Feed;
        }
        match self.declared(prefix) {
            Some(Vocabulary::Unknown) | None => of_prefix(prefix),
            Some(vocabulary) => vocabulary,
        }
    }
}
