use super::{detect, primary_subtag, two_letters};
use whatlang::Lang;

#[test]
fn a_clear_text_has_a_language() {
    let cases = [
        (
            "Washington and its key Asian allies are maintaining a united front on the issue of North Korea's nuclear weapons program.",
            Some("en"),
        ),
        (
            "Der Außenminister reist am Mittwoch nach Seoul, um über das Atomprogramm zu sprechen.",
            Some("de"),
        ),
        (
            "Северная Корея вновь потребовала от США заключить договор о ненападении. Об этом сообщило в среду государственное агентство, которое объяснило, что переговоры возможны только после этого.",
            Some("ru"),
        ),
        (
            "북한은 미국에 불가침 조약을 다시 요구했다고 밝혔다고 전해졌습니다",
            Some("ko"),
        ),
        (
            "朝鲜再次要求与美国签订互不侵犯条约，遭到华盛顿方面拒绝。",
            Some("zh"),
        ),
        ("", None),
        ("Seoul", None),
        ("1234567890 1234567890 1234567890", None),
    ];
    for (text, expected) in cases {
        assert_eq!(detect(text), expected, "of {text:?}");
    }
}

#[test]
fn a_tag_has_a_primary_subtag() {
    let cases = [
        ("en", Some("en")),
        ("en-GB", Some("en")),
        (" DE_at ", Some("de")),
        ("zh-Hant-TW", Some("zh")),
        ("eng", Some("en")),
        ("gsw", Some("gsw")),
        ("und", None),
        ("English", None),
        ("e", None),
        ("x1", None),
        ("", None),
    ];
    for (tag, expected) in cases {
        assert_eq!(primary_subtag(tag).as_deref(), expected, "of {tag:?}");
    }
}

#[test]
fn every_language_that_is_detected_has_a_code() {
    for lang in Lang::all() {
        assert!(two_letters(*lang).is_some(), "{lang}");
    }
}
