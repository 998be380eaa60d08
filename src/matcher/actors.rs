//! From aliases in the text to mentions of actors.
//!
//! A form is one alias of one actor in the lexicon, with its class. Which of
//! the forms that occur count as mentions is decided in a fixed order: case,
//! `unless`, the longest match, then what needs support: surnames, weak aliases.

use super::forms::{alias_phrases, exact, phrases};
use super::inflection::Use;
use super::lexicon::{Hits, Leaf, Lexicon};
use super::names;
use super::reading::{Reading, Span};
use crate::text::Field;
use crate::watchlist::{Actor, ActorKind, AliasClass};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

/// An article with more text than this would name a person in full.
const FULL_NAME_EXPECTED_TOKENS: usize = 60;

/// The forms of all actors.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// In the order of the watchlist: where two of an actor spell the same, the
    /// one that was written first is named.
    all: Vec<Form>,
    /// The forms that end at a leaf, sorted; one name may belong to several.
    at: Vec<(Leaf, u32)>,
    /// The actors that a leaf supports (`context`) or hides (`unless`), sorted.
    context_at: Vec<(Leaf, u32)>,
    unless_at: Vec<(Leaf, u32)>,
}

/// One alias of one actor.
#[derive(Debug, PartialEq)]
pub(super) struct Form {
    pub(super) actor: u32,
    pub(super) class: AliasClass,
    /// The alias as the watchlist has it.
    pub(super) text: Box<str>,
}

/// A mention of an actor in an article.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mention<'a> {
    pub(super) form: &'a Form,
    pub(super) span: Span,
    /// From 0 to 1.
    pub(super) confidence: f64,
}

impl Forms {
    /// Adds every alias of an actor to the lexicon.
    pub(super) fn add(&mut self, index: u32, actor: &Actor, lexicon: &mut Lexicon) {
        let usage = |class| Use {
            class,
            kind: actor.kind,
        };
        let strong = || std::iter::once(&actor.name).chain(&actor.aliases);
        for text in strong() {
            self.add_form(index, usage(AliasClass::Strong), text, lexicon);
        }
        let classes = [
            (&actor.acronyms, AliasClass::Acronym),
            (&actor.metonyms, AliasClass::Metonym),
            (&actor.demonyms, AliasClass::Demonym),
            (&actor.weak, AliasClass::Weak),
        ];
        for (texts, class) in classes {
            for text in texts {
                self.add_form(index, usage(class), text, lexicon);
            }
        }
        if actor.kind == ActorKind::Person {
            let mut surnames: Vec<String> =
                strong().flat_map(|name| names::surnames(name)).collect();
            surnames.sort_unstable();
            surnames.dedup();
            for surname in &surnames {
                if actor.surname {
                    self.add_form(index, usage(AliasClass::Surname), surname, lexicon);
                }
                for title in &actor.titles {
                    let titled = format!("{title} {surname}");
                    self.add_form(index, usage(AliasClass::Titled), &titled, lexicon);
                }
            }
        }
        note(&mut self.context_at, index, &actor.context, lexicon);
        note(&mut self.unless_at, index, &actor.unless, lexicon);
    }

    /// Makes what was added ready to be looked up.
    pub(super) fn finish(&mut self) {
        for leaves in [&mut self.at, &mut self.context_at, &mut self.unless_at] {
            leaves.sort_unstable();
            leaves.dedup();
            leaves.shrink_to_fit();
        }
        self.all.shrink_to_fit();
    }

    fn add_form(&mut self, actor: u32, usage: Use, text: &str, lexicon: &mut Lexicon) {
        let number = self.all.len() as u32;
        self.all.push(Form {
            actor,
            class: usage.class,
            text: text.into(),
        });
        for phrase in alias_phrases(text, usage) {
            self.at
                .extend(lexicon.add(&phrase).map(|leaf| (leaf, number)));
        }
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
        let supported = self.supported(hits, &mentions);
        let weak = candidates
            .iter()
            .filter(|(_, form)| form.class == AliasClass::Weak && supported.contains(&form.actor));
        mentions.extend(weak.map(|&(span, form)| Mention {
            form,
            span,
            confidence: base_confidence(AliasClass::Weak),
        }));
        mentions.sort_by_key(|mention| (mention.span, mention.form.actor));
        mentions.dedup_by_key(|mention| (mention.span, mention.form.actor));
        mentions
    }

    fn candidates<'a>(&'a self, reading: &Reading<'_>, hits: &Hits) -> Vec<(Span, &'a Form)> {
        let mut candidates = Vec::new();
        for (number, span) in owned(&self.at, hits) {
            candidates.extend(
                self.all
                    .get(number as usize)
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
    fn hide_unless(&self, hits: &Hits, candidates: &mut Vec<(Span, &Form)>) {
        let mut hidden: HashMap<u32, Vec<Span>> = HashMap::new();
        for (actor, span) in owned(&self.unless_at, hits) {
            hidden.entry(actor).or_default().push(span);
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
    fn supported(&self, hits: &Hits, mentions: &[Mention<'_>]) -> HashSet<u32> {
        let by_mention = mentions.iter().map(|mention| mention.form.actor);
        let by_context = owned(&self.context_at, hits).map(|(actor, _)| actor);
        by_mention.chain(by_context).collect()
    }
}

impl Form {
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
                AliasClass::Acronym => exact(&self.text) == exact(source),
                AliasClass::Surname
                | AliasClass::Metonym
                | AliasClass::Demonym
                | AliasClass::Weak => capital,
            }
    }
}

/// Drops what stands inside a longer form, of whichever actor: "Washington"
/// inside "Washington Post", "Jordan" inside "Michael Jordan".
fn hide_contained(candidates: &mut Vec<(Span, &Form)>) {
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
fn hide_beside_full_name(candidates: &mut Vec<(Span, &Form)>) {
    let mut full: HashMap<u32, Vec<Span>> = HashMap::new();
    for (span, form) in candidates.iter() {
        if form.class == AliasClass::Strong {
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

fn note(at: &mut Vec<(Leaf, u32)>, actor: u32, texts: &[String], lexicon: &mut Lexicon) {
    for phrase in texts.iter().flat_map(|text| phrases(text)) {
        at.extend(lexicon.add(&phrase).map(|leaf| (leaf, actor)));
    }
}

/// What the leaves that were found belong to, with each of their places.
fn owned<'a>(owners: &'a [(Leaf, u32)], hits: &'a Hits) -> impl Iterator<Item = (u32, Span)> + 'a {
    hits.all()
        .chunk_by(|a, b| a.0 == b.0)
        .flat_map(move |places| {
            let leaf = places.first().map(|(leaf, _)| *leaf);
            let from = owners.partition_point(|(owned, _)| Some(*owned) < leaf);
            let rest = owners.get(from..).unwrap_or_default();
            let of_leaf = rest
                .iter()
                .take_while(move |(owned, _)| Some(*owned) == leaf);
            of_leaf.flat_map(move |(_, owner)| places.iter().map(move |(_, span)| (*owner, *span)))
        })
}

/// Who owns a surname at which place of an article: whoever was last named in
/// full with it, which may be somebody whom nobody watches.
struct Owners<'a> {
    /// For each surname, the places of full names with it, in the order of the
    /// text; none is somebody unknown.
    named: HashMap<&'a str, Vec<(u32, Option<u32>)>>,
    /// How many watched actors share each surname that occurs.
    sharers: HashMap<&'a str, HashSet<u32>>,
}

impl<'a> Owners<'a> {
    fn of(reading: &Reading<'_>, candidates: &[(Span, &'a Form)]) -> Self {
        let mut owners = Self {
            named: HashMap::new(),
            sharers: HashMap::new(),
        };
        let mut surnames: HashMap<u32, HashSet<&'a str>> = HashMap::new();
        for &(span, form) in candidates {
            if form.class != AliasClass::Surname {
                continue;
            }
            let surname: &str = &form.text;
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
    fn confidence(&self, reading: &Reading<'_>, span: Span, form: &Form) -> Option<f64> {
        if is_part_of_other_name(reading, span) || names_a_firm(reading, span) {
            return None;
        }
        let named = self.named.get(&*form.text).map_or(&[][..], Vec::as_slice);
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
        form: &Form,
        named: &[(u32, Option<u32>)],
    ) -> Option<f64> {
        let alone = self
            .sharers
            .get(&*form.text)
            .is_some_and(|sharers| sharers.len() == 1);
        let short = reading.text_tokens() <= FULL_NAME_EXPECTED_TOKENS;
        let sure = alone && short && named.is_empty() && !names::is_ordinary_word(&form.text);
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
    let (Some(word), Some(own)) = (reading.word(before), reading.word(span.first)) else {
        return false;
    };
    let previous = Span {
        first: before,
        last: before,
    };
    let folded = reading.folded(before as usize);
    let opens = before
        .checked_sub(1)
        .and_then(|earlier| reading.word(earlier))
        .is_none_or(|earlier| earlier.token.sentence != word.token.sentence);
    let source = reading.source(previous);
    let is_word = source.chars().nth(1).is_some() && !source.contains('.');
    touches
        && is_word
        && word.token.sentence == own.token.sentence
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
        && names::follows_a_firm(reading.folded(after as usize))
}
