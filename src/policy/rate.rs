//! So many in so long: what a route may send, and what a sink takes.

use jiff::SignedDuration;

/// A number of things in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many; at least 1.
    pub count: u32,
    /// In how long; longer than nothing.
    pub per: SignedDuration,
}
