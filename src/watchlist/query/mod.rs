//! The query language: what an article must say to be about a topic.
//!
//! ```text
//! query  = and {"OR" and} ;  and = unary {("AND"|"") unary} ;  unary = ["NOT"|"-"] near
//! near   = atom {["NOT"] ("NEAR/"n | "PRE/"n | "SENTENCE" | "PARA") atom}
//! atom   = "(" query ")" | "phrase" | word | "@"actor["!"] | "#"topic | field ":" atom
//!        | "ATLEAST/"n atom | "FIRST/"n atom | n "OF(" query {"," query} ")" | atom "^" weight
//! word   = text with * and ? ; "=Word" exact case ; "~word" stem
//! ```
//!
//! Whole words, case and diacritics folded. A bare space is AND. AND mixed with
//! OR without parentheses is an error that prints both readings, since no two
//! products agree on which binds tighter; [`operators`] shows how the queries of
//! other products are written here.

mod foreign;
mod lex;
#[expect(clippy::doc_markdown, reason = "names of products are not code")]
#[doc = include_str!("operators.md")]
pub mod operators {}
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use parse::{
    COUNT_MAX, DEPTH_MAX, LEAVES_MAX, QUERY_BYTES_MAX, QueryError, WEIGHT_MAX, clause_spans, parse,
};

use super::{ActorId, TopicId};
use crate::text::Field;

/// A parsed query.
///
/// `Display` prints it in the language again; parsing what was printed gives
/// the same query.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// All of them; two or more.
    And(Vec<Query>),
    /// Any of them; two or more.
    Or(Vec<Query>),
    /// Not this.
    Not(Box<Query>),
    /// Both sides, so close to each other.
    Proximity {
        /// How close.
        reach: Reach,
        /// One side.
        left: Box<Query>,
        /// The other side.
        right: Box<Query>,
    },
    /// The left side where the right is not so close, whatever stands elsewhere.
    Apart {
        /// How close the right side must not be.
        reach: Reach,
        /// What must be there.
        left: Box<Query>,
        /// What must not be near it.
        right: Box<Query>,
    },
    /// One word.
    Word(Word),
    /// Words that stand next to each other, in this order.
    Phrase(Vec<Word>),
    /// A mention of an actor or of one of its members.
    Actor {
        /// The actor.
        id: ActorId,
        /// Whether only strong and titled aliases and acronyms count (`@actor!`).
        strong: bool,
    },
    /// Whatever another topic's query finds.
    Topic(TopicId),
    /// The query, within one field only.
    In(Field, Box<Query>),
    /// The query, found at least so many times.
    AtLeast(u32, Box<Query>),
    /// The query, within the first so many words of a field.
    First(u32, Box<Query>),
    /// At least so many of these queries.
    Of(u32, Vec<Query>),
    /// The query, with this weight in the score.
    Weighted(Box<Query>, f64),
}

/// How close two sides of a proximity must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Within so many words, in either order; `NEAR/1` is next to each other.
    Near(u32),
    /// Within so many words, left before right; `PRE/1` is right after.
    Pre(u32),
    /// In one sentence.
    Sentence,
    /// In one paragraph.
    Paragraph,
}

/// One word of a query, as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word {
    /// The text, without its `=` or `~`; may hold `*` and `?` when folded.
    pub text: String,
    /// How it is compared.
    pub form: WordForm,
}

/// How a word of a query is compared with a word of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WordForm {
    /// Case and diacritics folded; `*` stands for any letters, `?` for one.
    Folded,
    /// Exactly this case (`=Word`).
    Exact,
    /// Any word of the same stem (`~word`).
    Stem,
}
