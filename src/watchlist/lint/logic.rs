//! What one clause says about another: that it holds as well, that it cannot
//! hold, that it finds the same places.
//!
//! Each answer of yes can be proved; no means no or unknown. There is a bound on
//! the comparisons of one watchlist, after which every answer is no.

use super::clause::{Clause, Clauses, Scope, Shape, Written};
use super::term::Term;
use crate::text::Field;
use crate::watchlist::query::{Query, Reach};
use crate::watchlist::{ActorId, Watchlist};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The most comparisons of two clauses in one watchlist; they take a few seconds.
const COMPARED_MAX: usize = 50_000_000;

/// The fields of the text, where words are looked for that name no field.
const TEXT: [Field; 3] = [Field::Title, Field::Summary, Field::Body];

/// Who belongs to whom.
#[derive(Debug)]
pub(super) struct Families<'a> {
    groups_of: HashMap<&'a ActorId, &'a [ActorId]>,
    groups: HashSet<&'a ActorId>,
}

/// Clauses that can be compared.
#[derive(Debug)]
pub(super) struct Logic<'a> {
    pub(super) clauses: Clauses,
    pub(super) families: Families<'a>,
    compared: usize,
    implied: HashMap<(Clause, Clause), bool>,
    excluded: HashMap<(Clause, Clause), bool>,
}

impl<'a> Families<'a> {
    pub(super) fn of(watchlist: &'a Watchlist) -> Self {
        let actors = watchlist.actors.iter();
        Self {
            groups: actors.clone().flat_map(|actor| &actor.member_of).collect(),
            groups_of: actors
                .map(|actor| (&actor.id, actor.member_of.as_slice()))
                .collect(),
        }
    }

    /// Whether an actor has members.
    pub(super) fn is_group(&self, actor: &ActorId) -> bool {
        self.groups.contains(actor)
    }

    /// Whether a mention of `member` is one of `group`: it is the same actor, a
    /// member, or a member of a member.
    pub(super) fn belongs(&self, member: &ActorId, group: &ActorId) -> bool {
        let mut seen: HashSet<&ActorId> = HashSet::new();
        let mut waiting = vec![member];
        while let Some(next) = waiting.pop() {
            if next == group {
                return true;
            }
            if seen.insert(next) {
                waiting.extend(self.groups_of.get(next).copied().unwrap_or_default());
            }
        }
        false
    }
}

impl<'a> Logic<'a> {
    pub(super) fn new(watchlist: &'a Watchlist) -> Self {
        Self {
            clauses: Clauses::default(),
            families: Families::of(watchlist),
            compared: 0,
            implied: HashMap::new(),
            excluded: HashMap::new(),
        }
    }

    /// Puts a query into normal form.
    pub(super) fn read<'q>(&mut self, query: &'q Query) -> Written<'q> {
        self.clauses.read(query)
    }

    /// Forgets what was compared: the next topic has clauses of its own.
    pub(super) fn forget(&mut self) {
        self.implied.clear();
        self.excluded.clear();
    }

    /// Two clauses to compare; none once enough were compared.
    fn shapes(&mut self, this: Clause, that: Clause) -> Option<(Rc<Shape>, Rc<Shape>)> {
        self.compared += 1;
        if self.compared > COMPARED_MAX {
            return None;
        }
        self.clauses.shape(this).zip(self.clauses.shape(that))
    }

    /// Whether `that` holds of every article of which `this` holds.
    pub(super) fn implies(&mut self, this: Clause, that: Clause) -> bool {
        if this == that {
            return true;
        }
        let Some((left, right)) = self.shapes(this, that) else {
            return false;
        };
        if is_leaf(&left) && is_leaf(&right) {
            return self.leaf_implies(&left, &right, Term::brings);
        }
        if let Some(known) = self.implied.get(&(this, that)) {
            return *known;
        }
        let found = match (&*left, &*right) {
            (Shape::Any(parts), _) => parts.iter().all(|part| self.implies(*part, that)),
            (_, Shape::All(parts)) => parts.iter().all(|part| self.implies(this, *part)),
            (Shape::Weighted(part, _), _) => self.implies(*part, that),
            (_, Shape::Weighted(part, _)) => self.implies(this, *part),
            (Shape::Not(left), Shape::Not(right)) => self.implies(*right, *left),
            _ => self.right_follows(this, &left, &right) || self.left_brings(&left, that),
        };
        self.implied.insert((this, that), found);
        found
    }

    /// Whether `this` makes the clause `right` hold by what `right` asks for.
    fn right_follows(&mut self, this: Clause, left: &Shape, right: &Shape) -> bool {
        match (left, right) {
            (_, Shape::Any(parts)) => parts.iter().any(|part| self.implies(this, *part)),
            (_, Shape::Of(count, parts)) => {
                let found = parts.iter().filter(|part| self.implies(this, **part));
                found.count() >= *count as usize
            }
            (Shape::Near(near, a, b), Shape::Near(wide, c, d)) => {
                let ordered = matches!(wide, Reach::Pre(_));
                reaches(*near, *wide)
                    && (self.finds_within(*a, *c) && self.finds_within(*b, *d)
                        || !ordered && self.finds_within(*a, *d) && self.finds_within(*b, *c))
            }
            (Shape::AtLeast(more, a), Shape::AtLeast(count, b)) => {
                more >= count && self.finds_within(*a, *b)
            }
            _ => false,
        }
    }

    /// Whether a part of `left` that must be found makes `that` hold.
    fn left_brings(&mut self, left: &Shape, that: Clause) -> bool {
        match left {
            Shape::All(parts) => parts.iter().any(|part| self.implies(*part, that)),
            Shape::Near(_, a, b) => self.implies(*a, that) || self.implies(*b, that),
            Shape::AtLeast(_, part) | Shape::Apart(_, part, _) => self.implies(*part, that),
            Shape::Of(count, parts) => {
                let others = parts.iter().filter(|part| !self.implies(**part, that));
                others.count() < *count as usize
            }
            _ => false,
        }
    }

    /// Whether `that` is found wherever `this` is, at all of the same places:
    /// then `this` adds nothing beside it, not even where places are compared.
    pub(super) fn finds_within(&mut self, this: Clause, that: Clause) -> bool {
        if this == that {
            return true;
        }
        let Some((left, right)) = self.shapes(this, that) else {
            return false;
        };
        match (&*left, &*right) {
            (Shape::Any(parts) | Shape::All(parts), _) => {
                parts.iter().all(|part| self.finds_within(*part, that))
            }
            (_, Shape::Any(parts)) => parts.iter().any(|part| self.finds_within(this, *part)),
            (Shape::Weighted(part, _), _) => self.finds_within(*part, that),
            (_, Shape::Weighted(part, _)) => self.finds_within(this, *part),
            _ => self.leaf_implies(&left, &right, Term::is_found_as),
        }
    }

    fn leaf_implies(&self, left: &Shape, right: &Shape, terms: fn(&Term, &Term) -> bool) -> bool {
        match (left, right) {
            (Shape::Term(left, narrow), Shape::Term(right, wide)) => {
                is_in(*narrow, *wide) && terms(left, right)
            }
            (
                Shape::Actor { id, strong, scope },
                Shape::Actor {
                    id: group,
                    strong: only_strong,
                    scope: wide,
                },
            ) => {
                is_in(*scope, *wide)
                    && (*strong || !only_strong)
                    && self.families.belongs(id, group)
            }
            _ => false,
        }
    }

    /// Whether no article can have both.
    pub(super) fn excludes(&mut self, this: Clause, that: Clause) -> bool {
        if this == that {
            return false;
        }
        let Some((left, right)) = self.shapes(this, that) else {
            return false;
        };
        let pair = (this.min(that), this.max(that));
        if let Some(known) = self.excluded.get(&pair) {
            return *known;
        }
        let found = are_other_languages(&left, &right)
            || matches!(&*right, Shape::Not(part) if self.implies(this, *part))
            || matches!(&*left, Shape::Not(part) if self.implies(that, *part))
            || self.part_excludes(&left, that)
            || self.part_excludes(&right, this);
        self.excluded.insert(pair, found);
        found
    }

    fn part_excludes(&mut self, shape: &Shape, that: Clause) -> bool {
        match shape {
            Shape::All(parts) => parts.iter().any(|part| self.excludes(*part, that)),
            Shape::Any(parts) => {
                !parts.is_empty() && parts.iter().all(|part| self.excludes(*part, that))
            }
            Shape::Near(_, a, b) => self.excludes(*a, that) || self.excludes(*b, that),
            Shape::AtLeast(_, part) | Shape::Weighted(part, _) | Shape::Apart(_, part, _) => {
                self.excludes(*part, that)
            }
            Shape::Of(count, parts) => {
                let possible = parts.iter().filter(|part| !self.excludes(**part, that));
                possible.count() < *count as usize
            }
            _ => false,
        }
    }

    /// The fields in which a clause may find something.
    pub(super) fn fields(&self, clause: Clause) -> Vec<Field> {
        let in_scope = |scope: &Scope| match scope.field {
            Some(field) => vec![field],
            None => TEXT.to_vec(),
        };
        match self.clauses.shape(clause).as_deref() {
            Some(Shape::Term(_, scope)) => in_scope(scope),
            Some(Shape::Actor { scope, .. }) => {
                let mut fields = in_scope(scope);
                fields.retain(|field| TEXT.contains(field));
                fields
            }
            // Its query may name other fields.
            Some(Shape::Topic(..)) | None => Field::ALL.to_vec(),
            Some(Shape::Not(_)) => Vec::new(),
            Some(Shape::All(parts) | Shape::Any(parts) | Shape::Of(_, parts)) => {
                let mut fields: Vec<Field> =
                    parts.iter().flat_map(|part| self.fields(*part)).collect();
                fields.sort_unstable();
                fields.dedup();
                fields
            }
            Some(Shape::Near(_, left, right)) => {
                let right = self.fields(*right);
                let mut fields = self.fields(*left);
                fields.retain(|field| right.contains(field));
                fields
            }
            Some(Shape::AtLeast(_, part) | Shape::Weighted(part, _) | Shape::Apart(_, part, _)) => {
                self.fields(*part)
            }
        }
    }

    /// The fewest words of a text that something found by a clause takes.
    pub(super) fn words_min(&self, clause: Clause) -> usize {
        let least = |parts: &[Clause]| parts.iter().map(|part| self.words_min(*part)).min();
        match self.clauses.shape(clause).as_deref() {
            Some(Shape::Term(term, _)) => term.words_min(),
            Some(Shape::All(parts) | Shape::Any(parts) | Shape::Of(_, parts)) => {
                least(parts).unwrap_or(1)
            }
            Some(Shape::Near(_, left, right)) => self.words_min(*left) + self.words_min(*right),
            Some(Shape::AtLeast(_, part) | Shape::Weighted(part, _) | Shape::Apart(_, part, _)) => {
                self.words_min(*part)
            }
            Some(Shape::Actor { .. } | Shape::Topic(..) | Shape::Not(_)) | None => 1,
        }
    }

    /// Within how many first words of a field all that a clause finds begins.
    pub(super) fn first(&self, clause: Clause) -> Option<u32> {
        let all = |parts: &[Clause]| {
            let firsts: Option<Vec<u32>> = parts.iter().map(|part| self.first(*part)).collect();
            firsts?.into_iter().max()
        };
        match self.clauses.shape(clause).as_deref()? {
            Shape::Term(_, scope) | Shape::Actor { scope, .. } => scope.first,
            Shape::All(parts) | Shape::Any(parts) | Shape::Of(_, parts) => all(parts),
            Shape::Near(_, left, right) => all(&[*left, *right]),
            Shape::AtLeast(_, part) | Shape::Weighted(part, _) | Shape::Apart(_, part, _) => {
                self.first(*part)
            }
            // Its query may name a beginning of its own.
            Shape::Topic(..) | Shape::Not(_) => None,
        }
    }
}

fn is_leaf(shape: &Shape) -> bool {
    matches!(
        shape,
        Shape::Term(..) | Shape::Actor { .. } | Shape::Topic(..)
    )
}

/// Whether whatever is in one part of an article is in the other.
fn is_in(narrow: Scope, wide: Scope) -> bool {
    let field = match (narrow.field, wide.field) {
        (None, None) => true,
        (Some(field), None) => TEXT.contains(&field),
        (narrow, Some(_)) => narrow == wide.field,
    };
    let early = match (narrow.first, wide.first) {
        (_, None) => true,
        (Some(narrow), Some(wide)) => narrow <= wide,
        (None, Some(_)) => false,
    };
    field && early
}

/// Whether all that is as close as `near` is as close as `wide`.
fn reaches(near: Reach, wide: Reach) -> bool {
    match (near, wide) {
        (Reach::Near(near) | Reach::Pre(near), Reach::Near(wide))
        | (Reach::Pre(near), Reach::Pre(wide)) => near <= wide,
        (Reach::Sentence, Reach::Sentence | Reach::Paragraph)
        | (Reach::Paragraph, Reach::Paragraph) => true,
        _ => false,
    }
}

/// Whether both name a language, and not the same: an article has one.
fn are_other_languages(left: &Shape, right: &Shape) -> bool {
    let language = |shape: &Shape| match shape {
        Shape::Term(term, scope) if scope.field == Some(Field::Language) => {
            term.plain_word().map(str::to_owned)
        }
        _ => None,
    };
    matches!((language(left), language(right)), (Some(left), Some(right)) if left != right)
}
