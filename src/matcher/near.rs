//! Whether an article nearly matches: what is short of it may stand in more text.
//!
//! A query is a demand of several things; this asks which share of them is
//! there, whatever is said of their order and distance. Half of it is near: of
//! an actor and a subject the one, of three words two. An actor is near when a
//! name of it is there that would count if more of the text spoke for it.

use super::compile::Matcher;
use super::evaluate::{Node, TopicQuery};
use super::needs::Offer;
use super::reading::Reading;
use crate::article::Article;
use crate::work::count;
use rustc_hash::FxHashMap;

/// The least share of what a query demands that is near.
const SHARE_MIN: f64 = 0.5;

impl Matcher {
    /// Whether an article has much of what a topic demands, or a doubtful
    /// mention of an actor that is alerted: to be asked of one that makes no
    /// alert, since a match is as near as can be.
    pub fn nearly(&self, article: &Article) -> bool {
        let reading = Reading::new(article);
        let compiled = self.compiled();
        let hits = compiled.lexicon.scan(&reading);
        let mentions = compiled.roster.mentions(&reading, &hits);
        let mut actors: Vec<u32> = mentions.iter().map(|mention| mention.form.actor).collect();
        actors.sort_unstable();
        actors.dedup();
        let doubtful = compiled.roster.forms_in(&reading, &hits);
        let is_alerted = |actor: &super::roster::Label<'_>| actor.alert;
        if doubtful.iter().any(|(_, form)| {
            compiled
                .roster
                .label(*form)
                .as_ref()
                .is_some_and(is_alerted)
        }) {
            return true;
        }
        let mut share = Share {
            offer: Offer {
                hits: &hits,
                actors: &actors,
            },
            topics: &compiled.queries,
            known: FxHashMap::default(),
        };
        (0..compiled.queries.len()).any(|topic| share.topic(topic) >= SHARE_MIN)
    }
}

/// How much of queries an article has.
struct Share<'a> {
    offer: Offer<'a>,
    topics: &'a [TopicQuery],
    /// What is known of topics, so that each is asked once.
    known: FxHashMap<usize, f64>,
}

impl Share<'_> {
    fn topic(&mut self, index: usize) -> f64 {
        if let Some(known) = self.known.get(&index) {
            return *known;
        }
        let Some(topic) = self.topics.get(index) else {
            return 0.0;
        };
        let share = self.node(&topic.query).unwrap_or_default();
        let unless = topic.unless.as_ref().and_then(|unless| self.node(unless));
        // What rules it out stays in the text, however much is added.
        let share = if unless.is_some_and(|unless| unless >= 1.0) {
            0.0
        } else {
            share
        };
        self.known.insert(index, share);
        share
    }

    /// Which share of a query there is; none where it demands nothing.
    fn node(&mut self, node: &Node) -> Option<f64> {
        count(1);
        match node {
            Node::And(parts) => self.of(parts, parts.len()),
            Node::Or(parts) => self.of(parts, 1),
            Node::Of(enough, parts) => self.of(parts, *enough as usize),
            Node::Not(_) => None,
            Node::Proximity { left, right, .. } => {
                let shares = [self.node(left), self.node(right)];
                mean(shares.into_iter().flatten().collect())
            }
            Node::Apart { left: part, .. }
            | Node::In(_, part)
            | Node::AtLeast(_, part)
            | Node::First(_, part)
            | Node::Weighted(part, _) => self.node(part),
            Node::Term(term) => {
                let found = term.leaves.iter().any(|leaf| self.offer.hits.has(*leaf));
                Some(f64::from(u8::from(found)))
            }
            Node::Actor { family, .. } => {
                let is_there = |actor: &u32| self.offer.actors.binary_search(actor).is_ok();
                Some(f64::from(u8::from(family.iter().any(is_there))))
            }
            Node::Topic(index) => Some(self.topic(*index)),
        }
    }

    /// The share of so many of the parts, the best of them.
    fn of(&mut self, parts: &[Node], enough: usize) -> Option<f64> {
        let mut shares: Vec<f64> = parts.iter().filter_map(|part| self.node(part)).collect();
        shares.sort_unstable_by(|a, b| b.total_cmp(a));
        shares.truncate(enough);
        mean(shares)
    }
}

fn mean(shares: Vec<f64>) -> Option<f64> {
    let count = shares.len();
    (count > 0).then(|| shares.into_iter().sum::<f64>() / count as f64)
}
