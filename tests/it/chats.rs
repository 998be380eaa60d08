//! From a feed to chats: the real binary against servers that answer as they do.

use crate::support::{Page, Site, Wirewatch, alerting_entry, rss};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::task::JoinSet;

/// A request that a chat got.
#[derive(Debug, Clone)]
struct Post {
    method: Method,
    target: String,
    login: Option<String>,
    body: Value,
}

type Posts = Arc<Mutex<Vec<Post>>>;

/// Servers of all chats on one port, told apart by path.
struct Chats {
    address: SocketAddr,
    posts: Posts,
    _server: JoinSet<()>,
}

impl Chats {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let address = listener.local_addr().expect("an address");
        let posts = Posts::default();
        let chats = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&posts));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, chats).await.expect("it serves") });
        Self {
            address,
            posts,
            _server: server,
        }
    }

    fn sink(&self, name: &str, path: &str, keys: &str) -> String {
        let address = self.address;
        format!(
            "[sink.{name}.webhook]\nurl = \"http://{address}{path}\"\nformat = \"{name}\"\n{keys}\n"
        )
    }

    fn posts(&self, path: &str) -> Vec<Post> {
        let posts = self.posts.lock().unwrap();
        let here = |post: &&Post| post.target.starts_with(path);
        posts.iter().filter(here).cloned().collect()
    }
}

async fn answer(
    State(posts): State<Posts>,
    method: Method,
    target: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let login = headers.get("authorization");
    posts.lock().unwrap().push(Post {
        method,
        target: target.to_string(),
        login: login.map(|it| it.to_str().unwrap().to_owned()),
        body: serde_json::from_slice(&body).unwrap(),
    });
    match target.path().split('/').nth(1) {
        Some("services" | "hooks") => (StatusCode::OK, "ok"),
        Some("_matrix") => (StatusCode::OK, r#"{"event_id": "$1"}"#),
        Some("bot1:planted-token") => (StatusCode::OK, r#"{"ok": true, "result": {}}"#),
        Some("bot2:planted-token") => (
            StatusCode::BAD_REQUEST,
            r#"{"ok": false, "description": "Bad Request: chat not found"}"#,
        ),
        _ => (StatusCode::ACCEPTED, ""),
    }
}

async fn wire() -> (Site, String) {
    let site = Site::open().await;
    site.set("/rss", Page::Document(rss(&[alerting_entry(1)])));
    let url = site.url(1, "/rss");
    let feed = format!("[feed.wire]\nurl = \"{url}\"\nfirst_run = \"all\"\n");
    (site, feed)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_chat_gets_what_it_understands() {
    let (_site, feed) = wire().await;
    let chats = Chats::open().await;
    let sinks = [
        chats.sink("slack", "/services/T1/B1/x", ""),
        chats.sink("discord", "/api/webhooks/1/x", ""),
        chats.sink("teams", "/workflows/1?sig=x", ""),
        chats.sink("mattermost", "/hooks/x", ""),
        chats.sink(
            "matrix",
            "",
            "room = \"!news:example.org\"\ntoken = \"planted-token\"",
        ),
        chats.sink(
            "telegram",
            "/bot1:planted-token/sendMessage",
            "chat = \"-100\"",
        ),
    ];
    let wirewatch = Wirewatch::with(&(feed + &sinks.concat()));
    let run = wirewatch.command(&["run", "--once"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let delivered = wirewatch.command(&["deliveries", "list", "--state", "delivered", "--json"]);
    assert_eq!(delivered.out.lines().count(), sinks.len(), "{}", run.err);
    for (path, title) in [
        ("/services/", "/text"),
        ("/api/webhooks/1/x?wait=true", "/embeds/0/title"),
        (
            "/workflows/1?sig=x",
            "/attachments/0/content/body/0/inlines/0/text",
        ),
        ("/hooks/", "/text"),
        (
            "/_matrix/client/v3/rooms/!news:example.org/send/m.room.message/msg_",
            "/body",
        ),
        ("/bot1:", "/text"),
    ] {
        let posts = chats.posts(path);
        assert_eq!(posts.len(), 1, "{path}");
        let title = posts[0].body.pointer(title).and_then(Value::as_str);
        assert!(
            title.is_some_and(|it| it.contains("Pyongyang")),
            "{posts:?}"
        );
        let matrix = path.starts_with("/_matrix");
        assert_eq!(
            posts[0].method,
            if matrix { Method::PUT } else { Method::POST }
        );
        assert_eq!(
            posts[0].login.as_deref() == Some("Bearer planted-token"),
            matrix
        );
    }
    assert!(!run.err.contains("planted-token"), "{}", run.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_is_not_there_is_a_matter_for_a_person() {
    let (_site, feed) = wire().await;
    let chats = Chats::open().await;
    let sink = chats.sink(
        "telegram",
        "/bot2:planted-token/sendMessage",
        "chat = \"-1\"",
    );
    let wirewatch = Wirewatch::with(&(feed + &sink));
    let run = wirewatch.command(&["run", "--once"]);
    assert!(run.err.contains("chat not found"), "{}", run.err);
    assert!(!run.err.contains("planted-token"), "{}", run.err);
    let pending = wirewatch.command(&["deliveries", "list", "--state", "pending", "--json"]);
    assert_eq!(pending.out.lines().count(), 1, "{}", pending.out);
    assert!(!pending.out.contains("planted-token"), "{}", pending.out);
}
