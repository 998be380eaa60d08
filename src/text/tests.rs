//! What the text room promises, as rows of text beside what it gives.

use super::suggest::nearest;
use super::{Fingerprint, fold, printable, tokenise};
use proptest::prelude::*;

#[track_caller]
fn check_words(text: &str, expect: &str) {
    let tokens = tokenise(text);
    let words: Vec<_> = tokens.all().iter().map(|t| t.folded(text)).collect();
    assert_eq!(words.join(" "), expect, "of {text:?}");
}

#[test]
fn spellings_of_one_name_are_one() {
    for text in [
        "Kim Jong-un",
        "KIM JONG-UN",
        "Kim Jong\u{2011}un",
        "Kim Jong\u{2013}un",
        "Kim\u{a0}Jong-un",
        "Kim Jo\u{200b}ng-un",
        "Kim Jo\u{ad}ng-un",
        "Ｋｉｍ Ｊｏｎｇ-ｕｎ",
        "Kim Jong-un's",
        "Kim Jong-un’s",
    ] {
        check_words(text, "kim jong un");
    }
}

#[test]
fn words() {
    check_words("U.S. and U.N.-led talks", "us and un led talks");
    check_words("the U.S", "the us");
    check_words(
        "John R. Bolton met J.K. Rowling",
        "john r bolton met jk rowling",
    );
    check_words(
        "P'yongyang, O’Brien, Côte d'Ivoire",
        "p yongyang o brien cote d ivoire",
    );
    check_words("allies' plan, Seoul's", "allies plan seoul");
    check_words(
        "São SAO Sa\u{303}o Straße İstanbul ﬁn Øre Łódź",
        "sao sao sao strasse istanbul fin ore lodz",
    );
    check_words("Зеленський, Йемен", "зеленський йемен");
    check_words("金正恩总书记", "金 正 恩 总 书 记");
    check_words("김정은은 서울", "김 정 은 은 서 울");
    check_words("\u{1100}\u{1175}\u{11b7}씨", "김 씨");
    check_words(
        "インドネシアのジョン・ボルトン氏",
        "インドネシア の ジョン ボルトン 氏",
    );
    check_words("ｲﾝﾄﾞとイント\u{3099}", "インド と インド");
    check_words("か\u{3099}き", "が き");
    check_words("ข่าวขาว", "ข่ า ว ข า ว");
    check_words("น้ำ", &fold("น้\u{e4d}\u{e32}"));
    check_words("កម្ពុជា", "ក ម្ពុ ជា");
    check_words("צה\"ל בתל־אביב", "צה ל בתל אביב");
    check_words("Вʼячеслав, Hawaiʻi", "в ячеслав hawai i");
    check_words("Горбачёв", "горбачев");
    check_words("کراچی ۲۰", "كراچي 20");
    check_words("مُحَمَّد أحمد", "محمد احمد");
    check_words("हिन्दी समाचार", "हिन्दी समाचार");
    check_words("2003: 10-month-old", "2003 10 month old");
    check_words("", "");
}

#[test]
fn glue_is_remembered() {
    let tokens = tokenise("Young-kwan — Seoul P'yongyang -x");
    let glued: Vec<_> = tokens.all().iter().map(|t| t.glued).collect();
    assert_eq!(glued, [true, false, false, true, false, false]);
    let tokens = tokenise("ジョン・ボルトン צה״ל \"ה\"ל");
    let glued: Vec<_> = tokens.all().iter().map(|t| t.glued).collect();
    assert_eq!(glued, [true, false, true, false, true, false]);
}

#[test]
fn hangul_words_begin_once() {
    let tokens = tokenise("김정은은 서울");
    let starts: Vec<_> = tokens.all().iter().map(|t| t.word_start).collect();
    assert_eq!(starts, [true, false, false, false, true, false]);
}

#[track_caller]
fn check_sentences(text: &str, sentences: u32, paragraphs: u32) {
    let tokens = tokenise(text);
    let last = tokens.all().last().expect("a token");
    assert_eq!(
        (last.sentence + 1, tokens.paragraph(last.sentence) + 1),
        (sentences, paragraphs),
        "of {text:?}"
    );
}

#[test]
fn sentences_and_paragraphs() {
    check_sentences("One. Two! Three?", 3, 1);
    check_sentences("Mr. Bolton met Dr. Kim in St. Paul.", 1, 1);
    check_sentences("the U.S. undersecretary, John R. Bolton", 1, 1);
    check_sentences("He paid 3.5 percent. \"Why?\" she asked.", 2, 1);
    check_sentences("First line\n\nSecond line\n\n\nThird", 3, 3);
    check_sentences("wrapped\nline. And more", 2, 1);
    check_sentences("他来了。他走了。", 2, 1);
}

#[test]
fn what_was_meant_is_found() {
    let known = [
        "url",
        "every",
        "lang",
        "john-bolton",
        "north-korea",
        "south-korea",
    ];
    for (word, meant) in [
        ("ulr", Some("url")),
        ("evry", Some("every")),
        ("North_Corea", Some("north-korea")),
        ("bolton", Some("john-bolton")),
        ("language", Some("lang")),
        ("nort", Some("north-korea")),
        ("korea", None),
        ("uri", Some("url")),
        ("x", None),
        ("something", None),
    ] {
        assert_eq!(nearest(word, known), meant, "{word}");
    }
}

#[test]
fn foreign_text_is_shown_on_one_harmless_line() {
    for (text, shown) in [
        ("plain", "plain"),
        ("  two\r\n\tlines ", "two lines"),
        ("\u{1b}[31mred\u{7}", "[31mred"),
        ("a\u{202e}b\u{2066}c\u{200f}", "abc"),
        ("nul\0nul", "nul nul"),
        ("0123456789", "0123456789"),
        ("0123456789a", "012345678…"),
        ("日本語日本語日本語日本語", "日本語日本語日本語…"),
        ("", ""),
    ] {
        assert_eq!(printable(text, 10), shown, "{text:?}");
    }
}

proptest! {
    #[test]
    fn offsets_never_split_a_character(text in "\\PC{0,60}") {
        let tokens = tokenise(&text);
        let mut end = 0;
        for token in tokens.all() {
            prop_assert!(token.start >= end && token.end > token.start);
            prop_assert_eq!(token.print, Fingerprint::of(&token.folded(&text)));
            prop_assert!(text.get(token.start as usize..token.end as usize).is_some());
            end = token.end;
        }
    }

    #[test]
    fn folding_twice_changes_nothing(text in "\\PC{0,20}") {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }
}
