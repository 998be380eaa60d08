//! Too much of something: matches, bytes, open files, lines that nobody reads;
//! and feeds that break their reader.

use super::Promise::{Apart, Bounded, Kept, Recovers, Told};
use super::Row;
use super::endpoint::{Endpoint, Reply};
use super::endpoints::deliveries;
use super::world::{World, table};
use crate::support::{PATIENCE, Page, Site};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// What the unit file lets it have (`MemoryHigh`).
const RESIDENT_KIB_MAX: u64 = 512 << 10;

/// A number of `/proc/PID/status`, in KiB.
fn memory_kib(pid: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap()
}

/// The processor time that a process had so far, in hundredths of a second.
fn processor_ticks(pid: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let fields = rest.split_whitespace().skip(11).take(2);
    fields.map(|field| field.parse::<u64>().unwrap()).sum()
}

/// Row 18: many matches at once: all are stored, all arrive, and memory is bounded.
pub(crate) async fn matches(row: Row) {
    let many = row.times(400, 10_000);
    let feeds = 8;
    let mut world = World::of(feeds, "").await;
    world.wirewatch.start();
    for number in 0..many {
        world.draft(number % feeds);
    }
    world.show_drafts();
    world.settle_up(&row, 0).await;
    let peak = memory_kib(&world.wirewatch.pid(), "VmHWM");
    row.check(Bounded, peak < RESIDENT_KIB_MAX, format!("{peak} KiB"));
    row.check(Apart, true, "every feed was read");
    world.stop();
    row.did(format!(
        "{many} matches at once, at most {} MiB",
        peak >> 10
    ));
}

/// Row 22: feeds that are bombs: they end as failures of their own.
pub(crate) async fn bombs(row: Row) {
    let site = Site::open().await;
    site.set("/endless", Page::Endless);
    let wide = format!(
        "<rss version=\"2.0\"><channel><title {}>x</title></channel></rss>",
        (0..400_000)
            .map(|n| format!("a{n}=\"\" "))
            .collect::<String>()
    );
    site.set("/wide", Page::Text(wide));
    let deep = format!("<rss><channel>{}", "<a>".repeat(3_000_000));
    site.set("/deep", Page::Text(deep));
    let bomb = Endpoint::open(|_| {
        let body = bomb(1 << 30);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-encoding: gzip\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Reply::Raw([head.as_bytes(), &body].concat())
    })
    .await;
    let mut feeds = format!("[feed.gzip]\nurl = \"http://127.0.0.1:{}/\"\n", bomb.port());
    for (host, path) in (10..).zip(["endless", "wide", "deep"]) {
        let url = site.url(host, &format!("/{path}"));
        feeds += &table(path, &url);
    }
    let mut world = World::of(2, &feeds).await;
    world.wirewatch.start();
    for name in ["gzip", "endless", "deep"] {
        let line = world
            .wirewatch
            .wait_for_log(&format!("feed.id={name} "))
            .await;
        row.check(Told, line.contains("the feed failed"), line);
    }
    site.wait_for("/wide", 2).await;
    world.publish(0);
    world.publish(1);
    world.settle_up(&row, 0).await;
    row.check(Apart, true, "sound feeds go on");
    let peak = memory_kib(&world.wirewatch.pid(), "VmHWM");
    row.check(Bounded, peak < RESIDENT_KIB_MAX, format!("{peak} KiB"));
    let (status, _) = world.stop();
    row.check(Recovers, status.success(), "it ends in order");
    row.did(format!("4 bombs, at most {} MiB", peak >> 10));
}

/// A gigabyte and more of zeros as a gzip stream of a few megabytes: after one
/// zero, "258 bytes from one byte back" over and over (RFC 1951, section 3.2.6).
fn bomb(bytes: usize) -> Vec<u8> {
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let (mut held, mut bits) = (0_u64, 0);
    let mut put = |stream: &mut Vec<u8>, code: u64, length: u32| {
        // Codes are sent from their most significant bit on.
        for bit in (0..length).rev() {
            held |= (code >> bit & 1) << bits;
            bits += 1;
            if bits == 8 {
                stream.push(held as u8);
                (held, bits) = (0, 0);
            }
        }
    };
    // The last block, with fixed codes.
    put(&mut stream, 0b110, 3);
    put(&mut stream, 0b0011_0000, 8);
    for _ in 0..bytes / 258 {
        put(&mut stream, 0b1100_0101, 8);
        put(&mut stream, 0, 5);
    }
    stream
}

/// Row 23: feeds that make a parser panic, as two that are kept here once did.
pub(crate) async fn panics(row: Row) {
    let site = Site::open().await;
    let documents = [
        (
            "author",
            include_str!("../../fixtures/feeds/panic-author.rss"),
        ),
        (
            "declaration",
            include_str!("../../fixtures/feeds/panic-declaration.rss"),
        ),
    ];
    let mut feeds = String::new();
    for (host, (name, document)) in (10..).zip(documents) {
        site.set(&format!("/{name}"), Page::Text(document.to_owned()));
        let url = site.url(host, &format!("/{name}"));
        feeds += &table(name, &url);
    }
    let mut world = World::of(2, &feeds).await;
    world.wirewatch.start();
    for (name, _) in documents {
        site.wait_for(&format!("/{name}"), 2).await;
        row.check(Recovers, true, "it is asked again");
    }
    let line = world.wirewatch.wait_for_log("a panic").await;
    row.check(Told, line.contains("place="), line);
    for _ in 0..4 {
        world.publish(0);
        world.publish(1);
    }
    world.settle_up(&row, 0).await;
    row.check(Apart, true, "other feeds go on");
    let (status, _) = world.stop();
    row.check(Recovers, status.success(), "it ends in order");
    row.did("two feeds that make their reader panic");
}

/// Row 29: no more files can be opened: it waits for some to be closed, and does
/// not spin meanwhile.
pub(crate) async fn files(row: Row) {
    const FILES: u32 = 40;
    let site = Site::open().await;
    let mut feeds =
        "[websub]\ncallback = \"http://monitor.test/websub\"\nlisten = \"127.0.0.1:0\"\n\
                     [http]\ntimeout = \"5s\"\n"
            .to_owned();
    for feed in 0..60 {
        let (host, name) = (feed % 12 + 5, format!("/hang-{feed}"));
        site.set(&name, Page::Hang);
        let url = site.url(u8::try_from(host).unwrap(), &name);
        feeds += &table(&format!("h{feed}"), &url);
    }
    let mut world = World::of(2, &feeds).await;
    world.wirewatch.start_with_few_files(FILES);
    let line = world.wirewatch.wait_for_log("hubs are answered at ").await;
    let address = line.split("answered at ").nth(1).unwrap();
    let address = address.split('/').next().unwrap();
    let mut held = Vec::new();
    for _ in 0..FILES {
        held.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    world.publish(0);
    let line = world.wirewatch.wait_for_log("Too many open files").await;
    row.check(Told, true, line);
    let pid = world.wirewatch.pid();
    let before = processor_ticks(&pid);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let ticks = processor_ticks(&pid) - before;
    row.check(
        Bounded,
        ticks < 150,
        format!("{ticks} ticks in 3 s: it spins"),
    );
    drop(held);
    world.publish(1);
    world.settle_up(&row, 0).await;
    row.check(Recovers, true, "it goes on when there are files again");
    let (status, _) = world.stop();
    row.check(Recovers, status.success(), "it ends in order");
    row.did(format!("{FILES} files for 62 feeds and {FILES} callers"));
}

/// Row 35: nobody reads the log, while every alert goes there too.
pub(crate) async fn unread(row: Row) {
    let many = row.times(500, 10_000);
    let mut world = World::of(2, "[sink.journal.log]\n").await;
    let mut child = start_unread(&world);
    // More than a pipe and the queue before it hold.
    for number in 0..many {
        world.draft(number % 2);
    }
    world.show_drafts();
    world.receiver.wait_for(many).await;
    world.publish(0);
    world.settle_up(&row, 0).await;
    row.check(Apart, true, "polls and deliveries go on");
    let (log, told) = (child.stderr.take().unwrap(), Log::default());
    let heard = told.clone();
    let reader = std::thread::spawn(move || heard.read(log));
    let line = told.wait_for_dropped().await;
    row.check(Told, line.contains("lines="), line);
    let alerts = told.wait_for_alerts(world.published).await;
    row.check(
        Kept,
        alerts == world.published,
        format!("{alerts} in the log"),
    );
    end(&child.id().to_string());
    let ended = tokio::task::block_in_place(|| child.wait().unwrap());
    row.check(Recovers, ended.success(), "it ends in order");
    reader.join().unwrap();

    // And when it is never read again, that must not keep it from ending.
    let mut child = start_unread(&world);
    for number in 0..many {
        world.draft(number % 2);
    }
    world.show_drafts();
    world.settle_up(&row, 0).await;
    end(&child.id().to_string());
    let ended = tokio::task::block_in_place(|| child.wait().unwrap());
    row.check(Recovers, ended.success(), "it ends although nobody reads");
    let waiting = deliveries(&world, &["--sink", "journal", "--state", "pending"]);
    row.check(Kept, !waiting.is_empty(), "what nobody read was given up");
    row.did(format!("{many} alerts into a log that nobody reads, twice"));
}

/// What a log says when it is read at last.
#[derive(Debug, Clone, Default)]
struct Log {
    alerts: Arc<Mutex<BTreeSet<String>>>,
    dropped: Arc<Mutex<Option<String>>>,
    rung: Arc<Notify>,
}

impl Log {
    fn read(&self, log: impl std::io::Read) {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if let Some((_, id)) = line.split_once("alert.id=") {
                let id = id.split_whitespace().next().unwrap_or_default();
                self.alerts.lock().unwrap().insert(id.to_owned());
            }
            if line.contains("lines of the log were dropped") {
                *self.dropped.lock().unwrap() = Some(line);
                self.rung.notify_one();
            }
        }
    }

    async fn wait_for_alerts(&self, alerts: usize) -> usize {
        let all = async {
            while self.alerts.lock().unwrap().len() < alerts {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let _all = tokio::time::timeout(PATIENCE, all).await;
        self.alerts.lock().unwrap().len()
    }

    async fn wait_for_dropped(&self) -> String {
        let heard = tokio::time::timeout(PATIENCE, self.rung.notified()).await;
        assert!(heard.is_ok(), "it does not say that lines were dropped");
        self.dropped.lock().unwrap().clone().unwrap_or_default()
    }
}

/// The daemon with a log that is not read.
fn start_unread(world: &World) -> std::process::Child {
    let mut command = world.wirewatch.prepared();
    command
        .args(["--log", "trace", "run"])
        .stderr(Stdio::piped());
    command.spawn().expect("it starts")
}

fn end(pid: &str) {
    let sent = Command::new("kill").args(["-TERM", pid]).status();
    assert!(sent.expect("kill").success());
}
