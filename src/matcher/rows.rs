//! Rows of numbers under numbers: what a leaf belongs to, whom an actor concerns.
//!
//! Nearly every row has one value, which stands in the place of the row itself:
//! what is looked up a million places apart should be fetched once.

/// For each of the numbers from 0 on, a sorted row of others below [`MANY`].
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The value of a row of one; of others, where among `many` they stand.
    places: Vec<u32>,
    /// Rows of several, each behind the count of its values.
    many: Vec<u32>,
}

/// The bit that tells the place of several values from a value.
const MANY: u32 = 1 << 31;

/// The place of a row without values.
const NONE: u32 = u32::MAX;

impl Rows {
    /// Sorts pairs of a row's number and a value into rows, each value once.
    pub(super) fn of(mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let rows = pairs.last().map_or(0, |(last, _)| *last as usize + 1);
        let mut all = Self {
            places: vec![NONE; rows],
            many: Vec::new(),
        };
        for row in pairs.chunk_by(|a, b| a.0 == b.0) {
            let [(number, value), ..] = row else { continue };
            let several = all.many.len() as u32;
            if let Some(place) = all.places.get_mut(*number as usize) {
                *place = if row.len() == 1 {
                    *value
                } else {
                    several | MANY
                };
            }
            if row.len() > 1 {
                all.many.push(row.len() as u32);
                all.many.extend(row.iter().map(|(_, value)| *value));
            }
        }
        all.many.shrink_to_fit();
        all
    }

    /// One row; empty where nothing was put.
    pub(super) fn row(&self, number: u32) -> &[u32] {
        let at = number as usize;
        match self.places.get(at) {
            None | Some(&NONE) => &[],
            Some(place) if place & MANY == 0 => self.places.get(at..=at).unwrap_or_default(),
            Some(place) => {
                let head = (place & !MANY) as usize;
                let count = self.many.get(head).map_or(0, |count| *count as usize);
                let values = head + 1..head + 1 + count;
                self.many.get(values).unwrap_or_default()
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}
