//! Queries on what one pass over an article found.
//!
//! A compiled query is evaluated to what it found, or to nothing. What it found
//! has spans, which proximity and counts work on, and evidence, which explains
//! and scores it; no text is read again. Proximity is a merge of two sorted
//! rows, so that its cost is linear in what was found, on hostile text too.

use super::actors::Mention;
use super::hits::Hits;
use super::lexicon::Leaf;
use super::reading::{Reading, Span};
use super::surroundings::is_one_sentence;
use crate::text::Field;
use crate::watchlist::AliasClass;
use crate::watchlist::query::Reach;
use crate::work::count;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cell::RefCell;

/// The least confidence of a mention that `@actor` takes.
const ACTOR_CONFIDENCE_MIN: f64 = 0.5;

/// A query, ready to be evaluated.
#[derive(Debug)]
pub(super) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Proximity {
        reach: Reach,
        left: Box<Node>,
        right: Box<Node>,
    },
    /// The left side where the right is not near.
    Apart {
        reach: Reach,
        left: Box<Node>,
        right: Box<Node>,
    },
    Term(Term),
    /// The actor with all who belong to it, sorted.
    Actor {
        family: Vec<u32>,
        strong: bool,
    },
    /// Another topic, by its place in the watchlist.
    Topic(usize),
    In(Field, Box<Node>),
    AtLeast(u32, Box<Node>),
    First(u32, Box<Node>),
    Of(u32, Vec<Node>),
    Weighted(Box<Node>, f64),
}

/// A word or phrase of a query.
#[derive(Debug)]
pub(super) struct Term {
    /// Its spellings in the lexicon.
    pub(super) leaves: Vec<Leaf>,
    /// As the query has it, for the evidence.
    pub(super) text: String,
    /// What the text must say to the letter, where case counts.
    pub(super) exact: Option<String>,
}

/// A query of a topic with what rules it out.
#[derive(Debug)]
pub(super) struct TopicQuery {
    pub(super) query: Node,
    pub(super) unless: Option<Node>,
}

/// What a query found.
#[derive(Debug, Clone, Default)]
pub(super) struct Found<'r, 'a> {
    /// In the order of the text, each once, at its greatest weight, so that what
    /// was found never grows beyond what the article has.
    pub(super) proofs: Proofs<'r, 'a>,
    /// What proximity and counts work on, in the order of the text, each once,
    /// where it is not the spans of the proofs.
    pairs: Option<Vec<Span>>,
}

/// Most queries find a word or two.
type Proofs<'r, 'a> = SmallVec<[Proof<'r, 'a>; 2]>;

/// One span of the text that a query rests on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proof<'r, 'a> {
    pub(super) span: Span,
    pub(super) answers: Answers<'r, 'a>,
    pub(super) weight: f64,
}

/// What in the watchlist a span answers to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answers<'r, 'a> {
    Term(&'a str),
    Mention(&'r Mention<'a>),
}

/// An article with all that was found in it.
#[derive(Debug)]
pub(super) struct Evaluation<'r, 'a> {
    reading: &'r Reading<'r>,
    hits: &'r Hits,
    mentions: &'r [Mention<'a>],
    topics: &'a [TopicQuery],
    /// What the topics that others refer to came to: each is evaluated once,
    /// however many refer to it.
    known: RefCell<FxHashMap<(usize, Scope), Option<Found<'r, 'a>>>>,
}

/// Which part of an article counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Scope {
    field: Option<Field>,
    first: Option<u32>,
}

impl Answers<'_, '_> {
    /// What tells two answers at one place apart.
    fn key(&self) -> (&str, u32) {
        match self {
            Self::Term(text) => (text, u32::MAX),
            Self::Mention(mention) => (mention.form.text, mention.form.actor),
        }
    }
}

impl<'r, 'a> Evaluation<'r, 'a> {
    pub(super) fn new(
        reading: &'r Reading<'r>,
        hits: &'r Hits,
        mentions: &'r [Mention<'a>],
        topics: &'a [TopicQuery],
    ) -> Self {
        Self {
            reading,
            hits,
            mentions,
            topics,
            known: RefCell::default(),
        }
    }

    /// What a topic's query found, or nothing if it does not match.
    pub(super) fn topic(&self, topic: &'a TopicQuery) -> Option<Found<'r, 'a>> {
        self.topic_in(topic, Scope::default())
    }

    fn referred(&self, index: usize, scope: Scope) -> Option<Found<'r, 'a>> {
        if let Some(known) = self.known.borrow().get(&(index, scope)) {
            return known.clone();
        }
        let found = self.topic_in(self.topics.get(index)?, scope);
        let mut known = self.known.borrow_mut();
        known.insert((index, scope), found.clone());
        found
    }

    fn topic_in(&self, topic: &'a TopicQuery, scope: Scope) -> Option<Found<'r, 'a>> {
        let found = self.node(&topic.query, scope)?;
        let ruled_out = topic
            .unless
            .as_ref()
            .is_some_and(|unless| self.node(unless, scope).is_some());
        (!ruled_out).then_some(found)
    }

    fn node(&self, node: &'a Node, scope: Scope) -> Option<Found<'r, 'a>> {
        count(1);
        match node {
            Node::And(parts) => self.at_least(parts.len(), parts, scope),
            Node::Or(parts) => self.at_least(1, parts, scope),
            Node::Not(part) => match self.node(part, scope) {
                Some(_) => None,
                None => Some(Found::default()),
            },
            Node::Proximity { reach, left, right } => {
                let (left, right) = (self.node(left, scope)?, self.node(right, scope)?);
                self.near(*reach, &left, &right)
            }
            Node::Apart { reach, left, right } => {
                let left = self.node(left, scope)?;
                match self.node(right, scope) {
                    Some(right) => self.apart(*reach, &left, &right),
                    None => Some(left),
                }
            }
            Node::Term(term) => self.term(term, scope),
            Node::Actor { family, strong } => self.actor(family, *strong, scope),
            Node::Topic(index) => self.referred(*index, scope),
            Node::In(field, part) => {
                let field = Some(*field);
                self.node(part, Scope { field, ..scope })
            }
            Node::AtLeast(count, part) => {
                let found = self.node(part, scope)?;
                (found.spans().len() >= *count as usize).then_some(found)
            }
            Node::First(count, part) => {
                let first = Some(scope.first.map_or(*count, |first| first.min(*count)));
                self.node(part, Scope { first, ..scope })
            }
            Node::Of(count, parts) => self.at_least(*count as usize, parts, scope),
            Node::Weighted(part, weight) => {
                let mut found = self.node(part, scope)?;
                for proof in &mut found.proofs {
                    proof.weight *= weight;
                }
                Some(found)
            }
        }
    }

    /// What so many of the parts found; nothing if it is fewer.
    fn at_least(&self, enough: usize, parts: &'a [Node], scope: Scope) -> Option<Found<'r, 'a>> {
        let mut all: Option<Found<'r, 'a>> = None;
        let mut held = 0;
        for (before, part) in parts.iter().enumerate() {
            // Those that are left would not be enough.
            if held + parts.len() - before < enough {
                return None;
            }
            let Some(found) = self.node(part, scope) else {
                continue;
            };
            held += 1;
            match &mut all {
                None => all = Some(found),
                Some(all) => all.add(found),
            }
        }
        if held > 1 {
            all.iter_mut().for_each(Found::settle);
        }
        all.filter(|_| held >= enough)
    }

    fn term(&self, term: &'a Term, scope: Scope) -> Option<Found<'r, 'a>> {
        let spans = term.leaves.iter().flat_map(|leaf| self.hits.of_leaf(*leaf));
        let counted = spans.filter(|span| {
            self.is_in(*span, scope)
                && is_one_sentence(self.reading, *span)
                && term
                    .exact
                    .as_ref()
                    .is_none_or(|exact| *exact == super::forms::exact(self.reading.source(*span)))
        });
        Found::of(counted.map(|span| Proof {
            span,
            answers: Answers::Term(&term.text),
            weight: 1.0,
        }))
    }

    fn actor(&self, family: &[u32], strong: bool, scope: Scope) -> Option<Found<'r, 'a>> {
        count(self.mentions.len());
        let counted = self.mentions.iter().filter(|mention| {
            let class_counts = !strong
                || matches!(
                    mention.form.class,
                    AliasClass::Strong | AliasClass::Titled | AliasClass::Acronym
                );
            class_counts
                && mention.confidence >= ACTOR_CONFIDENCE_MIN
                && family.binary_search(&mention.form.actor).is_ok()
                && self.is_in(mention.span, scope)
        });
        Found::of(counted.map(|mention| Proof {
            span: mention.span,
            answers: Answers::Mention(mention),
            weight: 1.0,
        }))
    }

    /// Whether a span is in the part that counts: one field, or else the text.
    fn is_in(&self, span: Span, scope: Scope) -> bool {
        let Some(field) = self.reading.field(span) else {
            return false;
        };
        let field_counts = scope.field.map_or(
            matches!(field, Field::Title | Field::Summary | Field::Body),
            |wanted| wanted == field,
        );
        let early = scope.first.is_none_or(|first| {
            self.reading
                .offset_in_field(span)
                .is_some_and(|offset| offset < first)
        });
        field_counts && early
    }

    /// What stands close enough on both sides. Each pair is one span, from the
    /// first token of the earlier to the last of the later.
    fn near(
        &self,
        reach: Reach,
        left: &Found<'r, 'a>,
        right: &Found<'r, 'a>,
    ) -> Option<Found<'r, 'a>> {
        let mut pairs = Vec::new();
        let (mut used_left, mut used_right) = (Vec::new(), Vec::new());
        let mut pair = |a: Span, b: Span| {
            count(1);
            used_left.push(a);
            used_right.push(b);
            pairs.push(Span {
                first: a.first.min(b.first),
                last: a.last.max(b.last),
            });
        };
        let (left_spans, right_spans) = (left.spans(), right.spans());
        let (lefts, rights) = (Row::of(&left_spans), Row::of(&right_spans));
        for &span in &*left_spans {
            let (before, after) = rights.neighbours(span);
            for other in [before, after].into_iter().flatten() {
                if self.is_near(reach, span, other) {
                    pair(span, other);
                }
            }
        }
        for &span in &*right_spans {
            let (before, after) = lefts.neighbours(span);
            for other in [before, after].into_iter().flatten() {
                if self.is_near(reach, other, span) {
                    pair(other, span);
                }
            }
        }
        if pairs.is_empty() {
            return None;
        }
        let proofs = within(&left.proofs, used_left).chain(within(&right.proofs, used_right));
        let proofs = proofs.copied().collect();
        Some(Found::new(pairs, proofs))
    }

    /// What of the left stands where nothing of the right is near or overlaps it.
    fn apart(
        &self,
        reach: Reach,
        left: &Found<'r, 'a>,
        right: &Found<'r, 'a>,
    ) -> Option<Found<'r, 'a>> {
        let (left_spans, right_spans) = (left.spans(), right.spans());
        let rights = Row::of(&right_spans);
        let alone = left_spans.iter().copied().filter(|span| {
            count(1);
            let (before, after) = rights.neighbours(*span);
            let mut beside = [before, after].into_iter().flatten();
            !rights.overlap(*span) && !beside.any(|other| self.is_near(reach, *span, other))
        });
        let alone: Vec<Span> = alone.collect();
        if alone.is_empty() {
            return None;
        }
        let proofs = within(&left.proofs, alone.clone()).copied().collect();
        Some(Found::new(alone, proofs))
    }

    fn is_near(&self, reach: Reach, left: Span, right: Span) -> bool {
        let (Some(a), Some(b)) = (
            self.reading.token(left.first),
            self.reading.token(right.first),
        ) else {
            return false;
        };
        let distance = if left.last < right.first {
            right.first - left.last
        } else if right.last < left.first {
            left.first - right.last
        } else {
            return false;
        };
        match reach {
            Reach::Near(words) => {
                distance <= words && self.reading.same_segment(left.first, right.first)
            }
            Reach::Pre(words) => {
                left.last < right.first
                    && distance <= words
                    && self.reading.same_segment(left.first, right.first)
            }
            Reach::Sentence => a.sentence == b.sentence,
            Reach::Paragraph => self.reading.paragraph(a) == self.reading.paragraph(b),
        }
    }
}

/// Spans by where they begin and by where they end.
struct Row<'s> {
    by_first: &'s [Span],
    by_last: Vec<Span>,
    /// How far any of the first so many reaches.
    reach: Vec<u32>,
}

impl<'s> Row<'s> {
    fn of(spans: &'s [Span]) -> Self {
        let mut by_last = spans.to_vec();
        by_last.sort_unstable_by_key(|span| (span.last, span.first));
        Self {
            by_first: spans,
            by_last,
            reach: reaches(spans),
        }
    }

    /// Whether one of the spans shares a token with this.
    fn overlap(&self, span: Span) -> bool {
        let until = self
            .by_first
            .partition_point(|other| other.first <= span.last);
        let furthest = until.checked_sub(1).and_then(|last| self.reach.get(last));
        furthest.is_some_and(|furthest| *furthest >= span.first)
    }

    /// The spans nearest to one, before and after it, that do not overlap it.
    fn neighbours(&self, span: Span) -> (Option<Span>, Option<Span>) {
        let until = self
            .by_last
            .partition_point(|other| other.last < span.first);
        let before = until.checked_sub(1).and_then(|at| self.by_last.get(at));
        let from = self
            .by_first
            .partition_point(|other| other.first <= span.last);
        (before.copied(), self.by_first.get(from).copied())
    }
}

/// The furthest end up to each span of a sorted row: it tells at once whether any
/// that begins before a place reaches over it.
fn reaches(spans: &[Span]) -> Vec<u32> {
    let mut furthest = 0;
    let ends = spans.iter().map(|span| {
        furthest = span.last.max(furthest);
        furthest
    });
    ends.collect()
}

/// The proofs that lie inside one of the spans.
fn within<'f, 'r, 'a>(
    proofs: &'f [Proof<'r, 'a>],
    mut spans: Vec<Span>,
) -> impl Iterator<Item = &'f Proof<'r, 'a>> {
    spans.sort_unstable();
    spans.dedup();
    let reach = reaches(&spans);
    proofs.iter().filter(move |proof| {
        let until = spans.partition_point(|span| span.first <= proof.span.first);
        until
            .checked_sub(1)
            .and_then(|last| reach.get(last))
            .is_some_and(|furthest| *furthest >= proof.span.last)
    })
}

impl<'r, 'a> Found<'r, 'a> {
    fn new(pairs: Vec<Span>, proofs: Proofs<'r, 'a>) -> Self {
        let mut found = Self {
            proofs,
            pairs: Some(pairs),
        };
        found.settle();
        found
    }

    /// What these proofs make; nothing without any.
    fn of(proofs: impl Iterator<Item = Proof<'r, 'a>>) -> Option<Self> {
        let mut found = Self {
            proofs: proofs.collect(),
            pairs: None,
        };
        found.settle();
        (!found.proofs.is_empty()).then_some(found)
    }

    /// Takes what another part of the query found, without any order.
    fn add(&mut self, other: Self) {
        if self.pairs.is_some() || other.pairs.is_some() {
            let own = self.pairs.take();
            let mut pairs = own.unwrap_or_else(|| self.spans().into_owned());
            pairs.extend(&*other.spans());
            self.pairs = Some(pairs);
        }
        self.proofs.extend(other.proofs);
    }

    /// Puts in order what was added, each once.
    fn settle(&mut self) {
        count(self.proofs.len() + self.pairs.as_ref().map_or(0, Vec::len));
        if let Some(pairs) = &mut self.pairs {
            pairs.sort_unstable();
            pairs.dedup();
        }
        self.proofs.sort_unstable_by(|a, b| {
            let by_place = (a.span, a.answers.key()).cmp(&(b.span, b.answers.key()));
            by_place.then(b.weight.total_cmp(&a.weight))
        });
        self.proofs
            .dedup_by(|b, a| (a.span, a.answers.key()) == (b.span, b.answers.key()));
    }

    /// What proximity and counts work on.
    fn spans(&self) -> Cow<'_, [Span]> {
        if let Some(pairs) = &self.pairs {
            return pairs.into();
        }
        let mut spans: Vec<Span> = self.proofs.iter().map(|proof| proof.span).collect();
        spans.dedup();
        spans.into()
    }
}
