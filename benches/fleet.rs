//! Whether one process keeps a large fleet of feeds: fifty thousand on as many
//! hosts, over HTTPS, every five minutes, a tenth of them changed.
//!
//! `FLEET_FEEDS=50000 FLEET_MINUTES=16 cargo bench --bench fleet` runs the real
//! binary against a server on loopback with an authority of its own, each feed at
//! its own address of 127.0.0.0/8, so that no connection serves two feeds. It
//! prints what the process took, how late polls were against the time that they
//! were due at, and how often a rule of politeness was broken, as the server saw
//! it. The server takes about as much of the machine as the process; so lateness
//! on two cores is that of a machine half as large.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints what it measured"
)]

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The addresses of a certificate, and of the second byte of an address.
const LAST_BYTES: usize = 250;
const MIDDLE_BYTES: usize = 250;

/// How often a feed is polled, and how often another tenth of the feeds changes.
const EVERY: Duration = Duration::from_mins(5);

/// How long a connection is kept for another request, as servers do.
const IDLE: Duration = Duration::from_mins(1);

/// The longest head of a request.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// How many entries a feed has.
const ENTRIES: u32 = 15;

/// The unit of time in `/proc`.
const CLOCK_TICKS_PER_SECOND: f64 = 100.0;

fn main() -> Result<()> {
    let feeds = number("FLEET_FEEDS", 2_000)?;
    let minutes = number("FLEET_MINUTES", 12)?;
    let dir = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let listener = runtime.block_on(TcpListener::bind("0.0.0.0:0"))?;
    let port = listener.local_addr()?.port();
    let acceptors = Arc::new(authority(dir.path(), feeds)?);
    let fleet = Arc::new(Fleet::new(feeds));
    runtime.spawn(serve(listener, acceptors, Arc::clone(&fleet)));
    configure(dir.path(), port, feeds)?;

    println!("{feeds} feeds on as many hosts over HTTPS, {minutes} minutes");
    let mut child = start(dir.path())?;
    let late = lateness(&mut child, feeds)?;
    let mut ended = None;
    let started = Instant::now();
    let mut settled_at = None;
    while started.elapsed() < Duration::from_secs(minutes as u64 * 60) {
        std::thread::sleep(Duration::from_secs(1));
        if let Some(status) = child.try_wait()? {
            return Err(format!("wirewatch ended with {status}").into());
        }
        ended = Some(Usage::of(child.id())?);
        if settled_at.is_none() && fleet.all_were_asked() {
            let seconds = started.elapsed().as_secs_f64();
            println!(
                "first polls: all in {seconds:.0} s, {}",
                Usage::of(child.id())?
            );
            settled_at = Some((Instant::now(), Usage::of(child.id())?));
        }
    }
    Command::new("kill").arg(child.id().to_string()).status()?;
    child.wait()?;
    if let (Some((at, before)), Some(after)) = (settled_at, ended) {
        let cores = (after.cpu_seconds - before.cpu_seconds) / at.elapsed().as_secs_f64();
        println!("from then on: {:.1} % of a core, {after}", cores * 100.0);
    }
    report(&late, &fleet)
}

fn report(late: &Mutex<Lateness>, fleet: &Fleet) -> Result<()> {
    let mut late = lock(late);
    let Lateness { first_ms, later_ms } = &mut *late;
    for (name, polls) in [("first polls", first_ms), ("later polls", later_ms)] {
        polls.sort_unstable();
        let at = |share: f64| {
            let at = (polls.len() as f64 * share) as usize;
            polls.get(at).or(polls.last()).copied().unwrap_or(0)
        };
        println!(
            "{name}: {}, late by {} ms in the middle, {} at p99, {} at the most",
            polls.len(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
    let seen = lock(&fleet.seen);
    println!(
        "the server saw {} requests, {} answered with a body; rules broken: {:?}",
        seen.requests, seen.bodies, seen.broken
    );
    if seen.broken.is_empty() {
        Ok(())
    } else {
        Err("rules were broken".into())
    }
}

fn number(variable: &str, otherwise: usize) -> Result<usize> {
    let value = std::env::var(variable).ok();
    Ok(value.map_or(Ok(otherwise), |value| value.parse())?)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address of a feed's host.
fn address(feed: usize) -> Ipv4Addr {
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    let network = feed / LAST_BYTES;
    Ipv4Addr::new(
        127,
        byte(1 + network / MIDDLE_BYTES),
        byte(network % MIDDLE_BYTES),
        byte(1 + feed % LAST_BYTES),
    )
}

/// The feed at an address.
fn feed_at(address: Ipv4Addr) -> usize {
    let [_, high, middle, last] = address.octets().map(usize::from);
    ((high - 1) * MIDDLE_BYTES + middle) * LAST_BYTES + last - 1
}

/// Makes an authority, leaves its certificate in the folder, and makes a
/// certificate for each two hundred and fifty hosts.
fn authority(dir: &Path, feeds: usize) -> Result<Vec<TlsAcceptor>> {
    // Another library of this process may have installed it already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    std::fs::write(dir.join("authority.pem"), issuer.pem())?;
    let key = KeyPair::generate()?;
    (0..feeds.div_ceil(LAST_BYTES))
        .map(|network| {
            let hosts =
                (0..LAST_BYTES).map(|host| address(network * LAST_BYTES + host).to_string());
            let params = CertificateParams::new(hosts.collect::<Vec<_>>())?;
            let certificate = params.signed_by(&key, &issuer)?;
            let config = ServerConfig::builder()
                .with_no_client_auth()
                .with_single_cert(
                    vec![certificate.der().clone()],
                    rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into()),
                )?;
            Ok(TlsAcceptor::from(Arc::new(config)))
        })
        .collect()
}

/// All feeds as the server has them.
struct Fleet {
    feeds: Mutex<Vec<FeedState>>,
    seen: Mutex<Seen>,
}

#[derive(Clone, Default)]
struct FeedState {
    asked_at: Option<Instant>,
    requests: u32,
    version: u32,
    in_flight: bool,
}

/// What the server saw of all requests.
#[derive(Default)]
struct Seen {
    requests: usize,
    bodies: usize,
    broken: HashMap<&'static str, usize>,
}

impl Fleet {
    fn new(feeds: usize) -> Self {
        Self {
            feeds: Mutex::new(vec![FeedState::default(); feeds]),
            seen: Mutex::default(),
        }
    }

    fn all_were_asked(&self) -> bool {
        lock(&self.feeds).iter().all(|feed| feed.requests > 0)
    }

    /// What answers a request of this head.
    fn ask(&self, number: usize, head: &str) -> Option<String> {
        let mut feeds = lock(&self.feeds);
        let feed = feeds.get_mut(number)?;
        let header = |name: &str| {
            let lines = head.lines().filter_map(|line| line.split_once(": "));
            let mut found = lines.filter(|(it, _)| it.eq_ignore_ascii_case(name));
            found.next().map(|(_, value)| value.trim().to_owned())
        };
        let known = header("if-none-match");
        let expected = (feed.requests > 0).then(|| format!("\"{}\"", feed.version));
        let is_early = feed.asked_at.is_some_and(|at| at.elapsed() < EVERY);
        let rules = [
            (is_early, "earlier than every five minutes"),
            (
                known != expected,
                "without the validator that was sent last",
            ),
            (feed.in_flight, "two requests to a host at once"),
            (header("cookie").is_some(), "a cookie"),
            (header("referer").is_some(), "a Referer"),
            (
                header("accept-encoding").is_none(),
                "no compression offered",
            ),
            (
                header("user-agent").is_none_or(|it| !it.starts_with("wirewatch/")),
                "no honest User-Agent",
            ),
        ];
        let mut seen = lock(&self.seen);
        for (_, rule) in rules.into_iter().filter(|(is_broken, _)| *is_broken) {
            *seen.broken.entry(rule).or_default() += 1;
        }
        let is_changed = feed.requests > 0 && (number + feed.requests as usize).is_multiple_of(10);
        let is_first = feed.requests == 0;
        feed.version += u32::from(is_changed);
        feed.requests += 1;
        feed.asked_at = Some(Instant::now());
        feed.in_flight = true;
        seen.requests += 1;
        let body = is_first || is_changed || known != Some(format!("\"{}\"", feed.version));
        seen.bodies += usize::from(body);
        Some(answer(number, body.then_some(feed.version)))
    }

    fn answered(&self, number: usize) {
        if let Some(feed) = lock(&self.feeds).get_mut(number) {
            feed.in_flight = false;
        }
    }
}

async fn serve(listener: TcpListener, acceptors: Arc<Vec<TlsAcceptor>>, fleet: Arc<Fleet>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let (acceptors, fleet) = (Arc::clone(&acceptors), Arc::clone(&fleet));
        tokio::spawn(async move {
            // A client that goes away is no matter of the server's.
            let _ended = connection(stream, &acceptors, &fleet).await;
        });
    }
}

async fn connection(stream: TcpStream, acceptors: &[TlsAcceptor], fleet: &Fleet) -> Result<()> {
    let SocketAddr::V4(local) = stream.local_addr()? else {
        return Ok(());
    };
    let number = feed_at(*local.ip());
    let acceptor = acceptors.get(number / LAST_BYTES).ok_or("no such host")?;
    stream.set_nodelay(true)?;
    let mut stream = acceptor.accept(stream).await?;
    let mut head = Vec::new();
    loop {
        head.clear();
        while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
            let read = stream.read_buf(&mut head);
            if tokio::time::timeout(IDLE, read).await?? == 0 {
                return Ok(());
            }
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let Some(answer) = fleet.ask(number, &text) else {
            return Ok(());
        };
        stream.write_all(answer.as_bytes()).await?;
        stream.flush().await?;
        fleet.answered(number);
    }
}

fn answer(number: usize, version: Option<u32>) -> String {
    let Some(version) = version else {
        return "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned();
    };
    let mut body = format!("<rss version=\"2.0\"><channel><title>Feed {number}</title>");
    for n in version..version + ENTRIES {
        write!(
            body,
            "<item><title>Entry {n} of feed {number}</title><link>https://f{number}.example/{n}</link>\
             <guid>f{number}-{n}</guid><description>Some words that an article may say, and some more \
             of them, so that it is about as long as most summaries of the news are, which is two or \
             three lines of a page.</description></item>"
        )
        .unwrap_or_default();
    }
    body.push_str("</channel></rss>");
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: \"{version}\"\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn configure(dir: &Path, port: u16, feeds: usize) -> Result<()> {
    let mut config = format!(
        "watchlists = [\"watchlist.toml\"]\n[daemon]\nstate_dir = \"state\"\nlog_format = \"json\"\n\
         [poll]\nevery = \"{}s\"\n[sink.journal.log]\n",
        EVERY.as_secs()
    );
    for feed in 0..feeds {
        let host = IpAddr::V4(address(feed));
        writeln!(
            config,
            "[feed.f{feed}]\nurl = \"https://{host}:{port}/feed\""
        )?;
    }
    std::fs::write(dir.join("wirewatch.toml"), config)?;
    let watchlist = include_str!("../config/watchlist.toml");
    std::fs::write(dir.join("watchlist.toml"), watchlist)?;
    Ok(())
}

fn start(dir: &Path) -> Result<Child> {
    let child = Command::new(env!("CARGO_BIN_EXE_wirewatch"))
        .args(["--log", "warn,wirewatch::scheduler=debug", "run"])
        .current_dir(dir)
        .env("SSL_CERT_FILE", dir.join("authority.pem"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    Ok(child)
}

/// How late polls were, in milliseconds.
#[derive(Default)]
struct Lateness {
    first_ms: Vec<i64>,
    later_ms: Vec<i64>,
}

/// Collects what the log says of lateness, and shows what it complains of.
fn lateness(child: &mut Child, feeds: usize) -> Result<Arc<Mutex<Lateness>>> {
    /// So many complaints are shown.
    const SHOWN_MAX: usize = 10;
    let log = BufReader::new(child.stderr.take().ok_or("no log")?);
    let late = Arc::new(Mutex::new(Lateness::default()));
    let noted = Arc::clone(&late);
    std::thread::spawn(move || {
        let mut shown = 0;
        for line in log.lines().map_while(std::io::Result::ok) {
            let value = line.split_once("\"late_ms\":").and_then(|(_, rest)| {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '-')?;
                rest.get(..end)?.parse().ok()
            });
            let Some(value) = value else {
                if !line.contains("DEBUG") && shown < SHOWN_MAX {
                    println!("{line}");
                    shown += 1;
                }
                continue;
            };
            let mut late = lock(&noted);
            if late.first_ms.len() < feeds {
                late.first_ms.push(value);
            } else {
                late.later_ms.push(value);
            }
        }
    });
    Ok(late)
}

/// What a process has taken so far.
#[derive(Debug, Clone, Copy)]
struct Usage {
    cpu_seconds: f64,
    now_mib: u64,
    peak_mib: u64,
}

impl Usage {
    fn of(process: u32) -> Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name of the program stands in brackets and may hold spaces.
        let (_, fields) = stat.rsplit_once(") ").ok_or("no stat")?;
        let ticks: f64 = fields
            .split(' ')
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<f64>().ok())
            .sum();
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let mib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            kib.unwrap_or(0) / 1024
        };
        Ok(Self {
            cpu_seconds: ticks / CLOCK_TICKS_PER_SECOND,
            now_mib: mib("VmRSS:"),
            peak_mib: mib("VmHWM:"),
        })
    }
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            cpu_seconds,
            now_mib,
            peak_mib,
        } = self;
        write!(
            f,
            "{cpu_seconds:.0} s of CPU, {now_mib} MiB, {peak_mib} at the most"
        )
    }
}
