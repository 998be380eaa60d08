//! A message as people read it, before any markup, and as much of it as fits.
//!
//! Every chat and every push service shows the same things in the same order:
//! what happened, where and when, why it matched, topics, actors, the story. A
//! [`View`] holds them as plain texts. Receivers count in different units and
//! their escapes grow text by different amounts, so nobody can know beforehand
//! how much fits: [`fitted`] writes, measures what was written, and writes less
//! if it is too much. The title is the last to be shortened, and links are never
//! shortened.

use crate::alert::Passage;
use crate::alert::message::{
    ArticleMessage, Content, DigestMessage, MatchMessage, Message, NoticeMessage, pieces,
};
use crate::text::count;
use crate::watchlist::Severity;
use jiff::Timestamp;
use unicode_segmentation::UnicodeSegmentation;

/// The longest title that is shown, in characters: a headline is read at a glance.
pub(super) const TITLE_CHARS_MAX: usize = 300;
/// The most entries of a digest that are shown; the rest is a number.
pub(super) const ITEMS_MAX: usize = 40;
/// The most topics, actors, authors or publishers that are named.
const NAMES_MAX: usize = 12;
/// The least that a message is shortened to, in characters.
const CHARS_MIN: usize = 40;
/// The shortest beginning of a text that is worth showing, in characters.
const PART_CHARS_MIN: usize = 24;
/// What is kept free for the number of entries that are not shown, in characters.
const MORE_CHARS: usize = 20;
/// What stands where text was cut.
const ELLIPSIS: &str = "…";
/// A character without width that parts what clients would join to a link.
const BREAK: char = '\u{200B}';

/// A message as people read it: plain texts of one line each, most important first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// How much it matters.
    pub(super) severity: Severity,
    /// Whether it only tries whether a sink works.
    pub(super) test: bool,
    /// When the message was made.
    pub(super) at: Timestamp,
    /// What it tells in one line; never empty.
    pub(super) title: String,
    /// Where it can be read.
    pub(super) url: Option<String>,
    /// What else it says.
    pub(super) blocks: Vec<Block>,
}

/// One thing that a message says beside its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// How much it matters, where it stood and when.
    Source(String),
    /// A passage that says why it matched.
    Quote(Vec<Piece>),
    /// Text.
    Text(String),
    /// What is known of it under a name, such as its topics.
    Fact {
        /// What is known.
        name: &'static str,
        /// The names or words.
        text: String,
    },
    /// An alert or notice of a digest.
    Item {
        /// How much it matters.
        severity: Severity,
        /// Its title.
        title: String,
        /// Where it can be read.
        url: Option<String>,
        /// Where it stood and when.
        source: String,
    },
    /// So many more are not shown.
    More(usize),
}

/// A piece of a passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its text.
    pub(super) text: String,
    /// Whether it made the match.
    pub(super) marked: bool,
}

/// Writes as much of a message as fits, beginning with `chars_max` characters of
/// text. What is written with the least text must fit.
pub(super) fn fitted<T>(
    view: &View,
    chars_max: usize,
    write: impl Fn(&View) -> T,
    fits: impl Fn(&T) -> bool,
) -> T {
    let mut chars = chars_max;
    loop {
        let written = write(&view.within(chars));
        if chars <= CHARS_MIN || fits(&written) {
            return written;
        }
        chars = (chars * 3 / 4).max(CHARS_MIN);
    }
}

/// The beginning of a text that takes at most `max` of a unit, with an ellipsis if
/// it is not all of it. What is perceived as one character is not cut (Unicode
/// Annex 29), unless not even the first fits.
pub(super) fn cut(text: &str, max: usize, unit: impl Fn(&str) -> usize) -> String {
    if unit(text) <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(unit(ELLIPSIS));
    let whole = beginning(text.graphemes(true), room, &unit);
    let kept = if whole.is_empty() {
        let mut buffer = [0; 4];
        let mut kept = String::new();
        let mut used = 0;
        for c in text.chars() {
            used += unit(c.encode_utf8(&mut buffer));
            if used > room {
                break;
            }
            kept.push(c);
        }
        kept
    } else {
        whole
    };
    format!("{}{ELLIPSIS}", kept.trim_end())
}

fn beginning<'a>(
    parts: impl Iterator<Item = &'a str>,
    room: usize,
    unit: impl Fn(&str) -> usize,
) -> String {
    let mut kept = String::new();
    let mut used = 0;
    for part in parts {
        used += unit(part);
        if used > room {
            break;
        }
        kept.push_str(part);
    }
    kept
}

/// The length in characters, as Unicode has them.
pub(super) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// The length in units of UTF-16, in which JavaScript and Java count.
pub(super) fn utf16(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Text in which no client finds a link, a mention, a tag or a command by itself:
/// an invisible character parts what would be one. `next` is what follows it.
pub(super) fn inert(text: &str, next: Option<char>) -> String {
    let mut inert = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        inert.push(c);
        let next = chars.peek().copied().or(next).unwrap_or(' ');
        let joins = match c {
            '@' | '#' => !next.is_whitespace(),
            // Bare domains, commands, tags of shares and channels.
            '.' | '/' | '$' | '~' => next.is_alphabetic(),
            ':' => next == '/',
            _ => false,
        };
        if joins {
            inert.push(BREAK);
        }
    }
    inert
}

/// A sign for how much something matters.
pub(super) fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "⚪",
        Severity::Low => "🟢",
        Severity::Normal => "🔵",
        Severity::High => "🟠",
        Severity::Critical => "🔴",
    }
}

/// A colour for how much something matters, as red, green and blue.
pub(super) fn colour(severity: Severity) -> u32 {
    match severity {
        Severity::Info => 0x0095_A5A6,
        Severity::Low => 0x002E_CC71,
        Severity::Normal => 0x0034_98DB,
        Severity::High => 0x00E6_7E22,
        Severity::Critical => 0x00E7_4C3C,
    }
}

impl View {
    /// What a message tells.
    pub(super) fn of(message: &Message) -> Self {
        let test = message.is_test();
        let title = named(&message.title(), &message.kind);
        Self {
            severity: message.severity,
            test,
            at: message.at,
            title: if test {
                format!("TEST: {title}")
            } else {
                title
            },
            url: message.url().map(str::to_owned),
            blocks: match &message.content {
                Content::Article(article) => article_blocks(message.severity, article),
                Content::Digest(digest) => digest_blocks(message.severity, digest),
                Content::Notice(notice) => notice_blocks(message, notice),
            },
        }
    }

    /// The same without anything that a client would make active by itself; links
    /// stay as they are.
    pub(super) fn inert(mut self) -> Self {
        let change = |text: &mut String| *text = inert(text, None);
        change(&mut self.title);
        for block in &mut self.blocks {
            match block {
                Block::Source(text) | Block::Text(text) | Block::Fact { text, .. } => change(text),
                Block::Quote(pieces) => {
                    let mut next = None;
                    for piece in pieces.iter_mut().rev() {
                        let first = piece.text.chars().next();
                        piece.text = inert(&piece.text, next);
                        next = first.or(next);
                    }
                }
                Block::Item { title, source, .. } => {
                    change(title);
                    change(source);
                }
                Block::More(_) => {}
            }
        }
        self
    }

    /// As much of it as `chars_max` characters hold, links not counted.
    fn within(&self, chars_max: usize) -> Self {
        let title = cut(&self.title, chars_max.min(TITLE_CHARS_MAX), chars);
        let mut room = chars_max.saturating_sub(chars(&title));
        let items = self.blocks.iter().filter(|it| it.is_item()).count();
        if items > 0 {
            room = room.saturating_sub(MORE_CHARS);
        }
        let mut blocks = Vec::new();
        let mut shown = 0;
        let mut hidden = 0;
        for block in &self.blocks {
            match block {
                Block::More(more) => hidden += more,
                block if block.is_item() && shown + 1 > ITEMS_MAX => {}
                block => {
                    let Some(part) = block.within(room) else {
                        // What follows is less important, and entries must not
                        // be left out in between.
                        break;
                    };
                    room = room.saturating_sub(part.chars());
                    shown += usize::from(part.is_item());
                    blocks.push(part);
                }
            }
        }
        hidden += items - shown;
        if hidden > 0 {
            blocks.push(Block::More(hidden));
        }
        Self {
            title,
            blocks,
            url: self.url.clone(),
            ..*self
        }
    }
}

impl Block {
    fn is_item(&self) -> bool {
        matches!(self, Self::Item { .. })
    }

    /// How many characters it shows.
    fn chars(&self) -> usize {
        match self {
            Self::Source(text) | Self::Text(text) => chars(text),
            Self::Quote(pieces) => pieces.iter().map(|piece| chars(&piece.text)).sum(),
            Self::Fact { name, text } => chars(name) + chars(text) + 2,
            Self::Item { title, source, .. } => chars(title) + chars(source) + 4,
            Self::More(_) => MORE_CHARS,
        }
    }

    /// The block, or as much of it as says something in `room` characters.
    fn within(&self, room: usize) -> Option<Self> {
        if self.chars() <= room {
            return Some(self.clone());
        }
        if room < PART_CHARS_MIN {
            return None;
        }
        Some(match self {
            Self::Source(text) => Self::Source(cut(text, room, chars)),
            Self::Text(text) => Self::Text(cut(text, room, chars)),
            Self::Quote(pieces) => Self::Quote(cut_pieces(pieces, room)),
            Self::Fact { name, text } => Self::Fact {
                name,
                text: cut(text, room - chars(name).min(room) - 2, chars),
            },
            Self::Item { .. } | Self::More(_) => return None,
        })
    }

    /// What is not shown, in words.
    pub(super) fn more(number: usize) -> String {
        format!("and {number} more")
    }
}

fn cut_pieces(pieces: &[Piece], room: usize) -> Vec<Piece> {
    let mut room = room;
    let mut kept = Vec::new();
    for piece in pieces {
        let text = cut(&piece.text, room, chars);
        let whole = text == piece.text;
        room = room.saturating_sub(chars(&text));
        kept.push(Piece {
            text,
            marked: piece.marked,
        });
        if !whole {
            break;
        }
    }
    kept
}

fn article_blocks(severity: Severity, article: &ArticleMessage) -> Vec<Block> {
    let mut source = vec![severity_word(severity), where_and_when(article)];
    if !article.authors.is_empty() {
        source.push(format!("by {}", names(article.authors.iter())));
    }
    let mut blocks = vec![Block::Source(joined(source))];
    blocks.extend(article.passages.iter().filter_map(quote));
    if article.passages.is_empty() && !article.summary.is_empty() {
        blocks.push(Block::Text(article.summary.clone()));
    }
    for (name, text) in [
        ("Topics", matched(&article.topics)),
        ("Actors", matched(&article.actors)),
        ("Story", story(article)),
    ] {
        if !text.is_empty() {
            blocks.push(Block::Fact { name, text });
        }
    }
    blocks
}

/// A passage without white space around it, if it has anything in it.
fn quote(passage: &Passage) -> Option<Block> {
    let mut quote: Vec<Piece> = Vec::new();
    for (text, marked) in pieces(passage) {
        let text = if quote.is_empty() {
            text.trim_start()
        } else {
            text
        };
        if !text.is_empty() {
            let text = text.to_owned();
            quote.push(Piece { text, marked });
        }
    }
    (!quote.is_empty()).then_some(Block::Quote(quote))
}

fn digest_blocks(severity: Severity, digest: &DigestMessage) -> Vec<Block> {
    let why = match digest.reason.as_str() {
        "group-wait" => "collected".to_owned(),
        "limit" => "more than the limit".to_owned(),
        "muted" => "held while muted".to_owned(),
        other => other.to_owned(),
    };
    let when = match (digest.since, digest.until) {
        (Some(since), Some(until)) if since != until => {
            format!("{} to {}", time(since), time(until))
        }
        (Some(at), _) | (None, Some(at)) => time(at),
        (None, None) => String::new(),
    };
    let route = digest.route.as_ref().map(|route| format!("route {route}"));
    let source = vec![
        severity_word(severity),
        why,
        route.unwrap_or_default(),
        when,
    ];
    let mut blocks = vec![Block::Source(joined(source))];
    for (severity, article) in &digest.articles {
        blocks.push(Block::Item {
            severity: *severity,
            title: article.title.clone(),
            url: article.url.clone(),
            source: where_and_when(article),
        });
    }
    for (severity, notice) in &digest.notices {
        blocks.push(Block::Item {
            severity: *severity,
            title: named(&notice.title, &notice.kind),
            url: None,
            source: notice.text.clone(),
        });
    }
    // A digest may be long; nobody looks at what is beyond the first screens.
    for block in &mut blocks {
        if let Block::Item { title, source, .. } = block {
            *title = cut(title, TITLE_CHARS_MAX / 2, chars);
            *source = cut(source, TITLE_CHARS_MAX / 2, chars);
        }
    }
    blocks
}

fn notice_blocks(message: &Message, notice: &NoticeMessage) -> Vec<Block> {
    let source = vec![
        severity_word(message.severity),
        "wirewatch".to_owned(),
        time(message.at),
    ];
    let mut blocks = vec![Block::Source(joined(source))];
    if !notice.text.is_empty() {
        blocks.push(Block::Text(notice.text.clone()));
    }
    blocks
}

/// The title, or else a word: no receiver takes an empty one.
fn named(title: &str, kind: &str) -> String {
    [title, kind, "message"]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn where_and_when(article: &ArticleMessage) -> String {
    let place = if article.publisher.is_empty() {
        &article.feed
    } else {
        &article.publisher
    };
    let when = match (article.published, article.seen) {
        (Some(published), _) => time(published),
        (None, Some(seen)) => format!("seen {}", time(seen)),
        (None, None) => String::new(),
    };
    joined(vec![place.clone(), when])
}

fn story(article: &ArticleMessage) -> String {
    let reports = match article.story_articles {
        0 | 1 => String::new(),
        many => count(many, "report"),
    };
    let publishers = if article.story_publishers.len() > 1 {
        names(article.story_publishers.iter())
    } else {
        String::new()
    };
    let state = match article.story_state.as_str() {
        "first" => "first report".to_owned(),
        other => other.to_owned(),
    };
    joined(vec![state, reports, publishers])
}

fn matched(matches: &[MatchMessage]) -> String {
    let shown: Vec<String> = matches
        .iter()
        .map(|matched| match matched.mentions {
            0 | 1 => matched.name.clone(),
            mentions => format!("{} ({mentions})", matched.name),
        })
        .collect();
    names(shown.iter())
}

fn names<'a>(all: impl ExactSizeIterator<Item = &'a String>) -> String {
    let more = all.len().saturating_sub(NAMES_MAX);
    let mut shown: Vec<String> = all.take(NAMES_MAX).cloned().collect();
    shown.retain(|name| !name.is_empty());
    if more > 0 {
        shown.push(Block::more(more));
    }
    shown.join(", ")
}

fn joined(mut parts: Vec<String>) -> String {
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

fn severity_word(severity: Severity) -> String {
    let word = severity.as_str();
    let mut chars = word.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

/// A time to the minute, in the one zone that all readers share.
fn time(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}
