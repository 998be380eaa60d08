//! How far a command has come: a bar on a terminal, a line now and then elsewhere.

use super::print;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// After so many steps a line is written where there is no terminal.
const LINE_EVERY: usize = 100;

/// Counts steps and shows them on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    done: usize,
    total: usize,
}

impl Progress {
    pub(super) fn new(total: usize) -> Self {
        let shows = std::io::stderr().is_terminal() && !print::no_color();
        let bar = shows.then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} feeds, {eta} left");
            style.map_or(bar.clone(), |style| bar.with_style(style))
        });
        Self {
            bar,
            done: 0,
            total,
        }
    }

    /// Counts one step.
    pub(super) fn step(&mut self) {
        self.done += 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
        } else if self.done.is_multiple_of(LINE_EVERY) && self.done < self.total {
            print::complain(&format!("{} of {} feeds", self.done, self.total));
        }
    }

    /// Takes the bar away.
    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
