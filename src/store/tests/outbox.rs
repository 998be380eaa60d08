use super::*;
use crate::policy::retry::{DeadReason, DeliveryReason, DeliveryState};

async fn with_alerts(dir: &TempDir, ids: &[&str], to: &[&str]) -> Store {
    let store = open(dir);
    store
        .commit_poll(poll("bbc", at(100), ids, to))
        .await
        .unwrap();
    store
}

#[tokio::test]
async fn what_is_due_is_given_in_turn() {
    let dir = folder();
    let store = with_alerts(&dir, &["a", "b", "c"], &["desk"]).await;
    assert_eq!(due(&store, "desk", at(99)).await, []);
    assert_eq!(due(&store, "other", at(100)).await, []);

    let flying = HashSet::from([delivery_id("a", "desk")]);
    let next = store.due(&sink("desk"), at(100), 1, &flying).await.unwrap();
    assert_eq!(next.deliveries[0].id, delivery_id("b", "desk"));
    assert_eq!(next.deliveries.len(), 1);

    settle(&store, delivery_id("a", "desk"), at(110), Next::At(at(150))).await;
    settle(&store, delivery_id("c", "desk"), at(110), Next::At(at(140))).await;
    let look = look(&store, "desk", at(111), Want::Oldest(9)).await;
    assert_eq!(look.next_due, Some(at(140)));
    // Whoever waited is in its old place.
    let ids: Vec<_> = due(&store, "desk", at(150)).await;
    assert_eq!(
        ids.iter().map(|(_, seq)| *seq).collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

#[tokio::test]
async fn attempts_are_recorded() {
    let dir = folder();
    let store = with_alerts(&dir, &["a"], &["desk"]).await;
    let id = delivery_id("a", "desk");
    settle(&store, id.clone(), at(110), Next::At(at(115))).await;
    assert_eq!(due(&store, "desk", at(114)).await, []);
    assert_eq!(due(&store, "desk", at(115)).await.len(), 1);
    settle(&store, id.clone(), at(116), Next::Done).await;
    assert_eq!(due(&store, "desk", at(999)).await, []);

    let found = store.delivery(&id).await.unwrap().unwrap();
    assert_eq!(found.record.state, DeliveryState::Delivered);
    assert_eq!(found.record.finished_at, Some(at(116)));
    assert_eq!(found.record.attempts, 2);
    assert_eq!(found.record.last.as_ref(), found.attempts.last());
    let told: Vec<_> = found
        .attempts
        .iter()
        .map(|attempt| {
            (
                attempt.n,
                attempt.at,
                attempt.outcome.as_str(),
                attempt.detail.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, at(110), "unavailable", "503 Service Unavailable"),
            (2, at(116), "delivered", ""),
        ]
    );
    let unknown = store.delivery(&delivery_id("x", "desk")).await.unwrap();
    assert_eq!(unknown, None);
}

#[tokio::test]
async fn a_long_answer_is_cut_between_characters() {
    let dir = folder();
    let store = with_alerts(&dir, &["a"], &["desk"]).await;
    let id = delivery_id("a", "desk");
    let refused = Settlement {
        id: id.clone(),
        at: at(110),
        outcome: DeliveryOutcome::Refused {
            detail: "é".repeat(5_000) + "!",
        },
        next: Next::Dead(DeadReason::Refused),
    };
    store.settle(vec![refused]).await.unwrap();
    let found = store.delivery(&id).await.unwrap().unwrap();
    assert_eq!(found.attempts[0].detail, "é".repeat(1_024));
    assert_eq!(
        found.record.reason,
        Some(DeliveryReason::Dead(DeadReason::Refused))
    );
}

#[tokio::test]
async fn what_arrived_has_arrived() {
    let dir = folder();
    let store = with_alerts(&dir, &["a"], &["desk"]).await;
    let id = delivery_id("a", "desk");
    assert_eq!(store.bury_orphans(&[], at(105)).await.unwrap(), 1);
    // The attempt was in flight when its sink was removed.
    settle(&store, id.clone(), at(110), Next::At(at(120))).await;
    let state = |found: DeliveryDetail| (found.record.state, found.record.reason);
    assert_eq!(
        state(store.delivery(&id).await.unwrap().unwrap()),
        (
            DeliveryState::Dead,
            Some(DeliveryReason::Dead(DeadReason::SinkRemoved))
        )
    );
    settle(&store, id.clone(), at(110), Next::Done).await;
    settle(&store, id.clone(), at(120), Next::At(at(130))).await;
    assert_eq!(
        state(store.delivery(&id).await.unwrap().unwrap()),
        (DeliveryState::Delivered, None)
    );
}

#[tokio::test]
async fn the_dead_are_kept_and_can_be_tried_again() {
    let dir = folder();
    let store = with_alerts(&dir, &["a", "b"], &["desk", "archive"]).await;
    for (id, to) in [("a", "desk"), ("b", "desk"), ("a", "archive")] {
        let dead = Next::Dead(DeadReason::Refused);
        settle(&store, delivery_id(id, to), at(110), dead).await;
    }
    let standing = store.standing().await.unwrap();
    let counts: Vec<_> = standing
        .sinks
        .iter()
        .map(|count| (count.sink.as_str(), count.pending, count.dead))
        .collect();
    assert_eq!(counts, [("archive", 1, 1), ("desk", 0, 2)]);

    let chosen = vec![
        delivery_id("a", "desk"),
        delivery_id("b", "archive"),
        delivery_id("x", "desk"),
    ];
    let retried = store.retry(chosen, at(200)).await.unwrap();
    assert_eq!(retried, 1, "only what is dead is tried again");
    assert_eq!(
        due(&store, "desk", at(200)).await,
        [("msg_a_desk".into(), 1)]
    );
    let later = store.retry_dead(None, Some(at(101)), at(200)).await;
    assert_eq!(later.unwrap(), 0);
    let of_sink = store.retry_dead(Some(sink("archive")), None, at(200)).await;
    assert_eq!(of_sink.unwrap(), 1);

    let filter = DeliveryFilter {
        state: Some(DeliveryState::Dead),
        sink: Some(sink("desk")),
        since: Some(at(100)),
    };
    let dead = store.deliveries(filter, 10).await.unwrap();
    let [record] = dead.as_slice() else {
        panic!("{dead:?}")
    };
    assert_eq!(record.id, delivery_id("b", "desk"));
    assert_eq!((record.requeues, record.next_at), (0, None));
    let tried = store
        .delivery(&delivery_id("a", "desk"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((tried.record.requeues, tried.record.attempts), (1, 1));
    assert_eq!(tried.record.reason, None);
    let newest = store
        .deliveries(DeliveryFilter::default(), 1)
        .await
        .unwrap();
    assert_eq!(newest[0].id, delivery_id("b", "archive"));
}

#[tokio::test]
async fn orphans_are_given_up() {
    let dir = folder();
    let store = with_alerts(&dir, &["a", "b"], &["desk", "gone"]).await;
    settle(&store, delivery_id("a", "gone"), at(101), Next::Done).await;
    let buried = store.bury_orphans(&sinks(&["desk"]), at(110)).await;
    assert_eq!(buried.unwrap(), 1);
    assert_eq!(due(&store, "desk", at(110)).await.len(), 2);
    assert_eq!(due(&store, "gone", at(110)).await, []);
}

/// Damages the delivery of `a` and expects that only that of `b` is given out.
async fn check_damage(harm: &str) {
    let dir = folder();
    let store = with_alerts(&dir, &["a", "b"], &["desk"]).await;
    assert_eq!(stranger(&dir).execute(harm, []).unwrap(), 1, "{harm}");
    let due = store
        .due(&sink("desk"), at(100), 10, &HashSet::new())
        .await
        .unwrap();
    let ids: Vec<_> = due
        .deliveries
        .iter()
        .map(|delivery| delivery.id.0.as_str())
        .collect();
    assert_eq!(ids, ["msg_b_desk"], "{harm}");
    assert_eq!(due.corrupt.len(), 1, "{harm}");
    let again = store
        .due(&sink("desk"), at(100), 10, &HashSet::new())
        .await
        .unwrap();
    assert_eq!(again.corrupt, [], "{harm}");
    let dead: String = stranger(&dir)
        .query_row(
            "SELECT reason FROM delivery WHERE state = 'dead'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(dead, DeadReason::Corrupt.as_str(), "{harm}");
}

#[tokio::test]
async fn a_damaged_delivery_is_never_given_out() {
    for harm in [
        "UPDATE delivery SET payload = CAST(replace(payload, 'matched', 'mauched') AS BLOB) WHERE id = 'msg_a_desk'",
        "UPDATE delivery SET payload = x'' WHERE id = 'msg_a_desk'",
        "UPDATE delivery SET crc = crc + 1 WHERE id = 'msg_a_desk'",
        "UPDATE delivery SET crc = -1 WHERE id = 'msg_a_desk'",
        "UPDATE delivery SET id = CAST(x'6dff' AS TEXT) WHERE id = 'msg_a_desk'",
        "UPDATE delivery SET attempts = -1 WHERE id = 'msg_a_desk'",
    ] {
        check_damage(harm).await;
    }
}
