use super::{is_element, title, to_text};
use proptest::prelude::*;

#[track_caller]
fn check(source: &str, expected: &str) {
    assert_eq!(to_text(source), expected, "of {source:?}");
}

#[test]
fn blocks_are_paragraphs() {
    check("<p>One</p><p>Two</p>", "One\n\nTwo");
    check("<div>One<div>Two</div>Three</div>", "One\n\nTwo\n\nThree");
    check(
        "<h1>Head</h1>Text<ul><li>a<li>b</ul>",
        "Head\n\nText\n\na\n\nb",
    );
    check("One<hr/>Two", "One\n\nTwo");
    check(
        "<blockquote>One</blockquote><section>Two</section>",
        "One\n\nTwo",
    );
    check("<P>One<P>Two", "One\n\nTwo");
}

#[test]
fn a_break_ends_a_line_and_two_end_a_paragraph() {
    check("One<br>Two", "One\nTwo");
    check("One<br />\n<br>Two", "One\n\nTwo");
    check("One<br><br><br>Two<br>", "One\n\nTwo");
    check("<br>One", "One");
}

#[test]
fn white_space_folds() {
    check("  <p> a \n\t b&nbsp;c </p> ", "a b c");
    check("<b>North</b> <i>Korea</i>", "North Korea");
    check("<b>inter</b>national", "international");
    check("a<img src=x alt='not text'>b", "ab");
    check(
        "<table><tr><td>A</td><td>B</td></tr><tr><th>C</th></tr></table>",
        "A B\n\nC",
    );
}

#[test]
fn what_is_no_text_is_dropped() {
    check("a<script>if (1<2) { x('</p>') }</script>b", "ab");
    check("a <style>p > b { }</style> b", "a b");
    check("a<script>'<!--'</script>b", "ab");
    check("a <noscript><img src=x>see me</noscript>b", "a b");
    check("a <template><p>no</p></template>b", "a b");
    check("a <!-- no --> b", "a b");
    check("<title>No</title><p>Yes", "Yes");
    check("<iframe src='x' />still here", "still here");
    check("a\u{0}\u{8}b", "ab");
}

#[test]
fn entities_are_decoded_once() {
    check("Fish &amp; chips", "Fish & chips");
    check("AT&T and R&D; &copy; &#8217; &#x27;", "AT&T and R&D; © ’ '");
    check("<p>1 &lt; 2 &amp;amp; 3</p>", "1 < 2 &amp; 3");
    check("&bogus; &#99999999;", "&bogus; \u{fffd}");
}

#[test]
fn plain_text_stays_whole() {
    check("", "");
    check("   ", "");
    check("1 < 2 and 3 > 2", "1 < 2 and 3 > 2");
    check("Vec<T> &amp; Box<dyn Fn>", "Vec<T> & Box<dyn Fn>");
    check("I <3 you", "I <3 you");
    check("mail a@b.c <a@b.c>", "mail a@b.c <a@b.c>");
    check("One\nstill one\n\n\r\n Two", "One still one\n\nTwo");
    check("cut off <a href=\"x", "cut off <a href=\"x");
    check("<p>cut off <a href=\"x", "cut off");
}

#[test]
fn a_page_has_a_title() {
    let cases = [
        (
            "<html><head><title> A &amp;\n B </title></head><h1>C</h1>",
            Some("A & B"),
        ),
        (
            "<title></title><h1>The <em>head</em>line</h1><h1>Next</h1>",
            Some("The headline"),
        ),
        ("<p>none</p>", None),
    ];
    for (page, expected) in cases {
        assert_eq!(title(page).as_deref(), expected, "of {page:?}");
    }
}

#[test]
fn elements_are_known_by_name() {
    for name in ["p", "HTML", "a", "wbr", "script", "colgroup", "blockquote"] {
        assert!(is_element(name), "{name}");
    }
    for name in ["", "rss", "t", "item", "dyn"] {
        assert!(!is_element(name), "{name}");
    }
    assert!(super::INLINE.is_sorted());
}

#[test]
fn hostile_input_is_read_in_one_pass() {
    for unit in [
        "<", "&", "<p", "<!--", "</", "<p>", "&amp", "<a b=\"", "<script>", "<p <",
    ] {
        let _ = to_text(&unit.repeat(200_000));
    }
}

/// HTML as a publisher writes it: text without markup, wrapped in known elements.
fn html() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec!["p", "div", "b", "li", "td", "h2", "span", "script"]);
    // Letters that make no `&lt;` or `&gt;`, which stand for what is looked for.
    let leaf = "[a-f &;é]{0,12}".prop_map(|text| format!("{text}<br>"));
    leaf.prop_recursive(4, 32, 4, move |inner| {
        (names.clone(), prop::collection::vec(inner, 0..4))
            .prop_map(|(name, parts)| format!("<{name} class=\"x\">{}</{name}>", parts.concat()))
    })
}

proptest! {
    #[test]
    fn any_text_gives_tidy_text(source in ".{0,200}") {
        let text = to_text(&source);
        prop_assert_eq!(text.trim(), text.as_str());
        prop_assert!(!text.contains("  "));
        prop_assert!(!text.contains("\n\n\n"));
    }

    #[test]
    fn tags_do_not_survive(source in html()) {
        prop_assert!(!to_text(&source).contains(['<', '>']));
    }
}
