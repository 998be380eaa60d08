//! How strongly an article is about a topic, and how prominently.
//!
//! A score is a sum over the words, phrases and actors that the query found:
//! for each, its weight times a count that saturates, so that the tenth
//! occurrence adds next to nothing. A place counts by where it stands, a mention
//! by how sure it is. Every summand can be read off the evidence.

use super::evaluate::{Answers, Found};
use super::reading::{Reading, Span};
use crate::text::Field;
use crate::watchlist::Salience;
use std::collections::BTreeMap;

/// Half of the score of a term is reached at this count (as `k1` of BM25:
/// Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009).
const SATURATION: f64 = 1.2;

/// The score of what a query found, rounded to four decimals.
pub(super) fn score(found: &Found<'_>, reading: &Reading<'_>) -> f64 {
    let mut counts: BTreeMap<(&str, u32), (f64, f64)> = BTreeMap::new();
    for proof in &found.proofs {
        let (key, confidence) = match proof.answers {
            Answers::Term(text) => ((text, u32::MAX), 1.0),
            Answers::Mention(mention) => (("", mention.form.actor), mention.confidence),
        };
        let (count, weight) = counts.entry(key).or_insert((0.0, 0.0));
        *count += place_weight(proof.span, reading) * confidence;
        *weight = proof.weight.max(*weight);
    }
    let sum: f64 = counts
        .values()
        .map(|(count, weight)| weight * count / (count + SATURATION))
        .sum();
    (sum * 10_000.0).round() / 10_000.0
}

fn place_weight(span: Span, reading: &Reading<'_>) -> f64 {
    match reading.field(span) {
        Some(Field::Title) => 3.0,
        _ if reading.in_lead(span) => 2.0,
        _ => 1.0,
    }
}

/// How prominent spans are: in the title, in the lead or twice, or neither.
pub(super) fn salience(spans: &[Span], reading: &Reading<'_>) -> Salience {
    let in_title = |span: &Span| reading.field(*span) == Some(Field::Title);
    if spans.iter().any(in_title) {
        Salience::Title
    } else if spans.len() >= 2 || spans.iter().any(|span| reading.in_lead(*span)) {
        Salience::Lead
    } else {
        Salience::Body
    }
}
