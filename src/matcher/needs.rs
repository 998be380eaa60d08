//! Needs: which words and actors an article must have for a query to match.
//!
//! A query is boiled down to what must be somewhere in the article, whatever
//! operators ask beyond that. All queries stand in one row of numbers, each in a
//! run of its own, so that the many candidates that lack a word are done with
//! after one look at memory and before anything is collected.

use super::evaluate::{Node, Term, TopicQuery};
use super::hits::Hits;
use super::lexicon::Leaf;
use crate::work::count;
use rustc_hash::FxHashMap;

/// The needs of all topics.
#[derive(Debug, Default)]
pub(super) struct Needs {
    row: Vec<u32>,
    /// Where the run of each topic begins.
    starts: Vec<u32>,
}

/// What stands in the upper bits of a number; the lower ones are its value.
const LEAF: u32 = 0;
const ACTOR: u32 = 1 << KIND_SHIFT;
/// At least so many of the group that follows.
const OF: u32 = 2 << KIND_SHIFT;
/// All of what follows; the value is how many numbers the group has with this.
const ALL: u32 = 3 << KIND_SHIFT;
/// Any of what follows.
const ANY: u32 = 4 << KIND_SHIFT;
const TOPIC: u32 = 5 << KIND_SHIFT;
/// Nothing is needed.
const FREE: u32 = 6 << KIND_SHIFT;

const KIND_SHIFT: u32 = 28;
const VALUE: u32 = (1 << KIND_SHIFT) - 1;

/// What was found of topics that others refer to.
pub(super) type Known = FxHashMap<u32, bool>;

/// What an article has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer<'a> {
    pub(super) hits: &'a Hits,
    /// The actors that are mentioned, sorted.
    pub(super) actors: &'a [u32],
}

impl Needs {
    pub(super) fn of(topics: &[TopicQuery]) -> Self {
        let mut needs = Self::default();
        for topic in topics {
            needs.starts.push(needs.row.len() as u32);
            needs.add(&topic.query);
        }
        needs.row.shrink_to_fit();
        needs
    }

    /// Whether an article has what a topic needs. What was found of topics that
    /// others refer to is kept in `known`, so that each is asked once.
    pub(super) fn are_met(&self, topic: u32, offer: Offer<'_>, known: &mut Known) -> bool {
        let start = self.starts.get(topic as usize);
        start.is_none_or(|start| self.is_met(&mut (*start as usize), offer, known))
    }

    /// Whether the need at a place of the row is met; moves on to the next.
    fn is_met(&self, at: &mut usize, offer: Offer<'_>, known: &mut Known) -> bool {
        let Some(&number) = self.row.get(*at) else {
            return true;
        };
        count(1);
        let head = *at;
        *at += 1;
        let value = number & VALUE;
        match number & !VALUE {
            LEAF => offer.hits.has(Leaf(value)),
            ACTOR => offer.actors.binary_search(&value).is_ok(),
            ALL => self.group_is_met(at, head + value as usize, None, offer, known),
            ANY => self.group_is_met(at, head + value as usize, Some(1), offer, known),
            OF => {
                let reach = self.row.get(*at).map_or(0, |any| any & VALUE) as usize;
                let end = *at + reach;
                *at += 1;
                self.group_is_met(at, end, Some(value), offer, known)
            }
            TOPIC => {
                if let Some(known) = known.get(&value) {
                    return *known;
                }
                let met = self.are_met(value, offer, known);
                known.insert(value, met);
                met
            }
            _ => true,
        }
    }

    /// Whether so many of a group are met, or all; moves on to its end.
    fn group_is_met(
        &self,
        at: &mut usize,
        end: usize,
        enough: Option<u32>,
        offer: Offer<'_>,
        known: &mut Known,
    ) -> bool {
        let mut met = 0;
        while *at < end {
            // Most of a group are words, which need no call.
            let word = self.row.get(*at).filter(|number| **number & !VALUE == LEAF);
            let is_met = match word {
                Some(leaf) => {
                    count(1);
                    *at += 1;
                    offer.hits.has(Leaf(*leaf))
                }
                None => self.is_met(at, offer, known),
            };
            match (is_met, enough) {
                (true, Some(enough)) if met + 1 >= enough => {
                    *at = end;
                    return true;
                }
                (true, _) => met += 1,
                (false, None) => {
                    *at = end;
                    return false;
                }
                (false, Some(_)) => {}
            }
        }
        enough.is_none()
    }

    fn add(&mut self, node: &Node) {
        match node {
            Node::And(parts) => self.group(ALL, parts.iter()),
            Node::Or(parts) => self.group(ANY, parts.iter()),
            Node::Of(count, parts) => {
                self.row.push(OF | (count & VALUE));
                self.group(ANY, parts.iter());
            }
            Node::Proximity { left, right, .. } => self.group(ALL, [&**left, &**right].into_iter()),
            Node::Apart { left, .. } => self.add(left),
            Node::Not(_) => self.row.push(FREE),
            Node::Term(Term { leaves, .. }) => {
                self.any_of(LEAF, leaves.iter().map(|leaf| leaf.0));
            }
            Node::Actor { family, .. } => self.any_of(ACTOR, family.iter().copied()),
            Node::Topic(index) => self.row.push(TOPIC | (*index as u32 & VALUE)),
            Node::In(_, part)
            | Node::AtLeast(_, part)
            | Node::First(_, part)
            | Node::Weighted(part, _) => self.add(part),
        }
    }

    fn group<'a>(&mut self, kind: u32, parts: impl Iterator<Item = &'a Node>) {
        let head = self.row.len();
        self.row.push(kind);
        for part in parts {
            self.add(part);
        }
        self.close(head);
    }

    fn any_of(&mut self, kind: u32, values: impl ExactSizeIterator<Item = u32>) {
        let head = self.row.len();
        let is_group = values.len() != 1;
        if is_group {
            self.row.push(ANY);
        }
        self.row.extend(values.map(|value| kind | (value & VALUE)));
        if is_group {
            self.close(head);
        }
    }

    /// Notes at the head of a group how far it reaches.
    fn close(&mut self, head: usize) {
        let after = self.row.len() - head;
        if let Some(kind) = self.row.get_mut(head) {
            *kind |= after as u32 & VALUE;
        }
    }
}
