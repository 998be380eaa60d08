//! Days of the notifier on a clock that is made up, against a receiver that is real
//! and keeps a book of when it was asked.
//!
//! Time goes on only while nothing is under way, so that a day takes as long as its
//! requests do. The tests run one after the other, since they share the clock.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::task::JoinSet;
use wirewatch::alert::{AlertId, sample};
use wirewatch::article::ArticleId;
use wirewatch::config::{Config, Environment, load_text};
use wirewatch::feed::FeedId;
use wirewatch::fetch::Client;
use wirewatch::notifier::Notifier;
use wirewatch::policy::Clock;
use wirewatch::policy::poll::FeedState;
use wirewatch::policy::retry::DeliveryState;
use wirewatch::policy::route::{Plan, Target};
use wirewatch::sink::Sink;
use wirewatch::store::{DeliveryFilter, NewAlert, PollResult, Store};

const HOUR_S: i64 = 3600;

/// What everybody takes for the time, in milliseconds since 2026-11-23.
static TIME_MS: AtomicI64 = AtomicI64::new(0);
static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

const CLOCK: Clock = Clock {
    now: || Timestamp::from_millisecond(1_795_392_000_000 + time_ms()).unwrap(),
    uptime: || SignedDuration::ZERO,
    jitter: || 0.5,
};

fn time_ms() -> i64 {
    TIME_MS.load(Ordering::SeqCst)
}

/// What a receiver says at a second: a status, and a `Retry-After`.
type Script = fn(i64) -> (u16, Option<&'static str>);

/// A request: when it came, the number that it carried, and how it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    at_ms: i64,
    seq: u64,
    status: u16,
}

type Book = Arc<Mutex<Vec<Asked>>>;

async fn answer(State((script, book)): State<(Script, Book)>, body: Bytes) -> impl IntoResponse {
    let at_ms = time_ms();
    let (status, retry_after) = script(at_ms / 1000);
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    book.lock().unwrap().push(Asked {
        at_ms,
        seq: json["data"]["seq"].as_u64().unwrap(),
        status,
    });
    // A time to wait for is read by the receiver's own clock.
    let date = (CLOCK.now)()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let header = retry_after.map(|value| [("retry-after", value)]);
    (
        StatusCode::from_u16(status).unwrap(),
        [("date", date)],
        header,
        (),
    )
}

/// A store, a sink and the receiver behind it.
struct World {
    config: Config,
    store: Store,
    book: Book,
    _server: JoinSet<()>,
    _dir: TempDir,
}

impl World {
    /// With so many deliveries waiting, and something more in the table of the sink.
    async fn with(script: Script, deliveries: usize, more: &str) -> Self {
        TIME_MS.store(0, Ordering::SeqCst);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let book = Book::default();
        let desk = Router::new()
            .fallback(answer)
            .with_state((script, Arc::clone(&book)));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, desk).await.unwrap() });
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let dir = dir.unwrap();
        let text = format!("[sink.hook.webhook]\nurl = \"http://{address}/\"\n{more}");
        let path = dir.path().join("wirewatch.toml");
        let loaded = load_text(Path::new(&path), text, &Environment::of_process());
        let (config, _) = loaded.unwrap_or_else(|problems| panic!("{problems}"));
        let store = Store::open(dir.path(), (CLOCK.now)()).unwrap();
        let world = Self {
            config,
            store,
            book,
            _server: server,
            _dir: dir,
        };
        world.add(deliveries).await;
        world
    }

    async fn add(&self, deliveries: usize) {
        let now = (CLOCK.now)();
        let feed = FeedId::new("wire").unwrap();
        let mut poll =
            PollResult::empty(now, FeedState::new(feed, "https://a.example/".into(), now));
        for n in 0..deliveries {
            let mut alert = sample(now).unwrap();
            alert.id = AlertId(format!("{:016x}{n:016x}", time_ms()));
            alert.article.id = ArticleId(alert.id.0.clone());
            let plan = Plan {
                targets: vec![Target::plain(self.config.sinks[0].name.clone())],
                ..Plan::default()
            };
            poll.alerts.push(NewAlert { alert, plan });
        }
        self.store.commit_poll(poll).await.unwrap();
    }

    async fn notifier(&self) -> Notifier {
        let client = Client::new(&self.config.http).unwrap();
        let config = &self.config.sinks[0];
        let sink = Sink::open(config, client).unwrap();
        let notifier = Notifier::open(config, sink, self.store.clone(), CLOCK).await;
        notifier.unwrap()
    }

    /// Lets time go on until this second; the daemon is killed and started again at
    /// each of these.
    async fn until(&self, end_s: i64, restarts_s: &[i64]) {
        let mut notifier = self.notifier().await;
        let mut restarts = restarts_s.iter().peekable();
        while time_ms() < end_s * 1000 {
            let now = (CLOCK.now)();
            let wake = notifier.step(now);
            if notifier.is_busy() {
                notifier.ended().await;
                continue;
            }
            let wait_ms = wake.duration_since(now).as_millis().max(1) as i64;
            TIME_MS.fetch_add(wait_ms, Ordering::SeqCst);
            if restarts
                .next_if(|at_s| time_ms() >= **at_s * 1000)
                .is_some()
            {
                notifier = self.notifier().await;
            }
        }
    }

    fn book(&self) -> Vec<Asked> {
        self.book.lock().unwrap().clone()
    }

    async fn count(&self, state: DeliveryState) -> usize {
        let filter = DeliveryFilter {
            state: Some(state),
            ..DeliveryFilter::default()
        };
        self.store.deliveries(filter, 10_000).await.unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_costs_few_requests_and_no_delivery() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let down = |s| (if s < 12 * HOUR_S { 503 } else { 204 }, None);
    let world = World::with(down, 150, "").await;
    world.until(14 * HOUR_S, &[7, HOUR_S, 9 * HOUR_S]).await;
    let book = world.book();
    let (taken, failed): (Vec<Asked>, Vec<Asked>) = book.iter().partition(|it| it.status == 204);
    // Five to open it, five growing waits, and then one an hour, restarts or not.
    assert!((16..28).contains(&failed.len()), "{}", failed.len());
    assert_eq!(taken.len(), 150);
    let seqs: Vec<u64> = taken.iter().skip(1).map(|it| it.seq).collect();
    let highest = |upto: &[u64]| upto.iter().copied().max().unwrap_or(0);
    for (n, seq) in seqs.iter().enumerate() {
        // As many may be under way or not written down at one time.
        assert!(
            seq + 64 > highest(&seqs[..n]),
            "{seq} came after {:?}",
            &seqs[..n]
        );
    }
    // No delivery was worn out for the others.
    let records = world.store.deliveries(DeliveryFilter::default(), 150).await;
    let attempts = records.unwrap().iter().map(|it| it.attempts).max();
    assert!(attempts <= Some(3), "{attempts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_that_does_not_end_leaves_nothing_pending() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let world = World::with(|_| (404, None), 50, "max_age = \"6h\"\n").await;
    world.until(7 * HOUR_S, &[]).await;
    assert_eq!(world.count(DeliveryState::Dead).await, 50);
    let requests = world.book().len();
    assert!((5..20).contains(&requests), "{requests}");
    assert_eq!(world.store.notices(9).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_before_the_time_that_was_asked_for() {
    let _turn = ONE_AT_A_TIME.lock().await;
    // In seconds, as a date (of the second that it says), with a fraction, absurd
    // (a day at most), in the past, and nothing of the sort.
    let said: Script = |s| match s {
        0..100 => (429, Some("100")),
        100..3600 => (503, Some("Mon, 23 Nov 2026 01:00:00 GMT")),
        3600..7200 => (429, Some("3600")),
        7200..90_000 => (503, Some("99999999999999999999")),
        90_000..100_000 => (503, Some("-5")),
        100_000..110_000 => (503, Some("soon")),
        _ => (204, None),
    };
    let world = World::with(said, 40, "").await;
    world.until(120_000, &[50, 99, 5000, 50_000]).await;
    let book = world.book();
    for (from_s, to_s) in [
        (0, 100),
        (100, 3600),
        (3600, 7200),
        (7200, 7200 + 24 * HOUR_S),
    ] {
        let (first, last) = (from_s * 1000, to_s * 1000);
        let within: Vec<_> = book
            .iter()
            .filter(|it| it.at_ms >= first && it.at_ms < last)
            .collect();
        let started = within.first().map(|it| it.at_ms);
        let later = within.iter().filter(|it| Some(it.at_ms) != started);
        assert_eq!(later.count(), 0, "from {from_s} s: {within:?}");
        assert!(within.len() <= 4, "{within:?}");
    }
    let taken = book.iter().filter(|it| it.status == 204).count();
    assert_eq!(taken, 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_window_has_more_than_the_rate_of_the_sink() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let world = World::with(|_| (204, None), 100, "rate = \"7/1m\"\n").await;
    world.until(HOUR_S, &[30, 61, 300, 301]).await;
    let book = world.book();
    assert_eq!(book.len(), 100);
    for window in book.windows(8) {
        let took_ms = window[7].at_ms - window[0].at_ms;
        assert!(took_ms > 60_000, "{window:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_makes_its_receiver_fail_keeps_no_other_waiting() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let world = World::with(|_| (500, None), 1, "").await;
    world.until(2 * HOUR_S, &[]).await;
    let book = world.book();
    assert!(book.iter().all(|it| it.seq == 1));
    world.add(1).await;
    world.until(4 * HOUR_S, &[]).await;
    let later: Vec<u64> = world
        .book()
        .split_off(book.len())
        .iter()
        .map(|it| it.seq)
        .collect();
    assert_eq!(later.first(), Some(&2), "{later:?}");
}
