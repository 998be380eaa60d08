//! Alerts reach receivers of other kinds: a mail server, a broker of events, and
//! what the operator's own template serves.

use crate::support::{PATIENCE, Page, Receiver, Site, Wirewatch, alerting_entry, rss};
use mail_parser::MessageParser;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

async fn wire() -> (Site, String) {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let feed = format!(
        "[feed.wire]\nurl = \"{}\"\nfirst_run = \"all\"\n",
        site.url(1, "/rss")
    );
    (site, feed)
}

/// Takes one letter as a mail server would, and gives it with what it was told
/// before.
async fn letter(listener: TcpListener) -> (Vec<String>, String) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = BufReader::new(stream);
    let (mut told, mut letter, mut within) = (Vec::new(), String::new(), false);
    stream.write_all(b"220 mail\r\n").await.unwrap();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let answer = match line.trim_end() {
            "." if within => {
                stream.write_all(b"250 taken\r\n").await.unwrap();
                return (told, letter);
            }
            _ if within => {
                letter.push_str(&line);
                continue;
            }
            "DATA" => {
                within = true;
                "354 go on\r\n"
            }
            line if line.starts_with("EHLO") => "250-mail\r\n250 AUTH PLAIN\r\n",
            line if line.starts_with("AUTH") => "235 welcome\r\n",
            _ => "250 fine\r\n",
        };
        told.push(line.trim_end().to_owned());
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_comes_as_a_letter() {
    let (_site, feed) = wire().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut wirewatch = Wirewatch::with(&format!(
        "{feed}[sink.desk.email]\nserver = \"smtp://127.0.0.1:{port}\"\nusername = \"watch\"\n\
         password = \"do-not-print\"\nfrom = \"watch@example.org\"\nto = [\"desk@example.org\"]\n"
    ));
    wirewatch.start();
    let taken = tokio::time::timeout(PATIENCE, letter(listener)).await;
    let (told, letter) = taken.expect("a letter");
    assert_eq!(told[2], "MAIL FROM:<watch@example.org>");
    let letter = MessageParser::default().parse(&letter).unwrap();
    let subject = letter.subject().unwrap();
    assert_eq!(
        subject,
        "[high] Pyongyang wants a non-aggression pact, report 1"
    );
    let page = letter.body_html(0).unwrap();
    assert!(page.contains("<mark>non-aggression pact</mark>"), "{page}");
    let listed = || wirewatch.command(&["deliveries", "list", "--state", "delivered"]);
    tokio::time::timeout(PATIENCE, async {
        while !listed().out.contains("desk") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("it is told as delivered");
    let (_, log) = wirewatch.stop();
    assert!(
        !log.iter().any(|line| line.contains("do-not-print")),
        "{log:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_signed_as_the_standard_body_is() {
    let (_site, feed) = wire().await;
    let receiver = Receiver::open().await;
    let sink = receiver.sink("broker");
    let mut wirewatch = Wirewatch::with(&format!("{feed}{sink}format = \"cloudevents\"\n"));
    wirewatch.start();
    let taken = receiver.wait_for(1).await;
    wirewatch.stop();
    let event = &taken[0];
    assert!(event.is_signed());
    assert_eq!(event.body["id"], event.id);
    assert_eq!(event.body["type"], "wirewatch.article.matched");
    assert_eq!(event.ids("topics"), ["dprk-nuclear"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_fails_costs_its_delivery_and_nothing_else() {
    let (_site, feed) = wire().await;
    let receiver = Receiver::open().await;
    let sinks = ["good", "bad"].map(|name| {
        let sink = receiver.sink(name);
        format!("{sink}format = \"template\"\ntemplate = {{ file = \"{name}.jinja\" }}\n")
    });
    let mut wirewatch = Wirewatch::with(&(feed + &sinks.concat()));
    let good = "{\"text\": {{ title }}, \"why\": {{ data.topics[0].id if data.topics else none }}}";
    std::fs::write(wirewatch.path("good.jinja"), good).unwrap();
    let bad = "{% if \"Pyongyang\" in title %}\n{{ nothing.of.the_kind }}{% endif %}{}";
    std::fs::write(wirewatch.path("bad.jinja"), bad).unwrap();
    wirewatch.start();
    wirewatch.wait_for_log("a delivery was given up").await;
    let taken = receiver.wait_for(1).await;
    assert_eq!(taken[0].body["why"], "dprk-nuclear");
    let dead = wirewatch.command(&["deliveries", "list", "--state", "dead", "--json"]);
    assert!(
        dead.out.contains("bad") && !dead.out.contains("good"),
        "{}",
        dead.out
    );
    let line: serde_json::Value = serde_json::from_str(dead.out.trim()).unwrap();
    let shown = wirewatch.command(&["deliveries", "show", line["id"].as_str().unwrap()]);
    assert!(
        shown
            .out
            .contains("line 2 of the template: undefined value"),
        "{}",
        shown.out
    );
    wirewatch.stop();
}
