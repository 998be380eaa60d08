//! The canary: whoever connects to it was led inward.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// How many times a port is looked for that is free on every address.
const PORTS_TRIED: usize = 100;

/// Its addresses beside the usual one; the second is for what speaks TLS, which
/// counts as silence and would keep the others of its host waiting.
const MORE: [&str; 2] = ["127.9.8.7", "127.6.5.4"];

/// Counts every connection, on several addresses of loopback and one port.
pub(super) struct Canary {
    pub(super) port: u16,
    /// Whether the machine has IPv6.
    pub(super) has_v6: bool,
    book: Arc<Book>,
    _servers: JoinSet<()>,
}

/// What every connection began with.
#[derive(Default)]
struct Book {
    begun: Mutex<Vec<String>>,
    rung: Notify,
}

impl Canary {
    pub(super) async fn open() -> Self {
        for _ in 0..PORTS_TRIED {
            if let Some((port, listeners)) = listeners().await {
                let book = Arc::new(Book::default());
                let mut servers = JoinSet::new();
                let has_v6 = listeners.len() > 1 + MORE.len();
                for listener in listeners {
                    servers.spawn(serve(listener, Arc::clone(&book)));
                }
                return Self {
                    port,
                    has_v6,
                    book,
                    _servers: servers,
                };
            }
        }
        panic!("no port is free on every address");
    }

    /// What each connection so far began with.
    pub(super) fn begun(&self) -> Vec<String> {
        self.book.begun.lock().unwrap().clone()
    }

    /// Waits until there were at least so many connections.
    pub(super) async fn wait_for(&self, connections: usize) {
        let enough = async {
            loop {
                let rung = self.book.rung.notified();
                if self.begun().len() >= connections {
                    return;
                }
                rung.await;
            }
        };
        let waited = tokio::time::timeout(crate::support::PATIENCE, enough).await;
        waited.unwrap_or_else(|_| panic!("{connections} were to come: {:#?}", self.begun()));
    }
}

/// One port on every address of IPv4 and, where there is one, that of IPv6.
async fn listeners() -> Option<(u16, Vec<TcpListener>)> {
    let first = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = first.local_addr().expect("an address").port();
    let mut listeners = vec![first];
    for address in MORE {
        listeners.push(TcpListener::bind((address, port)).await.ok()?);
    }
    match TcpListener::bind(("::1", port)).await {
        Ok(third) => listeners.push(third),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return None,
        Err(_) => {}
    }
    Some((port, listeners))
}

async fn serve(listener: TcpListener, book: Arc<Book>) {
    let mut guests = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        guests.spawn(meet(stream, Arc::clone(&book)));
    }
}

/// Writes the connection down at once, what it says when it says it.
async fn meet(mut stream: TcpStream, book: Arc<Book>) {
    let place = {
        let mut begun = book.begun.lock().unwrap();
        begun.push(String::new());
        begun.len() - 1
    };
    let mut start = [0; 1024];
    let read = stream.read(&mut start).await.unwrap_or_default();
    let start = String::from_utf8_lossy(&start[..read]);
    let first = start.lines().next().unwrap_or_default();
    first.clone_into(&mut book.begun.lock().unwrap()[place]);
    book.rung.notify_waiters();
    let answer = b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    // Who has hung up needs no answer.
    let _sent = stream.write_all(answer).await;
}
