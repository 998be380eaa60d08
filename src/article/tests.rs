use super::input::{Kind, sniff};
use super::{Article, ArticleId, Input, Origin, build};
use crate::feed::{Entry, EntryKey, FeedId, Print};

fn entry() -> Entry {
    Entry {
        key: EntryKey("k".into()),
        guid: None,
        title: None,
        link: None,
        published: None,
        updated: None,
        authors: Vec::new(),
        categories: Vec::new(),
        summary: None,
        content: None,
        language: None,
        second_key: EntryKey("s".into()),
        print: Print(0),
        enclosures: Vec::new(),
        image: None,
        comments: None,
        source: None,
        place: None,
    }
}

fn built_in(feed: &str, entry: &Entry, language: Option<&str>) -> Article {
    let feed = FeedId::new(feed).unwrap();
    let tags = ["asia".to_owned()];
    build(
        entry,
        &Origin {
            feed: &feed,
            source: "BBC",
            tags: &tags,
            language,
        },
    )
}

fn built(entry: &Entry) -> Article {
    built_in("bbc", entry, None)
}

#[test]
fn texts_become_plain_and_are_not_doubled() {
    let cases = [
        (
            Some("<p>Short</p>"),
            Some("<p>Long</p><p>text</p>"),
            "Short",
            "Long\n\ntext",
        ),
        (
            Some("Same &amp; same"),
            Some("<div>Same & same</div>"),
            "Same & same",
            "",
        ),
        (None, Some("<p>Only content"), "", "Only content"),
        (Some("Only summary"), None, "Only summary", ""),
        (None, None, "", ""),
    ];
    for (summary, content, summary_text, body_text) in cases {
        let article = built(&Entry {
            summary: summary.map(str::to_owned),
            content: content.map(str::to_owned),
            ..entry()
        });
        assert_eq!(
            (article.summary.as_str(), article.body.as_str()),
            (summary_text, body_text)
        );
    }
}

#[test]
fn an_article_says_where_it_comes_from() {
    let article = built(&Entry {
        updated: Some("2003-07-23T10:05:00Z".parse().unwrap()),
        authors: vec!["A".into()],
        categories: vec!["C".into()],
        ..entry()
    });
    assert_eq!(article.feed.unwrap().as_str(), "bbc");
    assert_eq!(article.source, "BBC");
    assert_eq!(article.tags, ["asia"]);
    assert_eq!(article.authors, ["A"]);
    assert_eq!(article.categories, ["C"]);
    assert_eq!(
        article.published.unwrap().to_string(),
        "2003-07-23T10:05:00Z"
    );
}

#[test]
fn the_publisher_knows_the_language_best() {
    let german = "Der Außenminister reist am Mittwoch nach Seoul, um zu sprechen.";
    let cases = [
        (Some("fr-CA"), Some("en-GB"), Some("fr")),
        (None, Some("en-GB"), Some("en")),
        (Some("?"), None, Some("de")),
        (None, None, Some("de")),
    ];
    for (own, feed, expected) in cases {
        let entry = Entry {
            title: Some(german.into()),
            language: own.map(str::to_owned),
            ..entry()
        };
        assert_eq!(built_in("bbc", &entry, feed).language.as_deref(), expected);
    }
}

#[test]
fn one_page_under_one_title_is_one_article() {
    let id = |feed: &str, link: &str, title: &str| {
        let entry = Entry {
            link: Some(link.into()),
            title: Some(title.into()),
            ..entry()
        };
        built_in(feed, &entry, None).id
    };
    let first = id("bbc", "https://example.org/1", "Talks in Seoul");
    assert_eq!(first.0.len(), 32);
    assert_eq!(
        first,
        id(
            "voa",
            "http://example.org/1?utm_source=x#y",
            " talks in  SEOUL"
        )
    );
    assert_ne!(first, id("bbc", "https://example.org/1", "Talks in Tokyo"));
    assert_ne!(first, id("bbc", "https://example.org/2", "Talks in Seoul"));
}

#[test]
fn without_a_link_an_article_is_its_own() {
    let other = Entry {
        key: EntryKey("l".into()),
        ..entry()
    };
    let first = built(&entry()).id;
    assert_eq!(first, built(&entry()).id);
    assert_ne!(first, built(&other).id);
    assert_ne!(first, built_in("voa", &entry(), None).id);
}

#[test]
fn a_json_line_is_an_article() {
    let line = r#"{"id": 7, "title": "T", "summary": "S", "text": "a <b>", "html": "<p>h",
        "url": "https://example.org/", "published": "Wed, 23 Jul 2003 10:05:00 GMT",
        "language": "en-GB", "authors": ["A", "B"], "source": "BBC", "other": [1]}"#;
    let article = Input::from_json(line).unwrap().into_article(0);
    assert_eq!(article.id, ArticleId("7".into()));
    assert_eq!(article.title, "T");
    assert_eq!(article.summary, "S");
    assert_eq!(article.body, "a <b>");
    assert_eq!(article.url.as_deref(), Some("https://example.org/"));
    assert_eq!(
        article.published.unwrap().to_string(),
        "2003-07-23T10:05:00Z"
    );
    assert_eq!(article.language.as_deref(), Some("en"));
    assert_eq!(article.authors, ["A", "B"]);
    assert_eq!(article.source, "BBC");

    let html = Input::from_json(r#"{"html": "<p>One<p>Two", "authors": "A", "id": null}"#).unwrap();
    assert_eq!(html.body, "One\n\nTwo");
    assert_eq!(html.authors, ["A"]);
}

#[test]
fn a_bad_line_is_explained() {
    let cases = [
        ("", "column 0: not JSON: EOF"),
        ("{\"title\": ", "column 10: not JSON: EOF"),
        ("[1]", "column "),
        (
            "{\"title\": 5}",
            "column 11: invalid type: integer `5`, expected a string",
        ),
        (
            "{\"url\": \"x\"}",
            "nothing to match: give at least one of `title`",
        ),
        (
            "{\"title\": \"x\", \"id\": []}",
            "`id` must be text or a number",
        ),
        (
            "{\"title\": \"x\", \"authors\": [1]}",
            "`authors` must be a list of texts",
        ),
        (
            "{\"title\": \"x\", \"published\": \"soon\"}",
            "`published` is no date: `soon`",
        ),
    ];
    for (line, expected) in cases {
        let error = Input::from_json(line).unwrap_err().to_string();
        assert!(error.starts_with(expected), "of {line:?}: {error}");
    }
}

#[test]
fn plain_text_is_body_and_a_page_has_a_title() {
    let text = "Accessibility links\r\n\r\nTalks in Seoul\n";
    assert_eq!(Input::from_text(text).body, text);
    assert_eq!(Input::from_text("\u{feff}a").body, "a");

    let page = Input::from_html("<title>Talks</title><body><p>In Seoul.<p>In Tokyo.");
    assert_eq!(page.title, "Talks");
    assert_eq!(page.body, "In Seoul.\n\nIn Tokyo.");
}

#[test]
fn inputs_without_an_id_are_told_apart() {
    let id = |text: &str, index| Input::from_text(text).into_article(index).id;
    assert_eq!(id("a", 0), id("a", 0));
    assert_ne!(id("a", 0), id("a", 1));
    assert_ne!(id("a", 0), id("b", 0));
}

#[test]
fn content_tells_what_a_file_holds() {
    let cases: [(&[u8], Kind); 19] = [
        (b"<rss version='2.0'>", Kind::Feed),
        (
            b"\xef\xbb\xbf\n<?xml version='1.0'?>\n<!-- > --><feed xmlns='x'>",
            Kind::Feed,
        ),
        (b"<rdf:RDF xmlns:rdf='x'>", Kind::Feed),
        (b"\xff\xfe<\0r\0s\0s\0 \0>\0", Kind::Feed),
        (b"<?xml version='1.0'?><opml>", Kind::Feed),
        (b"<!DOCTYPE rss [<!ENTITY a '>'>]><rss>", Kind::Feed),
        (
            b"{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": []}",
            Kind::Feed,
        ),
        (b"<!doctype HTML><html>", Kind::Html),
        (b"<?xml version='1.0'?><!DOCTYPE html><html>", Kind::Html),
        (b" <p>Hello</p>", Kind::Html),
        (b"{\"title\": \"x\"}\n{\"title\": \"y\"}", Kind::JsonLines),
        (
            b"{\"version\": 1, \"title\": \"https://jsonfeed.org/\"}",
            Kind::JsonLines,
        ),
        (b"{\"title\": broken", Kind::JsonLines),
        (b"{}", Kind::JsonLines),
        (b"{curly} text", Kind::Text),
        (b"Talks <b>in</b> Seoul", Kind::Text),
        (b"<voice> is a word", Kind::Text),
        (b"<", Kind::Text),
        (b"", Kind::Text),
    ];
    for (bytes, expected) in cases {
        assert_eq!(
            sniff(bytes),
            expected,
            "of {:?}",
            String::from_utf8_lossy(bytes)
        );
    }
}
