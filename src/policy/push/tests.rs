//! What a subscription goes through, and what is read of foreign bytes.

use super::*;
use crate::feed::{FeedId, Polling};
use crate::policy::poll::{self, Every, FirstRun};
use crate::policy::rounds::REDIRECTS_MAX;
use jiff::Timestamp;
use proptest::prelude::*;
use url::Url;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
const LIMITS: PollLimits = PollLimits {
    every: Every::Fixed(SignedDuration::from_mins(15)),
    min: SignedDuration::from_mins(5),
    max: SignedDuration::from_hours(24),
    host_spacing: SignedDuration::from_secs(2),
    first_run: FirstRun::All,
    requests_per_minute: None,
};
const HUB: &str = "https://hub.example/";
const TOPIC: &str = "https://example.org/feed";
const CALLBACK: &str = "https://monitor.example.org/websub/";

fn pace() -> Pace {
    Pace::of(&LIMITS)
}

fn after_s(seconds: i64) -> Timestamp {
    poll::after(NOW, SignedDuration::from_secs(seconds))
}

fn at_hub(hub: &str, token: &str) -> Subscription {
    Subscription::new(
        FeedId::new("bbc").unwrap(),
        (hub.to_owned(), TOPIC.to_owned()),
        CALLBACK.to_owned(),
        (
            Unguessable::new(token.to_owned()),
            Unguessable::new("key".to_owned()),
        ),
        NOW,
    )
}

fn fresh() -> Subscription {
    at_hub(HUB, "80000000aaaa")
}

fn active(lease_s: i64) -> Subscription {
    let lease = SignedDuration::from_secs(lease_s);
    let asking = fresh().asking(pace(), NOW).unwrap();
    asking.confirmed(Some(lease), pace(), NOW).unwrap()
}

/// How long until it is asked again, in seconds.
fn wait_s(subscription: &Subscription) -> i64 {
    subscription.next_at.duration_since(NOW).as_secs()
}

#[test]
fn a_hub_that_never_asks_back_is_asked_ever_less() {
    let mut subscription = fresh();
    let mut waits = Vec::new();
    for _ in 0..12 {
        subscription = subscription.asking(pace(), NOW).unwrap();
        waits.push(wait_s(&subscription) / 60);
    }
    assert_eq!(
        waits,
        [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440]
    );
    assert_eq!(subscription.standing(NOW), Standing::Pending);
    assert!(subscription.meant(Mode::Subscribe, TOPIC));
    assert!(!subscription.meant(Mode::Unsubscribe, TOPIC));
    assert!(!subscription.meant(Mode::Subscribe, "https://example.org/other"));
    assert!(!subscription.is_heard());
}

#[test]
fn a_lease_is_renewed_between_half_and_three_quarters_of_it() {
    let day_s = 24 * 3600;
    let rows = [
        // Token, lease in seconds, wait in seconds.
        ("00000000", day_s, day_s / 2),
        ("ffffffff", day_s, day_s * 3 / 4),
        // Never before a feed would be polled.
        ("00000000", 60, 300),
    ];
    for (token, lease_s, wait) in rows {
        let asking = at_hub(HUB, token).asking(pace(), NOW).unwrap();
        let lease = SignedDuration::from_secs(lease_s);
        let confirmed = asking.confirmed(Some(lease), pace(), NOW).unwrap();
        assert_eq!(wait_s(&confirmed), wait, "{token}");
        assert_eq!(confirmed.lease_until, Some(after_s(lease_s)));
        assert_eq!((confirmed.failures, &confirmed.error), (0, &None));
    }
    let asking = fresh().asking(pace(), NOW).unwrap();
    let unsaid = asking.confirmed(None, pace(), NOW).unwrap();
    assert_eq!(unsaid.lease_until, Some(after_s(10 * day_s)));
}

#[test]
fn an_active_one_stays_so_while_it_is_renewed() {
    let renewing = active(86_400).asking(pace(), after_s(50_000)).unwrap();
    assert_eq!(renewing.standing(after_s(50_000)), Standing::Active);
    assert!(renewing.meant(Mode::Subscribe, TOPIC));
    // Its hub does not ask back, and the lease ends: what it brings is taken.
    assert_eq!(renewing.standing(after_s(86_400)), Standing::Pending);
    assert!(renewing.is_heard());
    // It asks twice back: the second time we did not ask.
    let renewed = renewing.confirmed(None, pace(), NOW).unwrap();
    assert!(!renewed.meant(Mode::Subscribe, TOPIC));
}

#[test]
fn what_a_hub_answers() {
    let asking = fresh().asking(pace(), NOW).unwrap();
    assert_eq!(asking.clone().answered(&HubAnswer::Taken, NOW), asking);
    let unheard = HubAnswer::Unheard {
        detail: "no answer".to_owned(),
    };
    let silent = asking.clone().answered(&unheard, NOW);
    assert!(silent.meant(Mode::Subscribe, TOPIC), "it may ask back");
    assert_eq!(silent.error.as_deref(), Some("no answer"));
    for (away_s, wait) in [(None, 300), (Some(60), 300), (Some(7200), 7200)] {
        let refused = HubAnswer::Refused {
            detail: "503".to_owned(),
            away: away_s.map(SignedDuration::from_secs),
        };
        let refused = asking.clone().answered(&refused, NOW);
        assert!(!refused.meant(Mode::Subscribe, TOPIC));
        assert_eq!(wait_s(&refused), wait);
        // A hub may ask back before it answers; what it says then is idle.
        let confirmed = active(86_400);
        let late = HubAnswer::Refused {
            detail: "500".to_owned(),
            away: None,
        };
        assert_eq!(confirmed.clone().answered(&late, NOW), confirmed);
    }
}

#[test]
fn a_hub_may_send_us_on_a_few_times() {
    let moved = |to: &str| HubAnswer::Moved { to: to.to_owned() };
    let mut subscription = fresh().asking(pace(), NOW).unwrap();
    for hop in 0..REDIRECTS_MAX {
        subscription = subscription.answered(&moved(&hop.to_string()), NOW);
        assert_eq!(subscription.asked_where(), hop.to_string());
        assert_eq!(wait_s(&subscription), 0);
        subscription = subscription.asking(pace(), NOW).unwrap();
        assert_eq!(wait_s(&subscription), 300, "it is no failure");
    }
    let lost = subscription.clone().answered(&moved("x"), NOW);
    assert_eq!((lost.asked_where(), lost.pending), (HUB, None));
    let taken = subscription.answered(&HubAnswer::Taken, NOW);
    assert_eq!(taken.asked_where(), HUB);
    assert!(taken.meant(Mode::Subscribe, TOPIC));
}

#[test]
fn one_that_is_denied_waits_for_long() {
    let denied = active(86_400).denied("not\n\u{1b}for you", pace(), NOW);
    let denied = denied.unwrap();
    assert_eq!(denied.standing(NOW), Standing::Denied);
    assert_eq!(denied.error.as_deref(), Some("not for you"));
    assert_eq!(wait_s(&denied), 86_400);
    assert!(!denied.is_heard());
    assert_eq!(denied.clone().left(CALLBACK, NOW), None);
    // It is tried again, and may be granted then.
    let again = denied.asking(pace(), NOW).unwrap();
    let granted = again.confirmed(None, pace(), NOW).unwrap();
    assert_eq!(granted.standing(NOW), Standing::Active);
}

#[test]
fn one_that_is_left_is_forgotten_in_the_end() {
    assert_eq!(fresh().left(CALLBACK, NOW), None, "nobody was asked");
    assert_eq!(active(86_400).left("https://moved.example/", NOW), None);
    let left = active(86_400).left(CALLBACK, after_s(10)).unwrap();
    assert_eq!(left.standing(NOW), Standing::Leaving);
    assert_eq!((wait_s(&left), left.is_heard()), (10, false));
    assert!(!left.meant(Mode::Subscribe, TOPIC));
    let asking = left.clone().asking(pace(), NOW).unwrap();
    assert!(asking.meant(Mode::Unsubscribe, TOPIC));
    assert_eq!(asking.clone().confirmed(None, pace(), NOW), None);
    assert_eq!(asking.clone().denied("no", pace(), NOW), None);
    assert_eq!(asking.asking(pace(), after_s(86_400)), None, "it ended");
    let mut times = 0;
    let mut next = Some(left);
    while let Some(asked) = next.and_then(|left| left.asking(pace(), NOW)) {
        times += 1;
        next = Some(asked);
    }
    assert_eq!(times, 3);
}

#[test]
fn an_offer_and_what_follows_from_it() {
    let offer = |hubs: &[&str], topic: &str| Offer {
        hubs: hubs.iter().map(|hub| (*hub).to_owned()).collect(),
        topic: topic.to_owned(),
    };
    let other = "https://other.example/";
    let known = [at_hub(HUB, "1"), at_hub(other, "2")];
    let rows = [
        // What is offered, how much is known, what is left, what is started.
        (None, 0, vec![], None),
        (Some(offer(&[], TOPIC)), 0, vec![], None),
        (Some(offer(&[HUB, other], TOPIC)), 0, vec![], Some(HUB)),
        (Some(offer(&[HUB], TOPIC)), 1, vec![], None),
        (Some(offer(&[other, HUB], TOPIC)), 1, vec![], None),
        (Some(offer(&[other], TOPIC)), 1, vec!["1"], Some(other)),
        (Some(offer(&[HUB], "https://b/")), 1, vec!["1"], Some(HUB)),
        (Some(offer(&[], TOPIC)), 1, vec!["1"], None),
        (Some(offer(&[HUB, other], TOPIC)), 2, vec!["2"], None),
        (None, 2, vec!["1", "2"], None),
    ];
    for (offer, count, leave, start) in rows {
        let changes = changes(offer.as_ref(), &known[..count], CALLBACK);
        let left: Vec<&str> = changes.leave.iter().map(|it| it.token.expose()).collect();
        let started = changes.start.as_ref().map(|(hub, _)| hub.as_str());
        assert_eq!((left, started), (leave, start), "{offer:?} with {count}");
    }
    // A callback that moved is another one.
    let moved = changes(
        Some(&offer(&[HUB], TOPIC)),
        &known[..1],
        "https://moved.example/",
    );
    assert_eq!((moved.leave.len(), moved.start.is_some()), (1, true));
    // A feed that names a new hub at each poll cannot make us run after them.
    let leaving: Vec<_> = (0..9)
        .filter_map(|n| at_hub(&format!("https://{n}.example/"), "1").asking(pace(), NOW))
        .filter_map(|asked| asked.left(CALLBACK, NOW))
        .collect();
    let crowd = changes(None, &leaving, CALLBACK);
    assert_eq!((crowd.leave.len(), crowd.forget.len()), (0, 5));
}

#[test]
fn headers_come_before_the_feed() {
    let links = |hub: &[&str], address: Option<&str>| HubLinks {
        hubs: hub.iter().map(|hub| (*hub).to_owned()).collect(),
        address: address.map(str::to_owned),
    };
    let feed = |hub: &[&str], address: Option<&str>| Polling {
        hubs: links(hub, None).hubs,
        address: address.map(str::to_owned),
        ..Polling::default()
    };
    let rows = [
        (
            links(&[HUB], Some(TOPIC)),
            feed(&["https://b/"], Some("https://c/")),
            HUB,
            TOPIC,
        ),
        (links(&[HUB], None), feed(&[], Some(TOPIC)), HUB, TOPIC),
        (links(&[], Some(TOPIC)), feed(&[HUB], None), HUB, TOPIC),
        (links(&[], None), feed(&[HUB], None), HUB, "https://asked/"),
        (
            links(&[], None),
            feed(&[HUB], Some("tag:no")),
            HUB,
            "https://asked/",
        ),
        (
            links(&[], None),
            feed(&["ftp://hub/"], Some(TOPIC)),
            "",
            TOPIC,
        ),
    ];
    for (links, polling, hub, topic) in rows {
        let offer = Offer::of(&links, &polling, "https://asked/");
        assert_eq!(offer.hubs.concat(), hub, "{links:?} {polling:?}");
        assert_eq!(offer.topic, topic, "{links:?} {polling:?}");
    }
}

#[test]
fn link_headers_as_they_come() {
    let base = Url::parse("https://example.org/a/feed").unwrap();
    let rows: [(&[&str], &[&str], Option<&str>); 12] = [
        (&[], &[], None),
        (&["<https://h/>; rel=\"hub\""], &["https://h/"], None),
        (&["<https://h/>;rel=hub"], &["https://h/"], None),
        (&["<https://h/> ; REL = HUB ; x"], &["https://h/"], None),
        (
            &["<https://h/>; rel=\"self hub\""],
            &["https://h/"],
            Some("https://h/"),
        ),
        (
            &[
                "<https://h/>; rel=hub, <https://i/>; rel=hub",
                "<feed>; rel=self",
            ],
            &["https://h/", "https://i/"],
            Some("https://example.org/a/feed"),
        ),
        // Separators inside of addresses and of quotes.
        (
            &["<https://h/a,b;c>; title=\"x, y; \\\"z\"; rel=hub"],
            &["https://h/a,b;c"],
            None,
        ),
        // Of two relations the first counts; a link from elsewhere does not.
        (&["<https://h/>; rel=next; rel=hub"], &[], None),
        (&["<https://h/>; rel=hub; anchor=\"/b\""], &[], None),
        (
            &["<javascript:x>; rel=hub, <mailto:a@b>; rel=self"],
            &[],
            None,
        ),
        (&["https://h/; rel=hub", "<https://h/; rel=hub"], &[], None),
        (&["<https://h/>; rel=\"hub"], &[], None),
    ];
    for (lines, hubs, address) in rows {
        let found = hub_links(lines.iter().copied(), &base);
        assert_eq!(found.hubs, hubs, "{lines:?}");
        assert_eq!(found.address.as_deref(), address, "{lines:?}");
    }
    let many = "<https://h/>; rel=hub, ".repeat(1000);
    assert_eq!(hub_links([many.as_str()], &base).hubs.len(), 8);
}

#[test]
fn what_hubs_ask_back() {
    let verify = |mode, lease_s: Option<i64>| Intent::Verify {
        mode,
        topic: "https://a/?b=c&d".to_owned(),
        challenge: "x y".to_owned(),
        lease: lease_s.map(SignedDuration::from_secs),
    };
    let topic = "hub.topic=https%3A%2F%2Fa%2F%3Fb%3Dc%26d&hub.challenge=x+y";
    let month_s = 30 * 24 * 3600;
    let rows = [
        ("&hub.mode=subscribe", Some(verify(Mode::Subscribe, None))),
        (
            "&hub.mode=unsubscribe&hub.mode=subscribe",
            Some(verify(Mode::Unsubscribe, None)),
        ),
        (
            "&hub.mode=subscribe&hub.lease_seconds=60",
            Some(verify(Mode::Subscribe, Some(60))),
        ),
        (
            "&hub.mode=subscribe&hub.lease_seconds=99999999999999999999",
            Some(verify(Mode::Subscribe, Some(month_s))),
        ),
        (
            "&hub.mode=subscribe&hub.lease_seconds=0",
            Some(verify(Mode::Subscribe, None)),
        ),
        (
            "&hub.mode=subscribe&hub.lease_seconds=-5",
            Some(verify(Mode::Subscribe, None)),
        ),
        (
            "&hub.mode=denied&hub.reason=no",
            Some(Intent::Denied {
                topic: "https://a/?b=c&d".to_owned(),
                reason: "no".to_owned(),
            }),
        ),
        ("&hub.mode=Subscribe", None),
        ("", None),
    ];
    for (query, expected) in rows {
        assert_eq!(intent(&format!("{topic}{query}")), expected, "{query}");
    }
    let without = |challenge: &str| {
        intent(&format!(
            "hub.mode=subscribe&hub.topic=a&hub.challenge={challenge}"
        ))
    };
    assert_eq!(without(""), None);
    assert_eq!(without(&"x".repeat(1025)), None);
    assert!(without(&"x".repeat(1024)).is_some());
}

#[test]
fn what_is_secret_is_not_printed() {
    let shown = format!("{:?}", active(60));
    assert!(
        !shown.contains("80000000aaaa") && !shown.contains("\"key\""),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn no_header_is_too_odd(lines in proptest::collection::vec("[<>\"\\\\;,= a-z:/é\\x00]{0,80}|.{0,40}", 0..4)) {
        let base = Url::parse("https://example.org/feed").unwrap();
        let found = hub_links(lines.iter().map(String::as_str), &base);
        for address in found.hubs.iter().chain(&found.address) {
            prop_assert!(Url::parse(address).is_ok_and(|url| link::is_usable(&url)));
        }
    }

    #[test]
    fn a_link_is_read_among_others(path in "[a-z,;=]{0,12}", title in "[a-z ,;<>=]{0,12}", other in "[a-z]{1,8}") {
        let base = Url::parse("https://example.org/").unwrap();
        let line = format!("</x>; rel={other}; title=\"{title}\", <https://h/{path}>; title=\"{title}\"; rel=\"{other} hub\"");
        let found = hub_links([line.as_str()], &base);
        let expected = format!("https://h/{path}");
        prop_assert!(found.hubs.contains(&expected), "{found:?}");
    }

    #[test]
    fn no_query_is_too_odd(query in "(hub\\.(mode|topic|challenge|lease_seconds|reason)=(subscribe|denied|[0-9%&=+a-z]{0,12})&){0,6}|.{0,60}") {
        if let Some(Intent::Verify { challenge, lease, .. }) = intent(&query) {
            prop_assert!(!challenge.is_empty());
            prop_assert!(lease.is_none_or(|lease| lease.is_positive()));
        }
    }

    #[test]
    fn a_query_comes_back_as_it_went(topic in ".{1,30}", challenge in ".{1,30}") {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("hub.mode", "subscribe")
            .append_pair("hub.topic", &topic)
            .append_pair("hub.challenge", &challenge)
            .finish();
        let expected = Intent::Verify { mode: Mode::Subscribe, topic, challenge, lease: None };
        prop_assert_eq!(intent(&query), Some(expected));
    }

    /// Whatever hubs and time do, a subscription that is wanted is asked for
    /// again, not too soon and not too late.
    #[test]
    fn one_that_is_wanted_is_never_given_up(steps in proptest::collection::vec((0_u8..6, 0_i64..2_000_000), 1..40)) {
        let mut now = NOW;
        let mut subscription = fresh();
        for (step, value) in steps {
            let lease = SignedDuration::from_secs(value);
            let refused = HubAnswer::Refused { detail: String::new(), away: Some(lease) };
            subscription = match step {
                0 => { now = now.max(subscription.next_at); subscription.asking(pace(), now) }
                1 => subscription.confirmed(Some(lease), pace(), now),
                2 => subscription.denied("no", pace(), now),
                3 => Some(subscription.answered(&refused, now)),
                4 => Some(subscription.answered(&HubAnswer::Taken, now)),
                _ => { now = poll::after(now, lease); Some(subscription) }
            }.unwrap();
            let wait = subscription.next_at.duration_since(now);
            prop_assert!(wait <= SignedDuration::from_hours(30 * 24));
            if matches!(step, 0..=2) {
                prop_assert!(wait >= LIMITS.min, "{wait:?}");
            }
        }
    }
}
