//! Disks that are full, that take nothing, and that lose what they had taken.

use super::Promise::{Apart, Kept, Once, Recovers, Told};
use super::power::Life;
use super::world::World;
use super::{Disk, Row};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

const REST: &str = "polling rests, because the store took nothing";

/// Rows 5 and 7: the disk of the store takes nothing for a while. Deliveries that
/// were taken meanwhile must not be sent for as long as that lasts.
async fn nothing_is_stored(row: &Row, fault: &'static str) {
    let mut world = World::of(2, "").await;
    let disk = Disk::below(&world.wirewatch.path("state"));
    world
        .wirewatch
        .start_changed("info", |command| disk.under(command));
    world.publish(0);
    world.receiver.wait_for(1).await;
    let (order, fails) = (disk.orderer(fault), AtomicBool::new(false));
    world.receiver.witness(move |_| {
        if !fails.swap(true, Ordering::SeqCst) {
            order();
        }
    });
    // The disk fails between the answer to this one and its commit.
    world.publish(0);
    world.receiver.wait_for(2).await;
    for _ in 0..20 {
        world.publish(1);
    }
    world.wirewatch.wait_for_log(REST).await;
    row.check(Told, true, "the log says so");
    let taken = world.receiver.taken().len();
    row.check(
        Kept,
        taken == 2,
        format!("half of a poll was stored: {taken}"),
    );
    // Long enough for a notifier to come back to what it could not write down.
    let again = world.receiver.wait_for_more_than(2, 8).await;
    row.check(
        Once,
        !again,
        "what was taken is sent again for as long as the disk fails",
    );
    disk.mend(fault);
    world.settle_up(row, 1).await;
    let (status, log) = world.stop();
    row.check(Recovers, status.success(), format!("{log:?}"));
}

/// Row 5: the disk of the store is full, and then it is not.
pub(crate) async fn full(row: Row) {
    nothing_is_stored(&row, "full").await;
    row.did("full and freed under load");
}

/// Row 6: the disk of a file sink is full.
pub(crate) async fn full_for_alerts(row: Row) {
    let file = "[sink.archive.file]\npath = \"out/alerts.jsonl\"\n";
    let mut world = World::of(1, file).await;
    let disk = Disk::below(&world.wirewatch.path("out"));
    world
        .wirewatch
        .start_changed("info", |command| disk.under(command));
    world.publish(0);
    world.receiver.wait_for(1).await;
    disk.order("full", "");
    for _ in 0..5 {
        world.publish(0);
    }
    world.receiver.wait_for(world.published).await;
    row.check(Apart, true, "another sink goes on");
    let line = world.wirewatch.wait_for_log("cannot write").await;
    row.check(Told, line.contains("out/alerts.jsonl"), line);
    disk.mend("full");
    world.settle_up(&row, 0).await;
    let (status, _) = world.stop();
    row.check(Recovers, status.success(), "it ends in order");
    // What still waited at the stop is written at the next start.
    world.wirewatch.start();
    world.wait_for_lines("out", world.published).await;
    let lines = lines_below(&world.wirewatch.path("out"));
    check_lines(&row, &lines, world.published);
    row.did("the disk of a file sink full and freed");
}

/// Row 7: the store becomes read-only; and its disk loses what it had taken, which
/// it says at a sync. Nothing may be claimed then, and what is claimed after it
/// must outlast a power loss: what was not written must not be taken for written.
pub(crate) async fn failing(row: Row) {
    nothing_is_stored(&row, "readonly").await;
    let mut life = Life::begin().await;
    life.start();
    let rounds = row.times(2, 10);
    for round in 0..rounds {
        life.publish(0);
        let published = life.world().published;
        life.world().receiver.wait_for(published).await;
        life.disk().order("unsynced", "");
        for _ in 0..4 {
            life.publish(1);
        }
        life.world().wirewatch.wait_for_logs(REST, round + 1).await;
        life.disk().mend("unsynced");
        let published = life.world().published;
        life.world().receiver.wait_for(published).await;
        row.check(Recovers, true, "it goes on when syncs succeed");
    }
    life.world().settle_up(&row, rounds * 64).await;
    life.world().stop();
    let points = row.times(20, 500);
    let replayed = life.replay(&row, points).await;
    life.disk().order("unsynced", "");
    let started = life.run_to_its_end();
    row.check(Told, started == Some(74), format!("exit code {started:?}"));
    row.did(format!(
        "read-only once, {rounds} times failed syncs, then {points} points × 2 modes of {} operations",
        replayed.operations
    ));
}

/// Row 34: somebody moves the file of alerts away, removes it, or says that it was
/// moved, while alerts are written and the sink itself rotates: every line is
/// whole, and in exactly one file.
pub(crate) async fn moved_away(row: Row) {
    let moves = row.times(8, 200);
    let file = "[sink.archive.file]\npath = \"out/alerts.jsonl\"\n\
                rotate = \"8KiB\"\nkeep = 1000\n";
    let mut world = World::of(4, file).await;
    let mut dice = row.dice();
    world.wirewatch.start();
    let out = world.wirewatch.path("out");
    for number in 0..moves {
        for _ in 0..=dice.roll(4) {
            world.publish(dice.roll(4));
        }
        world
            .receiver
            .wait_for(world.published - dice.roll(2))
            .await;
        let named = out.join("alerts.jsonl");
        if number % 4 == 3 {
            world.wait_for_lines("out", world.published).await;
            // What is removed is kept here, so that it can be counted.
            let removed = std::fs::read(&named).unwrap_or_default();
            let _missing = std::fs::remove_file(&named);
            std::fs::write(out.join(format!("removed-{number}")), removed).unwrap();
        } else {
            let _missing = std::fs::rename(&named, out.join(format!("moved-{number}")));
            if number % 4 == 2 {
                world.wirewatch.hang_up();
            }
        }
    }
    world.settle_up(&row, 0).await;
    world.wait_for_lines("out", world.published).await;
    world.stop();
    check_lines(&row, &lines_below(&out), world.published);
    row.did(format!(
        "moved or removed {moves} times, {} alerts",
        world.published
    ));
}

/// Every line of every file of a folder.
pub(crate) fn lines_below(folder: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for file in std::fs::read_dir(folder).into_iter().flatten() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap_or_default();
        lines.extend(text.lines().map(str::to_owned));
    }
    lines
}

fn check_lines(row: &Row, lines: &[String], published: usize) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        let alert: Option<serde_json::Value> = serde_json::from_str(line).ok();
        row.check(Kept, alert.is_some(), format!("half a line: {line}"));
        let alert = alert
            .as_ref()
            .and_then(|alert| alert["data"]["alert"].as_str());
        *times
            .entry(alert.unwrap_or_default().to_owned())
            .or_default() += 1;
    }
    row.check(
        Kept,
        times.len() == published,
        format!("{} of {published}", times.len()),
    );
    for (alert, times) in times {
        row.check(
            Once,
            times == 1,
            format!("{alert} stands there {times} times"),
        );
    }
}
