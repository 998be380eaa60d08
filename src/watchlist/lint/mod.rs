//! What of a watchlist is sound but can hardly be meant: clauses that never
//! match, names that everybody bears, words that change nothing.
//!
//! A watchlist is a program that its author cannot step through, and what it
//! fails to find is not seen. So whatever can be proved to be void is said. What
//! is only unusual is left alone: a warning that is wrong twice is not read a
//! third time.

mod clause;
mod common;
mod logic;
mod names;
mod queries;
mod term;
#[cfg(test)]
mod tests;
mod topics;

use super::query::Query;
use super::{Place, Watchlist};
use logic::Logic;

/// Something that its author can hardly have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// What it is about.
    pub kind: LintKind,
    /// Which key.
    pub place: Place,
    /// Which part of its value.
    pub part: Part,
    /// What it does, unlike what it seems to do.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

/// A part of the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// One text of a list, counted from 0.
    Item(usize),
    /// One clause of a query, counted as
    /// [`clause_spans`](super::query::clause_spans) does.
    Clause(usize),
}

/// What a lint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LintKind {
    /// A clause can never match.
    NeverMatches,
    /// A clause, or a text of a list, changes nothing.
    ChangesNothing,
    /// An alias that counts wherever it occurs is short or an ordinary word.
    CommonAlias,
    /// An acronym is not among `acronyms`, or is there without capitals.
    AcronymCase,
    /// An alias belongs to two actors.
    SharedAlias,
    /// An alias is given twice, or never counts.
    SpareAlias,
    /// A topic asks for no word in particular.
    MatchesMuch,
    /// `and`, `or` or `not` is a word here, where the operator seems to be meant.
    SmallOperator,
    /// A `threshold` or `salience` that no article reaches.
    OutOfReach,
    /// Two topics ask for the same.
    SameTopic,
}

impl Watchlist {
    /// What can hardly be meant, topics first, in the order of the watchlist.
    ///
    /// The watchlist is expected to have no [`flaws`](Self::flaws).
    ///
    /// ```
    /// use wirewatch::watchlist::{LintKind, Topic, TopicId, Watchlist, query};
    ///
    /// let topic = Topic::new(TopicId::new("arms")?, query::parse("weapon OR weapon*")?);
    /// let watchlist = Watchlist { actors: vec![], topics: vec![topic] };
    /// let lints = watchlist.lints();
    /// assert_eq!(lints[0].kind, LintKind::ChangesNothing);
    /// assert_eq!(lints[0].message, "`weapon` changes nothing: `weapon*` holds wherever it does");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn lints(&self) -> Vec<Lint> {
        let mut logic = Logic::new(self);
        let mut found = Findings::default();
        topics::check(self, &mut logic, &mut found);
        names::check(self, &logic.families, &mut found);
        found.0
    }
}

/// The lints found so far.
#[derive(Debug, Default)]
struct Findings(Vec<Lint>);

impl Findings {
    fn add(
        &mut self,
        kind: LintKind,
        place: &Place,
        part: Part,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Lint {
            kind,
            place: place.clone(),
            part,
            message: message.into(),
            help: help.into(),
        });
    }
}

/// A clause as a message shows it: a long one only begins.
fn quoted(query: &Query) -> String {
    const SHOWN_MAX: usize = 60;
    let text = query.to_string();
    if text.chars().count() <= SHOWN_MAX {
        return format!("`{text}`");
    }
    let start: String = text.chars().take(SHOWN_MAX).collect();
    format!("`{start}…`")
}
