//! What was found in an article, with the passages that say why.
//!
//! Nearly every article is matched to find that nobody watches it, or to be told
//! once, so a match borrows its words from the watchlist and the article; what is
//! to outlive them is made its own by [`Matches::into_owned`].

use crate::text::Field;
use crate::watchlist::{ActorKind, AliasClass, Salience, Severity};
use std::borrow::Cow;

/// What was found in one article.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matches<'a> {
    /// The topics that match, in the order of the watchlist.
    pub topics: Vec<TopicMatch<'a>>,
    /// The actors that are mentioned, in the order of the watchlist.
    pub actors: Vec<ActorMatch<'a>>,
}

/// A topic found in an article.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicMatch<'a> {
    /// The id of the topic.
    pub id: Cow<'a, str>,
    /// What it is called.
    pub name: Cow<'a, str>,
    /// How much it matters.
    pub severity: Severity,
    /// Its labels.
    pub tags: Cow<'a, [String]>,
    /// How strongly the article is about it; 0 or more.
    pub score: f64,
    /// The spans that made it, in the order of the text.
    pub evidence: Vec<Evidence<'a>>,
}

/// An actor found in an article.
#[derive(Debug, Clone, PartialEq)]
pub struct ActorMatch<'a> {
    /// The id of the actor.
    pub id: Cow<'a, str>,
    /// What it is called.
    pub name: Cow<'a, str>,
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
    pub evidence: Vec<Evidence<'a>>,
}

/// A span of an article that made a match.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence<'a> {
    /// The field that it stands in.
    pub field: Field,
    /// Its first byte in the text of that field.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// The text from `start` to `end`.
    pub quote: Cow<'a, str>,
    /// What in the watchlist it answers to.
    pub because: Because<'a>,
}

/// What in the watchlist a span answers to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because<'a> {
    /// A word or phrase of a query, as written there.
    Term(Cow<'a, str>),
    /// An alias of an actor.
    Alias {
        /// The alias as the watchlist has it.
        text: Cow<'a, str>,
        /// When it counts.
        class: AliasClass,
    },
}

impl Matches<'_> {
    /// The same with words of its own, to outlive the article and the watchlist.
    pub fn into_owned(self) -> Matches<'static> {
        Matches {
            topics: self
                .topics
                .into_iter()
                .map(TopicMatch::into_owned)
                .collect(),
            actors: self
                .actors
                .into_iter()
                .map(ActorMatch::into_owned)
                .collect(),
        }
    }
}

impl TopicMatch<'_> {
    fn into_owned(self) -> TopicMatch<'static> {
        TopicMatch {
            id: owned(self.id),
            name: owned(self.name),
            severity: self.severity,
            tags: Cow::Owned(self.tags.into_owned()),
            score: self.score,
            evidence: all_owned(self.evidence),
        }
    }
}

impl ActorMatch<'_> {
    fn into_owned(self) -> ActorMatch<'static> {
        ActorMatch {
            id: owned(self.id),
            name: owned(self.name),
            kind: self.kind,
            alert: self.alert,
            mentions: self.mentions,
            salience: self.salience,
            confidence: self.confidence,
            evidence: all_owned(self.evidence),
        }
    }
}

impl Evidence<'_> {
    pub(super) fn into_owned(self) -> Evidence<'static> {
        Evidence {
            field: self.field,
            start: self.start,
            end: self.end,
            quote: owned(self.quote),
            because: self.because.into_owned(),
        }
    }
}

impl Because<'_> {
    fn into_owned(self) -> Because<'static> {
        match self {
            Self::Term(text) => Because::Term(owned(text)),
            Self::Alias { text, class } => Because::Alias {
                text: owned(text),
                class,
            },
        }
    }
}

fn all_owned(evidence: Vec<Evidence<'_>>) -> Vec<Evidence<'static>> {
    evidence.into_iter().map(Evidence::into_owned).collect()
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}
