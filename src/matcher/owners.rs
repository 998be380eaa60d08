//! Who owns a surname at which place of an article: whoever was last named in
//! full with it, which may be somebody whom nobody watches.
//!
//! In news of the United States 87 of 100 mentions of persons are the surname
//! alone, and in 23 of 100 articles about one the full name never occurs (Fan et
//! al., BASIL, 2019). Where nobody is named in full, a surname counts for the one
//! watched person who has it, less surely, if the article gives a sign that it
//! is a person and that it matters.

use super::given_names;
use super::names;
use super::reading::{Reading, Span};
use super::roster::{Form, Roster};
use super::surroundings::names_a_firm;
use super::surroundings::{Before, before_surname, begins_other_name, is_compound, is_where};
use crate::text::{Field, Fingerprint, fold};
use crate::watchlist::AliasClass;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// An article with more text than this would name a person in full.
const FULL_NAME_EXPECTED_TOKENS: usize = 60;

/// How sure a surname is after the full name.
const NAMED: f64 = 0.9;

/// The same before the full name, which follows.
const NAMED_LATER: f64 = 0.7;

/// How sure it is where nobody is named in full, but somebody has a title.
const TITLED: f64 = 0.6;

/// The same without a title.
const BARE: f64 = 0.5;

/// Who is named in full with a surname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Owner {
    Actor(u32),
    /// Somebody whom nobody watches.
    Stranger,
}

/// What an article tells of one surname.
#[derive(Debug, Default)]
struct Bearers {
    /// The places of full names with it, in the order of the text.
    named: Vec<(u32, Owner)>,
    /// Who is named most often, the first of them if several are.
    most: Option<Owner>,
    /// The watched actors who share it.
    sharers: FxHashSet<u32>,
    /// Whether it has a title somewhere: "President Obama".
    titled: bool,
    /// Whether it stands in the title or the summary.
    announced: bool,
    /// How often it stands alone.
    alone: usize,
}

/// Who owns the surnames of an article.
#[derive(Debug)]
pub(super) struct Owners<'a> {
    surnames: FxHashMap<&'a str, Bearers>,
    /// What stands before each surname that occurs, by actor and place.
    before: FxHashMap<(u32, u32), Before>,
}

impl<'a> Owners<'a> {
    pub(super) fn of(
        reading: &Reading<'_>,
        forms: &'a Roster,
        candidates: &[(Span, Form<'a>)],
    ) -> Self {
        let mut owners = Self {
            surnames: FxHashMap::default(),
            before: FxHashMap::default(),
        };
        let mut given: FxHashMap<u32, Vec<String>> = FxHashMap::default();
        let mut of_actor: FxHashMap<u32, FxHashSet<&'a str>> = FxHashMap::default();
        for &(span, form) in candidates {
            if form.class != AliasClass::Surname {
                continue;
            }
            let given = given.entry(form.actor).or_insert_with(|| {
                let names = forms.full_names(form.actor);
                names.flat_map(names::given_names).collect()
            });
            let before = before(reading, span, form, given);
            owners.before.insert((form.actor, span.first), before);
            let surname = form.text;
            of_actor.entry(form.actor).or_default().insert(surname);
            owners.note(reading, span, form, before);
        }
        for &(span, form) in candidates {
            if matches!(form.class, AliasClass::Strong | AliasClass::Titled) {
                for surname in of_actor.get(&form.actor).into_iter().flatten() {
                    let bearers = owners.surnames.entry(surname).or_default();
                    bearers.named.push((span.first, Owner::Actor(form.actor)));
                }
            }
        }
        for bearers in owners.surnames.values_mut() {
            bearers.settle();
        }
        owners
    }

    fn note(&mut self, reading: &Reading<'_>, span: Span, form: Form<'a>, before: Before) {
        let bearers = self.surnames.entry(form.text).or_default();
        bearers.sharers.insert(form.actor);
        match before {
            Before::Own => bearers.named.push((span.first, Owner::Actor(form.actor))),
            Before::Other => bearers.named.push((span.first, Owner::Stranger)),
            Before::Title => bearers.titled = true,
            Before::Nobody => {
                bearers.announced |= is_announced(reading, span);
                bearers.alone += usize::from(stands_alone(reading, span));
            }
        }
    }

    /// How sure a surname at a place is its actor's; none if it is not.
    pub(super) fn confidence(
        &self,
        reading: &Reading<'_>,
        span: Span,
        form: Form<'_>,
    ) -> Option<f64> {
        let before = self.before.get(&(form.actor, span.first))?;
        if *before == Before::Own {
            return Some(NAMED);
        }
        if *before == Before::Other || names_a_firm(reading, span) {
            return None;
        }
        let bearers = self.surnames.get(form.text)?;
        let earlier = bearers.named.partition_point(|(at, _)| *at < span.first);
        let owner = earlier
            .checked_sub(1)
            .and_then(|last| bearers.named.get(last));
        if let Some((_, owner)) = owner {
            return (*owner == Owner::Actor(form.actor)).then_some(NAMED);
        }
        // Nobody was named before. A headline or a summary comes before the text
        // that names its people.
        if let Some(owner) = bearers.most {
            let sure = if is_announced(reading, span) {
                NAMED
            } else {
                NAMED_LATER
            };
            return (owner == Owner::Actor(form.actor)).then_some(sure);
        }
        bearers.unnamed_confidence(reading, span, form, *before)
    }
}

impl Bearers {
    /// Puts the full names in order and counts them. Where one actor's own name is somebody
    /// else's for another who shares the surname, it is that actor's.
    fn settle(&mut self) {
        self.named.sort_unstable();
        self.named.dedup_by_key(|(at, _)| *at);
        let mut counts: FxHashMap<Owner, (usize, Reverse<u32>)> = FxHashMap::default();
        for (at, owner) in &self.named {
            let (count, _) = counts.entry(*owner).or_insert((0, Reverse(*at)));
            *count += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        self.most = most.map(|(owner, _)| owner);
    }

    /// How sure a surname is where nobody is named with it in full. An ordinary
    /// word or a given name needs a title; what several watched persons share is
    /// nobody's, and what half a country shares is not in a text that has room for
    /// a full name.
    fn unnamed_confidence(
        &self,
        reading: &Reading<'_>,
        span: Span,
        form: Form<'_>,
        before: Before,
    ) -> Option<f64> {
        if self.sharers.len() > 1 {
            return None;
        }
        let short = reading.text_tokens() <= FULL_NAME_EXPECTED_TOKENS;
        let surname = Fingerprint::of(&fold(form.text));
        if is_compound(reading, span) || !short && names::is_common_surname(surname) {
            return None;
        }
        if before == Before::Title || self.titled && stands_alone(reading, span) {
            return Some(TITLED);
        }
        let matters = short || self.announced || self.alone > 1;
        // A given name may be anybody's; in a headline of capitals it may have any
        // surname behind it.
        let doubtful = reading.in_title_case(span) || !short && !self.announced;
        let given = given_names::is_common(surname) && doubtful;
        let telling = !names::is_ordinary_word(surname) && !given;
        (matters && telling && stands_alone(reading, span)).then_some(BARE)
    }
}

/// What stands before a surname, or goes on from one that comes first.
fn before(reading: &Reading<'_>, span: Span, form: Form<'_>, given: &[String]) -> Before {
    let first = reading.token(span.first);
    let comes_first = first.is_some_and(|first| names::is_first_surname(first.print));
    if comes_first && !given.contains(&form.text.to_lowercase()) && begins_other_name(reading, span)
    {
        return Before::Other;
    }
    before_surname(reading, span, given)
}

fn is_announced(reading: &Reading<'_>, span: Span) -> bool {
    matches!(reading.field(span), Some(Field::Title | Field::Summary))
}

/// Whether a surname may well be a person: neither part of a longer name nor a
/// place.
fn stands_alone(reading: &Reading<'_>, span: Span) -> bool {
    !is_compound(reading, span) && !names_a_firm(reading, span) && !is_where(reading, span)
}
