use super::*;

fn configured(feeds: &[(&str, &str)]) -> Vec<(FeedId, String)> {
    feeds
        .iter()
        .map(|(name, url)| (feed(name), (*url).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_state_comes_back_as_it_went() {
    let dir = folder();
    let store = open(&dir);
    store.commit_poll(quiet_poll("bbc", at(100))).await.unwrap();
    assert_eq!(store.feeds().await.unwrap(), [state("bbc")]);
    store.close().await.unwrap();
    assert_eq!(open(&dir).feeds().await.unwrap(), [state("bbc")]);
}

#[tokio::test]
async fn new_and_moved_feeds_start_afresh() {
    let dir = folder();
    let store = open(&dir);
    store.commit_poll(quiet_poll("bbc", at(100))).await.unwrap();
    store
        .commit_poll(poll("dw", at(100), &["a"], &[]))
        .await
        .unwrap();
    let feeds = configured(&[
        ("new", "https://new.example/"),
        ("dw", "https://moved.example/"),
        ("bbc", "https://bbc.example/rss"),
    ]);
    let states = store.sync_feeds(&feeds, at(200)).await.unwrap();

    let [new, moved, kept] = states.as_slice() else {
        panic!("{states:?}")
    };
    for (fresh, url) in [
        (new, "https://new.example/"),
        (moved, "https://moved.example/"),
    ] {
        assert_eq!(fresh.url, url);
        assert_eq!(fresh.next_poll_at, at(200));
        assert_eq!(fresh.reason, PollReason::New);
        assert_eq!((fresh.polls, fresh.body_hash), (0, None));
        assert_eq!(fresh.validators, Validators::default());
    }
    assert_eq!(*kept, state("bbc"));
    let unseen = unseen(&store, "dw", &["a"]).await;
    assert!(unseen.is_empty(), "what was seen stays seen");
}

#[tokio::test]
async fn a_removed_feed_is_kept_but_not_shown() {
    let dir = folder();
    let store = open(&dir);
    store.commit_poll(quiet_poll("bbc", at(100))).await.unwrap();
    assert_eq!(store.sync_feeds(&[], at(200)).await.unwrap(), []);
    // A poll that was under way when the feed was removed.
    store.commit_poll(quiet_poll("bbc", at(250))).await.unwrap();
    assert_eq!(store.feeds().await.unwrap(), []);
    let back = configured(&[("bbc", "https://bbc.example/rss")]);
    let states = store.sync_feeds(&back, at(300)).await.unwrap();
    assert_eq!(states, [state("bbc")]);
    assert_eq!(store.feeds().await.unwrap(), [state("bbc")]);
}

#[tokio::test]
async fn a_feed_goes_on_where_it_said_that_it_moved() {
    let dir = folder();
    let store = open(&dir);
    store.commit_poll(quiet_poll("bbc", at(100))).await.unwrap();
    let moved = configured(&[("bbc", "https://moved.example/rss")]);
    let states = store.sync_feeds(&moved, at(200)).await.unwrap();
    let before = state("bbc");
    assert_eq!(states[0].validators, before.validators);
    assert_eq!(states[0].next_poll_at, before.next_poll_at);
    assert_eq!(states[0].url, "https://moved.example/rss");
    assert_eq!(states[0].memory.moved_to, None);
    assert_eq!(
        states[0].memory.answered_by.as_deref(),
        Some("https://bbc.example/rss"),
        "its validators are still of the old address"
    );
}
