//! What a document costs grows as the document does, whatever is in it.

use crate::feed::parse;
use crate::work::steps;
use proptest::prelude::*;

/// What readers search for, and what makes them search in vain.
const PIECES: [&str; 41] = [
    "&a;",
    "<",
    ">",
    "</",
    "/>",
    "<a",
    "<a ",
    "=\"",
    "\"",
    "'",
    " ",
    "x",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a [",
    "]>",
    "<?",
    "?>",
    "<item>",
    "</item>",
    "<item ",
    "<entry/>",
    "<title>",
    "</title>",
    "<link>",
    "<guid>",
    "<author>",
    "<source>",
    "<image>",
    "<media:group>",
    "<content type=\"xhtml\">",
    "<div>",
    "</div>",
    "xmlns:a=\"b\" ",
    "&",
    "&amp;",
    "&nbsp;",
    "&#",
    "<pubDate>1 ",
];

const JSON_PIECES: [&str; 14] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "{\"id\":1},",
    "\"items\":[",
    "1",
    "null",
    "\"a\",",
];

/// How often a piece is repeated, at first.
const REPEATS: usize = 300;

/// The most steps that a byte of any document may cost. A step takes a few
/// nanoseconds at most, so that a megabyte takes less than fifty milliseconds.
const STEPS_A_BYTE_MAX: u64 = 12;

fn check(start: &str, piece: &str) {
    let cost = |times: usize| {
        let document = format!("{start}{}", piece.repeat(times));
        steps(|| drop(parse(document.as_bytes(), None, None)))
    };
    let (once, four_times) = (cost(REPEATS), cost(4 * REPEATS));
    let bytes = (start.len() + 4 * REPEATS * piece.len()) as u64;
    assert!(
        four_times <= STEPS_A_BYTE_MAX * bytes,
        "{start}{piece:?} costs {four_times} steps for {bytes} bytes"
    );
    assert!(
        four_times <= 5 * once + 10_000,
        "{start}{piece:?} costs {once} steps, and four times as much of it {four_times}"
    );
}

const STARTS: [&str; 5] = [
    "<!DOCTYPE a [<!ENTITY a \"&b;&b;\"><!ENTITY b \"\">]><rss version=\"2.0\"><channel>&a;",
    "<rss version=\"2.0\"><channel>",
    "<rss version=\"2.0\"><channel><item><description>",
    "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><content type=\"xhtml\">",
    "",
];

#[test]
fn each_piece_costs_as_much_as_it_is_long() {
    for start in STARTS {
        for piece in PIECES {
            check(start, piece);
        }
    }
    for piece in JSON_PIECES {
        check("{\"items\": [", piece);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn pieces_together_do_so_too(
        start in prop::sample::select(STARTS.to_vec()),
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 2..7),
    ) {
        check(start, &pieces.concat());
    }

    #[test]
    fn pieces_of_json_do_so_too(
        pieces in prop::collection::vec(prop::sample::select(JSON_PIECES.to_vec()), 2..7),
    ) {
        check("{\"items\": [", &pieces.concat());
    }
}
