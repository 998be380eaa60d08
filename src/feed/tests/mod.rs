mod carried;
#[expect(
    clippy::string_slice,
    reason = "the samples are its own, so that it knows where they may be cut"
)]
mod damage;
mod encodings;
mod hostile;
mod samples;

use super::{ENTRIES_MAX, Feed, parse};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::path::PathBuf;
use url::Url;

/// The fixtures that are feeds; beside each stands what it must give.
const FEEDS: [&str; 5] = [
    "rss-2.0.rss",
    "atom.atom",
    "rdf.rdf",
    "json.json",
    "same-guid.rss",
];

fn fixture(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
    std::fs::read(folder.join(name)).unwrap()
}

fn base() -> Url {
    Url::parse("https://news.example.org/asia/feed.rss").unwrap()
}

fn read(bytes: &[u8]) -> Feed {
    parse(bytes, Some(&base()), None).unwrap()
}

fn items(items: &str) -> Feed {
    let channel = format!(r#"<rss version="2.0"><channel><title>t</title>{items}</channel></rss>"#);
    read(channel.as_bytes())
}

fn keys(feed: &Feed) -> Vec<&str> {
    feed.entries
        .iter()
        .map(|entry| entry.key.0.as_str())
        .collect()
}

/// A feed as lines that a person can review.
fn lines(feed: &Feed) -> String {
    let mut out = String::new();
    writeln!(out, "format: {}", feed.format.as_str()).unwrap();
    writeln!(out, "title: {:?}", feed.title).unwrap();
    writeln!(out, "link: {:?}", feed.link).unwrap();
    writeln!(out, "description: {:?}", feed.description).unwrap();
    writeln!(out, "language: {:?}", feed.language).unwrap();
    writeln!(out, "ttl_minutes: {:?}", feed.polling.ttl_minutes).unwrap();
    for problem in &feed.problems {
        writeln!(out, "problem: {problem}").unwrap();
    }
    for entry in &feed.entries {
        let date = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
        writeln!(out, "\nkey: {}", entry.key.0).unwrap();
        writeln!(out, "guid: {:?}", entry.guid).unwrap();
        writeln!(out, "title: {:?}", entry.title).unwrap();
        writeln!(out, "link: {:?}", entry.link).unwrap();
        writeln!(out, "published: {:?}", date(entry.published)).unwrap();
        writeln!(out, "updated: {:?}", date(entry.updated)).unwrap();
        writeln!(out, "authors: {:?}", entry.authors).unwrap();
        writeln!(out, "categories: {:?}", entry.categories).unwrap();
        writeln!(out, "summary: {:?}", entry.summary).unwrap();
        writeln!(out, "content: {:?}", entry.content).unwrap();
        writeln!(out, "language: {:?}", entry.language).unwrap();
    }
    out
}

#[test]
fn every_format_reads_as_expected() {
    for name in FEEDS {
        let expected = String::from_utf8(fixture(&format!("{name}.txt"))).unwrap();
        let found = lines(&read(&fixture(name)));
        assert_eq!(found, expected, "of {name}; it gives:\n{found}");
    }
}

#[test]
fn what_is_no_feed_is_explained() {
    let cases = [
        ("", "the body is empty"),
        (" \n ", "the body is empty"),
        (
            "<!DOCTYPE html><p>Sign in",
            "this is a web page (HTML), not a feed",
        ),
        (
            "<html><body>404</body></html>",
            "this is a web page (HTML), not a feed",
        ),
        (
            "<?xml version='1.0'?><!-- x --><!DOCTYPE html PUBLIC 'x'><html/>",
            "this is a web page (HTML), not a feed",
        ),
        (
            "<div>Bad gateway</div>",
            "this is a web page (HTML), not a feed",
        ),
        (
            "Not found",
            "this is not a feed: it is neither XML nor JSON (served as text/plain)",
        ),
        (
            "<urlset></urlset>",
            "not a feed that we know: it starts with <urlset> (served as text/plain)",
        ),
        (
            "<?xml version='1.0'?><data></data>",
            "not a feed that we know: it starts with <data> (served as text/plain)",
        ),
        (
            "{\"error\": 1}",
            "not a JSON Feed: it has neither a version nor items",
        ),
        (
            "<rss version='2.0'><channel><item><title>To",
            "the XML breaks off before the first entry ends",
        ),
        ("{\"error\"", "not a JSON Feed: EOF while parsing"),
    ];
    for (body, expected) in cases {
        let error = parse(body.as_bytes(), None, Some("text/plain"))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(expected), "of {body:?}: {error}");
    }
}

#[test]
fn messages_are_one_short_line() {
    let body = format!("<{}>", "\u{7}\n\u{202e}x".repeat(500));
    let served = "\u{1b}[31m".repeat(500);
    let error = parse(body.as_bytes(), None, Some(&served))
        .unwrap_err()
        .to_string();
    assert!(error.chars().count() <= 200, "{error}");
    assert!(
        !error.contains(|c: char| c.is_control() || c == '\u{202e}'),
        "{error:?}"
    );
}

/// Both make `feed_rs` 3.0.0 panic.
#[test]
fn what_makes_the_first_reader_panic_is_read() {
    let feed = parse(&fixture("panic-author.rss"), None, None).unwrap();
    assert_eq!(feed.entries[0].authors, ["«b@c.org»"]);
    let feed = parse(&fixture("panic-declaration.rss"), None, None).unwrap();
    assert_eq!(feed.title.as_deref(), Some("t"));
}

#[test]
fn keys_do_not_depend_on_the_order() {
    let entries = [
        "<item><guid>g</guid><link>https://a.example/1</link><title>1</title></item>",
        "<item><guid>g</guid><link>https://a.example/2</link><title>2</title></item>",
        "<item><guid>h</guid><title>3</title></item>",
        "<item><guid>h</guid><title>4</title></item>",
        "<item><link>https://a.example/5#x</link></item>",
        "<item><link>http://a.example/5?utm_source=a#y</link></item>",
        "<item><title>6</title></item>",
        "<item><description>7</description></item>",
    ];
    let forward = items(&entries.concat());
    let mut reversed = entries;
    reversed.reverse();
    let backward = items(&reversed.concat());
    let mut expected = keys(&backward);
    expected.reverse();
    assert_eq!(keys(&forward), expected);

    let mut distinct = keys(&forward);
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), entries.len());
}

#[test]
fn equal_entries_are_all_kept() {
    let feed = items(&"<item><guid>g</guid></item>".repeat(3));
    let mut distinct = keys(&feed);
    distinct.dedup();
    assert_eq!(distinct.len(), 3);
}

#[test]
fn long_parts_are_cut_and_reported() {
    let long = "é".repeat(700_000);
    let mut names = String::new();
    for n in 0..100 {
        write!(names, "<category>{n}</category>").unwrap();
    }
    let feed = items(&format!(
        "<item><guid>{long}</guid><title>{long}</title><link>https://a.example/{long}</link>\
         <description>{long}</description>{names}</item>"
    ));
    let entry = &feed.entries[0];
    assert_eq!(entry.guid, None);
    assert_eq!(entry.link, None);
    assert_eq!(entry.title.as_ref().unwrap().len(), 4 * 1024);
    assert_eq!(entry.summary.as_ref().unwrap().len(), 64 * 1024);
    assert_eq!(entry.categories.len(), 64);
    assert_eq!(feed.problems.len(), 4, "{:?}", feed.problems);
}

#[test]
fn too_many_entries_are_cut_and_reported() {
    let too_many = ["the feed has too many entries: the first 10000 are kept"];
    for (item, count) in [
        ("<item/>", ENTRIES_MAX + 1),
        ("<item><title>a</title></item>", ENTRIES_MAX + 1),
        ("<item><title>a</title></item>", 10 * ENTRIES_MAX),
    ] {
        let feed = items(&item.repeat(count));
        assert_eq!(feed.entries.len(), ENTRIES_MAX);
        assert_eq!(feed.problems, too_many);
    }
    let atom = format!(
        "<a:feed xmlns:a=\"http://www.w3.org/2005/Atom\"><a:title>x</a:title>{}</a:feed>",
        "<a:entry><a:id>1</a:id></a:entry>".repeat(2 * ENTRIES_MAX)
    );
    let feed = parse(atom.as_bytes(), None, None).unwrap();
    assert_eq!(feed.entries.len(), ENTRIES_MAX);
    assert!(
        feed.problems.contains(&too_many[0].to_owned()),
        "{:?}",
        feed.problems
    );
}

#[test]
fn a_crowd_is_cut_in_every_format_and_encoding() {
    let endless = "<item/>".repeat(3 * ENTRIES_MAX);
    let json = format!(
        "{{\"version\": \"https://jsonfeed.org/version/1\", \"title\": \"x\", \"items\": [{}{{}}]}}",
        "{},".repeat(30 * ENTRIES_MAX)
    );
    let wide: Vec<u8> = format!("\u{feff}<rss version=\"2.0\"><channel>{endless}</channel></rss>")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [json.as_bytes(), &wide] {
        let feed = parse(bytes, None, None).unwrap();
        assert_eq!(feed.entries.len(), ENTRIES_MAX);
        assert_eq!(
            feed.problems,
            ["the feed has too many entries: the first 10000 are kept"]
        );
    }
}

#[test]
fn hostile_documents_are_read_or_refused() {
    let deep = "<a>".repeat(100_000);
    let entities = r#"<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss version="2.0"><channel><title>&b;</title></channel></rss>"#;
    let mut attributes = String::new();
    for n in 0..10_000 {
        write!(attributes, " a{n}='x'").unwrap();
    }
    let mut bomb = "<!DOCTYPE r [<!ENTITY e0 ''>".to_owned();
    for n in 0..30 {
        write!(
            bomb,
            "<!ENTITY e{} '{}'>",
            n + 1,
            format!("&e{n};").repeat(99)
        )
        .unwrap();
    }
    let bomb =
        format!("{bomb}]><rss version='2.0'><channel><title>&e8;&e30;</title></channel></rss>");
    let documents = [
        (bomb, true),
        (format!("<rss version='2.0'><channel>{deep}</rss>"), true),
        (entities.to_owned(), true),
        (
            format!("<rss version='2.0'{attributes}><channel/></rss>"),
            true,
        ),
        (format!("{{\"a\":{}", "[".repeat(100_000)), false),
        ("<".repeat(100_000), false),
    ];
    for (document, is_feed) in documents {
        let outcome = parse(document.as_bytes(), Some(&base()), None);
        let start: String = document.chars().take(40).collect();
        assert_eq!(outcome.is_ok(), is_feed, "of {start}: {outcome:?}");
    }
}

/// A stack that overflows would end the process, and this test with it.
#[test]
fn nesting_of_any_depth_is_survived() {
    let kinds = [
        ("http://search.yahoo.com/mrss/", "<m:group>", "</m:group>"),
        (
            "http://www.itunes.com/dtds/podcast-1.0.dtd",
            "<m:category text='x'>",
            "</m:category>",
        ),
    ];
    for depth in [1, 10, 100, 1_000, 20_000] {
        for (namespace, open, close) in kinds {
            let nested = format!("{}{}", open.repeat(depth), close.repeat(depth));
            let document = format!(
                "<rss version='2.0' xmlns:m='{namespace}'><channel>{nested}\
                 <item>{nested}</item></channel></rss>"
            );
            let in_utf16: Vec<u8> = std::iter::once(0xfeff)
                .chain(document.encode_utf16())
                .flat_map(u16::to_le_bytes)
                .collect();
            for bytes in [document.into_bytes(), in_utf16] {
                let feed = parse(&bytes, None, None).unwrap();
                assert_eq!(feed.entries.len(), 1);
            }
        }
    }
}

/// Both would take hours or all memory in the first reader.
#[test]
fn documents_that_multiply_are_read() {
    let (credits, groups) = (
        "<m:credit>a</m:credit>".repeat(10_000),
        "<m:group/>".repeat(10_000),
    );
    let media = format!(
        "<rss version='2.0' xmlns:m='http://search.yahoo.com/mrss/'><channel><item>\
         <title>kept</title>{credits}{groups}</item></channel></rss>"
    );
    let base = "b".repeat(500_000);
    let entries = "<entry><title>kept</title><link href='x'/></entry>".repeat(5_000);
    let based = format!("<feed xml:base='https://a.example/{base}/'>{entries}</feed>");
    for document in [media, based] {
        let utf16: Vec<u8> = std::iter::once(0xfeff)
            .chain(document.encode_utf16())
            .flat_map(u16::to_be_bytes)
            .collect();
        for bytes in [document.into_bytes(), utf16] {
            let feed = read(&bytes);
            assert_eq!(feed.entries[0].title.as_deref(), Some("kept"));
        }
    }
}

#[test]
fn a_base_may_be_any_address() {
    for base in [
        "file:///tmp/feed.xml",
        "data:text/xml,x",
        "mailto:a@b.example",
    ] {
        let base = Url::parse(base).unwrap();
        let feed = parse(&fixture("rss-2.0.rss"), Some(&base), None).unwrap();
        assert_eq!(feed.entries.len(), 4);
    }
}

/// A fixture with bytes replaced, cut out and repeated.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        any::<prop::sample::Index>(),
        0..3u8,
        any::<u8>(),
        1..40usize,
    );
    (
        prop::sample::select(FEEDS.to_vec()),
        prop::collection::vec(edit, 0..12),
    )
        .prop_map(|(name, edits)| {
            let mut bytes = fixture(name);
            for (at, action, byte, count) in edits {
                let at = at.index(bytes.len().max(1));
                let end = (at + count).min(bytes.len());
                match action {
                    0 if at < end => bytes[at] = byte,
                    1 => drop(bytes.drain(at..end)),
                    _ => {
                        let copy = bytes[at..end].to_vec();
                        bytes.splice(at..at, copy);
                    }
                }
            }
            bytes
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damage_never_panics_and_keys_are_stable(bytes in damaged()) {
        let (first, second) = (
            parse(&bytes, Some(&base()), None),
            parse(&bytes, Some(&base()), None),
        );
        if let Ok(feed) = &first {
            let mut distinct = keys(feed);
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), feed.entries.len());
            prop_assert!(!distinct.contains(&""));
        }
        prop_assert_eq!(first, second);
    }

    #[test]
    fn any_bytes_give_the_same_answer_twice(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (first, second) = (parse(&bytes, None, None), parse(&bytes, None, None));
        prop_assert_eq!(first, second);
    }
}
