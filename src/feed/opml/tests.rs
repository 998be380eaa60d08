use super::{Opml, Outline, insert, parse, write};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a list says of each feed: its title and its tags.
fn contents(opml: &Opml) -> BTreeMap<&str, (Option<&str>, BTreeSet<&str>)> {
    let mut contents: BTreeMap<&str, (Option<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for feed in &opml.feeds {
        let of_feed = contents.entry(&feed.url).or_default();
        of_feed.0 = of_feed.0.or(feed.title.as_deref());
        of_feed.1.extend(feed.tags.iter().map(String::as_str));
    }
    contents
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &[&str])]) {
    let list = parse(text).unwrap();
    let found: Vec<(&str, Vec<&str>)> = list
        .feeds
        .iter()
        .map(|feed| {
            let tags = feed.tags.iter().map(String::as_str).collect();
            (feed.url.as_str(), tags)
        })
        .collect();
    let expected: Vec<(&str, Vec<&str>)> = expected
        .iter()
        .map(|(url, tags)| (*url, tags.to_vec()))
        .collect();
    assert_eq!(found, expected, "in {text}");
    for feed in &list.feeds {
        let written = text.get(feed.place.clone()).unwrap_or_default();
        assert!(!written.is_empty(), "no place of {feed:?}");
    }
}

#[test]
fn folders_and_categories_become_tags() {
    check(
        r#"<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
            <outline text="A" xmlUrl="https://a.example/"/>
            <outline text="Asia"><outline title="East &amp; West">
                <outline type="rss" text="B" xmlUrl="https://b.example/?x=1&amp;y=2" category="/News/Asia,wire"/>
            </outline></outline>
            <outline text="*"><outline xmlUrl="https://c.example/"/></outline>
            <outline text="Empty"/>
            <outline text="Link" type="link" url="https://page.example/"/>
            <outline text="List" type="include" url="https://list.example/"/>
        </body></opml>"#,
        &[
            ("https://a.example/", &[]),
            (
                "https://b.example/?x=1&y=2",
                &["Asia", "East & West", "News", "wire"],
            ),
            ("https://c.example/", &[]),
        ],
    );
}

#[test]
fn damaged_lists_are_read_as_far_as_possible() {
    let url: (&str, &[&str]) = ("https://a.example/?b=1&c=2", &[]);
    for text in [
        r#"<OPML><BODY><OUTLINE XMLURL="https://a.example/?b=1&c=2"></BODY>"#,
        r#"<outline xmlurl='https://a.example/?b=1&c=2' text='1 > 0 "and" more'/>"#,
        r"<opml><outline xmlUrl=https://a.example/?b=1&amp;c=2 /></opml>",
        r#"<opml><outline type="RSS" url="https://a.example/?b=1&amp;c=2"/>"#,
        "\u{feff}<opml>\n<outline\n  text=\"x\"\n  xmlUrl=\"\n https://a.example/?b=1&amp;c=2 \"\n/>",
        r#"<opml xmlns:x="y"><x:outline text="A & B < C" xmlUrl="https://a.example/?b=1&c=2"/>"#,
        r#"<opml><outline xmlUrl="feed:https://a.example/?b=1&c=2"/><outline xmlUrl=""/><outline/>"#,
    ] {
        check(text, &[url]);
    }
    check(
        r#"<opml><outline text="never closed"><outline xmlUrl="https://a.example/"><outline xmlUrl="https://b.example/""#,
        &[
            ("https://a.example/", &["never closed"]),
            ("https://b.example/", &["never closed"]),
        ],
    );
    check("<opml></opml>", &[]);
    for text in ["", "text", "<html><body></body></html>", "<rss/>"] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_deep_or_long_is_bounded() {
    let deep = "<outline text=\"x\">".repeat(50_000);
    let list = parse(&format!("{deep}<outline xmlUrl=\"u:1\"/>")).unwrap();
    assert_eq!(list.feeds[0].tags, ["x"]);
    let names: String = (0..2000)
        .map(|n| format!("<outline text=\"{n}\">"))
        .collect();
    let list = parse(&format!("{names}<outline xmlUrl=\"u:1\"/>")).unwrap();
    assert_eq!(list.feeds[0].tags.len(), super::DEPTH_MAX);
    let long = format!(
        "<outline text=\"{}\"><outline xmlUrl=\"u:1\"/></outline>",
        "é".repeat(500)
    );
    assert_eq!(
        parse(&long).unwrap().feeds[0].tags[0].chars().count(),
        super::TAG_CHARS_MAX
    );
}

#[test]
fn an_addition_changes_no_other_line() {
    let before = r#"<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0" xmlns:my="urn:my">
  <!-- written by hand -->
  <head><title>Mine</title><ownerName>Me</ownerName></head>
  <body>
    <outline text="asia" my:color="red">
      <outline xmlUrl="https://a.example/" my:stars="5"></outline>
    </outline>
    <outline text="outer"><outline text="inner"><outline xmlUrl="https://b.example/"/></outline></outline>
  </body>
</opml>
"#;
    let new = |url: &str, tags: &[&str]| Outline {
        url: url.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..Outline::default()
    };
    let feeds = [
        new("https://c.example/", &["asia", "inner"]),
        new("https://d.example/", &[]),
    ];
    let after = insert(before, &parse(before).unwrap(), &feeds);
    let added: Vec<&str> = after
        .lines()
        .filter(|line| !before.lines().any(|old| old == *line))
        .collect();
    assert_eq!(
        added,
        [
            r#"      <outline type="rss" text="https://c.example/" xmlUrl="https://c.example/"/>"#,
            r#"    <outline type="rss" text="https://d.example/" xmlUrl="https://d.example/"/>"#,
            r#"    <outline text="inner">"#,
            r#"      <outline type="rss" text="https://c.example/" xmlUrl="https://c.example/"/>"#,
        ]
    );
    assert!(
        before
            .lines()
            .all(|line| after.lines().any(|new| new == line))
    );
    check(
        &after,
        &[
            ("https://a.example/", &["asia"]),
            ("https://c.example/", &["asia"]),
            ("https://b.example/", &["outer", "inner"]),
            ("https://d.example/", &[]),
            ("https://c.example/", &["inner"]),
        ],
    );
}

/// A feed with whatever people call things.
fn outlines() -> impl Strategy<Value = Vec<Outline>> {
    let text = "[ -~äß京🗞]{1,20}";
    let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let tag = text
        .prop_map(one_line)
        .prop_filter("no tag", |tag| !tag.is_empty() && tag != "*");
    let feed = (
        "[a-z]{1,8}",
        "[a-z0-9/?&=<>'%]{0,12}",
        proptest::option::of(text.prop_map(one_line)),
        proptest::collection::btree_set(tag, 0..4),
    );
    let feed = feed.prop_map(|(host, path, title, tags)| Outline {
        url: format!("https://{host}.example/{path}"),
        title: title.filter(|title| !title.is_empty()),
        tags: tags.into_iter().collect(),
        ..Outline::default()
    });
    proptest::collection::vec(feed, 0..8).prop_map(|mut feeds| {
        let mut known = BTreeSet::new();
        feeds.retain(|feed| known.insert(feed.url.clone()));
        feeds
    })
}

/// A list without a title calls each feed by its address.
fn expected(feeds: &[Outline]) -> Opml {
    let mut feeds = feeds.to_vec();
    for feed in &mut feeds {
        feed.title.get_or_insert(feed.url.clone());
    }
    Opml {
        feeds,
        ..Opml::default()
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(feeds in outlines(), title in "[ -~]{0,10}") {
        let list = parse(&write(&title, &feeds)).unwrap();
        let expected = expected(&feeds);
        prop_assert_eq!(contents(&list), contents(&expected));
    }

    #[test]
    fn adding_is_the_same_as_writing_both(first in outlines(), second in outlines()) {
        let text = write("t", &first);
        let second: Vec<Outline> = second
            .into_iter()
            .filter(|new| !first.iter().any(|known| known.url == new.url))
            .collect();
        let text = insert(&text, &parse(&text).unwrap(), &second);
        let both = [first, second].concat();
        let list = parse(&text).unwrap();
        let expected = expected(&both);
        prop_assert_eq!(contents(&list), contents(&expected));
        let sound = is_well_formed(&text);
        prop_assert!(sound, "{}", text);
    }

    #[test]
    fn anything_can_be_read_and_added_to(
        text in "(<opml>|<outline|text=|xmlUrl=|\"|'|>|/>|</outline>|</body>|<!--|-->|<!\\[CDATA\\[|é|&amp;|&| |a){0,40}",
    ) {
        if let Ok(list) = parse(&text) {
            let new = Outline { url: "https://new.example/".to_owned(), ..Outline::default() };
            insert(&text, &list, &[new]);
        }
    }
}

/// Whether no tag of it is torn, and each one closed.
fn is_well_formed(text: &str) -> bool {
    use crate::feed::markup::{Markup, Token};
    let mut open = 0_i32;
    let mut markup = Markup::new(text);
    for token in markup.by_ref() {
        match token {
            Token::Start(tag) if !tag.is_empty => open += 1,
            Token::End { .. } => open -= 1,
            _ => {}
        }
    }
    open == 0 && !markup.is_torn
}
