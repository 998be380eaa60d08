//! Rows of numbers under numbers: what a leaf belongs to, whom an actor concerns.

/// For each of the numbers from 0 on, a sorted row of others, in two arrays.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Where each row begins; one more for the end of the last.
    starts: Vec<u32>,
    values: Vec<u32>,
}

impl Rows {
    /// Sorts pairs of a row's number and a value into rows, each value once.
    pub(super) fn of(mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = Vec::new();
        if let Some((last, _)) = pairs.last() {
            starts.reserve_exact(*last as usize + 2);
        }
        for (at, (row, _)) in pairs.iter().enumerate() {
            starts.resize(*row as usize + 1, at as u32);
        }
        if !pairs.is_empty() {
            starts.push(pairs.len() as u32);
        }
        Self {
            starts,
            values: pairs.iter().map(|(_, value)| *value).collect(),
        }
    }

    /// One row; empty where nothing was put.
    pub(super) fn row(&self, number: u32) -> &[u32] {
        let at = number as usize;
        let bounds = self.starts.get(at).zip(self.starts.get(at + 1));
        bounds
            .and_then(|(start, end)| self.values.get(*start as usize..*end as usize))
            .unwrap_or_default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
