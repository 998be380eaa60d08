//! The outbox against a model of it in memory, under random operations.

use super::*;
use crate::policy::retry::{DeadReason, DeliveryState};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SINKS: [&str; 2] = ["desk", "archive"];

#[derive(Debug, Clone)]
enum Step {
    /// An alert of this number is made, for both sinks or one.
    Alert(u8, bool),
    /// The first that is due at a sink is tried, and this follows.
    Attempt(usize, Ending),
    Retry(usize),
    BuryAllBut(usize),
    Prune,
    Restart {
        clean: bool,
    },
    Wait(i64),
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Done,
    After(i64),
    Dead,
}

fn step() -> impl Strategy<Value = Step> {
    let ending = prop_oneof![
        Just(Ending::Done),
        (1_i64..50).prop_map(Ending::After),
        Just(Ending::Dead),
    ];
    prop_oneof![
        4 => (0_u8..12, any::<bool>()).prop_map(|(id, both)| Step::Alert(id, both)),
        6 => (0..SINKS.len(), ending).prop_map(|(to, ending)| Step::Attempt(to, ending)),
        1 => (0..SINKS.len()).prop_map(Step::Retry),
        1 => (0..SINKS.len()).prop_map(Step::BuryAllBut),
        1 => Just(Step::Prune),
        1 => any::<bool>().prop_map(|clean| Step::Restart { clean }),
        3 => (1_i64..40).prop_map(Step::Wait),
    ]
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    to: &'static str,
    seq: u64,
    state: DeliveryState,
    next_s: Option<i64>,
    finished_s: Option<i64>,
    attempts: u32,
    requeues: u32,
}

#[derive(Debug, Default)]
struct Model {
    now_s: i64,
    alerts: BTreeMap<String, i64>,
    seqs: BTreeMap<&'static str, u64>,
    rows: BTreeMap<String, Row>,
}

impl Model {
    fn alert(&mut self, id: &str, to: &[&'static str]) {
        if self.alerts.contains_key(id) {
            return;
        }
        self.alerts.insert(id.to_owned(), self.now_s);
        for to in to {
            let name = delivery_id(id, to).0;
            if self.rows.contains_key(&name) {
                continue;
            }
            let seq = self.seqs.entry(to).or_default();
            *seq += 1;
            let row = Row {
                to,
                seq: *seq,
                state: DeliveryState::Pending,
                next_s: Some(self.now_s),
                finished_s: None,
                attempts: 0,
                requeues: 0,
            };
            self.rows.insert(name, row);
        }
    }

    fn due(&self, to: &str) -> Vec<(String, u64)> {
        let mut due: Vec<_> = self
            .rows
            .iter()
            .filter(|(_, row)| row.to == to && row.next_s.is_some_and(|next| next <= self.now_s))
            .map(|(id, row)| (row.seq, id.clone()))
            .collect();
        due.sort();
        due.into_iter().map(|(seq, id)| (id, seq)).collect()
    }

    fn next_due(&self, to: &str) -> Option<Timestamp> {
        let pending = self.rows.values().filter(|row| row.to == to);
        let later = pending.filter_map(|row| row.next_s.filter(|next| *next > self.now_s));
        later.min().map(at)
    }

    fn finish(&mut self, id: &str, state: DeliveryState) {
        let row = self.rows.get_mut(id).unwrap();
        (row.state, row.next_s, row.finished_s) = (state, None, Some(self.now_s));
    }

    fn attempt(&mut self, id: &str, ending: Ending) -> Next {
        self.rows.get_mut(id).unwrap().attempts += 1;
        match ending {
            Ending::Done => {
                self.finish(id, DeliveryState::Delivered);
                Next::Done
            }
            Ending::After(wait_s) => {
                let next_s = self.now_s + wait_s;
                self.rows.get_mut(id).unwrap().next_s = Some(next_s);
                Next::At(at(next_s))
            }
            Ending::Dead => {
                self.finish(id, DeliveryState::Dead);
                Next::Dead(DeadReason::Refused)
            }
        }
    }

    fn retry(&mut self, to: &str) -> u64 {
        let mut retried = 0;
        for row in self.rows.values_mut() {
            if row.to == to && row.state == DeliveryState::Dead {
                row.state = DeliveryState::Pending;
                (row.next_s, row.finished_s) = (Some(self.now_s), None);
                row.requeues += 1;
                retried += 1;
            }
        }
        retried
    }

    fn bury_all_but(&mut self, to: &str) -> u64 {
        let orphans: Vec<String> = self
            .rows
            .iter()
            .filter(|(_, row)| row.to != to && row.state == DeliveryState::Pending)
            .map(|(id, _)| id.clone())
            .collect();
        for id in &orphans {
            self.finish(id, DeliveryState::Dead);
        }
        orphans.len() as u64
    }

    fn prune(&mut self, before_s: i64) {
        self.alerts.retain(|_, made_s| *made_s >= before_s);
        self.rows
            .retain(|_, row| row.finished_s.is_none_or(|finished| finished >= before_s));
    }
}

async fn compare(store: &Store, model: &Model) {
    for to in SINKS {
        assert_eq!(due(store, to, at(model.now_s)).await, model.due(to));
        let look = look(store, to, at(model.now_s), Want::Oldest(100)).await;
        assert_eq!(look.next_due, model.next_due(to));
    }
    let records = store.deliveries(DeliveryFilter::default(), 1000).await;
    let rows: BTreeMap<String, Row> = records
        .unwrap()
        .into_iter()
        .map(|record| {
            let second = |time: Option<Timestamp>| time.map(Timestamp::as_second);
            let to = SINKS.iter().find(|to| **to == record.sink.as_str());
            let row = Row {
                to: to.unwrap(),
                seq: record.seq,
                state: record.state,
                next_s: second(record.next_at),
                finished_s: second(record.finished_at),
                attempts: record.attempts,
                requeues: record.requeues,
            };
            (record.id.0, row)
        })
        .collect();
    assert_eq!(rows, model.rows);
}

async fn take(step: &Step, store: Store, model: &mut Model, dir: &TempDir) -> Store {
    let now = at(model.now_s);
    match step {
        Step::Alert(id, both) => {
            let id = id.to_string();
            let to = if *both { &SINKS[..] } else { &SINKS[..1] };
            let fresh = !model.alerts.contains_key(&id);
            model.alert(&id, to);
            let committed = store.commit_poll(poll("bbc", now, &[&id], to)).await;
            assert_eq!(committed.unwrap().alerts_made.len(), usize::from(fresh));
        }
        Step::Attempt(to, ending) => {
            if let Some((id, _)) = model.due(SINKS[*to]).first() {
                let next = model.attempt(id, *ending);
                settle(&store, DeliveryId(id.clone()), now, next).await;
            }
        }
        Step::Retry(to) => {
            let retried = store.retry_dead(Some(sink(SINKS[*to])), None, now).await;
            assert_eq!(retried.unwrap(), model.retry(SINKS[*to]));
        }
        Step::BuryAllBut(to) => {
            let buried = store.bury_orphans(&sinks(&[SINKS[*to]]), now).await;
            assert_eq!(buried.unwrap(), model.bury_all_but(SINKS[*to]));
        }
        Step::Prune => {
            let before_s = model.now_s - 60;
            store.prune(at(before_s)).await.unwrap();
            model.prune(before_s);
        }
        Step::Restart { clean: true } => {
            store.close().await.unwrap();
            return open(dir);
        }
        Step::Restart { clean: false } => {
            drop(store);
            return open(dir);
        }
        Step::Wait(seconds) => model.now_s += seconds,
    }
    store
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_outbox_is_what_its_model_says(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let dir = folder();
            let (mut store, mut model) = (open(&dir), Model { now_s: 1000, ..Model::default() });
            for step in &steps {
                store = take(step, store, &mut model, &dir).await;
                compare(&store, &model).await;
            }
        });
    }
}
