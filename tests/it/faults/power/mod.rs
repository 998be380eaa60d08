//! Row 2: power loss, at any point of what the real daemon did to its disk.
//!
//! The daemon works under load on a disk that records every operation, with the
//! deaths and restarts that belong to its life. Into the same record goes what
//! the outside saw: that a webhook was taken, and the line of the log that says
//! that its delivery was written down. Then the folder is rebuilt as it can be
//! after a power loss at a point, in two modes, and what must be in it is looked
//! for. `replay` says what a power loss may leave.

mod replay;

use super::Promise::{Kept, Once, Recovers};
use super::world::{World, etag, path, table};
use super::{Disk, Row};
use crate::support::{Receiver, Wirewatch, alerting_entry};
use jiff::Timestamp;
use replay::{Folder, Mode, Record};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;
use wirewatch::policy::retry::DeliveryState;
use wirewatch::store::{DeliveryFilter, DeliveryRecord, Store};

const FEEDS: usize = 3;
/// More deliveries than any run of this has.
const ALL: usize = 1_000_000;
/// One rebuilt folder in so many is given to the real daemon as well.
const BINARY_EVERY: usize = 40;

/// What the outside knows at a point of the record.
#[derive(Debug, Default, Clone)]
struct Known {
    /// The ids of the webhooks that were taken.
    taken: BTreeSet<String>,
    /// Those whose delivery was written down.
    settled: BTreeSet<String>,
}

/// A life of the daemon and what is known of it.
pub(crate) struct Life {
    world: World,
    disk: Disk,
    /// The entries of every version of every feed, by its `ETag`.
    versions: HashMap<String, BTreeSet<usize>>,
}

pub(crate) async fn lost(row: Row) {
    let mut life = Life::begin().await;
    let rounds = row.times(6, 60);
    life.live(&row, rounds).await;
    let points = row.times(40, 2_000);
    let replayed = life.replay(&row, points).await;
    row.did(format!(
        "{points} points × 2 modes of {} operations, {} alerts, {} through the daemon",
        replayed.operations, life.world.published, replayed.through_daemon
    ));
}

/// What a replay came to.
pub(crate) struct Replayed {
    pub(crate) operations: usize,
    pub(crate) through_daemon: usize,
}

impl Life {
    pub(crate) async fn begin() -> Self {
        let world = World::of(FEEDS, "").await;
        let disk = Disk::below(&world.wirewatch.path("state"));
        let log = disk.log();
        world
            .receiver
            .answer(move |attempt| Some(if attempt % 17 == 3 { 503 } else { 204 }));
        world.receiver.witness(move |id| {
            let mut log = std::fs::File::options()
                .append(true)
                .create(true)
                .open(&log)
                .unwrap();
            log.write_all(&replay::mark(id)).unwrap();
        });
        Self {
            world,
            disk,
            versions: HashMap::new(),
        }
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(crate) fn world(&mut self) -> &mut World {
        &mut self.world
    }

    /// Starts the daemon on the disk that records.
    pub(crate) fn start(&mut self) {
        let disk = &self.disk;
        // A line for each delivery that is written down.
        self.world
            .wirewatch
            .start_changed("info,wirewatch::notifier=debug", |command| {
                disk.recording(command);
            });
    }

    /// Runs the daemon on that disk until it ends by itself; gives its exit code.
    pub(crate) fn run_to_its_end(&self) -> Option<i32> {
        let mut command = self.world.wirewatch.prepared();
        self.disk.under(&mut command);
        command.arg("run").output().expect("it ends").status.code()
    }

    pub(crate) fn publish(&mut self, feed: usize) {
        self.world.publish(feed);
        let entries = self.world.entries(feed).iter().copied().collect();
        let version = etag(&self.world.document(feed));
        self.versions.insert(version, entries);
    }

    /// Rounds of news, each ended by a stop or by a death between two operations.
    async fn live(&mut self, row: &Row, rounds: usize) {
        let mut dice = row.dice();
        for round in 0..rounds {
            self.start();
            for _ in 0..4 + dice.roll(8) {
                self.publish(dice.roll(FEEDS));
                let pause = dice.roll(120) as u64;
                tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
            }
            if round % 2 == 0 {
                // A signal could come between an operation and its record.
                self.disk.order("die", &dice.roll(40).to_string());
                self.publish(dice.roll(FEEDS));
                self.world.wait();
                self.disk.mend("die");
            } else {
                self.world.receiver.wait_for(self.world.published).await;
                self.world.stop();
            }
        }
        self.start();
        self.world.settle_up(row, rounds * 64).await;
        self.world.stop();
    }

    /// Rebuilds the folder at so many points, and looks at each.
    pub(crate) async fn replay(&self, row: &Row, points: usize) -> Replayed {
        let log = std::fs::read(self.disk.log()).unwrap();
        let records = replay::records(&log);
        let is_operation = |record: &&Record<'_>| !matches!(record.what, b'm' | b'l');
        let operations = records.iter().filter(is_operation).count();
        let mut dice = row.dice();
        let mut due: BTreeMap<usize, usize> = BTreeMap::new();
        for _ in 0..points {
            *due.entry(dice.roll(records.len())).or_default() += 1;
        }
        let mut folder = Folder::at(self.disk.folder());
        let mut known = Known::default();
        let (mut looked_at, mut through_daemon) = (0, 0);
        for (at, record) in records.iter().enumerate() {
            folder.follow(record);
            known.hear(record);
            for _ in 0..due.get(&at).copied().unwrap_or_default() {
                for mode in [Mode::Dropped, Mode::Torn] {
                    let place = format!("{mode:?} after record {at}");
                    let dir = in_memory();
                    let state = dir.path().join("state");
                    folder.write_to(&state, mode, &mut dice);
                    looked_at += 1;
                    if looked_at % BINARY_EVERY == 0 {
                        through_daemon += 1;
                        self.run_on(row, &place, &state, &known).await;
                    } else {
                        self.look_at(row, &place, &state, &known).await;
                    }
                }
            }
        }
        Replayed {
            operations,
            through_daemon,
        }
    }

    /// Opens the store as the daemon does and looks for what must be in it.
    async fn look_at(&self, row: &Row, place: &str, state: &Path, known: &Known) {
        // Opening checks the pages of the database, since the last run did not
        // end cleanly.
        let opened = Store::open(state, Timestamp::UNIX_EPOCH);
        row.check(
            Recovers,
            opened.is_ok(),
            format!("{place}: {:?}", opened.as_ref().err()),
        );
        let Ok(store) = opened else { return };
        let deliveries = store.deliveries(DeliveryFilter::default(), ALL).await;
        let deliveries = deliveries.expect("they can be listed");
        let of_state = |state: DeliveryState| -> BTreeSet<&str> {
            let of = deliveries.iter().filter(|of| of.state == state);
            of.map(|delivery| delivery.id.0.as_str()).collect()
        };
        let there: BTreeSet<&str> = deliveries.iter().map(|it| it.id.0.as_str()).collect();
        let missing = known.taken.iter().find(|id| !there.contains(id.as_str()));
        row.check(Kept, missing.is_none(), format!("{place}: no {missing:?}"));
        let pending = of_state(DeliveryState::Pending);
        let again = known
            .settled
            .iter()
            .find(|id| pending.contains(id.as_str()));
        row.check(
            Once,
            again.is_none(),
            format!("{place}: {again:?} is due again"),
        );
        let delivered = of_state(DeliveryState::Delivered);
        let never = delivered.iter().find(|id| !known.taken.contains(**id));
        row.check(
            Kept,
            never.is_none(),
            format!("{place}: {never:?} counts as delivered and never was"),
        );
        let gap = gap_in_numbers(&deliveries);
        row.check(Kept, gap.is_none(), format!("{place}: number {gap:?}"));
        self.look_at_feeds(row, place, &store, &there).await;
    }

    /// A version of a feed that will not be asked for again must be stored whole.
    async fn look_at_feeds(&self, row: &Row, place: &str, store: &Store, there: &BTreeSet<&str>) {
        let alerts = store.alerts(ALL, None).await.expect("they can be listed");
        let titles: BTreeSet<&str> = alerts.iter().map(|alert| alert.title.as_str()).collect();
        for feed in store.feeds().await.expect("they can be listed") {
            let Some(etag) = feed.validators.etag else {
                continue;
            };
            let etag = String::from_utf8(etag).unwrap();
            // The first version has no entries and stands nowhere.
            let entries = self.versions.get(&etag).into_iter().flatten();
            let missing = entries.copied().find(|number| {
                let entry = alerting_entry(*number);
                !titles
                    .iter()
                    .any(|title| entry.contains(&format!("<title>{title}<")))
            });
            row.check(
                Kept,
                missing.is_none(),
                format!("{place}: {} hides entry {missing:?}", feed.feed),
            );
        }
        let alone = alerts.iter().find(|alert| {
            let id = format!("msg_{}_hook", alert.id.0);
            !there.contains(id.as_str())
        });
        row.check(
            Kept,
            alone.is_none(),
            format!("{place}: {alone:?} has no delivery"),
        );
    }

    /// Has the real daemon go on from a rebuilt folder: in the end everything was
    /// taken, before or after, and what was written down does not come again.
    async fn run_on(&self, row: &Row, place: &str, state: &Path, known: &Known) {
        let receiver = Receiver::open().await;
        let mut tables = String::new();
        for (feed, host) in (0..FEEDS).zip(1..) {
            let url = self.world.site.url(host, &path(feed));
            tables += &table(&format!("f{feed}"), &url);
        }
        let mut wirewatch = Wirewatch::with(&(tables + &receiver.sink("hook")));
        std::fs::rename(state, wirewatch.path("state"))
            .or_else(|_| copy(state, &wirewatch.path("state")))
            .unwrap();
        wirewatch.start();
        let all: BTreeSet<String> = self
            .world
            .receiver
            .taken()
            .into_iter()
            .map(|it| it.id)
            .collect();
        receiver
            .wait_for(all.difference(&known.taken).count())
            .await;
        let missing = |ids: &BTreeSet<String>| {
            let missing = all
                .iter()
                .find(|id| !known.taken.contains(*id) && !ids.contains(*id));
            missing.cloned()
        };
        let taken = async || -> BTreeSet<String> {
            let taken = receiver.taken();
            taken.into_iter().map(|webhook| webhook.id).collect()
        };
        let mut ids = taken().await;
        let mut wanted = ids.len();
        // What came twice, with an outcome that was not known, is no new one.
        while missing(&ids).is_some() {
            wanted += 1;
            receiver.wait_for(wanted).await;
            ids = taken().await;
        }
        row.check(Kept, missing(&ids).is_none(), place);
        let again = ids.iter().find(|id| known.settled.contains(*id));
        row.check(Once, again.is_none(), format!("{place}: {again:?} again"));
        wirewatch.wait_for_log("watches").await;
        let (status, log) = wirewatch.stop();
        row.check(Recovers, status.success(), format!("{place}: {log:?}"));
    }
}

impl Known {
    fn hear(&mut self, record: &Record<'_>) {
        if record.what == b'm' {
            self.taken.insert(record.name.to_owned());
        }
        if record.what != b'l' {
            return;
        }
        for line in String::from_utf8_lossy(record.data).lines() {
            let says = line.contains(" delivered ") || line.contains("takes deliveries again");
            let id = line.split_once("delivery.id=").filter(|_| says);
            let id = id.and_then(|(_, rest)| rest.split_whitespace().next());
            self.settled.extend(id.map(str::to_owned));
        }
    }
}

/// The first number that a sink's deliveries lack or have twice.
fn gap_in_numbers(deliveries: &[DeliveryRecord]) -> Option<u64> {
    let mut numbers: Vec<u64> = deliveries.iter().map(|delivery| delivery.seq).collect();
    numbers.sort_unstable();
    let pairs = numbers.iter().zip(1..);
    pairs
        .filter(|(number, wanted)| *number != wanted)
        .map(|(_, wanted)| wanted)
        .next()
}

/// A folder in memory, where there is such a thing: syncing is not the point here.
pub(crate) fn in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder")
}

pub(crate) fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        std::fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}
