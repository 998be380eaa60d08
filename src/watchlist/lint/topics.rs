//! Topics as wholes: what they ask for at all, beside each other and beside
//! their own `threshold` and `salience`.

use super::clause::Clause;
use super::logic::{Families, Logic};
use super::{Findings, LintKind, Part, common, queries, quoted};
use crate::text::{Field, fold};
use crate::watchlist::query::{Query, Word, WordForm};
use crate::watchlist::{ActorId, Place, Salience, Topic, TopicId, Watchlist};
use std::collections::{HashMap, HashSet};

/// The most clauses that are followed from one topic into others.
const FOLLOWED_MAX: usize = 10_000;

type Topics<'a> = HashMap<&'a TopicId, &'a Topic>;

pub(super) fn check(watchlist: &Watchlist, logic: &mut Logic<'_>, found: &mut Findings) {
    let topics: Topics<'_> = watchlist
        .topics
        .iter()
        .map(|topic| (&topic.id, topic))
        .collect();
    let placed = placed(&topics);
    let mut twins = HashMap::new();
    for topic in &watchlist.topics {
        queries::check(topic, placed.contains(&topic.id), logic, found);
        small_operators(topic, found);
        matches_much(topic, &topics, found);
        out_of_reach(topic, &topics, logic, found);
        same_topic(topic, logic, &mut twins, found);
        logic.forget();
    }
}

/// The topics whose places another topic compares, as `#talks NEAR/5 war` does.
fn placed<'a>(topics: &Topics<'a>) -> HashSet<&'a TopicId> {
    let mut waiting = Vec::new();
    for topic in topics.values() {
        let demanding = topic.salience > Salience::Body || topic.threshold > 0.0;
        referred(&topic.query, demanding, &mut waiting);
        if let Some(unless) = &topic.unless {
            referred(unless, false, &mut waiting);
        }
    }
    let mut placed = HashSet::new();
    while let Some(id) = waiting.pop() {
        if placed.insert(id)
            && let Some(topic) = topics.get(id)
        {
            referred(&topic.query, true, &mut waiting);
        }
    }
    placed
}

/// Collects the topics to which a query refers where places are compared.
fn referred<'a>(query: &'a Query, compared: bool, found: &mut Vec<&'a TopicId>) {
    match query {
        Query::Topic(id) if compared => found.push(id),
        Query::Proximity { left, right, .. } | Query::Apart { left, right, .. } => {
            referred(left, true, found);
            referred(right, true, found);
        }
        Query::AtLeast(_, part) => referred(part, true, found),
        Query::And(parts) | Query::Or(parts) | Query::Of(_, parts) => {
            for part in parts {
                referred(part, compared, found);
            }
        }
        Query::Not(part)
        | Query::In(_, part)
        | Query::First(_, part)
        | Query::Weighted(part, _) => referred(part, compared, found),
        Query::Word(_) | Query::Phrase(_) | Query::Actor { .. } | Query::Topic(_) => {}
    }
}

/// `and`, `or` and `not` between bare words: other products read them so.
fn small_operators(topic: &Topic, found: &mut Findings) {
    let queries = [
        ("query", Some(&topic.query)),
        ("unless", topic.unless.as_ref()),
    ];
    for (key, query) in queries {
        let place = Place::Topic(topic.id.clone(), key);
        if let Some(query) = query {
            small_operators_in(query, &mut 0, &place, found);
        }
    }
}

fn small_operators_in(query: &Query, next: &mut usize, place: &Place, found: &mut Findings) {
    match query {
        Query::And(parts) => {
            for (at, part) in parts.iter().enumerate() {
                small_operators_in(part, next, place, found);
                let beside = at.checked_sub(1).and_then(|before| parts.get(before));
                if let Some(operator) = small_operator(part)
                    && let (Some(left), Some(right)) = (beside, parts.get(at + 1))
                {
                    let word = operator.to_lowercase();
                    let message = format!("`{word}` is a word here, which an article must say");
                    let help = format!(
                        "the operator is in capitals: {}; the word goes in quotes: \"{word}\"",
                        quoted(&joined(left, operator, right))
                    );
                    let part = Part::Clause(next.saturating_sub(1));
                    found.add(LintKind::SmallOperator, place, part, message, help);
                }
            }
        }
        Query::Or(parts) | Query::Of(_, parts) => {
            for part in parts {
                small_operators_in(part, next, place, found);
            }
        }
        Query::Proximity { left, right, .. } | Query::Apart { left, right, .. } => {
            small_operators_in(left, next, place, found);
            small_operators_in(right, next, place, found);
        }
        Query::Not(part)
        | Query::In(_, part)
        | Query::AtLeast(_, part)
        | Query::First(_, part)
        | Query::Weighted(part, _) => small_operators_in(part, next, place, found),
        Query::Word(_) | Query::Phrase(_) | Query::Actor { .. } | Query::Topic(_) => {}
    }
    *next += 1;
}

/// The operator that a word would be in capitals.
fn small_operator(query: &Query) -> Option<&'static str> {
    let Query::Word(Word { text, form }) = query else {
        return None;
    };
    let operators = ["AND", "OR", "NOT"].into_iter();
    let mut same = operators.filter(|operator| text.eq_ignore_ascii_case(operator));
    same.next().filter(|_| *form == WordForm::Folded)
}

fn joined(left: &Query, operator: &str, right: &Query) -> Query {
    let (left, right) = (left.clone(), right.clone());
    match operator {
        "OR" => Query::Or(vec![left, right]),
        "NOT" => Query::And(vec![left, Query::Not(Box::new(right))]),
        _ => Query::And(vec![left, right]),
    }
}

/// A query that an article matches whatever it is about.
fn matches_much(topic: &Topic, topics: &Topics<'_>, found: &mut Findings) {
    let mut followed = 0;
    if !asks_for_nothing(&topic.query, None, topics, &mut followed) {
        return;
    }
    let place = Place::Topic(topic.id.clone(), "query");
    found.add(
        LintKind::MatchesMuch,
        &place,
        Part::Whole,
        "the query asks for no word in particular, so it matches whatever an article is about",
        "add what an article must say: a word, a phrase or an actor",
    );
}

/// Whether a query may hold of an article that says nothing in particular: a
/// language, or a word that nearly every text has, is no subject.
fn asks_for_nothing(
    query: &Query,
    field: Option<Field>,
    topics: &Topics<'_>,
    followed: &mut usize,
) -> bool {
    *followed += 1;
    if *followed > FOLLOWED_MAX {
        return false;
    }
    let mut asks = |part: &Query, field| asks_for_nothing(part, field, topics, followed);
    match query {
        Query::Not(_) => true,
        Query::And(parts) => parts.iter().all(|part| asks(part, field)),
        Query::Or(parts) => parts.iter().any(|part| asks(part, field)),
        Query::Of(count, parts) => {
            let idle = parts.iter().filter(|part| asks(part, field)).count();
            idle >= *count as usize
        }
        Query::Proximity { left, right, .. } => asks(left, field) && asks(right, field),
        Query::Apart { left, .. } => asks(left, field),
        Query::In(field, part) => asks(part, Some(*field)),
        Query::AtLeast(_, part) | Query::First(_, part) | Query::Weighted(part, _) => {
            asks(part, field)
        }
        Query::Word(word) => match field {
            Some(Field::Language) => true,
            None | Some(Field::Summary | Field::Body) => is_everywhere(word),
            Some(_) => false,
        },
        Query::Phrase(_) => field == Some(Field::Language),
        Query::Actor { .. } => false,
        Query::Topic(id) => topics
            .get(id)
            .is_some_and(|topic| asks(&topic.query, field)),
    }
}

/// Whether nearly every text has a word: a function word, or two letters
/// anywhere in any word.
fn is_everywhere(word: &Word) -> bool {
    let text = fold(&word.text);
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let anywhere = text.starts_with('*') && text.ends_with('*') && !text.contains('?');
    word.form != WordForm::Exact && common::is_function_word(&text) || anywhere && letters <= 2
}

fn out_of_reach(topic: &Topic, topics: &Topics<'_>, logic: &mut Logic<'_>, found: &mut Findings) {
    let query = logic.read(&topic.query);
    let fields = logic.fields(query.clause);
    // A query that finds nothing anywhere has its own warning.
    if topic.salience == Salience::Title && !fields.is_empty() && !fields.contains(&Field::Title) {
        let words: Vec<String> = fields
            .iter()
            .map(|field| format!("`{}:`", field.as_str()))
            .collect();
        let message = format!(
            "the query is found in {} only, never in the title",
            words.join(" or ")
        );
        let help = "remove the salience, or look in the title too";
        let place = Place::Topic(topic.id.clone(), "salience");
        found.add(LintKind::OutOfReach, &place, Part::Whole, message, help);
    }
    if topic.threshold <= 0.0 {
        return;
    }
    let mut most = Most::default();
    most.add(&topic.query, 1.0, topics, &logic.families);
    let sum: f64 = most.terms.values().sum::<f64>() + most.actors.values().sum::<f64>();
    let certain = most.followed <= FOLLOWED_MAX && !most.counts_families;
    if certain && topic.threshold > sum {
        let message = format!("no article reaches this: the score is at most {sum}");
        let help = "each word, phrase or actor of the query adds up to 1, times its weight";
        let place = Place::Topic(topic.id.clone(), "threshold");
        found.add(LintKind::OutOfReach, &place, Part::Whole, message, help);
    }
}

/// The most that each term of a query can add to a score: its weight.
#[derive(Debug, Default)]
struct Most<'a> {
    terms: HashMap<String, f64>,
    actors: HashMap<&'a ActorId, f64>,
    /// An actor may bring its members, each with a score of its own.
    counts_families: bool,
    followed: usize,
}

impl<'a> Most<'a> {
    fn add(&mut self, query: &'a Query, weight: f64, topics: &Topics<'a>, families: &Families<'_>) {
        self.followed += 1;
        if self.followed > FOLLOWED_MAX {
            return;
        }
        match query {
            Query::And(parts) | Query::Or(parts) | Query::Of(_, parts) => {
                for part in parts {
                    self.add(part, weight, topics, families);
                }
            }
            Query::Proximity { left, right, .. } => {
                self.add(left, weight, topics, families);
                self.add(right, weight, topics, families);
            }
            Query::In(_, part) | Query::AtLeast(_, part) | Query::First(_, part) => {
                self.add(part, weight, topics, families);
            }
            Query::Weighted(part, more) => self.add(part, weight * more, topics, families),
            Query::Apart { left, .. } => self.add(left, weight, topics, families),
            // What is not there adds nothing.
            Query::Not(_) => {}
            Query::Word(word) => self.term(word.text.clone(), weight),
            Query::Phrase(words) => {
                let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
                self.term(words.join(" "), weight);
            }
            Query::Actor { id, .. } => {
                self.counts_families |= families.is_group(id);
                let most = self.actors.entry(id).or_default();
                *most = most.max(weight);
            }
            Query::Topic(id) => {
                if let Some(topic) = topics.get(id) {
                    self.add(&topic.query, weight, topics, families);
                }
            }
        }
    }

    fn term(&mut self, text: String, weight: f64) {
        let most = self.terms.entry(text).or_default();
        *most = most.max(weight);
    }
}

/// What decides whether a topic matches.
type Demand = (Clause, Option<Clause>, Salience, u64);

fn same_topic<'a>(
    topic: &'a Topic,
    logic: &mut Logic<'_>,
    twins: &mut HashMap<Demand, &'a TopicId>,
    found: &mut Findings,
) {
    let unless = topic
        .unless
        .as_ref()
        .map(|unless| logic.read(unless).clause);
    let demand = (
        logic.read(&topic.query).clause,
        unless,
        topic.salience,
        topic.threshold.to_bits(),
    );
    match twins.get(&demand) {
        None => {
            twins.insert(demand, &topic.id);
        }
        Some(first) => {
            let place = Place::Topic(topic.id.clone(), "query");
            let message = format!("this asks for just what the topic `{first}` asks for");
            let help = "remove one of the two; a topic can have several tags";
            found.add(LintKind::SameTopic, &place, Part::Whole, message, help);
        }
    }
}
