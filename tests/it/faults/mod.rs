//! The fault matrix: what may go wrong, held against what is promised.
//!
//! Each row is one fault, done to the real binary, and counts its checks by the
//! promise that they hold it to. All rows run in one test, so that there is one
//! report and one sum at its end; a row that fails leaves the others running.
//!
//! ```text
//! cargo test --test it faults -- --nocapture
//! FAULTS=long cargo test --release --test it faults -- --nocapture
//! SEED=7 ROWS=1,2 cargo test --test it faults -- --nocapture
//! ```
//!
//! The first is the quick version, the second has a thousand kills and four
//! thousand power losses, the third repeats two rows with the seed that a report
//! names. Nothing is checked by how long it took, but for waits that must not be
//! undercut. The faults themselves are made by `tests/power/disk.c`, which the
//! test compiles with the C compiler that SQLite needs anyway.

mod clocks;
mod crashes;
mod damage;
mod disk;
mod disks;
mod endpoint;
mod endpoints;
mod floods;
mod names;
mod power;
mod world;

use disk::Disk;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many rows run at one time: most of them wait.
const ROWS_AT_ONCE: usize = 8;

/// What the daemon promises through every fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Promise {
    /// No match that was observed is lost.
    Kept,
    /// No alert comes twice but where the outcome of an attempt is not known,
    /// and then under its id.
    Once,
    /// It recovers without help.
    Recovers,
    /// It stays within its bounds.
    Bounded,
    /// The operator is told.
    Told,
    /// Other feeds and sinks go on.
    Apart,
}

impl Promise {
    const ALL: [(char, &'static str, Self); 6] = [
        ('A', "none lost", Self::Kept),
        ('B', "none doubled", Self::Once),
        ('C', "recovers", Self::Recovers),
        ('D', "bounded", Self::Bounded),
        ('E', "operator told", Self::Told),
        ('F', "others go on", Self::Apart),
    ];

    fn letter(self) -> char {
        let all = Self::ALL.iter();
        all.filter(|(_, _, promise)| *promise == self)
            .map(|(letter, _, _)| *letter)
            .next()
            .unwrap()
    }
}

/// A row while it runs; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    number: u8,
    seed: u64,
    long: bool,
    tally: Arc<Mutex<Tally>>,
}

#[derive(Debug, Default)]
struct Tally {
    did: String,
    checks: BTreeMap<Promise, usize>,
    broken: Vec<(Option<Promise>, String)>,
}

impl Row {
    /// Checks what a promise comes to here.
    pub(crate) fn check(&self, promise: Promise, holds: bool, else_say: impl Into<String>) {
        let mut tally = self.tally.lock().unwrap();
        *tally.checks.entry(promise).or_default() += 1;
        if !holds {
            tally.broken.push((Some(promise), else_say.into()));
        }
    }

    /// Says what was done, for the report.
    pub(crate) fn did(&self, what: impl Into<String>) {
        self.tally.lock().unwrap().did = what.into();
    }

    /// How often to do something: in the quick version, and in the long one.
    pub(crate) fn times(&self, quick: usize, long: usize) -> usize {
        if self.long { long } else { quick }
    }

    pub(crate) fn dice(&self) -> Dice {
        // Each row rolls its own numbers, whichever rows run beside it.
        Dice::of(self.seed.wrapping_add(u64::from(self.number) << 32))
    }
}

/// A small generator whose seed the report shows (xorshift, Marsaglia 2003).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % below
    }
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;
type Start = fn(Row) -> Running;

macro_rules! row {
    ($function:path) => {
        |row| Box::pin($function(row))
    };
}

/// Every row by its number: those that wait longest first.
const ROWS: &[(u8, &str, Start)] = &[
    (16, "an answer that comes too late", row!(endpoints::late)),
    (15, "odd answers", row!(endpoints::odd)),
    (2, "power loss", row!(power::lost)),
    (7, "read-only, failed syncs", row!(disks::failing)),
    (5, "disk full", row!(disks::full)),
    (6, "disk of alerts full", row!(disks::full_for_alerts)),
    (1, "kill -9", row!(crashes::killed)),
    (
        3,
        "death before the commit of a delivery",
        row!(crashes::before_it_is_written_down),
    ),
    (
        4,
        "death before the commit of a poll",
        row!(crashes::before_a_poll_is_stored),
    ),
    (26, "SIGTERM under load", row!(crashes::stopped)),
    (32, "two daemons", row!(crashes::two_at_once)),
    (
        33,
        "starts in close succession",
        row!(crashes::started_again_and_again),
    ),
    (13, "endpoint down", row!(endpoints::down)),
    (14, "429", row!(endpoints::asked_to_wait)),
    (17, "refusals", row!(endpoints::refusing)),
    (18, "many matches", row!(floods::matches)),
    (8, "flipped bits", row!(damage::flipped)),
    (9, "database gone", row!(damage::gone)),
    (10, "another schema", row!(damage::of_another_version)),
    (11, "clock set", row!(clocks::set)),
    (12, "time of attempts", row!(clocks::of_attempts)),
    (19, "names", row!(names::lost)),
    (20, "TLS", row!(endpoints::untrusted)),
    (22, "bombs", row!(floods::bombs)),
    (23, "panics", row!(floods::panics)),
    (29, "no more files", row!(floods::files)),
    (35, "a log that nobody reads", row!(floods::unread)),
    (34, "alerts moved away", row!(disks::moved_away)),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_keeps_every_promise() {
    let (rows, seed) = (run().await, seed());
    let mut report = String::new();
    for (row, fault) in &rows {
        report_row(&mut report, row, fault).unwrap();
    }
    let broken = report_sum(&mut report, &rows).unwrap();
    println!("{report}");
    assert_eq!(broken, 0, "repeat with SEED={seed}");
}

/// Runs every row that was asked for, to its end.
async fn run() -> Vec<(Row, &'static str)> {
    Disk::build();
    let wanted = setting("ROWS");
    let wanted: Option<Vec<&str>> = wanted.as_deref().map(|rows| rows.split(',').collect());
    let long = setting("FAULTS").as_deref() == Some("long");
    let at_once = Arc::new(Semaphore::new(ROWS_AT_ONCE));
    let (mut rows, mut running) = (Vec::new(), JoinSet::new());
    for (number, fault, start) in ROWS {
        let asked = number.to_string();
        if wanted
            .as_ref()
            .is_some_and(|rows| !rows.contains(&asked.as_str()))
        {
            continue;
        }
        let row = Row {
            number: *number,
            seed: seed(),
            long,
            tally: Arc::default(),
        };
        rows.push((row.clone(), *fault));
        let (start, at_once) = (*start, Arc::clone(&at_once));
        running.spawn(async move {
            let _turn = at_once.acquire_owned().await;
            // A row of its own task, so that its panic is its own.
            let mut alone = JoinSet::new();
            alone.spawn(start(row.clone()));
            if let Some(Err(error)) = alone.join_next().await {
                let panic = error.into_panic();
                let words = panic.downcast_ref::<String>().map(String::as_str);
                let words = words.or_else(|| panic.downcast_ref::<&str>().copied());
                let words = format!("stopped: {}", words.unwrap_or("a panic"));
                row.tally.lock().unwrap().broken.push((None, words));
            }
        });
    }
    while running.join_next().await.is_some() {}
    rows.sort_by_key(|(row, _)| row.number);
    rows
}

fn setting(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

fn seed() -> u64 {
    setting("SEED")
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| u64::from(std::process::id()))
}

fn report_row(report: &mut String, row: &Row, fault: &str) -> fmt::Result {
    let tally = row.tally.lock().unwrap();
    let letters: Vec<String> = tally
        .checks
        .keys()
        .map(|promise| promise.letter().to_string())
        .collect();
    writeln!(
        report,
        "row {:2} {fault}: {}, {} checks, violations {} ({}) seed {}",
        row.number,
        tally.did,
        tally.checks.values().sum::<usize>(),
        tally.broken.len(),
        letters.join(" "),
        row.seed
    )?;
    for (promise, words) in tally.broken.iter().take(5) {
        let letter = promise.map_or('-', Promise::letter);
        writeln!(report, "       {letter}: {words}")?;
    }
    Ok(())
}

/// The sum of all rows, and by promise; gives the number of violations.
fn report_sum(report: &mut String, rows: &[(Row, &str)]) -> Result<usize, fmt::Error> {
    let (mut checks, mut broken) = (0, 0);
    let mut by_promise = String::new();
    for (letter, name, promise) in Promise::ALL {
        let (mut checked, mut failed) = (0, 0);
        for (row, _) in rows {
            let tally = row.tally.lock().unwrap();
            checked += tally.checks.get(&promise).copied().unwrap_or_default();
            let of_it = |broken: &&(Option<Promise>, String)| broken.0 == Some(promise);
            failed += tally.broken.iter().filter(of_it).count();
        }
        checks += checked;
        write!(by_promise, " · {letter} {name} {failed} of {checked}")?;
    }
    for (row, _) in rows {
        broken += row.tally.lock().unwrap().broken.len();
    }
    writeln!(
        report,
        "faults {}, checks {checks}, violations {broken}{by_promise}",
        rows.len()
    )?;
    Ok(broken)
}
