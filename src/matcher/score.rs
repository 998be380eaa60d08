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
use smallvec::SmallVec;

/// Half of the score of a term is reached at this count (as `k1` of BM25:
/// Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009).
const SATURATION: f64 = 1.2;

/// The score of what a query found, rounded to four decimals.
pub(super) fn score(found: &Found<'_, '_>, reading: &Reading<'_>) -> f64 {
    let mut places: SmallVec<[_; 8]> = found
        .proofs
        .iter()
        .map(|proof| {
            let (key, confidence) = match proof.answers {
                Answers::Term(text) => ((text, u32::MAX), 1.0),
                Answers::Mention(mention) => (("", mention.form.actor), mention.confidence),
            };
            let count = place_weight(proof.span, reading) * confidence;
            (key, count, proof.weight)
        })
        .collect();
    // Nearly all queries find one word or two.
    if places.len() > 1 {
        places.sort_by_key(|(key, ..)| *key);
    }
    let by_term = places.chunk_by(|a, b| a.0 == b.0);
    let sum: f64 = by_term
        .map(|places| {
            let count: f64 = places.iter().map(|(_, count, _)| count).sum();
            let weight = places.iter().map(|(.., weight)| *weight);
            weight.fold(0.0, f64::max) * count / (count + SATURATION)
        })
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

/// How prominent spans are, which come in the order of the text: in the title, in
/// the lead or twice, or neither.
pub(super) fn salience(spans: impl Iterator<Item = Span>, reading: &Reading<'_>) -> Salience {
    let mut salience = Salience::Body;
    let mut earlier = None;
    for span in spans {
        if reading.field(span) == Some(Field::Title) {
            return Salience::Title;
        }
        let repeated = earlier.is_some_and(|earlier| earlier != span);
        if repeated || reading.in_lead(span) {
            salience = Salience::Lead;
        }
        earlier = Some(span);
    }
    salience
}
