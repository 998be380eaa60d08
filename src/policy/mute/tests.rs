//! Windows as they are written, and the moments at which they end.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn mistakes_are_told_by_their_part() {
    let rows = [
        ("", "`` is not a time window"),
        (
            "22:00 Europe/Berlin",
            "`22:00 Europe/Berlin` is not a time window",
        ),
        ("22:00-07:00", "the window has no time zone"),
        ("Mon 22:00-07:00", "the window has no time zone"),
        ("22:00-25:00 UTC", "`25:00` is not a time of day"),
        ("22-07:00 UTC", "`22` is not a time of day"),
        ("24:00-07:00 UTC", "`24:00` is not a time of day"),
        ("22:00-7:5 UTC", "`7:5` is not a time of day"),
        (
            "22:00-07:00 Europe/Berlni",
            "there is no time zone `Europe/Berlni`",
        ),
        ("Noday 22:00-07:00 UTC", "`Noday` is not a day of the week"),
        (
            "Mon, Tue 22:00-07:00 UTC",
            "`Mon, Tue 22:00-07:00 UTC` is not a time window",
        ),
        ("07:00-07:00 UTC", "the window is empty"),
    ];
    for (text, message) in rows {
        let error = Window::parse(text).expect_err(text);
        assert_eq!(error.to_string(), message, "of {text:?}");
    }
}

/// Windows, a time, and when it stops being quiet then, or `-`.
#[test]
fn it_is_quiet_until_the_window_ends() {
    let night = "22:00-07:00 Europe/Berlin";
    let rows: &[(&[&str], &str, &str)] = &[
        // 24 November is a Tuesday; Berlin is an hour ahead of UTC.
        (&[night], "2026-11-24T20:59:59Z", "-"),
        (&[night], "2026-11-24T21:00:00Z", "2026-11-25T06:00:00Z"),
        (&[night], "2026-11-25T05:59:59Z", "2026-11-25T06:00:00Z"),
        (&[night], "2026-11-25T06:00:00Z", "-"),
        (
            &["09:00-17:30 UTC"],
            "2026-11-24T17:29:00Z",
            "2026-11-24T17:30:00Z",
        ),
        // The day is the one on which a window begins.
        (
            &["Tue 22:00-07:00 UTC"],
            "2026-11-25T03:00:00Z",
            "2026-11-25T07:00:00Z",
        ),
        (&["Wed 22:00-07:00 UTC"], "2026-11-25T03:00:00Z", "-"),
        (
            &["fri-mon 22:00-07:00 UTC"],
            "2026-11-24T03:00:00Z",
            "2026-11-24T07:00:00Z",
        ),
        // Days that follow each other are one silence.
        (
            &["Sat,Sun 00:00-24:00 UTC"],
            "2026-11-28T12:00:00Z",
            "2026-11-30T00:00:00Z",
        ),
        (
            &["20:00-23:00 UTC", "22:00-02:00 UTC", "02:00-03:00 UTC"],
            "2026-11-24T20:30:00Z",
            "2026-11-25T03:00:00Z",
        ),
        // On 29 March 2026 clocks go from 02:00 to 03:00: the night is short, a
        // time that does not exist comes an hour later.
        (&[night], "2026-03-28T21:30:00Z", "2026-03-29T05:00:00Z"),
        (&["02:30-04:00 Europe/Berlin"], "2026-03-29T01:15:00Z", "-"),
        (
            &["02:30-04:00 Europe/Berlin"],
            "2026-03-29T01:30:00Z",
            "2026-03-29T02:00:00Z",
        ),
        // On 25 October they go from 03:00 back to 02:00: what ends at a time
        // that comes twice ends at the second.
        (&[night], "2026-10-24T20:30:00Z", "2026-10-25T06:00:00Z"),
        (
            &["01:00-02:30 Europe/Berlin"],
            "2026-10-25T00:45:00Z",
            "2026-10-25T01:30:00Z",
        ),
        (
            &["02:30-04:00 Europe/Berlin"],
            "2026-10-25T00:30:00Z",
            "2026-10-25T03:00:00Z",
        ),
    ];
    for (texts, now, expected) in rows {
        let windows: Vec<Window> = texts.iter().map(|it| Window::parse(it).unwrap()).collect();
        let until = muted_until(&windows, at(now)).map(|until| until.to_string());
        assert_eq!(
            until.as_deref().unwrap_or("-"),
            *expected,
            "{texts:?} at {now}"
        );
    }
}

#[test]
fn windows_that_leave_no_time_are_known() {
    let windows = |texts: &[&str]| -> Vec<Window> {
        texts.iter().map(|it| Window::parse(it).unwrap()).collect()
    };
    assert!(never_end(&windows(&["00:00-24:00 UTC"])));
    assert!(never_end(&windows(&["06:00-22:00 UTC", "22:00-06:00 UTC"])));
    assert!(!never_end(&windows(&["00:00-23:59 UTC"])));
    assert!(!never_end(&windows(&["Mon-Sat 00:00-24:00 UTC"])));
    assert!(!never_end(&[]));
}
