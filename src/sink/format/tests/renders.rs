//! No message is ever over a limit, whatever it is made of.
//!
//! `cargo test` renders a thousand a format;
//! `RENDERS=1000000 cargo test --release --lib renders` as many as one likes.

use super::injection::faults;
use super::{RECEIVERS, samples};
use crate::alert::message::Message;
use fastrand::Rng;
use std::thread;

/// How many messages are made up for each format, unless the environment says so.
const RENDERS: u64 = 1_000;

#[test]
fn no_message_is_over_a_limit_or_loses_its_link() {
    let renders = std::env::var_os("RENDERS").map_or(RENDERS, |number| {
        let number = number.into_string().unwrap();
        number.parse().expect("RENDERS is a number")
    });
    let hands = 2;
    let found: Vec<String> = thread::scope(|scope| {
        let work = |hand| {
            let seeds = (0..renders).filter(move |seed| seed % hands == hand);
            scope.spawn(move || seeds.flat_map(faults_of).take(10).collect::<Vec<_>>())
        };
        let hands: Vec<_> = (0..hands).map(work).collect();
        hands
            .into_iter()
            .flat_map(|hand| hand.join().unwrap())
            .collect()
    });
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What is wrong with the messages of a seed: one for each format.
fn faults_of(seed: u64) -> Vec<String> {
    let payload = samples::payload(&mut Rng::with_seed(seed));
    let message = Message::read(&payload).unwrap();
    let mut found = Vec::new();
    for receiver in RECEIVERS {
        let plain = seed.is_multiple_of(5);
        let rendered = receiver.render(&payload, plain);
        let over = (receiver.over)(&rendered);
        let faults = faults(
            &message,
            &(receiver.read)(&rendered),
            plain,
            receiver.link_bytes_max,
        );
        let both = over.into_iter().chain(faults);
        found.extend(both.map(|fault| format!("{} {seed}: {fault}", receiver.name)));
    }
    found
}
