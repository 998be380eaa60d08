//! What all feeds on `every = "auto"` may cost together, and so the pace of each.

use super::rhythm::{DAY_S, WINDOW_HASTE};
use super::{Every, Memory, PollLimits};
use jiff::{SignedDuration, Timestamp};

/// The minutes between two polls of a feed, in the mean of all, that the default
/// budget pays for: what they cost with the default interval, better spent.
const MINUTES_A_REQUEST: f64 = 15.0;
/// How long a pace holds: rates change over days.
const MEASURED_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// How often the range in which the pace must lie is halved, and that range.
const STEPS: usize = 48;
const PACE_LOG2: (f64, f64) = (-24.0, 24.0);

/// What the roots of the rates of each feed sum up to between two polls of it,
/// in the root of entries a day, times days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace(pub f64);

impl Default for Pace {
    /// That of one feed of an entry a day under the default budget.
    fn default() -> Self {
        Self(MINUTES_A_REQUEST * 60.0 / DAY_S)
    }
}

impl Pace {
    /// The pace at which feeds keep to their budget. All of it is used, unless
    /// every feed is polled as often as it may be; more than it only if all are
    /// polled as seldom as they may be.
    pub fn of<'a>(
        feeds: impl Iterator<Item = (&'a PollLimits, &'a Memory)>,
        now: Timestamp,
    ) -> Self {
        let mut budget = None;
        let shares: Vec<[f64; 4]> = feeds
            .filter(|(limits, _)| limits.every == Every::Auto)
            .map(|(limits, Memory { rhythm, habit, .. })| {
                budget = budget.max(limits.requests_per_minute);
                let polls = |wait: SignedDuration| DAY_S / wait.as_secs_f64().max(0.001);
                let (least, most) = (polls(limits.max), polls(limits.min));
                let window = rhythm.polls_least(habit.entries_least);
                let hurry = f64::from(2_u32.pow(habit.halvings(now)));
                [rhythm.weight() * hurry, window, least, most]
            })
            .collect();
        if shares.is_empty() {
            return Self::default();
        }
        let per_minute = budget.map_or(shares.len() as f64 / MINUTES_A_REQUEST, f64::from);
        let per_day = per_minute * 24.0 * 60.0;
        let cost = |pace: f64| -> f64 {
            let polls = |[weight, window, least, most]: &[f64; 4]| {
                let share = weight / pace;
                let polls = share.max(window.min(share * WINDOW_HASTE));
                polls.min(*most).max(*least)
            };
            shares.iter().map(polls).sum()
        };
        let (mut low, mut high) = PACE_LOG2;
        for _ in 0..STEPS {
            let middle = f64::midpoint(low, high);
            if cost(middle.exp2()) > per_day {
                low = middle;
            } else {
                high = middle;
            }
        }
        Self(high.exp2())
    }
}

/// The pace, measured anew now and then.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Measured {
    pace: Pace,
    at: Option<Timestamp>,
}

impl Measured {
    /// The pace for now.
    pub(crate) fn at<'a>(
        &mut self,
        now: Timestamp,
        feeds: impl Iterator<Item = (&'a PollLimits, &'a Memory)>,
    ) -> Pace {
        let fresh = self
            .at
            .is_some_and(|at| now.duration_since(at).abs() < MEASURED_EVERY);
        if !fresh {
            *self = Self {
                pace: Pace::of(feeds, now),
                at: Some(now),
            };
        }
        self.pace
    }

    /// Feeds came or went: it is measured at once when it is next asked for.
    pub(crate) fn forget(&mut self) {
        self.at = None;
    }
}
