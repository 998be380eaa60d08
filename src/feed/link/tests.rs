use super::{absolute, canonical_link, identifying_link};
use proptest::prelude::*;
use url::Url;

#[test]
fn one_page_has_one_canonical_link() {
    let cases = [
        ("https://example.org/a", Some("https://example.org/a")),
        ("http://example.org/a", Some("https://example.org/a")),
        (
            " HTTP://EXAMPLE.org:80/a#top ",
            Some("https://example.org/a"),
        ),
        ("https://example.org:443", Some("https://example.org/")),
        (
            "https://example.org:8443/a",
            Some("https://example.org:8443/a"),
        ),
        (
            "https://me:secret@example.org/a",
            Some("https://example.org/a"),
        ),
        (
            "https://example.org/a?utm_source=x&UTM_Medium=y",
            Some("https://example.org/a"),
        ),
        ("https://example.org/a?", Some("https://example.org/a")),
        (
            "https://example.org/a?b=1&fbclid=2&c&at_medium=RSS",
            Some("https://example.org/a?b=1&c"),
        ),
        (
            "https://example.org/A?q=a%20b&at=1",
            Some("https://example.org/A?q=a%20b&at=1"),
        ),
        ("mailto:a@example.org", None),
        ("javascript:alert(1)", None),
        ("/a", None),
        ("", None),
    ];
    for (link, expected) in cases {
        assert_eq!(canonical_link(link).as_deref(), expected, "of {link:?}");
    }
}

#[test]
fn an_identifying_link_keeps_its_fragment() {
    let link = identifying_link("http://example.org/changes?utm_source=x#v2");
    assert_eq!(link.as_deref(), Some("https://example.org/changes#v2"));
}

#[test]
fn only_web_links_survive() {
    let base = Url::parse("https://example.org/news/feed.xml").unwrap();
    let cases = [
        ("/a", Some("https://example.org/a")),
        ("b?c", Some("https://example.org/news/b?c")),
        ("//example.net/x", Some("https://example.net/x")),
        ("\n http://example.net/x \n", Some("http://example.net/x")),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://example.org/", None),
        ("http://", None),
        ("  ", None),
    ];
    for (link, expected) in cases {
        assert_eq!(
            absolute(link, Some(&base)).as_deref(),
            expected,
            "of {link:?}"
        );
    }
    assert_eq!(absolute("/a", None), None);
}

proptest! {
    #[test]
    fn a_canonical_link_is_its_own(path in "[a-z/?&=#%_.]{0,30}") {
        let once = canonical_link(&format!("http://example.org/{path}"));
        let twice = once.as_deref().and_then(canonical_link);
        prop_assert_eq!(once, twice);
    }
}
