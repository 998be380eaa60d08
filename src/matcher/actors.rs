//! From aliases in the text to mentions of actors.
//!
//! A form is one alias of one actor in the lexicon, with its class. Which of
//! the forms that occur count as mentions is decided in a fixed order: case,
//! `unless`, the longest match, then what needs support: surnames, weak aliases.

use super::forms::{add_alias, exact, phrases};
use super::inflection::Use;
use super::lexicon::{Hits, Lexicon};
use super::names;
use super::reading::{Reading, Span};
use super::rows::Rows;
use crate::text::Field;
use crate::watchlist::{Actor, ActorKind, AliasClass};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// An article with more text than this would name a person in full.
const FULL_NAME_EXPECTED_TOKENS: usize = 60;

/// The forms of all actors.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// In the order of the watchlist: where two of an actor spell the same, the
    /// one that was written first is named.
    all: Vec<StoredForm>,
    /// The texts of all forms, one after the other.
    texts: String,
    /// The forms that end at a leaf; one name may belong to several.
    at: Rows,
    /// The actors that a leaf supports (`context`) or hides (`unless`).
    context_at: Rows,
    unless_at: Rows,
}

/// A form as it is kept. There may be millions.
#[derive(Debug)]
struct StoredForm {
    actor: u32,
    class: AliasClass,
    /// Where its text ends; it begins where that of the form before it ends.
    text_end: u32,
}

/// One alias of one actor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Form<'a> {
    pub(super) actor: u32,
    pub(super) class: AliasClass,
    /// The alias as the watchlist has it.
    pub(super) text: &'a str,
}

/// A mention of an actor in an article.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mention<'a> {
    pub(super) form: Form<'a>,
    pub(super) span: Span,
    /// From 0 to 1.
    pub(super) confidence: f64,
}

/// Takes the aliases of actors and puts them into a lexicon.
#[derive(Debug)]
pub(super) struct Collector<'l> {
    lexicon: &'l mut Lexicon,
    forms: Forms,
    at: Vec<(u32, u32)>,
    context_at: Vec<(u32, u32)>,
    unless_at: Vec<(u32, u32)>,
}

impl<'l> Collector<'l> {
    pub(super) fn new(lexicon: &'l mut Lexicon) -> Self {
        Self {
            lexicon,
            forms: Forms::default(),
            at: Vec::new(),
            context_at: Vec::new(),
            unless_at: Vec::new(),
        }
    }

    /// Adds every alias of an actor; returns the number of the form that is its
    /// name.
    pub(super) fn add(&mut self, index: u32, actor: &Actor) -> u32 {
        let name = self.forms.all.len() as u32;
        let usage = |class| Use {
            class,
            kind: actor.kind,
        };
        let strong = || std::iter::once(&actor.name).chain(&actor.aliases);
        for text in strong() {
            self.add_form(index, usage(AliasClass::Strong), text);
        }
        let classes = [
            (&actor.acronyms, AliasClass::Acronym),
            (&actor.metonyms, AliasClass::Metonym),
            (&actor.demonyms, AliasClass::Demonym),
            (&actor.weak, AliasClass::Weak),
        ];
        for (texts, class) in classes {
            for text in texts {
                self.add_form(index, usage(class), text);
            }
        }
        if actor.kind == ActorKind::Person {
            let mut surnames: Vec<String> =
                strong().flat_map(|name| names::surnames(name)).collect();
            surnames.sort_unstable();
            surnames.dedup();
            for surname in &surnames {
                if actor.surname {
                    self.add_form(index, usage(AliasClass::Surname), surname);
                }
                for title in &actor.titles {
                    let titled = format!("{title} {surname}");
                    self.add_form(index, usage(AliasClass::Titled), &titled);
                }
            }
        }
        note(&mut self.context_at, index, &actor.context, self.lexicon);
        note(&mut self.unless_at, index, &actor.unless, self.lexicon);
        name
    }

    fn add_form(&mut self, actor: u32, usage: Use, text: &str) {
        let number = self.forms.all.len() as u32;
        self.forms.texts.push_str(text);
        self.forms.all.push(StoredForm {
            actor,
            class: usage.class,
            text_end: self.forms.texts.len() as u32,
        });
        let at = &mut self.at;
        add_alias(text, usage, self.lexicon, |leaf| at.push((leaf.0, number)));
    }

    /// The forms of all that was added, ready to be looked up.
    pub(super) fn finish(mut self) -> Forms {
        self.forms.all.shrink_to_fit();
        self.forms.texts.shrink_to_fit();
        Forms {
            at: Rows::of(self.at),
            context_at: Rows::of(self.context_at),
            unless_at: Rows::of(self.unless_at),
            ..self.forms
        }
    }
}

impl Forms {
    /// What a form is written as; of the first form of an actor, its name.
    pub(super) fn name(&self, form: u32) -> &str {
        self.form(form).map_or("", |form| form.text)
    }

    /// The written forms of an actor.
    pub(super) fn texts(&self, actor: u32) -> impl Iterator<Item = &str> {
        let from = self.all.partition_point(|form| form.actor < actor);
        let until = self.all.partition_point(|form| form.actor <= actor);
        (from..until).map(|number| self.name(number as u32))
    }

    fn form(&self, number: u32) -> Option<Form<'_>> {
        let number = number as usize;
        let stored = self.all.get(number)?;
        let before = number
            .checked_sub(1)
            .and_then(|before| self.all.get(before));
        let start = before.map_or(0, |before| before.text_end as usize);
        Some(Form {
            actor: stored.actor,
            class: stored.class,
            text: self.texts.get(start..stored.text_end as usize)?,
        })
    }

    /// Decides which forms that occur in an article are mentions, in the order
    /// of the text.
    pub(super) fn mentions<'a>(&'a self, reading: &Reading<'_>, hits: &Hits) -> Vec<Mention<'a>> {
        let mut candidates = self.candidates(reading, hits);
        self.hide_unless(hits, &mut candidates);
        hide_contained(&mut candidates);
        hide_beside_full_name(&mut candidates);
        let owners = Owners::of(reading, &candidates);
        let mut mentions: Vec<Mention<'a>> = candidates
            .iter()
            .filter_map(|&(span, form)| {
                let confidence = match form.class {
                    AliasClass::Weak => None,
                    AliasClass::Surname => owners.confidence(reading, span, form),
                    class => Some(base_confidence(class)),
                };
                confidence.map(|confidence| Mention {
                    form,
                    span,
                    confidence,
                })
            })
            .collect();
        let weak = |form: &Form<'_>| form.class == AliasClass::Weak;
        if candidates.iter().any(|(_, form)| weak(form)) {
            let supported = self.supported(hits, &mentions);
            let weak = candidates
                .iter()
                .filter(|(_, form)| weak(form) && supported.contains(&form.actor));
            mentions.extend(weak.map(|&(span, form)| Mention {
                form,
                span,
                confidence: base_confidence(AliasClass::Weak),
            }));
        }
        mentions.sort_by_key(|mention| (mention.span, mention.form.actor));
        mentions.dedup_by_key(|mention| (mention.span, mention.form.actor));
        mentions
    }

    fn candidates(&self, reading: &Reading<'_>, hits: &Hits) -> Vec<(Span, Form<'_>)> {
        let mut candidates = Vec::new();
        for (number, span) in owned(&self.at, hits) {
            candidates.extend(
                self.form(number)
                    .filter(|form| form.counts(reading, span))
                    .map(|form| (span, number, form)),
            );
        }
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
        for spans in hidden.values_mut() {
            spans.sort_unstable();
        }
        candidates.retain(|(span, form)| {
            !hidden.get(&form.actor).is_some_and(|covers| {
                let until = covers.partition_point(|cover| cover.first <= span.first);
                // Phrases are short: only those that begin shortly before can reach.
                covers
                    .iter()
                    .take(until)
                    .rev()
                    .take(8)
                    .any(|cover| cover.contains(*span))
            })
        });
    }

    /// The actors whose weak aliases count: by a mention or by context.
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
            && match self.class {
                AliasClass::Strong | AliasClass::Titled => true,
                AliasClass::Acronym => exact(self.text) == exact(source),
                AliasClass::Surname
                | AliasClass::Metonym
                | AliasClass::Demonym
                | AliasClass::Weak => capital,
            }
    }
}

/// Drops what stands inside a longer form, of whichever actor: "Washington"
/// inside "Washington Post", "Jordan" inside "Michael Jordan".
fn hide_contained(candidates: &mut Vec<(Span, Form<'_>)>) {
    let mut cover: Option<Span> = None;
    candidates.retain(|(span, _)| match cover {
        Some(longest) if longest.contains(*span) && longest != *span => false,
        Some(longest) if longest.last >= span.last => true,
        _ => {
            cover = Some(*span);
            true
        }
    });
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

fn note(at: &mut Vec<(u32, u32)>, actor: u32, texts: &[String], lexicon: &mut Lexicon) {
    for phrase in texts.iter().flat_map(|text| phrases(text)) {
        at.extend(lexicon.add(&phrase).map(|leaf| (leaf.0, actor)));
    }
}

/// What the leaves that were found belong to, with each of their places.
fn owned<'a>(owners: &'a Rows, hits: &'a Hits) -> impl Iterator<Item = (u32, Span)> + 'a {
    let places = if owners.is_empty() { &[] } else { hits.all() };
    places.chunk_by(|a, b| a.0 == b.0).flat_map(|places| {
        let leaf = places.first().map(|(leaf, _)| *leaf);
        let owners = leaf.map_or(&[][..], |leaf| owners.row(leaf.0));
        owners
            .iter()
            .flat_map(move |owner| places.iter().map(move |(_, span)| (*owner, *span)))
    })
}

/// Who owns a surname at which place of an article: whoever was last named in
/// full with it, which may be somebody whom nobody watches.
struct Owners<'a> {
    /// For each surname, the places of full names with it, in the order of the
    /// text; none is somebody unknown.
    named: FxHashMap<&'a str, Vec<(u32, Option<u32>)>>,
    /// How many watched actors share each surname that occurs.
    sharers: FxHashMap<&'a str, FxHashSet<u32>>,
}

impl<'a> Owners<'a> {
    fn of(reading: &Reading<'_>, candidates: &[(Span, Form<'a>)]) -> Self {
        let mut owners = Self {
            named: FxHashMap::default(),
            sharers: FxHashMap::default(),
        };
        let mut surnames: FxHashMap<u32, FxHashSet<&'a str>> = FxHashMap::default();
        for &(span, form) in candidates {
            if form.class != AliasClass::Surname {
                continue;
            }
            let surname = form.text;
            surnames.entry(form.actor).or_default().insert(surname);
            owners
                .sharers
                .entry(surname)
                .or_default()
                .insert(form.actor);
            if is_part_of_other_name(reading, span) {
                owners
                    .named
                    .entry(surname)
                    .or_default()
                    .push((span.first, None));
            }
        }
        if surnames.is_empty() {
            return owners;
        }
        for &(span, form) in candidates {
            if is_full(form.class) {
                for surname in surnames.get(&form.actor).into_iter().flatten() {
                    let named = owners.named.entry(surname).or_default();
                    named.push((span.first, Some(form.actor)));
                }
            }
        }
        for places in owners.named.values_mut() {
            places.sort_unstable();
        }
        owners
    }

    /// How sure a surname at a place is its actor's; none if it is not.
    fn confidence(&self, reading: &Reading<'_>, span: Span, form: Form<'_>) -> Option<f64> {
        if is_part_of_other_name(reading, span) || names_a_firm(reading, span) {
            return None;
        }
        let named = self.named.get(form.text).map_or(&[][..], Vec::as_slice);
        let before = named.partition_point(|(at, _)| *at < span.first);
        let owner = before.checked_sub(1).and_then(|last| named.get(last));
        if let Some((_, owner)) = owner {
            return (*owner == Some(form.actor)).then_some(base_confidence(AliasClass::Surname));
        }
        // Nobody was named before. A headline or a summary comes before the
        // text that names its people.
        if !matches!(reading.field(span), Some(Field::Title | Field::Summary)) {
            return self.short_text_confidence(reading, form, named);
        }
        match named.iter().find_map(|(_, owner)| *owner) {
            Some(owner) => (owner == form.actor).then_some(base_confidence(AliasClass::Surname)),
            None => self.short_text_confidence(reading, form, named),
        }
    }

    /// In an item of few words nobody is ever named in full: half sure, unless
    /// the surname is an ordinary word or that of several watched actors.
    fn short_text_confidence(
        &self,
        reading: &Reading<'_>,
        form: Form<'_>,
        named: &[(u32, Option<u32>)],
    ) -> Option<f64> {
        let alone = self
            .sharers
            .get(form.text)
            .is_some_and(|sharers| sharers.len() == 1);
        let short = reading.text_tokens() <= FULL_NAME_EXPECTED_TOKENS;
        let sure = alone && short && named.is_empty() && !names::is_ordinary_word(form.text);
        sure.then_some(0.5)
    }
}

fn is_full(class: AliasClass) -> bool {
    matches!(class, AliasClass::Strong | AliasClass::Titled)
}

/// Whether a capitalised word that is no title stands right before a surname:
/// "Michael Bolton" is not John Bolton.
fn is_part_of_other_name(reading: &Reading<'_>, span: Span) -> bool {
    let Some(before) = span.first.checked_sub(1) else {
        return false;
    };
    let touches = reading
        .between(before, span.first)
        .is_some_and(|gap| gap == " " || gap == ". ");
    let (Some(word), Some(own)) = (reading.token(before), reading.token(span.first)) else {
        return false;
    };
    let previous = Span {
        first: before,
        last: before,
    };
    let folded = &reading.folded(before as usize);
    let opens = before
        .checked_sub(1)
        .and_then(|earlier| reading.token(earlier))
        .is_none_or(|earlier| earlier.sentence != word.sentence);
    let source = reading.source(previous);
    let is_word = source.chars().nth(1).is_some() && !source.contains('.');
    touches
        && is_word
        && word.sentence == own.sentence
        && source.starts_with(char::is_uppercase)
        && !reading.in_title_case(span)
        && !names::is_honorific(folded)
        && !(opens && names::opens_sentence(folded))
}

/// Whether what follows makes a firm or a place of a surname: "Baker Inc".
fn names_a_firm(reading: &Reading<'_>, span: Span) -> bool {
    let after = span.last + 1;
    let touches = reading
        .between(span.last, after)
        .is_some_and(|gap| gap == " ");
    let next = Span {
        first: after,
        last: after,
    };
    touches
        && reading.source(next).starts_with(char::is_uppercase)
        && names::follows_a_firm(&reading.folded(after as usize))
}
