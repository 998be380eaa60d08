//! What the leaves of a lexicon belong to, as rows of one table.

use super::trie::Leaf;

/// For each leaf, the numbers of those that it belongs to, sorted.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Where the row of each leaf begins; one more for the end of the last.
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Rows {
    /// Sorts pairs of leaves and owners into rows.
    pub(super) fn of(mut pairs: Vec<(Leaf, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = Vec::new();
        if let Some((last, _)) = pairs.last() {
            starts.reserve_exact(last.0 as usize + 2);
        }
        for (at, (leaf, _)) in pairs.iter().enumerate() {
            starts.resize(leaf.0 as usize + 1, at as u32);
        }
        if !pairs.is_empty() {
            starts.push(pairs.len() as u32);
        }
        Self {
            starts,
            numbers: pairs.iter().map(|(_, owner)| *owner).collect(),
        }
    }

    /// The owners of a leaf.
    pub(super) fn of_leaf(&self, leaf: Leaf) -> &[u32] {
        let at = leaf.0 as usize;
        let row = self.starts.get(at).zip(self.starts.get(at + 1));
        row.and_then(|(start, end)| self.numbers.get(*start as usize..*end as usize))
            .unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
}
