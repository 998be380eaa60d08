//! From aliases in the text to mentions of actors.
//!
//! Which of the forms that occur in an article count as mentions is decided in a
//! fixed order: case and surroundings, `unless`, the longest match, then what needs
//! support: surnames, weak and doubtful aliases.

use super::forms::exact;
use super::hits::{Hits, Place};
use super::owners::Owners;
use super::reading::{Reading, Span};
use super::roster::{Form, Roster};
use super::rows::Rows;
use super::surroundings::{
    is_code, is_in_dateline, is_of_another_place, is_of_another_thing, is_one_name,
    is_shouted_word, is_where,
};
use super::unspaced::{Fit, fit, is_unspaced};
use super::words;
use crate::text::Field;
use crate::watchlist::AliasClass;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// The most forms at places of one article that are looked at. A surname that
/// thousands of watched persons share says nothing about any of them.
const CANDIDATES_MAX: usize = 200_000;

/// How sure a capital is where it is said where something happens.
const PLACE_CONFIDENCE: f64 = 0.5;

/// A mention of an actor in an article.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mention<'a> {
    pub(super) form: Form<'a>,
    pub(super) span: Span,
    /// From 0 to 1.
    pub(super) confidence: f64,
}

impl Roster {
    /// Decides which forms that occur in an article are mentions, in the order
    /// of the text.
    pub(super) fn mentions<'a>(&'a self, reading: &Reading<'_>, hits: &Hits) -> Vec<Mention<'a>> {
        if self.at.is_empty() {
            return Vec::new();
        }
        let mut candidates = self.forms_in(reading, hits);
        hide_beside_full_name(&mut candidates);
        let owners = Owners::of(reading, self, &candidates);
        let mut mentions = Vec::new();
        let mut doubtful = Vec::new();
        for &(span, form) in &candidates {
            let confidence = match form.class {
                AliasClass::Surname => owners.confidence(reading, span, form),
                AliasClass::Metonym => metonym_confidence(reading, span),
                class => Some(base_confidence(class)),
            };
            let mention = confidence.map(|confidence| Mention {
                form,
                span,
                confidence,
            });
            if form.needs_support(reading, span) {
                doubtful.extend(mention);
            } else {
                mentions.extend(mention);
            }
        }
        if !doubtful.is_empty() {
            let supported = self.supported(hits, &mentions);
            doubtful.retain(|mention: &Mention<'_>| supported.contains(&mention.form.actor));
            mentions.append(&mut doubtful);
        }
        mentions.sort_by_key(|mention| (mention.span, mention.form.actor));
        mentions.dedup_by_key(|mention| (mention.span, mention.form.actor));
        mentions
    }

    /// The forms that occur in an article, whether or not they are mentions.
    pub(super) fn forms_in(&self, reading: &Reading<'_>, hits: &Hits) -> Vec<(Span, Form<'_>)> {
        let mut candidates = self.candidates(reading, hits);
        self.hide_unless(hits, &mut candidates);
        hide_contained(reading, &mut candidates);
        candidates
    }

    fn candidates(&self, reading: &Reading<'_>, hits: &Hits) -> Vec<(Span, Form<'_>)> {
        let day = reading.day();
        // The numbers of all forms, then all forms, then what is asked of each: what
        // lies far apart in memory is fetched side by side.
        let numbers: Vec<(Span, u32)> = hits
            .all()
            .iter()
            .flat_map(|Place { leaf, span, .. }| {
                let numbers = self.at.row(leaf.0).iter();
                numbers.map(move |number| (*span, *number))
            })
            .take(CANDIDATES_MAX)
            .collect();
        let mut candidates: Vec<(Span, u32, Form<'_>)> = numbers
            .into_iter()
            .filter_map(|(span, number)| Some((span, number, self.form(number)?)))
            .collect();
        candidates.retain(|(span, number, form)| {
            form.counts(reading, *span) && self.holds_on(*number, day)
        });
        // First come, longest first; then by class, so that where two forms of
        // an actor have one span the stronger is kept.
        candidates.sort_unstable_by_key(|(span, number, form)| {
            (
                span.first,
                Reverse(span.last),
                form.actor,
                form.class,
                *number,
            )
        });
        candidates
            .into_iter()
            .map(|(span, _, form)| (span, form))
            .collect()
    }

    /// Drops what stands inside a phrase that its actor's `unless` names.
    fn hide_unless(&self, hits: &Hits, candidates: &mut Vec<(Span, Form<'_>)>) {
        let mut hidden: FxHashMap<u32, Vec<Span>> = FxHashMap::default();
        for (actor, span) in owned(&self.unless_at, hits) {
            hidden.entry(actor).or_default().push(span);
        }
        if hidden.is_empty() {
            return;
        }
        for covers in hidden.values_mut() {
            reach_on(covers);
        }
        candidates.retain(|(span, form)| {
            !hidden.get(&form.actor).is_some_and(|covers| {
                let until = covers.partition_point(|cover| cover.first <= span.first);
                let furthest = until.checked_sub(1).and_then(|last| covers.get(last));
                furthest.is_some_and(|cover| cover.last >= span.last)
            })
        });
    }

    /// The actors whose weak and doubtful aliases count: by a mention or by context.
    fn supported(&self, hits: &Hits, mentions: &[Mention<'_>]) -> FxHashSet<u32> {
        let by_mention = mentions.iter().map(|mention| mention.form.actor);
        let by_context = owned(&self.context_at, hits).map(|(actor, _)| actor);
        by_mention.chain(by_context).collect()
    }
}

impl Form<'_> {
    /// Whether the text at a span is this form, case and field considered.
    fn counts(&self, reading: &Reading<'_>, span: Span) -> bool {
        let in_text = matches!(
            reading.field(span),
            Some(Field::Title | Field::Summary | Field::Body)
        );
        let source = reading.source(span);
        let capital = !source.starts_with(char::is_lowercase);
        in_text
            && is_one_name(reading, span, self.text)
            && fit(reading, span, self.text) != Fit::Apart
            && match self.class {
                AliasClass::Strong => {
                    (capital || self.is_plain_in_small(reading, span))
                        && !is_of_another_place(reading, span)
                }
                AliasClass::Titled => true,
                AliasClass::Acronym => exact(self.text) == exact(source) && !is_code(reading, span),
                AliasClass::Surname => capital && !self.is_plural(reading, source),
                AliasClass::Metonym | AliasClass::Weak => capital,
                AliasClass::Demonym => {
                    (capital || self.may_be_small(reading)) && !is_of_another_place(reading, span)
                }
            }
    }

    /// Whether a strong name may stand in small letters: where it has several words
    /// or is written so, and where the text has no capitals. "Target" is a firm,
    /// a target is not.
    fn is_plain_in_small(&self, reading: &Reading<'_>, span: Span) -> bool {
        span.first != span.last
            || !self.text.starts_with(char::is_uppercase)
            || !reading.has_capitals(span)
    }

    /// Whether a mention counts only beside a sure one, or with context.
    fn needs_support(&self, reading: &Reading<'_>, span: Span) -> bool {
        match self.class {
            AliasClass::Weak => true,
            AliasClass::Acronym if is_shouted_word(reading, span) => true,
            _ => fit(reading, span, self.text) == Fit::Doubtful,
        }
    }

    /// "The Boltons" are a family: in English an *s* without an apostrophe is
    /// no genitive, as it is in other languages.
    fn is_plural(&self, reading: &Reading<'_>, source: &str) -> bool {
        reading.language() == Some("en") && source.ends_with('s') && !self.text.ends_with('s')
    }

    /// Whether a demonym may be written small: where the watchlist has it so, or
    /// the language does.
    fn may_be_small(&self, reading: &Reading<'_>) -> bool {
        self.text.starts_with(char::is_lowercase)
            || reading
                .language()
                .is_some_and(|language| words::contains(words::SMALL_DEMONYMS, language))
    }
}

/// How sure a capital stands for its government; none where it is part of the
/// name of something else. Where it is said where something happens, and in a
/// dateline, it is a place first, though the place of most news about it.
fn metonym_confidence(reading: &Reading<'_>, span: Span) -> Option<f64> {
    if is_of_another_thing(reading, span) {
        return None;
    }
    let place = is_where(reading, span) || is_in_dateline(reading, span);
    Some(if place {
        PLACE_CONFIDENCE
    } else {
        base_confidence(AliasClass::Metonym)
    })
}

/// Drops what stands inside a longer form, of whichever actor: "Washington"
/// inside "Washington Post", "Jordan" inside "Michael Jordan". Where no spaces
/// part the words, what begins inside another is none: 京都 in 東京都.
fn hide_contained(reading: &Reading<'_>, candidates: &mut Vec<(Span, Form<'_>)>) {
    let mut cover: Option<Span> = None;
    candidates.retain(|(span, _)| match cover {
        Some(longest) if longest.contains(*span) => longest == *span,
        Some(longest) if longest.last >= span.first && is_unspaced(reading.source(*span)) => false,
        Some(longest) if longest.last >= span.last => true,
        _ => {
            cover = Some(*span);
            true
        }
    });
}

/// Sorts spans and lets each reach as far as any before it, so that one look-up
/// tells whether something is covered.
fn reach_on(spans: &mut [Span]) {
    spans.sort_unstable();
    let mut furthest = 0;
    for span in spans {
        furthest = span.last.max(furthest);
        span.last = furthest;
    }
}

/// Drops what overlaps a full name of the same actor: "Minister Yoon Young-kwan"
/// is one mention, not one by the title and one by the name.
fn hide_beside_full_name(candidates: &mut Vec<(Span, Form<'_>)>) {
    let others = candidates.iter().map(|(_, form)| form);
    let others: FxHashSet<u32> = others
        .filter(|form| form.class != AliasClass::Strong)
        .map(|form| form.actor)
        .collect();
    if others.is_empty() {
        return;
    }
    let mut full: FxHashMap<u32, Vec<Span>> = FxHashMap::default();
    for (span, form) in candidates.iter() {
        if form.class == AliasClass::Strong && others.contains(&form.actor) {
            full.entry(form.actor).or_default().push(*span);
        }
    }
    candidates.retain(|(span, form)| {
        form.class == AliasClass::Strong
            || !full.get(&form.actor).is_some_and(|names| {
                let until = names.partition_point(|name| name.first <= span.last);
                names
                    .iter()
                    .take(until)
                    .next_back()
                    .is_some_and(|name| name.last >= span.first)
            })
    });
}

fn base_confidence(class: AliasClass) -> f64 {
    match class {
        AliasClass::Strong => 1.0,
        AliasClass::Titled => 0.95,
        AliasClass::Acronym | AliasClass::Surname => 0.9,
        AliasClass::Metonym => 0.7,
        AliasClass::Demonym | AliasClass::Weak => 0.6,
    }
}

/// What the leaves that were found belong to, with each of their places.
fn owned<'a>(owners: &'a Rows, hits: &'a Hits) -> impl Iterator<Item = (u32, Span)> + 'a {
    let places = if owners.is_empty() { &[] } else { hits.all() };
    places.iter().flat_map(|Place { leaf, span, .. }| {
        let owners = owners.row(leaf.0).iter();
        owners.map(move |owner| (*owner, *span))
    })
}
