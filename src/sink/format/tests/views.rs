//! What is cut, and what is broken so that it is not active.

use super::super::markdown;
use super::super::text::{Block, View, chars, cut, fitted, inert, utf16};
use super::RECEIVERS;
use crate::alert::message::Message;
use serde_json::json;

#[test]
fn text_is_cut_between_what_is_perceived_as_characters() {
    for (text, max, expected) in [
        ("Pyongyang", 9, "Pyongyang"),
        ("Pyongyang", 5, "Pyon…"),
        ("to Seoul", 4, "to…"),
        // A family is one, of seven characters and eleven units.
        ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 22, "👩‍👩‍👧‍👦👩‍👩‍👧‍👦"),
        ("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 21, "👩‍👩‍👧‍👦…"),
        ("ae\u{301}\u{302}", 3, "a…"),
        // One that never ends is cut in between.
        ("e\u{301}\u{302}\u{303}\u{304}", 3, "e\u{301}…"),
        ("anything", 0, "…"),
    ] {
        assert_eq!(cut(text, max, utf16), expected, "{text} {max}");
    }
}

#[test]
fn what_clients_look_for_is_broken() {
    for (text, expected) in [
        ("Mr. Bolton, 3.5 % of R&D", "Mr. Bolton, 3.5 % of R&D"),
        ("10:30, and/or #", "10:30, and/|or #"),
        ("@all @ all", "@|all @ all"),
        ("https://a.example/b", "https:|//|a.|example/|b"),
        ("#tag $USD $5 ~town", "#|tag $|USD $5 ~|town"),
    ] {
        assert_eq!(inert(text, None).replace('\u{200b}', "|"), expected);
    }
    // What follows is told apart from the end.
    assert_eq!(inert("evil.", Some('c')), "evil.\u{200b}");
}

fn view(payload: &serde_json::Value) -> View {
    View::of(&Message::read(payload.to_string().as_bytes()).unwrap())
}

#[test]
fn a_digest_says_how_much_it_leaves_out() {
    let alert = |number: u32| {
        json!({"severity": "low", "article": {"title": format!("Story {number}"),
            "feed": {"publisher": "Reuters"}}})
    };
    let alerts: Vec<_> = (1..=100).map(alert).collect();
    let digest = view(
        &json!({"type": "digest", "timestamp": "2003-07-23T14:12:09Z",
        "data": {"reason": "limit", "alerts": alerts}}),
    );
    for (chars_max, shown) in [(10_000, 40), (300, 13), (40, 0)] {
        let part = fitted(&digest, chars_max, View::clone, |_| true);
        let items = part.blocks.iter();
        let items = items.filter(|it| matches!(it, Block::Item { .. })).count();
        assert_eq!(items, shown, "within {chars_max}");
        assert_eq!(part.blocks.last(), Some(&Block::More(100 - shown)));
    }
}

#[test]
fn the_title_is_the_last_to_be_shortened() {
    let title = "North Korea Wants a Non-Aggression Pact";
    let alert = view(
        &json!({"type": "article.matched", "timestamp": "2003-07-23T14:12:09Z",
        "data": {"article": {"title": title, "summary": "word ".repeat(500),
            "url": "https://www.example.org/a"}}}),
    );
    let most = fitted(&alert, 4_000, View::clone, |view| {
        let blocks = view.blocks.iter().map(|block| match block {
            Block::Text(text) | Block::Source(text) => chars(text),
            _ => 0,
        });
        blocks.sum::<usize>() < 200
    });
    assert_eq!(most.title, title);
    assert!(matches!(most.blocks.last(), Some(Block::Text(text)) if text.ends_with('…')));
    let least = fitted(&alert, 4_000, View::clone, |_| false);
    assert_eq!((least.title.as_str(), least.blocks.len()), (title, 0));
    assert_eq!(least.url.as_deref(), Some("https://www.example.org/a"));
}

#[test]
fn a_test_says_that_it_is_one() {
    let payload = json!({"type": "test", "timestamp": "2003-07-23T14:12:09Z",
        "data": {"article": {"title": "Hello"}}});
    assert_eq!(view(&payload).title, "TEST: Hello");
}

#[test]
fn an_address_in_markdown_ends_where_it_ends() {
    for (url, expected) in [
        ("https://a.example/?b=1&c=2", "https://a.example/?b=1&c=2"),
        ("https://a.example/(b)", "https://a.example/%28b%29"),
        (
            "https://a.example/?b&lt;c;d",
            "https://a.example/?b&lt%3Bc;d",
        ),
    ] {
        assert_eq!(markdown::address(url), expected);
    }
}

#[test]
fn a_room_is_addressed_by_its_id_and_the_delivery() {
    let matrix = RECEIVERS.iter().find(|it| it.name == "matrix").unwrap();
    let payload = json!({"type": "test", "timestamp": "2003-07-23T14:12:09Z", "data": {}});
    let rendered = matrix.render(payload.to_string().as_bytes(), false);
    assert_eq!(
        rendered.url.as_str(),
        "https://chat.example.org/hooks/1/_matrix/client/v3/rooms/!room:example.org/send/\
         m.room.message/msg_1_chat"
    );
    assert_eq!(
        rendered.headers,
        [("authorization".into(), "Bearer syt_token".to_owned())]
    );
}
