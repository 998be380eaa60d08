use super::*;
use crate::policy::retry::{DeadReason, DeliveryState};

const DONE: [DeliveryState; 2] = [DeliveryState::Delivered, DeliveryState::Dead];

fn filter(states: &[DeliveryState], since: i64, until: i64) -> ReplayFilter {
    ReplayFilter {
        sink: sink("desk"),
        states: states.to_vec(),
        since: at(since),
        until: at(until),
    }
}

/// One alert a second from 101 on: delivered, dead, pending and so on.
async fn history(dir: &TempDir, alerts: i64) -> Store {
    let store = open(dir);
    for number in 1..=alerts {
        let id = format!("a{number}");
        let poll = poll("bbc", at(100 + number), &[&id], &["desk"]);
        store.commit_poll(poll).await.unwrap();
        let next = match number % 3 {
            1 => Next::Done,
            2 => Next::Dead(DeadReason::Refused),
            _ => continue,
        };
        settle(&store, delivery_id(&id, "desk"), at(100 + number), next).await;
    }
    store
}

async fn replay(store: &Store, filter: &ReplayFilter, to: &str, now: i64) -> Vec<Replayed> {
    let mut slices = Vec::new();
    let mut mark = Some(ReplayMark::default());
    while let Some(from) = mark {
        let replayed = store
            .replay(filter.clone(), from, sink(to), at(now))
            .await
            .unwrap();
        mark = replayed.next;
        slices.push(replayed);
    }
    slices
}

#[tokio::test]
async fn what_is_over_is_sent_again_under_an_id_of_its_own() {
    let dir = folder();
    let store = history(&dir, 6).await;
    let rows = [
        (filter(&DONE, 0, 900), "a1 a2 a4 a5"),
        (filter(&DONE[..1], 0, 900), "a1 a4"),
        (filter(&DONE[1..], 0, 900), "a2 a5"),
        (filter(&DONE, 102, 105), "a2 a4"),
        (filter(&[], 0, 900), ""),
    ];
    let mut seq = 0;
    for (filter, expected) in rows {
        let expected: Vec<&str> = expected.split_whitespace().collect();
        let (found, next) = store
            .replayable(filter.clone(), ReplayMark::default())
            .await
            .unwrap();
        let alerts: Vec<&str> = found.iter().map(|it| it.alert.0.as_str()).collect();
        assert_eq!((alerts, next), (expected.clone(), None));

        let replayed = replay(&store, &filter, "copy", 1000).await;
        assert_eq!(replayed.len(), 1);
        assert_eq!(replayed[0].count, expected.len() as u64);
        let before = seq as usize;
        for (alert, (id, number)) in expected
            .iter()
            .zip(due(&store, "copy", at(1000)).await.split_off(before))
        {
            seq += 1;
            assert_eq!(id, format!("msg_{alert}_copy~{seq}"));
            assert_eq!(number, seq);
        }
        assert_eq!(due(&store, "copy", at(1000)).await.len() as u64, seq);
    }
}

#[tokio::test]
async fn a_replay_tells_the_same_alert_with_the_next_number() {
    let dir = folder();
    let store = history(&dir, 3).await;
    replay(&store, &filter(&DONE, 0, 900), "desk", 900).await;
    let due = store.due(&sink("desk"), at(900), 9, &HashSet::new()).await;
    let due = due.unwrap().deliveries;
    let seqs: Vec<u64> = due.iter().map(|delivery| delivery.seq).collect();
    assert_eq!(
        seqs,
        [3, 4, 5],
        "the pending one, then those that come again"
    );
    let first = store.delivery(&delivery_id("a1", "desk")).await.unwrap();
    let told = |payload: &[u8]| {
        let mut payload: serde_json::Value = serde_json::from_slice(payload).unwrap();
        let seq = payload["data"]["seq"].take();
        (payload, seq)
    };
    let (first, _) = told(&first.unwrap().payload);
    let (again, seq) = told(&due[1].payload);
    assert_eq!((again, seq), (first, 4.into()));
    assert_eq!(due[1].created_at, at(900), "its max_age begins anew");
    // It does not find itself, and what is pending is not sent beside itself.
    let replayed = replay(&store, &filter(&DONE, 0, 900), "desk", 900).await;
    assert_eq!(replayed[0].count, 2);
}

#[tokio::test]
async fn many_are_sent_in_slices_and_the_damaged_are_left_out() {
    let dir = folder();
    let store = open(&dir);
    let count = REPLAY_SLICE + 1;
    let ids: Vec<String> = (0..count).map(|number| format!("a{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let poll = poll("bbc", at(100), &ids, &["desk"]);
    store.commit_poll(poll).await.unwrap();
    for id in &ids {
        settle(&store, delivery_id(id, "desk"), at(110), Next::Done).await;
    }
    for harm in [
        "UPDATE delivery SET payload = CAST(x'00' AS BLOB) WHERE id = 'msg_a0_desk'",
        "UPDATE delivery SET crc = -1 WHERE id = 'msg_a1_desk'",
    ] {
        stranger(&dir).execute(harm, []).unwrap();
    }
    let slices = replay(&store, &filter(&DONE, 0, 900), "copy", 900).await;
    let counts: Vec<u64> = slices.iter().map(|slice| slice.count).collect();
    assert_eq!(counts, [REPLAY_SLICE as u64 - 2, 1]);
    let corrupt = [delivery_id("a0", "desk"), delivery_id("a1", "desk")];
    assert_eq!(slices[0].corrupt, corrupt);
}
