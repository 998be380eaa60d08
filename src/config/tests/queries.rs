//! Mistakes in queries are placed at their very characters in the file.

use crate::config::item::Item;
use crate::config::reading::{File, Place, Reading};
use crate::config::tree::{self, Value};
use crate::config::{Environment, excerpt, watchlists};

/// The place in the file of the word `here` of a query.
fn place_of_here(text: &str) -> String {
    let reading = Reading::new(&Environment::default());
    reading.add(File {
        path: "w.toml".into(),
        text: text.to_owned(),
        world_readable: false,
    });
    let entries = tree::parse(0, text, &reading);
    let node = &entries[0].node;
    let (Value::Text(query), item) = (
        &node.value,
        Item {
            node,
            path: "query".to_owned(),
            reading: &reading,
        },
    ) else {
        panic!("{node:?}");
    };
    let start = query.find("here").unwrap();
    let Place::Span(0, span) = watchlists::within(&item, query, &(start..start + 4)) else {
        panic!("no place");
    };
    let (line, column) = excerpt::position(text, span.start);
    format!("{line}:{column}")
}

#[test]
fn a_part_of_a_query_is_found_in_every_kind_of_text() {
    let rows = [
        ("query = \"a here\"", "1:12"),
        ("query = 'a here'", "1:12"),
        ("query = '''a here'''", "1:14"),
        ("query = '''\na\nhere'''", "3:1"),
        ("query = '''\r\na\r\nhere'''", "3:1"),
        ("query = \"\"\"\n  here\"\"\"", "2:3"),
        ("query = \"日 here \\\"x\\\"\"", "1:12"),
        // After an escape the offsets differ: the value as a whole.
        ("query = \"\\\"x\\\" here\"", "1:9"),
    ];
    for (text, expected) in rows {
        assert_eq!(place_of_here(text), expected, "{text}");
    }
}
