use super::{Offer, discover};
use crate::feed::Format;
use proptest::prelude::*;
use url::Url;

fn base() -> Url {
    Url::parse("https://example.org/news/today?x=1").unwrap()
}

fn offers(page: &str) -> Vec<Offer> {
    discover(page.as_bytes(), Some("text/html"), &base(), &[])
}

#[track_caller]
fn check(page: &str, expected: &[&str]) {
    let found = offers(page);
    let urls: Vec<&str> = found.iter().map(|offer| offer.url.as_str()).collect();
    assert_eq!(urls, expected, "in {page}");
}

#[test]
fn links_are_found_however_they_are_written() {
    let cases = [
        r#"<link rel="alternate" type="application/rss+xml" href="/rss">"#,
        r#"<LINK REL="ALTERNATE" TYPE="APPLICATION/RSS+XML" HREF="/rss">"#,
        r"<link rel=alternate type=application/rss+xml href=/rss>",
        r#"<link href="/rss" type="application/rss+xml" rel="alternate"/>"#,
        r#"<link rel="home alternate" type=" application/rss+xml " href=" /rss ">"#,
        r#"<link rel="alternate
home" type="application/rss+xml; charset=utf-8" href="/rss">"#,
        r#"<link rel="alternate" type="application/rss+xml;type=feed" href="../rss">"#,
        r#"<a rel="alternate" type="application/rss+xml" href="https://example.org/rss">RSS</a>"#,
        r#"<link rel="feed" href="/rss">"#,
        r#"<link rel="alternate" type="application/rss+xml" href="feed:https://example.org/rss">"#,
        r#"<base href="/"><link rel="alternate" type="application/rss+xml" href="rss">"#,
        r#"<link rel="alternate" type="application/rss+xml" href="r"><base href="https://example.org/rss/../"><base href="/no/">"#,
    ];
    for page in cases {
        let found = offers(page);
        assert_eq!(found.len(), 1, "in {page}");
        let url = found[0].url.as_str();
        assert!(
            url == "https://example.org/rss" || url == "https://example.org/r",
            "{url} in {page}"
        );
    }
}

#[test]
fn what_is_no_feed_is_not_offered() {
    for page in [
        "",
        r#"<link rel="alternate" href="/rss">"#,
        r#"<link rel="alternate" type="application/rss+xml">"#,
        r#"<link rel="alternate" type="application/rss+xml" href="">"#,
        r#"<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">"#,
        r#"<link rel="alternate" type="application/rss+xml" href="file:///etc/passwd">"#,
        r#"<link rel="stylesheet alternate" type="application/rss+xml" href="/a">"#,
        r#"<link rel="alternates" type="application/rss+xml" href="/a">"#,
        r#"<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">"#,
        r#"<link rel="alternate" type="text/html" hreflang="fr" href="/fr">"#,
        r#"<link rel="search" type="application/opensearchdescription+xml" href="/s">"#,
        r#"<!-- <link rel="alternate" type="application/rss+xml" href="/a"> -->"#,
        r#"<script>var a = '<link rel="alternate" type="application/rss+xml" href="/a">';</script>"#,
    ] {
        check(page, &[]);
    }
}

#[test]
fn formats_titles_and_order_are_the_page_s() {
    let page = r#"<title>News</title>
        <link rel="alternate" type="application/rss+xml" title="Example &raquo; Comments Feed" href="/c/feed/">
        <link rel="alternate" type="application/atom+xml" title="  Example
            &amp; more" href="/atom">
        <link rel="alternate" type="application/feed+json" href="/feed.json">
        <link rel="alternate" type="application/rdf+xml" href="http://other.example/rdf">
        <link rel="alternate" type="application/rss+xml" title="Beiträge" href="/comments/feed/">
        <link rel="alternate" type="application/atom+xml" href="/atom#again">"#;
    let found = offers(page);
    let told: Vec<_> = found
        .iter()
        .map(|offer| (offer.url.as_str(), offer.title.as_deref(), offer.format))
        .collect();
    assert_eq!(
        told,
        [
            (
                "https://example.org/atom",
                Some("Example & more"),
                Some(Format::Atom)
            ),
            ("https://example.org/feed.json", None, Some(Format::Json)),
            ("http://other.example/rdf", None, Some(Format::Rdf)),
            (
                "https://example.org/c/feed/",
                Some("Example » Comments Feed"),
                Some(Format::Rss)
            ),
            (
                "https://example.org/comments/feed/",
                Some("Beiträge"),
                Some(Format::Rss)
            ),
        ]
    );
    assert_eq!(found.iter().filter(|offer| offer.of_comments).count(), 2);
    let guest = r#"<link rel="feed" title="Comment is free" href="/commentisfree/rss">"#;
    assert!(!offers(guest)[0].of_comments);
}

#[test]
fn link_headers_count_as_well() {
    let headers = [
        r#"<https://hub.example/>; rel="hub", </feed>; rel="alternate"; type="application/atom+xml"; title="A, \"B\"; C""#
            .to_owned(),
        r"</j>;rel=alternate;type=application/feed+json, </n>; rel=next".to_owned(),
        "<unfinished".to_owned(),
    ];
    let page = b"<base href='/elsewhere/'>";
    let found = discover(page, None, &base(), &headers);
    let told: Vec<_> = found
        .iter()
        .map(|offer| (offer.url.as_str(), offer.title.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("https://example.org/feed", Some("A, \"B\"; C")),
            ("https://example.org/j", None)
        ]
    );
}

#[test]
fn a_page_in_another_encoding_is_read() {
    let page = b"<link rel=alternate type=application/rss+xml title='caf\xe9' href=/rss>";
    let found = discover(page, Some("text/html; charset=iso-8859-1"), &base(), &[]);
    assert_eq!(found[0].title.as_deref(), Some("café"));
    let page = b"<meta http-equiv=content-type content='text/html; charset=KOI8-R'>\
        <link rel=alternate type=application/rss+xml title='\xee\xcf\xd7\xcf\xd3\xd4\xc9' href=/rss>";
    for content_type in [None, Some("text/html")] {
        let found = discover(page, content_type, &base(), &[]);
        assert_eq!(found[0].title.as_deref(), Some("Новости"));
    }
}

proptest! {
    #[test]
    fn anything_can_be_read(page in ".{0,300}", header in ".{0,100}") {
        for offer in discover(page.as_bytes(), None, &base(), &[header]) {
            let url = Url::parse(&offer.url).unwrap();
            prop_assert!(matches!(url.scheme(), "http" | "https"));
        }
    }

    #[test]
    fn any_markup_gives_web_addresses_only(
        rel in "(alternate|ALTERNATE|feed|hub)( home)?",
        kind in "application/(rss|atom|feed)[+](xml|json)",
        href in "[a-z:/?#.&;%<>']{0,40}",
    ) {
        let page = format!("<link rel=\"{rel}\" type=\"{kind}\" href=\"{href}\">");
        let header = format!("<{href}>; rel=\"{rel}\"; type=\"{kind}\"");
        for offer in discover(page.as_bytes(), None, &base(), &[header]) {
            let url = Url::parse(&offer.url).unwrap();
            prop_assert!(matches!(url.scheme(), "http" | "https"));
        }
    }
}
