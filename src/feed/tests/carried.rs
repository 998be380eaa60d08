//! What the formats and their extensions carry, and that both readers give the same.

use super::samples::samples;
use super::{items, read};
use crate::feed::{Enclosure, Entry, Place};
use jiff::civil::Weekday;

#[test]
fn both_readers_give_the_same_entries() {
    for sample in samples().into_iter().filter(|sample| !sample.is_json) {
        let sound = read(sample.text.as_bytes());
        // An entity that XML does not know sends the document to the second reader.
        let damaged = sample
            .text
            .replacen("<link", "<generator>&nbsp;</generator><link", 1);
        let mended = read(damaged.as_bytes());
        assert_eq!(
            mended.problems,
            ["entities that XML does not know are decoded"],
            "of {}",
            sample.name
        );
        assert_eq!(sound.entries, mended.entries, "of {}", sample.name);
        assert_eq!(sound.title, mended.title);
        assert_eq!(sound.problems, [""; 0], "of {}", sample.name);
    }
}

#[test]
fn what_a_feed_says_of_polling() {
    let feed = read(
        br#"<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>
        <title>t</title><link>https://a.example/</link>
        <atom:link rel="self" href="https://a.example/feed"/>
        <atom:link rel="hub" href="https://hub.example/"/>
        <atom:link rel="next" href="/feed?page=2"/>
        <atom:link rel="prev-archive" href="/feed/2003-06"/>
        <ttl>60</ttl><skipHours><hour>3</hour><hour>24</hour><hour>99</hour></skipHours>
        <skipDays><day>Sunday</day><day>saturday</day></skipDays>
        <sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
        </channel></rss>"#,
    );
    let polling = &feed.polling;
    assert_eq!(polling.hubs, ["https://hub.example/"]);
    assert_eq!(polling.address.as_deref(), Some("https://a.example/feed"));
    assert_eq!(
        polling.next_page.as_deref(),
        Some("https://news.example.org/feed?page=2")
    );
    assert_eq!(
        polling.previous_archive.as_deref(),
        Some("https://news.example.org/feed/2003-06")
    );
    assert_eq!(polling.ttl_minutes, Some(60));
    assert_eq!(polling.skip_hours, [0, 3]);
    assert_eq!(polling.skip_days, [Weekday::Sunday, Weekday::Saturday]);
    assert_eq!(polling.period_minutes, Some(360));

    let json = read(
        br#"{"version": "https://jsonfeed.org/version/1", "title": 7, "next_url": "https://a.example/2",
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}], "items": []}"#,
    );
    assert_eq!(json.title.as_deref(), Some("7"));
    assert_eq!(json.polling.hubs, ["https://hub.example/"]);
    assert_eq!(
        json.polling.next_page.as_deref(),
        Some("https://a.example/2")
    );
}

/// One entry of RSS with these elements; the prefixes are not declared.
fn item(elements: &str) -> Entry {
    items(&format!("<item>{elements}</item>")).entries.remove(0)
}

#[test]
fn a_link_is_found_wherever_it_stands() {
    for (elements, expected) in [
        (
            "<link>https://a.example/1</link>",
            Some("https://a.example/1"),
        ),
        ("<link> /1 </link>", Some("https://news.example.org/1")),
        (
            "<link href='https://a.example/1'/>",
            Some("https://a.example/1"),
        ),
        (
            "<atom:link href='https://a.example/1'/>",
            Some("https://a.example/1"),
        ),
        ("<atom:link rel='self' href='https://a.example/1'/>", None),
        (
            "<link>https://feeds.example/~r/1</link><feedburner:origLink>https://a.example/1</feedburner:origLink>",
            Some("https://a.example/1"),
        ),
        (
            "<guid>https://a.example/1</guid>",
            Some("https://a.example/1"),
        ),
        (
            "<guid isPermaLink='true'>https://a.example/1</guid>",
            Some("https://a.example/1"),
        ),
        ("<guid isPermaLink='false'>https://a.example/1</guid>", None),
        ("<guid>7</guid>", None),
        (
            "<link xml:base='https://b.example/x/'>1</link>",
            Some("https://b.example/x/1"),
        ),
        (
            "<link>https://a.example/?a=1&b=2</link>",
            Some("https://a.example/?a=1&b=2"),
        ),
        ("<link>javascript:alert(1)</link>", None),
    ] {
        assert_eq!(item(elements).link.as_deref(), expected, "of {elements}");
    }
}

#[test]
fn extensions_tell_what_the_format_does_not() {
    let entry = item(
        "<dc:title>Title</dc:title><dc:creator>A</dc:creator><dc:subject>S</dc:subject>\
         <dc:date>2003-07-23T10:05:00+09:00</dc:date><dcterms:modified>2003-07-24</dcterms:modified>\
         <media:group><media:content url='/a.mp4' type='video/mp4' fileSize='7'/>\
         <media:thumbnail url='/a.jpg'/><media:keywords>x, y</media:keywords></media:group>\
         <itunes:summary>At length</itunes:summary><itunes:author>B</itunes:author>\
         <georss:point>39.03 125.75</georss:point><source url='https://b.example/feed'>Wire</source>\
         <comments>/1#comments</comments>",
    );
    assert_eq!(entry.title.as_deref(), Some("Title"));
    assert_eq!(entry.authors, ["A"]);
    assert_eq!(entry.categories, ["S", "x", "y"]);
    assert_eq!(entry.published.unwrap().to_string(), "2003-07-23T01:05:00Z");
    assert_eq!(entry.updated.unwrap().to_string(), "2003-07-24T00:00:00Z");
    assert_eq!(
        entry.enclosures,
        [Enclosure {
            url: "https://news.example.org/a.mp4".to_owned(),
            media_type: Some("video/mp4".to_owned()),
            length_bytes: Some(7),
        }]
    );
    assert_eq!(
        entry.image.as_deref(),
        Some("https://news.example.org/a.jpg")
    );
    assert_eq!(entry.summary.as_deref(), Some("At length"));
    assert_eq!(entry.source.as_deref(), Some("Wire"));
    assert_eq!(
        entry.comments.as_deref(),
        Some("https://news.example.org/1#comments")
    );
    assert_eq!(
        entry.place,
        Some(Place {
            latitude: 39.03,
            longitude: 125.75
        })
    );
}

#[test]
fn people_have_names_in_many_forms() {
    for (elements, expected) in [
        ("<author>desk@a.example (The Desk)</author>", "The Desk"),
        (
            "<author>The Desk &lt;desk@a.example&gt;</author>",
            "The Desk",
        ),
        ("<author>desk@a.example</author>", "desk@a.example"),
        (
            "<author><name>The Desk</name><email>x@a.example</email></author>",
            "The Desk",
        ),
        ("<author><email>x@a.example</email></author>", "x@a.example"),
        ("<dc:creator><![CDATA[The Desk]]></dc:creator>", "The Desk"),
        ("<itunes:author>The Desk</itunes:author>", "The Desk"),
        ("<author>Anna (Reuters)</author>", "Anna (Reuters)"),
        ("<author>The Desk (x@a.example)</author>", "The Desk"),
        ("<author><b>The</b> Desk</author>", "The Desk"),
        ("<dc:author>The Desk</dc:author>", "The Desk"),
    ] {
        assert_eq!(item(elements).authors, [expected], "of {elements}");
    }
}

#[test]
fn texts_keep_their_markup() {
    for (elements, summary, content) in [
        (
            "<description>&lt;p&gt;a&lt;/p&gt;</description>",
            Some("<p>a</p>"),
            None,
        ),
        (
            "<description><![CDATA[<p>a</p>]]></description>",
            Some("<p>a</p>"),
            None,
        ),
        (
            "<description><p>a <b>b</b></p></description>",
            Some("<p>a <b>b</b></p>"),
            None,
        ),
        ("<description>a<br/>b</description>", Some("a<br/>b"), None),
        ("<description>1 < 2</description>", Some("1 < 2"), None),
        (
            "<xhtml:body><p>a &amp; b</p></xhtml:body>",
            None,
            Some("<p>a &amp; b</p>"),
        ),
        (
            "<description>s</description><content:encoded>c</content:encoded>",
            Some("s"),
            Some("c"),
        ),
        (
            "<content type='text/html' mode='base64'>PGI+YTwvYj4=</content>",
            None,
            Some("<b>a</b>"),
        ),
        ("<content type='image/png'>AAAA</content>", None, None),
        (
            "<description type='application/octet-stream'>PGI+YTwvYj4=</description>",
            Some("<b>a</b>"),
            None,
        ),
        (
            "<description>d</description><summary>s</summary>",
            Some("d"),
            Some("s"),
        ),
        ("<description>don&#146;t</description>", Some("don’t"), None),
    ] {
        let entry = item(elements);
        assert_eq!(entry.summary.as_deref(), summary, "of {elements}");
        assert_eq!(entry.content.as_deref(), content, "of {elements}");
    }
}

#[test]
fn old_and_odd_formats_are_read() {
    for (document, format) in [
        (
            "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>x</title><id>1</id><issued>2003-07-23</issued></entry></feed>",
            "atom",
        ),
        (
            "<feed><entry><title>x</title><id>1</id></entry></feed>",
            "atom",
        ),
        (
            "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>x</a:title><a:id>1</a:id></a:entry></a:feed>",
            "atom",
        ),
        (
            "<RDF xmlns='http://my.netscape.com/rdf/simple/0.9/'><item><title>x</title></item></RDF>",
            "rdf",
        ),
        ("<rss><item><title>x</title></item></rss>", "rss"),
        ("<channel><item><title>x</title></item></channel>", "rss"),
        (
            "<RSS VERSION='2.0'><CHANNEL><ITEM><TITLE>x</TITLE></ITEM></CHANNEL></RSS>",
            "rss",
        ),
        (
            "{\"items\": [{\"id\": 1, \"title\": \"x\", \"authors\": \"A\", \"tags\": \"t\"}]}",
            "json",
        ),
    ] {
        let feed = read(document.as_bytes());
        assert_eq!(feed.format.as_str(), format, "of {document}");
        let titles: Vec<_> = feed
            .entries
            .iter()
            .map(|entry| entry.title.as_deref())
            .collect();
        assert_eq!(titles, [Some("x")], "of {document}");
    }
}

#[test]
fn attributes_tell_as_much_as_elements() {
    let feed = read(
        br#"<CHANNEL HREF="https://a.example/" XML:LANG="en_US"><ITEM HREF="/1" LASTMOD="2003-07-23T10:05:00-05:00"><TITLE>x</TITLE></ITEM></CHANNEL>"#,
    );
    assert_eq!(feed.link.as_deref(), Some("https://a.example/"));
    assert_eq!(feed.language.as_deref(), Some("en-us"));
    let entry = &feed.entries[0];
    assert_eq!(entry.link.as_deref(), Some("https://news.example.org/1"));
    assert_eq!(entry.updated, "2003-07-23T15:05:00Z".parse().ok());

    let feed = read(
        br#"<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>x</title><category label="World"/><category term="asia"/></entry></feed>"#,
    );
    assert_eq!(feed.entries[0].categories, ["World", "asia"]);
}

/// All that follows would be part of it.
#[test]
fn markup_that_is_not_closed_ends_with_its_entry() {
    let feed = read(
        br#"<feed xmlns="http://www.w3.org/2005/Atom"><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Wire</div></subtitle><entry><id>1</id><title>x</title></entry></feed>"#,
    );
    assert_eq!(feed.entries.len(), 1);
    assert!(!feed.breaks_off);
}

#[test]
fn a_second_key_outlives_a_guid_that_changes() {
    let at = |poll: &str, title: &str| {
        item(&format!(
            "<guid isPermaLink='false'>{poll}</guid><link>https://a.example/1?utm_source={poll}</link><title>{title}</title>"
        ))
    };
    let (first, second, edited) = (at("p1", "x"), at("p2", "x"), at("p1", "y"));
    assert_ne!(first.key, second.key);
    assert_eq!(first.second_key, second.second_key);
    assert_eq!(first.print, second.print);
    assert_eq!(first.key, edited.key);
    assert_ne!(first.print, edited.print);
}

#[test]
fn a_torn_end_gives_no_half_identity() {
    let whole = "<item><guid>abc1</guid><title>1</title></item>";
    for end in [
        "<item><title>2</title><guid>ab",
        "<item><title>2</title><link>https://a.example/",
        "<item><title>2",
        "<item",
    ] {
        let torn = format!("<rss version='2.0'><channel>{whole}{end}");
        let feed = read(torn.as_bytes());
        assert!(feed.breaks_off, "of {end}");
        assert_eq!(feed.entries.len(), 1, "of {end}");
    }
    let closed = format!("<rss version='2.0'><channel>{whole}</channel></rss>");
    assert!(!read(closed.as_bytes()).breaks_off);
    let torn = format!("<rss version='2.0'><channel>{whole}<item><guid>abc2</guid><title>2");
    assert_eq!(read(torn.as_bytes()).entries.len(), 2);
}
