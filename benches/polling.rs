//! How fast feeds are polled: a first poll and a poll where nothing is new.
//!
//! `cargo bench --bench polling [-- FEEDS]` runs the real binary against a
//! server on loopback, 1,000 feeds unless told otherwise, once with all of them
//! on one host, which allows one request at a time, and once with a host for
//! each. It prints feeds a second over the whole process and its peak memory.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints what it measured"
)]

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let feeds = std::env::args().find_map(|argument| argument.parse().ok());
    let feeds: usize = feeds.unwrap_or(1_000);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("0.0.0.0:0"))?;
    let server = listener.local_addr()?;
    let pages = Router::new().route("/{feed}", get(feed));
    let serving = runtime.spawn(async move { axum::serve(listener, pages).await });
    println!("{feeds} feeds of 25 entries on loopback, whole process, release build");
    for (what, hosts) in [("one host", 1), ("a host each", feeds)] {
        let dir = tempfile::tempdir()?;
        configure(dir.path(), server, feeds, hosts)?;
        for poll in ["first poll", "nothing new"] {
            let (took, peak_kib) = run(dir.path())?;
            println!(
                "{what}, {poll}: {:.0} feeds/s, {:.2} s, {} MiB at the most",
                feeds as f64 / took.as_secs_f64(),
                took.as_secs_f64(),
                peak_kib / 1024
            );
            // The next poll is due a second after the last.
            std::thread::sleep(Duration::from_millis(1_200));
        }
    }
    serving.abort();
    Ok(())
}

/// A feed of 25 entries, none of them about anything that is watched.
async fn feed(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let etag = "\"1\"";
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value == etag)
    {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    let items: String = (0..25)
        .map(|n| {
            format!(
                "<item><title>Entry {n} of {name}</title><link>https://{name}.example/{n}</link>\
                 <guid>{name}-{n}</guid><description>Some words that an article may say, and some more \
                 of them, so that it is about as long as most.</description></item>"
            )
        })
        .collect();
    let body =
        format!("<rss version=\"2.0\"><channel><title>{name}</title>{items}</channel></rss>");
    let headers = [
        (header::ETAG, etag),
        (header::CONTENT_TYPE, "application/rss+xml"),
    ];
    (headers, body).into_response()
}

fn configure(dir: &FilePath, server: SocketAddr, feeds: usize, hosts: usize) -> Result<()> {
    let mut config = String::from(
        "watchlists = [\"watchlist.toml\"]\n[daemon]\nstate_dir = \"state\"\n\
         [poll]\nevery = \"1s\"\nmin = \"1s\"\nhost_spacing = \"0s\"\n[sink.journal.log]\n",
    );
    for n in 0..feeds {
        let host = n % hosts;
        let address = format!(
            "127.{}.{}.{}",
            1 + host / 62_500,
            host / 250 % 250,
            1 + host % 250
        );
        writeln!(
            config,
            "[feed.f{n}]\nurl = \"http://{address}:{}/f{n}\"",
            server.port()
        )?;
    }
    std::fs::write(dir.join("wirewatch.toml"), config)?;
    let watchlist = include_str!("../config/watchlist.toml");
    std::fs::write(dir.join("watchlist.toml"), watchlist)?;
    Ok(())
}

/// Runs `wirewatch run --once`; gives how long it took and its peak memory.
fn run(dir: &FilePath) -> Result<(Duration, u64)> {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wirewatch"))
        .args(["--log", "warn", "run", "--once"])
        .current_dir(dir)
        .stdout(Stdio::null())
        .spawn()?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    loop {
        if let Some(status) = child.try_wait()? {
            let took = started.elapsed();
            if !status.success() {
                return Err(format!("wirewatch ended with {status}").into());
            }
            return Ok((took, peak_kib));
        }
        if let Ok(status) = std::fs::read_to_string(&status_file) {
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            peak_kib = kib.unwrap_or(peak_kib);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
