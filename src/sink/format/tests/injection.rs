//! What feeds say never acts on those who read it.

use super::RECEIVERS;
use super::readers::Seen;
use crate::alert::message::{Content, Message};
use serde_json::{Value, json};

/// What somebody may write into a feed.
const CORPUS: &[&str] = &[
    // Slack
    "<!channel> <!here|here> <!everyone>",
    "<@U012AB3CD> <#C012AB3CD> <!subteam^S012AB3CD>",
    "<https://evil.example|click here>",
    "&lt;!channel&gt; &amp;lt;!channel&amp;gt;",
    // Discord
    "@everyone and @here",
    "<@&1> <@123456789012345678> <@!1> <#1> </command:1> <t:1:R> <:party:1> <a:party:1> <id:home>",
    "||spoiler|| ~~struck~~ __under__ -# small",
    "discord.gg/evil",
    // Markdown
    "[click](https://evil.example) [click][1] ![](https://evil.example/x.png)",
    "](https://evil.example) )](https://evil.example)",
    "**bold** *it* _it_ `code` ```block``` ***",
    "# Heading",
    "> quote",
    ">>> quote",
    "- entry",
    "* entry",
    "+ entry",
    "1. entry",
    "12) entry",
    "| a | b |",
    "--- === ***",
    "\\*escaped\\* \\\\*twice* \\",
    "<https://evil.example> <mailto:a@evil.example>",
    // Mattermost
    "@all @channel @somebody ~town-square #tag :smile: :+1: $x^2$",
    "&#64;all &commat;all &#x40;channel",
    // Teams
    "<at>Everyone</at> <at id=\"0\">Somebody</at>",
    "{{DATE(2017-02-14T06:00:00Z, SHORT)}} ${env.SECRET} @{triggerBody()}",
    // HTML
    "</a><a href=\"https://evil.example\">click</a>",
    "<b>bold</b> <script>alert(1)</script> <img src=x onerror=alert(1)> <!-- -->",
    "</blockquote></b></p><mx-reply>",
    "\" onclick=\"alert(1) ' &quot;",
    // Clients that look for themselves
    "https://evil.example http://evil.example/a?b#c ftp://evil.example",
    "www.evil.example evil.example evil.example/path xn--e1afmkfd.example münchen.example",
    "a@evil.example mailto:a@evil.example tg://resolve?domain=evil tel:+1234567",
    "@room @user:evil.example #room:evil.example !room:evil.example",
    "/start /command@bot #hashtag $USD @username t.me/evil",
    "https://matrix.to/#/@user:evil.example",
    // Terminals, lines, directions
    "one\r\ntwo\nthree\u{2028}four\u{85}five",
    "\u{1b}[31mred\u{1b}[0m \u{7} \u{0} \u{9b}31m",
    "abc\u{202e}gnp.exe\u{202c} \u{2066}x\u{2069} \u{200f}\u{feff}",
    "ze\u{200b}ro @\u{200b}everyone ht\u{200b}tps://evil.example",
    "{{ 7*7 }} {% raw %} {{ config }} %s %n $(id) `id`",
];

/// Addresses that somebody may write into a feed.
const ADDRESSES: &[&str] = &[
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "https://www.example.org/)**[x](https://evil.example)",
    "https://www.example.org/|<!channel>",
    "https://www.example.org/?a=1&b=<c>&lt;d&#64;",
    "https://www.example.org/\"onclick=\"alert(1)",
    "https://www.example.org/'><b>x</b>",
    "https://www.example.org/a b\nc",
    "https://www.example.org/(a_(b)_c)",
    "https://www.example.org/\u{202e}gnp",
    "https://user:pass@www.example.org/@everyone",
];

/// What is wrong with what a user would see of a message.
pub(super) fn faults(
    message: &Message,
    seen: &Seen,
    plain: bool,
    link_bytes_max: usize,
) -> Vec<String> {
    // Where a link is part of the text, there may be no room for it.
    const PLAIN_LINK_BYTES: usize = 1_500;
    let mut faults = seen.faults.clone();
    let mut known: Vec<String> = message.url().into_iter().map(as_browsers_read).collect();
    if let Content::Digest(digest) = &message.content {
        let urls = digest
            .articles
            .iter()
            .filter_map(|(_, it)| it.url.as_deref());
        known.extend(urls.map(as_browsers_read));
    }
    for link in &seen.links {
        if !known.contains(&as_browsers_read(link)) {
            faults.push(format!("a link of somebody else's: {link}"));
        }
    }
    let links: Vec<String> = seen.links.iter().map(|it| as_browsers_read(it)).collect();
    if let Some(url) = message.url()
        && !(plain && url.len() > PLAIN_LINK_BYTES)
        && url.len() <= link_bytes_max
        && !links.contains(&as_browsers_read(url))
    {
        faults.push(format!("the link is lost: {url}"));
    }
    let text = seen.text.replace('\u{200b}', "");
    let title: String = message.title().chars().take(20).collect();
    if !text.contains(title.trim()) && !title.contains('\u{301}') {
        faults.push(format!("the title is lost: {title:?} in {text:?}"));
    }
    if text.contains(['\u{1b}', '\u{0}', '\r', '\u{202e}', '\u{2028}']) {
        faults.push("active characters".to_owned());
    }
    faults
}

/// The same address however some characters of it are written.
fn as_browsers_read(url: &str) -> String {
    "()[]<>{}|\\^`*\"';".chars().fold(url.to_owned(), |url, c| {
        url.replace(&format!("%{:02X}", u32::from(c)), &c.to_string())
    })
}

/// A payload of each type that says `text` wherever a feed has a say.
fn payloads(text: &str, url: &str) -> Vec<Value> {
    let title = format!("{text} title");
    let article = json!({
        "url": url, "title": title, "summary": text, "authors": [text, text],
        "published": "2003-07-23T14:05:00Z", "feed": {"id": "voa", "publisher": text},
    });
    let marked = format!("before {text} after");
    let passages = json!([
        {"field": "body", "text": text, "marks": [[0, text.len()]]},
        {"field": "body", "text": marked, "marks": [[0, 6], [7, 7 + text.len()]]},
    ]);
    let matches = json!([{"id": "x", "name": text, "mentions": 2}]);
    let alert = json!({
        "alert": "1", "severity": "high", "article": article, "passages": passages,
        "topics": matches, "actors": matches,
        "story": {"state": "first", "articles": 2, "publishers": [text, text]},
    });
    let mut bare = alert.clone();
    bare["passages"] = json!([]);
    let notice = json!({
        "notice": "1", "severity": "high", "kind": "feed-fails", "title": title, "text": text,
        "subject": {"kind": "feed", "id": text},
    });
    let digest = json!({
        "digest": "1", "severity": "high", "reason": "limit", "route": text,
        "alerts": [alert, alert], "notices": [notice],
    });
    let types = [
        ("article.matched", alert),
        ("test", bare),
        ("digest", digest),
        ("operator.notice", notice),
    ];
    types
        .into_iter()
        .map(
            |(kind, data)| json!({"type": kind, "timestamp": "2003-07-23T14:12:09Z", "data": data}),
        )
        .collect()
}

#[test]
fn nothing_in_a_feed_is_active_in_a_message() {
    let long = "@everyone [x](https://evil.example) ".repeat(300);
    let texts = CORPUS
        .iter()
        .map(|text| (*text, "https://www.example.org/a"));
    let addresses = ADDRESSES.iter().map(|url| ("Text", *url));
    let cases = texts
        .chain(addresses)
        .chain([(long.as_str(), "https://www.example.org/a")]);
    let mut found = Vec::new();
    for (text, url) in cases {
        for payload in payloads(text, url) {
            let bytes = payload.to_string().into_bytes();
            let message = Message::read(&bytes).unwrap();
            for (receiver, plain) in RECEIVERS.iter().flat_map(|it| [(it, false), (it, true)]) {
                let rendered = receiver.render(&bytes, plain);
                let mut faults = faults(
                    &message,
                    &(receiver.read)(&rendered),
                    plain,
                    receiver.link_bytes_max,
                );
                faults.extend((receiver.over)(&rendered));
                let kind = &message.kind;
                let named = |fault| format!("{} {kind} plain={plain}: {fault}", receiver.name);
                found.extend(faults.into_iter().map(named));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_title_of_a_megabyte_is_only_long() {
    let title = "@everyone [x](https://evil.example) ".repeat(30_000);
    let payload = json!({"type": "article.matched", "timestamp": "2003-07-23T14:12:09Z",
        "data": {"article": {"title": title, "url": "https://www.example.org/a"}}});
    let bytes = payload.to_string().into_bytes();
    let message = Message::read(&bytes).unwrap();
    for receiver in RECEIVERS {
        let rendered = receiver.render(&bytes, false);
        let faults = faults(
            &message,
            &(receiver.read)(&rendered),
            false,
            receiver.link_bytes_max,
        );
        assert_eq!(faults, Vec::<String>::new(), "{}", receiver.name);
    }
}
