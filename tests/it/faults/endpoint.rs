//! A receiver that speaks to the letter what a test tells it, or does not.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;

/// What a request is answered.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// These bytes, and the connection ends.
    Raw(Vec<u8>),
    /// Those bytes after a while.
    Later(Duration, Vec<u8>),
    /// The beginning of an answer, a byte in a while.
    Drip,
    /// Nothing, ever.
    Hang,
    /// The connection breaks.
    Reset,
    /// An answer whose body does not end.
    Endless,
}

impl Reply {
    /// A status with these headers and no body.
    pub(crate) fn status(status: u16, headers: &str) -> Self {
        let text = format!(
            "HTTP/1.1 {status} So\r\ncontent-length: 0\r\nconnection: close\r\n{headers}\r\n"
        );
        Self::Raw(text.into_bytes())
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// Its `webhook-id`.
    pub(crate) id: String,
    /// Its `webhook-timestamp`.
    pub(crate) timestamp_s: i64,
    pub(crate) at: Instant,
    /// How many bytes it was answered.
    pub(crate) answered: Arc<Mutex<usize>>,
}

/// What the request of this number, from 1, is answered.
type Script = Box<dyn Fn(usize) -> Reply + Send>;

struct Desk {
    script: Mutex<Script>,
    arrivals: Mutex<Vec<Arrival>>,
    rung: Notify,
}

/// A receiver on loopback; it ends with the test.
pub(crate) struct Endpoint {
    address: SocketAddr,
    desk: Arc<Desk>,
    _server: JoinSet<()>,
}

impl Endpoint {
    pub(crate) async fn open(script: impl Fn(usize) -> Reply + Send + 'static) -> Self {
        Self::at("127.0.0.1:0", None, script).await
    }

    /// One at this address; with an acceptor it speaks TLS.
    pub(crate) async fn at(
        address: &str,
        tls: Option<TlsAcceptor>,
        script: impl Fn(usize) -> Reply + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let desk = Arc::new(Desk {
            script: Mutex::new(Box::new(script)),
            arrivals: Mutex::default(),
            rung: Notify::new(),
        });
        let (mut server, served) = (JoinSet::new(), Arc::clone(&desk));
        server.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                talks.spawn(talk(stream, tls.clone(), Arc::clone(&served)));
                while talks.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            desk,
            _server: server,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// A sink of this name that sends here, as configuration.
    pub(crate) fn sink(&self, name: &str) -> String {
        sink(name, &format!("http://{}/", self.address))
    }

    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.desk.arrivals.lock().unwrap().clone()
    }

    /// Waits until so many requests came.
    pub(crate) async fn wait_for(&self, arrivals: usize) -> Vec<Arrival> {
        self.wait(|came| came.len() >= arrivals).await
    }

    /// Waits until requests of so many ids came.
    pub(crate) async fn wait_for_ids(&self, wanted: usize) -> Vec<Arrival> {
        self.wait(|came| ids(came).len() >= wanted).await
    }

    async fn wait(&self, enough: impl Fn(&[Arrival]) -> bool) -> Vec<Arrival> {
        let enough = async {
            loop {
                let rung = self.desk.rung.notified();
                if enough(&self.desk.arrivals.lock().unwrap()) {
                    return;
                }
                rung.await;
            }
        };
        let in_time = tokio::time::timeout(crate::support::PATIENCE, enough).await;
        assert!(in_time.is_ok(), "waited in vain: {:?}", self.arrivals());
        self.arrivals()
    }
}

/// The ids of requests.
pub(crate) fn ids(arrivals: &[Arrival]) -> BTreeSet<String> {
    arrivals.iter().map(|arrival| arrival.id.clone()).collect()
}

/// A sink that sends to this address, as configuration.
pub(crate) fn sink(name: &str, url: &str) -> String {
    format!("[sink.{name}.webhook]\nurl = \"{url}\"\n")
}

async fn talk(stream: TcpStream, tls: Option<TlsAcceptor>, desk: Arc<Desk>) {
    let Some(tls) = tls else {
        return answer(stream, &desk, |stream| drop(stream.set_zero_linger())).await;
    };
    if let Ok(stream) = tls.accept(stream).await {
        let reset = |stream: &tokio_rustls::server::TlsStream<TcpStream>| {
            drop(stream.get_ref().0.set_zero_linger());
        };
        answer(stream, &desk, reset).await;
    }
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, desk: &Desk, reset: impl Fn(&S)) {
    let Some(head) = read_request(&mut stream).await else {
        return;
    };
    let header = |name: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        let value = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        value.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let answered = Arc::new(Mutex::new(0));
    let reply = {
        let mut arrivals = desk.arrivals.lock().unwrap();
        arrivals.push(Arrival {
            id: header("webhook-id"),
            timestamp_s: header("webhook-timestamp").parse().unwrap_or_default(),
            at: Instant::now(),
            answered: Arc::clone(&answered),
        });
        (desk.script.lock().unwrap())(arrivals.len())
    };
    desk.rung.notify_waiters();
    match reply {
        Reply::Raw(bytes) => drop(stream.write_all(&bytes).await),
        Reply::Later(wait, bytes) => {
            tokio::time::sleep(wait).await;
            drop(stream.write_all(&bytes).await);
        }
        Reply::Drip => {
            for byte in b"HTTP/1.1 200 OK\r\nx-filler: "
                .iter()
                .chain([b'a'].iter().cycle())
            {
                if stream.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        }
        Reply::Hang => std::future::pending().await,
        Reply::Reset => reset(&stream),
        Reply::Endless => {
            let head = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
            drop(stream.write_all(head).await);
            let chunk = vec![b'a'; 16 * 1024];
            while stream.write_all(&chunk).await.is_ok() {
                *answered.lock().unwrap() += chunk.len();
            }
        }
    }
    let _closed = stream.shutdown().await;
}

/// Reads a request with its body; gives its head.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let read = stream.read_buf(&mut bytes).await.ok()?;
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.parse::<usize>().ok())?
            });
            if bytes.len() >= head.len() + 4 + length.unwrap_or_default() {
                return Some(head.to_owned());
            }
        }
        if read == 0 {
            return None;
        }
    }
}
