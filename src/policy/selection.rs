//! What an alert must be: the keys that routes and silences share.

use crate::alert::Alert;
use serde::{Deserialize, Serialize};

/// What stands for all.
pub const ALL: &str = "*";

/// Which alerts are meant: those with any of the topics or actors, and with one
/// of each other key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selection {
    /// Topics by name or tag; `*` is all.
    pub topics: Vec<String>,
    /// Actors by name; `*` is all.
    pub actors: Vec<String>,
    /// Feeds by name or tag; `*` is all.
    pub feeds: Vec<String>,
    /// Publishers, whatever their case; `*` is all.
    pub publishers: Vec<String>,
    /// Tags of topics or of the feed; `*` is all, and whatever has none.
    pub tags: Vec<String>,
}

/// The key that an alert does not satisfy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has none of the topics and none of the actors.
    TopicsAndActors,
    /// It matters less.
    Severity,
    /// It is of another feed.
    Feeds,
    /// It is of another publisher.
    Publishers,
    /// It has none of the tags.
    Tags,
}

impl Refusal {
    /// The word used in the store and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TopicsAndActors => "topics",
            Self::Severity => "severity",
            Self::Feeds => "feeds",
            Self::Publishers => "publishers",
            Self::Tags => "tags",
        }
    }
}

impl Default for Selection {
    /// Every alert: a key that is not said does not restrict.
    fn default() -> Self {
        Self::all()
    }
}

impl Selection {
    /// Every alert.
    pub fn all() -> Self {
        Self::of(None, None)
    }

    /// Every alert with these topics or actors. Whoever names topics alone means
    /// these, and not every actor too.
    pub fn of(topics: Option<Vec<String>>, actors: Option<Vec<String>>) -> Self {
        let all = || vec![ALL.to_owned()];
        let (topics, actors) = match (topics, actors) {
            (None, None) => (all(), all()),
            (topics, actors) => (topics.unwrap_or_default(), actors.unwrap_or_default()),
        };
        Self {
            topics,
            actors,
            feeds: all(),
            publishers: all(),
            tags: all(),
        }
    }

    /// The first key that an alert does not satisfy; none if it is meant.
    pub fn refusal(&self, alert: &Alert) -> Option<Refusal> {
        let matches = &alert.matches;
        let by_topic = matches.topics.iter().any(|topic| {
            let tags = topic.tags.iter().map(String::as_str);
            names(&self.topics, std::iter::once(&*topic.id).chain(tags))
        });
        let by_actor = matches
            .actors
            .iter()
            .any(|actor| names(&self.actors, std::iter::once(&*actor.id)));
        if !by_topic && !by_actor {
            return Some(Refusal::TopicsAndActors);
        }
        let feed = &alert.feed;
        let feed_tags = || feed.tags.iter().map(String::as_str);
        if !names(
            &self.feeds,
            std::iter::once(feed.id.as_str()).chain(feed_tags()),
        ) {
            return Some(Refusal::Feeds);
        }
        if !names_publisher(&self.publishers, &feed.publisher) {
            return Some(Refusal::Publishers);
        }
        let topics = matches.topics.iter();
        let topic_tags = topics.flat_map(|topic| topic.tags.iter().map(String::as_str));
        (!names(&self.tags, topic_tags.chain(feed_tags()))).then_some(Refusal::Tags)
    }
}

/// Whether a list names one of these, or all with `*`.
fn names<'a>(list: &[String], mut of: impl Iterator<Item = &'a str>) -> bool {
    is_all(list) || of.any(|name| list.iter().any(|wanted| wanted == name))
}

fn names_publisher(list: &[String], publisher: &str) -> bool {
    let same = |wanted: &String| wanted.to_lowercase() == publisher.to_lowercase();
    is_all(list) || list.iter().any(same)
}

fn is_all(list: &[String]) -> bool {
    list.iter().any(|name| name == ALL)
}
