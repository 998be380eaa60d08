use super::*;
use crate::policy::retry::DeadReason;

#[tokio::test]
async fn what_is_older_and_done_is_forgotten() {
    let dir = folder();
    let store = open(&dir);
    store
        .commit_poll(poll("bbc", at(100), &["a", "b", "c"], &["desk"]))
        .await
        .unwrap();
    settle(&store, delivery_id("a", "desk"), at(110), Next::Done).await;
    let dead = Next::Dead(DeadReason::Refused);
    settle(&store, delivery_id("b", "desk"), at(110), dead).await;
    settle(&store, delivery_id("c", "desk"), at(110), Next::At(at(999))).await;

    assert_eq!(store.prune(at(100)).await.unwrap(), Pruned::default());
    let pruned = store.prune(at(111)).await.unwrap();
    assert_eq!(
        pruned,
        Pruned {
            articles: 3,
            alerts: 3,
            deliveries: 2,
            entries: 0
        }
    );
    assert_eq!(count(&dir, "attempt"), 1);
    assert_eq!(
        due(&store, "desk", at(999)).await,
        [("msg_c_desk".into(), 3)],
        "what is on its way stays"
    );
    store
        .commit_poll(poll("bbc", at(1000), &["a", "c"], &["desk"]))
        .await
        .unwrap();
    assert_eq!(
        due(&store, "desk", at(1000)).await,
        [("msg_c_desk".into(), 3), ("msg_a_desk".into(), 4)],
        "numbers go on"
    );
}

/// Polls with the entries `a` and `b`, then with those of `later` on each of
/// some days, prunes, and expects these to be unknown.
async fn check(later: &[(i64, &[&str])], prune_day: i64, unknown: &[&str]) {
    let dir = folder();
    let store = open(&dir);
    store
        .commit_poll(poll("bbc", at(0), &["a", "b"], &[]))
        .await
        .unwrap();
    for (day, still_there) in later {
        let result = PollResult {
            still_seen: still_there.iter().map(|id| key(id)).collect(),
            ..quiet_poll("bbc", at(day * DAY_S))
        };
        store.commit_poll(result).await.unwrap();
    }
    store.prune(at(prune_day * DAY_S)).await.unwrap();
    let unknown: HashSet<_> = unknown.iter().map(|id| key(id)).collect();
    assert_eq!(
        unseen(&store, "bbc", &["a", "b"]).await,
        unknown,
        "{later:?} {prune_day}"
    );
}

#[tokio::test]
async fn an_entry_is_forgotten_only_after_it_left_its_feed() {
    // Nothing was read since: "not modified" for a year, or failures.
    check(&[], 365, &[]).await;
    check(&[(100, &[]), (200, &[])], 365, &[]).await;
    // Read again on day 100: what was there stays, what was not goes.
    check(&[(100, &["a", "b"])], 365, &[]).await;
    check(&[(100, &["a"])], 365, &["b"]).await;
    check(&[(100, &["a"]), (200, &[])], 365, &["b"]).await;
    // But only once it is older than the retention.
    check(&[(100, &["a"])], 0, &[]).await;
    // Noted at most once a day, a known entry may look almost a day older.
    check(&[(1, &["a", "b"]), (2, &["a"])], 365, &["b"]).await;
    check(&[(0, &["a", "b"])], 365, &[]).await;
}

#[tokio::test]
async fn a_removed_feed_is_forgotten_in_the_end() {
    let dir = folder();
    let store = open(&dir);
    hosts::asked(&store, at(100)).await;
    store
        .commit_poll(poll("bbc", at(100), &["a"], &[]))
        .await
        .unwrap();
    store.sync_feeds(&[], at(200)).await.unwrap();
    store.prune(at(200)).await.unwrap();
    assert_eq!((count(&dir, "feed"), count(&dir, "seen")), (1, 1));
    assert_eq!((count(&dir, "host"), count(&dir, "request")), (0, 0));
    store.prune(at(201)).await.unwrap();
    assert_eq!((count(&dir, "feed"), count(&dir, "seen")), (0, 0));
}

#[tokio::test]
async fn more_than_a_slice_is_forgotten_too() {
    let dir = folder();
    let store = open(&dir);
    let ids: Vec<String> = (0..2_500).map(|n| format!("{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut result = poll("bbc", at(100), &ids, &[]);
    result.alerts.clear();
    store.commit_poll(result).await.unwrap();
    let later = PollResult {
        still_seen: vec![key("0")],
        ..quiet_poll("bbc", at(3 * DAY_S))
    };
    store.commit_poll(later).await.unwrap();
    let pruned = store.prune(at(2 * DAY_S)).await.unwrap();
    assert_eq!((pruned.articles, pruned.entries), (2_500, 2_499));
}
