//! What can only be wrong with a watchlist as a whole: names that are taken,
//! references to nowhere, and circles.

use super::query::Query;
use super::{ActorId, TopicId, Watchlist};
use crate::text::suggest;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use std::fmt::Display;
use std::hash::Hash;

/// The most topics that may refer to each other in a chain: a query is evaluated
/// as deep as it refers.
pub const CHAIN_MAX: usize = 32;

/// Something that is wrong with a watchlist as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub place: Place,
    /// What of the value there is wrong, as written: `@north-corea` in a query.
    pub text: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if there is one way.
    pub help: Option<String>,
}

/// A place in a watchlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A key of an actor, such as `member_of`.
    Actor(ActorId, &'static str),
    /// A key of a topic, such as `query`.
    Topic(TopicId, &'static str),
}

impl Watchlist {
    /// Everything that is wrong with it as a whole; nothing if it is sound.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let actor_ids = self.actors.iter().map(|actor| &actor.id);
        let actors = distinct("actor", actor_ids, Place::Actor, &mut flaws);
        let topic_ids = self.topics.iter().map(|topic| &topic.id);
        let topics = distinct("topic", topic_ids, Place::Topic, &mut flaws);
        for actor in &self.actors {
            let place = Place::Actor(actor.id.clone(), "member_of");
            for group in actor
                .member_of
                .iter()
                .filter(|group| !actors.contains(group))
            {
                let known = actors.iter().map(|id| id.as_str());
                flaws.push(unknown(
                    "actor",
                    group.as_str(),
                    group.as_str(),
                    known,
                    place.clone(),
                ));
            }
        }
        for topic in &self.topics {
            let queries = [
                ("query", Some(&topic.query)),
                ("unless", topic.unless.as_ref()),
            ];
            for (key, query) in queries {
                let place = Place::Topic(topic.id.clone(), key);
                let Some(query) = query else { continue };
                query.walk(&mut |part| match part {
                    Query::Actor { id, .. } if !actors.contains(id) => {
                        let known = actors.iter().map(|id| id.as_str());
                        flaws.push(unknown(
                            "actor",
                            id.as_str(),
                            &format!("@{id}"),
                            known,
                            place.clone(),
                        ));
                    }
                    Query::Topic(id) if !topics.contains(id) => {
                        let known = topics.iter().map(|id| id.as_str());
                        flaws.push(unknown(
                            "topic",
                            id.as_str(),
                            &format!("#{id}"),
                            known,
                            place.clone(),
                        ));
                    }
                    _ => {}
                });
            }
        }
        self.find_circles(&mut flaws);
        flaws
    }

    fn find_circles(&self, flaws: &mut Vec<Flaw>) {
        let members = self.actors.iter();
        let members = members.filter(|actor| !actor.member_of.is_empty());
        let groups = members.map(|actor| {
            let groups: Vec<&ActorId> = actor.member_of.iter().collect();
            (&actor.id, groups)
        });
        for circle in circles(&groups.collect()) {
            if let Some(first) = circle.first() {
                flaws.push(Flaw {
                    place: Place::Actor((*first).clone(), "member_of"),
                    text: circle.get(1).map(ToString::to_string),
                    message: format!(
                        "actors are members of each other in a circle: {}",
                        chain(&circle, "")
                    ),
                    help: Some("remove one of these memberships".to_owned()),
                });
            }
        }
        let references: FxHashMap<&TopicId, Vec<&TopicId>> = self
            .topics
            .iter()
            .map(|topic| {
                let queries = std::iter::once(&topic.query).chain(&topic.unless);
                (&topic.id, queries.flat_map(topics_of).collect())
            })
            .collect();
        let found = circles(&references);
        if found.is_empty() {
            self.find_long_chains(&references, flaws);
        }
        for circle in found {
            if let [first, next, ..] = circle.as_slice() {
                flaws.push(Flaw {
                    place: Place::Topic((*first).clone(), self.key_that_refers(first, next)),
                    text: Some(format!("#{next}")),
                    message: format!(
                        "topics refer to each other in a circle: {}",
                        chain(&circle, "#")
                    ),
                    help: Some("remove one of these references".to_owned()),
                });
            }
        }
    }

    /// Finds topics that rest on too long a chain of others, the first of each
    /// chain; there are no circles.
    fn find_long_chains(
        &self,
        references: &FxHashMap<&TopicId, Vec<&TopicId>>,
        flaws: &mut Vec<Flaw>,
    ) {
        let lengths = chain_lengths(references);
        for topic in &self.topics {
            let length = |id: &TopicId| lengths.get(id).copied().unwrap_or(0);
            if length(&topic.id) != CHAIN_MAX + 1 {
                continue;
            }
            let next = references.get(&topic.id).into_iter().flatten();
            let Some(next) = next.copied().max_by_key(|id| length(id)) else {
                continue;
            };
            flaws.push(Flaw {
                place: Place::Topic(topic.id.clone(), self.key_that_refers(&topic.id, next)),
                text: Some(format!("#{next}")),
                message: format!(
                    "topic `{}` rests on a chain of more than {CHAIN_MAX} topics that refer to each other",
                    topic.id
                ),
                help: Some("write out the query of one of them".to_owned()),
            });
        }
    }

    /// The key in which one topic refers to another that it refers to.
    fn key_that_refers(&self, from: &TopicId, to: &TopicId) -> &'static str {
        let mut topics = self.topics.iter().filter(|topic| topic.id == *from);
        if topics.any(|topic| topics_of(&topic.query).contains(&to)) {
            "query"
        } else {
            "unless"
        }
    }
}

/// The topics that a query refers to.
fn topics_of(query: &Query) -> Vec<&TopicId> {
    let mut found = Vec::new();
    query.walk(&mut |part| {
        if let Query::Topic(id) = part {
            found.push(id);
        }
    });
    found
}

impl Query {
    /// Visits a query and everything inside it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Query)) {
        visit(self);
        match self {
            Self::And(parts) | Self::Or(parts) | Self::Of(_, parts) => {
                for part in parts {
                    part.walk(visit);
                }
            }
            Self::Proximity { left, right, .. } | Self::Apart { left, right, .. } => {
                left.walk(visit);
                right.walk(visit);
            }
            Self::Not(part)
            | Self::In(_, part)
            | Self::AtLeast(_, part)
            | Self::First(_, part)
            | Self::Weighted(part, _) => part.walk(visit),
            Self::Word(_) | Self::Phrase(_) | Self::Actor { .. } | Self::Topic(_) => {}
        }
    }
}

fn unknown<'a>(
    what: &str,
    name: &str,
    text: &str,
    known: impl Iterator<Item = &'a str>,
    place: Place,
) -> Flaw {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    let help = match suggest::nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("define it with `[{what}.{name}]`"),
    };
    Flaw {
        place,
        text: Some(text.to_owned()),
        message: format!("there is no {what} `{name}`"),
        help: Some(help),
    }
}

/// The ids of all actors or topics; one that is taken twice is a flaw.
fn distinct<'a, Id: Eq + Hash + Display + Clone>(
    what: &str,
    ids: impl ExactSizeIterator<Item = &'a Id>,
    place: fn(Id, &'static str) -> Place,
    flaws: &mut Vec<Flaw>,
) -> FxHashSet<&'a Id> {
    let mut distinct = FxHashSet::with_capacity_and_hasher(ids.len(), FxBuildHasher);
    for id in ids {
        if !distinct.insert(id) {
            flaws.push(twin(what, id, place(id.clone(), "name")));
        }
    }
    distinct
}

fn twin(what: &str, id: &impl Display, place: Place) -> Flaw {
    Flaw {
        place,
        text: None,
        message: format!("there are two {what}s named `{id}`"),
        help: Some("rename one of them".to_owned()),
    }
}

fn chain(circle: &[impl Display], sign: &str) -> String {
    let names: Vec<String> = circle.iter().map(|id| format!("{sign}{id}")).collect();
    names.join(" → ")
}

/// For each topic, how many others stand one behind the other below it.
fn chain_lengths<'a>(
    references: &FxHashMap<&'a TopicId, Vec<&'a TopicId>>,
) -> FxHashMap<&'a TopicId, usize> {
    let mut lengths: FxHashMap<&TopicId, usize> = FxHashMap::default();
    for start in references.keys() {
        let mut path = vec![*start];
        while let Some(&topic) = path.last() {
            let below: Vec<&TopicId> = references.get(topic).cloned().unwrap_or_default();
            if let Some(next) = below.iter().find(|id| !lengths.contains_key(**id)) {
                path.push(next);
                continue;
            }
            let longest = below.iter().filter_map(|id| lengths.get(id)).max();
            lengths.insert(topic, longest.map_or(0, |longest| longest + 1));
            path.pop();
        }
    }
    lengths
}

/// The circles of a graph, each once, written from its smallest member back to
/// it. Every node is entered once, without recursion.
fn circles<'a, T: Eq + Hash + Ord>(edges: &FxHashMap<&'a T, Vec<&'a T>>) -> Vec<Vec<&'a T>> {
    let mut starts: Vec<&T> = edges.keys().copied().collect();
    starts.sort_unstable();
    let mut done: FxHashSet<&T> = FxHashSet::default();
    let mut found = Vec::new();
    for start in starts {
        if done.contains(start) {
            continue;
        }
        let mut path: Vec<(&T, usize)> = vec![(start, 0)];
        let mut on_path: FxHashMap<&T, usize> = FxHashMap::from_iter([(start, 0)]);
        while let Some((node, tried)) = path.last().copied() {
            let next = edges.get(node).and_then(|to| to.get(tried)).copied();
            if let Some(last) = path.last_mut() {
                last.1 += 1;
            }
            match next {
                None => {
                    done.insert(node);
                    on_path.remove(node);
                    path.pop();
                }
                Some(next) if done.contains(next) => {}
                Some(next) => {
                    if let Some(from) = on_path.get(next) {
                        let circle = path.iter().skip(*from).map(|(node, _)| *node);
                        found.push(from_smallest(circle.collect()));
                    } else {
                        on_path.insert(next, path.len());
                        path.push((next, 0));
                    }
                }
            }
        }
    }
    found
}

fn from_smallest<T: Ord>(mut circle: Vec<&T>) -> Vec<&T> {
    let smallest = circle.iter().enumerate().min_by_key(|(_, node)| **node);
    let from = smallest.map_or(0, |(place, _)| place);
    circle.rotate_left(from);
    circle.extend(circle.first().copied());
    circle
}
