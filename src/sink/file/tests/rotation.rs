//! Rotation, and what is left of it when it is stopped between any two steps.

use super::{NOW, numbered, open, plain, written};
use crate::config::LinesConfig;
use crate::policy::retry::DeliveryOutcome;
use crate::sink::file::lines::LinesFile;
use crate::sink::file::rotation::moved;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The numbers in each file, the oldest file first; a file that is not there is
/// empty.
fn numbers(lines: &LinesConfig) -> Vec<Vec<u64>> {
    let files = (0..=lines.keep + 1).rev();
    files
        .map(|number| {
            let text = std::fs::read_to_string(lines.rotated(number)).unwrap_or_default();
            let number = |line: &str| {
                let value: serde_json::Value = serde_json::from_str(line).expect("a whole line");
                value["n"].as_u64().expect("a number")
            };
            text.lines().map(number).collect()
        })
        .collect()
}

#[test]
fn files_move_on_to_the_first_gap() {
    let check = |keep, taken: &[u32], expect: &[u32]| {
        let moved: Vec<u32> = moved(keep, |number| taken.contains(&number)).collect();
        assert_eq!(moved, expect, "{taken:?} of {keep}");
    };
    check(1, &[], &[0]);
    // The last of a full row is replaced.
    check(1, &[1], &[0]);
    check(3, &[], &[0]);
    check(3, &[1], &[1, 0]);
    check(3, &[1, 2], &[2, 1, 0]);
    check(3, &[1, 2, 3], &[2, 1, 0]);
    // A crash left a gap.
    check(3, &[1, 3], &[1, 0]);
    check(3, &[2, 3], &[0]);
}

#[tokio::test]
async fn a_file_rotates_before_it_grows_beyond_its_size() {
    let dir = tempfile::tempdir().unwrap();
    let lines = LinesConfig {
        // Three lines of eight bytes.
        bytes_max: Some(24),
        keep: 2,
        ..plain(&dir.path().join("alerts.jsonl"))
    };
    let sink = open(lines.clone());
    for batch in [1..=2, 3..=3, 4..=4, 5..=9, 10..=10] {
        let batch: Vec<_> = batch.map(numbered).collect();
        sink.deliver(&batch, NOW).await;
    }
    // A batch is in one file, even if it is too long for it.
    let expect = [vec![], vec![4], vec![5, 6, 7, 8, 9], vec![10]];
    assert_eq!(numbers(&lines), expect);
    let mode = lines.rotated(1).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // What is longer than it should be from before rotates first.
    std::fs::write(&lines.path, written(10..=19)).unwrap();
    open(lines.clone()).deliver(&[numbered(20)], NOW).await;
    let before: Vec<u64> = (10..=19).collect();
    assert_eq!(numbers(&lines)[2..], [before, vec![20]]);
}

#[tokio::test]
async fn a_file_rotates_when_it_is_old() {
    let dir = tempfile::tempdir().unwrap();
    let week = SignedDuration::from_hours(7 * 24);
    let second = SignedDuration::from_secs(1);
    let lines = LinesConfig {
        age_max: Some(week),
        ..plain(&dir.path().join("alerts.jsonl"))
    };
    // An empty file waits for its first line, and its age begins with it.
    std::fs::write(&lines.path, "").unwrap();
    let made = lines.path.metadata().unwrap().created();
    let begun = made.map_or(NOW, |made| Timestamp::try_from(made).unwrap()) + week * 2;
    let sink = open(lines.clone());
    sink.deliver(&[numbered(1)], begun).await;
    sink.deliver(&[numbered(2)], begun + week - second).await;
    assert_eq!(numbers(&lines)[10..], [vec![], vec![1, 2]]);
    sink.deliver(&[numbered(3)], begun + week).await;
    // A clock that is put back makes nothing old.
    sink.deliver(&[numbered(4)], NOW).await;
    assert_eq!(numbers(&lines)[10..], [vec![1, 2], vec![3, 4]]);
}

#[tokio::test]
async fn the_age_of_a_file_outlives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let week = SignedDuration::from_hours(7 * 24);
    let lines = LinesConfig {
        age_max: Some(week),
        ..plain(&dir.path().join("alerts.jsonl"))
    };
    std::fs::write(&lines.path, written(1..=1)).unwrap();
    // Some file systems do not tell.
    let Ok(made) = lines.path.metadata().unwrap().created() else {
        return;
    };
    let made = Timestamp::try_from(made).unwrap();
    open(lines.clone()).deliver(&[numbered(2)], made).await;
    assert_eq!(numbers(&lines)[10..], [vec![], vec![1, 2]]);
    let sink = open(lines.clone());
    sink.deliver(&[numbered(3)], made + week).await;
    assert_eq!(numbers(&lines)[10..], [vec![1, 2], vec![3]]);
}

#[tokio::test]
async fn a_file_that_cannot_rotate_grows_on() {
    let dir = tempfile::tempdir().unwrap();
    let lines = LinesConfig {
        bytes_max: Some(8),
        keep: 1,
        ..plain(&dir.path().join("alerts.jsonl"))
    };
    // No file takes the place of a folder.
    std::fs::create_dir(lines.rotated(1)).unwrap();
    let sink = open(lines.clone());
    for seq in 1..=3 {
        let outcomes = sink.deliver(&[numbered(seq)], NOW).await;
        assert_eq!(outcomes, [DeliveryOutcome::Delivered]);
    }
    assert_eq!(numbers(&lines)[1..], [vec![], vec![1, 2, 3]]);
    std::fs::remove_dir(lines.rotated(1)).unwrap();
    sink.deliver(&[numbered(4)], NOW).await;
    assert_eq!(numbers(&lines)[1..], [vec![1, 2, 3], vec![4]]);
}

/// What a log has after so many lines were written to a sink that cannot rotate.
fn logged(lines: &LinesConfig, count: u64) -> String {
    #[derive(Clone, Default)]
    struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .finish();
    let mut file = LinesFile::new(lines.clone(), false);
    tracing::subscriber::with_default(subscriber, || {
        for seq in 1..=count {
            file.append(&[&numbered(seq).payload], NOW).unwrap();
        }
    });
    let log = log.0.lock().unwrap();
    String::from_utf8(log.clone()).unwrap()
}

#[test]
fn that_a_file_cannot_rotate_is_said_once() {
    let dir = tempfile::tempdir().unwrap();
    let lines = LinesConfig {
        bytes_max: Some(8),
        keep: 1,
        ..plain(&dir.path().join("alerts.jsonl"))
    };
    std::fs::create_dir(lines.rotated(1)).unwrap();
    let log = logged(&lines, 5);
    assert_eq!(log.matches("cannot rotate").count(), 1, "{log}");
    assert!(log.contains("Is a directory"), "{log}");
}

/// What happens to a sink.
#[derive(Debug, Clone)]
enum Event {
    /// So many lines in one batch.
    Batch(usize),
    /// The same, and then it is killed before it could say so.
    Unsaid(usize),
    /// It is killed after so many steps of a rotation.
    Rotating(usize),
    /// It is killed after so many bytes of a batch of so many lines.
    Torn(usize, usize),
    /// Somebody moves the file away.
    Moved,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1..6_usize).prop_map(Event::Batch),
        1 => (1..6_usize).prop_map(Event::Unsaid),
        2 => (0..7_usize).prop_map(Event::Rotating),
        1 => (1..6_usize, 0..60_usize).prop_map(|(count, bytes)| Event::Torn(count, bytes)),
        1 => Just(Event::Moved),
    ]
}

/// A sink in a folder, and what was handed to it.
struct World {
    lines: LinesConfig,
    sink: LinesFile,
    next: u64,
    batches: Vec<Vec<u64>>,
    moved: Vec<u64>,
}

impl World {
    fn new(dir: &Path, keep: u32) -> Self {
        let lines = LinesConfig {
            bytes_max: Some(40),
            keep,
            ..plain(&dir.join("alerts.jsonl"))
        };
        Self {
            sink: LinesFile::new(lines.clone(), false),
            lines,
            next: 0,
            batches: Vec::new(),
            moved: Vec::new(),
        }
    }

    fn restart(&mut self) {
        self.sink = LinesFile::new(self.lines.clone(), false);
    }

    fn numbers(&mut self, count: usize) -> Vec<u64> {
        let from = self.next;
        self.next += count as u64;
        (from..self.next).collect()
    }

    fn write(&mut self, numbers: &[u64]) {
        let lines: Vec<String> = numbers.iter().map(|n| format!("{{\"n\":{n}}}")).collect();
        let lines: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
        self.sink.append(&lines, NOW).unwrap();
    }

    fn meet(&mut self, event: &Event) {
        match *event {
            Event::Batch(count) => {
                let batch = self.numbers(count);
                self.write(&batch);
                self.batches.push(batch);
            }
            Event::Unsaid(count) => {
                let batch = self.numbers(count);
                self.write(&batch);
                self.restart();
                self.write(&batch);
                self.batches.push(batch);
            }
            Event::Rotating(steps) => {
                if self.lines.path.exists() {
                    let taken = |number| self.lines.rotated(number).exists();
                    for number in moved(self.lines.keep, taken).take(steps) {
                        let to = self.lines.rotated(number + 1);
                        std::fs::rename(self.lines.rotated(number), to).unwrap();
                    }
                }
                self.restart();
            }
            Event::Torn(count, bytes) => {
                let batch = self.numbers(count);
                let whole = written(batch.iter().copied()).into_bytes();
                let torn = &whole[..bytes.min(whole.len())];
                let before = std::fs::read(&self.lines.path).unwrap_or_default();
                std::fs::write(&self.lines.path, [&before, torn].concat()).unwrap();
                self.restart();
                self.write(&batch);
            }
            Event::Moved => {
                let mut numbers = numbers(&self.lines);
                self.moved.extend(numbers.pop().unwrap_or_default());
                let _absent = std::fs::remove_file(&self.lines.path);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_stops_it_each_line_is_in_one_file(
        events in prop::collection::vec(event(), 1..40),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World::new(dir.path(), 200);
        for event in &events {
            world.meet(event);
        }
        let files = numbers(&world.lines);
        let mut all = files.concat();
        // From the oldest file to the youngest, they are in order.
        prop_assert!(all.is_sorted(), "{files:?}");
        all.extend(&world.moved);
        all.sort_unstable();
        let expect: Vec<u64> = (0..world.next).collect();
        prop_assert_eq!(all, expect, "{:?}", files);
        for batch in &world.batches {
            let holding = files.iter().filter(|file| file.iter().any(|n| batch.contains(n)));
            prop_assert!(holding.count() <= 1, "{:?} in {:?}", batch, files);
        }
    }

    #[test]
    fn only_the_oldest_lines_ever_go(
        events in prop::collection::vec(event(), 1..40),
        keep in 1..5_u32,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World::new(dir.path(), keep);
        for event in events.iter().filter(|event| !matches!(event, Event::Moved)) {
            world.meet(event);
        }
        let kept = numbers(&world.lines).concat();
        let expect: Vec<u64> = (world.next - kept.len() as u64..world.next).collect();
        prop_assert_eq!(kept, expect);
        let beyond = world.lines.rotated(keep + 1);
        prop_assert!(!beyond.exists());
    }
}
