//! An article as the matcher reads it: the tokens of all its fields in one row.

use super::{Because, Evidence};
use crate::article::Article;
use crate::text::{Field, Token, Tokens, tokenise};
use jiff::civil::Date;
use jiff::tz::Offset;

/// How many tokens of the body count as its lead.
const LEAD_TOKENS: u32 = 40;

/// A run of tokens, first and last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Span {
    pub(super) fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

/// A token with the number of its segment. Sentences and paragraphs are
/// counted through all segments, so that no two fields share one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) token: Token,
    pub(super) segment: u32,
}

/// One value of one field.
#[derive(Debug)]
struct Segment<'a> {
    field: Field,
    text: &'a str,
    tokens: Tokens,
    /// The number of its first token in the row.
    base: u32,
    /// Whether most of its words are capitalised, as in many headlines.
    title_case: bool,
}

/// The tokens of an article, field after field.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    segments: Vec<Segment<'a>>,
    words: Vec<Word>,
    language: Option<&'a str>,
    day: Option<Date>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(article: &'a Article) -> Self {
        let mut reading = Self {
            segments: Vec::new(),
            words: Vec::new(),
            language: article.language.as_deref(),
            day: article
                .published
                .map(|time| Offset::UTC.to_datetime(time).date()),
        };
        for field in Field::ALL {
            for text in article.values(field) {
                reading.push(field, text);
            }
        }
        reading
    }

    fn push(&mut self, field: Field, text: &'a str) {
        let tokens = tokenise(text);
        let (sentence_base, paragraph_base) = self.words.last().map_or((0, 0), |word| {
            (word.token.sentence + 1, word.token.paragraph + 1)
        });
        let segment = self.segments.len() as u32;
        let base = self.words.len() as u32;
        self.words.extend(tokens.all().iter().map(|token| {
            let mut token = *token;
            token.sentence += sentence_base;
            token.paragraph += paragraph_base;
            Word { token, segment }
        }));
        self.segments.push(Segment {
            field,
            text,
            // Elsewhere nearly every sentence has small words.
            title_case: field == Field::Title && is_title_case(text),
            tokens,
            base,
        });
    }

    pub(super) fn words(&self) -> &[Word] {
        &self.words
    }

    pub(super) fn language(&self) -> Option<&str> {
        self.language
    }

    /// The day on which the article was published, in UTC.
    pub(super) fn day(&self) -> Option<Date> {
        self.day
    }

    pub(super) fn word(&self, at: u32) -> Option<&Word> {
        self.words.get(at as usize)
    }

    pub(super) fn folded(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| {
            self.segment(word)
                .map_or("", |segment| segment.tokens.folded(&word.token))
        })
    }

    pub(super) fn field(&self, span: Span) -> Option<Field> {
        let word = self.word(span.first)?;
        Some(self.segment(word)?.field)
    }

    /// Whether two tokens are of one segment.
    pub(super) fn same_segment(&self, left: usize, right: usize) -> bool {
        match (self.words.get(left), self.words.get(right)) {
            (Some(left), Some(right)) => left.segment == right.segment,
            _ => false,
        }
    }

    /// How far into its field a span begins, in tokens.
    pub(super) fn offset_in_field(&self, span: Span) -> Option<u32> {
        let word = self.word(span.first)?;
        Some(span.first - self.segment(word)?.base)
    }

    /// The text of a span, as it is written.
    pub(super) fn source(&self, span: Span) -> &'a str {
        self.bytes(span)
            .and_then(|(segment, start, end)| segment.text.get(start..end))
            .unwrap_or_default()
    }

    /// The text between two neighbouring tokens of one field.
    pub(super) fn between(&self, left: u32, right: u32) -> Option<&'a str> {
        let (left, right) = (self.word(left)?, self.word(right)?);
        if left.segment != right.segment {
            return None;
        }
        let text = self.segment(left)?.text;
        text.get(left.token.end as usize..right.token.start as usize)
    }

    /// The text of the field up to a span.
    pub(super) fn before(&self, span: Span) -> &'a str {
        self.bytes(span)
            .and_then(|(segment, start, _)| segment.text.get(..start))
            .unwrap_or_default()
    }

    /// The text of the field from a span on.
    pub(super) fn after(&self, span: Span) -> &'a str {
        self.bytes(span)
            .and_then(|(segment, _, end)| segment.text.get(end..))
            .unwrap_or_default()
    }

    pub(super) fn in_title_case(&self, span: Span) -> bool {
        self.word(span.first)
            .and_then(|word| self.segment(word))
            .is_some_and(|segment| segment.title_case)
    }

    /// Whether a span stands in the summary or the first words of the body.
    pub(super) fn in_lead(&self, span: Span) -> bool {
        match self.field(span) {
            Some(Field::Summary) => true,
            Some(Field::Body) => self
                .offset_in_field(span)
                .is_some_and(|offset| offset < LEAD_TOKENS),
            _ => false,
        }
    }

    /// How many tokens summary and body have together.
    pub(super) fn text_tokens(&self) -> usize {
        self.segments
            .iter()
            .filter(|segment| matches!(segment.field, Field::Summary | Field::Body))
            .map(|segment| segment.tokens.all().len())
            .sum()
    }

    pub(super) fn evidence(&self, span: Span, because: Because) -> Option<Evidence> {
        let (segment, start, end) = self.bytes(span)?;
        Some(Evidence {
            field: segment.field,
            start,
            end,
            quote: segment.text.get(start..end)?.to_owned(),
            because,
        })
    }

    fn bytes(&self, span: Span) -> Option<(&Segment<'a>, usize, usize)> {
        let (first, last) = (self.word(span.first)?, self.word(span.last)?);
        let segment = self.segment(first)?;
        Some((segment, first.token.start as usize, last.token.end as usize))
    }

    fn segment(&self, word: &Word) -> Option<&Segment<'a>> {
        self.segments.get(word.segment as usize)
    }
}

/// Whether most of the longer words begin with a capital: then a capital says
/// nothing about names. Short words are left out, since headline style writes
/// them small.
fn is_title_case(text: &str) -> bool {
    let longer = text
        .split_whitespace()
        .filter(|word| word.chars().count() >= 4);
    let (capitals, words) = longer.fold((0, 0), |(capitals, words), word| {
        (
            capitals + usize::from(word.starts_with(char::is_uppercase)),
            words + 1,
        )
    });
    words >= 3 && capitals * 10 >= words * 7
}
