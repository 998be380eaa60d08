//! Mistakes as a person sees them.

use super::excerpt::Excerpt;
use crate::watchlist::LintKind;
use std::fmt;
use std::path::Path;

/// One mistake, ready to be printed.
///
/// ```text
/// wirewatch.toml:12:9: error: `15` has no unit (poll.every)
///   every = "15"
///           ^^^^
///   help: write a duration such as "30s", "15m", "1h30m" or "7d"
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub level: Level,
    /// `FILE:LINE:COLUMN`, counted from 1 in characters, or the name of a variable.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// The path of the key that it is about, if it is about one.
    pub key: Option<String>,
    /// The line, with the place underlined.
    pub(super) excerpt: Option<Excerpt>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// An error that is about a file as a whole.
    pub fn of_file(path: &Path, message: String) -> Self {
        Self {
            level: Level::Error,
            place: path.display().to_string(),
            message,
            key: None,
            excerpt: None,
            help: None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.level, self.message)?;
        if let Some(key) = &self.key {
            write!(f, " ({key})")?;
        }
        if let Some(excerpt) = &self.excerpt {
            write!(f, "\n{excerpt}")?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The configuration cannot be used.
    Error,
    /// It can be used, but does not do what its author may expect.
    Warning(Lint),
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error => f.write_str("error"),
            Self::Warning(lint) => write!(f, "warning[{}]", lint.code()),
        }
    }
}

/// What a warning is about. The codes are stable: people search for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lint {
    /// There is nothing to poll.
    NoFeeds,
    /// There is nowhere to deliver to.
    NoSinks,
    /// No topic, and no actor whose mention makes an alert.
    NothingToAlert,
    /// Two feeds have one address.
    SameFeedTwice,
    /// A public host is asked more often than is polite.
    ImpoliteInterval,
    /// A host has more feeds than it can be asked for in their interval.
    CrowdedHost,
    /// A webhook cannot prove who sends it.
    UnsignedWebhook,
    /// A secret stands in a file that anybody on the machine may read.
    ReadableSecret,
    /// No route leads to a sink.
    UnroutedSink,
    /// No route carries a topic, or an actor that makes alerts.
    Unrouted,
    /// Something in a watchlist is not what it seems to be.
    Watchlist(LintKind),
}

impl Lint {
    const CODES: [(&'static str, Self); 20] = [
        ("W001", Self::NoFeeds),
        ("W002", Self::NoSinks),
        ("W003", Self::NothingToAlert),
        ("W004", Self::SameFeedTwice),
        ("W005", Self::ImpoliteInterval),
        ("W006", Self::UnsignedWebhook),
        ("W007", Self::ReadableSecret),
        ("W008", Self::UnroutedSink),
        ("W009", Self::Watchlist(LintKind::NeverMatches)),
        ("W010", Self::Watchlist(LintKind::ChangesNothing)),
        ("W011", Self::Watchlist(LintKind::CommonAlias)),
        ("W012", Self::Watchlist(LintKind::AcronymCase)),
        ("W013", Self::Watchlist(LintKind::SharedAlias)),
        ("W014", Self::Watchlist(LintKind::SpareAlias)),
        ("W015", Self::Watchlist(LintKind::MatchesMuch)),
        ("W016", Self::Unrouted),
        ("W017", Self::Watchlist(LintKind::SmallOperator)),
        ("W018", Self::Watchlist(LintKind::OutOfReach)),
        ("W019", Self::Watchlist(LintKind::SameTopic)),
        ("W020", Self::CrowdedHost),
    ];

    /// The code that is printed: `W001` and on.
    pub fn code(self) -> &'static str {
        Self::CODES
            .iter()
            .find(|(_, lint)| *lint == self)
            .map_or("", |(code, _)| code)
    }
}

/// Every problem of a configuration that cannot be used, errors and warnings,
/// in the order of the files and of their lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.0
            .iter()
            .filter(|problem| problem.level == Level::Error)
            .count()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
