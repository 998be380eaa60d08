use super::{is_believable, parse};
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    let found = parse(text).map(|at| at.to_string());
    assert_eq!(found.as_deref().unwrap_or("none"), expected, "of {text:?}");
}

/// Dates as templates print them, in many languages and with many mistakes; each
/// with its meaning. The bar is 45 of 46.
const AS_PRINTED: [(&str, &str); 46] = [
    ("Wed, 23 Jul 2003 10:05:00 GMT", "2003-07-23T10:05:00Z"),
    ("Wed, 23 Jul 2003 10:05 +0000", "2003-07-23T10:05:00Z"),
    ("23 Jul 03 10:05 EST", "2003-07-23T15:05:00Z"),
    ("Tuesday, July 23, 2003 9:05 PM", "2003-07-23T21:05:00Z"),
    ("Jul 23rd 2003 12:05 AM", "2003-07-23T00:05:00Z"),
    ("July 23, 2003", "2003-07-23T00:00:00Z"),
    ("23 July 2003", "2003-07-23T00:00:00Z"),
    ("Wed, 23-Jul-2003 10:05:00 -05:00", "2003-07-23T15:05:00Z"),
    ("Wed Jul 23 10:05:00 PDT 2003", "2003-07-23T17:05:00Z"),
    ("Wed, 23 Jul 2003 24:00:00 GMT", "2003-07-24T00:00:00Z"),
    ("Wed, 23 Jul 2003 10:05:60 GMT", "2003-07-23T10:05:59Z"),
    ("Wed, 23 Jul 2003 10:05:00 GMT+0200", "2003-07-23T08:05:00Z"),
    ("Wed, 23 Jul 2003 10:05:00 UTC-3", "2003-07-23T13:05:00Z"),
    ("Wed, 23 Jul 2003 10:05:00 Etc/GMT", "2003-07-23T10:05:00Z"),
    (
        "Wed, 23 Jul 2003 10:05:00 +0900 (JST)",
        "2003-07-23T01:05:00Z",
    ),
    ("Wed,23 Jul 2003 10:05:00 CEST", "2003-07-23T08:05:00Z"),
    ("2003-07-23 10:05:00", "2003-07-23T10:05:00Z"),
    ("2003-07-23 10:05:00 +0900", "2003-07-23T01:05:00Z"),
    ("2003-07-23 10:05:00 UTC", "2003-07-23T10:05:00Z"),
    ("2003-07-23 10:05:00.0", "2003-07-23T10:05:00Z"),
    ("2003-07-23T10:05:00 EST", "2003-07-23T15:05:00Z"),
    ("2003-7-3T9:05:00+02:00", "2003-07-03T07:05:00Z"),
    ("2003/07/23 10:05:00", "2003-07-23T10:05:00Z"),
    ("7/23/2003 10:05:00 PM", "2003-07-23T22:05:00Z"),
    ("7/3/2003 9:05:00 AM", "2003-07-03T09:05:00Z"),
    ("23/07/2003 10:05", "2003-07-23T10:05:00Z"),
    ("23.07.2003 10:05", "2003-07-23T10:05:00Z"),
    ("23.07.2003 10.05", "2003-07-23T10:05:00Z"),
    ("03-07-23", "2003-07-23T00:00:00Z"),
    ("23/Jul/2003:10:05:00 +0200", "2003-07-23T08:05:00Z"),
    ("Mi, 23 Dez 2003 10:05:00 +0100", "2003-12-23T09:05:00Z"),
    ("Mittwoch, 5. März 2003 10:05", "2003-03-05T10:05:00Z"),
    ("mardi 12 août 2003 à 14h30", "2003-08-12T14:30:00Z"),
    ("mar, 5 mayo 2003 10:05:00 +0200", "2003-05-05T08:05:00Z"),
    ("miércoles, 5 de marzo de 2003", "2003-03-05T00:00:00Z"),
    ("5 dicembre 2003 10:05", "2003-12-05T10:05:00Z"),
    ("sex, 5 set 2003 10:05:00 -0300", "2003-09-05T13:05:00Z"),
    ("23 lipca 2003, 10:05", "2003-07-23T10:05:00Z"),
    ("Ср, 23 июл 2003 10:05:00 MSK", "2003-07-23T07:05:00Z"),
    ("Κυρ, 11 Ιούλ 2004 12:00:00 EEST", "2004-07-11T09:00:00Z"),
    ("2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z"),
    ("2004년 05월 25일 23:23:17", "2004-05-25T23:23:17Z"),
    ("2004年5月25日 下午 3:05", "2004-05-25T15:05:00Z"),
    ("٢٣ يوليو ٢٠٠٣ 10:05", "2003-07-23T10:05:00Z"),
    ("1058954700", "2003-07-23T10:05:00Z"),
    ("Thu, 01 Jan 104 00:00:00 GMT", "2004-01-01T00:00:00Z"),
];

/// The forms of ISO 8601, RFC 822, `asctime` and databases, to the second. The bar
/// is 40 of 46.
const AS_THE_STANDARDS_HAVE_IT: [(&str, &str); 46] = [
    ("2003-12-31T10:14:55Z", "2003-12-31T10:14:55Z"),
    ("2003-12-31T10:14:55z", "2003-12-31T10:14:55Z"),
    ("2003-12-31T10:14:55.25Z", "2003-12-31T10:14:55.25Z"),
    ("2003-12-31T10:14:55-08:00", "2003-12-31T18:14:55Z"),
    ("2003-12-31T18:14:55+0800", "2003-12-31T10:14:55Z"),
    ("2003-12-31T18:14:55+08", "2003-12-31T10:14:55Z"),
    ("2003-12-31T10:14Z", "2003-12-31T10:14:00Z"),
    ("2003-12-31T10:14:55", "2003-12-31T10:14:55Z"),
    ("2003-12-31T10:14", "2003-12-31T10:14:00Z"),
    ("2003-12-31T24:00:00Z", "2004-01-01T00:00:00Z"),
    ("2003-12-31", "2003-12-31T00:00:00Z"),
    ("2003-12", "2003-12-01T00:00:00Z"),
    ("2003", "2003-01-01T00:00:00Z"),
    ("20031231", "2003-12-31T00:00:00Z"),
    ("20031231T101455Z", "2003-12-31T10:14:55Z"),
    ("20031231T101455", "2003-12-31T10:14:55Z"),
    ("2003-335", "2003-12-01T00:00:00Z"),
    ("2003335", "2003-12-01T00:00:00Z"),
    ("031231", "2003-12-31T00:00:00Z"),
    ("03-12-31", "2003-12-31T00:00:00Z"),
    ("2003-12-31 10:14:55Z", "2003-12-31T10:14:55Z"),
    ("2003-12-31 10:14:55-08:00", "2003-12-31T18:14:55Z"),
    ("2003-12-31 10:14:55.937", "2003-12-31T10:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 GMT", "2003-12-31T10:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 UT", "2003-12-31T10:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 Z", "2003-12-31T10:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 EST", "2003-12-31T15:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 EDT", "2003-12-31T14:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 CST", "2003-12-31T16:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 MST", "2003-12-31T17:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 PST", "2003-12-31T18:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 -0800", "2003-12-31T18:14:55Z"),
    ("Wed, 31 Dec 03 10:14:55 GMT", "2003-12-31T10:14:55Z"),
    ("Wed, 31 Dec 99 10:14:55 GMT", "1999-12-31T10:14:55Z"),
    ("31 Dec 2003 10:14:55 GMT", "2003-12-31T10:14:55Z"),
    ("31 Dec 2003 10:14 GMT", "2003-12-31T10:14:00Z"),
    ("Wed, 31 Dec 2003", "2003-12-31T00:00:00Z"),
    ("Wed, 31 Dec 2003 1:4:5 GMT", "2003-12-31T01:04:05Z"),
    ("Wed, Dec 31 2003 10:14:55 GMT", "2003-12-31T10:14:55Z"),
    (
        "Wednesday, 31 December 2003 10:14:55 GMT",
        "2003-12-31T10:14:55Z",
    ),
    ("Wednesday, 31-Dec-03 10:14:55 GMT", "2003-12-31T10:14:55Z"),
    ("Wed Dec 31 10:14:55 2003", "2003-12-31T10:14:55Z"),
    ("Wed Dec  3 10:14:55 2003", "2003-12-03T10:14:55Z"),
    ("Wed Dec 31 10:14:55 EST 2003", "2003-12-31T15:14:55Z"),
    ("Wed, 31 Dec 2003 10:14:55 +0530", "2003-12-31T04:44:55Z"),
    ("  Wed, 31 Dec 2003 10:14:55 GMT\n", "2003-12-31T10:14:55Z"),
];

#[track_caller]
fn check_list(list: &[(&str, &str)], bar: usize) {
    let wrong: Vec<_> = list
        .iter()
        .map(|(text, expected)| (text, expected, parse(text).map(|at| at.to_string())))
        .filter(|(_, expected, found)| found.as_deref() != Some(**expected))
        .collect();
    assert!(list.len() - wrong.len() >= bar, "{wrong:#?}");
    // The lists hold what was met; nothing in them may get lost again.
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn dates_as_templates_print_them() {
    check_list(&AS_PRINTED, 45);
}

#[test]
fn dates_as_the_standards_have_them() {
    check_list(&AS_THE_STANDARDS_HAVE_IT, 40);
}

#[test]
fn swapped_parts_are_put_right() {
    check("2003-23-07", "2003-07-23T00:00:00Z");
    check("13/07/2003 9:05 PM", "2003-07-13T21:05:00Z");
    check("mardi 23/06/2003", "2003-06-23T00:00:00Z");
}

#[test]
fn a_place_has_its_offset_of_the_day() {
    for (text, expected) in [
        (
            "Wed, 23 Jul 2003 10:05:00 Europe/Berlin",
            "2003-07-23T08:05:00Z",
        ),
        (
            "Wed, 23 Dec 2003 10:05:00 europe/berlin",
            "2003-12-23T09:05:00Z",
        ),
        (
            "2003-07-23T10:05:00[America/New_York]",
            "2003-07-23T14:05:00Z",
        ),
        (
            "2003-07-23T10:05:00-04:00[America/New_York]",
            "2003-07-23T14:05:00Z",
        ),
        ("Jul 23, 2003 10:05 PM (US/Pacific)", "2003-07-24T05:05:00Z"),
        (
            "23 Jul 2003 10:05 America/Argentina/Buenos_Aires",
            "2003-07-23T13:05:00Z",
        ),
        // The clock goes from two to three.
        ("2003-03-30 02:30 Europe/Berlin", "2003-03-30T01:30:00Z"),
    ] {
        check(text, expected);
    }
}

#[test]
fn what_is_missing_is_the_first() {
    check("Jul 2003", "2003-07-01T00:00:00Z");
    check("-03-12", "2003-12-01T00:00:00Z");
    check("0312", "2003-12-01T00:00:00Z");
    check("03335", "2003-12-01T00:00:00Z");
}

#[test]
fn what_stands_around_a_date_does_no_harm() {
    check("Friday, December 12, 2003 - 3:07pm", "2003-12-12T15:07:00Z");
    check("Nov. 16, 2003, 10:57 a.m.", "2003-11-16T10:57:00Z");
    check(
        "Posted: 16 Nov 2003 at 12:57 p.m. EST",
        "2003-11-16T17:57:00Z",
    );
    check("mardi 12 août 2003 à 12h30", "2003-08-12T12:30:00Z");
    check("Lundi, 17. Novembre 2003 - 15:54", "2003-11-17T15:54:00Z");
    check("Sat, 11 04 2003 08:51:49 +0100", "2003-04-11T07:51:49Z");
    check("2003-11-08T16:20:00-05:00Z", "2003-11-08T21:20:00Z");
    check("Fri, 2003/09/19 08:19:53 EDT", "2003-09-19T12:19:53Z");
    check(
        "Wed, 25 Feb 2003 00:00:00 Europe/Brussels",
        "2003-02-24T23:00:00Z",
    );
    check(
        "Thu Nov 12 2003 17:00:00 GMT+0300 (Arabian Standard Time)",
        "2003-11-12T14:00:00Z",
    );
}

#[test]
fn what_is_no_date_is_none() {
    for text in [
        "",
        "yesterday",
        "3 days ago",
        "31 Feb 2003",
        "99:99",
        "1 2 3 4",
        "12",
        "+",
        "-",
        "t",
        "0000-00-00 00:00:00",
        "%a, %d %b %Y",
        "Invalid Date",
    ] {
        check(text, "none");
    }
    check(&"1 ".repeat(1000), "none");
}

#[test]
fn dates_that_no_entry_has_are_not_believed() {
    for (text, expected) in [
        ("Mon, 01 Jan 0001 00:00:00 +0000", false),
        ("1970-01-01T00:00:00Z", false),
        ("2003-07-23T10:05:00Z", true),
        ("2099-12-31T00:00:00Z", true),
        ("9999-12-29T23:59:59Z", false),
    ] {
        assert_eq!(is_believable(parse(text).unwrap()), expected, "of {text}");
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "[-+:/., 0-9a-zJulZé年월٢]{0,40}") {
        let _ = parse(&text);
    }

    #[test]
    fn what_a_standard_prints_is_read(second in 31_536_000_i64..4_000_000_000) {
        let at = jiff::Timestamp::from_second(second).unwrap();
        prop_assert_eq!(parse(&at.to_string()), Some(at));
        let mut rfc_822 = String::new();
        jiff::fmt::rfc2822::DateTimePrinter::new()
            .print_timestamp(&at, &mut rfc_822)
            .unwrap();
        prop_assert_eq!(parse(&rfc_822), Some(at));
        prop_assert_eq!(parse(&rfc_822.to_lowercase()), Some(at));
    }
}
