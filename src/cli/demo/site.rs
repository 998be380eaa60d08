//! The news site of the demo: four feeds, one of each format, on loopback.
//!
//! One of them brings the story of 2003 that the shipped watchlist is about;
//! the others bring what must not match: names that only look alike.

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};

/// A Voice of America story of August 2003, in the public domain.
const STORY: &str = include_str!("allied-response.txt");

/// What one item of the site says.
struct Item {
    slug: &'static str,
    title: &'static str,
    text: &'static str,
    minutes_old: i64,
}

const SPORT: &[Item] = &[
    Item {
        slug: "wanderers",
        title: "Bolton Wanderers win at home",
        text: "Bolton Wanderers scored twice in the last ten minutes.",
        minutes_old: 40,
    },
    Item {
        slug: "marathon",
        title: "Rain does not stop the city marathon",
        text: "Some nine thousand runners crossed the bridge before noon.",
        minutes_old: 95,
    },
];

const TRADE: &[Item] = &[Item {
    slug: "ban",
    title: "Ministers discuss a ban on plastic bags",
    text: "The ban would begin next spring, the ministry said.",
    minutes_old: 25,
}];

const SCIENCE: &[Item] = &[Item {
    slug: "fusion",
    title: "A nuclear family of elements gets a new member",
    text: "Chemists have named an element that lives for a blink.",
    minutes_old: 60,
}];

/// The paths of the feeds, each with the name that the demo gives it.
pub(super) const FEEDS: [(&str, &str); 4] = [
    ("wire-rss", "/world.rss"),
    ("sport-atom", "/sport.atom"),
    ("trade-rdf", "/trade.rdf"),
    ("science-json", "/science.json"),
];

/// The pages of the site. They answer with an `ETag`, and with 304 to it.
pub(super) fn pages(opened: Timestamp) -> Router {
    let page = move |kind: &'static str, body: String| {
        get(move |headers: HeaderMap| async move { answer(&headers, kind, &body) })
    };
    Router::new()
        .route("/world.rss", page("application/rss+xml", rss(opened)))
        .route("/sport.atom", page("application/atom+xml", atom(opened)))
        .route("/trade.rdf", page("application/rdf+xml", rdf(opened)))
        .route("/science.json", page("application/feed+json", json(opened)))
}

fn answer(headers: &HeaderMap, kind: &'static str, body: &str) -> Response {
    let etag = format!("\"{:08x}\"", crc32c::crc32c(body.as_bytes()));
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let headers = [
        (header::ETAG, etag),
        (header::CONTENT_TYPE, kind.to_owned()),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, body.to_owned()).into_response()
    }
}

fn published(opened: Timestamp, item: &Item) -> Timestamp {
    opened
        .checked_sub(SignedDuration::from_mins(item.minutes_old))
        .unwrap_or(opened)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn rss(opened: Timestamp) -> String {
    let (title, text) = STORY.split_once("\n\n").unwrap_or(("", STORY));
    let paragraphs: String = text
        .split("\n\n")
        .map(|paragraph| format!("<p>{}</p>\n", escape(paragraph.trim())))
        .collect();
    let lead = text.split("\n\n").next().unwrap_or_default();
    let date = opened.strftime("%a, %d %b %Y %H:%M:%S GMT");
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Demo Wire</title><link>https://wire.example/</link><description>World news</description><language>en</language>
<item><title>{title}</title><link>https://wire.example/allied-response</link>
<guid isPermaLink="false">wire-2003-allied-response</guid><pubDate>{date}</pubDate>
<description>{lead}</description>
<content:encoded><![CDATA[{paragraphs}]]></content:encoded></item>
</channel></rss>"#,
        title = escape(title),
        lead = escape(lead),
    )
}

fn atom(opened: Timestamp) -> String {
    let entries: String = SPORT
        .iter()
        .map(|item| {
            format!(
                r#"<entry><id>urn:demo:{slug}</id><title>{}</title><link href="https://sport.example/{slug}"/>
<updated>{}</updated><summary>{}</summary></entry>"#,
                escape(item.title),
                published(opened, item),
                escape(item.text),
                slug = item.slug,
            )
        })
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:demo:sport</id><title>Demo Sport</title>
<updated>{opened}</updated>{entries}</feed>"#
    )
}

fn rdf(opened: Timestamp) -> String {
    let items: String = TRADE
        .iter()
        .map(|item| {
            format!(
                r#"<item rdf:about="https://trade.example/{slug}"><title>{}</title>
<link>https://trade.example/{slug}</link><description>{}</description><dc:date>{}</dc:date></item>"#,
                escape(item.title),
                escape(item.text),
                published(opened, item),
                slug = item.slug,
            )
        })
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://trade.example/">
<title>Demo Trade</title><link>https://trade.example/</link><description>Trade news</description></channel>{items}</rdf:RDF>"#
    )
}

fn json(opened: Timestamp) -> String {
    let items: Vec<_> = SCIENCE
        .iter()
        .map(|item| {
            serde_json::json!({
                "id": item.slug,
                "url": format!("https://science.example/{}", item.slug),
                "title": item.title,
                "content_text": item.text,
                "date_published": published(opened, item).to_string(),
            })
        })
        .collect();
    serde_json::json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Demo Science",
        "home_page_url": "https://science.example/",
        "items": items,
    })
    .to_string()
}
