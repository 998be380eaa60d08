//! How the line of a mistake is shown.

use super::load_text;

/// The last problem of a text, as printed, without its first and last line.
fn excerpt(text: &str) -> String {
    let problem = load_text(text).unwrap_err().0.pop().unwrap();
    let printed = problem.to_string();
    let lines: Vec<&str> = printed
        .lines()
        .skip(1)
        .filter(|line| !line.starts_with("  help:"))
        .collect();
    lines.join("\n")
}

#[test]
fn the_place_is_underlined_wherever_it_is() {
    let rows = [
        ("[poll]\nevery = 15", "  every = 15\n          ^^"),
        ("[poll]\r\nevery = 15\r\n", "  every = 15\n          ^^"),
        (
            "[poll]\n\tevery\t= 15",
            "      every    = 15\n                 ^^",
        ),
        // Han characters take two columns each, a combining accent none.
        (
            "feed.\"\u{65e5}\u{672c}\" = 3 # x\n",
            "  feed.\"\u{65e5}\u{672c}\" = 3 # x\n                ^",
        ),
        (
            "poll = { \"e\u{301}\" = 1 }",
            "  poll = { \"e\u{301}\" = 1 }\n           ^^^",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(excerpt(text), expected, "{text:?}");
    }
}

#[test]
fn columns_count_characters() {
    let text = "poll = { \"日本\" = 1, every = 3 }";
    let problem = load_text(text).unwrap_err().0.pop().unwrap();
    assert!(problem.place.ends_with(":1:28"), "{}", problem.place);
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let text = format!(
        "http = {{ allow = [{}\"x\"] }}",
        "\"10.0.0.0/8\", ".repeat(100)
    );
    let shown = excerpt(&text);
    let (line, caret) = shown.split_once('\n').unwrap();
    assert!(line.chars().count() < 110, "{line}");
    assert!(line.trim_start().starts_with('…'));
    let at = caret.find('^').unwrap();
    let marked: String = line.chars().skip(at).take(3).collect();
    assert_eq!(marked, "\"x\"");
}
