//! Watchlist files: which there are, and what is in them.

use super::imports::{Format, Imported};
use super::item::{Item, Table};
use super::problem::Lint;
use super::reading::{Draft, Place, Reading};
use super::tree::{Entry, Value};
use super::{feeds, imports, lint, load, packs};
use crate::policy::route::Route;
use crate::text::suggest;
use crate::watchlist::query::{self, Query, Word, WordForm};
use crate::watchlist::{
    Actor, ActorId, ActorKind, Flaw, Part, Place as FlawPlace, Role, Salience, Severity, Topic,
    TopicId, TopicTest, Watchlist,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The most watchlist files.
const FILES_MAX: usize = 1000;

/// The most warnings of one kind about a watchlist: who imports a thousand names
/// learns from the first what to do.
const ALIKE_MAX: usize = 20;

const SALIENCES: [(&str, Salience); 3] = [
    ("any", Salience::Body),
    ("lead", Salience::Lead),
    ("title", Salience::Title),
];

/// What the watchlists that are named give.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// The watchlists of the user.
    own: Vec<(Place, Vec<Entry>)>,
    /// The watchlists that come with the program.
    packs: Vec<(Place, Vec<Entry>)>,
    /// Actors from lists of other kinds.
    imported: Vec<Imported>,
    /// How many there are of all.
    files: usize,
}

/// Opens every file and pack that the key `watchlists` names, once, in order.
pub(super) fn open(item: &Item<'_>) -> Opened {
    let mut opened = Opened::default();
    for (item, pattern) in item.texts() {
        let paths = if packs::is_meant(pattern) {
            vec![PathBuf::from(pattern)]
        } else {
            paths(&item, pattern)
        };
        for path in paths {
            if item.reading.is_open(&path) {
                continue;
            }
            if opened.files == FILES_MAX {
                item.fail::<()>(
                    "there are too many watchlists",
                    &format!("at most {FILES_MAX} are read"),
                );
                return opened;
            }
            opened.files += 1;
            opened.add(&item, &path, pattern);
        }
    }
    opened
}

impl Opened {
    fn add(&mut self, item: &Item<'_>, path: &Path, pattern: &str) {
        let reading = item.reading;
        let tree = |file| {
            let index = reading.add(file);
            (Place::File(index), load::parse(index, reading))
        };
        if packs::is_meant(pattern) {
            if let Some(pack) = packs::open(pattern) {
                self.packs.push(tree(pack));
            } else {
                reading.unsure();
                let draft = item.error(format!("there is no `{pattern}`"));
                reading.note(draft.maybe_help(suggest::help(pattern, packs::names())));
            }
            return;
        }
        let result = match Format::of(path) {
            Some(format) => {
                imports::read(path, format, reading).map(|imported| self.imported.push(imported))
            }
            None => load::read_file(path).map(|file| self.own.push(tree(file))),
        };
        if let Err(message) = result {
            reading.unsure();
            reading.note(
                item.error(message)
                    .help("create it, or remove it from the list"),
            );
        }
    }
}

/// The files that a pattern stands for, sorted; a plain name is taken as it is.
pub(super) fn paths(item: &Item<'_>, pattern: &str) -> Vec<PathBuf> {
    let folder = item
        .reading
        .file_of(item.place())
        .map_or_else(PathBuf::new, |file| file.resolve(""));
    if !pattern.contains(['*', '?', '[']) {
        return vec![folder.join(pattern)];
    }
    let folder = glob::Pattern::escape(&folder.to_string_lossy());
    let full = Path::new(&folder).join(pattern);
    match glob::glob(&full.to_string_lossy()) {
        Ok(found) => found
            .filter_map(|path| match path {
                Ok(path) => path.is_file().then_some(path),
                Err(error) => item.fail(error.to_string(), "see to its permissions"),
            })
            .collect(),
        Err(error) => {
            let message = format!("`{pattern}` is not a pattern: {}", error.msg);
            item.fail::<()>(message, "`*` stands for any text within a name");
            Vec::new()
        }
    }
}

/// A watchlist with the place of each actor and topic.
#[derive(Debug, Default)]
pub(super) struct Placed<'a> {
    pub(super) watchlist: Watchlist,
    actors: HashMap<ActorId, Written<'a>>,
    topics: HashMap<TopicId, Written<'a>>,
    /// The places of the tests of each topic.
    pub(super) tests: HashMap<TopicId, Vec<(Place, String)>>,
    /// What was passed over in lists of other kinds, in words.
    pub(super) skipped: Vec<String>,
}

/// Where an actor or a topic is written.
#[derive(Debug)]
struct Written<'a> {
    place: Place,
    /// Its table, if it has one.
    table: Option<Item<'a>>,
    /// Whether somebody else wrote it, whom no warning reaches: a pack, or a list
    /// that was taken from elsewhere.
    foreign: bool,
}

/// Reads all that is open into one watchlist.
pub(super) fn read<'a>(opened: &'a mut Opened, reading: &'a Reading) -> Placed<'a> {
    let mut placed = Placed::default();
    let imported = std::mem::take(&mut opened.imported);
    let opened = &*opened;
    for (place, entries) in &opened.own {
        placed.add_file(place, entries, reading, Placed::add_actor);
    }
    for list in imported {
        placed.add_list(list, reading);
    }
    for (place, entries) in &opened.packs {
        placed.add_file(place, entries, reading, Placed::add_actor_of_pack);
    }
    for flaw in placed.watchlist.flaws() {
        placed.note(&flaw, reading);
    }
    placed
}

impl<'a> Placed<'a> {
    fn add_file(
        &mut self,
        place: &'a Place,
        entries: &'a [Entry],
        reading: &'a Reading,
        add_actor: fn(&mut Self, &str, &'a Place, Item<'a>),
    ) {
        let root = Table::root(entries, place, reading);
        for (name, place, item) in root.section("actor").named() {
            add_actor(self, name, place, item);
        }
        for (name, place, item) in root.section("topic").named() {
            self.add_topic(name, place, item);
        }
        root.finish();
    }

    fn add_actor(&mut self, name: &str, place: &'a Place, item: Item<'a>) {
        let Some(table) = item.table() else {
            return item.reading.unsure();
        };
        let Some(id) = item.name(name, place, ActorId::new) else {
            return item.reading.unsure();
        };
        if let Some(first) = self.actors.get(&id) {
            return twice(place, &first.place, item.reading, &item.path, name);
        }
        self.watchlist.actors.push(actor(&id, &table));
        self.actors.insert(id, Written::new(place, item));
    }

    /// Adds an actor unless the user has one of this id.
    fn add_actor_of_pack(&mut self, name: &str, place: &'a Place, item: Item<'a>) {
        let taken = ActorId::new(name).is_ok_and(|id| self.actors.contains_key(&id));
        if !taken {
            self.add_actor(name, place, item);
            let written = ActorId::new(name).ok();
            if let Some(actor) = written.and_then(|id| self.actors.get_mut(&id)) {
                actor.foreign = true;
            }
        }
    }

    fn add_list(&mut self, mut list: Imported, reading: &Reading) {
        self.skipped.extend(list.summary(reading));
        for (line, actor) in std::mem::take(&mut list.actors) {
            let place = list.place_of(line);
            if let Some(first) = self.actors.get(&actor.id) {
                twice(&place, &first.place, reading, "", actor.id.as_str());
                continue;
            }
            let written = Written {
                place,
                table: None,
                foreign: true,
            };
            self.actors.insert(actor.id.clone(), written);
            self.watchlist.actors.push(actor);
        }
    }

    fn add_topic(&mut self, name: &str, place: &'a Place, item: Item<'a>) {
        let Some(table) = item.table() else {
            return item.reading.unsure();
        };
        let Some(id) = item.name(name, place, TopicId::new) else {
            return item.reading.unsure();
        };
        if let Some(first) = self.topics.get(&id) {
            return twice(place, &first.place, item.reading, &item.path, name);
        }
        let (topic, places) = topic(&id, &table);
        self.watchlist.topics.push(topic);
        self.tests.insert(id.clone(), places);
        self.topics.insert(id, Written::new(place, item));
    }

    /// Notes what is wrong with the watchlist as a whole, at the key that it is about.
    fn note(&self, flaw: &Flaw, reading: &Reading) {
        let Some((path, value, table)) = self.find(&flaw.place) else {
            return;
        };
        let place = value.map_or(table, |value| part_of(&value, flaw.text.as_deref()));
        let (FlawPlace::Actor(_, key) | FlawPlace::Topic(_, key)) = &flaw.place;
        let help = self.pack_help(flaw, key, reading).or(flaw.help.clone());
        let draft = Draft::error(&place, &path, flaw.message.clone())
            .maybe_help(help)
            .doubtful();
        reading.note(draft);
    }

    /// Notes what is sound but can hardly be meant, and who is told to nobody.
    pub(super) fn lint(&self, routes: &[Route], reading: &Reading) {
        let mut shown: BTreeMap<Lint, usize> = BTreeMap::new();
        let lints = self.watchlist.lints().into_iter().map(|lint| {
            let kind = Lint::Watchlist(lint.kind);
            (kind, lint.place, lint.part, lint.message, lint.help)
        });
        let unrouted = lint::unrouted_names(&self.watchlist, routes);
        let unrouted = unrouted
            .into_iter()
            .map(|(place, message, help)| (Lint::Unrouted, place, Part::Whole, message, help));
        let own = lints
            .chain(unrouted)
            .filter(|(_, place, ..)| !self.is_foreign(place));
        for (kind, place, part, message, help) in own {
            let count = shown.entry(kind).or_default();
            *count += 1;
            if *count > ALIKE_MAX {
                continue;
            }
            let Some((path, value, table)) = self.find(&place) else {
                continue;
            };
            let place = value.map_or(table, |value| place_of(&value, part));
            let draft = Draft::warning(kind, &place, &path, message);
            reading.note(draft.help(help));
        }
        for (kind, count) in shown {
            if let Some(more) = count.checked_sub(ALIKE_MAX).filter(|more| *more > 0) {
                let message = format!("{more} more like the {ALIKE_MAX} shown");
                let draft = Draft::warning(kind, &Place::Default, "", message);
                reading.note(draft.help("mend those, and see the others"));
            }
        }
    }

    fn is_foreign(&self, place: &FlawPlace) -> bool {
        match place {
            FlawPlace::Actor(id, _) => self.actors.get(id),
            FlawPlace::Topic(id, _) => self.topics.get(id),
        }
        .is_some_and(|written| written.foreign)
    }

    /// The path and the value of a key, with the place of its table.
    fn find(&self, place: &FlawPlace) -> Option<(String, Option<Item<'a>>, Place)> {
        let (found, key) = match place {
            FlawPlace::Actor(id, key) => (self.actors.get(id), key),
            FlawPlace::Topic(id, key) => (self.topics.get(id), key),
        };
        let Written { place, table, .. } = found?;
        let Some(item) = table else {
            return Some(((*key).to_owned(), None, place.clone()));
        };
        let entry = match &item.node.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == *key),
            _ => None,
        };
        let value = entry.map(|entry| Item {
            node: &entry.node,
            path: format!("{}.{key}", item.path),
            reading: item.reading,
        });
        let path = value.as_ref().map_or(&item.path, |value| &value.path);
        Some((path.clone(), value, place.clone()))
    }

    /// What to do about an actor that is not there, if a pack has it.
    fn pack_help(&self, flaw: &Flaw, key: &str, reading: &Reading) -> Option<String> {
        let text = flaw.text.as_deref()?;
        let id = match key {
            "member_of" => text,
            _ => text.strip_prefix('@')?,
        };
        let missing = ActorId::new(id).is_ok_and(|id| !self.actors.contains_key(&id));
        let pack = packs::with_actor(id).filter(|_| missing)?;
        (!reading.is_open(Path::new(pack))).then(|| {
            format!(
                "add \"{pack}\" to `watchlists`, which has it, or define it with `[actor.{id}]`"
            )
        })
    }
}

impl<'a> Written<'a> {
    fn new(place: &Place, table: Item<'a>) -> Self {
        Self {
            place: place.clone(),
            table: Some(table),
            foreign: false,
        }
    }
}

/// The place of a part of a value that a lint is about.
fn place_of(item: &Item<'_>, part: Part) -> Place {
    let exact = match (part, &item.node.value) {
        (Part::Item(index), Value::List(nodes)) => nodes.get(index).map(|node| node.place.clone()),
        (Part::Clause(number), Value::Text(text)) => query::clause_spans(text)
            .ok()
            .and_then(|spans| Some(within(item, text, spans.get(number)?))),
        _ => None,
    };
    exact.unwrap_or_else(|| item.place().clone())
}

/// Where a name stands in a text, and not just the beginning of a longer one.
fn find_whole(text: &str, name: &str) -> Option<usize> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let ends = |(at, found): &(usize, &str)| {
        let after = text.get(at + found.len()..).unwrap_or_default();
        !after.starts_with(of_name)
    };
    text.match_indices(name).find(ends).map(|(at, _)| at)
}

/// The place of a part of a text, or of one text of a list, as it is written.
fn part_of(item: &Item<'_>, part: Option<&str>) -> Place {
    let Some(part) = part else {
        return item.place().clone();
    };
    match &item.node.value {
        Value::Text(text) => find_whole(text, part).map_or_else(
            || item.place().clone(),
            |start| within(item, text, &(start..start + part.len())),
        ),
        Value::List(nodes) => nodes
            .iter()
            .find(|node| matches!(&node.value, Value::Text(text) if text == part))
            .map_or_else(|| item.place().clone(), |node| node.place.clone()),
        _ => item.place().clone(),
    }
}

fn twice(place: &Place, first: &Place, reading: &Reading, path: &str, name: &str) {
    let first = reading.describe(first);
    let draft = Draft::error(place, path, format!("`{name}` is given twice"))
        .help(format!("the first is at {first}"));
    reading.note(draft);
}

/// Reads an actor. What is wrong is noted, and stands in for itself as best it
/// can, so that whoever refers to the actor still finds it.
fn actor(id: &ActorId, table: &Table<'_>) -> Actor {
    let name = table
        .need("name", "\"John Bolton\"")
        .and_then(|item| item.filled());
    let kind = table
        .need("kind", "\"person\"")
        .and_then(|item| item.word(&ActorKind::WORDS))
        .unwrap_or(ActorKind::Person);
    let surname = table.get("surname").map(|item| item.boolean());
    let alert = table.get("alert").map(|item| item.boolean());
    let members = table.get("member_of").map(|item| item.texts());
    let member_of = members
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(item, text)| item.name(text, item.place(), ActorId::new))
        .collect();
    let actor = Actor {
        id: id.clone(),
        name: name.unwrap_or(id.as_str()).to_owned(),
        kind,
        aliases: table.texts("aliases"),
        weak: table.texts("weak"),
        titles: table.texts("titles"),
        roles: roles(table),
        acronyms: table.texts("acronyms"),
        metonyms: table.texts("metonyms"),
        demonyms: table.texts("demonyms"),
        context: table.texts("context"),
        unless: table.texts("unless"),
        // Only persons have one.
        surname: surname.flatten().unwrap_or(kind == ActorKind::Person),
        member_of,
        alert: alert.flatten().unwrap_or(true),
    };
    table.finish();
    actor
}

/// The roles that are sound; what is wrong with others is noted.
fn roles(table: &Table<'_>) -> Vec<Role> {
    let items = table.get("roles").and_then(|item| item.list());
    items.unwrap_or_default().iter().filter_map(role).collect()
}

fn role(item: &Item<'_>) -> Option<Role> {
    let table = item.table()?;
    let title = table
        .need("title", "\"undersecretary\"")
        .and_then(|item| item.filled());
    let from = table.get("from").map(|item| date(&item));
    let to = table.get("to").map(|item| date(&item));
    table.finish();
    let title = title?;
    // A date that cannot be read is not one that was left out.
    let (from, to) = match (from, to) {
        (Some(None), _) | (_, Some(None)) => return None,
        (from, to) => (from.flatten(), to.flatten()),
    };
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        let message = format!("the role ends on {to}, before it begins on {from}");
        return item.fail(message, "exchange `from` and `to`");
    }
    Some(Role {
        title: title.to_owned(),
        from,
        to,
    })
}

fn date(item: &Item<'_>) -> Option<Date> {
    let text = item.filled()?;
    text.parse().map_or_else(
        |_| {
            let message = format!("`{text}` is no date");
            item.fail(message, "write year, month and day: \"2001-05-11\"")
        },
        Some,
    )
}

fn topic(id: &TopicId, table: &Table<'_>) -> (Topic, Vec<(Place, String)>) {
    let name = table.get("name").and_then(|item| item.filled());
    let query = table
        .need("query", "'\"non-aggression pact\"'")
        .and_then(|item| read_query(&item));
    let severity = table.get("severity");
    let salience = table.get("salience");
    let threshold = table.get("threshold").and_then(|item| threshold(&item));
    let unless = table.get("unless").and_then(|item| read_query(&item));
    let tags = feeds::tags(table);
    let tests = table.get("tests").and_then(|item| item.list());
    table.finish();
    let (tests, places) = tests
        .unwrap_or_default()
        .iter()
        .filter_map(|item| {
            let place = (item.place().clone(), item.path.clone());
            Some((test(item)?, place))
        })
        .unzip();
    let topic = Topic {
        id: id.clone(),
        name: name.unwrap_or(id.as_str()).to_owned(),
        query: query.unwrap_or_else(|| stand_in(id)),
        severity: severity
            .and_then(|item| item.word(&Severity::WORDS))
            .unwrap_or_default(),
        salience: salience
            .and_then(|item| item.word(&SALIENCES))
            .unwrap_or_default(),
        threshold: threshold.unwrap_or_default(),
        unless,
        tags,
        tests,
    };
    (topic, places)
}

/// Stands in for a query that cannot be read, so that the topic still exists
/// for whatever refers to it.
fn stand_in(id: &TopicId) -> Query {
    Query::Word(Word {
        text: id.as_str().to_owned(),
        form: WordForm::Folded,
    })
}

fn threshold(item: &Item<'_>) -> Option<f64> {
    let number = item.number()?;
    if number < 0.0 {
        return item.fail(
            "a score is never less than 0",
            "write 0.0, or remove the key",
        );
    }
    Some(number)
}

fn test(item: &Item<'_>) -> Option<TopicTest> {
    let table = item.table()?;
    let text = table
        .need("text", "\"Pyongyang repeats its demand.\"")
        .and_then(|item| item.filled());
    let expect = table.need("expect", "true").and_then(|item| item.boolean());
    table.finish();
    Some(TopicTest {
        text: text?.to_owned(),
        expect: expect?,
    })
}

fn read_query(item: &Item<'_>) -> Option<Query> {
    let text = item.filled()?;
    match query::parse(text) {
        Ok(query) => Some(query),
        Err(error) => {
            let place = within(item, text, &error.span);
            let draft = Draft::error(&place, &item.path, error.message).maybe_help(error.help);
            item.reading.note(draft);
            None
        }
    }
}

/// The place of a part of a text in its file.
///
/// It is exact as long as the file has the text as it is up to there; after an
/// escape sequence it is the place of the whole value.
pub(super) fn within(item: &Item<'_>, text: &str, span: &Range<usize>) -> Place {
    let exact = || {
        let Place::Span(file, whole) = item.place() else {
            return None;
        };
        let source = item.reading.file(*file)?;
        let literal = source.text.get(whole.clone())?;
        let open = opening(literal);
        let until = span.end.min(text.len());
        (literal.get(open..)?.get(..until)? == text.get(..until)?).then(|| {
            Place::Span(
                *file,
                whole.start + open + span.start..whole.start + open + until,
            )
        })
    };
    exact().unwrap_or_else(|| item.place().clone())
}

/// How many bytes a TOML string has before its text: the quotes and, after
/// three of them, a newline.
fn opening(literal: &str) -> usize {
    for quotes in ["'''", "\"\"\""] {
        if let Some(rest) = literal.strip_prefix(quotes) {
            let newline = ["\r\n", "\n"].into_iter().find(|end| rest.starts_with(end));
            return quotes.len() + newline.map_or(0, str::len);
        }
    }
    1
}
