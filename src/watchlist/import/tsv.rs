//! Actors as a table: one a line, with the keys of the watchlist as columns.
//!
//! Fields stand between tabs, which no field can contain (RFC 4180 is for commas;
//! this is `text/tab-separated-values` as IANA registers it). A spreadsheet puts a
//! field with a quotation mark between quotation marks and doubles each; that is
//! undone. A list is parted by `|`, which is in no name, as `,` and `;` are.

use super::{Mistake, id_of};
use crate::text::suggest;
use crate::watchlist::{Actor, ActorId, ActorKind};
use std::borrow::Cow;
use std::ops::Range;

/// Parts the texts of a list within one field.
const SEPARATOR: char = '|';

/// What a column is about.
#[derive(Debug, Clone, Copy)]
enum Column {
    Id,
    Name,
    Kind,
    Texts(fn(&mut Actor) -> &mut Vec<String>),
    MemberOf,
    Flag(fn(&mut Actor) -> &mut bool),
}

/// Every column that there may be, as a header calls it.
const COLUMNS: [(&str, Column); 14] = [
    ("id", Column::Id),
    ("name", Column::Name),
    ("kind", Column::Kind),
    ("aliases", Column::Texts(|actor| &mut actor.aliases)),
    ("weak", Column::Texts(|actor| &mut actor.weak)),
    ("titles", Column::Texts(|actor| &mut actor.titles)),
    ("acronyms", Column::Texts(|actor| &mut actor.acronyms)),
    ("metonyms", Column::Texts(|actor| &mut actor.metonyms)),
    ("demonyms", Column::Texts(|actor| &mut actor.demonyms)),
    ("context", Column::Texts(|actor| &mut actor.context)),
    ("unless", Column::Texts(|actor| &mut actor.unless)),
    ("member_of", Column::MemberOf),
    ("surname", Column::Flag(|actor| &mut actor.surname)),
    ("alert", Column::Flag(|actor| &mut actor.alert)),
];

/// The columns of a table, as its first line names them.
#[derive(Debug, Clone)]
pub struct Columns(Vec<(&'static str, Column)>);

/// A field of a line.
struct Field<'a> {
    span: Range<usize>,
    text: Cow<'a, str>,
}

impl Columns {
    /// Reads the first line of a table.
    ///
    /// # Errors
    /// Every column that is unknown or named twice, and those that are missing.
    pub fn new(header: &str) -> Result<Self, Vec<Mistake>> {
        let mut columns: Vec<(&str, Column)> = Vec::new();
        let mut mistakes = Vec::new();
        for field in fields(header) {
            let name: &str = &field.text;
            let Some(column) = COLUMNS.iter().find(|(known, _)| *known == name) else {
                let help = suggest::help(name, COLUMNS.map(|(known, _)| known));
                mistakes.push(Mistake {
                    help,
                    ..Mistake::new(field.span, format!("unknown column `{name}`"))
                });
                continue;
            };
            if columns.iter().any(|(known, _)| *known == name) {
                let message = format!("the column `{name}` is given twice");
                mistakes.push(Mistake::new(field.span, message).help("remove one of the two"));
            }
            columns.push(*column);
        }
        // With an unknown column, it may be that one.
        for needed in ["name", "kind"].iter().filter(|_| mistakes.is_empty()) {
            if !columns.iter().any(|(name, _)| name == needed) {
                let message = format!("there is no column `{needed}`");
                let help = "the first line names the columns, with tabs between them: id, name, kind, aliases, …";
                return Err(vec![Mistake::new(0..header.len(), message).help(help)]);
            }
        }
        if mistakes.is_empty() {
            Ok(Self(columns))
        } else {
            Err(mistakes)
        }
    }

    /// Reads a further line; none if it is empty or, with `#` at its
    /// beginning, a comment.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn actor(&self, line: &str) -> Result<Option<Actor>, Vec<Mistake>> {
        if line.trim().is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let row = Row {
            columns: self,
            fields: fields(line).collect(),
        };
        let mut mistakes = Vec::new();
        mistakes.extend(row.surplus());
        let name = row.name();
        let kind = row.kind();
        let id = row.id();
        let (Ok(name), Ok(kind), Ok(id)) = (&name, &kind, &id) else {
            mistakes.extend([name.err(), kind.err(), id.err()].into_iter().flatten());
            return Err(mistakes);
        };
        let mut actor = Actor::new(id.clone(), *name, *kind);
        row.fill(&mut actor, &mut mistakes);
        if mistakes.is_empty() {
            Ok(Some(actor))
        } else {
            Err(mistakes)
        }
    }
}

/// A line, by its columns.
struct Row<'a> {
    columns: &'a Columns,
    fields: Vec<Field<'a>>,
}

impl Row<'_> {
    /// The field of a column, if it says anything.
    fn filled(&self, wanted: &str) -> Option<&Field<'_>> {
        let columns = self.columns.0.iter().zip(&self.fields);
        let mut found = columns.filter(|((name, _), _)| *name == wanted);
        let (_, field) = found.next()?;
        (!field.text.is_empty()).then_some(field)
    }

    /// Where something would be that is not there.
    fn place(&self, wanted: &str) -> Range<usize> {
        let at = self.columns.0.iter().position(|(name, _)| *name == wanted);
        let field = at.and_then(|at| self.fields.get(at)).or(self.fields.last());
        let end = self.fields.last().map_or(0, |field| field.span.end);
        // Nothing has no width; the tab behind it can be pointed at.
        field.map_or(0..0, |field| {
            field.span.start..field.span.end.max(end.min(field.span.start + 1))
        })
    }

    fn surplus(&self) -> Option<Mistake> {
        let columns = self.columns.0.len();
        let first = self.fields.get(columns)?;
        let message = format!(
            "there are {} fields, but only {columns} columns",
            self.fields.len()
        );
        let help = "fields stand between tabs, and texts of a list between `|`";
        Some(Mistake::new(first.span.clone(), message).help(help))
    }

    fn name(&self) -> Result<&str, Mistake> {
        self.filled("name")
            .map(|field| &*field.text)
            .ok_or_else(|| {
                Mistake::new(self.place("name"), "`name` is missing")
                    .of("name")
                    .help("every actor has a name, such as: John Bolton")
            })
    }

    fn kind(&self) -> Result<ActorKind, Mistake> {
        let words = ActorKind::WORDS.map(|(word, _)| word);
        let Some(field) = self.filled("kind") else {
            let help = format!("write one of: {}", words.join(", "));
            let missing = Mistake::new(self.place("kind"), "`kind` is missing");
            return Err(missing.of("kind").help(help));
        };
        let known = ActorKind::WORDS
            .iter()
            .find(|(word, _)| *word == field.text);
        known.map(|(_, kind)| *kind).ok_or_else(|| Mistake {
            help: suggest::help(&field.text, words),
            ..Mistake::new(
                field.span.clone(),
                format!("`{}` is not possible here", field.text),
            )
            .of("kind")
        })
    }

    /// The id that is written, else one made of the name.
    fn id(&self) -> Result<ActorId, Mistake> {
        if let Some(field) = self.filled("id") {
            return id(field.span.clone(), &field.text, "id");
        }
        let name = self.filled("name").map_or("", |field| &field.text);
        id_of(name).map_err(|error| Mistake::new(self.place("name"), error.to_string()).of("name"))
    }

    fn fill(&self, actor: &mut Actor, mistakes: &mut Vec<Mistake>) {
        for ((name, column), field) in self.columns.0.iter().zip(&self.fields) {
            if field.text.is_empty() {
                continue;
            }
            match column {
                Column::Id | Column::Name | Column::Kind => {}
                Column::Texts(of) => *of(actor) = texts(&field.text).map(str::to_owned).collect(),
                Column::MemberOf => {
                    for text in texts(&field.text) {
                        match id(field.span.clone(), text, name) {
                            Ok(id) => actor.member_of.push(id),
                            Err(mistake) => mistakes.push(mistake),
                        }
                    }
                }
                Column::Flag(of) => match &*field.text {
                    "true" | "TRUE" | "True" => *of(actor) = true,
                    "false" | "FALSE" | "False" => *of(actor) = false,
                    text => mistakes.push(
                        Mistake::new(field.span.clone(), format!("`{text}` is not true or false"))
                            .of(name)
                            .help("write true or false, or leave it empty"),
                    ),
                },
            }
        }
    }
}

fn id(span: Range<usize>, text: &str, column: &'static str) -> Result<ActorId, Mistake> {
    ActorId::new(text).map_err(|error| {
        let better = id_of(text).map(|id| format!("did you mean `{id}`?")).ok();
        Mistake {
            help: better,
            ..Mistake::new(span, error.to_string()).of(column)
        }
    })
}

/// The texts of a list that say something.
fn texts(field: &str) -> impl Iterator<Item = &str> {
    let texts = field.split(SEPARATOR).map(str::trim);
    texts.filter(|text| !text.is_empty())
}

/// The fields of a line, without the space around them.
fn fields(line: &str) -> impl Iterator<Item = Field<'_>> {
    let mut start = 0;
    line.split('\t').map(move |whole| {
        let text = whole.trim();
        let from = start + (whole.len() - whole.trim_start().len());
        start += whole.len() + 1;
        Field {
            span: from..from + text.len(),
            text: unquoted(text),
        }
    })
}

fn unquoted(text: &str) -> Cow<'_, str> {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(inner) if inner.contains("\"\"") => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner.trim()),
        None => Cow::Borrowed(text),
    }
}
