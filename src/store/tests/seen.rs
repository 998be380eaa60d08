//! How an entry is known again.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// An entry by its key, its link and title, and what it says.
fn entry(of: (&str, &str, u64)) -> Sighting {
    let (id, second, print) = of;
    Sighting {
        key: key(id),
        second_key: (!second.is_empty()).then(|| key(second)),
        print: Print(print),
        link: None,
        published: None,
    }
}

/// Stores entries, each as an article of its key's name.
async fn store_entries(store: &Store, when: Timestamp, entries: &[(&str, &str, u64)]) {
    let ids: Vec<&str> = entries.iter().map(|(id, ..)| *id).collect();
    let mut result = poll("bbc", when, &ids, &[]);
    result
        .alerts
        .retain(|new| new.alert.id.0.starts_with("alerted"));
    for (seen, of) in result.entries.iter_mut().zip(entries) {
        seen.sighting = entry(*of);
    }
    store.commit_poll(result).await.unwrap();
}

async fn recognise(store: &Store, entries: &[(&str, &str, u64)]) -> Recognised {
    let sightings = entries.iter().map(|of| entry(*of)).collect();
    store.recognise(&feed("bbc"), sightings).await.unwrap()
}

/// What is new, what has another key, and what another text, in that order.
fn words(recognised: &Recognised) -> [String; 3] {
    let mut new: Vec<&str> = recognised.new.iter().map(|key| key.0.as_str()).collect();
    new.sort_unstable();
    let of = |edited: bool| {
        let changed = recognised.changed.iter();
        let those = changed.filter(|change| change.before.is_some() == edited);
        those
            .map(|change| change.now.key.0.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    [new.join(" "), of(false), of(true)]
}

/// What is stored, what stands in the document then, and what is new, renamed
/// and edited in it.
type Case = (
    &'static [(&'static str, &'static str, u64)],
    &'static [(&'static str, &'static str, u64)],
    [&'static str; 3],
);

const CASES: &[Case] = &[
    (&[], &[("a", "A", 1)], ["a", "", ""]),
    (&[("a", "A", 1)], &[("a", "A", 1)], ["", "", ""]),
    // Its text is another, its title too.
    (&[("a", "A", 1)], &[("a", "A", 2)], ["", "", "a"]),
    (&[("a", "A", 1)], &[("a", "B", 2)], ["", "", "a"]),
    // Its guid is another, its text too.
    (&[("a", "A", 1)], &[("b", "A", 1)], ["", "b", ""]),
    (&[("a", "A", 1)], &[("b", "A", 2)], ["", "", "b"]),
    // Both: nothing says that it is the same.
    (&[("a", "A", 1)], &[("b", "B", 1)], ["b", "", ""]),
    // The one with this link and title is there itself.
    (
        &[("a", "A", 1)],
        &[("a", "A", 1), ("b", "A", 1)],
        ["b", "", ""],
    ),
    // Of two nobody can say which it is; with one gone it is the other.
    (
        &[("a", "A", 1)],
        &[("b", "A", 1), ("c", "A", 1)],
        ["b c", "", ""],
    ),
    (
        &[("a", "A", 1), ("b", "A", 1)],
        &[("c", "A", 1), ("b", "A", 1)],
        ["c", "", ""],
    ),
    // Without a link there is no second key.
    (&[("a", "", 1)], &[("b", "", 1)], ["b", "", ""]),
    // Its guid is its place in the list: one came, and the last one went.
    (
        &[("1", "A", 1), ("2", "B", 1), ("3", "C", 1)],
        &[("1", "N", 2), ("2", "A", 1), ("3", "B", 1)],
        ["1", "2 3", ""],
    ),
    // In another order, with one that came in the place of one that went.
    (
        &[("1", "A", 1), ("2", "B", 1), ("3", "C", 1)],
        &[("1", "N", 2), ("2", "C", 1), ("3", "B", 1)],
        ["1", "2 3", ""],
    ),
    // As before, with an edit that looks like one that came.
    (
        &[("1", "A", 1), ("2", "B", 1)],
        &[("1", "N", 2), ("2", "B", 1)],
        ["", "", "1"],
    ),
    // Two have the guids of each other.
    (
        &[("1", "A", 1), ("2", "B", 1)],
        &[("2", "A", 1), ("1", "B", 1)],
        ["", "2 1", ""],
    ),
    // All guids changed, and something came.
    (
        &[("a", "A", 1), ("b", "B", 1)],
        &[("n", "N", 1), ("x", "A", 1), ("y", "B", 1)],
        ["n", "x y", ""],
    ),
];

#[tokio::test]
async fn an_entry_is_known_by_key_then_by_link_and_title() {
    for (stored, there, expected) in CASES {
        let dir = folder();
        let store = open(&dir);
        store_entries(&store, at(100), stored).await;
        let found = words(&recognise(&store, there).await);
        assert_eq!(found, *expected, "{stored:?} then {there:?}");
    }
}

/// Stores what changed, and the texts of `revised`.
async fn change(store: &Store, second: i64, changed: Vec<ChangedEntry>, revised: Vec<Article>) {
    let result = PollResult {
        still_seen: changed
            .iter()
            .map(|change| change.now.key.clone())
            .collect(),
        changed,
        revised,
        ..quiet_poll("bbc", at(second))
    };
    store.commit_poll(result).await.unwrap();
}

#[tokio::test]
async fn a_guid_that_changes_at_each_poll_adds_nothing() {
    let dir = folder();
    let store = open(&dir);
    store_entries(&store, at(100), &[("k0", "A", 1)]).await;
    for poll in 1..=50 {
        let name = format!("k{poll}");
        let found = recognise(&store, &[(&name, "A", 1)]).await;
        assert_eq!(words(&found), [String::new(), name, String::new()]);
        change(&store, 100 + poll, found.changed, Vec::new()).await;
    }
    assert_eq!((count(&dir, "seen"), count(&dir, "article")), (1, 1));
}

#[tokio::test]
async fn an_edit_revises_the_article_it_had() {
    let dir = folder();
    let store = open(&dir);
    store_entries(&store, at(100), &[("alerted", "A", 1), ("b", "B", 1)]).await;
    for print in 2..=40_u32 {
        let there = [
            ("alerted", "C", u64::from(print)),
            ("b", "B", u64::from(print)),
        ];
        let found = recognise(&store, &there).await;
        let before: Vec<_> = found
            .changed
            .iter()
            .filter_map(|it| it.before.clone())
            .collect();
        assert_eq!(before.len(), 2);
        assert_eq!((before[0].alerted, before[1].alerted), (true, false));
        let mut articles: Vec<Article> = before.into_iter().map(|it| it.article).collect();
        if print == 2 {
            assert_eq!(articles, [article("alerted"), article("b")]);
        }
        articles[0].title = format!("Title {print}");
        change(&store, 100 + i64::from(print), found.changed, articles).await;
    }
    let row: (String, String, u32, i64, i64) = stranger(&dir)
        .query_row(
            "SELECT id, title, revisions, revised_at / 1000, seen / 1000 FROM article LIMIT 1",
            [],
            |row| row.try_into(),
        )
        .unwrap();
    assert_eq!(row, ("alerted".into(), "Title 40".into(), 24, 140, 100));
    assert_eq!(count(&dir, "article"), 2);
}

#[tokio::test]
async fn an_edit_of_what_is_forgotten_is_none_of_another_article() {
    let dir = folder();
    let store = open(&dir);
    store_entries(&store, at(100), &[("a", "A", 1)]).await;
    store.prune(at(200)).await.unwrap();
    // It gets the number that is free again.
    let other = poll("dw", at(300), &["other"], &[]);
    store.commit_poll(other).await.unwrap();
    let found = recognise(&store, &[("a", "A", 2)]).await;
    assert_eq!(words(&found), ["", "a", ""]);
    change(&store, 400, found.changed, Vec::new()).await;
    assert_eq!(
        recognise(&store, &[("a", "A", 2)]).await,
        Recognised::default()
    );
}

#[tokio::test]
async fn what_an_older_version_saw_is_known_and_not_edited() {
    let dir = folder();
    let store = open(&dir);
    store_entries(&store, at(100), &[("a", "A", 1)]).await;
    stranger(&dir)
        .execute("UPDATE seen SET print = NULL, second_key = NULL", [])
        .unwrap();
    let found = recognise(&store, &[("a", "A", 1)]).await;
    assert_eq!(words(&found), ["", "a", ""]);
    change(&store, 200, found.changed, Vec::new()).await;
    assert_eq!(
        words(&recognise(&store, &[("b", "A", 1)]).await),
        ["", "b", ""]
    );
}

#[tokio::test]
async fn guids_that_are_places_in_a_list_lose_nothing() {
    let dir = folder();
    let store = open(&dir);
    let pages: Vec<String> = (0..40).map(|page| format!("page {page}")).collect();
    for (second, newest) in (0_i64..).zip(0..pages.len()) {
        let shown = pages.iter().take(newest + 1).rev().take(5);
        let places: Vec<String> = (0..5).map(|place| place.to_string()).collect();
        let there: Vec<_> = places.iter().zip(shown).collect();
        let there: Vec<(&str, &str, u64)> = there
            .iter()
            .map(|(place, page)| {
                (
                    place.as_str(),
                    page.as_str(),
                    crc32c::crc32c(page.as_bytes()).into(),
                )
            })
            .collect();
        let found = recognise(&store, &there).await;
        assert_eq!(words(&found)[0], "0", "{newest}");
        assert_eq!(words(&found)[2], "", "{newest}");
        let mut result = poll("bbc", at(second), &[&pages[newest]], &[]);
        result.entries[0].sighting = entry(there[0]);
        result.changed = found.changed;
        store.commit_poll(result).await.unwrap();
        assert_eq!(recognise(&store, &there).await, Recognised::default());
    }
    assert_eq!(count(&dir, "article"), 40);
}

#[tokio::test]
async fn a_guid_that_is_always_the_same_hides_nothing() {
    let dir = folder();
    let store = open(&dir);
    store_entries(&store, at(100), &[("latest", "A", 1)]).await;
    // The article has the page `latest`, of second 50.
    let rows = [
        ("https://news.example/latest", 50, false),
        ("https://news.example/latest", 60, false),
        ("https://news.example/other", 50, false),
        ("https://news.example/other", 60, true),
    ];
    for (link, published, new) in rows {
        let now = Sighting {
            link: Some(link.to_owned()),
            published: Some(at(published)),
            ..entry(("latest", "B", 2))
        };
        let found = store.recognise(&feed("bbc"), vec![now]).await.unwrap();
        assert_eq!(!found.new.is_empty(), new, "{link} {published}");
    }
}

/// Documents of entries by key, with their link and title and what they say.
fn documents() -> impl Strategy<Value = Vec<BTreeMap<u8, (u8, u64)>>> {
    let entry = (0_u8..5, 0_u64..3);
    let document = proptest::collection::btree_map(0_u8..6, entry, 0..6);
    proptest::collection::vec(document, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_stored_is_known_at_once(documents in documents()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let dir = folder();
            let store = open(&dir);
            for (second, document) in (100..).zip(&documents) {
                let words: Vec<_> = document
                    .iter()
                    // Some have no link.
                    .map(|(key, (second, print))| match second {
                        0 => (format!("k{key}"), String::new(), *print),
                        _ => (format!("k{key}"), format!("s{second}"), *print),
                    })
                    .collect();
                let there: Vec<_> = words.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), *c)).collect();
                let found = recognise(&store, &there).await;
                let new: Vec<_> = there.iter().filter(|it| found.new.contains(&key(it.0))).collect();
                let ids: Vec<String> = new.iter().map(|it| format!("{} {second}", it.0)).collect();
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                let mut result = poll("bbc", at(second), &ids, &[]);
                for (seen, of) in result.entries.iter_mut().zip(new) {
                    seen.sighting = entry(*of);
                }
                result.changed = found.changed;
                let again = result.clone();
                store.commit_poll(result).await.unwrap();
                assert_eq!(recognise(&store, &there).await, Recognised::default(), "{there:?}");
                // Twice does no harm.
                store.commit_poll(again).await.unwrap();
                assert_eq!(recognise(&store, &there).await, Recognised::default(), "{there:?}");
            }
        });
    }
}
