//! Text to a query, or to what is wrong with it and where.
//!
//! A recursive descent by hand: the grammar is small, and the messages, each at
//! its bytes and with the fix, are the larger part of it.

use super::lex::{Lexeme, Lexer, Operator};
use super::{Query, Reach, Word, WordForm};
use crate::name::NameError;
use crate::text::{Field, suggest, tokenise};
use crate::watchlist::{ActorId, TopicId};
use std::ops::Range;

/// The longest query, in bytes.
pub const QUERY_BYTES_MAX: usize = 16 * 1024;
/// The most words, phrases and references of one query.
pub const LEAVES_MAX: usize = 1_000;
/// The deepest nesting of parentheses and operators before an atom.
pub const DEPTH_MAX: usize = 64;
/// The largest number after `NEAR/`, `PRE/`, `ATLEAST/` and `FIRST/`.
pub const COUNT_MAX: u32 = 1_000;
/// The largest weight after `^`.
pub const WEIGHT_MAX: f64 = 1_000.0;

/// What is wrong with a query, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// The bytes of the query that are wrong.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if there is one way.
    pub help: Option<String>,
}

impl QueryError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Reads a query.
///
/// # Errors
/// The first thing that is wrong, with its bytes and, where there is one, the fix.
///
/// ```
/// use wirewatch::watchlist::query::parse;
/// let query = parse(r#"@north-korea (nuclear NEAR/5 weapon* OR "six-party talks")"#)?;
/// assert_eq!(
///     query.to_string(),
///     r#"@north-korea AND (nuclear NEAR/5 weapon* OR "six-party talks")"#
/// );
/// assert!(parse("a AND b OR c").is_err());
/// # Ok::<(), wirewatch::watchlist::query::QueryError>(())
/// ```
pub fn parse(text: &str) -> Result<Query, QueryError> {
    read(text).map(|(query, _)| query)
}

/// The bytes of every clause of a query, the parts of a clause before the clause
/// itself; the last is the whole. A clause in parentheses is without them.
///
/// # Errors
/// As [`parse`].
///
/// ```
/// use wirewatch::watchlist::query::clause_spans;
/// let text = "war NOT (sport OR film)";
/// let clauses: Vec<&str> = clause_spans(text)?.into_iter().map(|span| &text[span]).collect();
/// assert_eq!(
///     clauses,
///     ["war", "sport", "film", "sport OR film", "NOT (sport OR film)", text]
/// );
/// # Ok::<(), wirewatch::watchlist::query::QueryError>(())
/// ```
pub fn clause_spans(text: &str) -> Result<Vec<Range<usize>>, QueryError> {
    read(text).map(|(_, spans)| spans)
}

fn read(text: &str) -> Result<(Query, Vec<Range<usize>>), QueryError> {
    if text.len() > QUERY_BYTES_MAX {
        return Err(QueryError::new(
            0..text.len(),
            format!(
                "the query is {} bytes long; at most {QUERY_BYTES_MAX} are read",
                text.len()
            ),
        )
        .help("make topics of its parts and join them: `#part-one OR #part-two`"));
    }
    let mut parser = Parser {
        lexemes: Lexer::new(text).collect::<Result<Vec<_>, _>>()?,
        at: 0,
        end: text.len(),
        depth: 0,
        leaves: 0,
        spans: Vec::new(),
    };
    let query = parser.query()?;
    if let Some((lexeme, span)) = parser.next() {
        return Err(match lexeme {
            Lexeme::Close => {
                QueryError::new(span, "this `)` closes nothing").help("remove it, or add the `(`")
            }
            Lexeme::Comma => QueryError::new(span, "a comma belongs into `n OF(a, b)` only")
                .help("write OR between alternatives"),
            other => QueryError::new(span, format!("{other} is not expected here")),
        });
    }
    if is_negative(&query) {
        return Err(QueryError::new(
            0..text.len(),
            "the query only says what an article must not say, so it would match nearly all",
        )
        .help("add what it must say: `something NOT this`"));
    }
    Ok((query, parser.spans))
}

struct Parser<'a> {
    lexemes: Vec<(Lexeme<'a>, Range<usize>)>,
    at: usize,
    /// The length of the query.
    end: usize,
    depth: usize,
    leaves: usize,
    /// The bytes of each clause that is complete.
    spans: Vec<Range<usize>>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&Lexeme<'a>> {
        self.lexemes.get(self.at).map(|(lexeme, _)| lexeme)
    }

    fn next(&mut self) -> Option<(Lexeme<'a>, Range<usize>)> {
        let next = self.lexemes.get(self.at).cloned()?;
        self.at += 1;
        Some(next)
    }

    fn eat(&mut self, operator: Operator) -> bool {
        let found = self.peek() == Some(&Lexeme::Operator(operator));
        self.at += usize::from(found);
        found
    }

    /// The bytes of what comes next.
    fn here(&self) -> Range<usize> {
        self.lexemes
            .get(self.at)
            .map_or(self.end..self.end, |(_, span)| span.clone())
    }

    /// The bytes from where `start` began to where the last lexeme ended.
    fn since(&self, start: &Range<usize>) -> Range<usize> {
        let last = self.at.checked_sub(1).and_then(|at| self.lexemes.get(at));
        start.start..last.map_or(start.end, |(_, span)| span.end.max(start.start))
    }

    /// Notes that the clause is complete which began at `start`.
    fn complete(&mut self, start: &Range<usize>) {
        let span = self.since(start);
        self.spans.push(span);
    }

    fn query(&mut self) -> Result<Query, QueryError> {
        let start = self.here();
        let mut alternatives = vec![self.all()?];
        while self.eat(Operator::Or) {
            alternatives.push(self.all()?);
        }
        if alternatives.len() > 1 && alternatives.iter().any(|terms| terms.len() > 1) {
            return Err(self.mixed(&start, alternatives));
        }
        // What was not mixed is one row, of terms or of alternatives.
        if alternatives.iter().map(Vec::len).sum::<usize>() > 1 {
            self.complete(&start);
        }
        let parts = alternatives.into_iter();
        let parts = parts.map(|terms| one_or(terms, Query::And));
        Ok(one_or(parts.collect(), Query::Or))
    }

    /// Both readings of AND mixed with OR, printed with parentheses.
    fn mixed(&self, start: &Range<usize>, alternatives: Vec<Vec<Query>>) -> QueryError {
        // Where OR binds tighter, it joins the last term before it to the first after it.
        let mut groups: Vec<Vec<Query>> = vec![Vec::new()];
        for terms in &alternatives {
            for (place, term) in terms.iter().enumerate() {
                if place > 0 {
                    groups.push(Vec::new());
                }
                if let Some(group) = groups.last_mut() {
                    group.push(term.clone());
                }
            }
        }
        let groups = groups.into_iter().map(|group| one_or(group, Query::Or));
        let or_first = Query::And(groups.collect());
        let parts = alternatives.into_iter();
        let parts = parts.map(|terms| one_or(terms, Query::And));
        let and_first = Query::Or(parts.collect());
        QueryError::new(
            self.since(start),
            "AND (or a space, which is the same) and OR are mixed without parentheses, and can be read in two ways",
        )
        .help(format!("write `{and_first}` or `{or_first}`"))
    }

    /// Terms in a row that must all hold.
    fn all(&mut self) -> Result<Vec<Query>, QueryError> {
        let mut terms = vec![self.unary()?];
        while self.eat(Operator::And) || self.peek().is_some_and(Lexeme::begins_term) {
            terms.push(self.unary()?);
        }
        Ok(terms)
    }

    fn unary(&mut self) -> Result<Query, QueryError> {
        let start = self.here();
        if self.eat(Operator::Not) {
            let part = self.deeper(Self::unary)?;
            self.complete(&start);
            return Ok(Query::Not(Box::new(part)));
        }
        self.near()
    }

    fn near(&mut self) -> Result<Query, QueryError> {
        let start = self.here();
        let mut left = self.atom()?;
        let mut left_span = self.since(&start);
        let mut height = height(&left);
        while let Some((apart, reach)) = self.reach() {
            self.at += usize::from(apart);
            let reach_span = self.here();
            self.at += 1;
            if self.peek() == Some(&Lexeme::Operator(Operator::Not)) {
                return Err(QueryError::new(
                    self.here(),
                    "what is not there has no place in the text",
                )
                .help("write the NOT outside: `a NEAR/5 b NOT c`"));
            }
            let right_start = self.here();
            let right = self.atom()?;
            let right_span = self.since(&right_start);
            for (side, span) in [(&left, left_span.clone()), (&right, right_span)] {
                has_places(side, span)?;
            }
            // A chain grows to the left, above what was read before.
            height = height.max(self::height(&right)) + 1;
            check_depth(self.depth + height, reach_span)?;
            let (near, far) = (Box::new(left), Box::new(right));
            left = if apart {
                Query::Apart {
                    reach,
                    left: near,
                    right: far,
                }
            } else {
                Query::Proximity {
                    reach,
                    left: near,
                    right: far,
                }
            };
            left_span = self.since(&start);
            self.complete(&start);
        }
        Ok(left)
    }

    /// The operator of proximity that comes next, and whether a NOT stands before it.
    fn reach(&self) -> Option<(bool, Reach)> {
        let operator = |at: usize| match self.lexemes.get(at) {
            Some((Lexeme::Operator(operator), _)) => Some(*operator),
            _ => None,
        };
        match (operator(self.at)?, operator(self.at + 1)) {
            (Operator::Reach(reach), _) => Some((false, reach)),
            (Operator::Not, Some(Operator::Reach(reach))) => Some((true, reach)),
            _ => None,
        }
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Query, QueryError>,
    ) -> Result<Query, QueryError> {
        self.depth += 1;
        check_depth(self.depth, self.here())?;
        let query = read(self);
        self.depth -= 1;
        query
    }

    fn atom(&mut self) -> Result<Query, QueryError> {
        let start = self.here();
        let mut query = self.deeper(Self::bare_atom)?;
        while let Some(Lexeme::Weight(weight)) = self.peek() {
            let weight = *weight;
            if matches!(query, Query::Weighted(..)) {
                return Err(
                    QueryError::new(self.here(), "this has a weight already").help("keep one")
                );
            }
            self.at += 1;
            query = Query::Weighted(Box::new(query), weight);
            self.complete(&start);
        }
        Ok(query)
    }

    fn bare_atom(&mut self) -> Result<Query, QueryError> {
        let Some((lexeme, span)) = self.next() else {
            return Err(self.missing());
        };
        self.leaves += 1;
        if self.leaves > LEAVES_MAX {
            return Err(too_many(&span));
        }
        if lexeme == Lexeme::Open {
            let query = self.query()?;
            self.close(&span)?;
            return Ok(query);
        }
        let query = self.term(&lexeme, span.clone())?;
        self.complete(&span);
        Ok(query)
    }

    /// A term that begins with a lexeme other than a parenthesis.
    fn term(&mut self, lexeme: &Lexeme<'a>, span: Range<usize>) -> Result<Query, QueryError> {
        match *lexeme {
            Lexeme::Phrase(text) => phrase(text, span),
            Lexeme::Word(text) => word(text, WordForm::Folded, span),
            Lexeme::Exact(text) => word(text, WordForm::Exact, span),
            Lexeme::Stem(text) => word(text, WordForm::Stem, span),
            Lexeme::Actor { name, strong } => ActorId::new(name)
                .map(|id| Query::Actor { id, strong })
                .map_err(|error| bad_name(&error, '@', name, span)),
            Lexeme::Topic(name) => TopicId::new(name)
                .map(Query::Topic)
                .map_err(|error| bad_name(&error, '#', name, span)),
            Lexeme::Field(name) => {
                let field = field(name, span)?;
                Ok(Query::In(field, Box::new(self.atom_of_prefix()?)))
            }
            Lexeme::Operator(Operator::AtLeast(count)) => {
                let start = self.here();
                let part = self.atom_of_prefix()?;
                has_places(&part, self.since(&start))?;
                Ok(Query::AtLeast(count, Box::new(part)))
            }
            Lexeme::Operator(Operator::First(count)) => {
                Ok(Query::First(count, Box::new(self.atom_of_prefix()?)))
            }
            Lexeme::Operator(Operator::Of(count)) => self.of(count, span),
            Lexeme::Operator(Operator::Not) => Err(QueryError::new(span, "NOT cannot stand here")
                .help("write it before the whole: `NOT title:this`")),
            Lexeme::Operator(operator) => Err(QueryError::new(
                span,
                format!("{operator} needs a term on both sides"),
            )
            .help(format!(
                "add the missing term, or write \"{operator}\" in quotes to search for the word"
            ))),
            Lexeme::Open | Lexeme::Close => {
                Err(QueryError::new(span, "there is nothing before this `)`")
                    .help("write a term between the parentheses, or remove it"))
            }
            Lexeme::Comma => Err(QueryError::new(span, "there is nothing before this comma")
                .help("a comma belongs between the parts of `n OF(a, b)`")),
            Lexeme::Weight(_) => Err(QueryError::new(span, "a weight comes after a term")
                .help("write it without a space: `nuclear^2`")),
        }
    }

    /// What a prefix such as `title:` applies to; without its weight, which
    /// then weighs the whole.
    fn atom_of_prefix(&mut self) -> Result<Query, QueryError> {
        if self.peek().is_none() {
            return Err(self.missing());
        }
        self.deeper(Self::bare_atom)
    }

    fn of(&mut self, count: u32, span: Range<usize>) -> Result<Query, QueryError> {
        let mut parts = vec![self.query()?];
        while self.peek() == Some(&Lexeme::Comma) {
            self.at += 1;
            parts.push(self.query()?);
        }
        self.close(&span)?;
        if count as usize > parts.len() {
            return Err(QueryError::new(
                span,
                format!("{count} of {} can never be found", parts.len()),
            )
            .help(format!("write a number from 1 to {}", parts.len())));
        }
        Ok(Query::Of(count, parts))
    }

    fn close(&mut self, opened: &Range<usize>) -> Result<(), QueryError> {
        match self.peek() {
            Some(Lexeme::Close) => {
                self.at += 1;
                Ok(())
            }
            Some(Lexeme::Comma) => Err(QueryError::new(
                self.here(),
                "a comma belongs into `n OF(a, b)` only",
            )
            .help("write OR between alternatives")),
            _ => {
                Err(QueryError::new(opened.clone(), "this `(` is never closed").help("add the `)`"))
            }
        }
    }

    fn missing(&self) -> QueryError {
        if self.lexemes.is_empty() {
            return QueryError::new(0..self.end, "the query is empty")
                .help("write what an article must say");
        }
        let last = self.lexemes.last().map_or(0..0, |(_, span)| span.clone());
        QueryError::new(last, "the query ends where a term is needed")
            .help("add the missing term, or remove this")
    }
}

/// Queries are walked by recursion, so their depth is bounded here once.
fn check_depth(depth: usize, span: Range<usize>) -> Result<(), QueryError> {
    if depth <= DEPTH_MAX {
        return Ok(());
    }
    Err(QueryError::new(
        span,
        format!("the query is nested more than {DEPTH_MAX} deep"),
    )
    .help("make topics of its parts and refer to them with `#`"))
}

/// How many operators are nested in a query at most.
fn height(query: &Query) -> usize {
    let inner = match query {
        Query::And(parts) | Query::Or(parts) | Query::Of(_, parts) => {
            parts.iter().map(height).max()
        }
        Query::Proximity { left, right, .. } | Query::Apart { left, right, .. } => {
            Some(height(left).max(height(right)))
        }
        Query::Not(part)
        | Query::In(_, part)
        | Query::AtLeast(_, part)
        | Query::First(_, part)
        | Query::Weighted(part, _) => Some(height(part)),
        Query::Word(_) | Query::Phrase(_) | Query::Actor { .. } | Query::Topic(_) => None,
    };
    inner.map_or(0, |inner| inner + 1)
}

fn too_many(span: &Range<usize>) -> QueryError {
    QueryError::new(
        span.clone(),
        format!("the query has more than {LEAVES_MAX} terms"),
    )
    .help("make topics of its parts and refer to them with `#`")
}

fn one_or(mut parts: Vec<Query>, several: impl FnOnce(Vec<Query>) -> Query) -> Query {
    match parts.len() {
        1 => parts.remove(0),
        _ => several(parts),
    }
}

fn word(text: &str, form: WordForm, span: Range<usize>) -> Result<Query, QueryError> {
    check_word(text, form, &span)?;
    Ok(Query::Word(Word {
        text: text.to_owned(),
        form,
    }))
}

fn phrase(text: &str, span: Range<usize>) -> Result<Query, QueryError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return Err(
            QueryError::new(span, "the phrase is empty").help("write words between the quotes")
        );
    }
    if !text.contains(char::is_alphanumeric) {
        return Err(no_letters(text, span));
    }
    for word in words.iter().filter(|word| word.contains(['*', '?'])) {
        check_word(word, WordForm::Folded, &span)?;
    }
    let words = words.into_iter().map(|word| Word {
        text: word.to_owned(),
        form: WordForm::Folded,
    });
    Ok(Query::Phrase(words.collect()))
}

fn check_word(text: &str, form: WordForm, span: &Range<usize>) -> Result<(), QueryError> {
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let wild = text.contains(['*', '?']);
    if wild && form != WordForm::Folded {
        return Err(QueryError::new(
            span.clone(),
            "wildcards go with plain words only, not with `=` or `~`",
        )
        .help("remove the sign before the word, or the wildcard"));
    }
    if wild && letters < 2 {
        return Err(QueryError::new(
            span.clone(),
            format!("`{text}` would match nearly every word"),
        )
        .help("write at least two letters beside `*` and `?`"));
    }
    if !wild && tokenise(text).all().is_empty() {
        return Err(no_letters(text, span.clone()));
    }
    Ok(())
}

fn no_letters(text: &str, span: Range<usize>) -> QueryError {
    let help = match text {
        "|" | "||" => "write OR for either of two",
        "&" | "&&" => "write AND, or put a name such as \"Johnson & Johnson\" in quotes",
        _ => "remove it",
    };
    QueryError::new(
        span,
        format!("`{text}` has no letters or digits, so no text can match it"),
    )
    .help(help)
}

/// The name of an actor or topic that cannot be one, with the nearest that can.
fn bad_name(error: &NameError, sign: char, name: &str, span: Range<usize>) -> QueryError {
    let lower = name.to_lowercase();
    let help = match TopicId::new(lower.trim_end_matches('!')) {
        Ok(near) => format!("did you mean `{sign}{near}`?"),
        Err(_) => format!("write `{sign}` and the name that the watchlist gives it"),
    };
    QueryError::new(span, error.to_string()).help(help)
}

fn field(name: &str, span: Range<usize>) -> Result<Field, QueryError> {
    Field::from_word(name).ok_or_else(|| {
        let words = Field::ALL.iter().map(|field| field.as_str());
        let help = suggest::help(name, words).unwrap_or_default();
        QueryError::new(span, format!("there is no field `{name}`"))
            .help(format!("{help} (a text with a colon goes in quotes)"))
    })
}

/// Whether a query holds of an article that says nothing.
fn is_negative(query: &Query) -> bool {
    match query {
        Query::Not(_) => true,
        Query::And(parts) => parts.iter().all(is_negative),
        Query::Or(parts) => parts.iter().any(is_negative),
        Query::Of(count, parts) => {
            parts.iter().filter(|part| is_negative(part)).count() >= *count as usize
        }
        Query::In(_, part) | Query::First(_, part) | Query::Weighted(part, _) => is_negative(part),
        Query::AtLeast(..)
        | Query::Proximity { .. }
        | Query::Apart { .. }
        | Query::Word(_)
        | Query::Phrase(_)
        | Query::Actor { .. }
        | Query::Topic(_) => false,
    }
}

/// Refuses what has no places in the text where places are counted or compared.
///
/// A NOT beside something that must be there does no harm: `a NEAR/3 (b NOT c)`
/// is about the places of `b`.
fn has_places(query: &Query, span: Range<usize>) -> Result<(), QueryError> {
    if is_negative(query) {
        return Err(
            QueryError::new(span, "what is not there has no place in the text")
                .help("write the NOT outside: `a NEAR/5 b NOT c`"),
        );
    }
    match query {
        Query::In(field, _) if !matches!(field, Field::Title | Field::Summary | Field::Body) => {
            Err(QueryError::new(
                span,
                format!(
                    "`{}:` is not part of the text, so it has no place in it",
                    field.as_str()
                ),
            )
            .help(format!("join it with AND: `{query} AND …`")))
        }
        Query::In(_, part) | Query::Weighted(part, _) | Query::First(_, part) => {
            has_places(part, span)
        }
        Query::And(parts) | Query::Or(parts) | Query::Of(_, parts) => parts
            .iter()
            .filter(|part| !is_negative(part))
            .try_for_each(|part| has_places(part, span.clone())),
        _ => Ok(()),
    }
}
