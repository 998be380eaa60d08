use super::*;
use crate::policy::endpoint::{Change, Endpoint, EndpointState, Gate};
use crate::policy::retry::{DeadReason, DeliveryReason};

async fn with_alerts(dir: &TempDir, ids: &[&str]) -> Store {
    let store = open(dir);
    store
        .commit_poll(poll("bbc", at(100), ids, &["desk"]))
        .await
        .unwrap();
    store
}

fn failing() -> EndpointRecord {
    EndpointRecord {
        sink: sink("desk"),
        endpoint: Endpoint {
            state: EndpointState::Open,
            failures: 7,
            probes: 3,
            since: Some(at(110)),
            next_probe: Some(at(700)),
            not_before: Some(at(130)),
            last_error: Some("503".to_owned()),
            succeeded_at: Some(at(105)),
        },
        fingerprint: "0af1".to_owned(),
        resumes: 0,
    }
}

fn attempted(id: &str, next: Next) -> Settlement {
    Settlement {
        id: delivery_id(id, "desk"),
        at: at(110),
        outcome: DeliveryOutcome::Unavailable {
            retry_after: None,
            detail: "503".to_owned(),
        },
        next,
    }
}

#[tokio::test]
async fn an_endpoint_outlives_a_crash_with_the_attempts_that_made_it() {
    let dir = folder();
    let store = with_alerts(&dir, &["a"]).await;
    assert_eq!(
        look(&store, "desk", at(100), Want::Nothing).await.record,
        None
    );
    let attempts = vec![attempted("a", Next::At(at(110)))];
    store
        .settle_at(failing(), attempts, Vec::new())
        .await
        .unwrap();
    drop(store);
    let store = open(&dir);
    assert_eq!(store.endpoints().await.unwrap(), [failing()]);
    let look = look(&store, "desk", at(110), Want::Probe).await;
    assert_eq!(look.record, Some(failing()));
    assert_eq!(look.due.deliveries[0].attempts, 1);
}

#[tokio::test]
async fn a_person_has_the_last_word() {
    let dir = folder();
    let store = with_alerts(&dir, &["a"]).await;
    assert!(!store.resume(&sink("desk"), at(120)).await.unwrap());
    store
        .settle_at(failing(), Vec::new(), Vec::new())
        .await
        .unwrap();
    let beside = Store::open_beside(dir.path()).unwrap();
    assert!(beside.resume(&sink("desk"), at(200)).await.unwrap());
    // The daemon has not seen it yet and writes what it knew.
    store
        .settle_at(failing(), Vec::new(), Vec::new())
        .await
        .unwrap();
    let [record] = store.endpoints().await.unwrap().try_into().unwrap();
    assert_eq!(
        (record.resumes, record.endpoint.gate(at(200))),
        (1, Gate::Probe)
    );
    let seen = EndpointRecord {
        resumes: 1,
        ..failing()
    };
    store
        .settle_at(seen.clone(), Vec::new(), Vec::new())
        .await
        .unwrap();
    assert_eq!(store.endpoints().await.unwrap(), [seen]);
}

#[tokio::test]
async fn whoever_sends_a_sinks_dead_again_resumes_it() {
    let dir = folder();
    let store = with_alerts(&dir, &["a"]).await;
    let mut record = failing();
    record.endpoint.state = EndpointState::Paused;
    store
        .settle_at(record, Vec::new(), Vec::new())
        .await
        .unwrap();
    for (named, resumes) in [(None, 0), (Some("desk"), 1), (Some("other"), 1)] {
        store
            .retry_dead(named.map(sink), None, at(200))
            .await
            .unwrap();
        let [record] = store.endpoints().await.unwrap().try_into().unwrap();
        assert_eq!(record.resumes, resumes, "{named:?}");
    }
}

#[tokio::test]
async fn the_next_probe_is_what_was_tried_least() {
    let dir = folder();
    let store = with_alerts(&dir, &["a", "b", "c"]).await;
    for (tried, expected) in [("a", "b"), ("b", "c"), ("c", "a"), ("a", "b")] {
        settle(
            &store,
            delivery_id(tried, "desk"),
            at(110),
            Next::At(at(110)),
        )
        .await;
        let probe = look(&store, "desk", at(110), Want::Probe)
            .await
            .due
            .deliveries;
        let ids: Vec<_> = probe.into_iter().map(|delivery| delivery.id).collect();
        assert_eq!(ids, [delivery_id(expected, "desk")], "after {tried}");
    }
    let nothing = look(&store, "desk", at(110), Want::Nothing).await;
    assert_eq!(nothing.due, Due::default());
}

#[tokio::test]
async fn what_was_refused_stays_plain() {
    let dir = folder();
    let store = with_alerts(&dir, &["a"]).await;
    for (next, plain) in [
        (Next::At(at(110)), false),
        (Next::Plainer(at(110)), true),
        (Next::At(at(110)), true),
    ] {
        settle(&store, delivery_id("a", "desk"), at(110), next.clone()).await;
        let due = look(&store, "desk", at(110), Want::Oldest(9)).await.due;
        assert_eq!(due.deliveries[0].plain, plain, "{next:?}");
    }
}

#[tokio::test]
async fn what_is_too_old_is_given_up_unless_it_is_under_way() {
    let dir = folder();
    let store = with_alerts(&dir, &["a", "b"]).await;
    store
        .commit_poll(poll("bbc", at(150), &["c"], &["desk"]))
        .await
        .unwrap();
    assert!(!look_at_age(&store, at(99), &[]).await.has_expired);
    let old = look_at_age(&store, at(100), &[]).await;
    assert!(old.has_expired);
    assert_eq!(old.due, Due::default(), "nothing goes out before");
    let flying = [delivery_id("a", "desk")];
    let expire = |skip: &[DeliveryId]| {
        let skip = skip.iter().cloned().collect();
        let store = store.clone();
        async move {
            store
                .expire(&sink("desk"), at(100), &skip, (at(160), true))
                .await
                .unwrap()
        }
    };
    assert_eq!(expire(&flying).await, (1, false));
    assert!(!look_at_age(&store, at(100), &flying).await.has_expired);
    assert_eq!(expire(&[]).await, (1, false));
    assert_eq!(due(&store, "desk", at(160)).await.len(), 1);
    let dead = store
        .delivery(&delivery_id("a", "desk"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        dead.record.reason,
        Some(DeliveryReason::Dead(DeadReason::Expired))
    );

    // A person who asks for it again gives it as long again.
    store.retry(flying.to_vec(), at(200)).await.unwrap();
    assert!(
        !look_at_age(&store, at(199), &[delivery_id("c", "desk")])
            .await
            .has_expired
    );
    assert!(look_at_age(&store, at(200), &[]).await.has_expired);
}

async fn look_at_age(store: &Store, expired: Timestamp, skip: &[DeliveryId]) -> Look {
    let ask = Ask {
        sink: sink("desk"),
        now: at(160),
        expired,
        want: Want::Oldest(9),
        skip: skip.iter().cloned().collect(),
    };
    store.look(ask).await.unwrap()
}

#[tokio::test]
async fn attempts_of_before_are_known() {
    let dir = folder();
    let store = with_alerts(&dir, &["a", "b", "c"]).await;
    settle(&store, delivery_id("a", "desk"), at(110), Next::At(at(110))).await;
    settle(&store, delivery_id("a", "desk"), at(120), Next::Done).await;
    settle(&store, delivery_id("b", "desk"), at(130), Next::At(at(999))).await;
    for (since, limit, expected) in [
        (100, 9, vec![130, 120, 110]),
        (110, 9, vec![130, 120]),
        (100, 1, vec![130]),
        (130, 9, vec![]),
    ] {
        let times = store.attempts_since(&sink("desk"), at(since), limit).await;
        let expected: Vec<_> = expected.into_iter().map(at).collect();
        assert_eq!(times.unwrap(), expected, "since {since}");
    }
}

/// The notices that a store has, as their kind and the numbers in their text.
async fn told(store: &Store) -> Vec<(String, String)> {
    let notices = store.notices(99).await.unwrap();
    notices
        .iter()
        .map(|notice| {
            let json: serde_json::Value = serde_json::from_slice(&notice.json).unwrap();
            let data = &json["data"];
            let text = data["text"].as_str().unwrap_or_default();
            let digits = text.chars().take_while(char::is_ascii_digit).collect();
            (data["kind"].as_str().unwrap_or_default().to_owned(), digits)
        })
        .collect()
}

#[tokio::test]
async fn the_dead_are_told_together_and_dead_notices_not_at_all() {
    let dir = folder();
    let store = with_alerts(&dir, &["a", "b", "c"]).await;
    store
        .tell_notices_to(sinks(&["desk", "pager"]))
        .await
        .unwrap();
    let dead = |id: &str| attempted(id, Next::Dead(DeadReason::Refused));
    let change = Change::Opened.notice(&sink("desk"), "503", at(111));
    let settled = store.settle_at(failing(), vec![dead("a"), dead("b")], vec![change]);
    settled.await.unwrap();
    let expected = [("sink-fails", ""), ("delivery-dead", "2")];
    let expected = expected.map(|(kind, n)| (kind.to_owned(), n.to_owned()));
    assert_eq!(told(&store).await, expected);

    // They went to the other sink alone, and that they do not arrive is not told.
    assert_eq!(due(&store, "desk", at(120)).await.len(), 1, "its own alert");
    let notices = due(&store, "pager", at(120)).await;
    assert_eq!(notices.len(), 2);
    let record = EndpointRecord {
        sink: sink("pager"),
        ..failing()
    };
    let refused = Settlement {
        id: DeliveryId(notices[0].0.clone()),
        ..dead("a")
    };
    store
        .settle_at(record, vec![refused], Vec::new())
        .await
        .unwrap();
    let skip = HashSet::new();
    let expired = store
        .expire(&sink("pager"), at(200), &skip, (at(300), true))
        .await;
    assert_eq!(expired.unwrap(), (1, false));
    assert_eq!(told(&store).await.len(), 2);
    let expired = store
        .expire(&sink("desk"), at(200), &skip, (at(300), true))
        .await;
    assert_eq!(expired.unwrap(), (1, false));
    assert_eq!(
        told(&store).await[0],
        ("delivery-dead".to_owned(), "1".to_owned())
    );
}
