//! The rules, each held against every request that was sent.
//!
//! They are written from what publishers ask for, and know nothing of how the
//! daemon decides.

use super::publishers::{DAY, FEEDS, HOUR, MINUTE, OFFLINE, STORM};
use super::run::{Run, Sent, every_s};
use axum::http::HeaderMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};
use wirewatch::policy::poll::PollReason;

/// How often a rule was put to the test, and what broke it.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) checks: usize,
    pub(crate) broken: Vec<String>,
}

impl Verdict {
    pub(crate) fn check(&mut self, holds: bool, sent: &Sent, why: &str) {
        self.checks += 1;
        if !holds {
            let (at, url) = (sent.at_ms as f64 / 1000.0, &sent.url);
            let day = at / DAY as f64;
            self.broken.push(format!(
                "{why}: {url} at {at:.3} s (day {day:.2}), {:?}",
                sent.reason
            ));
        }
    }
}

/// A host as its publisher counts it, and the spacing that it wants in ms.
fn host(sent: &Sent) -> (String, i64) {
    let name = sent.url.host_str().unwrap();
    if name.ends_with("reddit.com") {
        return ("reddit.com".to_owned(), 61_000);
    }
    (name.to_owned(), 2_000)
}

fn by_host(run: &Run) -> BTreeMap<String, Vec<&Sent>> {
    let mut hosts: BTreeMap<String, Vec<&Sent>> = BTreeMap::new();
    for sent in &run.sent {
        hosts.entry(host(sent).0).or_default().push(sent);
    }
    hosts
}

fn of_feed<'a>(run: &'a Run, name: &'a str) -> impl Iterator<Item = &'a Sent> {
    run.sent.iter().filter(move |sent| sent.feed == name)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn bytes(headers: &HeaderMap, name: &str) -> Option<Vec<u8>> {
    headers.get(name).map(|value| value.as_bytes().to_vec())
}

/// P1, P2, P3, P17: what is known of a document goes back to where it came
/// from, byte for byte, and to nobody else.
pub(crate) fn conditional(run: &Run) -> [Verdict; 4] {
    let [mut once, mut exact, mut home, mut delta] = <[Verdict; 4]>::default();
    for (name, _) in FEEDS {
        let mut known: Option<(String, [Option<Vec<u8>>; 2])> = None;
        let (mut body_ms, mut asked_anew) = (0, false);
        if name == "skip" {
            known = Some((
                FEEDS
                    .iter()
                    .find(|(feed, _)| *feed == name)
                    .unwrap()
                    .1
                    .to_owned(),
                [Some(b"\"never\"".to_vec()), None],
            ));
        }
        for sent in of_feed(run, name) {
            let said =
                ["if-none-match", "if-modified-since"].map(|name| bytes(&sent.headers, name));
            let is_conditional = said.iter().any(Option::is_some);
            let due = known.as_ref().filter(|(url, _)| *url == sent.url.as_str());
            let has_some = due.is_some_and(|(_, known)| known.iter().any(Option::is_some));
            let stuck = sent.at_ms - body_ms > 8 * DAY * 1000 && !asked_anew;
            if has_some && !is_conditional {
                once.check(stuck, sent, "asked for the whole again");
                asked_anew = sent.status.is_some();
            } else if let Some((_, known)) = due {
                once.check(true, sent, "");
                exact.check(*known == said, sent, "not the validators that came last");
            } else {
                home.check(!is_conditional, sent, "validators of another address");
            }
            let a_im = text(&sent.headers, "a-im");
            delta.check(a_im == is_conditional.then_some("feed"), sent, "A-IM");
            if sent.answered_ms.is_none() {
                continue;
            }
            let came = ["etag", "last-modified"].map(|name| bytes(&sent.answer, name));
            match (sent.status, &mut known) {
                (Some(200 | 226), _) if !sent.url.as_str().contains("login") => {
                    known = Some((sent.url.to_string(), came));
                    (body_ms, asked_anew) = (sent.at_ms, false);
                }
                (Some(304), Some((_, known))) => {
                    for (known, came) in known.iter_mut().zip(came) {
                        *known = came.or(known.take());
                    }
                }
                _ => {}
            }
        }
    }
    [once, exact, home, delta]
}

/// P4: nothing is asked for while it is fresh.
pub(crate) fn fresh(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    for (name, _) in FEEDS {
        let mut free_ms: HashMap<&str, i64> = HashMap::new();
        for sent in of_feed(run, name) {
            if let Some(free_ms) = free_ms.get(sent.url.as_str()) {
                verdict.check(sent.at_ms >= *free_ms, sent, "it was still fresh");
            }
            let (Some(answered_ms), control) =
                (sent.answered_ms, text(&sent.answer, "cache-control"))
            else {
                continue;
            };
            let max_age = control
                .and_then(|control| control.split("max-age=").nth(1))
                .and_then(|rest| rest.split(',').next())
                .map(|secs| secs.parse::<i64>().unwrap());
            // The only publisher of `Expires` means fifty minutes by it.
            let expires = text(&sent.answer, "expires").map(|_| 50 * MINUTE);
            if let Some(secs) = max_age.or(expires) {
                free_ms.insert(sent.url.as_str(), answered_ms + secs.min(DAY) * 1000);
            }
        }
    }
    verdict
}

/// P5 and P6: who is sent away stays away from the whole host for so long; who
/// is not told for how long, for ten minutes, and twice as long each time.
pub(crate) fn away(run: &Run) -> [Verdict; 2] {
    let [mut told, mut untold] = <[Verdict; 2]>::default();
    for requests in by_host(run).values() {
        let (mut free_ms, mut was_told, mut in_a_row) = (0, true, 0_u32);
        for sent in requests {
            let verdict = if was_told { &mut told } else { &mut untold };
            verdict.check(sent.at_ms >= free_ms, sent, "the host had sent us away");
            let (Some(answered_ms), Some(status)) = (sent.answered_ms, sent.status) else {
                continue;
            };
            in_a_row = if matches!(status, 429 | 503) {
                in_a_row + 1
            } else {
                0
            };
            let wait_s = wait_s(&sent.answer, status);
            let wait = wait_s.or_else(|| {
                (in_a_row > 0).then(|| ((10 * MINUTE) << (in_a_row - 1).min(20)).min(DAY))
            });
            if let Some(wait) = wait {
                (free_ms, was_told) = (answered_ms + wait.min(7 * DAY) * 1000, wait_s.is_some());
            }
        }
    }
    [told, untold]
}

/// For how long an answer sends us away; `busy.example` says in `retry-after`
/// what it means.
fn wait_s(answer: &HeaderMap, status: u16) -> Option<i64> {
    if let Some(value) = text(answer, "retry-after") {
        if let Ok(secs) = value.parse::<i64>() {
            return (secs >= 0).then_some(secs);
        }
        // Its dates are an hour away, or two where it tells its own.
        if value.contains(':') {
            let two =
                text(answer, "date").is_some() && value.contains(", ") && !value.contains("day,");
            // A second for what a date cannot say.
            return Some(if two { 2 * HOUR } else { HOUR } - 1);
        }
    }
    let reset: f64 = text(answer, "x-ratelimit-reset")?.parse().unwrap();
    let time = reset > 1e9;
    (status == 429 || text(answer, "x-ratelimit-remaining").is_some())
        .then(|| if time { HOUR - 1 } else { reset.ceil() as i64 })
}

/// P7 and P8: no feed is polled early, whatever happens to the machine.
pub(crate) fn early(run: &Run) -> [Verdict; 2] {
    let [mut floors, mut early] = <[Verdict; 2]>::default();
    for (name, _) in FEEDS {
        let (mut begun_ms, mut before) = (None, None::<&Sent>);
        for sent in of_feed(run, name) {
            let last = before.replace(sent);
            if sent.hop > 0 {
                continue;
            }
            let begun_ms = begun_ms.replace(sent.at_ms);
            let Some((last, begun_ms)) = last.zip(begun_ms) else {
                continue;
            };
            let gap_s = (sent.at_ms - begun_ms) / 1000;
            let offline = OFFLINE.contains(&(last.at_ms / 1000)) && last.status.is_none();
            // By a restart, before its answer was in or on its way to another address.
            let cut_off = last.answered_ms.is_none() || last.answer.contains_key("location");
            let least = match name {
                _ if cut_off || offline => 5 * MINUTE,
                "bare" => HOUR,
                "large" => DAY,
                // It may have missed something, and hurries for a week.
                _ if sent.reason == PollReason::Gap => every_s(name) / 2,
                _ => every_s(name),
            };
            let verdict = match name {
                "bare" | "large" => &mut floors,
                _ => &mut early,
            };
            verdict.check(gap_s >= least, sent, &format!("{gap_s} s after the last"));
        }
    }
    [floors, early]
}

/// P9: one request a host at a time, and a distance between two.
pub(crate) fn spaced(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    for requests in by_host(run).values() {
        for pair in requests.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            let free_ms = before.answered_ms.unwrap_or(before.at_ms) + host(before).1;
            verdict.check(
                after.at_ms >= free_ms,
                after,
                "too close to the last of its host",
            );
        }
    }
    verdict
}

/// P10 and P11: nothing is sent that need not be, nowhere but where we were
/// told, and once.
pub(crate) fn plain(run: &Run) -> [Verdict; 2] {
    const HEADERS: [&str; 4] = ["accept", "a-im", "if-none-match", "if-modified-since"];
    let [mut verdict, mut first] = <[Verdict; 2]>::default();
    let mut told: Vec<String> = FEEDS.iter().map(|(_, url)| (*url).to_owned()).collect();
    for sent in &run.sent {
        let only = sent
            .headers
            .keys()
            .all(|name| HEADERS.contains(&name.as_str()));
        verdict.check(only, sent, "a header too many");
        verdict.check(
            told.iter().any(|url| url == sent.url.as_str()),
            sent,
            "an address that nobody named",
        );
        if let Some(to) = text(&sent.answer, "location") {
            told.push(sent.url.join(to).unwrap().to_string());
        }
    }
    for (name, _) in FEEDS {
        // A daemon that was killed before the first answer may ask once more.
        let early =
            of_feed(run, name).filter(|sent| sent.hop == 0 && sent.at_ms < 4 * MINUTE * 1000);
        let early: Vec<&Sent> = early.collect();
        first.checks += 1;
        if early.len() > 1 {
            first
                .broken
                .push(format!("{name}: {} requests at first", early.len()));
        }
    }
    [verdict, first]
}

/// P13: what moved for good is asked for there, after a week, and told.
pub(crate) fn moved(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    let begins_at = |name| of_feed(run, name).filter(|sent| sent.hop == 0);
    for sent in begins_at("moved") {
        let late = sent.at_ms > (7 * DAY + 12 * HOUR) * 1000;
        let early = sent.at_ms < 7 * DAY * 1000;
        let there = sent.url.host_str() == Some("new.example");
        verdict.check(!(early && there), sent, "believed too early");
        verdict.check(!late || there, sent, "not believed");
    }
    for sent in begins_at("portal").chain(begins_at("temp")) {
        let at_home = sent
            .url
            .as_str()
            .ends_with(&format!("{}.example/rss", sent.feed));
        verdict.check(at_home, sent, "believed without reason");
    }
    let told = |name: &str| {
        run.notices
            .iter()
            .filter(|(feed, what)| feed == name && *what == "feed.moved")
            .count()
    };
    verdict.checks += 1;
    if (told("moved"), told("portal"), told("temp")) != (1, 0, 0) {
        verdict
            .broken
            .push(format!("told wrongly: {:?}", run.notices));
    }
    verdict
}

/// P14: whoever refuses us is asked once a day, what is gone once a week.
pub(crate) fn refused(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    for name in ["refused", "gone"] {
        let requests: Vec<&Sent> = of_feed(run, name).collect();
        for pair in requests.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            if matches!(before.status, Some(401 | 403 | 404 | 410 | 451)) {
                let sure = before.status == Some(410) && before.at_ms > (3 * DAY + HOUR) * 1000;
                let least = if sure { 7 * DAY } else { DAY };
                let gap_s = (after.at_ms - before.at_ms) / 1000;
                verdict.check(gap_s >= least, after, &format!("{gap_s} s after a refusal"));
            }
        }
    }
    let told = run
        .notices
        .iter()
        .filter(|(feed, what)| feed == "gone" && *what == "feed.gone");
    verdict.checks += 2;
    if told.count() != 1 {
        verdict
            .broken
            .push("that a feed is gone was not told once".to_owned());
    }
    if of_feed(run, "gone").all(|sent| sent.at_ms < 10 * DAY * 1000) {
        verdict
            .broken
            .push("a feed that is gone was given up".to_owned());
    }
    verdict
}

/// P15: the hours and days that a feed wants skipped, by the clock of the
/// daemon, which is right on these days.
pub(crate) fn skipped(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    // While nobody has set the clock wrong.
    for sent in of_feed(run, "skip").filter(|sent| sent.at_ms < 2 * DAY * 1000) {
        let at = Timestamp::from_millisecond(super::EPOCH_S * 1000 + sent.at_ms).unwrap();
        let time = TimeZone::UTC.to_datetime(at);
        let day = time.weekday().to_monday_zero_offset() as u8;
        let skips = super::SKIPPED_HOURS.contains(&(time.hour() as u8))
            || super::SKIPPED_DAYS.contains(&day);
        verdict.check(!skips, sent, "in a time that is to be skipped");
    }
    verdict
}

/// P18: a host that cannot be found is asked less and less, whatever it has.
pub(crate) fn lost(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    let mut least = 5 * MINUTE;
    let requests = run
        .sent
        .iter()
        .filter(|sent| sent.feed.starts_with("lost") && sent.at_ms < OFFLINE.start * 1000);
    let answered: Vec<&Sent> = requests.filter(|sent| sent.answered_ms.is_some()).collect();
    for pair in answered.windows(2) {
        let (before, after) = (pair[0], pair[1]);
        if before.status.is_some() {
            least = 5 * MINUTE;
            continue;
        }
        let gap_s = (after.at_ms - before.at_ms) / 1000;
        verdict.check(
            gap_s >= least,
            after,
            &format!("{gap_s} s after it was not found"),
        );
        least = (least * 2).min(DAY);
    }
    verdict
}

/// A host that says 404 of all its feeds is asked less and less, and when it
/// works again each of them is polled as soon as the host is.
pub(crate) fn storms(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    let of_host = run.sent.iter().filter(|sent| sent.feed.starts_with("tube"));
    let refused: Vec<&Sent> = of_host.filter(|sent| sent.status == Some(404)).collect();
    let mut least = 5 * MINUTE;
    // Three make a storm.
    for pair in refused.windows(2).skip(2) {
        let gap_s = (pair[1].at_ms - pair[0].at_ms) / 1000;
        verdict.check(gap_s >= least, pair[1], &format!("{gap_s} s after a 404"));
        least = (least * 2).min(6 * HOUR);
    }
    for name in ["tube-a", "tube-b", "tube-c", "tube-d"] {
        let back = of_feed(run, name).find(|sent| sent.at_ms >= STORM.end * 1000);
        let back = back.expect("it is asked again");
        let after_s = back.at_ms / 1000 - STORM.end;
        let in_time = after_s <= 6 * HOUR + 10 * MINUTE && back.status != Some(404);
        verdict.check(
            in_time,
            back,
            &format!("{after_s} s after the host was back"),
        );
    }
    verdict
}

/// While our own network is down nobody is blamed, and when it is back every
/// feed is polled within its interval and ten minutes.
pub(crate) fn offline(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    let end_ms = OFFLINE.end * 1000;
    for name in ["plain", "odd", "broken", "delta", "lost-a", "hops"] {
        let back = of_feed(run, name).find(|sent| sent.at_ms >= end_ms);
        let Some(back) = back else {
            verdict.broken.push(format!("{name} was never asked again"));
            continue;
        };
        let after_s = (back.at_ms - end_ms) / 1000;
        let in_time = after_s <= every_s(name) + 10 * MINUTE;
        verdict.check(
            in_time,
            back,
            &format!("{after_s} s after the network was back"),
        );
    }
    verdict
}

/// No entry is lost or counted twice.
pub(crate) fn complete(run: &Run) -> Verdict {
    let mut verdict = Verdict::default();
    for (name, period_s) in [
        ("plain", 3 * HOUR),
        ("delta", HOUR),
        ("odd", 2 * HOUR),
        ("hops", 3 * HOUR),
        ("auto", 3 * HOUR),
        ("tube-a", 3 * HOUR),
        ("tube-d", 3 * HOUR),
    ] {
        verdict.checks += 1;
        let last_s = of_feed(run, name)
            .filter_map(|sent| sent.answered_ms)
            .max()
            .unwrap()
            / 1000;
        let (truth, found) = ((last_s / period_s) as usize + 1, run.entries[name]);
        if truth != found {
            verdict
                .broken
                .push(format!("{name}: {found} of {truth} entries"));
        }
    }
    verdict
}
