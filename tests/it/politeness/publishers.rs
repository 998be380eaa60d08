//! Publishers of every temper: what each answers, as a function of the time and
//! of the request.

use axum::http::{HeaderMap, Response, StatusCode};
use url::Url;

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// When `tube.example` says 404 of feeds that are there.
pub(crate) const STORM: std::ops::Range<i64> = 10 * DAY..10 * DAY + 9 * HOUR;

/// When our own network is down: nobody is reached.
pub(crate) const OFFLINE: std::ops::Range<i64> = 9 * DAY..9 * DAY + 6 * HOUR;

/// Until when each of the forms of "go away" of `busy.example` holds.
const BUSY_FORMS: usize = 12;

/// The feeds of the run: name and address.
pub(crate) const FEEDS: [(&str, &str); 32] = [
    ("plain", "https://plain.example/rss"),
    ("odd", "https://odd.example/rss"),
    ("cached", "https://cached.example/rss"),
    ("expires", "https://expires.example/rss"),
    ("busy-a", "https://busy.example/a"),
    ("busy-b", "https://busy.example/b"),
    ("mute-a", "https://mute.example/a"),
    ("mute-b", "https://mute.example/b"),
    ("moved", "https://moved.example/rss"),
    ("portal", "https://portal.example/rss"),
    ("temp", "https://temp.example/rss"),
    ("hops", "https://hops.example/rss"),
    ("later", "https://later.example/rss"),
    ("gone", "https://gone.example/rss"),
    ("refused", "https://refused.example/rss"),
    ("stuck", "https://stuck.example/rss"),
    ("bare", "https://bare.example/rss"),
    ("large", "https://large.example/rss"),
    ("skip", "https://skip.example/rss"),
    ("delta", "https://delta.example/rss"),
    ("lost-a", "https://lost.example/a"),
    ("lost-b", "https://lost.example/b"),
    ("lost-c", "https://lost.example/c"),
    ("broken", "https://broken.example/rss"),
    ("auto", "https://auto.example/rss"),
    ("tube-a", "https://tube.example/a"),
    ("tube-b", "https://tube.example/b"),
    ("tube-c", "https://tube.example/c"),
    ("tube-d", "https://tube.example/d"),
    ("reddit-a", "https://www.reddit.com/r/a/.rss"),
    ("reddit-b", "https://old.reddit.com/r/b/.rss"),
    ("reddit-c", "https://www.reddit.com/r/c/.rss"),
];

/// What a request meets: an answer, or nobody.
pub(crate) type Met = Option<Response<Vec<u8>>>;

/// A request as a publisher sees it.
pub(crate) struct Seen<'a> {
    pub(crate) url: &'a Url,
    pub(crate) headers: &'a HeaderMap,
    /// Seconds since the beginning, by the publisher's clock, which is right.
    pub(crate) at: i64,
    /// How many requests there were for this address before.
    pub(crate) nth: usize,
}

/// Answers a request.
pub(crate) fn answer(seen: &Seen<'_>) -> Met {
    let at = seen.at;
    if OFFLINE.contains(&at) {
        return None;
    }
    let host = seen.url.host_str().unwrap_or_default();
    Some(match host {
        "odd.example" => odd(seen),
        "cached.example" => cached(seen),
        "expires.example" => expires(seen),
        "busy.example" => busy(seen),
        "mute.example" if (2 * DAY..4 * DAY).contains(&at) => status(429, &[]),
        "moved.example" => status(301, &[("location", "https://new.example/rss".into())]),
        // A captive portal for a day, of a permanent tone.
        "portal.example" if (3 * DAY..4 * DAY).contains(&at) => {
            status(308, &[("location", "https://login.example/".into())])
        }
        "login.example" => body("<html><body>Log in</body></html>".into(), &[]),
        "temp.example" => {
            let cdn = if at < 5 * DAY { "one" } else { "two" };
            status(302, &[("location", format!("https://{cdn}.example/rss"))])
        }
        "hops.example" if seen.url.path() != "/here" => {
            let next = if seen.url.path() == "/rss" {
                "/there"
            } else {
                "/here"
            };
            status(307, &[("location", next.into())])
        }
        "later.example" if seen.url.path() == "/rss" => status(
            302,
            &[("location", "/now".into()), ("retry-after", "1200".into())],
        ),
        "gone.example" if at > 2 * DAY => status(410, &[]),
        "refused.example" if (DAY..3 * DAY).contains(&at) => status(403, &[]),
        "refused.example" if (5 * DAY..7 * DAY).contains(&at) => status(404, &[]),
        "refused.example" if (9 * DAY..10 * DAY).contains(&at) => status(451, &[]),
        "skip.example" if seen.headers.contains_key("if-none-match") => status(304, &[]),
        "stuck.example" if seen.headers.contains_key("if-none-match") => status(304, &[]),
        "stuck.example" => body(rss(at, HOUR), &[("etag", "\"always\"".into())]),
        "bare.example" => body(rss(at, HOUR), &[]),
        "large.example" => body(rss(at, HOUR) + &"<!-- -->".repeat(30_000), &[]),
        "delta.example" => delta(seen),
        "lost.example" if (3 * DAY..6 * DAY).contains(&at) => return None,
        "tube.example" if STORM.contains(&at) => {
            status(404, &[("cache-control", "max-age=900".into())])
        }
        "broken.example" if (2 * DAY..4 * DAY).contains(&at) => status(500, &[]),
        _ => conditional(seen, &rss(at, 3 * HOUR), &[]),
    })
}

fn status(status: u16, headers: &[(&str, String)]) -> Response<Vec<u8>> {
    respond(status, Vec::new(), headers)
}

fn body(text: String, headers: &[(&str, String)]) -> Response<Vec<u8>> {
    respond(200, text.into_bytes(), headers)
}

fn respond(status: u16, body: Vec<u8>, headers: &[(&str, String)]) -> Response<Vec<u8>> {
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in headers {
        let bytes: Vec<u8> = value.chars().map(|c| c as u8).collect();
        response = response.header(*name, bytes);
    }
    response.body(body).unwrap()
}

/// The newest 15 of entries that come one a `period`.
pub(crate) fn rss(at: i64, period: i64) -> String {
    let newest = at / period;
    let items = (newest.saturating_sub(14).max(0)..=newest).rev().map(item);
    document(&items.collect::<String>())
}

fn item(number: i64) -> String {
    format!("<item><guid>entry-{number}</guid><title>Report {number}</title></item>")
}

fn document(items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>Wire</title>{items}</channel></rss>")
}

fn tag(text: &str) -> String {
    format!("W/\"{:08x}\"", crc32c::crc32c(text.as_bytes()))
}

/// A document with both validators, and 304 to either.
fn conditional(seen: &Seen<'_>, text: &str, more: &[(&str, String)]) -> Response<Vec<u8>> {
    let etag = tag(text);
    let mut headers = vec![
        ("etag", etag.clone()),
        ("last-modified", format!("as of {etag}")),
    ];
    headers.extend(more.iter().cloned());
    if seen
        .headers
        .get("if-none-match")
        .is_some_and(|value| value.as_bytes() == etag.as_bytes())
    {
        return status(304, &headers);
    }
    body(text.to_owned(), &headers)
}

/// Validators that only bytes can carry; 304 renews one of them, and a body
/// comes without the other now and then.
fn odd(seen: &Seen<'_>) -> Response<Vec<u8>> {
    let version = seen.at / (2 * HOUR);
    let etag = format!("W/\"\u{e9}, {version}\"");
    let known = seen
        .headers
        .get("if-none-match")
        .map(|value| value.as_bytes().to_vec());
    let ours: Vec<u8> = etag.chars().map(|c| c as u8).collect();
    if known == Some(ours) {
        return status(304, &[("last-modified", format!("renewed {}", seen.at))]);
    }
    let mut headers = vec![("etag", etag)];
    if version % 3 > 0 {
        headers.push(("last-modified", "yesterday, or so".to_owned()));
    }
    body(rss(seen.at, 2 * HOUR), &headers)
}

/// Fresh for an hour with a body, for two without, for three with an error; of
/// two wishes the first counts.
fn cached(seen: &Seen<'_>) -> Response<Vec<u8>> {
    if seen.nth % 7 == 6 {
        return status(500, &[("cache-control", "max-age=10800".into())]);
    }
    let fresh = if seen.nth.is_multiple_of(2) {
        "3600"
    } else {
        "7200"
    };
    let wish = format!("public, max-age={fresh}, max-age=60");
    conditional(seen, &rss(seen.at, 6 * HOUR), &[("cache-control", wish)])
}

/// A clock that is three hours behind, and dates by it.
fn expires(seen: &Seen<'_>) -> Response<Vec<u8>> {
    let date = |second| http_date(second - 3 * HOUR);
    let more = [
        ("date", date(seen.at)),
        ("expires", date(seen.at + 50 * MINUTE)),
    ];
    conditional(seen, &rss(seen.at, 3 * HOUR), &more)
}

/// Every form of `Retry-After`, and some that are none; all else is fine.
fn busy(seen: &Seen<'_>) -> Response<Vec<u8>> {
    let turn = seen.nth / 2;
    let sends_away = seen.nth % 2 == 1 && seen.url.path() == "/a";
    if !sends_away {
        return conditional(seen, &rss(seen.at, 3 * HOUR), &[]);
    }
    let date = ("date", http_date(seen.at));
    let away = |value: String| ("retry-after", value);
    let headers = match turn % BUSY_FORMS {
        0 => vec![away("1800".into())],
        1 => vec![date, away(http_date(seen.at + 2 * HOUR))],
        2 => vec![away(http_date(seen.at + HOUR))],
        3 => vec![
            date,
            away(older_date(seen.at + HOUR, "%A, %d-%b-%y %H:%M:%S GMT")),
        ],
        4 => vec![
            date,
            away(older_date(seen.at + HOUR, "%a %b %e %H:%M:%S %Y")),
        ],
        5 => vec![away("0".into())],
        6 => vec![away("-5".into())],
        7 => vec![away("soon".into())],
        8 => vec![
            ("x-ratelimit-remaining", "0".into()),
            ("x-ratelimit-reset", "2400.5".into()),
        ],
        9 => vec![(
            "x-ratelimit-reset",
            (super::EPOCH_S + seen.at + HOUR).to_string(),
        )],
        10 => vec![away("90000".into())],
        _ => vec![],
    };
    status(if turn % 3 == 2 { 503 } else { 429 }, &headers)
}

/// Only what is new to whoever says what it has and that it understands (RFC 3229).
fn delta(seen: &Seen<'_>) -> Response<Vec<u8>> {
    let newest = seen.at / HOUR;
    let headers = [("etag", format!("\"{newest}\""))];
    let known = seen
        .headers
        .get("if-none-match")
        .and_then(|value| value.to_str().ok());
    let known = known.and_then(|tag| tag.trim_matches('"').parse::<i64>().ok());
    let understands = seen
        .headers
        .get("a-im")
        .is_some_and(|value| value.as_bytes() == b"feed");
    match known {
        Some(known) if known == newest => status(304, &headers),
        Some(known) if understands => {
            let items: String = (known + 1..=newest).map(item).collect();
            respond(226, document(&items).into_bytes(), &headers)
        }
        _ => body(rss(seen.at, HOUR), &headers),
    }
}

pub(crate) fn http_date(second: i64) -> String {
    older_date(second, "%a, %d %b %Y %H:%M:%S GMT")
}

fn older_date(second: i64, form: &str) -> String {
    let time = jiff::Timestamp::from_second(super::EPOCH_S + second).unwrap();
    jiff::fmt::strtime::format(form, time).unwrap()
}
