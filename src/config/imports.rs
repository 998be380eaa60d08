//! Lists of actors that are no watchlist files: tables and files of entities,
//! read line by line.

use super::reading::{Draft, File, Place, Reading};
use crate::watchlist::Actor;
use crate::watchlist::import::{Mistake, ftm, tsv};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

/// The longest line, in bytes; entities with all their relations can be long.
const LINE_BYTES_MAX: u64 = 4 << 20;
/// The most actors of one list.
const ACTORS_MAX: usize = 1_000_000;
/// The most lines of one list whose mistakes are told.
const BAD_LINES_MAX: usize = 100;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Format {
    Table,
    Entities,
}

impl Format {
    /// Told by the name of the file; none is a watchlist in TOML.
    pub(super) fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "tsv" => Some(Self::Table),
            "json" | "jsonl" | "ndjson" | "ijson" => Some(Self::Entities),
            _ => None,
        }
    }
}

/// What a list has given.
#[derive(Debug, Default)]
pub(super) struct Imported {
    /// The number of the file.
    file: usize,
    /// The actors, each with its line, counted from 1.
    pub(super) actors: Vec<(usize, Actor)>,
    /// How many entities of each schema are no actors.
    others: BTreeMap<String, usize>,
    columns: Option<tsv::Columns>,
    bad_lines: usize,
}

/// Reads a list and notes what is wrong with it.
///
/// # Errors
/// When the file cannot be read, in words.
pub(super) fn read(path: &Path, format: Format, reading: &Reading) -> Result<Imported, String> {
    let cannot = |error: io::Error| format!("cannot read {}: {error}", path.display());
    let mut source = BufReader::new(fs::File::open(path).map_err(cannot)?);
    let mut imported = Imported {
        file: reading.add(File {
            path: path.to_owned(),
            text: String::new(),
            world_readable: false,
        }),
        ..Imported::default()
    };
    let (mut bytes, mut number) = (Vec::new(), 0);
    while next_line(&mut source, &mut bytes).map_err(cannot)? {
        number += 1;
        if imported.actors.len() == ACTORS_MAX {
            let message = format!("there are more than {ACTORS_MAX} actors");
            let place = imported.place(number, 0..0, None);
            let draft = Draft::error(&place, "", message);
            reading.note(draft.help("split the list, and watch fewer of them"));
            break;
        }
        if let Err(mistakes) = imported.take(number, &bytes, format) {
            imported.note(number, &bytes, mistakes, reading);
            // Without its columns, nothing of a table can be read.
            if format == Format::Table && imported.columns.is_none() {
                break;
            }
        }
    }
    if format == Format::Table && number == 0 {
        let draft = Draft::error(&Place::File(imported.file), "", "the table is empty");
        reading.note(draft.help("its first line names the columns: id, name, kind, aliases, …"));
    }
    if let Some(untold) = imported.bad_lines.checked_sub(BAD_LINES_MAX + 1) {
        let message = format!("{} more lines are wrong", untold + 1);
        let place = imported.place(number, 0..0, None);
        reading.note(Draft::error(&place, "", message).help("mend the first ones and check again"));
    }
    Ok(imported)
}

/// Reads a line, of one that is too long only the beginning; false at the end.
fn next_line(source: &mut BufReader<fs::File>, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    source.take(LINE_BYTES_MAX + 1).read_until(b'\n', bytes)?;
    if bytes.len() as u64 > LINE_BYTES_MAX && !bytes.ends_with(b"\n") {
        source.skip_until(b'\n')?;
    }
    Ok(!bytes.is_empty())
}

impl Imported {
    fn take(&mut self, number: usize, bytes: &[u8], format: Format) -> Result<(), Vec<Mistake>> {
        let whole = |message: &str, help: &str| {
            vec![Mistake {
                span: 0..0,
                column: None,
                message: message.to_owned(),
                help: Some(help.to_owned()),
            }]
        };
        if bytes.len() as u64 > LINE_BYTES_MAX {
            return Err(whole(
                "the line is longer than 4 MiB",
                "remove it, or shorten it",
            ));
        }
        let line = str::from_utf8(bytes)
            .map_err(|_| whole("the line is not UTF-8", "save the file as UTF-8"))?;
        let line = content(line);
        match (format, &self.columns) {
            (Format::Table, None) => self.columns = Some(tsv::Columns::new(line)?),
            (Format::Table, Some(columns)) => {
                let actor = columns.actor(line)?;
                self.actors.extend(actor.map(|actor| (number, actor)));
            }
            (Format::Entities, _) => match ftm::entity(line).map_err(|mistake| vec![mistake])? {
                ftm::Entity::Actor(actor) => self.actors.push((number, *actor)),
                ftm::Entity::Other(schema) => *self.others.entry(schema).or_default() += 1,
                ftm::Entity::Nothing => {}
            },
        }
        Ok(())
    }

    fn note(&mut self, number: usize, bytes: &[u8], mut mistakes: Vec<Mistake>, reading: &Reading) {
        // What refers to an actor of that line is not to blame.
        reading.unsure();
        self.bad_lines += 1;
        if self.bad_lines > BAD_LINES_MAX {
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        let text: Rc<str> = content(&text).into();
        mistakes.sort_by_key(|mistake| mistake.span.start);
        for mistake in mistakes {
            let place = self.place(number, mistake.span, Some(Rc::clone(&text)));
            let draft = Draft::error(&place, mistake.column.unwrap_or_default(), mistake.message);
            reading.note(draft.maybe_help(mistake.help));
        }
    }

    fn place(&self, number: usize, span: std::ops::Range<usize>, text: Option<Rc<str>>) -> Place {
        Place::Line(self.file, number, span, text)
    }

    /// The place of the actor of a line.
    pub(super) fn place_of(&self, number: usize) -> Place {
        self.place(number, 0..0, None)
    }

    /// What came of the list, for a person; nothing if all of it are actors.
    pub(super) fn summary(&self, reading: &Reading) -> Option<String> {
        /// More schemata than this are not told one by one.
        const TOLD_MAX: usize = 8;
        let others: usize = self.others.values().sum();
        let file = reading.file(self.file).filter(|_| others > 0)?;
        let mut told: Vec<String> = self
            .others
            .iter()
            .take(TOLD_MAX)
            .map(|(schema, count)| format!("{count} {schema}"))
            .collect();
        if self.others.len() > TOLD_MAX {
            told.push("…".to_owned());
        }
        Some(format!(
            "{}: {} actors; skipped {others} entities that are none: {}",
            file.path.display(),
            self.actors.len(),
            told.join(", ")
        ))
    }
}

/// A line without its end and without the mark that some programs begin files with.
fn content(line: &str) -> &str {
    let line = line.trim_end_matches(['\r', '\n']);
    line.strip_prefix('\u{feff}').unwrap_or(line)
}
