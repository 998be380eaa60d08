//! By which names we are asked.

use super::is_ours;

#[test]
fn no_foreign_name_stands_for_us() {
    let bound = "127.0.0.1:8630".parse().unwrap();
    for (host, ours) in [
        ("127.0.0.1:8630", true),
        ("localhost:8630", true),
        ("LOCALHOST:8630", true),
        ("[::1]:8630", true),
        ("10.1.2.3:8630", true),
        ("127.0.0.1", false),
        ("127.0.0.1:80", false),
        ("evil.example:8630", false),
        ("localhost.evil.example:8630", false),
        ("", false),
        ("a b", false),
    ] {
        assert_eq!(is_ours(host, bound), ours, "{host}");
    }
}
