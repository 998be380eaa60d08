//! The matcher: which topics and actors an article is about, and why.
//!
//! A [`Matcher`] is a compiled watchlist. It tokenises an article once, finds
//! every word and phrase of the whole watchlist in one pass, makes mentions of
//! actors out of them, and evaluates the queries on what was found. Each match
//! carries its evidence: the spans of the text that made it.

mod actors;
mod adaptive;
mod anchors;
mod compile;
mod endings;
mod evaluate;
mod forms;
mod frequencies;
mod given_names;
mod glob;
mod inflection;
mod lexicon;
mod names;
mod needs;
mod owners;
mod reading;
mod romanisation;
mod roster;
mod rows;
mod score;
mod spelling;
mod surroundings;
#[cfg(test)]
mod tests;
mod trie;
mod unspaced;
mod words;

pub use adaptive::Adaptive;
pub use compile::{CompileError, EVIDENCE_MAX, Matcher};
pub use frequencies::Frequencies;

use crate::text::Field;
use crate::watchlist::{ActorId, ActorKind, AliasClass, Salience, Severity, TopicId};

/// What was found in one article.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matches {
    /// The topics that match, in the order of the watchlist.
    pub topics: Vec<TopicMatch>,
    /// The actors that are mentioned, in the order of the watchlist.
    pub actors: Vec<ActorMatch>,
}

/// A topic found in an article.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicMatch {
    /// The topic.
    pub id: TopicId,
    /// What it is called.
    pub name: String,
    /// How much it matters.
    pub severity: Severity,
    /// Its labels.
    pub tags: Vec<String>,
    /// How strongly the article is about it; 0 or more.
    pub score: f64,
    /// The spans that made it, in the order of the text.
    pub evidence: Vec<Evidence>,
}

/// An actor found in an article.
#[derive(Debug, Clone, PartialEq)]
pub struct ActorMatch {
    /// The actor.
    pub id: ActorId,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: ActorKind,
    /// Whether the mention alone makes an alert.
    pub alert: bool,
    /// How many times it is mentioned.
    pub mentions: usize,
    /// The best place of a mention.
    pub salience: Salience,
    /// How sure we are that it is this actor, from 0 to 1.
    pub confidence: f64,
    /// The mentions, in the order of the text.
    pub evidence: Vec<Evidence>,
}

/// A span of an article that made a match.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The field that it stands in.
    pub field: Field,
    /// Its first byte in the text of that field.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The text from `start` to `end`.
    pub quote: String,
    /// What in the watchlist it answers to.
    pub because: Because,
}

/// What in the watchlist a span answers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// A word or phrase of a query, as written there.
    Term(String),
    /// An alias of an actor.
    Alias {
        /// The alias as the watchlist has it.
        text: String,
        /// When it counts.
        class: AliasClass,
    },
}
