//! Anchors: what an article must have for a topic to be worth evaluating.
//!
//! Of a query, a set of leaves and actors is chosen of which at least one must
//! be found if the query matches: of AND the best part, of OR all parts (as the
//! presearchers of Lucene's monitor do). Best is what is rarest, and rarity is
//! guessed from length: phrases and actors before words, long words before
//! short ones. A topic without an anchor is evaluated on every article.

use super::evaluate::Node;
use super::lexicon::{Hits, Leaf};
use std::collections::BTreeSet;

/// Topics by their anchors.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    /// Sorted by leaf.
    by_leaf: Vec<(Leaf, u32)>,
    /// Sorted by actor.
    by_actor: Vec<(u32, u32)>,
    /// Those that are always evaluated.
    unanchored: Vec<u32>,
}

/// A sufficient set, and how common it is thought to be.
#[derive(Debug, Clone, Default)]
struct Set {
    leaves: Vec<Leaf>,
    actors: Vec<u32>,
    commonness: f64,
}

impl Anchors {
    /// Chooses the anchors of every topic; `queries` are in their order.
    pub(super) fn of(queries: &[&Node]) -> Self {
        let mut anchors = Self::default();
        for (topic, query) in queries.iter().enumerate() {
            let topic = topic as u32;
            match set_of(query, queries) {
                Some(set) => {
                    anchors
                        .by_leaf
                        .extend(set.leaves.iter().map(|leaf| (*leaf, topic)));
                    anchors
                        .by_actor
                        .extend(set.actors.iter().map(|actor| (*actor, topic)));
                }
                None => anchors.unanchored.push(topic),
            }
        }
        anchors.by_leaf.sort_unstable();
        anchors.by_leaf.dedup();
        anchors.by_actor.sort_unstable();
        anchors.by_actor.dedup();
        anchors
    }

    /// The topics that may match an article with these hits and mentions, in
    /// the order of the watchlist.
    pub(super) fn candidates(&self, hits: &Hits, actors: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut topics: BTreeSet<u32> = self.unanchored.iter().copied().collect();
        for places in hits.all().chunk_by(|a, b| a.0 == b.0) {
            let leaf = places.first().map(|(leaf, _)| *leaf);
            topics.extend(leaf.into_iter().flat_map(|leaf| of(&self.by_leaf, leaf)));
        }
        for actor in actors {
            topics.extend(of(&self.by_actor, actor));
        }
        topics.into_iter().collect()
    }
}

fn of<K: Ord + Copy>(rows: &[(K, u32)], key: K) -> impl Iterator<Item = u32> {
    let from = rows.partition_point(|(other, _)| *other < key);
    let rest = rows.get(from..).unwrap_or_default();
    rest.iter()
        .take_while(move |(other, _)| *other == key)
        .map(|(_, topic)| *topic)
}

fn set_of(node: &Node, queries: &[&Node]) -> Option<Set> {
    match node {
        Node::And(parts) => best(parts.iter().filter_map(|part| set_of(part, queries))),
        Node::Proximity { left, right, .. } => best(
            [left, right]
                .into_iter()
                .filter_map(|part| set_of(part, queries)),
        ),
        Node::Or(parts) | Node::Of(_, parts) => {
            let sets: Option<Vec<Set>> = parts.iter().map(|part| set_of(part, queries)).collect();
            sets.map(all)
        }
        Node::Not(_) => None,
        Node::Term(term) => Some(Set {
            leaves: term.leaves.clone(),
            actors: Vec::new(),
            commonness: commonness(&term.text),
        }),
        Node::Actor { family, .. } => Some(Set {
            leaves: Vec::new(),
            actors: family.clone(),
            commonness: 1.0 / 64.0 * family.len() as f64,
        }),
        // Topics do not refer to each other in a circle, so this ends.
        Node::Topic(index) => set_of(queries.get(*index)?, queries),
        Node::In(_, part)
        | Node::AtLeast(_, part)
        | Node::First(_, part)
        | Node::Weighted(part, _) => set_of(part, queries),
    }
}

fn best(sets: impl Iterator<Item = Set>) -> Option<Set> {
    sets.min_by(|a, b| a.commonness.total_cmp(&b.commonness))
}

fn all(sets: Vec<Set>) -> Set {
    sets.into_iter().fold(Set::default(), |mut all, set| {
        all.leaves.extend(set.leaves);
        all.actors.extend(set.actors);
        all.commonness += set.commonness;
        all
    })
}

/// A guess at how common a word or phrase is: half as common with every letter
/// up to twelve, and a phrase rarer than a word of its length.
fn commonness(text: &str) -> f64 {
    const LETTERS_MAX: usize = 12;
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let is_phrase = text.split_whitespace().nth(1).is_some();
    let rarity = letters + if is_phrase { 4 } else { 0 };
    (0..rarity.min(LETTERS_MAX)).fold(1.0, |common, _| common / 2.0)
}
