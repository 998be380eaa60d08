//! What feeds and pages name beside their links: nobody ever asks for it.

use super::{HOME, HOP, World, configure, feed};
use crate::support::{Page, Wirewatch};
use serde_json::{Value, json};

/// HTML that browsers would fetch something for.
fn html(at: &str) -> String {
    format!(
        "<base href=\"{at}/base/\"><img src=\"{at}/img\" srcset=\"{at}/srcset 2x\">\
         <iframe src=\"{at}/iframe\"></iframe><script src=\"{at}/script\"></script>\
         <link rel=stylesheet href=\"{at}/style\"><link rel=prefetch href=\"{at}/prefetch\">\
         <video src=\"{at}/video\" poster=\"{at}/poster\"></video><object data=\"{at}/object\">\
         </object><embed src=\"{at}/embed\"><a ping=\"{at}/ping\" href=\"{at}/a\">a</a>\
         <meta http-equiv=refresh content=\"0;url={at}/refresh\">\
         <p style=\"background:url({at}/css)\">Talks</p>"
    )
}

/// An RSS document with everything in it that names an address.
fn rss(at: &str, page: &str) -> String {
    let content = html(at);
    format!(
        "<?xml version=\"1.0\"?><?xml-stylesheet type=\"text/xsl\" href=\"{at}/xsl\"?>\
         <!DOCTYPE rss SYSTEM \"{at}/dtd\" [<!ENTITY outer SYSTEM \"{at}/entity\">\
         <!ENTITY % more SYSTEM \"{at}/parameter\"> %more;]>\
         <rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\" \
         xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" \
         xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:xi=\"http://www.w3.org/2001/XInclude\" \
         xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" \
         xmlns:wfw=\"http://wellformedweb.org/CommentAPI/\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:schemaLocation=\"a {at}/schema\"><channel><title>Wire</title><link>{at}/site</link>\
         <docs>{at}/docs</docs><image><url>{at}/image</url><link>{at}/image-link</link></image>\
         <cloud domain=\"127.0.0.1\" port=\"80\" path=\"/cloud\" protocol=\"http-post\"/>\
         <textInput><link>{at}/input</link></textInput><atom:icon>{at}/icon</atom:icon>\
         <atom:logo>{at}/logo</atom:logo><atom:generator uri=\"{at}/generator\"/>\
         <itunes:image href=\"{at}/itunes\"/><itunes:new-feed-url>{at}/new</itunes:new-feed-url>\
         <xi:include href=\"{at}/include\" parse=\"xml\"/><item><guid isPermaLink=\"false\">1</guid>\
         <title>Pyongyang wants a non-aggression pact &outer;</title><link>{page}</link>\
         <enclosure url=\"{at}/enclosure\" length=\"1\" type=\"audio/mpeg\"/>\
         <media:content url=\"{at}/media\"><media:thumbnail url=\"{at}/thumbnail\"/></media:content>\
         <podcast:transcript url=\"{at}/transcript\"/><podcast:chapters url=\"{at}/chapters\"/>\
         <comments>{at}/comments</comments><wfw:commentRss>{at}/comment-rss</wfw:commentRss>\
         <source url=\"{at}/source\">Another</source><atom:link rel=\"enclosure\" href=\"{at}/e\"/>\
         <atom:link rel=\"replies\" href=\"{at}/replies\"/><atom:link rel=\"related\" href=\"{at}/r\"/>\
         <content:encoded><![CDATA[{content}]]></content:encoded></item></channel></rss>"
    )
}

/// The same of JSON Feed.
fn json_feed(at: &str, page: &str) -> String {
    let path = |name: &str| format!("{at}/{name}");
    let author = json!({ "name": "A", "url": path("author"), "avatar": path("avatar") });
    json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "Wire",
        "home_page_url": path("home"), "feed_url": path("feed"), "icon": path("icon"),
        "favicon": path("favicon"), "authors": [author],
        "items": [{
            "id": "1", "url": page, "external_url": path("external"), "image": path("image"),
            "title": "Pyongyang wants a non-aggression pact", "banner_image": path("banner"),
            "content_html": html(at), "authors": [author],
            "attachments": [{ "url": path("attachment"), "mime_type": "audio/mpeg" }],
        }],
    })
    .to_string()
}

/// With all of this machine allowed as well: there is nothing that asks.
#[tokio::test(flavor = "multi_thread")]
async fn enclosures_and_the_like_are_never_asked_for() {
    for is_guarded in [true, false] {
        let world = World::open(is_guarded).await;
        let at = format!("http://127.0.0.1:{}/unasked", world.canary.port);
        let (site, mut rest) = (&world.site, world.allow().to_owned());
        for (name, document) in [
            ("rss", rss as fn(&str, &str) -> String),
            ("json", json_feed),
        ] {
            let page = format!("/page-{name}");
            let article = "The delegations met for the third time this month. ".repeat(9);
            let head = format!("<html><head>{}</head><body>", html(&at));
            let text = format!(
                "{head}<article><p>{article}</p>{}</article></body></html>",
                html(&at)
            );
            site.set(&page, Page::Html(text));
            let path = format!("/{name}");
            site.set(
                &path,
                Page::Plain(document(&at, &site.url(HOP, &page)), vec![]),
            );
            rest += &feed(name, &site.url(HOME, &path), "full_text = \"always\"");
        }
        let wirewatch = Wirewatch::with("");
        configure(&wirewatch, &rest);
        super::once(&wirewatch);
        let listed = wirewatch.command(&["feeds", "--json"]).out;
        for line in listed.lines() {
            let feed: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(
                (&feed["polls"], &feed["error"]),
                (&json!(1), &Value::Null),
                "{feed}"
            );
        }
        let alerts = wirewatch.command(&["alerts", "--json"]).out;
        assert_eq!(alerts.lines().count(), 2, "{alerts}");
        let named = rss(&at, "").matches("/unasked/").count()
            + json_feed(&at, "").matches("/unasked/").count();
        let reached = world.canary.begun();
        println!("addresses {named}, reached {}", reached.len());
        assert!(reached.is_empty(), "{reached:#?}");
    }
}
