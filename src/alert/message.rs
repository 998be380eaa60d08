//! What people are told, read back from the stored payload and made harmless.
//!
//! Every format but the plain JSON is made from a [`Message`]. Its texts are one
//! line each, without control characters and without the marks that turn the
//! direction of writing; its links lead to the web. What is left to a format is
//! the markup of its receiver, and its limits.

use super::passages::Passage;
use crate::name::of_word;
use crate::text::{Field, is_active, printable};
use crate::watchlist::Severity;
use jiff::Timestamp;
use serde::Deserialize;
use std::ops::Range;
use url::Url;

/// The longest title that is handed on, in characters.
const TITLE_CHARS_MAX: usize = 1_000;
/// The longest other text, in characters.
const TEXT_CHARS_MAX: usize = 4_000;
/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 200;
/// The longest link, in bytes; a longer one is left out.
const URL_BYTES_MAX: usize = 2_048;
/// The longest passage, in bytes.
const PASSAGE_BYTES_MAX: usize = 2_000;

/// Why a stored payload cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the stored payload is no alert, digest or notice: {0}")]
pub struct MessageError(#[from] serde_json::Error);

/// One delivery, as people read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its type on the wire, such as `article.matched`.
    pub kind: String,
    /// The id of the alert, digest or notice.
    pub id: String,
    /// Its number at its sink; 0 where it has none yet.
    pub seq: u64,
    /// When it was made.
    pub at: Timestamp,
    /// How much it matters.
    pub severity: Severity,
    /// What it tells.
    pub content: Content,
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// An article that matched, or a test that looks like one.
    Article(Box<ArticleMessage>),
    /// Several of them together.
    Digest(DigestMessage),
    /// Something that the operator should know.
    Notice(NoticeMessage),
}

/// An article that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleMessage {
    /// Its title; never empty.
    pub title: String,
    /// Its summary.
    pub summary: String,
    /// Where it can be read: http or https, or none.
    pub url: Option<String>,
    /// Who published it.
    pub publisher: String,
    /// The id of the feed that brought it.
    pub feed: String,
    /// Names of its authors.
    pub authors: Vec<String>,
    /// Its language.
    pub language: Option<String>,
    /// When it was published, if known.
    pub published: Option<Timestamp>,
    /// When it was first seen.
    pub seen: Option<Timestamp>,
    /// The topics that it is about.
    pub topics: Vec<MatchMessage>,
    /// The actors that it mentions.
    pub actors: Vec<MatchMessage>,
    /// The passages that say why it matched.
    pub passages: Vec<Passage>,
    /// Where its story stands, such as `first`.
    pub story_state: String,
    /// How many articles tell the story.
    pub story_articles: u64,
    /// Who tells it.
    pub story_publishers: Vec<String>,
}

/// A topic or actor that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchMessage {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How often it is mentioned; 0 for topics.
    pub mentions: u64,
}

/// Several alerts and notices in one delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct DigestMessage {
    /// Why they come together.
    pub reason: String,
    /// The route that held them.
    pub route: Option<String>,
    /// When the first of them was made.
    pub since: Option<Timestamp>,
    /// When the last of them was made.
    pub until: Option<Timestamp>,
    /// The articles, each with its severity.
    pub articles: Vec<(Severity, ArticleMessage)>,
    /// The notices, each with its severity.
    pub notices: Vec<(Severity, NoticeMessage)>,
}

/// Something that the operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeMessage {
    /// What happened, as one word.
    pub kind: String,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// What it is about.
    pub subject: String,
    /// One line that says what is the matter.
    pub title: String,
    /// What it says.
    pub text: String,
}

impl Message {
    /// Reads a stored payload.
    ///
    /// # Errors
    /// When it is no payload of ours.
    pub fn read(payload: &[u8]) -> Result<Self, MessageError> {
        let Envelope {
            kind,
            timestamp,
            data,
        } = serde_json::from_slice(payload)?;
        let severity = severity(&data.severity);
        let (seq, mut data) = (data.seq, data);
        let id = [&mut data.alert, &mut data.digest, &mut data.notice]
            .into_iter()
            .find_map(Option::take)
            .unwrap_or_default();
        let content = match kind.as_str() {
            "digest" => Content::Digest(data.digest_message()),
            "operator.notice" => Content::Notice(data.notice_message()),
            _ => Content::Article(Box::new(data.article_message())),
        };
        Ok(Self {
            kind: printable(&kind, NAME_CHARS_MAX),
            id: printable(&id, NAME_CHARS_MAX),
            seq,
            at: timestamp,
            severity,
            content,
        })
    }

    /// Whether it only tries whether a sink works.
    pub fn is_test(&self) -> bool {
        self.kind == "test"
    }

    /// One line that says what it tells.
    pub fn title(&self) -> String {
        match &self.content {
            Content::Article(article) => article.title.clone(),
            Content::Notice(notice) => notice.title.clone(),
            Content::Digest(digest) => digest.title(),
        }
    }

    /// Where it leads, if it leads to one place.
    pub fn url(&self) -> Option<&str> {
        match &self.content {
            Content::Article(article) => article.url.as_deref(),
            Content::Digest(_) | Content::Notice(_) => None,
        }
    }
}

impl DigestMessage {
    /// One line that says how much there is of what.
    pub fn title(&self) -> String {
        use crate::text::count;
        let alerts = count(self.articles.len(), "alert");
        let notices = count(self.notices.len(), "notice");
        match (self.articles.len(), self.notices.len()) {
            (_, 0) => alerts,
            (0, _) => notices,
            _ => format!("{alerts} and {notices}"),
        }
    }
}

/// The pieces of a passage in order, each with whether it is marked.
pub fn pieces(passage: &Passage) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for mark in &passage.marks {
        pieces.push((at..mark.start, false));
        pieces.push((mark.clone(), true));
        at = mark.end;
    }
    pieces.push((at..passage.text.len(), false));
    let text = |(range, marked)| Some((passage.text.get::<Range<usize>>(range)?, marked));
    let pieces = pieces.into_iter().filter_map(text);
    pieces.filter(|(text, _)| !text.is_empty()).collect()
}

fn severity(word: &str) -> Severity {
    of_word(&Severity::WORDS, word).unwrap_or_default()
}

/// A link that can be followed, in the form in which a browser would.
fn web_link(link: &str) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let web = matches!(url.scheme(), "http" | "https");
    let url = url.to_string();
    (web && url.len() <= URL_BYTES_MAX && !url.chars().any(is_active)).then_some(url)
}

/// A passage of one line without active characters, its marks where they were.
fn harmless(passage: &PassageData) -> Passage {
    let cap = passage.text.floor_char_boundary(PASSAGE_BYTES_MAX);
    let mut text = String::new();
    let mut marks: Vec<Range<usize>> = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut wanted = passage.marks.iter().copied().peekable();
    for (at, c) in passage.text.char_indices().take_while(|(at, _)| *at < cap) {
        if let Some((start, end)) = open
            && at >= end
        {
            marks.push(start..text.len());
            open = None;
        }
        while let Some((_, end)) = wanted.next_if(|(start, _)| *start <= at) {
            if open.is_none() && end > at {
                open = Some((text.len(), end));
            }
        }
        if c.is_whitespace() || c.is_control() {
            text.push(' ');
        } else if !is_active(c) {
            text.push(c);
        }
    }
    if let Some((start, _)) = open {
        marks.push(start..text.len());
    }
    marks.retain(|mark| !mark.is_empty());
    let field = Field::from_word(&passage.field).unwrap_or(Field::Body);
    Passage { field, text, marks }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    kind: String,
    timestamp: Timestamp,
    data: Data,
}

/// What any type of payload may have; what is missing is empty.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Data {
    alert: Option<String>,
    digest: Option<String>,
    notice: Option<String>,
    seq: u64,
    severity: String,
    article: ArticleData,
    topics: Vec<MatchData>,
    actors: Vec<MatchData>,
    passages: Vec<PassageData>,
    story: StoryData,
    kind: String,
    subject: SubjectData,
    title: String,
    text: String,
    reason: String,
    route: Option<String>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    alerts: Vec<Data>,
    notices: Vec<Data>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ArticleData {
    title: String,
    summary: String,
    url: Option<String>,
    language: Option<String>,
    authors: Vec<String>,
    published: Option<Timestamp>,
    seen: Option<Timestamp>,
    feed: FeedData,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FeedData {
    id: String,
    publisher: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MatchData {
    id: String,
    name: String,
    mentions: u64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PassageData {
    field: String,
    text: String,
    marks: Vec<(usize, usize)>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StoryData {
    state: String,
    articles: u64,
    publishers: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SubjectData {
    kind: String,
    id: String,
}

impl Data {
    fn article_message(self) -> ArticleMessage {
        let article = self.article;
        let name = |name: String| printable(&name, NAME_CHARS_MAX);
        let matches = |matches: Vec<MatchData>| {
            let matches = matches.into_iter().map(|matched| MatchMessage {
                id: name(matched.id),
                name: name(matched.name),
                mentions: matched.mentions,
            });
            matches.collect()
        };
        let mut title = printable(&article.title, TITLE_CHARS_MAX);
        if title.is_empty() {
            "(no title)".clone_into(&mut title);
        }
        ArticleMessage {
            title,
            summary: printable(&article.summary, TEXT_CHARS_MAX),
            url: article.url.as_deref().and_then(web_link),
            publisher: name(article.feed.publisher),
            feed: name(article.feed.id),
            authors: article.authors.into_iter().map(name).collect(),
            language: article.language.map(name),
            published: article.published,
            seen: article.seen,
            topics: matches(self.topics),
            actors: matches(self.actors),
            passages: self.passages.iter().map(harmless).collect(),
            story_state: name(self.story.state),
            story_articles: self.story.articles,
            story_publishers: self.story.publishers.into_iter().map(name).collect(),
        }
    }

    fn notice_message(self) -> NoticeMessage {
        NoticeMessage {
            kind: printable(&self.kind, NAME_CHARS_MAX),
            subject_kind: printable(&self.subject.kind, NAME_CHARS_MAX),
            subject: printable(&self.subject.id, NAME_CHARS_MAX),
            title: printable(&self.title, TITLE_CHARS_MAX),
            text: printable(&self.text, TEXT_CHARS_MAX),
        }
    }

    fn digest_message(self) -> DigestMessage {
        let articles = self.alerts.into_iter();
        let notices = self.notices.into_iter();
        DigestMessage {
            reason: printable(&self.reason, NAME_CHARS_MAX),
            route: self.route.map(|route| printable(&route, NAME_CHARS_MAX)),
            since: self.since,
            until: self.until,
            articles: articles
                .map(|data| (severity(&data.severity), data.article_message()))
                .collect(),
            notices: notices
                .map(|data| (severity(&data.severity), data.notice_message()))
                .collect(),
        }
    }
}
