//! `opml`: feeds from lists.
//!
//! A list is somebody else's work as often as not, so its addresses are derived:
//! they reach only what is public. A feed is called by its address, since titles
//! change and an id that changes with them would forget what was seen.

use super::feeds::{self, Poll};
use super::item::Item;
use super::reading::{Draft, Place, Reading};
use super::tree::{Node, Value};
use super::{FeedConfig, Listed, load, watchlists};
use crate::feed::opml::{self, Outline};
use crate::feed::{FeedId, canonical_link};
use crate::name::NAME_BYTES_MAX;
use crate::text::hex;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use url::Url;

/// The most lists.
const LISTS_MAX: usize = 1000;

/// How many digits of the hash of an address stand in an id: two addresses that
/// read alike get the same once in 16 million times, and that is an error.
const HASH_DIGITS: usize = 6;

/// Opens every list that the key `opml` names, once, in order.
pub(super) fn open(item: &Item<'_>) -> Vec<usize> {
    let mut lists = Vec::new();
    for (item, pattern) in item.texts() {
        for path in watchlists::paths(&item, pattern) {
            if item.reading.is_open(&path) {
                continue;
            }
            if lists.len() == LISTS_MAX {
                let help = format!("at most {LISTS_MAX} are read");
                item.fail::<()>("there are too many lists", &help);
                return lists;
            }
            match load::read_file(&path) {
                Ok(file) => lists.push(item.reading.add(file)),
                Err(message) => {
                    item.reading.unsure();
                    let help = "create it, or remove it from the list";
                    item.reading.note(item.error(message).help(help));
                }
            }
        }
    }
    lists
}

/// Adds the feeds of all lists. A feed that is there already, by whatever way
/// its address is written, gets the tags.
pub(super) fn add(
    lists: &[usize],
    poll: &Poll<'_>,
    feeds: &mut Vec<FeedConfig>,
    reading: &Reading,
) {
    let mut adding = Adding {
        poll,
        by_address: HashMap::new(),
        by_id: HashMap::new(),
        reading,
    };
    for (number, feed) in feeds.iter().enumerate() {
        let address = canonical_link(feed.url.as_str()).unwrap_or_default();
        adding.by_address.entry(address).or_insert(number);
        adding.by_id.insert(feed.id.clone(), feed.url.to_string());
    }
    for list in lists {
        adding.list(*list, feeds);
    }
}

struct Adding<'a> {
    poll: &'a Poll<'a>,
    /// The place in the list of feeds, by canonical address.
    by_address: HashMap<String, usize>,
    by_id: HashMap<FeedId, String>,
    reading: &'a Reading,
}

impl Adding<'_> {
    fn list(&mut self, index: usize, feeds: &mut Vec<FeedConfig>) {
        let Some(file) = self.reading.file(index) else {
            return;
        };
        let whole = |message: String| Draft::error(&Place::File(index), "", message);
        match opml::parse(&file.text) {
            Ok(list) => {
                if list.is_cut {
                    let draft = whole(format!("there are more than {} feeds", opml::FEEDS_MAX));
                    self.reading.note(draft.help("split the list"));
                }
                for outline in list.feeds {
                    let listed = Listed {
                        file: file.path.clone(),
                        title: outline.title.clone(),
                    };
                    self.outline(index, &outline, listed, feeds);
                }
            }
            Err(error) => self.reading.note(whole(error.to_string())),
        }
    }

    fn outline(
        &mut self,
        list: usize,
        outline: &Outline,
        listed: Listed,
        feeds: &mut Vec<FeedConfig>,
    ) {
        let node = Node {
            value: Value::Text(outline.url.clone()),
            place: Place::Span(list, outline.place.clone()),
        };
        let item = Item {
            node: &node,
            path: "xmlUrl".to_owned(),
            reading: self.reading,
        };
        let Some((url, login)) = feeds::address(&item) else {
            return;
        };
        let address = canonical_link(url.as_str()).unwrap_or_default();
        let known = self.by_address.get(&address).copied();
        if let Some(feed) = known.and_then(|number| feeds.get_mut(number)) {
            for tag in &outline.tags {
                if !feed.tags.contains(tag) {
                    feed.tags.push(tag.clone());
                }
            }
            return;
        }
        let (Some(id), Some(poll)) = (listed_id(&url), self.poll.limits) else {
            return;
        };
        if let Some(other) = self.by_id.insert(id.clone(), url.to_string()) {
            item.fail::<()>(
                format!("this feed would be called `{id}`, as {other} is"),
                "give it a table [feed.NAME] with this `url`",
            );
            return;
        }
        self.by_address.insert(address, feeds.len());
        feeds.push(FeedConfig {
            id,
            url,
            poll,
            full_text: self.poll.full_text.unwrap_or_default(),
            tags: outline.tags.clone(),
            publisher: None,
            language: None,
            login,
            headers: Vec::new(),
            push: true,
            listed: Some(listed),
        });
    }
}

/// The id of a feed of a list: what can be read of its address, and a hash of
/// all of it. It depends on nothing else, so that it stays.
fn listed_id(url: &Url) -> Option<FeedId> {
    /// What addresses of feeds say and no other does.
    const EMPTY_WORDS: [&str; 12] = [
        "www", "feeds", "feed", "rss", "rss2", "atom", "xml", "rdf", "json", "index", "php", "html",
    ];
    let canonical = canonical_link(url.as_str())?;
    let (_, readable) = canonical.split_once("://")?;
    let readable = readable.to_ascii_lowercase();
    let words = readable.split(|c: char| !c.is_ascii_alphanumeric());
    let mut id = String::new();
    for word in words.filter(|word| !word.is_empty() && !EMPTY_WORDS.contains(word)) {
        if id.len() + word.len() + HASH_DIGITS + 1 >= NAME_BYTES_MAX {
            break;
        }
        id.push_str(word);
        id.push('-');
    }
    let hash = Sha256::digest(canonical.as_bytes());
    let digits = hex(&hash);
    id.push_str(digits.get(..HASH_DIGITS)?);
    FeedId::new(&id).ok()
}
