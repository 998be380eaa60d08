use super::Folder;
use crate::config::Config;

const MAIN: &str = "opml = [\"feeds.opml\", \"more/*.opml\"]\n\
     [feed.mine]\nurl = \"https://a.example/rss\"\ntags = [\"own\"]\n";

fn tags(config: &Config) -> Vec<(&str, Vec<&str>)> {
    let feeds = config.feeds.iter();
    feeds
        .map(|feed| {
            let tags = feed.tags.iter().map(String::as_str).collect();
            (feed.url.as_str(), tags)
        })
        .collect()
}

#[test]
fn feeds_of_lists_are_configured_once_with_their_folders_as_tags() {
    let folder = Folder::new(&[
        ("wirewatch.toml", MAIN),
        (
            "feeds.opml",
            "<opml><body><outline text='asia'>
             <outline text='A' xmlUrl='http://A.example/rss#x'/>
             <outline text='B &amp; b' xmlUrl='https://me:secret@b.example/feed?id=1&amp;x=2'/>
             </outline></body></opml>",
        ),
        (
            "more/b.opml",
            "<opml><outline text='wire'><outline xmlUrl='https://b.example/feed?x=2&amp;id=1'/>\
             <outline xmlUrl='https://b.example/feed?id=1&x=2'/></outline></opml>",
        ),
    ]);
    let (config, _) = folder.load(&[]).unwrap();
    assert_eq!(
        tags(&config),
        [
            ("https://a.example/rss", vec!["own", "asia"]),
            ("https://b.example/feed?id=1&x=2", vec!["asia", "wire"]),
            ("https://b.example/feed?x=2&id=1", vec!["wire"]),
        ]
    );
    let [mine, listed, other] = config.feeds.as_slice() else {
        panic!("{:?}", config.feeds);
    };
    assert!(mine.listed.is_none());
    let list = listed.listed.as_ref().unwrap();
    assert!(list.file.ends_with("feeds.opml"));
    assert_eq!(list.title.as_deref(), Some("B & b"));
    assert!(listed.login.is_some());
    assert_eq!(listed.id.as_str(), "b-example-id-1-x-2-ec981b");
    assert_ne!(listed.id, other.id);
}

#[test]
fn the_id_of_a_feed_depends_on_its_address_alone() {
    let id = |text: &str| {
        let folder = Folder::new(&[
            ("wirewatch.toml", "opml = [\"feeds.opml\"]\n"),
            ("feeds.opml", text),
        ]);
        let (config, _) = folder.load(&[]).unwrap();
        config.feeds.last().unwrap().id.to_string()
    };
    let alone = id("<opml><outline text='A' xmlUrl='https://www.example.org/world/rss.xml'/>");
    assert!(alone.starts_with("example-org-world-"), "{alone}");
    for text in [
        "<opml><outline text='Another' xmlUrl='http://WWW.example.org/world/rss.xml'/>",
        "<opml><outline xmlUrl='https://example.org/world/rss.xml'/><outline text='x'><outline xmlUrl='https://www.example.org/world/rss.xml'/>",
    ] {
        assert_eq!(id(text), alone);
    }
    for address in [
        format!("https://{}.example/{}", "a".repeat(60), "b/".repeat(100)),
        "https://[2001:db8::1]/".to_owned(),
        "https://例え.jp/フィード".to_owned(),
        "https://feeds.rss/".to_owned(),
    ] {
        id(&format!("<opml><outline xmlUrl='{address}'/>"));
    }
}

#[test]
fn mistakes_in_lists_are_shown_at_their_place() {
    let folder = Folder::new(&[
        (
            "wirewatch.toml",
            "opml = [\"feeds.opml\", \"none.opml\", \"page.opml\"]\n",
        ),
        (
            "feeds.opml",
            "<opml>\n<outline text='x' xmlUrl='ftp://a.example/'/>\n<outline xmlUrl='b'/>\n\
             <outline xmlUrl='https://ok.example/'/>",
        ),
        ("page.opml", "<html></html>"),
    ]);
    let problems = folder.load(&[]).unwrap_err();
    let text = folder.inside(&problems.to_string());
    for expected in [
        "feeds.opml:2:27: error: this is not an http or https address (xmlUrl)",
        "feeds.opml:3:18: error: an address begins with https:// or http:// (xmlUrl)",
        "none.opml",
        "page.opml:1:1: error: this is no OPML",
    ] {
        assert!(text.contains(expected), "no {expected:?} in {text}");
    }
    assert_eq!(problems.errors(), 4, "{text}");
}
