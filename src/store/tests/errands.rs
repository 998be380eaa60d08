//! Errands are stored with what found them, and end with what they brought.

use super::*;
use crate::policy::host::{Host, HostState};
use crate::policy::rounds::{ErrandEnd, ErrandId, ErrandKind, Why};
use url::Url;

fn new_page(article: &str) -> NewErrand {
    NewErrand {
        url: Url::parse(&format!("https://news.example/{article}")).unwrap(),
        kind: ErrandKind::ArticlePage,
        article: Some(ArticleId(article.to_owned())),
    }
}

fn older(left: u32) -> NewErrand {
    NewErrand {
        url: Url::parse("https://bbc.example/2").unwrap(),
        kind: ErrandKind::OlderPage { left },
        article: None,
    }
}

fn host() -> HostState {
    HostState {
        asked_at: Some(at(150)),
        ..HostState::new(Host::named("news.example"))
    }
}

async fn begin(store: &Store, errand: &crate::policy::rounds::Errand) -> Ended {
    let begun = BegunErrand {
        errand: errand.clone(),
        host: host(),
        at: at(150),
        hop: 0,
        why: Why::ArticlePage,
    };
    Ended {
        request: store.begin_errand(begun).await.unwrap(),
        outcome: "200, 9 bytes".to_owned(),
        host: host(),
    }
}

#[tokio::test]
async fn an_errand_comes_with_its_poll_and_ends_with_what_it_brought() {
    let dir = folder();
    let store = open(&dir);
    let mut found = poll("bbc", at(100), &["a"], &[]);
    let alerts = std::mem::take(&mut found.alerts);
    found.errands = vec![new_page("a"), older(4)];
    let committed = store.commit_poll(found).await.unwrap();
    assert_eq!(committed.errands, store.errands().await.unwrap());
    let [page, walk] = committed.errands.as_slice() else {
        panic!("{committed:?}")
    };
    assert_eq!((page.since, page.due, page.tries), (at(100), at(100), 0));
    assert_eq!(walk.kind, ErrandKind::OlderPage { left: 4 });
    let (article, seen) = store.article_of(page.id).await.unwrap().unwrap();
    assert_eq!((article.id.0.as_str(), seen), ("a", at(100)));
    assert_eq!(store.article_of(walk.id).await.unwrap(), None);

    // A request is written down with what is true until it is answered.
    let mut trying = page.clone();
    (trying.tries, trying.due) = (1, at(400));
    let ended = begin(&store, &trying).await;
    assert_eq!(store.errands().await.unwrap()[0], trying);
    let asked = store.requests(&Host::named("news.example")).await.unwrap();
    assert_eq!(
        (asked[0].reason, asked[0].outcome.as_deref()),
        (Why::ArticlePage, None)
    );

    let mut result = ErrandResult::of(trying, at(160), ended, ErrandEnd::Read);
    let mut longer = article.clone();
    longer.body = "More than the feed said.".to_owned();
    result.body = Some((longer.id.clone(), longer.body.clone()));
    result.alerts = alerts;
    for alert in &mut result.alerts {
        alert.alert.article = longer.clone();
    }
    let committed = store.commit_errand(result.clone()).await.unwrap();
    assert_eq!(committed.alerts_made.len(), 1);
    let again = store.commit_errand(result).await.unwrap();
    assert_eq!(again.alerts_made, [], "once, ever");
    assert_eq!(
        store.article_of(page.id).await.unwrap(),
        Some((longer, at(100)))
    );
    assert_eq!(store.errands().await.unwrap(), std::slice::from_ref(walk));
    let asked = store.requests(&Host::named("news.example")).await.unwrap();
    assert_eq!(asked[0].outcome.as_deref(), Some("200, 9 bytes"));
}

#[tokio::test]
async fn an_article_has_one_page_and_a_feed_one_walk() {
    let dir = folder();
    let store = open(&dir);
    for (feed, expect) in [("bbc", 2), ("bbc", 0), ("dw", 1)] {
        let mut found = poll(feed, at(100), &["a"], &[]);
        found.errands = vec![new_page("a"), older(4)];
        let committed = store.commit_poll(found).await.unwrap();
        assert_eq!(committed.errands.len(), expect, "{feed}");
    }
    // When a walk is over, another may begin; a page is read once.
    let ends: Vec<(ErrandId, ErrandEnd)> = store
        .errands()
        .await
        .unwrap()
        .iter()
        .map(|errand| (errand.id, ErrandEnd::Spent))
        .collect();
    store.end_errands(ends, at(200), None).await.unwrap();
    assert_eq!(store.errands().await.unwrap(), []);
    let mut found = poll("bbc", at(300), &["b"], &[]);
    found.errands = vec![new_page("a"), older(1)];
    let committed = store.commit_poll(found).await.unwrap();
    assert_eq!(committed.errands.len(), 1);
    // How it ended is kept as long as everything else.
    assert_eq!(count(&dir, "errand"), 4);
    store.prune(at(250)).await.unwrap();
    assert_eq!(count(&dir, "errand"), 1);
}

#[tokio::test]
async fn an_errand_outlives_a_restart_and_can_be_put_off() {
    let dir = folder();
    let store = open(&dir);
    let mut found = poll("bbc", at(100), &["a"], &[]);
    found.errands = vec![new_page("a")];
    let errand = store.commit_poll(found).await.unwrap().errands.remove(0);
    let ended = begin(&store, &errand).await;
    let mut later = errand;
    (later.tries, later.due) = (3, at(900));
    store.put_errand_off(later.clone(), ended).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(open(&dir).errands().await.unwrap(), [later]);
}
