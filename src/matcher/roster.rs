//! The roster: all actors of a watchlist with their forms, as they are kept.
//!
//! A form is one alias of one actor in the lexicon, with its class. There may be
//! millions, of which an article touches a few dozen, each far from the others in
//! memory. What is told of an actor therefore stands beside its forms: their
//! numbers in one row, and all texts, the id before the aliases, in one string.

use super::forms::{add_alias, phrases};
use super::inflection::Use;
use super::lexicon::Lexicon;
use super::names;
use super::rows::Rows;
use crate::watchlist::{Actor, ActorKind, AliasClass, Role};
use jiff::civil::Date;

/// All actors of a watchlist.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// In the order of the watchlist: where two of an actor spell the same, the
    /// one that was written first is named.
    forms: Vec<StoredForm>,
    /// For each actor its id and the texts of its forms, one after the other.
    texts: String,
    /// The forms that end at a leaf; one name may belong to several.
    pub(super) at: Rows,
    /// The roles that forms are of, by their number.
    roles: Vec<(u32, Role)>,
    /// The actors that a leaf supports (`context`) or hides (`unless`).
    pub(super) context_at: Rows,
    pub(super) unless_at: Rows,
}

/// A form as it is kept.
#[derive(Debug)]
struct StoredForm {
    actor: u32,
    /// Where its text ends; it begins where that of the form before it ends.
    text_end: u32,
    /// How many forms of its actor come before it, at most as many as fit: the
    /// first of an actor is its name.
    rank: u16,
    /// How long the id is that stands before its text: that of a name, else 0.
    id_bytes: u8,
    class: AliasClass,
    kind: ActorKind,
    alert: bool,
}

/// One alias of one actor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Form<'a> {
    number: u32,
    pub(super) actor: u32,
    pub(super) class: AliasClass,
    /// The alias as the watchlist has it.
    pub(super) text: &'a str,
}

/// What is told of an actor that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Label<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: ActorKind,
    pub(super) alert: bool,
}

/// Takes the actors of a watchlist and puts their aliases into a lexicon.
#[derive(Debug)]
pub(super) struct Collector<'l> {
    lexicon: &'l mut Lexicon,
    roster: Roster,
    at: Vec<(u32, u32)>,
    context_at: Vec<(u32, u32)>,
    unless_at: Vec<(u32, u32)>,
}

impl<'l> Collector<'l> {
    pub(super) fn new(lexicon: &'l mut Lexicon) -> Self {
        Self {
            lexicon,
            roster: Roster::default(),
            at: Vec::new(),
            context_at: Vec::new(),
            unless_at: Vec::new(),
        }
    }

    /// Adds every alias of an actor, whose number is how many came before it.
    pub(super) fn add(&mut self, index: u32, actor: &Actor) {
        let first = self.roster.forms.len();
        self.roster.texts.push_str(actor.id.as_str());
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
                for role in &actor.roles {
                    let titled = format!("{} {surname}", role.title);
                    let number = self.roster.forms.len() as u32;
                    self.roster.roles.push((number, role.clone()));
                    self.add_form(index, usage(AliasClass::Titled), &titled);
                }
            }
        }
        note(&mut self.context_at, index, &actor.context, self.lexicon);
        note(&mut self.unless_at, index, &actor.unless, self.lexicon);
        let forms = self.roster.forms.get_mut(first..).unwrap_or_default();
        for (rank, form) in forms.iter_mut().enumerate() {
            form.rank = u16::try_from(rank).unwrap_or(u16::MAX);
            form.alert = actor.alert;
        }
        if let Some(name) = forms.first_mut() {
            name.id_bytes = actor.id.as_str().len() as u8;
        }
    }

    fn add_form(&mut self, actor: u32, usage: Use, text: &str) {
        let number = self.roster.forms.len() as u32;
        self.roster.texts.push_str(text);
        self.roster.forms.push(StoredForm {
            actor,
            text_end: self.roster.texts.len() as u32,
            rank: 0,
            id_bytes: 0,
            class: usage.class,
            kind: usage.kind,
            alert: true,
        });
        let at = &mut self.at;
        add_alias(text, usage, self.lexicon, |leaf| at.push((leaf.0, number)));
    }

    /// All that was added, ready to be looked up.
    pub(super) fn finish(mut self) -> Roster {
        self.roster.forms.shrink_to_fit();
        self.roster.texts.shrink_to_fit();
        Roster {
            at: Rows::of(self.at),
            context_at: Rows::of(self.context_at),
            unless_at: Rows::of(self.unless_at),
            ..self.roster
        }
    }
}

fn note(at: &mut Vec<(u32, u32)>, actor: u32, texts: &[String], lexicon: &mut Lexicon) {
    for phrase in texts.iter().flat_map(|text| phrases(text)) {
        at.extend(lexicon.add(&phrase).map(|leaf| (leaf.0, actor)));
    }
}

impl Roster {
    /// A form by its number.
    pub(super) fn form(&self, number: u32) -> Option<Form<'_>> {
        let at = number as usize;
        let stored = self.forms.get(at)?;
        let start = self.texts_before(at) + usize::from(stored.id_bytes);
        Some(Form {
            number,
            actor: stored.actor,
            class: stored.class,
            text: self.texts.get(start..stored.text_end as usize)?,
        })
    }

    /// What is told of the actor that a form belongs to.
    pub(super) fn label(&self, form: Form<'_>) -> Option<Label<'_>> {
        let stored = self.forms.get(form.number as usize)?;
        let first = if stored.rank == u16::MAX {
            self.first_of(stored.actor)
        } else {
            form.number as usize - usize::from(stored.rank)
        };
        let start = self.texts_before(first);
        let end = start + usize::from(self.forms.get(first)?.id_bytes);
        Some(Label {
            id: self.texts.get(start..end)?,
            name: self.form(first as u32)?.text,
            kind: stored.kind,
            alert: stored.alert,
        })
    }

    /// The written forms of an actor.
    pub(super) fn texts(&self, actor: u32) -> impl Iterator<Item = &str> {
        self.forms_of(actor).map(|form| form.text)
    }

    /// The names of an actor that stand for it wherever they occur.
    pub(super) fn full_names(&self, actor: u32) -> impl Iterator<Item = &str> {
        self.forms_of(actor)
            .take_while(|form| form.class == AliasClass::Strong)
            .map(|form| form.text)
    }

    /// Whether a form counts on the day of an article.
    pub(super) fn holds_on(&self, number: u32, day: Option<Date>) -> bool {
        let role = self.roles.binary_search_by_key(&number, |(form, _)| *form);
        let role = role.ok().and_then(|at| self.roles.get(at));
        role.is_none_or(|(_, role)| role.holds_on(day))
    }

    fn forms_of(&self, actor: u32) -> impl Iterator<Item = Form<'_>> {
        let numbers = self.first_of(actor) as u32..;
        let forms = numbers.map_while(|number| self.form(number));
        forms.take_while(move |form| form.actor == actor)
    }

    /// The number of the first form of an actor.
    fn first_of(&self, actor: u32) -> usize {
        self.forms.partition_point(|form| form.actor < actor)
    }

    /// Where the texts of the forms before one end.
    fn texts_before(&self, at: usize) -> usize {
        let before = at.checked_sub(1).and_then(|before| self.forms.get(before));
        before.map_or(0, |before| before.text_end as usize)
    }
}
