//! Stores that are damaged, gone, cut off, or of another version.

use super::Promise::{Bounded, Kept, Once, Recovers, Told};
use super::Row;
use super::power::{copy, in_memory};
use super::world::World;
use crate::support::{Page, Webhook, alerting_entry, rss};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use tempfile::TempDir;
use wirewatch::policy::SinkName;
use wirewatch::policy::retry::{Delivery, DeliveryState};
use wirewatch::store::{DeliveryFilter, Store, StoreError};

/// More deliveries than there are.
const ALL: usize = 10_000;

/// What a store says is due at the sink, and what it says is damaged or dead.
#[derive(Debug, Default)]
struct Found {
    due: BTreeMap<String, Delivery>,
    corrupt: BTreeSet<String>,
    alerts: BTreeSet<String>,
    /// The payload of every delivery, done or not; only of a sound store.
    payloads: BTreeMap<String, Vec<u8>>,
}

async fn look(state: &Path) -> Result<Found, StoreError> {
    let store = Store::open(state, Timestamp::UNIX_EPOCH)?;
    let sink = SinkName::new("hook").unwrap();
    let mut found = Found::default();
    // When all of it is due, however long it was to wait.
    let later = Timestamp::from_second(4_102_444_800).unwrap();
    loop {
        let due = store.due(&sink, later, ALL, &HashSet::new()).await?;
        found
            .due
            .extend(due.deliveries.into_iter().map(|it| (it.id.0.clone(), it)));
        found
            .corrupt
            .extend(due.corrupt.iter().map(|id| id.0.clone()));
        if due.corrupt.is_empty() {
            break;
        }
    }
    let dead = DeliveryFilter {
        state: Some(DeliveryState::Dead),
        ..DeliveryFilter::default()
    };
    let dead = store.deliveries(dead, ALL).await?;
    found.corrupt.extend(dead.into_iter().map(|it| it.id.0));
    let alerts = store.alerts(ALL, None).await?;
    found
        .alerts
        .extend(alerts.into_iter().map(|alert| alert.id.0));
    Ok(found)
}

async fn look_at_all(state: &Path) -> Found {
    let mut found = look(state).await.unwrap();
    let store = Store::open_beside(state).unwrap();
    for delivery in store
        .deliveries(DeliveryFilter::default(), ALL)
        .await
        .unwrap()
    {
        let detail = store.delivery(&delivery.id).await.unwrap().unwrap();
        found.payloads.insert(delivery.id.0, detail.payload);
    }
    found
}

/// A store that a death left, with what is in it: its log beside it, or in it.
struct Image {
    dir: TempDir,
    file: &'static str,
    sound: Found,
}

impl Image {
    async fn of(state: &Path, file: &'static str) -> Self {
        let dir = in_memory();
        copy(state, dir.path()).unwrap();
        if file == "wirewatch.db" {
            // A clean end takes the log into the database; the next run dies at once.
            let store = Store::open(dir.path(), Timestamp::UNIX_EPOCH).unwrap();
            store.close().await.unwrap();
            let database = Connection::open(dir.path().join(file)).unwrap();
            database.execute("UPDATE run SET clean = 0", []).unwrap();
        }
        let looked_at = in_memory();
        copy(dir.path(), looked_at.path()).unwrap();
        let sound = look_at_all(looked_at.path()).await;
        Self { dir, file, sound }
    }

    /// Flips a bit of a copy and looks at what that leaves; none if it is refused.
    async fn flip(&self, at: usize, bit: usize) -> Option<Found> {
        let dir = in_memory();
        copy(self.dir.path(), dir.path()).unwrap();
        let file = dir.path().join(self.file);
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[at] ^= 1 << bit;
        std::fs::write(file, bytes).unwrap();
        look(dir.path()).await.ok()
    }
}

/// Row 8: a bit of the database or of its log flips. No wrong payload is sent;
/// what is not sent is told, or will be asked for again.
pub(crate) async fn flipped(row: Row) {
    let flips = row.times(60, 1_000);
    let mut world = World::of(1, "").await;
    world
        .receiver
        .answer(|attempt| Some(if attempt <= 10 { 204 } else { 503 }));
    world.wirewatch.start();
    for _ in 0..40 {
        world.draft(0);
    }
    world.show_drafts();
    // Then the sink is left alone, and the others wait.
    world.receiver.wait_for_attempts(11).await;
    world.wirewatch.kill();
    let state = world.wirewatch.path("state");
    let images = [
        Image::of(&state, "wirewatch.db-wal").await,
        Image::of(&state, "wirewatch.db").await,
        Image::of(&state, "wirewatch.db").await,
    ];
    let mut dice = row.dice();
    let (mut refused, mut told) = (0, 0);
    for image in images.iter().cycle().take(flips) {
        let size = image.dir.path().join(image.file).metadata().unwrap().len();
        let (at, bit) = (dice.roll(usize::try_from(size).unwrap()), dice.roll(8));
        let place = format!("bit {bit} of byte {at} of {}", image.file);
        let Some(found) = image.flip(at, bit).await else {
            refused += 1;
            row.check(Told, true, "it refuses what is damaged");
            continue;
        };
        told += usize::from(!found.corrupt.is_empty());
        compare(&row, &place, &image.sound, &found);
    }
    row.did(format!(
        "{flips} flips, {refused} refused, {told} with deliveries set aside"
    ));
}

fn compare(row: &Row, place: &str, sound: &Found, found: &Found) {
    for (id, delivery) in &found.due {
        let same = sound.payloads.get(id) == Some(&delivery.payload);
        let words = format!("{place}: {id} is sent with {}", text(&delivery.payload));
        row.check(Kept, same, words);
    }
    for (id, delivery) in &sound.due {
        // One whose id is damaged is set aside under that.
        let renamed = found
            .corrupt
            .iter()
            .any(|id| !sound.payloads.contains_key(id));
        let known = found.due.contains_key(id) || found.corrupt.contains(id) || renamed;
        // What is not stored at all is asked for again with its feed.
        let again = !found.alerts.contains(&delivery.alert.0);
        let words = format!("{place}: {id} is gone, and nobody told");
        row.check(Kept, known || again, words);
    }
}

fn text(payload: &[u8]) -> String {
    String::from_utf8_lossy(payload).chars().take(200).collect()
}

/// Row 9: the database is removed, emptied or cut off between two runs.
pub(crate) async fn gone(row: Row) {
    let mut world = World::of(0, "").await;
    let old: Vec<String> = (0..30)
        .map(|number| dated(number, "Mon, 24 Nov 2003 09:00:00 GMT"))
        .collect();
    let today = Timestamp::now()
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let document = |new: usize| {
        let new = (100..100 + new).map(|number| dated(number, &today));
        Page::Document(rss(&new.chain(old.iter().cloned()).collect::<Vec<_>>()))
    };
    world.site.set("/dated", document(2));
    let feed = format!("[feed.dated]\nurl = \"{}\"\n", world.site.url(1, "/dated"));
    world.add(&feed);
    world.wirewatch.start();
    let first: BTreeSet<String> = ids(world.receiver.wait_for(2).await);
    world.stop();
    let file = world.wirewatch.path("state/wirewatch.db");
    for way in ["removed", "emptied"] {
        if way == "removed" {
            std::fs::remove_file(&file).unwrap();
        } else {
            std::fs::write(&file, "").unwrap();
        }
        let before = world.site.asked("/dated").len();
        world.wirewatch.start();
        world.wirewatch.wait_for_log("a new store was made").await;
        row.check(Told, true, way);
        world.site.wait_for("/dated", before + 3).await;
        world.stop();
        let now = ids(world.receiver.taken());
        row.check(
            Bounded,
            now == first,
            format!("{way}: {} alerts", now.len()),
        );
    }
    world.site.set("/dated", document(3));
    world.wirewatch.start();
    let all = ids(world.receiver.wait_for(3).await);
    row.check(Kept, all.len() == 3, format!("{all:?}"));
    world.stop();
    let whole = std::fs::read(&file).unwrap();
    for length in [100, 1_000, whole.len() / 2, whole.len() - 4096] {
        std::fs::write(&file, &whole[..length]).unwrap();
        let refused = world.wirewatch.command(&["run", "--once"]);
        row.check(
            Told,
            refused.code == Some(74),
            format!("{length}: {refused:?}"),
        );
        let told = refused.err.contains("damaged");
        row.check(Told, told, format!("{length}: {}", refused.err));
    }
    std::fs::write(&file, &whole).unwrap();
    world.wirewatch.start();
    world.wirewatch.wait_for_log("watches").await;
    let (status, log) = world.stop();
    row.check(Recovers, status.success(), format!("{log:?}"));
    row.did("removed, emptied, cut off at four places");
}

/// Row 10: a store of the first version, and one of a version to come.
pub(crate) async fn of_another_version(row: Row) {
    let mut world = World::of(1, "").await;
    let state = world.wirewatch.path("state");
    std::fs::create_dir_all(&state).unwrap();
    let file = state.join("wirewatch.db");
    let database = Connection::open(&file).unwrap();
    database.execute_batch(first_tables()).unwrap();
    let payload = br#"{"type":"article.matched","timestamp":"2026-11-24T09:00:00Z","data":{"alert":"old","seq":1,"severity":"high","article":{"title":"Old"}}}"#;
    database
        .execute(
            "INSERT INTO delivery (id, sink, alert, seq, payload, crc, state, created_at, next_at)
             VALUES ('msg_old_hook', 'hook', 'old', 1, ?1, ?2, 'pending', ?3, 0)",
            (
                payload,
                crc32c::crc32c(payload),
                Timestamp::now().as_millisecond(),
            ),
        )
        .unwrap();
    database
        .execute_batch("PRAGMA application_id = 0x77776368; PRAGMA user_version = 1")
        .unwrap();
    drop(database);
    world.wirewatch.start();
    let taken = world.receiver.wait_for(1).await;
    row.check(Kept, taken[0].id == "msg_old_hook", &taken[0].id);
    world.publish(0);
    let taken = world.receiver.wait_for(2).await;
    row.check(Once, taken.len() == 2, format!("{} came", taken.len()));
    let seq = &taken[1].body["data"]["seq"];
    row.check(Recovers, taken[1].is_signed(), format!("number {seq}"));
    world.stop();
    let database = Connection::open(&file).unwrap();
    let version: i64 = database
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    database
        .pragma_update(None, "user_version", version + 1)
        .unwrap();
    let refused = world.wirewatch.command(&["run", "--once"]);
    row.check(Told, refused.code == Some(78), format!("{refused:?}"));
    row.check(Told, refused.err.contains("a newer wirewatch"), refused.err);
    // And it left everything as it was.
    database
        .pragma_update(None, "user_version", version)
        .unwrap();
    drop(database);
    world.wirewatch.start();
    world.publish(0);
    let taken = world.receiver.wait_for(3).await;
    row.check(Kept, taken.len() == 3, format!("{} came", taken.len()));
    row.did(format!("version 1, and {}", version + 1));
}

/// The tables as the first version made them, which never changes.
fn first_tables() -> &'static str {
    let source = include_str!("../../../src/store/schema.rs");
    let (_, tables) = source.split_once("const FIRST: &str = \"").unwrap();
    tables.split_once("\";").unwrap().0
}

fn ids(taken: Vec<Webhook>) -> BTreeSet<String> {
    taken.into_iter().map(|webhook| webhook.id).collect()
}

/// An entry that alerts, with its date.
fn dated(number: usize, date: &str) -> String {
    let entry = alerting_entry(number);
    entry.replace("</item>", &format!("<pubDate>{date}</pubDate></item>"))
}
