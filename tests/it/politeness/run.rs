//! Fourteen days of the daemon: its own rounds, intake, store and requests, on
//! a clock and a network that are made up.
//!
//! Times are true ones, in milliseconds since the beginning; what the daemon
//! takes for the time is off by as much as somebody set its clock.

use super::EPOCH_S;
use super::publishers::{self, DAY, FEEDS, HOUR, MINUTE, Seen};
use axum::http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use url::Url;
use wirewatch::config::{FeedConfig, Http};
use wirewatch::feed::FeedId;
use wirewatch::fetch::{Client, FeedRequest};
use wirewatch::matcher::{Adaptive, Matcher};
use wirewatch::policy::Clock;
use wirewatch::policy::host::HostRules;
use wirewatch::policy::page::FullText;
use wirewatch::policy::poll::{
    Answer, Every, FailureKind, FeedState, FeedWishes, FetchOutcome, FirstRun, Hints, PollLimits,
    PollReason, Validators,
};
use wirewatch::policy::rounds::{Ask, Rounds, Steady, Target, Turn};
use wirewatch::scheduler::{Intake, Watch, take_up};
use wirewatch::store::{Begun, Ended, PollResult, RequestNumber, Store, StoreError};
use wirewatch::watchlist::Watchlist;

/// What the daemon takes for the time, in milliseconds since 1970.
static WALL_MS: AtomicI64 = AtomicI64::new(0);

pub(crate) const END_MS: i64 = 14 * DAY * 1000;

/// How often a feed is polled: not all as often as they may be, to be done in time.
pub(crate) fn every_s(name: &str) -> i64 {
    match name {
        "plain" | "odd" | "busy-a" | "busy-b" => 15 * MINUTE,
        // By its own rhythm, and no more often.
        "auto" => 5 * MINUTE,
        _ => HOUR,
    }
}

/// What happens to the machine, by the second at which it does.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// The daemon is killed, and started after so many seconds.
    Restart(i64),
    /// Its clock is set by so many seconds.
    Jump(i64),
    /// The machine sleeps for so many seconds.
    Suspend(i64),
    /// The daemon is stopped, its clock set back by so many seconds, and started.
    SetBackWhileDown(i64),
}

fn events() -> Vec<(i64, Event)> {
    use Event::{Jump, Restart, SetBackWhileDown, Suspend};
    vec![
        (7, Restart(1)),
        (HOUR + 3, Restart(0)),
        (HOUR + 5, Restart(0)),
        (DAY + 7 * HOUR, Restart(40)),
        (2 * DAY + 9 * HOUR, Jump(2 * HOUR)),
        (2 * DAY + 10 * HOUR, Restart(3)),
        (3 * DAY, Jump(-3 * HOUR)),
        (3 * DAY + 5 * HOUR, Restart(7 * HOUR)),
        (4 * DAY + 8 * HOUR, Suspend(9 * HOUR)),
        (5 * DAY + HOUR, Restart(0)),
        (5 * DAY + 2 * HOUR, Jump(400 * DAY)),
        (5 * DAY + 2 * HOUR + 30, Restart(0)),
        (5 * DAY + 3 * HOUR, Jump(-400 * DAY)),
        (6 * DAY, SetBackWhileDown(30 * DAY)),
        (6 * DAY + 600, Restart(1)),
        (7 * DAY, Jump(30 * DAY)),
        (8 * DAY, Suspend(20 * MINUTE)),
        (8 * DAY + HOUR, Restart(5)),
        (9 * DAY + HOUR, Restart(5)),
        (11 * DAY + 7, Restart(0)),
        (12 * DAY + 7 * HOUR, Suspend(3)),
        (13 * DAY, Restart(0)),
    ]
}

/// A request as it was sent and answered.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) feed: String,
    pub(crate) url: Url,
    pub(crate) at_ms: i64,
    /// When the answer was in; none if the daemon was killed before.
    pub(crate) answered_ms: Option<i64>,
    pub(crate) hop: u32,
    pub(crate) reason: PollReason,
    pub(crate) headers: HeaderMap,
    /// None if nobody was reached.
    pub(crate) status: Option<u16>,
    pub(crate) answer: HeaderMap,
}

/// What a run leaves behind.
pub(crate) struct Run {
    pub(crate) sent: Vec<Sent>,
    /// How many entries of each feed were new to us.
    pub(crate) entries: HashMap<String, usize>,
    /// What was told of each feed.
    pub(crate) notices: Vec<(String, &'static str)>,
    pub(crate) restarts: usize,
    pub(crate) store: Store,
}

struct Flight {
    ask: Ask,
    number: RequestNumber,
    request: FeedRequest,
    sent: usize,
}

struct Machine<'a> {
    dir: &'a Path,
    client: Client,
    now_ms: i64,
    set_by_ms: i64,
    daemon: Option<Daemon>,
    flights: BTreeMap<(i64, usize), Flight>,
    nth: HashMap<Url, usize>,
    run: Vec<Sent>,
    entries: HashMap<String, usize>,
    notices: Vec<(String, &'static str)>,
}

struct Daemon {
    store: Store,
    intake: Intake,
    rounds: Rounds,
    steady: Steady,
}

/// Runs the fourteen days in a folder.
pub(crate) async fn run(dir: &Path) -> Run {
    let mut machine = Machine {
        dir,
        client: Client::new(&Http::default()).unwrap(),
        now_ms: 0,
        set_by_ms: 0,
        daemon: None,
        flights: BTreeMap::new(),
        nth: HashMap::new(),
        run: Vec::new(),
        entries: HashMap::new(),
        notices: Vec::new(),
    };
    machine.prepare().await;
    machine.start().await;
    let events = events();
    for (second, event) in &events {
        machine.run_until(second * 1000).await;
        machine.meet(*event).await;
    }
    machine.run_until(END_MS).await;
    let store = machine.daemon.take().unwrap().store;
    // What was told is what is stored for the operator, each once.
    let stored = store.notices(usize::MAX).await.unwrap();
    assert_eq!(stored.len(), machine.notices.len());
    let is_restart =
        |event: &Event| matches!(event, Event::Restart(_) | Event::SetBackWhileDown(_));
    Run {
        sent: machine.run,
        entries: machine.entries,
        notices: machine.notices,
        restarts: events.iter().filter(|(_, event)| is_restart(event)).count(),
        store,
    }
}

/// Opens a store that was closed. A process that another test starts at that moment
/// has a copy of the lock until it has begun to run.
fn open(dir: &Path, now: Timestamp) -> Store {
    let deadline = wirewatch::daemon::clock::uptime() + SignedDuration::from_secs(20);
    loop {
        match Store::open(dir, now) {
            Err(StoreError::Locked { .. }) if wirewatch::daemon::clock::uptime() < deadline => {
                std::thread::yield_now();
            }
            opened => return opened.unwrap(),
        }
    }
}

impl Machine<'_> {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millisecond(EPOCH_S * 1000 + self.now_ms + self.set_by_ms).unwrap()
    }

    fn uptime(&self) -> SignedDuration {
        SignedDuration::from_millis(self.now_ms)
    }

    /// What the reader of feeds does not tell yet, the store remembers: skipped
    /// hours of a feed that has nothing new.
    async fn prepare(&self) {
        let store = Store::open(self.dir, self.wall()).unwrap();
        let (name, url) = FEEDS.iter().find(|(name, _)| *name == "skip").unwrap();
        let mut state = FeedState::new(FeedId::new(name).unwrap(), (*url).to_owned(), self.wall());
        state.validators = Validators {
            etag: Some(b"\"never\"".to_vec()),
            last_modified: None,
        };
        state.memory.wishes = FeedWishes {
            ttl_minutes: None,
            skip_hours: super::SKIPPED_HOURS.to_vec(),
            skip_days: super::SKIPPED_DAYS.to_vec(),
        };
        let result = PollResult::empty(self.wall(), state);
        store.commit_poll(result).await.unwrap();
        store.close().await.unwrap();
    }

    async fn start(&mut self) {
        let now = self.wall();
        let store = open(self.dir, now);
        let targets = FEEDS.iter().map(|(name, url)| Target {
            feed: FeedId::new(name).unwrap(),
            url: Url::parse(url).unwrap(),
            limits: limits(name),
        });
        let rounds = take_up(targets.collect(), HostRules::default(), &store, now)
            .await
            .unwrap();
        let watch = Watch {
            matcher: Adaptive::new(Matcher::compile(&Watchlist::default()).unwrap()),
            routes: Vec::new(),
            sinks: Vec::new(),
        };
        let clock = Clock {
            now: || Timestamp::from_millisecond(WALL_MS.load(Ordering::Relaxed)).unwrap(),
            uptime: || SignedDuration::ZERO,
            jitter: || 0.37,
        };
        self.daemon = Some(Daemon {
            intake: Intake::new(store.clone(), Arc::new(watch), clock),
            store,
            rounds,
            steady: Steady::new(now, self.uptime()),
        });
    }

    async fn kill(&mut self) {
        self.flights.clear();
        let daemon = self.daemon.take().unwrap();
        daemon.store.close().await.unwrap();
    }

    async fn meet(&mut self, event: Event) {
        match event {
            Event::Restart(down_s) => {
                self.kill().await;
                self.now_ms += down_s * 1000;
                self.start().await;
            }
            Event::Jump(by_s) => self.set_by_ms += by_s * 1000,
            Event::Suspend(for_s) => self.now_ms += for_s * 1000,
            Event::SetBackWhileDown(by_s) => {
                self.kill().await;
                self.set_by_ms -= by_s * 1000;
                self.start().await;
            }
        }
    }

    /// The loop of the scheduler, until a time.
    async fn run_until(&mut self, end_ms: i64) {
        while self.now_ms < end_ms {
            self.begin().await;
            let daemon = self.daemon.as_ref().unwrap();
            let wake = daemon.rounds.next_wake();
            let wake_ms = wake.map_or(i64::MAX, |wake| {
                // A sleep is never shorter than what is slept for.
                let wait = wake.duration_since(self.wall());
                self.now_ms + i64::try_from(wait.as_nanos().div_euclid(1_000_000)).unwrap() + 1
            });
            let answer = self.flights.keys().next().copied();
            let answer_ms = answer.map_or(i64::MAX, |(at_ms, _)| at_ms);
            let next_ms = wake_ms.min(answer_ms).max(self.now_ms);
            if next_ms >= end_ms {
                self.now_ms = end_ms;
                return;
            }
            self.now_ms = next_ms;
            self.heed_jump().await;
            if let Some(flight) = answer
                .filter(|_| answer_ms <= next_ms)
                .and_then(|answer| self.flights.remove(&answer))
            {
                self.hear(flight).await;
            }
        }
    }

    async fn heed_jump(&mut self) {
        let (wall, uptime) = (self.wall(), self.uptime());
        WALL_MS.store(wall.as_millisecond(), Ordering::Relaxed);
        let daemon = self.daemon.as_mut().unwrap();
        if let Some(by) = daemon.steady.jump(uptime, wall, uptime) {
            daemon.rounds.shift(by);
            let (states, hosts) = daemon.rounds.written(wall);
            daemon.store.correct(states, hosts).await.unwrap();
        }
    }

    async fn begin(&mut self) {
        self.heed_jump().await;
        let wall = self.wall();
        let daemon = self.daemon.as_mut().unwrap();
        for ask in daemon.rounds.begin(wall, 64) {
            let config = config(ask.state.feed.as_str());
            let request = FeedRequest {
                url: ask.url.clone(),
                home: config.url.clone(),
                derived: false,
                validators: ask.validators.clone(),
                login: None,
                headers: Vec::new(),
            };
            let begun = Begun {
                state: ask.state.clone(),
                host: ask.host.clone(),
                at: wall,
                hop: ask.hop,
                reason: ask.reason,
                conditional: !request.validators.is_empty(),
            };
            let number = daemon.store.begin_request(begun).await.unwrap();
            let sent = self.run.len();
            self.run.push(Sent {
                feed: ask.state.feed.to_string(),
                url: ask.url.clone(),
                at_ms: self.now_ms,
                answered_ms: None,
                hop: ask.hop,
                reason: ask.reason,
                headers: self.client.headers(&request).unwrap(),
                status: None,
                answer: HeaderMap::new(),
            });
            // Between a fifth of a second and three.
            let slow_ms = 200 + i64::try_from(sent * 7919 % 2800).unwrap();
            let flight = Flight {
                ask,
                number,
                request,
                sent,
            };
            self.flights.insert((self.now_ms + slow_ms, sent), flight);
        }
    }

    async fn hear(&mut self, flight: Flight) {
        let (feed, now) = (flight.ask.state.feed.clone(), self.wall());
        let outcome = self.outcome(&flight).await;
        let daemon = self.daemon.as_mut().unwrap();
        let host = daemon.rounds.host_at(&feed).unwrap();
        let in_short = outcome.in_short();
        let turn = daemon.rounds.answered(&feed, outcome, now);
        let ended = Ended {
            request: flight.number,
            outcome: in_short,
            host: daemon.rounds.host_state(&host).unwrap().clone(),
        };
        let polled = match turn {
            Turn::Follow => return daemon.store.end_request(ended).await.unwrap(),
            Turn::Settle(polled) => *polled,
        };
        let (state, rule) = (
            daemon.rounds.state(&feed).unwrap().clone(),
            daemon.rounds.rule_of(&feed).unwrap(),
        );
        let config = Arc::new(config(feed.as_str()));
        let ingesting = daemon
            .intake
            .clone()
            .ingest(config, rule, state, polled, ended);
        let ingested = ingesting.await.unwrap();
        daemon.rounds.settled(ingested.state);
        *self.entries.entry(feed.to_string()).or_default() += ingested.entries;
        let told = ingested.notices.iter();
        self.notices
            .extend(told.map(|notice| (feed.to_string(), notice.name())));
    }

    async fn outcome(&mut self, flight: &Flight) -> FetchOutcome {
        let sent = &mut self.run[flight.sent];
        let nth = self.nth.entry(sent.url.clone()).or_default();
        let seen = Seen {
            url: &sent.url,
            headers: &sent.headers,
            at: self.now_ms / 1000,
            nth: *nth,
        };
        let met = publishers::answer(&seen);
        *nth += 1;
        sent.answered_ms = Some(self.now_ms);
        let Some(response) = met else {
            return FetchOutcome {
                answer: Answer::Failed {
                    kind: FailureKind::Dns,
                    detail: "it cannot be found".to_owned(),
                },
                hints: Hints::default(),
            };
        };
        sent.status = Some(response.status().as_u16());
        sent.answer = response.headers().clone();
        self.client.hear(response, &flight.request).await
    }
}

fn limits(name: &str) -> PollLimits {
    PollLimits {
        every: match name {
            "auto" => Every::Auto,
            _ => Every::Fixed(SignedDuration::from_secs(every_s(name))),
        },
        min: SignedDuration::from_mins(5),
        max: SignedDuration::from_hours(24),
        requests_per_minute: None,
        host_spacing: SignedDuration::from_secs(2),
        first_run: FirstRun::All,
    }
}

fn config(name: &str) -> FeedConfig {
    let (_, url) = FEEDS.iter().find(|(known, _)| *known == name).unwrap();
    FeedConfig {
        id: FeedId::new(name).unwrap(),
        url: Url::parse(url).unwrap(),
        poll: limits(name),
        full_text: FullText::Never,
        push: false,
        tags: Vec::new(),
        publisher: None,
        language: None,
        login: None,
        headers: Vec::new(),
        listed: None,
    }
}
