//! Whether the page of an article is read for its full text.

use crate::name::word_of;

/// Which pages are read beside what the feed says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FullText {
    /// None.
    #[default]
    Never,
    /// Those of articles that nearly match.
    Near,
    /// All.
    Always,
}

impl FullText {
    /// Every choice with the word that is used for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("never", Self::Never),
        ("near", Self::Near),
        ("always", Self::Always),
    ];

    /// The word used in the configuration.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::WORDS, self)
    }

    /// Whether the page of a new article is read that makes no alert by what the
    /// feed says of it: one that does needs no page.
    pub fn wants(self, nearly_matches: impl FnOnce() -> bool) -> bool {
        match self {
            Self::Never => false,
            Self::Near => nearly_matches(),
            Self::Always => true,
        }
    }
}
