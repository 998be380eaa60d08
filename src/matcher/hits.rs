//! Hits: where the words and phrases of a watchlist stand in one article.
//!
//! There are hundreds, and everything that is decided of an article asks for a few
//! of them, mostly for what it does not have. They stand as they were found, chained
//! by leaf, under a table that is mostly empty.

use super::reading::Span;
use super::trie::Leaf;
use crate::work::count;
use rustc_hash::FxHashMap;

/// The most places of one phrase that are kept of one article.
const HITS_MAX: u32 = 10_000;

/// How many heads the table has for each place, at least.
const HEADS_PER_PLACE: usize = 2;

/// A leaf at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) leaf: Leaf,
    pub(super) span: Span,
    /// The number of the next place of this leaf, counted from 1; 0 behind the last.
    next: u32,
}

/// Where the leaves of a lexicon stand in one article.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// Each once; those of a leaf in the order of the text.
    places: Vec<Place>,
    /// The number of the first place of a leaf, counted from 1, at or behind the
    /// place in this table that its leaf has.
    heads: Vec<u32>,
}

impl Place {
    pub(super) fn of(leaf: Leaf, span: Span) -> Self {
        let next = 0;
        Self { leaf, span, next }
    }
}

impl Hits {
    /// Takes places of which no two are the same, those of a leaf in the order of
    /// the text.
    pub(super) fn of(places: Vec<Place>) -> Self {
        let heads = (places.len() * HEADS_PER_PLACE).next_power_of_two();
        let mut hits = Self {
            heads: vec![0; heads],
            places,
        };
        if hits.places.len() > HITS_MAX as usize {
            hits.drop_surplus();
        }
        // From the last to the first, so that each goes before those behind it.
        for number in (1..=hits.places.len() as u32).rev() {
            hits.chain(number);
        }
        hits
    }

    fn chain(&mut self, number: u32) {
        let Some(place) = self.place(number) else {
            return;
        };
        let at = self.find(place.leaf);
        let place = self.places.get_mut(number as usize - 1);
        if let Some((head, place)) = self.heads.get_mut(at).zip(place) {
            place.next = std::mem::replace(head, number);
        }
    }

    /// Keeps the first places of each leaf that has too many.
    fn drop_surplus(&mut self) {
        let mut counts: FxHashMap<Leaf, u32> = FxHashMap::default();
        self.places.retain(|place| {
            let count = counts.entry(place.leaf).or_default();
            *count += 1;
            *count <= HITS_MAX
        });
    }

    /// Where the head of a leaf stands in the table, or would stand.
    fn find(&self, leaf: Leaf) -> usize {
        // Leaves are numbered as they come, so neighbours are found together.
        let mixed = leaf.0.wrapping_mul(0x9E37_79B1) as usize;
        let mask = self.heads.len().wrapping_sub(1);
        let mut at = (mixed >> 7) & mask;
        loop {
            count(1);
            match self.heads.get(at).and_then(|head| self.place(*head)) {
                Some(place) if place.leaf != leaf => at = (at + 1) & mask,
                _ => return at,
            }
        }
    }

    /// A place by its number, counted from 1.
    fn place(&self, number: u32) -> Option<Place> {
        self.places.get((number as usize).wrapping_sub(1)).copied()
    }

    /// Whether a leaf was found.
    pub(super) fn has(&self, leaf: Leaf) -> bool {
        self.heads
            .get(self.find(leaf))
            .is_some_and(|head| *head != 0)
    }

    /// The leaves that were found, each once.
    pub(super) fn leaves(&self) -> impl Iterator<Item = Leaf> {
        let heads = self.heads.iter().filter(|head| **head != 0);
        heads.filter_map(|head| Some(self.place(*head)?.leaf))
    }

    /// The places of one leaf, in the order of the text.
    pub(super) fn of_leaf(&self, leaf: Leaf) -> impl Iterator<Item = Span> {
        let head = self.heads.get(self.find(leaf));
        let first = head.and_then(|head| self.place(*head));
        let places = std::iter::successors(first, |place| self.place(place.next));
        places.map(|place| {
            count(1);
            place.span
        })
    }

    /// Every place of every leaf.
    pub(super) fn all(&self) -> &[Place] {
        &self.places
    }
}
