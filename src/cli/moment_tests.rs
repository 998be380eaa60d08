use super::*;

#[test]
fn times_are_read_as_people_type_them() {
    let now: Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
    for (text, expected) in [
        ("2h", Some("2026-11-24T07:00:00Z")),
        ("1d12h", Some("2026-11-22T21:00:00Z")),
        ("2026-11-23", Some("2026-11-23T00:00:00Z")),
        ("2026-11-23T10:00:00+01:00", Some("2026-11-23T09:00:00Z")),
        ("", None),
        ("2", None),
        ("yesterday", None),
        ("2026-13-01", None),
        ("2026-11-23T10:00", Some("2026-11-23T10:00:00Z")),
    ] {
        let expected = expected.map(|time| time.parse().unwrap());
        assert_eq!(read(text, now), expected, "{text}");
    }
    let refused = past("--since", "soon\u{1b}[2J", now).unwrap_err();
    assert_eq!(refused.code, exit::USAGE);
    assert!(!refused.message.contains('\u{1b}'), "{}", refused.message);
}
