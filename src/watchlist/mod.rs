//! Watchlists: the actors and topics that somebody tracks.
//!
//! The types here are checked: an [`Actor`] or [`Topic`] that exists is sound on
//! its own, and a [`Watchlist`] that exists has no dangling reference and no
//! circle of topics. What is sound but can hardly be meant,
//! [`Watchlist::lints`] tells. [`query`] is the language inside a topic.

mod check;
pub mod import;
mod lint;
pub mod query;
mod role;
#[cfg(test)]
mod tests;

pub use check::{CHAIN_MAX, Flaw, Place};
pub use lint::{Lint, LintKind, Part};
pub use role::Role;

use crate::name::word_of;
use query::Query;

name_type! {
    /// The name of an actor.
    ActorId
}
name_type! {
    /// The name of a topic.
    TopicId
}

/// Everything that is watched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Watchlist {
    /// The actors, in the order in which they were written.
    pub actors: Vec<Actor>,
    /// The topics, in the order in which they were written.
    pub topics: Vec<Topic>,
}

/// What an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A person.
    Person,
    /// An organisation.
    Organisation,
    /// A country.
    Country,
    /// A group of people without a legal form.
    Group,
    /// A place.
    Place,
}

impl ActorKind {
    /// Every kind with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("person", Self::Person),
        ("organisation", Self::Organisation),
        ("country", Self::Country),
        ("group", Self::Group),
        ("place", Self::Place),
    ];

    /// The word used in configuration and output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// A person, organisation, country, group or place in the news.
#[derive(Debug, Clone, PartialEq)]
pub struct Actor {
    /// Its name in the watchlist.
    pub id: ActorId,
    /// What it is called; counts as a strong alias.
    pub name: String,
    /// What it is.
    pub kind: ActorKind,
    /// Other names that stand for it wherever they occur.
    pub aliases: Vec<String>,
    /// Names that count only with support.
    pub weak: Vec<String>,
    /// Titles that, before the surname, make a mention ("undersecretary").
    pub titles: Vec<String>,
    /// Titles that make one only on the days on which they were held.
    pub roles: Vec<Role>,
    /// Names that count only in exactly this case ("UN").
    pub acronyms: Vec<String>,
    /// Capitals and buildings that stand for a government ("Washington").
    pub metonyms: Vec<String>,
    /// Adjectives that point to it ("North Korean").
    pub demonyms: Vec<String>,
    /// Words that support a weak alias.
    pub context: Vec<String>,
    /// Phrases that hide the aliases that they contain ("Bolton Wanderers").
    pub unless: Vec<String>,
    /// Whether the surname alone counts after a full mention or in a headline.
    pub surname: bool,
    /// The actors that this one belongs to: a mention of it is one of theirs.
    pub member_of: Vec<ActorId>,
    /// Whether a mention makes an alert; if not, it only serves topics.
    pub alert: bool,
}

impl Actor {
    /// An actor with no more than a name; a person is known by the surname too.
    pub fn new(id: ActorId, name: impl Into<String>, kind: ActorKind) -> Self {
        Self {
            id,
            name: name.into(),
            kind,
            aliases: Vec::new(),
            weak: Vec::new(),
            titles: Vec::new(),
            roles: Vec::new(),
            acronyms: Vec::new(),
            metonyms: Vec::new(),
            demonyms: Vec::new(),
            context: Vec::new(),
            unless: Vec::new(),
            surname: kind == ActorKind::Person,
            member_of: Vec::new(),
            alert: true,
        }
    }
}

/// How an alias came to be one, and thereby when it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AliasClass {
    /// Counts wherever it occurs.
    Strong,
    /// A surname with one of the actor's titles before it.
    Titled,
    /// A surname after a full mention, or in a headline.
    Surname,
    /// Counts in exactly this case.
    Acronym,
    /// A capital or building that stands for a government.
    Metonym,
    /// An adjective that points to the actor.
    Demonym,
    /// Counts only with support.
    Weak,
}

impl AliasClass {
    /// The word used in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Titled => "titled",
            Self::Surname => "surname",
            Self::Acronym => "acronym",
            Self::Metonym => "metonym",
            Self::Demonym => "demonym",
            Self::Weak => "weak",
        }
    }
}

/// How much an alert matters, from `info` to `critical`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Severity {
    /// For the record.
    Info,
    /// Of little weight.
    Low,
    /// The default.
    #[default]
    Normal,
    /// To be read soon.
    High,
    /// To be read now.
    Critical,
}

impl Severity {
    /// Every severity with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("info", Self::Info),
        ("low", Self::Low),
        ("normal", Self::Normal),
        ("high", Self::High),
        ("critical", Self::Critical),
    ];

    /// The word used in configuration and output.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }
}

/// Where in an article something stands: the stronger, the further up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Salience {
    /// Anywhere: one mention in the body.
    #[default]
    Body,
    /// Two mentions, or one in the lead.
    Lead,
    /// In the title.
    Title,
}

impl Salience {
    /// The word used in output: `title`, `lead` or `body`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Lead => "lead",
            Self::Title => "title",
        }
    }
}

/// A subject that somebody tracks.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Its name in the watchlist.
    pub id: TopicId,
    /// What it is called.
    pub name: String,
    /// What an article must say to be about it.
    pub query: Query,
    /// How much it matters.
    pub severity: Severity,
    /// The least salience of what the query found ([`Salience::Body`] is any).
    pub salience: Salience,
    /// The least score; 0 asks for none.
    pub threshold: f64,
    /// A query that rules the topic out.
    pub unless: Option<Query>,
    /// Labels that routes can choose by.
    pub tags: Vec<String>,
    /// Examples of what it must and must not match.
    pub tests: Vec<TopicTest>,
}

impl Topic {
    /// A topic with no more than a query, called by its id.
    pub fn new(id: TopicId, query: Query) -> Self {
        Self {
            name: id.to_string(),
            id,
            query,
            severity: Severity::default(),
            salience: Salience::default(),
            threshold: 0.0,
            unless: None,
            tags: Vec::new(),
            tests: Vec::new(),
        }
    }
}

/// An example that a topic carries with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicTest {
    /// The text of an article.
    pub text: String,
    /// Whether the topic must match it.
    pub expect: bool,
}
