//! What the death of the process may cost: an attempt that is made again, and
//! nothing else.

use super::Promise::{Apart, Kept, Once, Recovers, Told};
use super::world::{World, path, table};
use super::{Disk, Row};
use crate::support::{Page, Site, Wirewatch, alerting_entry, rss};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use wirewatch::policy::host::Host;
use wirewatch::store::Store;

/// The most attempts of one sink that are under way or not written down yet.
const IN_FLIGHT: usize = 64;

/// Row 1: kills at random moments, while feeds gain entries and the receiver
/// fails now and then.
pub(crate) async fn killed(row: Row) {
    let kills = row.times(12, 1_000);
    let mut dice = row.dice();
    let mut world = World::of(4, "").await;
    world
        .receiver
        .answer(|attempt| Some(if attempt % 7 == 3 { 503 } else { 204 }));
    for _ in 0..kills {
        world.wirewatch.start();
        // The moment of the kill is the point here, so it is a time and no event.
        for _ in 0..=dice.roll(3) {
            world.publish(dice.roll(4));
            tokio::time::sleep(Duration::from_millis(dice.roll(150) as u64)).await;
        }
        world.wirewatch.kill();
    }
    world.wirewatch.start();
    world.settle_up(&row, kills * IN_FLIGHT).await;
    row.check(Recovers, true, "it went on from every kill");
    row.did(format!("{kills} kills, {} alerts", world.published));
}

/// Row 3: death between the answer of a receiver and the commit that writes the
/// delivery down, at each operation of it in turn.
pub(crate) async fn before_it_is_written_down(row: Row) {
    let deaths = row.times(6, 60);
    let mut world = World::of(1, "").await;
    let disk = Disk::below(&world.wirewatch.path("state"));
    let (kill, next) = (disk.killer(), Arc::new(AtomicUsize::new(usize::MAX)));
    let armed = Arc::clone(&next);
    world.receiver.witness(move |_| {
        let operations = armed.swap(usize::MAX, Ordering::SeqCst);
        if operations != usize::MAX {
            kill(operations);
        }
    });
    for death in 0..deaths {
        next.store(death % 6, Ordering::SeqCst);
        world.publish(0);
        world
            .wirewatch
            .start_changed("info", |command| disk.under(command));
        world.wait();
        disk.mend("die");
    }
    world.wirewatch.start();
    // One that was taken as the process died, and comes again.
    world.settle_up(&row, deaths).await;
    for webhook in world.receiver.taken() {
        let first = world
            .receiver
            .taken()
            .into_iter()
            .find(|first| first.id == webhook.id);
        let same = first.unwrap().body == webhook.body;
        row.check(Once, same, format!("{} changed", webhook.id));
    }
    let twice = world.receiver.taken().len() - world.published;
    row.did(format!(
        "{deaths} deaths, {twice} came twice under their id"
    ));
}

/// Row 4: death between the answer of a publisher and the commit of the poll, at
/// each operation of it in turn: what is not stored must not count as known.
pub(crate) async fn before_a_poll_is_stored(row: Row) {
    let deaths = row.times(8, 80);
    let mut world = World::of(1, "").await;
    let disk = Disk::below(&world.wirewatch.path("state"));
    for death in 0..deaths {
        world
            .wirewatch
            .start_changed("info", |command| disk.under(command));
        world.publish(0);
        let before = world.site.asked(&path(0)).len();
        world.site.wait_for(&path(0), before + 1).await;
        disk.order("die", &(death % 12).to_string());
        world.wait();
        disk.mend("die");
    }
    world.wirewatch.start();
    world.settle_up(&row, deaths).await;
    row.did(format!("{deaths} deaths, {} alerts", world.published));
}

/// Row 26: a stop under load lets what is under way end, so that nothing comes
/// twice.
pub(crate) async fn stopped(row: Row) {
    let stops = row.times(6, 100);
    let mut dice = row.dice();
    let mut world = World::of(4, "").await;
    for _ in 0..stops {
        world.wirewatch.start();
        world.wirewatch.wait_for_log("watches").await;
        for _ in 0..=dice.roll(6) {
            world.publish(dice.roll(4));
            tokio::time::sleep(Duration::from_millis(dice.roll(60) as u64)).await;
        }
        let (status, log) = world.stop();
        row.check(Recovers, status.success(), format!("{log:?}"));
    }
    world.wirewatch.start();
    world.settle_up(&row, 0).await;
    row.did(format!("{stops} stops, {} alerts", world.published));
}

/// Row 32: a second daemon on the same store.
pub(crate) async fn two_at_once(row: Row) {
    let mut world = World::of(1, "").await;
    world.wirewatch.start();
    world.publish(0);
    world.receiver.wait_for(1).await;
    let seconds = row.times(2, 20);
    for _ in 0..seconds {
        let second = world.wirewatch.command(&["run"]);
        row.check(Once, second.code == Some(75), format!("{second:?}"));
        let told = second.err.contains("another wirewatch uses the store");
        row.check(Told, told, second.err);
    }
    world.publish(0);
    world.settle_up(&row, 0).await;
    row.did(format!("{seconds} second daemons"));
}

/// Row 33: starts in close succession must not bring a host more requests than
/// it takes: what was asked before the end still counts.
pub(crate) async fn started_again_and_again(row: Row) {
    const SPACING_MS: i64 = 300;
    const FEEDS: usize = 6;
    let starts = row.times(5, 60);
    let site = Site::open().await;
    let mut tables = "[host.\"127.0.0.1\"]\nspacing = \"300ms\"\n[sink.journal.log]\n".to_owned();
    for feed in 0..FEEDS {
        site.set(&path(feed), Page::Document(rss(&[alerting_entry(feed)])));
        tables += &table(&format!("f{feed}"), &site.url(1, &path(feed)));
    }
    let mut wirewatch = Wirewatch::with(&tables);
    let asked = || {
        (0..FEEDS)
            .map(|feed| site.asked(&path(feed)).len())
            .sum::<usize>()
    };
    for start in 0..starts {
        let before = asked();
        wirewatch.start();
        // Each round in another way, and never without a request.
        site.wait_for_any(before + 1 + start % 2).await;
        wirewatch.kill();
    }
    let store = Store::open_beside(&wirewatch.path("state")).unwrap();
    let requests = store.requests(&Host::named("127.0.0.1")).await.unwrap();
    for pair in requests.windows(2) {
        // Newest first.
        let apart = pair[0].at.as_millisecond() - pair[1].at.as_millisecond();
        row.check(
            Apart,
            apart >= SPACING_MS,
            format!("{apart} ms between two requests"),
        );
    }
    row.check(
        Kept,
        requests.len() >= starts,
        "a request was not written down",
    );
    row.did(format!("{starts} starts, {} requests", requests.len()));
}
