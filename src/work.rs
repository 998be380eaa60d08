//! Counted work: how tests know that a cost is linear.
//!
//! Time tells little on a busy machine. What reads foreign text counts its steps
//! instead, and tests compare the counts of texts of one, two and four times a
//! length. Outside of tests nothing is counted.

#[cfg(test)]
thread_local! {
    static STEPS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts steps of work.
#[cfg(test)]
pub(crate) fn count(steps: usize) {
    STEPS.with(|all| all.set(all.get() + steps as u64));
}

/// Counts steps of work, in tests.
#[cfg(not(test))]
#[inline(always)]
pub(crate) fn count(_steps: usize) {}

/// How many steps a piece of work takes.
#[cfg(test)]
pub(crate) fn steps(work: impl FnOnce()) -> u64 {
    let before = STEPS.with(std::cell::Cell::get);
    work();
    STEPS.with(std::cell::Cell::get) - before
}
