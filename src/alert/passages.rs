//! The passages of an article that say why it is told, for people to read.
//!
//! Evidence is exact and bare: the spans that made a match. A person wants the
//! sentence around them, with the words marked. A few sentences are enough; those
//! with the most topics and actors in them say the most.

use crate::article::Article;
use crate::matcher::{Evidence, Matches};
use crate::text::{Field, tokenise};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The most passages of one article.
const PASSAGES_MAX: usize = 3;
/// The longest passage, in bytes of its text.
const PASSAGE_BYTES_MAX: usize = 320;
/// What a topic's evidence counts for beside an actor's.
const TOPIC_WEIGHT: usize = 3;

/// A few sentences at most, with the words marked that made a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The field that it stands in.
    pub field: Field,
    /// Its text.
    pub text: String,
    /// The marked words: ranges of bytes in `text`, in order and apart.
    pub marks: Vec<Range<usize>>,
}

/// The passages of an article that say the most about why it matched, in the
/// order of the text: at most three. The title is one only where nothing else
/// made a match, since it is shown anyway.
pub fn passages(article: &Article, matches: &Matches<'_>) -> Vec<Passage> {
    let spans = spans(matches);
    let mut found: Vec<(usize, Passage)> = Vec::new();
    for (field, text) in [
        (Field::Summary, &article.summary),
        (Field::Body, &article.body),
    ] {
        if let Some(spans) = spans.get(field.as_str()) {
            found.extend(of_field(field, text, spans));
        }
    }
    if found.is_empty()
        && let Some(spans) = spans.get(Field::Title.as_str())
    {
        found.extend(of_field(Field::Title, &article.title, spans));
    }
    // Stable, so that among equals the first in the text is kept.
    let mut best: Vec<usize> = (0..found.len()).collect();
    best.sort_by_key(|index| std::cmp::Reverse(found.get(*index).map(|(weight, _)| *weight)));
    best.truncate(PASSAGES_MAX);
    best.sort_unstable();
    let mut passages = found
        .into_iter()
        .map(|(_, passage)| Some(passage))
        .collect::<Vec<_>>();
    best.into_iter()
        .filter_map(|index| passages.get_mut(index)?.take())
        .collect()
}

/// A span of evidence, who it speaks for, and what that counts.
struct Span {
    range: Range<usize>,
    of: usize,
    weight: usize,
}

fn spans(matches: &Matches<'_>) -> BTreeMap<&'static str, Vec<Span>> {
    let topics = matches.topics.iter().map(|it| (&it.evidence, TOPIC_WEIGHT));
    let actors = matches.actors.iter().map(|it| (&it.evidence, 1));
    let mut spans: BTreeMap<&'static str, Vec<Span>> = BTreeMap::new();
    for (of, (evidence, weight)) in topics.chain(actors).enumerate() {
        for Evidence {
            field, start, end, ..
        } in evidence
        {
            spans.entry(field.as_str()).or_default().push(Span {
                range: *start..*end,
                of,
                weight,
            });
        }
    }
    for spans in spans.values_mut() {
        spans.sort_by_key(|span| (span.range.start, span.range.end));
    }
    spans
}

/// The sentences of a text that hold evidence, each with what it counts.
fn of_field(field: Field, text: &str, spans: &[Span]) -> Vec<(usize, Passage)> {
    let starts = sentence_starts(text);
    let sentence = |at: usize| {
        starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    };
    let bound = |number: usize| starts.get(number).copied().unwrap_or(text.len());
    let mut found = Vec::new();
    for group in spans.chunk_by(|a, b| sentence(a.range.start) == sentence(b.range.start)) {
        let Some(first) = group.first() else { continue };
        let last = group.iter().map(|span| span.range.end).max().unwrap_or(0);
        let begin = bound(sentence(first.range.start)).min(first.range.start);
        let end = bound(sentence(first.range.start) + 1).max(last);
        let told: BTreeSet<(usize, usize)> = group.iter().map(|it| (it.of, it.weight)).collect();
        let weight = told.iter().map(|(_, weight)| weight).sum();
        let marks = apart(group.iter().map(|span| span.range.clone()));
        found.extend(cut(field, text, begin..end, &marks).map(|passage| (weight, passage)));
    }
    found
}

/// Where each sentence begins.
fn sentence_starts(text: &str) -> Vec<usize> {
    let tokens = tokenise(text);
    let sentences = tokens.all().chunk_by(|a, b| a.sentence == b.sentence);
    sentences
        .filter_map(|sentence| Some(sentence.first()?.start as usize))
        .collect()
}

/// Ranges joined where they touch, so that none is marked twice.
fn apart(ranges: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// The text of a range with its marks. One that is too long is cut where words
/// end, around its first mark.
fn cut(
    field: Field,
    text: &str,
    sentence: Range<usize>,
    marks: &[Range<usize>],
) -> Option<Passage> {
    let mut range = sentence.clone();
    if range.len() > PASSAGE_BYTES_MAX {
        let first = marks.first()?;
        let before = PASSAGE_BYTES_MAX.saturating_sub(first.len()) / 3;
        let start = first.start.saturating_sub(before).max(range.start);
        range = start..(start + PASSAGE_BYTES_MAX).min(range.end);
        range = whole_words(text, range, first.start);
    }
    let slice = text.get(range.clone())?;
    let lead = slice.len() - slice.trim_start().len();
    let slice = slice.trim();
    let (ahead, behind) = (range.start > sentence.start, range.end < sentence.end);
    let ellipsis = if ahead { "…" } else { "" };
    let shown = format!("{ellipsis}{slice}{}", if behind { "…" } else { "" });
    let first = range.start + lead;
    let marks = marks.iter().filter_map(|mark| {
        let start = mark.start.checked_sub(first)?;
        let end = mark.end.checked_sub(first)?.min(slice.len());
        let moved = start + ellipsis.len()..end + ellipsis.len();
        (start < end && shown.get(moved.clone()).is_some()).then_some(moved)
    });
    Some(Passage {
        field,
        marks: marks.collect(),
        text: shown,
    })
}

/// A range whose ends cut no character and, as far as there are spaces, no word;
/// it keeps `kept`.
fn whole_words(text: &str, range: Range<usize>, kept: usize) -> Range<usize> {
    let start = text.ceil_char_boundary(range.start);
    let end = text.floor_char_boundary(range.end);
    let space = |c: char| c.is_whitespace();
    let start = match text.get(start..kept).and_then(|lead| lead.find(space)) {
        Some(at) if range.start > 0 => start + at,
        _ => start,
    };
    let end = match text.get(kept..end).and_then(|rest| rest.rfind(space)) {
        Some(at) if at > 0 && end < text.len() => kept + at,
        _ => end,
    };
    start..end
}
