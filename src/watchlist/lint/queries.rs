//! Clauses of a query that can never match, and clauses that change nothing.
//!
//! What a clause changes depends on where it stands. Where only truth counts,
//! what follows from a neighbour is superfluous. Where places are compared
//! (`NEAR`, `ATLEAST/n`, a salience), a word adds its places even if it follows;
//! and where a score is asked for, only what is written twice adds nothing.

use super::clause::{Clause, Shape, Written};
use super::logic::Logic;
use super::{Findings, LintKind, Part, quoted};
use crate::text::{Field, primary_subtag};
use crate::watchlist::query::{Query, Reach, Word, WordForm};
use crate::watchlist::{Place, Salience, Topic};

/// What of a clause counts at the place where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Whether it holds.
    Truth,
    /// Where it is found, too.
    Places,
    /// How often, too.
    Score,
}

/// Checks the query of a topic and what rules it out. `placed` says that
/// another topic compares the places that this one finds.
pub(super) fn check(topic: &Topic, placed: bool, logic: &mut Logic<'_>, found: &mut Findings) {
    let effect = if topic.threshold > 0.0 {
        Effect::Score
    } else if placed || topic.salience > Salience::Body {
        Effect::Places
    } else {
        Effect::Truth
    };
    let query = logic.read(&topic.query);
    let mut check = Check {
        logic,
        found,
        place: Place::Topic(topic.id.clone(), "query"),
    };
    check.part(&query, effect, &[]);
    let Some(unless) = &topic.unless else { return };
    check.place = Place::Topic(topic.id.clone(), "unless");
    let unless = check.logic.read(unless);
    if check.logic.implies(query.clause, unless.clause) {
        let help = "name what only unwanted articles say";
        let message = "`unless` holds wherever the query does, so the topic never matches";
        check.note(LintKind::NeverMatches, &unless, message.to_owned(), help);
    } else if check.logic.excludes(query.clause, unless.clause) {
        let message = "`unless` never holds where the query does, so it rules nothing out";
        check.note(
            LintKind::ChangesNothing,
            &unless,
            message.to_owned(),
            "remove it",
        );
    } else {
        check.part(&unless, Effect::Truth, &[]);
    }
}

struct Check<'c, 'a> {
    logic: &'c mut Logic<'a>,
    found: &'c mut Findings,
    place: Place,
}

type Facts<'f, 'q> = [&'f Written<'q>];

impl Check<'_, '_> {
    fn note(&mut self, kind: LintKind, at: &Written<'_>, message: String, help: &str) {
        let part = Part::Clause(at.number);
        self.found.add(kind, &self.place, part, message, help);
    }

    /// Checks a part of the query, of which `facts` hold wherever it matters.
    fn part(&mut self, at: &Written<'_>, effect: Effect, facts: &Facts<'_, '_>) {
        match at.query {
            Query::And(_) => self.all(at, effect, facts),
            Query::Or(_) => self.any(at, effect, facts),
            // What is written inside a NOT again is often there to be read.
            Query::Not(_) => self.parts(at, Effect::Truth, &[]),
            Query::Of(count, _) => {
                self.counted_twice(at, *count);
                self.parts(at, effect, facts);
            }
            Query::Proximity { reach, .. } => {
                self.proximity(at, *reach);
                self.parts(at, effect.max(Effect::Places), &[]);
            }
            Query::Apart { .. } => self.parts(at, effect.max(Effect::Places), &[]),
            Query::AtLeast(count, _) => {
                self.at_least(at, *count);
                self.parts(at, effect.max(Effect::Places), &[]);
            }
            Query::In(field, part) => {
                self.replaced(at, *field, part);
                self.parts(at, effect, facts);
            }
            Query::First(..) => self.parts(at, effect, facts),
            Query::Weighted(..) => self.parts(at, Effect::Score, &[]),
            Query::Word(_) | Query::Phrase(_) | Query::Actor { .. } | Query::Topic(_) => {
                self.leaf(at);
            }
        }
    }

    fn parts(&mut self, at: &Written<'_>, effect: Effect, facts: &Facts<'_, '_>) {
        for part in &at.parts {
            self.part(part, effect, facts);
        }
    }

    /// Parts that must all hold.
    fn all(&mut self, at: &Written<'_>, effect: Effect, facts: &Facts<'_, '_>) {
        let mut parts = Vec::new();
        conjuncts(at, &mut parts);
        let mut kept: Vec<&Written<'_>> = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let before: Vec<&Written<'_>> = facts.iter().chain(&kept).copied().collect();
            let excluded = before
                .iter()
                .find(|other| self.logic.excludes(other.clause, part.clause));
            if let Some(other) = excluded {
                self.never_beside(part, other);
                continue;
            }
            let after = parts.iter().skip(number + 1).copied();
            let reason = superfluous_for(part, before, after, |this, that| {
                this == that || effect == Effect::Truth && self.logic.implies(that, this)
            });
            match reason {
                Some(other) => self.superfluous_condition(part, other, effect),
                None => kept.push(part),
            }
        }
        for (number, part) in kept.iter().enumerate() {
            let others = kept.iter().enumerate();
            let others = others.filter(|(other, _)| *other != number);
            let others = others.map(|(_, other)| *other);
            let beside: Vec<&Written<'_>> = facts.iter().copied().chain(others).collect();
            self.part(part, effect, &beside);
        }
    }

    /// Parts of which one must hold.
    fn any(&mut self, at: &Written<'_>, effect: Effect, facts: &Facts<'_, '_>) {
        let mut parts = Vec::new();
        alternatives(at, &mut parts);
        let mut kept: Vec<&Written<'_>> = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let excluded = facts
                .iter()
                .find(|fact| self.logic.excludes(fact.clause, part.clause));
            if let Some(fact) = excluded {
                self.never_beside(part, fact);
                continue;
            }
            let after = parts.iter().skip(number + 1).copied();
            let before = kept.iter().copied();
            let reason = superfluous_for(part, before, after, |this, that| match effect {
                Effect::Truth => self.logic.implies(this, that),
                Effect::Places => self.logic.finds_within(this, that),
                Effect::Score => this == that,
            });
            match reason {
                Some(other) => self.superfluous_alternative(part, other, effect),
                None => kept.push(part),
            }
        }
        self.always(&kept);
        for part in kept {
            self.part(part, effect, facts);
        }
    }

    fn never_beside(&mut self, part: &Written<'_>, other: &Written<'_>) {
        let (part_text, other_text) = (quoted(part.query), quoted(other.query));
        self.note(
            LintKind::NeverMatches,
            part,
            format!("{part_text} never holds where {other_text} does, as it must here"),
            "remove one of the two, or join them with OR",
        );
    }

    fn superfluous_condition(&mut self, part: &Written<'_>, other: &Written<'_>, effect: Effect) {
        if part.clause == other.clause {
            return self.twice(part, effect);
        }
        let (text, because) = (quoted(part.query), quoted(other.query));
        self.note(
            LintKind::ChangesNothing,
            part,
            format!(
                "{text} changes nothing: it holds wherever {because} does, which must hold too"
            ),
            "remove it, or ask for something else",
        );
    }

    fn superfluous_alternative(&mut self, part: &Written<'_>, other: &Written<'_>, effect: Effect) {
        if part.clause == other.clause {
            return self.twice(part, effect);
        }
        let (text, because) = (quoted(part.query), quoted(other.query));
        self.note(
            LintKind::ChangesNothing,
            part,
            format!("{text} changes nothing: {because} holds wherever it does"),
            "remove it, or remove the wider one",
        );
    }

    fn twice(&mut self, part: &Written<'_>, effect: Effect) {
        let text = quoted(part.query);
        let (message, help) = if effect == Effect::Score {
            (
                format!("{text} stands here twice, and counts once in the score"),
                "write it once; a weight, such as `word^2`, is plainer",
            )
        } else {
            (format!("{text} stands here twice"), "remove one of the two")
        };
        self.note(LintKind::ChangesNothing, part, message, help);
    }

    /// Alternatives one of which always holds, as `a OR NOT a`.
    fn always(&mut self, parts: &[&Written<'_>]) {
        for part in parts {
            let shape = self.logic.clauses.shape(part.clause);
            let Some(Shape::Not(denied)) = shape.as_deref() else {
                continue;
            };
            let other = parts
                .iter()
                .find(|other| self.logic.implies(*denied, other.clause));
            if let Some(other) = other {
                let (text, other) = (quoted(part.query), quoted(other.query));
                self.note(
                    LintKind::ChangesNothing,
                    part,
                    format!("either {other} or {text} always holds, so this asks for nothing"),
                    "remove both",
                );
            }
        }
    }

    /// Parts of `n OF(…)` that are found together, and so count as two.
    fn counted_twice(&mut self, at: &Written<'_>, count: u32) {
        if count == 1 {
            return;
        }
        for (number, part) in at.parts.iter().enumerate() {
            let (before, after) = (
                at.parts.iter().take(number),
                at.parts.iter().skip(number + 1),
            );
            let other = superfluous_for(part, before, after, |this, that| {
                self.logic.finds_within(this, that)
            });
            if let Some(other) = other {
                let (text, because) = (quoted(part.query), quoted(other.query));
                self.note(
                    LintKind::ChangesNothing,
                    part,
                    format!("{text} counts as two of the {count}: where it is found, {because} is found as well"),
                    "give parts that are found apart, or remove one of the two",
                );
            }
        }
    }

    fn proximity(&mut self, at: &Written<'_>, reach: Reach) {
        let [left, right] = at.parts.as_slice() else {
            return;
        };
        if self.logic.fields(at.clause).is_empty() {
            let (left_fields, right_fields) = (
                self.logic.fields(left.clause),
                self.logic.fields(right.clause),
            );
            // Where one side is nowhere at all, it has its own warning.
            if !left_fields.is_empty() && !right_fields.is_empty() {
                let message = format!(
                    "{} and {} are never in one field, so they are never near each other",
                    quoted(left.query),
                    quoted(right.query)
                );
                let help = "look for both in one field, or join them with AND";
                self.note(LintKind::NeverMatches, at, message, help);
            }
            return;
        }
        // The later side begins after all words of the earlier.
        let fits = |earlier: Clause, later: Clause| {
            self.logic
                .first(later)
                .is_none_or(|first| first as usize > self.logic.words_min(earlier))
        };
        let possible = fits(left.clause, right.clause)
            || !matches!(reach, Reach::Pre(_)) && fits(right.clause, left.clause);
        if !possible {
            let message = format!(
                "{} and {} have no room beside each other in so few first words",
                quoted(left.query),
                quoted(right.query)
            );
            self.note(
                LintKind::NeverMatches,
                at,
                message,
                "write a larger number after FIRST/",
            );
        }
    }

    fn at_least(&mut self, at: &Written<'_>, count: u32) {
        let Some(part) = at.parts.first() else { return };
        let text = quoted(part.query);
        if count == 1 {
            let message = format!("ATLEAST/1 {text} says no more than {text}");
            let help = "write a larger number, or remove `ATLEAST/1`";
            self.note(LintKind::ChangesNothing, at, message, help);
        } else if self.logic.fields(part.clause) == [Field::Language] {
            let message = format!("an article has one language, never {count}");
            self.note(LintKind::NeverMatches, at, message, "remove `ATLEAST/`");
        }
    }

    /// A field around parts that all name another: the inner one holds.
    fn replaced(&mut self, at: &Written<'_>, field: Field, part: &Query) {
        if takes_field(part) {
            return;
        }
        let message = format!(
            "`{}:` changes nothing: the fields named inside it hold instead",
            field.as_str()
        );
        let help = "name one field; for words of two fields, join them with AND";
        self.note(LintKind::ChangesNothing, at, message, help);
    }

    fn leaf(&mut self, at: &Written<'_>) {
        let shape = self.logic.clauses.shape(at.clause);
        let (message, help) = match shape.as_deref() {
            Some(Shape::Actor { id, scope, .. }) => {
                let Some(field) = scope
                    .field
                    .filter(|_| self.logic.fields(at.clause).is_empty())
                else {
                    return;
                };
                (
                    format!(
                        "actors are looked for in title, summary and body, so `{}:` never has `@{id}`",
                        field.as_str()
                    ),
                    "write the name as a phrase in quotes",
                )
            }
            Some(Shape::Term(term, scope)) if scope.field == Some(Field::Language) => {
                if term.plain_word().is_none_or(is_language) && !is_two_words(at.query) {
                    return;
                }
                (
                    format!("{} is not the code of a language", quoted(at.query)),
                    "write the code of two letters (ISO 639-1), such as `lang:en`",
                )
            }
            _ => return,
        };
        self.note(LintKind::NeverMatches, at, message, help);
    }
}

/// Whether a word is what articles carry as their language.
fn is_language(word: &str) -> bool {
    primary_subtag(word).as_deref() == Some(word)
}

/// Whether a word or phrase has more than one word in each way to write it.
fn is_two_words(query: &Query) -> bool {
    let words = |word: &Word| super::term::rows(&word.text).first().map_or(0, Vec::len);
    match query {
        Query::Word(word) => word.form != WordForm::Stem && words(word) > 1,
        Query::Phrase(all) => all.iter().map(words).sum::<usize>() > 1,
        _ => false,
    }
}

/// Whether a field around a query holds for anything in it.
fn takes_field(query: &Query) -> bool {
    match query {
        Query::In(..) => false,
        Query::And(parts) | Query::Or(parts) | Query::Of(_, parts) => parts.iter().any(takes_field),
        Query::Proximity { left, right, .. } | Query::Apart { left, right, .. } => {
            takes_field(left) || takes_field(right)
        }
        Query::Not(part)
        | Query::AtLeast(_, part)
        | Query::First(_, part)
        | Query::Weighted(part, _) => takes_field(part),
        Query::Word(_) | Query::Phrase(_) | Query::Actor { .. } | Query::Topic(_) => true,
    }
}

/// The neighbour for which a part is superfluous, if there is one. Of two that
/// are so for each other, the earlier stays.
fn superfluous_for<'f, 'q>(
    part: &Written<'q>,
    before: impl IntoIterator<Item = &'f Written<'q>>,
    after: impl IntoIterator<Item = &'f Written<'q>>,
    mut adds_nothing: impl FnMut(Clause, Clause) -> bool,
) -> Option<&'f Written<'q>>
where
    'q: 'f,
{
    let before = before.into_iter().map(|other| (other, true));
    let after = after.into_iter().map(|other| (other, false));
    let mut others = before
        .chain(after)
        .filter(|(other, _)| may_compare(part, other));
    let found = others.find(|(other, stays)| {
        adds_nothing(part.clause, other.clause)
            && (*stays || !adds_nothing(other.clause, part.clause))
    });
    found.map(|(other, _)| other)
}

/// Whether one of two parts may be called superfluous for the other: who gives
/// a weight thinks of the score, and wants what is written.
fn may_compare(part: &Written<'_>, other: &Written<'_>) -> bool {
    part.clause == other.clause || !part.weighted && !other.weighted
}

/// What must hold for a query to hold, through parentheses.
fn conjuncts<'f, 'q>(at: &'f Written<'q>, parts: &mut Vec<&'f Written<'q>>) {
    if matches!(at.query, Query::And(_)) {
        for part in &at.parts {
            conjuncts(part, parts);
        }
    } else {
        parts.push(at);
    }
}

fn alternatives<'f, 'q>(at: &'f Written<'q>, parts: &mut Vec<&'f Written<'q>>) {
    if matches!(at.query, Query::Or(_)) {
        for part in &at.parts {
            alternatives(part, parts);
        }
    } else {
        parts.push(at);
    }
}
