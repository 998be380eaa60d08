//! Offers and subscriptions, on their way through the store.

use super::*;
use crate::policy::host::{Host, HostState};
use crate::policy::push::{HubAnswer, Mode, Offer, Pace, Standing, Subscription, Unguessable};
use crate::policy::rounds::Why;
use jiff::SignedDuration;

const CALLBACK: &str = "https://monitor.example.org/websub";

fn offer(hub: &str) -> Offer {
    Offer {
        hubs: vec![hub.to_owned()],
        topic: "https://bbc.example/rss".to_owned(),
    }
}

fn unguessable(text: &str) -> Unguessable {
    Unguessable::new(text.to_owned())
}

async fn offered(store: &Store, of: &str, offer: Offer) -> bool {
    let poll = PollResult {
        offer: Some(offer),
        ..quiet_poll(of, at(100))
    };
    store.commit_poll(poll).await.unwrap().offer_changed
}

async fn arrange(store: &Store, offer: Option<Offer>, token: &str, now: Timestamp) {
    let fresh = (unguessable(token), unguessable("key"));
    store
        .arrange_subscriptions(feed("bbc"), offer, CALLBACK.to_owned(), fresh, now)
        .await
        .unwrap();
}

fn request(token: &str, now: Timestamp) -> HubRequest {
    HubRequest {
        token: unguessable(token),
        pace: Pace::default(),
        host: HostState {
            asked_at: Some(now),
            ..HostState::new(Host::named("hub.example"))
        },
        at: now,
    }
}

async fn all(store: &Store) -> Vec<Subscription> {
    store.subscriptions().await.unwrap()
}

#[tokio::test]
async fn an_offer_is_told_once() {
    let dir = folder();
    let store = open(&dir);
    let none = Offer::default();
    assert!(!offered(&store, "bbc", none.clone()).await);
    assert_eq!(count(&dir, "hub_offer"), 0);
    assert!(offered(&store, "bbc", offer("https://a/")).await);
    assert!(!offered(&store, "bbc", offer("https://a/")).await);
    assert!(offered(&store, "dw", offer("https://a/")).await);
    let offers = store.hub_offers(0).await.unwrap();
    assert_eq!(offers.len(), 2);
    let (last, ..) = offers[1];
    assert!(offered(&store, "bbc", offer("https://b/")).await);
    let later = store.hub_offers(last).await.unwrap();
    assert_eq!(later.len(), 1);
    assert_eq!(
        (&later[0].1, &later[0].2),
        (&feed("bbc"), &offer("https://b/"))
    );
    // That a feed offers nothing any more is told as well.
    assert!(offered(&store, "bbc", none.clone()).await);
    assert!(!offered(&store, "bbc", none).await);
    let later = store.hub_offers(later[0].0).await.unwrap();
    assert_eq!(later[0].2.hubs, Vec::<String>::new());
}

#[tokio::test]
async fn a_subscription_comes_back_as_it_went() {
    let dir = folder();
    let store = open(&dir);
    arrange(&store, Some(offer("https://hub.example/")), "t1", at(100)).await;
    let change = |known: Subscription| {
        let after = Subscription {
            moved_to: Some("https://elsewhere.example/".to_owned()),
            hops: 2,
            pending: Some(Mode::Subscribe),
            asked_at: Some(at(110)),
            next_at: at(120),
            lease_until: Some(at(130)),
            denied: true,
            failures: 3,
            error: Some("no".to_owned()),
            pushed_at: Some(at(140)),
            pushes: 4,
            dropped: 5,
            ..known
        };
        (Some(after.clone()), after)
    };
    let token = unguessable("t1");
    let changed = store.change_subscription(&token, change).await.unwrap();
    let changed = changed.unwrap();
    store.close().await.unwrap();
    let store = open(&dir);
    assert_eq!(all(&store).await, std::slice::from_ref(&changed));
    assert_eq!(store.subscription(&token).await.unwrap(), Some(changed));
    let missing = unguessable("t2");
    let none = store.change_subscription(&missing, |known| (Some(known), ()));
    assert_eq!(none.await.unwrap(), None);
}

#[tokio::test]
async fn what_is_offered_becomes_subscriptions() {
    let dir = folder();
    let store = open(&dir);
    arrange(&store, Some(offer("https://a.example/")), "t1", at(100)).await;
    arrange(&store, Some(offer("https://a.example/")), "t2", at(101)).await;
    assert_eq!(all(&store).await.len(), 1);
    store
        .begin_hub_request(request("t1", at(100)))
        .await
        .unwrap();
    arrange(&store, Some(offer("https://b.example/")), "t3", at(200)).await;
    let standing: Vec<_> = all(&store)
        .await
        .iter()
        .map(|it| it.standing(at(200)))
        .collect();
    assert_eq!(standing, [Standing::Leaving, Standing::Pending]);
    // One of which no hub heard is forgotten at once.
    arrange(&store, None, "t4", at(300)).await;
    let left = all(&store).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].hub, "https://a.example/");
}

#[tokio::test]
async fn what_a_hub_is_asked_is_written_down() {
    let dir = folder();
    let store = open(&dir);
    arrange(&store, Some(offer("https://hub.example/")), "t1", at(90)).await;
    let turn = store.begin_hub_request(request("t1", at(100))).await;
    let HubTurn::Ask(number, asking) = turn.unwrap() else {
        panic!("a turn")
    };
    assert!(asking.meant(Mode::Subscribe, "https://bbc.example/rss"));
    assert_eq!(all(&store).await, [(*asking).clone()]);
    let turn = store.begin_hub_request(request("t1", at(101))).await;
    assert_eq!(turn.unwrap(), HubTurn::Nothing, "it was asked");

    let ended = HubEnded {
        request: number,
        token: unguessable("t1"),
        outcome: "subscribe: 503".to_owned(),
        answer: HubAnswer::Refused {
            detail: "it answered 503".to_owned(),
            away: Some(SignedDuration::from_secs(900)),
        },
        at: at(103),
    };
    let after = store.end_hub_request(ended).await.unwrap().unwrap();
    assert_eq!(after.error.as_deref(), Some("it answered 503"));
    let record = store.requests(&Host::named("hub.example")).await.unwrap();
    assert_eq!(record[0].outcome.as_deref(), Some("subscribe: 503"));
    assert_eq!(record[0].reason, Why::Poll(PollReason::Push));
    let hosts = store.hosts().await.unwrap();
    let hub = hosts.iter().find(|it| it.host.as_str() == "hub.example");
    assert_eq!(hub.unwrap().asked_at, Some(at(100)));
    let over = store.begin_hub_request(request("t9", at(104))).await;
    assert_eq!(over.unwrap(), HubTurn::Nothing);
}

#[tokio::test]
async fn the_next_of_each_hub() {
    let dir = folder();
    let store = open(&dir);
    for (name, hub, second) in [
        ("a", "https://hub.example/", 300),
        ("b", "https://hub.example/", 200),
        ("c", "https://other.example/", 400),
    ] {
        let fresh = (unguessable(name), unguessable("key"));
        let arranged = store.arrange_subscriptions(
            feed(name),
            Some(offer(hub)),
            CALLBACK.to_owned(),
            fresh,
            at(second),
        );
        arranged.await.unwrap();
    }
    let next = |second| {
        let store = store.clone();
        async move {
            let next = store.next_subscriptions(at(second)).await.unwrap();
            let mut names: Vec<_> = next.iter().map(|it| it.feed.to_string()).collect();
            names.sort();
            names
        }
    };
    assert_eq!(next(0).await, ["b", "c"]);
    // The clock was set back after a was asked.
    store
        .begin_hub_request(request("a", at(500)))
        .await
        .unwrap();
    assert_eq!(next(600).await, ["b", "c"]);
    assert_eq!(next(450).await, ["a", "c"]);
}

#[tokio::test]
async fn a_push_changes_nothing_of_its_feed() {
    let dir = folder();
    let store = open(&dir);
    store.commit_poll(quiet_poll("bbc", at(100))).await.unwrap();
    let known = configured_bbc(&store).await;
    arrange(&store, Some(offer("https://hub.example/")), "t1", at(100)).await;
    let mut pushed = poll("bbc", at(200), &["a"], &["desk"]);
    pushed.state.failures = 77;
    let token = unguessable("t1");
    let committed = store.commit_push(&token, pushed.clone()).await.unwrap();
    assert_eq!(committed.unwrap().alerts_made.len(), 1);
    assert_eq!(store.feeds().await.unwrap(), [known]);
    assert_eq!(due(&store, "desk", at(200)).await.len(), 1);
    assert!(unseen(&store, "bbc", &["a"]).await.is_empty());
    let counted = &all(&store).await[0];
    assert_eq!((counted.pushes, counted.pushed_at), (1, Some(at(200))));
    // A replay, and the poll that brings the same, tell nothing.
    let again = store.commit_push(&token, pushed.clone()).await.unwrap();
    assert_eq!(again.unwrap().alerts_made.len(), 0);
    let polled = store.commit_poll(pushed).await.unwrap();
    assert_eq!(polled.alerts_made.len(), 0);
    assert_eq!(due(&store, "desk", at(200)).await.len(), 1);
    // Nothing is taken for a feed that is not there.
    let gone = poll("gone", at(200), &["b"], &["desk"]);
    assert_eq!(store.commit_push(&token, gone).await.unwrap(), None);
}

async fn configured_bbc(store: &Store) -> FeedState {
    let configured = [(feed("bbc"), "https://bbc.example/rss".to_owned())];
    let states = store.sync_feeds(&configured, at(150)).await.unwrap();
    states[0].clone()
}

#[tokio::test]
async fn a_feed_at_another_address_has_offered_nothing() {
    let dir = folder();
    let store = open(&dir);
    offered(&store, "bbc", offer("https://hub.example/")).await;
    // Where it said that it moved, it is the same feed.
    for (url, offers) in [
        ("https://bbc.example/rss", 1),
        ("https://moved.example/rss", 1),
        ("https://other.example/rss", 0),
    ] {
        let configured = [(feed("bbc"), url.to_owned())];
        store.sync_feeds(&configured, at(200)).await.unwrap();
        assert_eq!(count(&dir, "hub_offer"), offers, "{url}");
    }
}

#[tokio::test]
async fn what_nobody_needs_is_forgotten() {
    let dir = folder();
    let store = open(&dir);
    offered(&store, "bbc", offer("https://hub.example/")).await;
    arrange(&store, Some(offer("https://hub.example/")), "t1", at(100)).await;
    store.prune(at(50)).await.unwrap();
    assert_eq!((count(&dir, "hub_offer"), all(&store).await.len()), (1, 1));
    store.sync_feeds(&[], at(120)).await.unwrap();
    store.prune(at(1000)).await.unwrap();
    assert_eq!((count(&dir, "hub_offer"), all(&store).await.len()), (0, 0));
}
