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
mod explain;
mod forms;
mod frequencies;
mod given_names;
mod glob;
mod hits;
mod inflection;
mod lexicon;
mod matches;
mod names;
mod near;
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
pub use explain::{ActorExplanation, Clause, Explainer, TopicExplanation, TopicVerdict};
pub use frequencies::Frequencies;
pub use matches::{ActorMatch, Because, Evidence, Matches, TopicMatch};
