use super::*;

#[tokio::test]
async fn a_poll_is_stored_whole() {
    let dir = folder();
    let store = open(&dir);
    let committed = store
        .commit_poll(poll("bbc", at(100), &["a", "b"], &["desk", "archive"]))
        .await
        .unwrap();
    assert_eq!(
        committed.alerts_made,
        [AlertId("a".into()), AlertId("b".into())]
    );
    assert_eq!(committed.alerts_known, []);

    let ids = ["a", "b", "c"];
    assert_eq!(unseen(&store, "bbc", &ids).await, HashSet::from([key("c")]));
    let elsewhere = unseen(&store, "dw", &ids).await;
    assert_eq!(elsewhere.len(), ids.len(), "keys count within their feed");

    for to in ["desk", "archive"] {
        assert_eq!(
            due(&store, to, at(100)).await,
            [(format!("msg_a_{to}"), 1), (format!("msg_b_{to}"), 2)]
        );
    }
    let alerts = store.alerts(10, None).await.unwrap();
    let newest = alerts.first().unwrap();
    assert_eq!(newest.id, AlertId("b".into()));
    assert_eq!(newest.severity, Severity::High);
    assert_eq!(newest.feed, feed("bbc"));
    assert_eq!(newest.title, "Title of b");
    let json: serde_json::Value = serde_json::from_slice(&newest.json).unwrap();
    assert_eq!(json["data"]["article"]["id"], "b");
    let later = AlertFilter {
        since: Some(at(101)),
        ..AlertFilter::default()
    };
    assert_eq!(store.alerts(10, Some(later)).await.unwrap(), []);
}

#[tokio::test]
async fn an_article_comes_back_as_it_went() {
    let dir = folder();
    let store = open(&dir);
    store
        .commit_poll(poll("bbc", at(100), &["a"], &[]))
        .await
        .unwrap();
    let row: (String, String, i64, i64, String) = stranger(&dir)
        .query_row(
            "SELECT url, title, published, seen, extras FROM article",
            [],
            |row| row.try_into(),
        )
        .unwrap();
    assert_eq!(row.0, "https://news.example/a");
    assert_eq!(row.1, "Title of a");
    assert_eq!((row.2, row.3), (50_000, 100_000));
    let extras: serde_json::Value = serde_json::from_str(&row.4).unwrap();
    assert_eq!(extras["authors"][0], "A. Writer");
}

#[tokio::test]
async fn an_article_is_alerted_once_whichever_feeds_carry_it() {
    let dir = folder();
    let store = open(&dir);
    store
        .commit_poll(poll("bbc", at(100), &["a"], &["desk"]))
        .await
        .unwrap();
    let mut again = poll("dw", at(200), &["a", "b"], &["desk"]);
    again.articles[0].title = "Another title".to_owned();
    let committed = store.commit_poll(again).await.unwrap();
    assert_eq!(committed.alerts_made, [AlertId("b".into())]);
    assert_eq!(committed.alerts_known, [AlertId("a".into())]);
    assert_eq!(
        due(&store, "desk", at(200)).await,
        [("msg_a_desk".into(), 1), ("msg_b_desk".into(), 2)],
        "what is not added takes no number"
    );
    let title: String = stranger(&dir)
        .query_row("SELECT title FROM article WHERE id = 'a'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(title, "Title of a", "nothing is overwritten");
    assert!(unseen(&store, "dw", &["a"]).await.is_empty());
}

#[tokio::test]
async fn a_payload_carries_its_number() {
    let dir = folder();
    let store = open(&dir);
    store
        .commit_poll(poll("bbc", at(100), &["a", "b"], &["desk"]))
        .await
        .unwrap();
    let due = store
        .due(&sink("desk"), at(100), 10, &HashSet::new())
        .await
        .unwrap();
    for delivery in due.deliveries {
        let json: serde_json::Value = serde_json::from_slice(&delivery.payload).unwrap();
        assert_eq!(json["data"]["seq"], delivery.seq);
        assert_eq!(delivery.created_at, at(100));
        assert_eq!(delivery.attempts, 0);
    }
}

#[tokio::test]
async fn a_known_entry_is_noted_once_a_day() {
    let dir = folder();
    let store = open(&dir);
    let last_seen = || -> i64 {
        stranger(&dir)
            .query_row("SELECT last_seen / 1000 FROM seen", [], |row| row.get(0))
            .unwrap()
    };
    store
        .commit_poll(poll("bbc", at(0), &["a"], &[]))
        .await
        .unwrap();
    for (second, expected) in [(DAY_S - 1, 0), (DAY_S, DAY_S), (2 * DAY_S - 1, DAY_S)] {
        let still = PollResult {
            still_seen: vec![key("a")],
            ..quiet_poll("bbc", at(second))
        };
        store.commit_poll(still).await.unwrap();
        assert_eq!(last_seen(), expected);
    }
}
