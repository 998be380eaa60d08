//! Names of actors: too common, in the wrong list, of two actors, or spare.

use super::common::ordinary_words;
use super::logic::Families;
use super::{Findings, LintKind, Part};
use crate::text::{fold, tokenise};
use crate::watchlist::{Actor, ActorKind, AliasClass, Place, Watchlist};
use std::collections::{HashMap, HashSet};

/// The most letters of capitals alone that are taken for an acronym.
const ACRONYM_LETTERS_MAX: usize = 5;

/// The same for a name: longer ones are names that are written so.
const ACRONYM_NAME_LETTERS_MAX: usize = 3;

/// An alias of an actor, with the key that it stands in.
#[derive(Debug, Clone)]
struct Alias<'a> {
    actor: &'a Actor,
    class: AliasClass,
    key: &'static str,
    part: Part,
    text: &'a str,
    /// Its words, folded.
    words: Vec<String>,
}

pub(super) fn check(watchlist: &Watchlist, families: &Families<'_>, found: &mut Findings) {
    let ordinary = ordinary_words();
    let mut owners = HashMap::new();
    for actor in &watchlist.actors {
        let aliases = aliases(actor);
        for alias in &aliases {
            if !never_counts(alias, found) {
                if !acronym_case(alias, found) {
                    common(alias, &ordinary, found);
                }
                shared(alias, &mut owners, families, found);
            }
        }
        spare(&aliases, found);
        idle_keys(actor, found);
        idle_unless(actor, &aliases, found);
    }
}

impl Alias<'_> {
    fn has_wildcards(&self) -> bool {
        self.text.contains(['*', '?'])
    }

    fn letters(&self) -> usize {
        self.text.chars().filter(|c| c.is_alphanumeric()).count()
    }

    fn note(&self, kind: LintKind, message: String, help: &str, found: &mut Findings) {
        let place = Place::Actor(self.actor.id.clone(), self.key);
        found.add(kind, &place, self.part, message, help);
    }
}

/// Every alias of an actor, the name first, then as the matcher prefers them.
fn aliases(actor: &Actor) -> Vec<Alias<'_>> {
    let name = std::slice::from_ref(&actor.name);
    let lists = [
        (AliasClass::Strong, "name", name),
        (AliasClass::Strong, "aliases", &actor.aliases),
        (AliasClass::Acronym, "acronyms", &actor.acronyms),
        (AliasClass::Metonym, "metonyms", &actor.metonyms),
        (AliasClass::Demonym, "demonyms", &actor.demonyms),
        (AliasClass::Weak, "weak", &actor.weak),
    ];
    let mut aliases = Vec::new();
    for (class, key, texts) in lists {
        aliases.extend(texts.iter().enumerate().map(|(index, text)| {
            let part = if key == "name" {
                Part::Whole
            } else {
                Part::Item(index)
            };
            Alias {
                actor,
                class,
                key,
                part,
                text,
                words: words(text),
            }
        }));
    }
    aliases
}

fn words(text: &str) -> Vec<String> {
    let tokens = tokenise(text);
    tokens
        .all()
        .iter()
        .map(|token| token.folded(text))
        .collect()
}

/// What no text can say, and what hides itself.
fn never_counts(alias: &Alias<'_>, found: &mut Findings) -> bool {
    let text = alias.text;
    if alias.words.is_empty() {
        let wild = alias.has_wildcards();
        let message = if wild {
            format!("`{text}` fits every word")
        } else {
            format!("`{text}` has no letters or digits, so no text has it")
        };
        let kind = if wild {
            LintKind::CommonAlias
        } else {
            LintKind::SpareAlias
        };
        alias.note(kind, message, "write the name in letters", found);
        return true;
    }
    let hides = |unless: &String| words(unless) == alias.words;
    if alias.has_wildcards() || !alias.actor.unless.iter().any(hides) {
        return false;
    }
    alias.note(
        LintKind::SpareAlias,
        format!("`{text}` is in `unless` as well, which hides it wherever it stands"),
        "write in `unless` the longer name that hides it, or remove it there",
        found,
    );
    true
}

/// An acronym that is found in small letters too, or in small letters alone.
fn acronym_case(alias: &Alias<'_>, found: &mut Findings) -> bool {
    let text = alias.text;
    let lower = text.contains(char::is_lowercase);
    let upper = text.contains(char::is_uppercase);
    let letters = alias.letters();
    let (message, help) = match (alias.class, alias.key) {
        (AliasClass::Acronym, _) if lower && !upper => (
            format!("`{text}` is found in exactly this case, so never in capitals"),
            "write it as texts do, in capitals",
        ),
        (AliasClass::Strong, key) if upper && !lower && letters >= 2 && alias.words.len() == 1 => {
            let name = key == "name";
            let letters_max = if name {
                ACRONYM_NAME_LETTERS_MAX
            } else {
                ACRONYM_LETTERS_MAX
            };
            if letters > letters_max {
                return false;
            }
            let help = if name {
                "write it out in `name`, and put the acronym under `acronyms`"
            } else {
                "move it to `acronyms`, where only exactly this case counts"
            };
            (format!("`{text}` counts in small letters, too"), help)
        }
        _ => return false,
    };
    alias.note(LintKind::AcronymCase, message, help, found);
    true
}

/// A single word that is short or has another meaning, and counts everywhere.
fn common(alias: &Alias<'_>, ordinary: &HashSet<&str>, found: &mut Findings) {
    let (AliasClass::Strong, [whole]) = (alias.class, alias.words.as_slice()) else {
        return;
    };
    let text = alias.text;
    let message = if alias.letters() < letters_min(text) {
        format!("`{text}` is short, and counts wherever it stands")
    } else if !alias.has_wildcards() && ordinary.contains(whole.as_str()) {
        format!("`{text}` is an ordinary word, and counts wherever it stands")
    } else {
        return;
    };
    let help = if alias.key == "name" {
        "give the full name, and put this under `weak`, with words in `context` that support it"
    } else {
        "put it under `weak`, with words in `context` that support it, or, if only this case is meant, under `acronyms`"
    };
    alias.note(LintKind::CommonAlias, message, help, found);
}

/// The fewest letters that make a name by themselves. A character of Han or a
/// syllable of Hangul says as much as two letters; scripts that write few of
/// their vowels, or write them as signs, have shorter words.
fn letters_min(text: &str) -> usize {
    let is_dense = |c: char| {
        matches!(c,
            '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1100}'..='\u{11FF}'
            | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}'
            | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
    };
    if text.contains(is_dense) {
        2
    } else if text.contains(|c: char| c.is_uppercase() || c.is_lowercase() || c.is_numeric()) {
        4
    } else {
        3
    }
}

type Owners<'a> = HashMap<Vec<String>, Alias<'a>>;

/// A name by which two actors are mentioned at once. What needs support, and
/// what stands for a country, may be said of several.
fn shared<'a>(
    alias: &Alias<'a>,
    owners: &mut Owners<'a>,
    families: &Families<'_>,
    found: &mut Findings,
) {
    if !matches!(alias.class, AliasClass::Strong | AliasClass::Acronym) || alias.has_wildcards() {
        return;
    }
    let Some(first) = owners.get(&alias.words) else {
        owners.insert(alias.words.clone(), alias.clone());
        return;
    };
    let (this, that) = (&alias.actor.id, &first.actor.id);
    let both_acronyms = alias.class == AliasClass::Acronym && first.class == AliasClass::Acronym;
    if families.belongs(this, that)
        || families.belongs(that, this)
        || both_acronyms && undotted(alias.text) != undotted(first.text)
    {
        return;
    }
    let message = format!(
        "`{}` belongs to the actor `{that}` as well ({}), so it is a mention of both",
        alias.text, first.key
    );
    let help = format!(
        "put it under `weak` with `context` where it is meant less often, or make one a member of the other: member_of = [\"{that}\"]"
    );
    alias.note(LintKind::SharedAlias, message, &help, found);
}

fn undotted(text: &str) -> String {
    text.replace('.', "")
}

/// Aliases that another of the same actor makes superfluous. Only the very same
/// spelling counts: who writes a name with and without its hyphen or its dots
/// means no harm.
fn spare(aliases: &[Alias<'_>], found: &mut Findings) {
    let mut known: HashMap<String, Vec<&Alias<'_>>> = HashMap::new();
    for alias in aliases {
        let words: Vec<String> = alias.text.split_whitespace().map(fold).collect();
        let same = known.entry(words.join(" ")).or_default();
        match same.iter().find(|other| other.covers(alias)) {
            None => same.push(alias),
            Some(other) => {
                let message = if other.key == alias.key {
                    format!("`{}` is given twice", alias.text)
                } else {
                    format!(
                        "`{}` is in `{}` already, and counts there",
                        alias.text, other.key
                    )
                };
                alias.note(
                    LintKind::SpareAlias,
                    message,
                    "remove it in one of the two",
                    found,
                );
            }
        }
    }
}

impl Alias<'_> {
    /// Whether it counts wherever another of the same spelling counts.
    fn covers(&self, other: &Alias<'_>) -> bool {
        match self.class {
            AliasClass::Strong => true,
            AliasClass::Acronym => other.class == AliasClass::Acronym && self.text == other.text,
            AliasClass::Metonym | AliasClass::Demonym => {
                other.class == self.class || other.class == AliasClass::Weak
            }
            class => other.class == class,
        }
    }
}

/// Keys that only work beside others.
fn idle_keys(actor: &Actor, found: &mut Findings) {
    let person = actor.kind == ActorKind::Person;
    let rows = [
        (
            "context",
            !actor.context.is_empty() && actor.weak.is_empty(),
            "there is no weak alias that `context` could support",
            "put the aliases that need support under `weak`, or remove it",
        ),
        (
            "titles",
            !actor.titles.is_empty() && !person,
            "only persons have titles",
            "set kind = \"person\", or write titles with names under `aliases`",
        ),
        (
            "surname",
            actor.surname && !person,
            "only persons have a surname",
            "set kind = \"person\", or remove it",
        ),
    ];
    for (key, is_idle, message, help) in rows {
        if is_idle {
            let place = Place::Actor(actor.id.clone(), key);
            found.add(LintKind::ChangesNothing, &place, Part::Whole, message, help);
        }
    }
}

/// Phrases of `unless` that no name of the actor can stand in. Other languages
/// change the ends of names, and so their beginnings are compared; only in Latin
/// letters, since elsewhere prefixes are written together with a name.
fn idle_unless(actor: &Actor, aliases: &[Alias<'_>], found: &mut Findings) {
    if actor.unless.is_empty() {
        return;
    }
    if aliases.iter().any(Alias::has_wildcards) {
        return;
    }
    for (index, unless) in actor.unless.iter().enumerate() {
        let inside = words(unless);
        let plain = inside.iter().all(|word| word.is_ascii()) && !unless.contains(['*', '?']);
        let may_hide = aliases.iter().any(|alias| {
            let letters = if alias.text.is_ascii() { 2 } else { 1 };
            let mut pairs = alias
                .words
                .iter()
                .flat_map(|word| inside.iter().map(move |other| (word, other)));
            pairs.any(|(word, other)| begin_alike(word, other, letters))
        });
        if plain && !may_hide {
            let place = Place::Actor(actor.id.clone(), "unless");
            let message =
                format!("no name of this actor stands in `{unless}`, so it hides nothing");
            let help = "`unless` hides names inside a phrase, as \"Bolton Wanderers\" hides \"Bolton\"; the `unless` of a topic rules out articles";
            found.add(
                LintKind::ChangesNothing,
                &place,
                Part::Item(index),
                message,
                help,
            );
        }
    }
}

fn begin_alike(left: &str, right: &str, letters: usize) -> bool {
    let shorter = left.chars().count().min(right.chars().count());
    let letters = letters.min(shorter);
    left.chars().take(letters).eq(right.chars().take(letters))
}
