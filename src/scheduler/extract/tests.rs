//! Pages as the web has them, and as nobody should write them.

use super::{DEPTH_MAX, Extracted, Extractor, PAGES_MAX, TAGS_MAX, decoded, plain, text};

use std::time::Duration;

const STORY: &str = "Officials in Pyongyang said on Monday that the talks would go on, and that \
                     nothing which had been said before was to be taken back.";

fn page(article: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>T</title><script>var x = '<div>';</script></head><body>\
         <nav><ul><li><a href=/>Home</a></li></ul></nav><article>{article}</article>\
         <div id=comments><p>First! You are all wrong about Seoul.</p></div>\
         <footer>All rights reserved</footer></body></html>"
    )
}

#[test]
fn the_article_is_told_from_what_stands_around_it() {
    let page = page(&format!(
        "<h1>Talks</h1><p>{STORY}</p><p>{STORY} <b>Again.</b></p>"
    ));
    let found = text(page.as_bytes(), None).unwrap();
    assert_eq!(found, format!("Talks\n\n{STORY}\n\n{STORY} Again."));
}

#[test]
fn what_is_no_article_has_no_text() {
    for nothing in [
        "",
        "<html></html>",
        "<html><body><script>1</script></body></html>",
    ] {
        assert_eq!(text(nothing.as_bytes(), None), None, "{nothing}");
    }
}

#[test]
fn what_would_take_too_much_is_not_read() {
    let story = format!("<p>{STORY}</p>");
    let carried_on: String = (0..1_000).map(|n| format!("<b id={n}>")).collect();
    let rows = [
        ("<section>".repeat(DEPTH_MAX), None),
        // Neither closes the other, though both are often left open.
        ("<li><dd>".repeat(DEPTH_MAX), None),
        ("<div><object></div></object>".repeat(DEPTH_MAX), None),
        ("<br>".repeat(TAGS_MAX), None),
        // Of each of these, every paragraph would get its own.
        (format!("<p>{carried_on}</p>{}", "<p>".repeat(20_000)), None),
        ("<section>".repeat(20), Some(STORY.to_owned())),
        ("<li>".repeat(2_000), Some(STORY.to_owned())),
    ];
    for (before, expect) in rows {
        let start = before.get(..20).unwrap();
        assert_eq!(
            text(page(&(before.clone() + &story)).as_bytes(), None),
            expect,
            "{start}"
        );
    }
}

#[test]
fn elements_that_are_carried_on_become_plain() {
    let rows = [
        ("", ""),
        ("b", "b"),
        ("<b>x</b>", "<span>x</span>"),
        ("<B\tid=1>x</B >", "<span\tid=1>x</span >"),
        ("<i/>", "<span/>"),
        ("<br><body><img><b2><a><b-x>", "<br><body><img><b2><a><b-x>"),
        ("1 < b > 2 <<b>", "1 < b > 2 <<span>"),
        ("</ b><b", "</ b><span"),
        ("<b<b>", "<b<span>"),
    ];
    for (source, expect) in rows {
        assert_eq!(plain(source), expect, "{source}");
    }
}

#[test]
fn encodings_are_found() {
    let latin = b"<meta charset=\"iso-8859-2\"><p>\xb1</p>";
    let rows: [(&[u8], Option<&str>, &str); 6] = [
        ("é".as_bytes(), Some("text/html; charset=latin1"), "é"),
        (b"\xe9", None, "é"),
        (b"\xb1", Some("text/html; charset=\"ISO-8859-2\""), "ą"),
        (latin, None, "<meta charset=\"iso-8859-2\"><p>ą</p>"),
        (b"\xff\xfea\0", None, "a"),
        (b"\xd0\xcf", Some("text/html;charset=koi8-r"), "по"),
    ];
    for (bytes, content_type, expect) in rows {
        assert_eq!(decoded(bytes, content_type), expect);
    }
}

#[tokio::test]
async fn places_are_few_and_come_free_again() {
    let extractor = Extractor::new();
    let bytes = page(&format!("<p>{STORY}</p>")).into_bytes();
    for _ in 0..PAGES_MAX + 2 {
        let found = extractor.text(bytes.clone(), None).await;
        assert_eq!(found, Extracted::Text(STORY.to_owned()));
    }
    let nothing = extractor.text(Vec::new(), None).await;
    assert_eq!(nothing, Extracted::Nothing);
}

#[tokio::test]
async fn a_page_without_a_place_is_given_up() {
    let mut extractor = Extractor::new();
    extractor.time_max = Duration::from_millis(1);
    let _hung = extractor.places.acquire_many(2).await.unwrap();
    let given_up = extractor.text(Vec::new(), None).await;
    assert_eq!(given_up, Extracted::GivenUp);
}
