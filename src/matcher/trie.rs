//! The trie: all phrases of a watchlist as paths of fingerprints.
//!
//! One open table holds every step of every path. The key of a step is the print
//! of its word, mixed with the node that it goes on from, so a step is found with
//! one look at one place of memory, however many phrases there are. A filter of
//! single bits before it says of most words of an article that no path begins
//! with them, without a look at the table.

use crate::text::{Fingerprint, folded_product};
use crate::work::count;

/// A word or phrase of the lexicon: the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Leaf(pub(super) u32);

/// A place on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node(u32);

/// One step of a path, and what it leads to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    key: u64,
    node: Node,
    leaf: u32,
}

/// All phrases of a watchlist.
#[derive(Debug, Default)]
pub(super) struct Trie {
    slots: Vec<Step>,
    /// How many slots are taken, which is the number of nodes beside the root.
    steps: usize,
    leaves: u32,
    /// The words of the phrase that was added last, but for its end, and where
    /// each leads: the next phrase often begins alike.
    path: Vec<(Fingerprint, Node)>,
    filter: Filter,
}

const NO_LEAF: u32 = u32::MAX;

/// A slot that is not taken; no step has this key.
const FREE: Step = Step {
    key: 0,
    node: Node(0),
    leaf: NO_LEAF,
};

/// The bit of a node that says that a path goes on from it.
const GOES_ON: u32 = 1 << 31;

impl Step {
    /// Where longer phrases go on, if some do.
    pub(super) fn node(self) -> Option<Node> {
        let node = self.node.0;
        (node & GOES_ON != 0).then_some(Node(node & !GOES_ON))
    }

    /// The phrase that ends here, if one does.
    pub(super) fn leaf(self) -> Option<Leaf> {
        (self.leaf != NO_LEAF).then_some(Leaf(self.leaf))
    }
}

impl Node {
    pub(super) const ROOT: Self = Self(0);

    /// The key of the step that goes on from here with a word.
    pub(super) fn key(self, word: Fingerprint) -> u64 {
        // From the root, the key is the print itself: most look-ups are there.
        let key = if self == Self::ROOT {
            word.0
        } else {
            folded_product(word.0 ^ u64::from(self.0), 0xA076_1D64_78BD_642F)
        };
        key.max(1)
    }
}

impl Trie {
    /// Adds a phrase; the same phrase is the same leaf. None if it is empty.
    pub(super) fn add(
        &mut self,
        mut words: impl DoubleEndedIterator<Item = Fingerprint>,
    ) -> Option<Leaf> {
        let last = words.next_back()?;
        let mut node = Node::ROOT;
        for (depth, word) in words.enumerate() {
            node = match self.path.get(depth) {
                Some((known, next)) if *known == word => *next,
                _ => {
                    let step = self.step_of(node.key(word))?;
                    step.node.0 |= GOES_ON;
                    let next = Node(step.node.0 & !GOES_ON);
                    self.path.truncate(depth);
                    self.path.push((word, next));
                    next
                }
            };
        }
        let leaf = self.leaves;
        let step = self.step_of(node.key(last))?;
        if step.leaf != NO_LEAF {
            return step.leaf();
        }
        step.leaf = leaf;
        self.leaves += 1;
        Some(Leaf(leaf))
    }

    /// The step with a key, which is made if it is new.
    fn step_of(&mut self, key: u64) -> Option<&mut Step> {
        // Half empty while it grows, so that runs of taken slots stay short.
        if (self.steps + 1) * 2 > self.slots.len() {
            self.resize((self.slots.len() * 2).max(64));
        }
        let slot = find(&self.slots, key, home(&self.slots, key));
        let step = self.slots.get_mut(slot)?;
        if step.key == 0 {
            self.steps += 1;
            let node = Node(self.steps as u32);
            *step = Step { key, node, ..FREE };
        }
        Some(step)
    }

    fn resize(&mut self, slots: usize) {
        let old = std::mem::replace(&mut self.slots, vec![FREE; slots]);
        for step in old.into_iter().filter(|step| step.key != 0) {
            let slot = find(&self.slots, step.key, home(&self.slots, step.key));
            if let Some(free) = self.slots.get_mut(slot) {
                *free = step;
            }
        }
    }

    /// Makes what was added ready to be looked up, in no more memory than it needs.
    pub(super) fn finish(&mut self) {
        self.resize(self.steps * 10 / 7 + 1);
        self.path = Vec::new();
        self.filter = Filter::of(self.slots.iter().map(|step| step.key));
    }

    /// Whether there may be a step with this key; false means that there is none.
    pub(super) fn may_have(&self, key: u64) -> bool {
        self.filter.may_have(key)
    }

    /// Begins to look for a step, if there may be such a step.
    pub(super) fn look(&self, key: u64) -> Look {
        if self.may_have(key) {
            return self.fetch(key);
        }
        count(1);
        Look {
            key,
            at: 0,
            step: FREE,
        }
    }

    /// Begins to look for a step that the filter has: fetches what stands at its
    /// place.
    pub(super) fn fetch(&self, key: u64) -> Look {
        count(1);
        let at = home(&self.slots, key);
        let step = self.slots.get(at).copied().unwrap_or(FREE);
        Look { key, at, step }
    }

    /// The step that was looked for, if there is one.
    pub(super) fn step(&self, look: Look) -> Option<Step> {
        if look.step.key == look.key {
            return Some(look.step).filter(|step| step.key != 0);
        }
        if look.step.key == 0 {
            return None;
        }
        let step = self.slots.get(find(&self.slots, look.key, look.at))?;
        (step.key == look.key).then_some(*step)
    }
}

/// A look-up that has begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    key: u64,
    at: usize,
    step: Step,
}

/// The place that a key has if no other took it before: the key as a share of all
/// slots.
fn home(slots: &[Step], key: u64) -> usize {
    ((u128::from(key) * slots.len() as u128) >> 64) as usize
}

/// Where a key stands or would stand: from a place on, to the first slot that has
/// it or is free. Some slot is always free.
fn find(slots: &[Step], key: u64, from: usize) -> usize {
    let mut at = from;
    loop {
        count(1);
        match slots.get(at) {
            Some(step) if step.key == key || step.key == 0 => return at,
            Some(_) => at += 1,
            None if slots.is_empty() => return 0,
            None => at = 0,
        }
    }
}

/// A bit for each key, at a place that other keys may share.
#[derive(Debug, Default)]
struct Filter {
    bits: Vec<u64>,
}

/// How many bits the filter has for each key, at least.
const FILTER_BITS: usize = 8;

impl Filter {
    fn of(keys: impl Iterator<Item = u64> + Clone) -> Self {
        let count = keys.clone().filter(|key| *key != 0).count();
        let words = (count * FILTER_BITS).next_power_of_two().div_ceil(64);
        let mut filter = Self {
            bits: vec![0; words],
        };
        for key in keys.filter(|key| *key != 0) {
            let (word, bit) = filter.place(key);
            if let Some(word) = filter.bits.get_mut(word) {
                *word |= bit;
            }
        }
        filter
    }

    fn may_have(&self, key: u64) -> bool {
        let (word, bit) = self.place(key);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }

    /// The table goes by the upper bits of a key, the filter by the lower.
    fn place(&self, key: u64) -> (usize, u64) {
        let word = (key >> 6) as usize & self.bits.len().wrapping_sub(1);
        (word, 1 << (key & 63))
    }
}
