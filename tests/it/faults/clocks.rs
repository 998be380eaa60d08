//! Clocks that are set: the wall clock of the daemon is moved under it. Fourteen
//! days with leaps, sleeps and restarts, and what a publisher sees of them, are
//! judged in `politeness`.

use super::Promise::{Apart, Bounded, Kept, Once, Recovers, Told};
use super::endpoint::{Endpoint, Reply};
use super::world::World;
use super::{Disk, Row};
use crate::support::{Page, alerting_entry, rss};

const DAY_S: i64 = 86_400;

/// Row 11: the clock is set by a day, forth and back, while a delivery waits for
/// its next attempt. No publisher is asked early, and no receiver kept waiting.
pub(crate) async fn set(row: Row) {
    for by_s in [DAY_S, -DAY_S, 1] {
        let endpoint = Endpoint::open(|arrival| match arrival {
            1 => Reply::status(503, ""),
            _ => Reply::status(204, ""),
        })
        .await;
        let mut world = World::of(1, &endpoint.sink("failing")).await;
        world.clock_moved = true;
        let disk = Disk::below(&world.wirewatch.path("state"));
        let slow = Page::Document(rss(&[alerting_entry(1_000)]));
        world.site.set("/slow", slow);
        world.add(&format!(
            "[feed.slow]\nurl = \"{}\"\nevery = \"1h\"\nmax = \"1d\"\nfirst_run = \"none\"\n",
            world.site.url(2, "/slow")
        ));
        world
            .wirewatch
            .start_changed("info", |command| disk.under(command));
        world.site.wait_for("/slow", 1).await;
        world.publish(0);
        endpoint.wait_for(1).await;
        world.wirewatch.wait_for_log("sink=failing").await;
        disk.order("clock", &by_s.to_string());
        endpoint.wait_for(2).await;
        row.check(Recovers, true, "it is tried again in time");
        world.publish(0);
        world.settle_up(&row, 0).await;
        endpoint.wait_for(3).await;
        let slow = world.site.asked("/slow").len();
        row.check(
            Apart,
            slow == 1,
            format!("set by {by_s} s: asked {slow} times"),
        );
        if by_s != 1 {
            let line = world.wirewatch.wait_for_log("the clock was set by").await;
            row.check(Told, true, line);
        }
        let came = endpoint.arrivals().len();
        row.check(Once, came == 3, format!("set by {by_s} s: {came} attempts"));
        world.stop();
        world
            .wirewatch
            .start_changed("info", |command| disk.under(command));
        world.wirewatch.wait_for_log("watches").await;
        world.publish(0);
        endpoint.wait_for(4).await;
        world.settle_up(&row, 0).await;
        let slow = world.site.asked("/slow").len();
        row.check(
            Bounded,
            slow == 1,
            format!("after a start: asked {slow} times"),
        );
        world.stop();
    }
    row.check(Kept, true, "everything arrived");
    row.did("set by 1 d, -1 d and a second");
}

/// Row 12: each attempt is signed with its own time, by the clock of the wall.
pub(crate) async fn of_attempts(row: Row) {
    let endpoint = Endpoint::open(|arrival| match arrival {
        1 => Reply::status(503, ""),
        _ => Reply::status(204, ""),
    })
    .await;
    let mut world = World::of(1, &endpoint.sink("failing")).await;
    world.clock_moved = true;
    let disk = Disk::below(&world.wirewatch.path("state"));
    world
        .wirewatch
        .start_changed("info", |command| disk.under(command));
    let mut moved_s = 0;
    let before = jiff::Timestamp::now().as_second();
    world.publish(0);
    let first = endpoint.wait_for(1).await[0].clone();
    check_time(&row, first.timestamp_s, before);
    for _ in 0..2 {
        moved_s += 3_600;
        disk.order("clock", &moved_s.to_string());
        let before = jiff::Timestamp::now().as_second();
        let known = endpoint.arrivals().len();
        world.publish(0);
        let last = endpoint.wait_for(known + 1).await.pop().unwrap();
        check_time(&row, last.timestamp_s - moved_s, before);
    }
    endpoint.wait_for(4).await;
    let again = endpoint
        .arrivals()
        .into_iter()
        .rfind(|it| it.id == first.id)
        .unwrap();
    let later = again.timestamp_s - first.timestamp_s;
    row.check(
        Told,
        later >= 3_600,
        format!("the same time at the second attempt: {later} s"),
    );
    world.settle_up(&row, 0).await;
    row.did("attempts by a clock that is set");
}

/// Whether a time is that of an attempt that was made since then.
fn check_time(row: &Row, at_s: i64, since_s: i64) {
    let now_s = jiff::Timestamp::now().as_second();
    let holds = (since_s..=now_s).contains(&at_s);
    row.check(
        Told,
        holds,
        format!("{at_s} is not from {since_s} to {now_s}"),
    );
}
