//! The fields of an article, as words that queries and output share.

/// A field of an article that a query can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The title.
    Title,
    /// The summary.
    Summary,
    /// The body.
    Body,
    /// One of the authors.
    Author,
    /// The publisher.
    Source,
    /// The name of the feed.
    Feed,
    /// One of the feed's tags.
    Tag,
    /// The language code.
    Language,
    /// The address.
    Url,
    /// One of the categories.
    Category,
}

impl Field {
    /// Every field, in the order in which they are read.
    pub const ALL: [Self; 10] = [
        Self::Title,
        Self::Summary,
        Self::Body,
        Self::Author,
        Self::Source,
        Self::Feed,
        Self::Tag,
        Self::Language,
        Self::Url,
        Self::Category,
    ];

    /// The word used in queries and in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Summary => "summary",
            Self::Body => "body",
            Self::Author => "author",
            Self::Source => "source",
            Self::Feed => "feed",
            Self::Tag => "tag",
            Self::Language => "lang",
            Self::Url => "url",
            Self::Category => "category",
        }
    }

    /// The field with this word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == word)
    }
}
