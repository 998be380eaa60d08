//! Why an article is about a topic or an actor, or why it is not.
//!
//! Every clause of a query is made a topic of its own and matched by the same
//! matcher as everything else, so that an explanation can never say anything else
//! than what decided. What is asked for beside the query follows: the topic's
//! `unless`, its threshold and its salience.

#[cfg(test)]
mod tests;

use super::compile::{CompileError, Matcher, because};
use super::matches::{ActorMatch, Evidence, TopicMatch};
use super::reading::Reading;
use crate::article::Article;
use crate::watchlist::query::{Query, Reach};
use crate::watchlist::{Salience, Topic, TopicId, Watchlist};
use rustc_hash::FxHashMap;

/// The most pieces of evidence of one clause.
const EVIDENCE_MAX: usize = 3;
/// How often a distance is doubled to see whether two words stand near at all.
const DOUBLINGS: u32 = 5;

/// Whether a topic matches an article, clause by clause.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicExplanation {
    /// The topic.
    pub id: TopicId,
    /// What it is called.
    pub name: String,
    /// What decided.
    pub verdict: TopicVerdict,
    /// What its query found, as a score.
    pub score: f64,
    /// Its query.
    pub query: Clause,
    /// What rules it out.
    pub unless: Option<Clause>,
}

/// What decided whether a topic matches.
#[derive(Debug, Clone, PartialEq)]
pub enum TopicVerdict {
    /// It matches.
    Matches,
    /// This clause of its query fails, the first that does.
    Fails {
        /// The clause as it would be written.
        clause: String,
        /// What is there of it all the same.
        nearly: Option<String>,
    },
    /// Its `unless` is there.
    RuledOut,
    /// What was found is too little.
    Score {
        /// What the topic asks for.
        threshold: f64,
    },
    /// What was found stands too far down.
    Salience {
        /// What the topic asks for.
        asked: Salience,
    },
}

/// A part of a query, and whether it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// As it would be written.
    pub text: String,
    /// Whether it holds for the article.
    pub holds: bool,
    /// What it found, at most three pieces.
    pub evidence: Vec<Evidence<'static>>,
    /// Where it fails since its sides stand too far apart: how near they are.
    pub nearest: Option<String>,
    /// Whether it needs each of its parts, so that one that fails is the reason.
    pub needs_all: bool,
    /// What it is made of; empty for words, phrases and references.
    pub parts: Vec<Clause>,
}

/// How an actor stands in an article.
#[derive(Debug, Clone, PartialEq)]
pub struct ActorExplanation {
    /// The id of the actor.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its mentions, if it is mentioned.
    pub found: Option<ActorMatch<'static>>,
    /// Names of it that are there and did not count, such as a weak alias without
    /// support.
    pub doubtful: Vec<Evidence<'static>>,
}

/// Explains topics of a watchlist.
#[derive(Debug)]
pub struct Explainer {
    matcher: Matcher,
    /// What the ids of clauses begin with.
    prefix: String,
    topics: Vec<Plan>,
}

/// A topic with the numbers under which its clauses are matched.
#[derive(Debug)]
struct Plan {
    topic: Topic,
    query: Shape,
    unless: Option<Shape>,
    /// The whole query, with its weights, anywhere, in the lead and in the title.
    places: [usize; 3],
}

/// A clause with the number under which it is matched.
#[derive(Debug)]
struct Shape {
    text: String,
    number: Number,
    /// Wider distances than the one asked for, each with its words.
    wider: Vec<(usize, String)>,
    needs_all: bool,
    parts: Vec<Shape>,
}

/// Under which number it is seen whether a clause holds.
#[derive(Debug, Clone, Copy)]
enum Number {
    Own(usize),
    /// It holds if its only part does not.
    NotOfPart,
}

impl Explainer {
    /// Prepares to explain these topics of a watchlist.
    ///
    /// # Errors
    /// When the watchlist does not compile.
    pub fn new(watchlist: &Watchlist, topics: &[&Topic]) -> Result<Self, CompileError> {
        let mut list = List::of(watchlist);
        let plan = |topic: &&Topic| Plan {
            places: [Salience::Body, Salience::Lead, Salience::Title]
                .map(|salience| list.add(topic.query.clone(), salience)),
            query: list.shape(&topic.query, &[]),
            unless: topic.unless.as_ref().map(|unless| list.shape(unless, &[])),
            topic: (*topic).clone(),
        };
        let topics = topics.iter().map(plan).collect();
        Ok(Self {
            matcher: Matcher::compile(&list.watchlist)?,
            prefix: list.prefix,
            topics,
        })
    }

    /// Explains each topic for an article, in the order in which they were given.
    pub fn explain(&self, article: &Article) -> Vec<TopicExplanation> {
        let matches = self.matcher.matches(article);
        let numbered = matches.topics.iter().filter_map(|topic| {
            let number = topic.id.strip_prefix(self.prefix.as_str())?;
            Some((number.parse().ok()?, topic))
        });
        let found = Found(numbered.collect());
        self.topics.iter().map(|plan| found.topic(plan)).collect()
    }
}

impl Explainer {
    /// How the actors of the watchlist stand in an article.
    pub fn explain_actors(&self, article: &Article) -> Vec<ActorExplanation> {
        self.matcher.explain_actors(article)
    }
}

impl Matcher {
    /// How actors stand in an article: those that are mentioned, and those of
    /// which a name is there that did not count.
    pub fn explain_actors(&self, article: &Article) -> Vec<ActorExplanation> {
        let found = self.matches(article).into_owned().actors;
        let reading = Reading::new(article);
        let roster = &self.compiled().roster;
        let hits = self.compiled().lexicon.scan(&reading);
        let mut actors: Vec<ActorExplanation> = found
            .into_iter()
            .map(|found| ActorExplanation {
                id: found.id.clone().into_owned(),
                name: found.name.clone().into_owned(),
                found: Some(found),
                doubtful: Vec::new(),
            })
            .collect();
        for (span, form) in roster.forms_in(&reading, &hits) {
            let evidence = reading.evidence(span, because(form));
            let (Some(label), Some(evidence)) = (roster.label(form), evidence) else {
                continue;
            };
            if !actors.iter().any(|actor| actor.id == label.id) {
                actors.push(ActorExplanation {
                    id: label.id.to_owned(),
                    name: label.name.to_owned(),
                    found: None,
                    doubtful: Vec::new(),
                });
            }
            let known = actors.iter_mut().find(|actor| actor.id == label.id);
            if let Some(actor) = known {
                actor.doubt(evidence.into_owned());
            }
        }
        actors
    }
}

impl ActorExplanation {
    /// Notes a name that is there, unless it counted.
    fn doubt(&mut self, name: Evidence<'static>) {
        let overlaps = |other: &Evidence<'_>| {
            other.field == name.field && other.start < name.end && name.start < other.end
        };
        let mut counted = self.found.iter().flat_map(|found| &found.evidence);
        if !counted.any(overlaps) && self.doubtful.len() < EVIDENCE_MAX {
            self.doubtful.push(name);
        }
    }
}

/// A watchlist that grows by a topic for each clause.
struct List {
    watchlist: Watchlist,
    prefix: String,
    count: usize,
}

/// What a clause stands in, from the outside in: a field, or its first words.
#[derive(Debug, Clone, Copy)]
enum Scope {
    In(crate::text::Field),
    First(u32),
}

impl List {
    fn of(watchlist: &Watchlist) -> Self {
        let mut prefix = "why-".to_owned();
        let taken = |prefix: &str| {
            let mut ids = watchlist.topics.iter().map(|topic| topic.id.as_str());
            ids.any(|id| id.starts_with(prefix))
        };
        while taken(&prefix) {
            prefix.push('-');
        }
        Self {
            watchlist: watchlist.clone(),
            prefix,
            count: 0,
        }
    }

    /// Adds a query as a topic of its own; gives its number.
    fn add(&mut self, query: Query, salience: Salience) -> usize {
        let number = self.count;
        self.count += 1;
        // Too many ids of the same beginning leave no room for a name; such a
        // clause is never found.
        if let Ok(id) = TopicId::new(&format!("{}{number}", self.prefix)) {
            let mut topic = Topic::new(id, query);
            topic.salience = salience;
            self.watchlist.topics.push(topic);
        }
        number
    }

    fn add_in(&mut self, query: &Query, scopes: &[Scope]) -> usize {
        let scoped = scopes
            .iter()
            .rev()
            .fold(query.clone(), |inner, scope| match scope {
                Scope::In(field) => Query::In(*field, Box::new(inner)),
                Scope::First(words) => Query::First(*words, Box::new(inner)),
            });
        self.add(scoped, Salience::Body)
    }

    fn shape(&mut self, query: &Query, scopes: &[Scope]) -> Shape {
        let inside = |scope: Scope| [scopes, &[scope]].concat();
        let (parts, needs_all) = match query {
            // A weight changes the score and not what holds.
            Query::Weighted(part, _) => return self.shape(part, scopes),
            Query::Not(part) => {
                let part = self.shape(part, scopes);
                return Shape {
                    text: query.to_string(),
                    number: Number::NotOfPart,
                    wider: Vec::new(),
                    needs_all: false,
                    parts: vec![part],
                };
            }
            Query::And(parts) => (self.shapes(parts.iter(), scopes), true),
            Query::Or(parts) | Query::Of(_, parts) => (self.shapes(parts.iter(), scopes), false),
            Query::Proximity { left, right, .. } => {
                let sides = [&**left, &**right];
                (self.shapes(sides.into_iter(), scopes), true)
            }
            // That the right side is there rules nothing out by itself.
            Query::Apart { left, .. } => (vec![self.shape(left, scopes)], true),
            Query::AtLeast(_, part) => (vec![self.shape(part, scopes)], true),
            Query::In(field, part) => (self.within(part, &inside(Scope::In(*field))), true),
            Query::First(words, part) => (self.within(part, &inside(Scope::First(*words))), true),
            Query::Word(_) | Query::Phrase(_) | Query::Actor { .. } | Query::Topic(_) => {
                (Vec::new(), false)
            }
        };
        Shape {
            text: query.to_string(),
            number: Number::Own(self.add_in(query, scopes)),
            wider: self.wider(query, scopes),
            needs_all,
            parts,
        }
    }

    fn shapes<'q>(
        &mut self,
        parts: impl Iterator<Item = &'q Query>,
        scopes: &[Scope],
    ) -> Vec<Shape> {
        parts.map(|part| self.shape(part, scopes)).collect()
    }

    /// What stands in a field, if it has parts: a word there says it all.
    fn within(&mut self, part: &Query, scopes: &[Scope]) -> Vec<Shape> {
        let shape = self.shape(part, scopes);
        if shape.parts.is_empty() {
            Vec::new()
        } else {
            vec![shape]
        }
    }

    /// The same with its sides further apart, the nearest first.
    fn wider(&mut self, query: &Query, scopes: &[Scope]) -> Vec<(usize, String)> {
        let Query::Proximity { reach, left, right } = query else {
            return Vec::new();
        };
        let double = |words: u32, times: u32| words.saturating_mul(1 << times);
        let words = |words: u32| format!("within {words} words");
        let mut wider: Vec<(Reach, String)> = match *reach {
            Reach::Near(near) | Reach::Pre(near) => (1..=DOUBLINGS)
                .map(|times| double(near, times))
                .map(|near| (Reach::Near(near), words(near)))
                .collect(),
            Reach::Sentence => vec![(Reach::Paragraph, "in one paragraph".to_owned())],
            Reach::Paragraph => Vec::new(),
        };
        if let Reach::Pre(near) = *reach {
            let order = "in the other order".to_owned();
            wider.insert(0, (Reach::Near(near), order));
        }
        wider
            .into_iter()
            .map(|(reach, words)| {
                let (left, right) = (left.clone(), right.clone());
                let query = Query::Proximity { reach, left, right };
                (self.add_in(&query, scopes), words)
            })
            .collect()
    }
}

/// What was found, by number.
struct Found<'m>(FxHashMap<usize, &'m TopicMatch<'m>>);

impl Found<'_> {
    fn topic(&self, plan: &Plan) -> TopicExplanation {
        let topic = &plan.topic;
        let query = self.clause(&plan.query);
        let unless = plan.unless.as_ref().map(|unless| self.clause(unless));
        let [anywhere, lead, title] = plan.places.map(|place| self.0.get(&place));
        let score = anywhere.map_or(0.0, |found| found.score);
        let salience = match (title, lead) {
            (Some(_), _) => Salience::Title,
            (None, Some(_)) => Salience::Lead,
            _ => Salience::Body,
        };
        let verdict = if !query.holds {
            let failing = query.first_failing();
            TopicVerdict::Fails {
                clause: failing.text.clone(),
                nearly: failing.nearest.clone(),
            }
        } else if unless.as_ref().is_some_and(|unless| unless.holds) {
            TopicVerdict::RuledOut
        } else if score < topic.threshold {
            TopicVerdict::Score {
                threshold: topic.threshold,
            }
        } else if salience < topic.salience {
            TopicVerdict::Salience {
                asked: topic.salience,
            }
        } else {
            TopicVerdict::Matches
        };
        TopicExplanation {
            id: topic.id.clone(),
            name: topic.name.clone(),
            verdict,
            score,
            query,
            unless,
        }
    }

    fn clause(&self, shape: &Shape) -> Clause {
        let parts: Vec<Clause> = shape.parts.iter().map(|part| self.clause(part)).collect();
        let found = match shape.number {
            Number::Own(number) => self.0.get(&number),
            Number::NotOfPart => None,
        };
        let holds = match shape.number {
            Number::Own(_) => found.is_some(),
            Number::NotOfPart => parts.iter().all(|part| !part.holds),
        };
        let mut wider = shape.wider.iter();
        let nearest = if holds {
            None
        } else {
            wider.find(|(number, _)| self.0.contains_key(number))
        };
        let evidence = found.into_iter().flat_map(|found| &found.evidence);
        Clause {
            text: shape.text.clone(),
            holds,
            evidence: evidence
                .take(EVIDENCE_MAX)
                .map(|evidence| evidence.clone().into_owned())
                .collect(),
            nearest: nearest.map(|(_, words)| words.clone()),
            needs_all: shape.needs_all,
            parts,
        }
    }
}

impl Clause {
    /// The innermost clause that is the reason why this one fails.
    fn first_failing(&self) -> &Self {
        if !self.needs_all {
            return self;
        }
        let failing = self.parts.iter().find(|part| !part.holds);
        failing.map_or(self, Self::first_failing)
    }
}
