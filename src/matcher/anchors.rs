//! Anchors: what an article must have for a topic to be worth evaluating.
//!
//! Of a query, a set of leaves and actors is chosen of which at least one must
//! be found if the query matches: of AND the best part, of OR all parts (as the
//! presearchers of Lucene's monitor do). Best is what is rarest in the articles
//! that were observed; before there are any, rarity is guessed from length. A
//! topic without an anchor is evaluated on every article.

use super::evaluate::{Node, TopicQuery};
use super::frequencies::Frequencies;
use super::hits::Hits;
use super::roster::Roster;
use super::rows::Rows;
use crate::text::tokenise;
use crate::work::count;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Topics by their anchors.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    by_leaf: Rows,
    by_actor: Rows,
    /// Those that are always evaluated.
    unanchored: Vec<u32>,
}

/// What rarity is judged by.
#[derive(Debug)]
pub(super) struct Judge<'a> {
    pub(super) topics: &'a [TopicQuery],
    pub(super) roster: &'a Roster,
    pub(super) frequencies: &'a Frequencies,
    /// The sets of topics that others refer to, each chosen once.
    pub(super) known: RefCell<FxHashMap<usize, Option<Set>>>,
}

/// A sufficient set, and how common it is thought to be.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    leaves: Vec<u32>,
    actors: Vec<u32>,
    commonness: f64,
}

impl Anchors {
    /// Chooses the anchors of every topic.
    pub(super) fn of(judge: &Judge<'_>) -> Self {
        let (mut by_leaf, mut by_actor, mut unanchored) = (Vec::new(), Vec::new(), Vec::new());
        for (topic, query) in (0..).zip(judge.topics) {
            match judge.set(&query.query) {
                Some(set) => {
                    by_leaf.extend(set.leaves.iter().map(|leaf| (*leaf, topic)));
                    by_actor.extend(set.actors.iter().map(|actor| (*actor, topic)));
                }
                None => unanchored.push(topic),
            }
        }
        Self {
            by_leaf: Rows::of(by_leaf),
            by_actor: Rows::of(by_actor),
            unanchored,
        }
    }

    /// The topics that may match an article with these hits and mentions, in
    /// any order and some more than once.
    pub(super) fn candidates(&self, hits: &Hits, actors: &[u32]) -> Vec<u32> {
        let mut topics = self.unanchored.clone();
        for leaf in hits.leaves() {
            topics.extend(self.by_leaf.row(leaf.0));
        }
        for actor in actors {
            topics.extend(self.by_actor.row(*actor));
        }
        count(topics.len());
        topics
    }
}

impl Judge<'_> {
    fn set(&self, node: &Node) -> Option<Set> {
        match node {
            Node::And(parts) => best(parts.iter().filter_map(|part| self.set(part))),
            Node::Proximity { left, right, .. } => {
                let sides = [left, right].into_iter();
                best(sides.filter_map(|part| self.set(part)))
            }
            Node::Apart { left, .. } => self.set(left),
            Node::Or(parts) | Node::Of(_, parts) => {
                let sets: Option<Vec<Set>> = parts.iter().map(|part| self.set(part)).collect();
                sets.map(all)
            }
            Node::Not(_) => None,
            Node::Term(term) => Some(Set {
                leaves: term.leaves.iter().map(|leaf| leaf.0).collect(),
                actors: Vec::new(),
                commonness: self.commonness(&term.text),
            }),
            Node::Actor { family, .. } => Some(Set {
                leaves: Vec::new(),
                actors: family.clone(),
                commonness: family
                    .iter()
                    .flat_map(|actor| self.roster.texts(*actor))
                    .map(|text| self.commonness(text))
                    .sum(),
            }),
            // Topics do not refer to each other in a circle, so this ends.
            Node::Topic(index) => self.set_of_topic(*index),
            Node::In(_, part)
            | Node::AtLeast(_, part)
            | Node::First(_, part)
            | Node::Weighted(part, _) => self.set(part),
        }
    }

    fn set_of_topic(&self, index: usize) -> Option<Set> {
        if let Some(known) = self.known.borrow().get(&index) {
            return known.clone();
        }
        let set = self.set(&self.topics.get(index)?.query);
        self.known.borrow_mut().insert(index, set.clone());
        set
    }

    /// In which share of articles a word or phrase stands, at least roughly: a
    /// phrase is as rare as its rarest word, and rarer.
    fn commonness(&self, text: &str) -> f64 {
        let wild = text.contains(['*', '?']);
        let tokens = tokenise(text);
        let words = tokens.all().iter();
        let shares: Option<Vec<f64>> = words
            .map(|token| self.frequencies.share(token.print))
            .collect();
        match shares.filter(|shares| !wild && !shares.is_empty()) {
            Some(shares) => {
                let rarest = shares.iter().copied().fold(1.0, f64::min);
                rarest / shares.len() as f64
            }
            None => guess(text),
        }
    }
}

fn best(sets: impl Iterator<Item = Set>) -> Option<Set> {
    sets.min_by(|a, b| a.commonness.total_cmp(&b.commonness))
}

fn all(sets: Vec<Set>) -> Set {
    let mut all = Set::default();
    for set in sets {
        all.leaves.extend(set.leaves);
        all.actors.extend(set.actors);
        all.commonness += set.commonness;
    }
    // Two parts may refer to one topic, and so on down: each leaf is kept once.
    for numbers in [&mut all.leaves, &mut all.actors] {
        numbers.sort_unstable();
        numbers.dedup();
    }
    all
}

/// A guess at how common a word or phrase is: half as common with every letter
/// up to twelve, and a phrase rarer than a word of its length.
fn guess(text: &str) -> f64 {
    const LETTERS_MAX: usize = 12;
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let is_phrase = text.split_whitespace().nth(1).is_some();
    let rarity = letters + if is_phrase { 4 } else { 0 };
    (0..rarity.min(LETTERS_MAX)).fold(1.0, |common, _| common / 2.0)
}
