//! Names that are not found, found late, or found at an address where nobody is.

use super::Promise::{Apart, Kept, Recovers, Told};
use super::endpoint::{Endpoint, Reply, sink};
use super::world::{World, path, table};
use super::{Disk, Row};
use crate::support::{Page, alerting_entry, rss};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Row 19: names are down, unknown, slow, and of two addresses the first of which
/// is a hole. Feeds and sinks with addresses go on; the others come back.
pub(crate) async fn lost(row: Row) {
    let endpoint = Endpoint::open(|_| Reply::status(204, "")).await;
    let port = endpoint.port();
    let hole = Hole::open(port).await;
    let more = "[http]\nallow = [\"127.0.0.0/8\", \"::1/128\"]\n".to_owned()
        + &sink("named", &format!("http://receiver.test:{port}/"));
    let mut world = World::of(1, &more).await;
    let disk = Disk::below(&world.wirewatch.path("state"));
    let url = world
        .site
        .url(1, "/named")
        .replace("127.0.0.1", "site.test");
    world.add(&table("named", &url));
    let mut named = Vec::new();
    let mut expected = 0;
    let mut kinds = vec!["down", "unknown", "slow"];
    kinds.extend(hole.is_there().then_some("dual"));
    for (number, kind) in kinds.iter().enumerate() {
        disk.order("names", kind);
        world
            .wirewatch
            .start_changed("info", |command| disk.under(command));
        world.publish(0);
        named.push(alerting_entry(1_000 + number));
        world.site.set("/named", Page::Document(rss(&named)));
        if matches!(*kind, "down" | "unknown") {
            let line = world.wirewatch.wait_for_log("sink=named").await;
            row.check(Told, line.contains("failed"), line);
            let line = world.wirewatch.wait_for_log("feed.id=named").await;
            row.check(Told, line.contains("the feed failed"), line);
            let known = world.site.asked(&path(0)).len();
            world.site.wait_for(&path(0), known + 2).await;
            row.check(Apart, true, "feeds with an address go on");
            disk.mend("names");
        }
        expected += 2;
        endpoint.wait_for_ids(expected).await;
        row.check(Recovers, true, format!("{kind}: both came"));
        let all = world.receiver.wait_for(expected).await.len();
        row.check(Kept, all >= expected, format!("{kind}: {all}"));
        world.stop();
    }
    row.did(format!("names {}", kinds.join(", ")));
}

/// An address at which connections are neither made nor refused: its queue is full.
struct Hole {
    held: Vec<TcpStream>,
    _listener: Option<TcpListener>,
}

impl Hole {
    /// A hole at `::1`; where there is no such address there is none.
    async fn open(port: u16) -> Self {
        let socket = TcpSocket::new_v6().unwrap();
        let bound = socket.bind(format!("[::1]:{port}").parse().unwrap());
        let Some(listener) = bound.ok().and_then(|()| socket.listen(1).ok()) else {
            return Self {
                held: Vec::new(),
                _listener: None,
            };
        };
        let mut held = Vec::new();
        let wait = std::time::Duration::from_millis(300);
        // Until one is left waiting.
        while let Ok(Ok(stream)) =
            tokio::time::timeout(wait, TcpStream::connect(format!("[::1]:{port}"))).await
        {
            held.push(stream);
        }
        Self {
            held,
            _listener: Some(listener),
        }
    }

    fn is_there(&self) -> bool {
        !self.held.is_empty()
    }
}
