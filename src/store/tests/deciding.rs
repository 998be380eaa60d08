//! What is held, silenced and told to the operator, on real files.

use super::*;
use crate::alert::message::{Content, Message};
use crate::alert::notice::{Notice, NoticeKind, Subject};
use crate::policy::RouteName;
use crate::policy::digest::{HoldReason, Rules};
use crate::policy::mute::Window;
use crate::policy::rate::Rate;
use crate::policy::retry::{DeadReason, DeliveryKind, DeliveryReason, DeliveryState};
use crate::policy::route::{Route, Verdict};
use crate::policy::selection::Selection;
use crate::policy::silence::Silence;
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn limit(count: u32, per_s: i64) -> Rules {
    Rules {
        limit: Some(Rate {
            count,
            per: SignedDuration::from_secs(per_s),
        }),
        ..Rules::default()
    }
}

fn wait(seconds: i64) -> Rules {
    Rules {
        group_wait: SignedDuration::from_secs(seconds),
        ..Rules::default()
    }
}

/// The route `r` to these sinks by these rules.
fn routes(to: &[&str], rules: Rules) -> Arc<[Route]> {
    let route = Route {
        name: RouteName::new("r").unwrap(),
        selection: Selection::all(),
        severity: Severity::Info,
        sinks: sinks(to),
        next: true,
        rules: Arc::new(rules),
    };
    Arc::new([route])
}

/// A poll whose alerts go where the routes say.
fn routed(when: Timestamp, new: &[&str], routes: &[Route]) -> PollResult {
    let mut result = poll("bbc", when, new, &[]);
    for new in &mut result.alerts {
        // Matches without a topic pass no route, so all pass here by hand.
        let route = routes.first().unwrap();
        new.plan.targets = route
            .sinks
            .iter()
            .map(|sink| Target {
                sink: sink.clone(),
                route: Some((route.name.clone(), Arc::clone(&route.rules))),
            })
            .collect();
        let passed = Verdict::Passed(route.sinks.clone());
        new.plan.verdicts = vec![(route.name.clone(), passed)];
    }
    result
}

async fn all(store: &Store) -> Vec<DeliveryRecord> {
    let mut records = store.deliveries(DeliveryFilter::default(), 10_000).await;
    records.as_mut().unwrap().reverse();
    records.unwrap()
}

/// Each delivery as `alert>sink state reason`, digests as `digest>sink`.
async fn told(store: &Store) -> Vec<String> {
    let records = all(store).await;
    let told = records.iter().map(|record| {
        let brings = match record.kind {
            DeliveryKind::Alert => record.alert.0.as_str(),
            kind => kind.as_str(),
        };
        let reason = record.reason.map_or("", DeliveryReason::as_str);
        let line = format!(
            "{brings}>{} {} {reason}",
            record.sink,
            record.state.as_str()
        );
        line.trim_end().to_owned()
    });
    told.collect()
}

/// The alerts or notices in a delivery.
async fn parts(store: &Store, id: &DeliveryId) -> Vec<String> {
    let payload = store.delivery(id).await.unwrap().unwrap().payload;
    let json: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    let list = |key: &str, id: &str| -> Vec<String> {
        let listed = json["data"][key].as_array().into_iter().flatten();
        listed
            .map(|it| it[id].as_str().unwrap().to_owned())
            .collect()
    };
    match json["data"]["alert"].as_str() {
        Some(alert) => vec![alert.to_owned()],
        None => [list("alerts", "alert"), list("notices", "notice")].concat(),
    }
}

#[tokio::test]
async fn what_waits_together_goes_out_together() {
    let dir = folder();
    let store = open(&dir);
    let routes = routes(&["desk"], wait(30));
    for (second, ids) in [(100, &["a"][..]), (129, &["b", "c"])] {
        let poll = routed(at(second), ids, &routes);
        store.commit_poll(poll).await.unwrap();
    }
    assert_eq!(store.next_release().await.unwrap(), Some(at(130)));
    assert_eq!(due(&store, "desk", at(1000)).await, []);
    let early = store.release(&routes, at(129)).await.unwrap();
    assert_eq!(early, Released::default());
    // What waits is not forgotten by a restart.
    store.close().await.unwrap();
    let store = open(&dir);
    let released = store.release(&routes, at(130)).await.unwrap();
    assert_eq!((released.deliveries, released.parts), (1, 3));
    let records = all(&store).await;
    let digest = records.last().unwrap();
    assert_eq!((digest.kind, digest.seq), (DeliveryKind::Digest, 1));
    assert_eq!(digest.created_at, at(130));
    assert_eq!(parts(&store, &digest.id).await, ["a", "b", "c"]);
    for part in &records[..3] {
        assert_eq!(part.state, DeliveryState::Grouped);
        assert_eq!(part.digest.as_ref(), Some(&digest.id));
        assert_eq!(part.finished_at, Some(at(130)));
        assert_eq!((part.seq, part.release_at), (0, None));
    }
    // One that waits alone goes out as itself, and its age begins then.
    store
        .commit_poll(routed(at(200), &["d"], &routes))
        .await
        .unwrap();
    store.release(&routes, at(230)).await.unwrap();
    let record = &all(&store).await[4];
    assert_eq!(
        (record.id.0.as_str(), record.seq, record.created_at),
        ("msg_d_desk", 2, at(230))
    );
    let payload = store.delivery(&record.id).await.unwrap().unwrap().payload;
    assert_eq!(
        payload,
        crate::alert::payload::alert_json(&alert("d", at(200)), 2)
    );
}

#[tokio::test]
async fn a_flood_is_held_to_its_limit_and_nothing_of_it_is_lost() {
    let dir = folder();
    let store = open(&dir);
    let routes = routes(&["desk", "archive"], limit(60, 3600));
    let ids: Vec<String> = (0..200).map(|id| format!("alert-{id:03}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let flood = routed(at(100), &ids, &routes);
    let committed = store.commit_poll(flood).await.unwrap();
    let limit = DeliveryReason::Held(HoldReason::Limit);
    assert_eq!(committed.withheld, vec![limit; 280]);
    assert_eq!(due(&store, "desk", at(100)).await.len(), 60);
    assert_eq!(store.next_release().await.unwrap(), Some(at(3700)));
    let released = store.release(&routes, at(3700)).await.unwrap();
    assert_eq!(released.parts, 280);
    let records = all(&store).await;
    for to in ["desk", "archive"] {
        let mut found = Vec::new();
        let mut seqs = Vec::new();
        let sent = |record: &&DeliveryRecord| record.state == DeliveryState::Pending;
        let to_sink = records.iter().filter(|record| record.sink == sink(to));
        for record in to_sink.filter(sent) {
            found.extend(parts(&store, &record.id).await);
            seqs.push(record.seq);
        }
        assert_eq!(found, ids);
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
        assert!(seqs.len() <= 64, "{} deliveries", seqs.len());
    }
}

#[tokio::test]
async fn a_window_holds_until_it_ends_and_one_that_comes_late_holds_as_well() {
    let dir = folder();
    let store = open(&dir);
    let mute = |text: &str| Rules {
        mute: vec![Window::parse(text).unwrap()],
        ..wait(30)
    };
    let night = routes(&["desk"], mute("00:00-01:00 UTC"));
    store
        .commit_poll(routed(at(60), &["a"], &night))
        .await
        .unwrap();
    assert_eq!(told(&store).await, ["a>desk held muted"]);
    assert_eq!(store.next_release().await.unwrap(), Some(at(3600)));
    // The configuration changed while it waited: now it is quiet for longer.
    let longer = routes(&["desk"], mute("00:30-02:00 UTC"));
    store.release(&longer, at(3600)).await.unwrap();
    assert_eq!(store.next_release().await.unwrap(), Some(at(7200)));
    // A route that is gone has no say any more.
    let gone: Arc<[Route]> = Arc::new([]);
    store.release(&gone, at(7200)).await.unwrap();
    assert_eq!(told(&store).await, ["a>desk pending"]);
}

#[tokio::test]
async fn what_is_held_and_damaged_is_set_aside_and_keeps_nothing_else() {
    let dir = folder();
    let store = open(&dir);
    store.tell_notices_to(sinks(&["archive"])).await.unwrap();
    let routes = routes(&["desk"], wait(30));
    store
        .commit_poll(routed(at(100), &["a", "b", "c"], &routes))
        .await
        .unwrap();
    stranger(&dir)
        .execute("UPDATE delivery SET payload = x'00' WHERE alert = 'b'", [])
        .unwrap();
    let released = store.release(&routes, at(130)).await.unwrap();
    assert_eq!(released.corrupt, [delivery_id("b", "desk")]);
    assert_eq!(
        told(&store).await,
        [
            "a>desk grouped group-wait",
            "b>desk dead corrupt",
            "c>desk grouped group-wait",
            "notice>archive pending",
            "digest>desk pending"
        ]
    );
    // Nor is what waits for a sink that is gone kept for ever.
    store
        .commit_poll(routed(at(200), &["d"], &routes))
        .await
        .unwrap();
    store.bury_orphans(&[], at(201)).await.unwrap();
    let records = all(&store).await;
    let mut to_desk = records.iter().filter(|record| record.sink == sink("desk"));
    let record = to_desk.next_back().unwrap();
    assert_eq!(
        record.reason,
        Some(DeliveryReason::Dead(DeadReason::SinkRemoved))
    );
    assert_eq!(store.next_release().await.unwrap(), None);
}

#[tokio::test]
async fn a_silence_keeps_alerts_from_its_sinks_until_it_ends() {
    let dir = folder();
    let store = open(&dir);
    let silence = Silence {
        selection: Selection {
            topics: Vec::new(),
            actors: Vec::new(),
            ..Selection::all()
        },
        sinks: sinks(&["desk"]),
        starts_at: at(100),
        ends_at: at(200),
        reason: "moving house".to_owned(),
        author: "ada".to_owned(),
    };
    // It is about no topic and no actor, so it covers nothing.
    let idle = store
        .add_silence(silence.clone(), at(50))
        .await
        .unwrap()
        .unwrap();
    let of_bbc = Silence {
        selection: Selection {
            feeds: vec!["bbc".to_owned()],
            ..Selection::all()
        },
        ..silence
    };
    let id = store
        .add_silence(of_bbc.clone(), at(50))
        .await
        .unwrap()
        .unwrap();
    assert_ne!(id, idle);
    let poll_of = |second, id| {
        let mut result = poll("bbc", at(second), &[id], &["desk", "archive"]);
        for new in &mut result.alerts {
            new.alert.matches.actors = vec![actor()];
        }
        result
    };
    for (second, alert) in [(99, "a"), (100, "b"), (199, "c"), (200, "d")] {
        store.commit_poll(poll_of(second, alert)).await.unwrap();
    }
    let suppressed: Vec<DeliveryRecord> = all(&store)
        .await
        .into_iter()
        .filter(|record| record.state == DeliveryState::Suppressed)
        .collect();
    let ids: Vec<&str> = suppressed
        .iter()
        .map(|record| record.id.0.as_str())
        .collect();
    assert_eq!(ids, ["msg_b_desk", "msg_c_desk"]);
    for record in &suppressed {
        assert_eq!(record.silence, Some(id));
        assert_eq!(record.reason, Some(DeliveryReason::Silenced));
        assert_eq!(
            (record.seq, record.finished_at),
            (0, Some(record.created_at))
        );
    }
    assert_eq!(due(&store, "desk", at(300)).await.len(), 2);
    // Ended by hand, in another process.
    assert!(store.expire_silence(idle, at(150)).await.unwrap());
    assert!(!store.expire_silence(idle, at(150)).await.unwrap());
    assert_eq!(store.silences(Some(at(150))).await.unwrap(), [(id, of_bbc)]);
    assert_eq!(store.silences(None).await.unwrap().len(), 2);
    store.prune(at(201)).await.unwrap();
    assert_eq!(store.silences(None).await.unwrap(), []);
}

#[tokio::test]
async fn what_cannot_be_read_of_a_silence_or_a_hold_stops_no_poll() {
    let dir = folder();
    let store = open(&dir);
    let silence = Silence {
        selection: Selection::all(),
        sinks: Vec::new(),
        starts_at: at(0),
        ends_at: at(1000),
        reason: "x".to_owned(),
        author: "ada".to_owned(),
    };
    store.add_silence(silence, at(0)).await.unwrap();
    let routes = routes(&["desk"], wait(30));
    let first = routed(at(100), &["a"], &routes);
    store.commit_poll(first).await.unwrap();
    let damage = "UPDATE silence SET selection = '{'; UPDATE delivery SET reason = 'x'";
    stranger(&dir).execute_batch(damage).unwrap();
    let second = routed(at(101), &["b"], &routes);
    let committed = store.commit_poll(second).await.unwrap();
    let waits = DeliveryReason::Held(HoldReason::GroupWait);
    assert_eq!(committed.withheld, [waits]);
    let released = store.release(&routes, at(200)).await.unwrap();
    assert_eq!(released.parts, 2);
}

fn actor() -> crate::matcher::ActorMatch<'static> {
    crate::matcher::ActorMatch {
        id: "bolton".into(),
        name: "John Bolton".into(),
        kind: crate::watchlist::ActorKind::Person,
        alert: true,
        mentions: 1,
        salience: crate::watchlist::Salience::Title,
        confidence: 1.0,
        evidence: Vec::new(),
    }
}

fn notice(kind: NoticeKind, subject: Subject, second: i64) -> Notice {
    Notice {
        kind,
        subject,
        at: at(second),
        text: "It is so.".to_owned(),
    }
}

#[tokio::test]
async fn notices_go_once_to_every_sink_but_the_one_that_they_are_about() {
    let dir = folder();
    let store = open(&dir);
    store
        .tell_notices_to(sinks(&["desk", "archive"]))
        .await
        .unwrap();
    let gone = notice(NoticeKind::FeedGone, Subject::Feed("bbc".to_owned()), 100);
    let mut result = quiet_poll("bbc", at(100));
    result.notices = vec![gone.clone()];
    let first = store.commit_poll(result.clone()).await.unwrap();
    let second = store.commit_poll(result).await.unwrap();
    assert_eq!((first.notices, second.notices), (vec![gone.kind], vec![]));
    let fails = notice(NoticeKind::SinkFails, Subject::Sink("desk".to_owned()), 110);
    assert!(store.add_notice(fails.clone()).await.unwrap());
    assert_eq!(
        told(&store).await,
        [
            "notice>archive pending",
            "notice>desk pending",
            "notice>archive pending"
        ]
    );
    let stored = store.notices(10).await.unwrap();
    let ids: Vec<&str> = stored.iter().map(|notice| notice.id.as_str()).collect();
    assert_eq!(ids, [fails.id().0, gone.id().0]);
    let message = Message::read(&stored[1].json).unwrap();
    assert!(matches!(message.content, Content::Notice(_)));
    assert_eq!(message.title(), "feed bbc is gone");
    store.prune(at(105)).await.unwrap();
    assert_eq!(store.notices(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_hundred_notices_at_once_are_ten_and_a_digest() {
    let dir = folder();
    let store = open(&dir);
    store.tell_notices_to(sinks(&["desk"])).await.unwrap();
    for number in 0..100 {
        let subject = Subject::Feed(format!("feed-{number}"));
        let fails = notice(NoticeKind::FeedFails, subject, 100);
        store.add_notice(fails).await.unwrap();
    }
    assert_eq!(due(&store, "desk", at(100)).await.len(), 10);
    let none: Arc<[Route]> = Arc::new([]);
    let released = store.release(&none, at(3700)).await.unwrap();
    assert_eq!((released.deliveries, released.parts), (1, 90));
    let digest = all(&store).await.pop().unwrap();
    assert_eq!(parts(&store, &digest.id).await.len(), 90);
    let payload = store.delivery(&digest.id).await.unwrap().unwrap().payload;
    let json: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(json["data"]["reason"], HoldReason::Limit.as_str());
    assert_eq!(json["data"]["route"], serde_json::Value::Null);
}

#[tokio::test]
async fn an_alert_is_shown_with_what_became_of_it() {
    let dir = folder();
    let store = open(&dir);
    let routes = routes(&["desk", "archive"], wait(30));
    store
        .commit_poll(routed(at(100), &["a", "ab"], &routes))
        .await
        .unwrap();
    store
        .commit_poll(poll("dw", at(100), &["c"], &["desk"]))
        .await
        .unwrap();
    let detail = store.alert(&AlertId("a".into())).await.unwrap().unwrap();
    assert_eq!(detail.record.title, "Title of a");
    let said: serde_json::Value = serde_json::from_str(&detail.decision.unwrap()).unwrap();
    assert_eq!(
        said,
        serde_json::json!({"nowhere": null, "routes": [
            {"route": "r", "verdict": "passed", "sinks": ["desk", "archive"]}
        ]})
    );
    let ids: Vec<&str> = detail
        .deliveries
        .iter()
        .map(|it| it.id.0.as_str())
        .collect();
    assert_eq!(ids, ["msg_a_desk", "msg_a_archive"]);
    // Where there are no routes there is nothing to say of them.
    let plain = store.alert(&AlertId("c".into())).await.unwrap().unwrap();
    assert_eq!(plain.decision, None);
    assert_eq!(store.alert(&AlertId("x".into())).await.unwrap(), None);
}

#[derive(Debug, Clone)]
enum Step {
    /// So many alerts come at once.
    Alerts(u8),
    Wait(i64),
    Release,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u8..9).prop_map(Step::Alerts),
        3 => (1_i64..40).prop_map(Step::Wait),
        3 => Just(Step::Release),
        1 => Just(Step::Restart),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    let windows = proptest::sample::subsequence(
        vec!["00:01-00:03 UTC", "Thu 00:02-00:05 UTC", "00:10-00:11 UTC"],
        0..=3,
    );
    let limit = proptest::option::of((1_u32..6, 1_i64..120));
    (0_i64..30, limit, windows).prop_map(|(wait_s, limit, windows)| Rules {
        group_wait: SignedDuration::from_secs(wait_s),
        limit: limit.map(|(count, per_s)| Rate {
            count,
            per: SignedDuration::from_secs(per_s),
        }),
        mute: windows
            .into_iter()
            .map(|it| Window::parse(it).unwrap())
            .collect(),
    })
}

/// Releases everything, each time at the moment that the store names.
async fn drain(store: &Store, routes: &Arc<[Route]>, now_s: &mut i64) {
    while let Some(next) = store.next_release().await.unwrap() {
        *now_s = (*now_s).max(next.as_second());
        store.release(routes, at(*now_s)).await.unwrap();
    }
}

/// Every alert went out once to each sink, alone or in one digest; numbers have no
/// gap; and no time of the limit's length has more than it allows.
async fn check(store: &Store, alerts: usize, rules: &Rules) {
    let records = all(store).await;
    for to in ["desk", "archive"] {
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        let mut sent: Vec<(u64, Timestamp)> = Vec::new();
        for record in records.iter().filter(|record| record.sink == sink(to)) {
            match record.state {
                DeliveryState::Pending => {
                    sent.push((record.seq, record.created_at));
                    for part in parts(store, &record.id).await {
                        *found.entry(part).or_default() += 1;
                    }
                }
                DeliveryState::Grouped => {
                    let digest = record.digest.clone().unwrap();
                    assert!(parts(store, &digest).await.contains(&record.alert.0));
                }
                state => panic!("{} is {}", record.id.0, state.as_str()),
            }
        }
        assert_eq!(found.len(), alerts);
        assert!(found.values().all(|times| *times == 1), "{found:?}");
        sent.sort_unstable();
        let seqs: Vec<u64> = sent.iter().map(|(seq, _)| *seq).collect();
        assert_eq!(seqs, (1..=sent.len() as u64).collect::<Vec<_>>());
        if let Some(Rate { count, per }) = rules.limit {
            for window in sent.windows(count as usize + 1) {
                let span = window[count as usize].1.duration_since(window[0].1);
                assert!(span >= per, "more than {count} within {span:#}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_goes_out_once_within_its_limit(
        rules in rules(),
        steps in proptest::collection::vec(step(), 1..25),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let dir = folder();
            let (mut store, mut now_s, mut alerts) = (open(&dir), 0, 0_usize);
            let routes = routes(&["desk", "archive"], rules.clone());
            for step in &steps {
                match step {
                    Step::Alerts(count) => {
                        let new = alerts..alerts + usize::from(*count);
                        let ids: Vec<String> = new.map(|id| format!("alert-{id}")).collect();
                        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                        store.commit_poll(routed(at(now_s), &ids, &routes)).await.unwrap();
                        alerts += ids.len();
                    }
                    Step::Wait(seconds) => now_s += seconds,
                    Step::Release => {
                        store.release(&routes, at(now_s)).await.unwrap();
                    }
                    Step::Restart => {
                        drop(store);
                        store = open(&dir);
                    }
                }
            }
            drain(&store, &routes, &mut now_s).await;
            check(&store, alerts, &rules).await;
        });
    }
}
