//! An article as the matcher reads it: the tokens of all its fields in one row.

use super::{Because, Evidence};
use crate::article::Article;
use crate::text::{Field, Token, Tokens};
use crate::work::count;
use jiff::civil::Date;
use jiff::tz::Offset;
use std::ops::Range;

/// How many tokens of the body count as its lead.
const LEAD_TOKENS: u32 = 40;

/// A run of tokens, first and last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Span {
    /// The run of one token.
    pub(super) fn one(at: u32) -> Self {
        Self {
            first: at,
            last: at,
        }
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

/// One value of one field.
#[derive(Debug)]
struct Segment<'a> {
    field: Field,
    text: &'a str,
    /// The number of its first token in the row.
    base: u32,
    /// Whether most of its words are capitalised, as in many headlines.
    title_case: bool,
    /// Whether it has a capital at all.
    capitals: bool,
}

/// The tokens of an article, field after field.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    /// In the order of the row; those without a token are left out.
    segments: Vec<Segment<'a>>,
    tokens: Tokens,
    language: Option<&'a str>,
    day: Option<Date>,
    /// How many tokens summary and body have together.
    text_tokens: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn new(article: &'a Article) -> Self {
        let mut reading = Self {
            segments: Vec::new(),
            tokens: Tokens::default(),
            language: article.language.as_deref(),
            day: article
                .published
                .map(|time| Offset::UTC.to_datetime(time).date()),
            text_tokens: 0,
        };
        for field in Field::ALL {
            for text in article.values(field) {
                reading.push(field, text);
            }
        }
        reading
    }

    fn push(&mut self, field: Field, text: &'a str) {
        let base = self.tokens.all().len();
        self.tokens.read(text);
        let tokens = self.tokens.all().len() - base;
        if tokens == 0 {
            return;
        }
        if matches!(field, Field::Summary | Field::Body) {
            self.text_tokens += tokens;
        }
        self.segments.push(Segment {
            field,
            text,
            // Elsewhere nearly every sentence has small words.
            title_case: field == Field::Title && is_title_case(text),
            capitals: text.contains(char::is_uppercase),
            base: base as u32,
        });
    }

    pub(super) fn tokens(&self) -> &[Token] {
        self.tokens.all()
    }

    pub(super) fn language(&self) -> Option<&str> {
        self.language
    }

    /// The day on which the article was published, in UTC.
    pub(super) fn day(&self) -> Option<Date> {
        self.day
    }

    pub(super) fn token(&self, at: u32) -> Option<&Token> {
        self.tokens.all().get(at as usize)
    }

    /// The number of the paragraph that a token stands in.
    pub(super) fn paragraph(&self, token: &Token) -> u32 {
        self.tokens.paragraph(token.sentence)
    }

    /// The folded form of a token; nothing beyond the last.
    pub(super) fn folded(&self, at: usize) -> String {
        let token = self.tokens.all().get(at);
        let segment = self.segment(at as u32);
        token
            .zip(segment)
            .map_or_else(String::new, |(token, segment)| token.folded(segment.text))
    }

    pub(super) fn field(&self, span: Span) -> Option<Field> {
        Some(self.segment(span.first)?.field)
    }

    /// Whether two tokens are of one segment.
    pub(super) fn same_segment(&self, left: u32, right: u32) -> bool {
        let base = |at| self.segment(at).map(|segment| segment.base);
        base(left) == base(right)
    }

    /// The texts that were read, each with the numbers of its tokens.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Range<usize>, &'a str)> {
        let bases = self.segments.iter().skip(1);
        let ends = bases
            .map(|segment| segment.base as usize)
            .chain([self.tokens.all().len()]);
        let segments = self.segments.iter().zip(ends);
        segments.map(|(segment, end)| (segment.base as usize..end, segment.text))
    }

    /// How far into its field a span begins, in tokens.
    pub(super) fn offset_in_field(&self, span: Span) -> Option<u32> {
        Some(span.first - self.segment(span.first)?.base)
    }

    /// The text of a span, as it is written.
    pub(super) fn source(&self, span: Span) -> &'a str {
        self.bytes(span)
            .and_then(|(segment, start, end)| segment.text.get(start..end))
            .unwrap_or_default()
    }

    /// The text between two neighbouring tokens of one field.
    pub(super) fn between(&self, left: u32, right: u32) -> Option<&'a str> {
        let segment = self.segment(left)?;
        let (left, right) = self.token(left).zip(self.token(right).filter(|_| {
            self.segment(right)
                .is_some_and(|other| other.base == segment.base)
        }))?;
        segment.text.get(left.end as usize..right.start as usize)
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
        self.segment(span.first)
            .is_some_and(|segment| segment.title_case)
    }

    /// Whether the text around a span has a capital anywhere.
    pub(super) fn has_capitals(&self, span: Span) -> bool {
        self.segment(span.first)
            .is_some_and(|segment| segment.capitals)
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

    pub(super) fn text_tokens(&self) -> usize {
        self.text_tokens
    }

    pub(super) fn evidence<'b>(&self, span: Span, because: Because<'b>) -> Option<Evidence<'b>>
    where
        'a: 'b,
    {
        let (segment, start, end) = self.bytes(span)?;
        Some(Evidence {
            field: segment.field,
            start,
            end,
            quote: segment.text.get(start..end)?.into(),
            because,
        })
    }

    fn bytes(&self, span: Span) -> Option<(&Segment<'a>, usize, usize)> {
        let (first, last) = (self.token(span.first)?, self.token(span.last)?);
        let segment = self.segment(span.first)?;
        Some((segment, first.start as usize, last.end as usize))
    }

    /// The segment that a token stands in: segments are few.
    fn segment(&self, at: u32) -> Option<&Segment<'a>> {
        count(1);
        let after = self.segments.partition_point(|segment| segment.base <= at);
        self.segments.get(after.checked_sub(1)?)
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
