//! What headers say about when to come back.

use super::super::hints::hints;
use crate::policy::poll::Hints;
use jiff::SignedDuration;

#[track_caller]
fn check_hints(headers: &[(&str, &str)], fresh_s: Option<i64>, away_s: Option<i64>) {
    let found = hints(false, |name| {
        headers
            .iter()
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| *value)
            .collect()
    });
    let seconds = |secs: Option<i64>| secs.map(SignedDuration::from_secs);
    let expect = Hints {
        fresh_for: seconds(fresh_s),
        retry_after: seconds(away_s),
        ..Hints::default()
    };
    assert_eq!(found, expect, "{headers:?}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn headers_say_when_to_come_back() {
    const DATE: (&str, &str) = ("date", "Tue, 24 Nov 2026 09:00:00 GMT");
    check_hints(&[], None, None);
    check_hints(&[("retry-after", "120")], None, Some(120));
    check_hints(&[("retry-after", "0")], None, Some(0));
    check_hints(&[("retry-after", "-5")], None, None);
    check_hints(&[("retry-after", "soon")], None, None);
    check_hints(
        &[("retry-after", "99999999999999999999")],
        None,
        Some(i64::MAX),
    );
    check_hints(
        &[DATE, ("retry-after", "Tue, 24 Nov 2026 10:00:00 GMT")],
        None,
        Some(3600),
    );
    check_hints(
        &[DATE, ("retry-after", "Tue, 24 Nov 2026 08:00:00 GMT")],
        None,
        None,
    );
    for older in [
        "Tuesday, 24-Nov-26 10:00:00 GMT",
        "Tue Nov 24 10:00:00 2026",
    ] {
        check_hints(&[DATE, ("retry-after", older)], None, Some(3600));
        check_hints(&[DATE, ("expires", older)], Some(3600), None);
        check_hints(&[("date", older), ("retry-after", older)], None, Some(0));
    }
    // Asctime pads the day with a space.
    check_hints(
        &[
            ("date", "Sun Nov  1 09:00:00 2026"),
            ("retry-after", "Sunday, 01-Nov-26 09:01:00 GMT"),
        ],
        None,
        Some(60),
    );
    check_hints(&[DATE, ("retry-after", "24-Nov-26 10:00")], None, None);
    check_hints(
        &[("cache-control", "public, max-age=43200")],
        Some(43_200),
        None,
    );
    check_hints(
        &[("cache-control", "MAX-AGE=\"60\""), ("age", "20")],
        Some(40),
        None,
    );
    check_hints(
        &[("cache-control", "max-age=60"), ("age", "90")],
        None,
        None,
    );
    check_hints(&[("cache-control", "max-age=60, no-cache")], None, None);
    check_hints(&[("cache-control", "no-store, max-age=60")], None, None);
    check_hints(
        &[("cache-control", "public"), ("cache-control", "max-age=60")],
        Some(60),
        None,
    );
    check_hints(
        &[
            ("cache-control", "max-age=60"),
            ("cache-control", "no-store"),
        ],
        None,
        None,
    );
    check_hints(
        &[
            ("cache-control", "max-age=60, max-age=5"),
            ("cache-control", "max-age=7"),
        ],
        Some(60),
        None,
    );
    check_hints(
        &[("retry-after", "120"), ("retry-after", "60")],
        None,
        Some(120),
    );
    check_hints(
        &[DATE, ("expires", "Tue, 24 Nov 2026 09:30:00 GMT")],
        Some(1800),
        None,
    );
    check_hints(&[DATE, ("expires", "0")], None, None);
    check_hints(
        &[
            DATE,
            ("expires", "Tue, 24 Nov 2026 09:30:00 GMT"),
            ("cache-control", "max-age=5"),
        ],
        Some(5),
        None,
    );
    check_hints(
        &[
            ("x-ratelimit-remaining", "0.0"),
            ("x-ratelimit-reset", "58.2"),
        ],
        None,
        Some(59),
    );
    check_hints(
        &[("x-ratelimit-remaining", "3"), ("x-ratelimit-reset", "58")],
        None,
        None,
    );
    for (remaining, reset) in [
        ("0", "-1"),
        ("0", "NaN"),
        ("NaN", "5"),
        ("", "5"),
        ("0", "soon"),
    ] {
        let said = [
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", reset),
        ];
        check_hints(&said, None, None);
    }
    let both = [
        ("retry-after", "5"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "58"),
    ];
    check_hints(&both, None, Some(5));
    check_hints(&[("cache-control", "max-age=0")], Some(0), None);
    for wrong in [
        "max-age=-1",
        "max-age=",
        "max-age",
        "max-age=1.5",
        "s-maxage=60",
        "",
    ] {
        check_hints(&[("cache-control", wrong)], None, None);
    }
    check_hints(
        &[("cache-control", "max-age=60"), ("age", "old")],
        Some(60),
        None,
    );
    check_hints(
        &[DATE, ("expires", "Tue, 24 Nov 2026 08:30:00 GMT")],
        None,
        None,
    );
}

#[test]
fn a_server_that_does_not_tell_its_time_shares_ours() {
    let said = |limited, name: &'static str, value: &'static str| {
        hints(limited, |asked| {
            if asked == name {
                vec![value]
            } else {
                Vec::new()
            }
        })
    };
    let at: jiff::Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
    let date = "Tue, 24 Nov 2026 10:00:00 GMT";
    let away = Hints {
        retry_at: Some(at),
        ..Hints::default()
    };
    assert_eq!(said(false, "retry-after", date), away);
    let fresh = Hints {
        fresh_until: Some(at),
        ..Hints::default()
    };
    assert_eq!(said(false, "expires", date), fresh);
    // With 429 a reset needs no word about what remains, in either form.
    assert_eq!(said(true, "x-ratelimit-reset", "1795514400"), away);
    assert_eq!(
        said(true, "x-ratelimit-reset", "58.2").retry_after,
        Some(SignedDuration::from_secs(59))
    );
    assert_eq!(said(false, "x-ratelimit-reset", "58.2"), Hints::default());
    let now: jiff::Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
    assert_eq!(away.away(now), Some(SignedDuration::from_hours(1)));
    assert_eq!(away.away(at), Some(SignedDuration::ZERO));
    assert_eq!(fresh.fresh("2026-11-24T10:00:01Z".parse().unwrap()), None);
}
