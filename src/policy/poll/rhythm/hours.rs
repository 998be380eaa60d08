//! The hours of a week, and how much is published in each.
//!
//! Few feeds publish enough to know 168 hours from a month of them, so what is
//! known of an hour is drawn towards what is known of its hour of any day and of
//! its day as a whole, and these towards the mean: each by so many supposed
//! entries, which outweigh little knowledge and vanish beside much.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The hours of a week. Where it begins does not matter; it is a Thursday in
/// UTC, like the first of all days.
const HOURS: usize = 7 * 24;
const HOUR_S: i64 = 3600;
const WEEK_S: i64 = 7 * 24 * HOUR_S;
/// What an entry counts when it is new: room to fade, and room for 655 an hour.
const ENTRY: u16 = 100;
/// After so many weeks an entry counts half.
const HALF_LIFE_WEEKS: f64 = 4.0;
/// How many entries are supposed in each whole, and in each hour.
const SUPPOSED: f64 = 2.0;

/// How much was published in each hour of the week, what is older counting less.
///
/// It is stored with the feed at every poll, hence small: 448 letters, or none
/// as long as nothing was published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct Hours {
    /// The week that it was last faded in, counted from the first of all.
    week: i64,
    cells: Vec<u16>,
}

impl Hours {
    /// The hour of the week of a time.
    pub(super) fn index(at: Timestamp) -> usize {
        Self::index_of(at.as_second())
    }

    pub(super) fn index_of(second: i64) -> usize {
        (second.rem_euclid(WEEK_S) / HOUR_S) as usize
    }

    /// Counts an entry that was published at a time before now.
    pub(super) fn count(&mut self, at: Timestamp, now: Timestamp) {
        self.fade(now);
        if self.cells.is_empty() {
            self.cells = vec![0; HOURS];
        }
        let age = week_of(now).saturating_sub(week_of(at));
        let weight = f64::from(ENTRY) * faded(age);
        if let Some(cell) = self.cells.get_mut(Self::index(at)) {
            *cell = cell.saturating_add(weight as u16);
        }
    }

    fn fade(&mut self, now: Timestamp) {
        let week = week_of(now);
        let passed = week.saturating_sub(self.week);
        if passed > 0 {
            let kept = faded(passed);
            for cell in &mut self.cells {
                *cell = (f64::from(*cell) * kept).round() as u16;
            }
        }
        self.week = week;
    }

    /// How much of the mean is published in each hour.
    pub(super) fn relative(&self) -> [f64; HOURS] {
        let counted: f64 = self.cells.iter().map(|cell| f64::from(*cell)).sum();
        if counted <= 0.0 {
            return [1.0; HOURS];
        }
        let of = |index: usize| {
            let cell = self.cells.get(index % HOURS).copied().unwrap_or_default();
            f64::from(cell) / f64::from(ENTRY)
        };
        let mut smoothed = [0.0; HOURS];
        for (index, sum) in smoothed.iter_mut().enumerate() {
            *sum = (of(index + HOURS - 1) + 2.0 * of(index) + of(index + 1)) / 4.0;
        }
        let smooth = |index: usize| smoothed.get(index).copied().unwrap_or_default();
        let mean = counted / f64::from(ENTRY) / HOURS as f64;
        let drawn = |sum: f64, cells: f64| (sum + SUPPOSED) / (mean * cells + SUPPOSED);
        let (mut of_day, mut of_hour) = ([0.0; 7], [0.0; 24]);
        for (day, sum) in of_day.iter_mut().enumerate() {
            *sum = drawn((0..24).map(|hour| smooth(day * 24 + hour)).sum(), 24.0);
        }
        for (hour, sum) in of_hour.iter_mut().enumerate() {
            *sum = drawn((0..7).map(|day| smooth(day * 24 + hour)).sum(), 7.0);
        }
        let mut relative = [1.0; HOURS];
        for (index, part) in relative.iter_mut().enumerate() {
            let day = of_day.get(index / 24).copied().unwrap_or(1.0);
            let hour = of_hour.get(index % 24).copied().unwrap_or(1.0);
            *part = (smooth(index) + SUPPOSED * day * hour) / (mean + SUPPOSED);
        }
        let scale = HOURS as f64 / relative.iter().sum::<f64>();
        relative.map(|part| part * scale)
    }
}

fn week_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(WEEK_S)
}

fn faded(weeks: i64) -> f64 {
    (-(weeks as f64) / HALF_LIFE_WEEKS).exp2()
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        if hours.cells.is_empty() {
            return Self::new();
        }
        let bytes: Vec<u8> = hours
            .cells
            .iter()
            .flat_map(|cell| cell.to_le_bytes())
            .collect();
        format!("{} {}", hours.week, STANDARD_NO_PAD.encode(bytes))
    }
}

impl From<String> for Hours {
    /// What cannot be read is learnt anew.
    fn from(text: String) -> Self {
        let read = || {
            let (week, cells) = text.split_once(' ')?;
            let bytes = STANDARD_NO_PAD.decode(cells).ok()?;
            let (pairs, rest) = bytes.as_chunks::<2>();
            let cells: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
            let whole = rest.is_empty() && cells.len() == HOURS;
            Some(Self {
                week: week.parse().ok()?,
                cells,
            })
            .filter(|_| whole)
        };
        read().unwrap_or_default()
    }
}
