use super::parse;
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    let found = parse(text).map(|at| at.to_string());
    assert_eq!(found.as_deref().unwrap_or("none"), expected, "of {text:?}");
}

#[test]
fn dates_as_the_standards_have_them() {
    check("2003-07-23T10:05:00Z", "2003-07-23T10:05:00Z");
    check("2003-07-23T10:05:00.25+09:00", "2003-07-23T01:05:00.25Z");
    check("Wed, 23 Jul 2003 10:05:00 GMT", "2003-07-23T10:05:00Z");
    check("Wed, 23 Jul 2003 10:05:00 +0900", "2003-07-23T01:05:00Z");
    check("23 Jul 03 10:05 EST", "2003-07-23T15:05:00Z");
}

#[test]
fn dates_as_publishers_have_them() {
    check(" 2003-07-23 ", "2003-07-23T00:00:00Z");
    check("2003-07-23T10:05:00", "2003-07-23T10:05:00Z");
    check("2003-07-23 10:05:00 +0900", "none");
    check("2003-07-23T10:05:00+0900", "2003-07-23T01:05:00Z");
    check("Wed,  23  July 2003   9:05:00  UTC", "2003-07-23T09:05:00Z");
    check("Tuesday, July 23, 2003 9:05 PM", "2003-07-23T21:05:00Z");
    check("Jul 23rd 2003 12:05 AM", "2003-07-23T00:05:00Z");
    check("Wed, 23-Jul-2003 10:05:00 -05:00", "2003-07-23T15:05:00Z");
    check("Wed, 23 Jul 2003 24:00:00 GMT", "2003-07-23T00:00:00Z");
    check("Wed, 23 Jul 2003 10:05:00Z", "2003-07-23T10:05:00Z");
    check("Wed Jul 23 10:05:00 PDT 2003", "2003-07-23T17:05:00Z");
    check("Wed, 23 Jul 2003", "2003-07-23T00:00:00Z");
    check("Mon, 01 Jan 0001 00:00:00 +0000", "0001-01-01T00:00:00Z");
}

#[test]
fn what_is_no_date_is_none() {
    for text in [
        "",
        "yesterday",
        "Jul 2003",
        "31 Feb 2003",
        "99:99",
        "1 2 3 4",
        "+",
        "Jul ٢٣ 2003",
    ] {
        check(text, "none");
    }
    check(&"1 ".repeat(1000), "none");
}

proptest! {
    #[test]
    fn no_text_panics(text in "[-+:/., 0-9a-zJulZé]{0,40}") {
        let _ = parse(&text);
    }
}
