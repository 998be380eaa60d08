//! How fast deliveries go out, how soon, and what a receiver that fails costs.
//!
//! `cargo bench --bench delivering [-- SCALE]` runs the real notifier and the real
//! store, which flushes every commit to the disk, against receivers on loopback in
//! the same process, and prints four things:
//!
//! - signed deliveries a second to one receiver;
//! - the time from the commit of a poll that matched to the first byte at an idle
//!   receiver, the flush included;
//! - deliveries a second to three receivers beside a fourth that hangs, and the
//!   same without it;
//! - an outage of a day on a clock that is made up, with 100,000 deliveries
//!   waiting: how many requests it costs, and whether what waited comes in order of
//!   age and within the rate of the sink.
//!
//! A scale of 0.1 makes a tenth of the deliveries.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock and prints what it measured"
)]

use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use wirewatch::alert::{AlertId, sample};
use wirewatch::article::ArticleId;
use wirewatch::config::{Config, Environment, load_text};
use wirewatch::feed::FeedId;
use wirewatch::fetch::Client;
use wirewatch::notifier::Notifier;
use wirewatch::policy::poll::FeedState;
use wirewatch::policy::route::{Plan, Target};
use wirewatch::policy::{Clock, SinkName};
use wirewatch::sink::Sink;
use wirewatch::store::{NewAlert, PollResult, Store};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A signing secret of Standard Webhooks.
const SECRET: &str = "whsec_c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3Jl";

/// How many alerts one poll commits.
const ALERTS_PER_POLL: usize = 500;

/// The time that is made up, in milliseconds since 1970.
static TIME_MS: AtomicI64 = AtomicI64::new(1_795_392_000_000);

const REAL: Clock = Clock {
    now: Timestamp::now,
    uptime: || SignedDuration::ZERO,
    jitter: || 0.5,
};

const MADE_UP: Clock = Clock {
    now: made_up_now,
    ..REAL
};

fn made_up_now() -> Timestamp {
    Timestamp::from_millisecond(TIME_MS.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
}

fn main() -> Result<()> {
    let scale = std::env::args().find_map(|argument| argument.parse().ok());
    let scale: f64 = scale.unwrap_or(1.0);
    let many = |number: f64| ((number * scale) as usize).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        throughput(many(20_000.0)).await?;
        latency(many(400.0)).await?;
        hanging(many(6_000.0)).await?;
        outage(many(100_000.0)).await
    })
}

/// How many signed deliveries a second one receiver gets.
async fn throughput(number: usize) -> Result<()> {
    let receiver = Receiver::open(Answers::Take).await?;
    let bed = Bed::make(&[("hook", &receiver, "")], REAL)?;
    bed.fill(number).await?;
    let took = bed.deliver(&[(&receiver, number)]).await?;
    println!(
        "one receiver: {:.0} signed deliveries a second ({number} in {:.2} s)",
        number as f64 / took.as_secs_f64(),
        took.as_secs_f64()
    );
    Ok(())
}

/// How long it takes from the commit of a poll to the first byte at the receiver.
async fn latency(number: usize) -> Result<()> {
    let receiver = Receiver::open(Answers::Take).await?;
    let bed = Bed::make(&[("hook", &receiver, "")], REAL)?;
    let running = bed.start().await?;
    let mut waits = Vec::new();
    for n in 0..number {
        let committed = Instant::now();
        bed.fill_from(n, 1).await?;
        running.stored.notify_waiters();
        receiver.wait_for(n + 1).await;
        let first_byte = receiver.last_first_byte().ok_or("no request")?;
        waits.push(first_byte.duration_since(committed));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.end().await?;
    waits.sort_unstable();
    let at = |share: f64| {
        let at = ((waits.len() as f64 * share) as usize).min(waits.len() - 1);
        waits.get(at).map_or(0.0, |wait| wait.as_secs_f64() * 1e3)
    };
    println!(
        "match to first byte, flush included: p50 {:.1} ms, p99 {:.1} ms, at the most {:.1} ms ({number} alerts)",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    Ok(())
}

/// What a receiver that hangs costs the others: the best of three runs each, in turn.
async fn hanging(number: usize) -> Result<()> {
    let (mut with, mut without) = (f64::MIN, f64::MIN);
    for _ in 0..3 {
        without = without.max(three_receivers(number, false).await?);
        with = with.max(three_receivers(number, true).await?);
    }
    println!(
        "three receivers: {without:.0} deliveries a second, {with:.0} beside a fourth that hangs ({:+.1} %)",
        (with / without - 1.0) * 100.0
    );
    Ok(())
}

async fn three_receivers(number: usize, hangs: bool) -> Result<f64> {
    let mut receivers = Vec::new();
    for _ in 0..3 {
        receivers.push(Receiver::open(Answers::Take).await?);
    }
    let stuck = Receiver::open(Answers::Hang).await?;
    let names = ["one", "two", "three"];
    let mut sinks: Vec<_> = names
        .iter()
        .zip(&receivers)
        .map(|(name, receiver)| (*name, receiver, ""))
        .collect();
    if hangs {
        sinks.push(("stuck", &stuck, ""));
    }
    let bed = Bed::make(&sinks, REAL)?;
    bed.fill(number).await?;
    let expected: Vec<_> = receivers.iter().map(|it| (it, number)).collect();
    let took = bed.deliver(&expected).await?;
    Ok((number * receivers.len()) as f64 / took.as_secs_f64())
}

/// What a receiver gets that is down for a day while deliveries wait for it.
async fn outage(number: usize) -> Result<()> {
    const PER_MINUTE: usize = 600;
    let receiver = Receiver::open(Answers::Refuse).await?;
    let rate = format!("rate = \"{PER_MINUTE}/1m\"\n");
    let bed = Bed::make(&[("hook", &receiver, &rate)], MADE_UP)?;
    let began = made_up_now();
    bed.fill(number).await?;
    let mut notifier = bed.notifiers().await?.pop().ok_or("no notifier")?;
    let ends = began.checked_add(SignedDuration::from_hours(24))?;
    let started = Instant::now();
    let mut up_at = None;
    while receiver.taken() < number {
        let now = made_up_now();
        if up_at.is_none() && now >= ends {
            receiver.desk.is_up.store(true, Ordering::SeqCst);
            up_at = Some(receiver.requests());
        }
        let wake = notifier.step(now);
        if notifier.is_busy() {
            notifier.ended().await;
        } else {
            let next = if up_at.is_none() {
                wake.min(ends)
            } else {
                wake
            };
            let next = next.max(now.checked_add(SignedDuration::from_millis(1))?);
            TIME_MS.store(next.as_millisecond(), Ordering::SeqCst);
        }
    }
    let took = started.elapsed();
    let (out_of_order, most) = receiver.judge(SignedDuration::from_mins(1));
    let drained = made_up_now().duration_since(ends);
    println!(
        "down for 24 h with {number} waiting: {} requests while it was down; then all taken within {:.1} h, {out_of_order} out of order but for the probe, at most {most} in any minute of {PER_MINUTE} ({:.0} a second in real time)",
        up_at.unwrap_or(0),
        drained.as_secs_f64() / 3600.0,
        number as f64 / took.as_secs_f64()
    );
    if out_of_order > 0 || most > PER_MINUTE {
        return Err("the order or the rate was not kept".into());
    }
    Ok(())
}

/// A store with sinks that lead to receivers.
struct Bed {
    config: Config,
    store: Store,
    clock: Clock,
    _dir: tempfile::TempDir,
}

/// Notifiers at work.
struct Running {
    stored: Arc<Notify>,
    stop: CancellationToken,
    tasks: tokio::task::JoinSet<()>,
}

impl Running {
    async fn end(mut self) -> Result<()> {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        Ok(())
    }
}

impl Bed {
    fn make(sinks: &[(&str, &Receiver, &str)], clock: Clock) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let mut text = String::from("watchlists = []\n");
        for (name, receiver, more) in sinks {
            writeln!(
                text,
                "[sink.{name}.webhook]\nurl = \"http://{}/{name}\"\nsecret = \"{SECRET}\"\n{more}",
                receiver.address
            )?;
        }
        let path = dir.path().join("wirewatch.toml");
        let environment = Environment::of_process();
        let loaded = load_text(Path::new(&path), text, &environment);
        let (config, _) = loaded.map_err(|problems| problems.to_string())?;
        let store = Store::open(dir.path(), (clock.now)())?;
        Ok(Self {
            config,
            store,
            clock,
            _dir: dir,
        })
    }

    async fn fill(&self, number: usize) -> Result<()> {
        let mut from = 0;
        while from < number {
            let count = ALERTS_PER_POLL.min(number - from);
            self.fill_from(from, count).await?;
            from += count;
        }
        Ok(())
    }

    /// Commits a poll that makes so many alerts.
    async fn fill_from(&self, from: usize, count: usize) -> Result<()> {
        let now = (self.clock.now)();
        let feed = FeedId::new("wire")?;
        let state = FeedState::new(feed, "https://wire.example/rss".to_owned(), now);
        let mut poll = PollResult::empty(now, state);
        let names: Vec<SinkName> = self.config.sinks.iter().map(|it| it.name.clone()).collect();
        let model = sample(now).ok_or("no sample")?;
        for n in from..from + count {
            let mut alert = model.clone();
            alert.id = AlertId(format!("{n:032x}"));
            alert.article.id = ArticleId(format!("{n:032x}"));
            let plan = Plan {
                targets: names.iter().cloned().map(Target::plain).collect(),
                ..Plan::default()
            };
            poll.alerts.push(NewAlert { alert, plan });
        }
        self.store.commit_poll(poll).await?;
        Ok(())
    }

    async fn notifiers(&self) -> Result<Vec<Notifier>> {
        let client = Client::new(&self.config.http)?.keeping()?;
        let mut notifiers = Vec::new();
        for config in &self.config.sinks {
            let sink = Sink::open(config, client.clone())?;
            notifiers.push(Notifier::open(config, sink, self.store.clone(), self.clock).await?);
        }
        Ok(notifiers)
    }

    async fn start(&self) -> Result<Running> {
        let (stored, stop) = (Arc::new(Notify::new()), CancellationToken::new());
        let mut tasks = tokio::task::JoinSet::new();
        for notifier in self.notifiers().await? {
            tasks.spawn(notifier.run(Arc::clone(&stored), stop.clone()));
        }
        Ok(Running {
            stored,
            stop,
            tasks,
        })
    }

    /// Runs until each of these receivers has taken so much; gives how long it took.
    async fn deliver(&self, expected: &[(&Receiver, usize)]) -> Result<Duration> {
        let started = Instant::now();
        let mut running = self.start().await?;
        for (receiver, number) in expected {
            receiver.wait_for(*number).await;
        }
        let took = started.elapsed();
        // One that hangs would be waited for.
        running.tasks.shutdown().await;
        Ok(took)
    }
}

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    Take,
    Hang,
    /// With 503, until it is up.
    Refuse,
}

struct Desk {
    answers: Answers,
    is_up: AtomicBool,
    requests: AtomicU64,
    taken: AtomicU64,
    /// When each request that was taken came, on the clock that is made up, and the
    /// number that it carried.
    log: Mutex<Vec<(i64, u64)>>,
    first_byte: Mutex<Option<Instant>>,
    rung: Notify,
}

/// A receiver that reads as little of a request as it can.
struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    _server: tokio::task::JoinSet<()>,
}

impl Receiver {
    async fn open(answers: Answers) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk {
            answers,
            is_up: AtomicBool::new(answers == Answers::Take),
            requests: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            log: Mutex::default(),
            first_byte: Mutex::default(),
            rung: Notify::new(),
        });
        let mut server = tokio::task::JoinSet::new();
        let serving = Arc::clone(&desk);
        server.spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, Arc::clone(&serving)));
            }
        });
        Ok(Self {
            address,
            desk,
            _server: server,
        })
    }

    fn taken(&self) -> usize {
        self.desk.taken.load(Ordering::SeqCst) as usize
    }

    fn requests(&self) -> u64 {
        self.desk.requests.load(Ordering::SeqCst)
    }

    fn last_first_byte(&self) -> Option<Instant> {
        *lock(&self.desk.first_byte)
    }

    async fn wait_for(&self, number: usize) {
        loop {
            let rung = self.desk.rung.notified();
            if self.taken() >= number {
                return;
            }
            rung.await;
        }
    }

    /// How many came after a younger one, the first of all aside, by more than can
    /// be under way at one time; and how many at the most in any window.
    fn judge(&self, window: SignedDuration) -> (usize, usize) {
        const UNSETTLED: u64 = 64;
        let log = lock(&self.desk.log);
        let (mut out_of_order, mut most, mut highest) = (0, 0, 0);
        let mut recent = VecDeque::new();
        for (n, (at, seq)) in log.iter().enumerate() {
            recent.push_back(*at);
            while recent
                .front()
                .is_some_and(|first| at - first > window.as_millis() as i64)
            {
                recent.pop_front();
            }
            most = most.max(recent.len());
            if n > 0 {
                out_of_order += usize::from(*seq + UNSETTLED < highest);
                highest = highest.max(*seq);
            }
        }
        (out_of_order, most)
    }
}

async fn serve(mut stream: TcpStream, desk: Arc<Desk>) {
    let mut buffer = Vec::new();
    while let Ok(Some(seq)) = request(&mut stream, &mut buffer, &desk).await {
        desk.requests.fetch_add(1, Ordering::SeqCst);
        let takes = match desk.answers {
            Answers::Hang => return std::future::pending().await,
            Answers::Take => true,
            Answers::Refuse => desk.is_up.load(Ordering::SeqCst),
        };
        let answer: &[u8] = if takes {
            b"HTTP/1.1 204 No Content\r\n\r\n"
        } else {
            b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
        };
        if takes {
            lock(&desk.log).push((TIME_MS.load(Ordering::SeqCst), seq));
            desk.taken.fetch_add(1, Ordering::SeqCst);
            desk.rung.notify_waiters();
        }
        if stream.write_all(answer).await.is_err() {
            return;
        }
    }
}

/// Reads one request and gives the number that it carries; none at the end.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>, desk: &Desk) -> Result<Option<u64>> {
    buffer.clear();
    let mut length = None;
    loop {
        if let Some(end) = length.filter(|end| buffer.len() >= *end) {
            let body = String::from_utf8_lossy(buffer.get(..end).unwrap_or_default());
            let number = body.split("\"seq\":").nth(1).map(|rest| {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                digits.parse()
            });
            return Ok(Some(number.transpose()?.unwrap_or(0)));
        }
        let empty = buffer.is_empty();
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
        if empty {
            *lock(&desk.first_byte) = Some(Instant::now());
        }
        if length.is_none() {
            length = end_of_request(buffer);
        }
    }
}

/// Where a request ends, once its head is in.
fn end_of_request(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(buffer.get(..head)?).ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse::<usize>().ok())?
    });
    Some(head + 4 + length.unwrap_or(0))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
