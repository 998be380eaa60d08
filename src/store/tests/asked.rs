use super::*;
use crate::policy::host::{Host, HostState};

#[tokio::test]
async fn a_poll_that_is_asked_for_is_due_and_heard_of_once() {
    let dir = folder();
    let daemon = open(&dir);
    daemon
        .commit_poll(quiet_poll("bbc", at(100)))
        .await
        .unwrap();
    let beside = Store::open_beside(dir.path()).unwrap();
    let before = beside.feeds().await.unwrap();
    let (feed, due) = (before[0].feed.clone(), before[0].next_poll_at);
    let earlier = due - jiff::SignedDuration::from_secs(1);
    assert!(daemon.take_asked().await.unwrap().is_empty());
    // Later than it would be anyway: nothing is put off.
    let later = due + jiff::SignedDuration::from_secs(1);
    beside.ask_for_poll(&feed, later, at(101)).await.unwrap();
    assert_eq!(beside.feeds().await.unwrap(), before);
    beside.ask_for_poll(&feed, earlier, at(102)).await.unwrap();
    let state = beside.feeds().await.unwrap().remove(0);
    assert_eq!(
        (state.next_poll_at, state.reason),
        (earlier, PollReason::Asked)
    );
    assert_eq!(daemon.take_asked().await.unwrap(), [(feed, at(102))]);
    assert!(daemon.take_asked().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_a_command_learned_of_a_host_is_kept() {
    let dir = folder();
    let store = open(&dir);
    let mut host = HostState::new(Host::named("bbc.example"));
    host.asked_at = Some(at(100));
    store.note_host(host.clone()).await.unwrap();
    assert_eq!(store.hosts().await.unwrap(), [host]);
}
