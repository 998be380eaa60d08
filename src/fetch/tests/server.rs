//! A server that says what a test wants it to, and writes down what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A server that answers every connection with the same bytes.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _serving: JoinSet<()>,
}

/// What follows the head of an answer.
#[derive(Clone, Copy)]
pub(super) enum Rest {
    End,
    /// Zeros without an end.
    Endless,
    /// A byte now and then, for ever.
    Drip,
    /// Nothing, and no end.
    Silence,
}

impl Server {
    pub(super) async fn open(answer: &[u8], rest: Rest) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, seen) = (answer.to_vec(), Arc::clone(&asked));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, answer.clone(), rest, Arc::clone(&seen)));
            }
        });
        Self {
            address,
            asked,
            _serving: serving,
        }
    }

    pub(super) async fn says(answer: &str) -> Self {
        Self::open(answer.replace('\n', "\r\n").as_bytes(), Rest::End).await
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answer: Vec<u8>, rest: Rest, asked: Arc<Mutex<Vec<String>>>) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        match stream.read_buf(&mut request).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    // The bytes of headers are looked at as they are, not as UTF-8.
    asked
        .lock()
        .unwrap()
        .push(request.iter().map(|byte| char::from(*byte)).collect());
    if stream.write_all(&answer).await.is_err() {
        return;
    }
    match rest {
        Rest::End => {}
        Rest::Endless => while stream.write_all(&[0; 8_192]).await.is_ok() {},
        Rest::Drip => {
            let mut tick = tokio::time::interval(Duration::from_millis(50));
            while stream.write_all(b"x").await.is_ok() {
                tick.tick().await;
            }
        }
        Rest::Silence => std::future::pending().await,
    }
}

/// Whether a request came with all of its body.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
