//! Actors as entities of the FollowTheMoney data model, one JSON object a line:
//! the form in which OpenSanctions publishes lists of sanctions and of people in
//! public office.
//!
//! The id is the publisher's, so that it stays when a name changes. A name that
//! the publisher calls weak stays weak, and so does a single word as the name of
//! a person, since those lists have many a "Ali". Nor does a surname count
//! alone: among a hundred thousand persons, somebody is called like anybody.

use super::{Mistake, id_of};
use crate::watchlist::{Actor, ActorKind};
use serde::Deserialize;

/// The schemata that are actors; further ones of the model are things, places
/// and relations.
const SCHEMATA: [(&str, ActorKind); 6] = [
    ("Person", ActorKind::Person),
    ("Organization", ActorKind::Organisation),
    ("Company", ActorKind::Organisation),
    ("LegalEntity", ActorKind::Organisation),
    ("PublicBody", ActorKind::Organisation),
    ("Country", ActorKind::Country),
];

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub enum Entity {
    /// An actor.
    Actor(Box<Actor>),
    /// Something of this schema, which is no actor or has no name.
    Other(String),
    /// Nothing: an empty line.
    Nothing,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Raw {
    id: String,
    schema: String,
    #[serde(default)]
    caption: String,
    #[serde(default)]
    properties: Properties,
}

/// The properties that are of use; what else there is, is passed over.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Properties {
    name: Vec<String>,
    alias: Vec<String>,
    previous_name: Vec<String>,
    weak_alias: Vec<String>,
    abbreviation: Vec<String>,
    first_name: Vec<String>,
    last_name: Vec<String>,
    title: Vec<String>,
    position: Vec<String>,
}

/// Reads a line.
///
/// # Errors
/// When it is not JSON, or no entity.
pub fn entity(line: &str) -> Result<Entity, Mistake> {
    if line.trim().is_empty() {
        return Ok(Entity::Nothing);
    }
    let raw: Raw = serde_json::from_str(line).map_err(|error| not_an_entity(line, &error))?;
    let schema = SCHEMATA.iter().find(|(name, _)| *name == raw.schema);
    let Some((_, kind)) = schema else {
        return Ok(Entity::Other(raw.schema));
    };
    let Some(name) = display_name(&raw) else {
        return Ok(Entity::Other(format!("{} without a name", raw.schema)));
    };
    let id = id_of(&raw.id).map_err(|error| Mistake::new(0..line.len(), error.to_string()))?;
    let mut actor = Actor::new(id, name.clone(), *kind);
    fill(&mut actor, raw.properties);
    Ok(Entity::Actor(Box::new(actor)))
}

fn not_an_entity(line: &str, error: &serde_json::Error) -> Mistake {
    let text = error.to_string();
    let message = text.split(" at line ").next().unwrap_or_default();
    // serde_json counts bytes, from 1.
    let at = line.floor_char_boundary(error.column().saturating_sub(1));
    let end = line.ceil_char_boundary(line.len().min(at + 1));
    Mistake::new(at..end, format!("this is no entity: {message}")).help(
        "each line is one JSON object of the FollowTheMoney model: {\"id\": …, \"schema\": \"Person\", \"properties\": {\"name\": [\"…\"]}}",
    )
}

/// What the publisher shows it as, if that is one of its names.
fn display_name(raw: &Raw) -> Option<&String> {
    let names = &raw.properties.name;
    let shown = names.iter().find(|name| **name == raw.caption);
    shown
        .or_else(|| names.first())
        .filter(|name| !name.trim().is_empty())
}

fn fill(actor: &mut Actor, properties: Properties) {
    let person = actor.kind == ActorKind::Person;
    // Some lists have the surname first; both together say which it is.
    let in_order = match (&*properties.first_name, &*properties.last_name) {
        ([first], [last]) if person => Some(format!("{first} {last}")),
        _ => None,
    };
    let names = [properties.name, properties.alias, properties.previous_name];
    let ordered = in_order.is_some();
    for name in in_order.into_iter().chain(names.into_iter().flatten()) {
        // "BOLTON, John" is for card indexes; no article says it.
        if ordered && name.contains(',') {
            continue;
        }
        if person && !name.trim().contains([' ', '-', '·', '・', '\u{a0}']) && name.is_ascii() {
            add(&mut actor.weak, &name, &actor.name);
        } else {
            add(&mut actor.aliases, &name, &actor.name);
        }
    }
    for (texts, to) in [
        (properties.weak_alias, &mut actor.weak),
        (properties.abbreviation, &mut actor.acronyms),
        (properties.title, &mut actor.titles),
        (properties.position, &mut actor.context),
    ] {
        for text in texts {
            add(to, &text, &actor.name);
        }
    }
    actor.surname = false;
}

/// Adds a text that says something and is not there yet.
fn add(texts: &mut Vec<String>, text: &str, name: &str) {
    let text = text.trim();
    if !text.is_empty() && text != name && !texts.iter().any(|known| known == text) {
        texts.push(text.to_owned());
    }
}
