//! From feeds to OPML 2.0.

use super::{Opml, Outline};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Writes a list: feeds without a tag first, then a folder for each tag, in the
/// order in which they come.
pub fn write(title: &str, feeds: &[Outline]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>",
    );
    escape(title, &mut text);
    text.push_str("</title>\n  </head>\n  <body>\n");
    let (top, folders) = sorted(feeds);
    for feed in top {
        outline(feed, 2, &mut text);
    }
    for (name, feeds) in folders {
        folder(name, &feeds, &mut text);
    }
    text.push_str("  </body>\n</opml>\n");
    text
}

/// Adds feeds to the text of a list and leaves the rest of it as it is: each goes
/// to the end of the folders that are called like its tags, or of new ones.
pub fn insert(text: &str, opml: &Opml, feeds: &[Outline]) -> String {
    let (top, folders) = sorted(feeds);
    // What is put at one place stays in order.
    let mut pieces: BTreeMap<usize, String> = BTreeMap::new();
    let end = opml.end.unwrap_or_else(|| text.trim_end().len());
    for feed in top {
        outline(feed, 2, pieces.entry(end).or_default());
    }
    for (name, feeds) in folders {
        if let Some(at) = opml.folders.get([name.to_owned()].as_slice()) {
            let piece = pieces.entry(*at).or_default();
            for feed in feeds {
                outline(feed, 3, piece);
            }
        } else {
            folder(name, &feeds, pieces.entry(end).or_default());
        }
    }
    let mut result = String::with_capacity(text.len() + 128 * feeds.len());
    let mut from = 0;
    for (at, piece) in pieces {
        let before = text.get(from..at).unwrap_or_default();
        let line = before.trim_end_matches([' ', '\t']);
        // On lines of their own, before the indentation of the end tag.
        let indentation = before.get(line.len()..).unwrap_or_default();
        result.push_str(line);
        if !line.is_empty() && !line.ends_with('\n') {
            result.push('\n');
        }
        result.push_str(&piece);
        result.push_str(indentation);
        from = at;
    }
    result.push_str(text.get(from..).unwrap_or_default());
    result
}

type Folders<'a> = Vec<(&'a str, Vec<&'a Outline>)>;

/// The feeds without a tag, and those of each tag.
fn sorted(feeds: &[Outline]) -> (Vec<&Outline>, Folders<'_>) {
    let mut folders: Folders<'_> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut top = Vec::new();
    for feed in feeds {
        if feed.tags.is_empty() {
            top.push(feed);
        }
        for tag in &feed.tags {
            let place = *places.entry(tag).or_insert(folders.len());
            match folders.get_mut(place) {
                Some((_, feeds)) => feeds.push(feed),
                None => folders.push((tag, vec![feed])),
            }
        }
    }
    (top, folders)
}

fn folder(name: &str, feeds: &[&Outline], text: &mut String) {
    text.push_str("    <outline text=\"");
    escape(name, text);
    text.push_str("\">\n");
    for feed in feeds {
        outline(feed, 3, text);
    }
    text.push_str("    </outline>\n");
}

fn outline(feed: &Outline, depth: usize, text: &mut String) {
    let title = feed.title.as_deref().unwrap_or(&feed.url);
    let attributes = [
        ("type", Some("rss")),
        ("text", Some(title)),
        ("title", feed.title.as_deref()),
        ("xmlUrl", Some(&*feed.url)),
        ("htmlUrl", feed.site.as_deref()),
    ];
    // Writing to a string does not fail.
    let _written = write!(text, "{:1$}<outline", "", depth * 2);
    for (name, value) in attributes {
        if let Some(value) = value {
            let _written = write!(text, " {name}=\"");
            escape(value, text);
            text.push('"');
        }
    }
    text.push_str("/>\n");
}

/// Escapes a value (XML 1.0, section 2.4), and leaves out what no document may
/// hold (section 2.2).
fn escape(value: &str, text: &mut String) {
    for c in value.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\t' | '\n' | '\r' => text.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => text.push(c),
        }
    }
}
