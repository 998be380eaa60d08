//! What the death of the process may cost: an attempt that is made again, and
//! nothing else.

use super::world::World;
use super::Row;
use super::Promise::Recovers;
use std::time::Duration;

/// The most deliveries that one sink has under way.
const IN_FLIGHT: usize = 4;

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
        row.check(Recovers, true, "it starts again");
    }
    world.wirewatch.start();
    world.settle_up(&row, kills * IN_FLIGHT).await;
    row.did(format!("{kills} kills, {} alerts", world.published));
}
