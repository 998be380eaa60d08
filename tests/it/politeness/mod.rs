//! Would a publisher mind us? Fourteen days of polling in a few seconds, with
//! restarts, a clock that is set and a machine that sleeps, and every request
//! held against every rule: `cargo test --test it politeness -- --nocapture`.

mod publishers;
mod rules;
mod run;

use crate::support::{Page, Site};
use rules::Verdict;
use run::Run;
use std::fmt::Write;
use url::Url;
use wirewatch::config::Http;
use wirewatch::fetch::{Client, FeedRequest};
use wirewatch::policy::host::Host;
use wirewatch::policy::poll::{Answer, FailureKind, Validators};

/// 2026-11-23, a Monday.
const EPOCH_S: i64 = 1_795_392_000;
/// What `skip.example` wants skipped.
const SKIPPED_HOURS: [u8; 5] = [2, 3, 4, 15, 16];
const SKIPPED_DAYS: [u8; 1] = [1];

#[tokio::test(flavor = "multi_thread")]
async fn no_publisher_minds() {
    // In memory, where there is such a folder: flushing 20,000 times takes long.
    let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let dir = dir.expect("a folder");
    let run = Box::pin(run::run(dir.path())).await;
    let report = judge(&run).await;
    let (mut text, mut broken) = (String::new(), 0);
    let (requests, restarts) = (run.sent.len(), run.restarts);
    writeln!(text, "14 days, {requests} requests, {restarts} restarts").unwrap();
    for (number, rule, verdict) in &report {
        let outcome = match (verdict.broken.len(), verdict.checks) {
            (0, 0) => "never tested".to_owned(),
            (0, _) => "kept".to_owned(),
            (times, _) => format!("BROKEN {times} times"),
        };
        writeln!(
            text,
            "{number:4} {rule:52} {:6} checks  {outcome}",
            verdict.checks
        )
        .unwrap();
        for fault in verdict.broken.iter().take(5) {
            writeln!(text, "       {fault}").unwrap();
        }
        broken += usize::from(outcome != "kept");
    }
    println!("{text}");
    assert_eq!(broken, 0, "\n{text}");
}

/// Every rule with its verdict.
async fn judge(run: &Run) -> Vec<(&'static str, &'static str, Verdict)> {
    let [p1, p2, p3, p17] = rules::conditional(run);
    let [p5, p6] = rules::away(run);
    let [p7, p8] = rules::early(run);
    let [p10, p11] = rules::plain(run);
    let [p12, p16, p19] = said_and_refused().await;
    vec![
        ("P1", "the whole is asked for once", p1),
        ("P2", "validators go back byte for byte", p2),
        ("P3", "and to the address that gave them", p3),
        (
            "P4",
            "nothing is asked for while it is fresh",
            rules::fresh(run),
        ),
        ("P5", "Retry-After holds for the whole host", p5),
        ("P6", "429 without it waits longer and longer", p6),
        (
            "P7",
            "what cannot be asked conditionally is asked seldom",
            p7,
        ),
        ("P8", "nothing early: restarts, clock, sleep", p8),
        (
            "P9",
            "one at a time and spaced, across redirects",
            rules::spaced(run),
        ),
        ("P10", "no header and no address too many", p10),
        ("P11", "a new feed costs one request", p11),
        ("P12", "the User-Agent says who we are", p12),
        ("P13", "moves are believed after a week", rules::moved(run)),
        ("P14", "refusals are heeded", rules::refused(run)),
        ("P15", "skipHours and skipDays", rules::skipped(run)),
        ("P16", "compression is always offered", p16),
        ("P17", "A-IM: feed with validators", p17),
        (
            "P18",
            "names that are not found back off by host",
            rules::lost(run),
        ),
        ("P19", "nobody sends us inward", p19),
        (
            "P20",
            "the operator can see every request",
            recorded(run).await,
        ),
        (
            "-",
            "a host that fails for all of its feeds",
            rules::storms(run),
        ),
        (
            "-",
            "our own network is nobody's fault",
            rules::offline(run),
        ),
        ("-", "no entry lost, none twice", rules::complete(run)),
    ]
}

/// P20: what the store tells of each host is what was sent to it last.
async fn recorded(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    for name in [
        "plain.example",
        "busy.example",
        "hops.example",
        "reddit.com",
        "new.example",
    ] {
        let told = run.store.requests(&Host::named(name)).await.unwrap();
        let sent = run.sent.iter().rev().filter(|sent| {
            let host = sent.url.host_str().unwrap();
            host == name || host.ends_with(&format!(".{name}"))
        });
        for (told, sent) in told.iter().zip(sent) {
            let same = told.feed == sent.feed
                && told.hop == u64::from(sent.hop)
                && told.conditional == sent.headers.contains_key("a-im")
                && told.outcome.is_some() == sent.answered_ms.is_some();
            verdict.check(same, sent, &format!("told as {told:?}"));
        }
    }
    verdict
}

/// P12, P16 and P19, over a real connection.
async fn said_and_refused() -> [Verdict; 3] {
    let [mut agent, mut coding, mut inward] = <[Verdict; 3]>::default();
    let site = Site::open().await;
    site.set("/rss", Page::Status(404, vec![]));
    let client = Client::new(&Http {
        contact: "https://desk.example/".to_owned(),
        ..Http::default()
    })
    .unwrap();
    let url = Url::parse(&site.url(1, "/rss")).unwrap();
    let mut request = FeedRequest {
        url: url.clone(),
        home: url,
        derived: false,
        validators: Validators::default(),
        login: None,
        headers: Vec::new(),
    };
    client.ask(&request).await;
    let headers = site.asked("/rss")[0].headers.clone();
    let said = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let check = |verdict: &mut Verdict, holds: bool, why: String| {
        verdict.checks += 1;
        verdict.broken.extend((!holds).then_some(why));
    };
    let name = said("user-agent");
    let version = env!("CARGO_PKG_VERSION");
    let honest = name.starts_with(&format!("wirewatch/{version} ("))
        && name.contains("https://desk.example/");
    check(&mut agent, honest, name);
    let codings = said("accept-encoding");
    check(&mut coding, codings.contains("gzip"), codings);
    // The same address, but on the word of somebody else.
    request.home = Url::parse("https://news.example/rss").unwrap();
    let outcome = client.ask(&request).await;
    let refused = matches!(
        outcome.answer,
        Answer::Failed {
            kind: FailureKind::Refused,
            ..
        }
    );
    check(
        &mut inward,
        refused && site.asked("/rss").len() == 1,
        format!("{outcome:?}"),
    );
    [agent, coding, inward]
}
