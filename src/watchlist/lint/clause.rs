//! Queries in a normal form: two that say the same in another order are one.
//!
//! Every clause has a number, and equal clauses have the same, so that to
//! compare two of any size is to compare two numbers. Fields and `FIRST/n` are
//! moved to the words that they hold for, as the matcher evaluates them.

use super::term::Term;
use crate::text::Field;
use crate::watchlist::query::{Query, Reach};
use crate::watchlist::{ActorId, TopicId};
use std::collections::HashMap;
use std::rc::Rc;

/// A clause in normal form, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Clause(usize);

/// What a clause says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Term(Term, Scope),
    Actor {
        id: ActorId,
        strong: bool,
        scope: Scope,
    },
    Topic(TopicId, Scope),
    Not(Clause),
    /// Two or more, sorted, each once.
    All(Vec<Clause>),
    /// Two or more, sorted, each once.
    Any(Vec<Clause>),
    Near(Reach, Clause, Clause),
    Apart(Reach, Clause, Clause),
    AtLeast(u32, Clause),
    /// More than one and not all of these, sorted.
    Of(u32, Vec<Clause>),
    /// With the bits of the weight.
    Weighted(Clause, u64),
}

/// Which part of an article a word is looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Scope {
    /// One field, else title, summary and body.
    pub(super) field: Option<Field>,
    /// The first so many words of the field, else all.
    pub(super) first: Option<u32>,
}

/// A query as written, each part with its clause.
#[derive(Debug)]
pub(super) struct Written<'a> {
    pub(super) query: &'a Query,
    pub(super) clause: Clause,
    /// Its place among the clauses of the query, parts before the whole, as
    /// [`clause_spans`](crate::watchlist::query::clause_spans) counts them.
    pub(super) number: usize,
    /// Whether something in it has a weight.
    pub(super) weighted: bool,
    pub(super) parts: Vec<Written<'a>>,
}

/// All clauses of a watchlist.
#[derive(Debug, Default)]
pub(super) struct Clauses {
    numbers: HashMap<Rc<Shape>, Clause>,
    shapes: Vec<Rc<Shape>>,
}

impl Clauses {
    /// Puts a query into normal form.
    pub(super) fn read<'a>(&mut self, query: &'a Query) -> Written<'a> {
        self.written(query, Scope::default(), &mut 0)
    }

    pub(super) fn shape(&self, clause: Clause) -> Option<Rc<Shape>> {
        self.shapes.get(clause.0).map(Rc::clone)
    }

    fn number(&mut self, shape: Shape) -> Clause {
        if let Some(clause) = self.numbers.get(&shape) {
            return *clause;
        }
        let clause = Clause(self.shapes.len());
        let shape = Rc::new(shape);
        self.shapes.push(Rc::clone(&shape));
        self.numbers.insert(shape, clause);
        clause
    }

    fn written<'a>(&mut self, query: &'a Query, scope: Scope, next: &mut usize) -> Written<'a> {
        let inner = match query {
            Query::In(field, _) => Scope {
                field: Some(*field),
                ..scope
            },
            Query::First(count, _) => Scope {
                first: Some(scope.first.map_or(*count, |first| first.min(*count))),
                ..scope
            },
            _ => scope,
        };
        let parts: Vec<Written<'a>> = parts_of(query)
            .into_iter()
            .map(|part| self.written(part, inner, next))
            .collect();
        let clauses: Vec<Clause> = parts.iter().map(|part| part.clause).collect();
        let clause = self.clause(query, inner, clauses);
        let number = *next;
        *next += 1;
        Written {
            query,
            clause,
            number,
            weighted: matches!(query, Query::Weighted(..))
                || parts.iter().any(|part| part.weighted),
            parts,
        }
    }

    fn clause(&mut self, query: &Query, scope: Scope, mut parts: Vec<Clause>) -> Clause {
        let shape = match (query, parts.as_slice()) {
            (Query::Word(word), _) => Shape::Term(Term::of_word(word), scope),
            (Query::Phrase(words), _) => Shape::Term(Term::of_phrase(words), scope),
            (Query::Actor { id, strong }, _) => Shape::Actor {
                id: id.clone(),
                strong: *strong,
                scope,
            },
            (Query::Topic(id), _) => Shape::Topic(id.clone(), scope),
            (Query::And(_), _) => return self.all(parts),
            (Query::Or(_), _) | (Query::Of(1, _), _) => return self.any(parts),
            (Query::Of(count, _), _) if *count as usize == parts.len() => return self.all(parts),
            (Query::Of(count, _), _) => {
                parts.sort_unstable();
                Shape::Of(*count, parts)
            }
            (Query::Proximity { reach, .. }, [left, right]) => {
                // Only PRE tells left from right.
                let swap = !matches!(reach, Reach::Pre(_)) && right < left;
                let (left, right) = if swap { (right, left) } else { (left, right) };
                Shape::Near(*reach, *left, *right)
            }
            (Query::Apart { reach, .. }, [left, right]) => Shape::Apart(*reach, *left, *right),
            (Query::Not(_), [part]) => Shape::Not(*part),
            (Query::AtLeast(count, _), [part]) => Shape::AtLeast(*count, *part),
            (Query::Weighted(_, weight), [part]) => Shape::Weighted(*part, weight.to_bits()),
            // A field and FIRST/n are no clauses of their own.
            (_, [part, ..]) => return *part,
            (_, []) => Shape::Any(Vec::new()),
        };
        self.number(shape)
    }

    fn all(&mut self, parts: Vec<Clause>) -> Clause {
        let flat = self.flat(parts, |shape| match shape {
            Shape::All(parts) => Some(parts),
            _ => None,
        });
        match flat.as_slice() {
            [one] => *one,
            _ => self.number(Shape::All(flat)),
        }
    }

    fn any(&mut self, parts: Vec<Clause>) -> Clause {
        let flat = self.flat(parts, |shape| match shape {
            Shape::Any(parts) => Some(parts),
            _ => None,
        });
        match flat.as_slice() {
            [one] => *one,
            _ => self.number(Shape::Any(flat)),
        }
    }

    fn flat(&self, parts: Vec<Clause>, same: fn(&Shape) -> Option<&Vec<Clause>>) -> Vec<Clause> {
        let mut flat = Vec::new();
        for part in parts {
            match self.shape(part).as_deref().and_then(same) {
                Some(inner) => flat.extend(inner),
                None => flat.push(part),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        flat
    }
}

/// The parts of a query, in the order in which they are written.
fn parts_of(query: &Query) -> Vec<&Query> {
    match query {
        Query::And(parts) | Query::Or(parts) | Query::Of(_, parts) => parts.iter().collect(),
        Query::Proximity { left, right, .. } | Query::Apart { left, right, .. } => {
            vec![left, right]
        }
        Query::Not(part)
        | Query::In(_, part)
        | Query::AtLeast(_, part)
        | Query::First(_, part)
        | Query::Weighted(part, _) => vec![part],
        Query::Word(_) | Query::Phrase(_) | Query::Actor { .. } | Query::Topic(_) => Vec::new(),
    }
}
