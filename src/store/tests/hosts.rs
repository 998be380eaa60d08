use super::*;
use crate::policy::host::{Host, HostState};

fn host(asked_s: i64, held_s: Option<i64>) -> HostState {
    HostState {
        host: Host::named("bbc.example"),
        asked_at: Some(at(asked_s)),
        hold: held_s.map(|held_s| (at(held_s), PollReason::RetryAfter)),
        failures: 1,
    }
}

fn begun(asked_s: i64) -> Begun {
    Begun {
        state: state("bbc"),
        host: host(asked_s, None),
        at: at(asked_s),
        hop: 0,
        reason: PollReason::Interval,
        conditional: true,
    }
}

/// Asks the host of a feed for it.
pub(super) async fn asked(store: &Store, when: Timestamp) {
    store.begin_request(begun(when.as_second())).await.unwrap();
}

async fn ended(store: &Store, request: RequestNumber, host: HostState) {
    let ended = Ended {
        request,
        outcome: "304".to_owned(),
        host,
    };
    let poll = PollResult {
        ended: Some(ended),
        ..quiet_poll("bbc", at(100))
    };
    store.commit_poll(poll).await.unwrap();
}

#[tokio::test]
async fn a_request_is_written_down_before_it_is_sent() {
    let dir = folder();
    let store = open(&dir);
    let number = store.begin_request(begun(100)).await.unwrap();
    assert_eq!(store.feeds().await.unwrap(), [state("bbc")]);
    assert_eq!(store.hosts().await.unwrap(), [host(100, None)]);
    let name = Host::named("bbc.example");
    let outcome = async || store.requests(&name).await.unwrap()[0].outcome.clone();
    assert_eq!(outcome().await, None);
    ended(&store, number, host(100, Some(900))).await;
    assert_eq!(outcome().await.as_deref(), Some("304"));
    assert_eq!(store.hosts().await.unwrap(), [host(100, Some(900))]);
}

#[tokio::test]
async fn what_is_known_of_a_later_request_holds() {
    let dir = folder();
    let store = open(&dir);
    let first = store.begin_request(begun(100)).await.unwrap();
    let second = store.begin_request(begun(200)).await.unwrap();
    ended(&store, second, host(200, Some(900))).await;
    ended(&store, first, host(100, None)).await;
    assert_eq!(store.hosts().await.unwrap(), [host(200, Some(900))]);
    // Unless the clock was wrong when it was sent.
    let corrected = host(200, Some(900)).corrected(at(50)).unwrap();
    store.correct(Vec::new(), vec![corrected]).await.unwrap();
    assert_eq!(store.hosts().await.unwrap(), [host(50, Some(750))]);
}

#[tokio::test]
async fn the_record_of_a_host_is_bounded() {
    let dir = folder();
    let store = open(&dir);
    for second in 0..250 {
        store.begin_request(begun(second)).await.unwrap();
    }
    let requests = store.requests(&Host::named("bbc.example")).await.unwrap();
    assert_eq!(requests.len(), 200);
    assert_eq!(requests[0].at, at(249));
}

#[tokio::test]
async fn a_store_of_the_first_version_keeps_its_waits() {
    let dir = folder();
    let old = stranger(&dir);
    old.execute_batch(schema::MIGRATIONS[0][0]).unwrap();
    old.pragma_update(None, "application_id", schema::APPLICATION_ID)
        .unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old.execute_batch(
        "INSERT INTO host_wait VALUES ('bbc.example', 900000);
         INSERT INTO feed (name, url, next_poll_at, reason, failures, polls, not_modified)
         VALUES ('bbc', 'https://bbc.example/rss', 5000, 'interval', 0, 7, 3);",
    )
    .unwrap();
    drop(old);
    let store = open(&dir);
    let held = HostState {
        asked_at: None,
        failures: 0,
        ..host(0, Some(900))
    };
    assert_eq!(store.hosts().await.unwrap(), [held]);
    let states = store.feeds().await.unwrap();
    assert_eq!(
        (states[0].polls, &states[0].memory),
        (7, &Memory::default())
    );
    store.commit_poll(quiet_poll("bbc", at(100))).await.unwrap();
    assert_eq!(store.feeds().await.unwrap(), [state("bbc")]);
}
