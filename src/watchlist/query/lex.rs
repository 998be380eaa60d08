//! The lexemes of a query: words, quotes, signs and operators, with their bytes.

use super::Reach;
use super::foreign;
use super::parse::{COUNT_MAX, QueryError, WEIGHT_MAX};
use crate::text::Field;
use std::fmt;
use std::ops::Range;

/// One piece of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme<'a> {
    Open,
    Close,
    Comma,
    Phrase(&'a str),
    Word(&'a str),
    Exact(&'a str),
    Stem(&'a str),
    Actor { name: &'a str, strong: bool },
    Topic(&'a str),
    Field(&'a str),
    Weight(f64),
    Operator(Operator),
}

/// A word in capitals that means something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operator {
    And,
    Or,
    Not,
    Reach(Reach),
    AtLeast(u32),
    First(u32),
    /// `n OF(`, with its parenthesis.
    Of(u32),
}

impl Lexeme<'_> {
    /// Whether a term may begin with it, so that it is joined by AND to what
    /// stands before.
    pub(super) fn begins_term(&self) -> bool {
        match self {
            Self::Close | Self::Comma | Self::Weight(_) => false,
            Self::Operator(operator) => matches!(
                operator,
                Operator::Not | Operator::AtLeast(_) | Operator::First(_) | Operator::Of(_)
            ),
            _ => true,
        }
    }
}

impl fmt::Display for Lexeme<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("`(`"),
            Self::Close => f.write_str("`)`"),
            Self::Comma => f.write_str("`,`"),
            Self::Phrase(text) => write!(f, "`\"{text}\"`"),
            Self::Word(text) | Self::Exact(text) | Self::Stem(text) => write!(f, "`{text}`"),
            Self::Actor { name, .. } => write!(f, "`@{name}`"),
            Self::Topic(name) => write!(f, "`#{name}`"),
            Self::Field(name) => write!(f, "`{name}:`"),
            Self::Weight(weight) => write!(f, "`^{weight}`"),
            Self::Operator(operator) => write!(f, "{operator}"),
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And => f.write_str("AND"),
            Self::Or => f.write_str("OR"),
            Self::Not => f.write_str("NOT"),
            Self::Reach(reach) => write!(f, "{reach}"),
            Self::AtLeast(count) => write!(f, "ATLEAST/{count}"),
            Self::First(count) => write!(f, "FIRST/{count}"),
            Self::Of(count) => write!(f, "{count} OF"),
        }
    }
}

/// Gives the lexemes of a text one after the other.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Whether `url:` came last: an address has colons of its own.
    in_address: bool,
}

type Spanned<'a> = (Lexeme<'a>, Range<usize>);

impl<'a> Iterator for Lexer<'a> {
    type Item = Result<Spanned<'a>, QueryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let first = self.rest().chars().next()?;
        let found = self.lexeme(first);
        self.in_address =
            matches!(found, Ok((Lexeme::Field(name), _)) if name == Field::Url.as_str());
        Some(found)
    }
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            in_address: false,
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next `length` bytes as a lexeme.
    fn take(&mut self, length: usize, lexeme: Lexeme<'a>) -> Spanned<'a> {
        let start = self.at;
        self.at += length;
        (lexeme, start..self.at)
    }

    fn lexeme(&mut self, first: char) -> Result<Spanned<'a>, QueryError> {
        match first {
            '(' => Ok(self.take(1, Lexeme::Open)),
            ')' => Ok(self.take(1, Lexeme::Close)),
            ',' => Ok(self.take(1, Lexeme::Comma)),
            '"' | '“' | '”' | '„' | '«' | '»' => self.phrase(first),
            '^' => self.weight(),
            '-' => self.dash(),
            '@' | '#' | '=' | '~' => self.signed(first),
            '!' | '–' | '—' | '−' => Err(self.not_a_dash(first)),
            _ => self.word(),
        }
    }

    /// A straight quote ends at a straight one, so that `"he said “no” twice"`
    /// is one phrase; a curly one ends at any, since editors mix them up.
    fn phrase(&mut self, open: char) -> Result<Spanned<'a>, QueryError> {
        let inner = self.rest().get(open.len_utf8()..).unwrap_or_default();
        let closes: &[char] = match open {
            '"' => &['"'],
            _ => &['"', '“', '”', '»', '«'],
        };
        let Some(end) = inner.find(closes) else {
            return Err(
                QueryError::new(self.at..self.text.len(), "this quote is never closed")
                    .help("add the closing quote"),
            );
        };
        let text = inner.get(..end).unwrap_or_default();
        let close = inner.get(end..).and_then(|rest| rest.chars().next());
        let length = open.len_utf8() + end + close.map_or(0, char::len_utf8);
        Ok(self.take(length, Lexeme::Phrase(text)))
    }

    /// A dash before a term is NOT; one alone may be a slip of the pen, and what
    /// it would do is the opposite of what stands there.
    fn dash(&mut self) -> Result<Spanned<'a>, QueryError> {
        let next = self.rest().get(1..).and_then(|rest| rest.chars().next());
        if next.is_none_or(|c| c.is_whitespace() || c == '-') {
            return Err(QueryError::new(self.at..self.at + 1, "a dash alone means nothing")
                .help("write it right before the term that must not be there, write NOT, or remove it"));
        }
        Ok(self.take(1, Lexeme::Operator(Operator::Not)))
    }

    /// Elsewhere these mean NOT. As part of a word they would count for nothing,
    /// and the query would ask for what was to be kept out.
    fn not_a_dash(&self, sign: char) -> QueryError {
        let span = self.at..self.at + sign.len_utf8();
        QueryError::new(span, format!("`{sign}` does not begin a term"))
            .help("for NOT write `-` or NOT; else remove it")
    }

    fn weight(&mut self) -> Result<Spanned<'a>, QueryError> {
        let rest = self.rest().get(1..).unwrap_or_default();
        let length = word_length(rest);
        let span = self.at..self.at + 1 + length;
        let number = rest.get(..length).filter(|text| is_decimal(text));
        match number.and_then(|text| text.parse::<f64>().ok()) {
            Some(weight) if weight > 0.0 && weight <= WEIGHT_MAX => {
                Ok(self.take(1 + length, Lexeme::Weight(weight)))
            }
            _ => Err(QueryError::new(
                span,
                format!("after `^` comes a weight above 0 and at most {WEIGHT_MAX}"),
            )
            .help("write for example `nuclear^2`")),
        }
    }

    /// `@actor`, `#topic`, `=Exact` or `~stem`.
    fn signed(&mut self, sign: char) -> Result<Spanned<'a>, QueryError> {
        let text = self.rest().get(1..).unwrap_or_default();
        let length = word_length(text);
        let text = text.get(..length).unwrap_or_default();
        let before = self.text.get(..self.at).unwrap_or_default();
        if sign == '~' && before.ends_with(['"', '”', '“', '»', '«']) {
            return Err(QueryError::new(
                self.at..self.at + 1 + length,
                "words near each other are not written with `~`",
            )
            .help("write `a NEAR/3 b`; before `~stem` goes a space"));
        }
        if text.is_empty() || text == "!" {
            let what = match sign {
                '@' => "the name of an actor",
                '#' => "the name of a topic",
                _ => "a word",
            };
            return Err(QueryError::new(
                self.at..self.at + 1,
                format!("after `{sign}` comes {what}, without a space"),
            )
            .help("add it, or remove the sign"));
        }
        let lexeme = match sign {
            '@' => match text.strip_suffix('!') {
                Some(name) => Lexeme::Actor { name, strong: true },
                None => Lexeme::Actor {
                    name: text,
                    strong: false,
                },
            },
            '#' => Lexeme::Topic(text),
            '=' => Lexeme::Exact(text),
            _ => Lexeme::Stem(text),
        };
        Ok(self.take(1 + length, lexeme))
    }

    fn word(&mut self) -> Result<Spanned<'a>, QueryError> {
        let rest = self.rest();
        if let Some(length) = field_length(rest).filter(|_| !self.in_address) {
            let name = rest.get(..length).unwrap_or_default();
            return Ok(self.take(length + 1, Lexeme::Field(name)));
        }
        let length = word_length(rest);
        let word = rest.get(..length).unwrap_or_default();
        if let Some(count_length) = self.of_length(word) {
            let count = self.checked_count(word, "OF", length)?;
            return Ok(self.take(count_length, Lexeme::Operator(Operator::Of(count))));
        }
        let opens = rest
            .get(length..)
            .is_some_and(|after| after.starts_with('('));
        if let Some(advice) = foreign::advice(word, opens).filter(|_| !self.in_address) {
            return Err(QueryError::new(
                self.at..self.at + length,
                format!("`{word}` is an operator of another product"),
            )
            .help(format!("{advice}; \"{word}\" in quotes is searched for")));
        }
        let operator = match word.split_once('/') {
            None => match word {
                "AND" => Some(Operator::And),
                "OR" => Some(Operator::Or),
                "NOT" => Some(Operator::Not),
                "SENTENCE" => Some(Operator::Reach(Reach::Sentence)),
                "PARA" => Some(Operator::Reach(Reach::Paragraph)),
                "NEAR" | "PRE" | "ATLEAST" | "FIRST" => {
                    return Err(QueryError::new(
                        self.at..self.at + length,
                        format!("{word} needs a number"),
                    )
                    .help(format!(
                        "write for example `{word}/5`; the word itself goes in quotes"
                    )));
                }
                _ => None,
            },
            Some((name @ ("NEAR" | "PRE" | "ATLEAST" | "FIRST"), number)) => {
                let count = self.checked_count(number, name, length)?;
                Some(match name {
                    "NEAR" => Operator::Reach(Reach::Near(count)),
                    "PRE" => Operator::Reach(Reach::Pre(count)),
                    "ATLEAST" => Operator::AtLeast(count),
                    _ => Operator::First(count),
                })
            }
            Some((name, number)) => {
                if let Some(meant) = meant_operator(name, number) {
                    return Err(QueryError::new(
                        self.at..self.at + length,
                        format!("`{word}` is not an operator"),
                    )
                    .help(format!(
                        "write `{meant}/{number}`, or \"{word}\" in quotes to search for it"
                    )));
                }
                None
            }
        };
        let lexeme = operator.map_or(Lexeme::Word(word), Lexeme::Operator);
        Ok(self.take(length, lexeme))
    }

    /// The length of `n OF(` if it begins with this word.
    fn of_length(&self, word: &str) -> Option<usize> {
        if !word.chars().all(|c| c.is_ascii_digit()) {
            return None;
        }
        let after = self.rest().get(word.len()..)?;
        let trimmed = after.trim_start();
        let parenthesis = trimmed.strip_prefix("OF")?.trim_start();
        let spaces = after.len() - trimmed.len();
        let inner = trimmed.len() - 2 - parenthesis.len();
        (spaces > 0 && parenthesis.starts_with('(')).then_some(word.len() + spaces + 2 + inner + 1)
    }

    fn checked_count(&self, number: &str, name: &str, length: usize) -> Result<u32, QueryError> {
        match number.parse() {
            Ok(count) if (1..=COUNT_MAX).contains(&count) => Ok(count),
            _ => {
                let place = if name == "OF" { "before" } else { "after" };
                Err(QueryError::new(
                    self.at..self.at + length,
                    format!("{place} {name} comes a number from 1 to {COUNT_MAX}, not `{number}`"),
                )
                .help(if name == "OF" {
                    "write for example `2 OF(a, b, c)`".to_owned()
                } else {
                    format!("write for example `{name}/5`")
                }))
            }
        }
    }
}

/// The operator that somebody means who writes `near/5`, or `w/5` as other
/// products do: hardly a word, and as one it would match nothing.
fn meant_operator(name: &str, number: &str) -> Option<&'static str> {
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match name.to_ascii_lowercase().as_str() {
        "near" | "w" | "within" => Some("NEAR"),
        "pre" | "onear" => Some("PRE"),
        "atleast" => Some("ATLEAST"),
        "first" => Some("FIRST"),
        _ => None,
    }
}

/// Digits with at most a point: what else reads as a number, such as `1e3` or
/// `inf`, is rather a slip.
fn is_decimal(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

/// How long a word is: to the next space or sign of the language. A colon
/// belongs to it, as in an address.
fn word_length(text: &str) -> usize {
    text.find(|c: char| {
        c.is_whitespace() || matches!(c, '(' | ')' | ',' | '"' | '“' | '”' | '„' | '«' | '»' | '^')
    })
    .unwrap_or(text.len())
}

/// The length of a field's name, if the text begins with one and a colon.
fn field_length(text: &str) -> Option<usize> {
    let length = text.find(|c: char| !c.is_ascii_alphabetic())?;
    let after = text.get(length..)?.strip_prefix(':')?;
    // `http://…` is no field.
    (length > 0 && !after.starts_with("//")).then_some(length)
}
