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
    pub(super) fn of(pairs: Vec<(u32, u32)>) -> Self {
        let rows = pairs.iter().map(|(row, _)| *row as usize + 1).max();
        let mut all = Self {
            places: vec![NONE; rows.unwrap_or(0)],
            many: Vec::new(),
        };
        let mut further = Vec::new();
        for (row, value) in pairs {
            match all.places.get_mut(row as usize) {
                Some(place) if *place == NONE => *place = value,
                Some(place) if *place != value => further.push((row, value)),
                _ => {}
            }
        }
        further.sort_unstable();
        further.dedup();
        for row in further.chunk_by(|a, b| a.0 == b.0) {
            let [(number, _), ..] = row else { continue };
            let head = all.many.len();
            let Some(place) = all.places.get_mut(*number as usize) else {
                continue;
            };
            all.many.extend([row.len() as u32 + 1, *place]);
            all.many.extend(row.iter().map(|(_, value)| *value));
            if let Some(values) = all.many.get_mut(head + 1..) {
                values.sort_unstable();
            }
            *place = head as u32 | MANY;
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
