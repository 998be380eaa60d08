//! One reading of the configuration: the files that are open, and every mistake
//! found so far.
//!
//! Mistakes are noted as drafts with a place and become [`Problem`]s at the end,
//! when it is known which parts of which lines are secret and must not be shown.

use super::environment::Environment;
use super::excerpt::{Excerpt, position};
use super::problem::{Level, Lint, Problem};
use super::tree::{Node, Value};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Where something was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Bytes of a file.
    Span(usize, Range<usize>),
    /// Bytes of a line, counted from 1, of a file that is not kept; with the
    /// line, if it is to be shown.
    Line(usize, usize, Range<usize>, Option<Rc<str>>),
    /// A file as a whole.
    File(usize),
    /// A variable of the environment.
    Variable(Rc<str>),
    /// Nowhere: a default.
    Default,
}

/// A file of the configuration.
pub(super) struct File {
    /// Its path as the user gave it.
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) text: String,
    /// Whether anybody on the machine may read it.
    pub(super) world_readable: bool,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The text may hold secrets.
        f.debug_tuple("File").field(&self.path).finish()
    }
}

impl File {
    /// A path that this file names, relative to the folder of the file.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.path
            .parent()
            .unwrap_or_else(|| Path::new(""))
            .join(path)
    }
}

/// A mistake, before its line is looked up.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    lint: Option<Lint>,
    place: Place,
    key: String,
    message: String,
    help: Option<String>,
    doubtful: bool,
    shown: bool,
}

impl Draft {
    pub(super) fn error(place: &Place, key: &str, message: impl Into<String>) -> Self {
        Self {
            lint: None,
            place: place.clone(),
            key: key.to_owned(),
            message: message.into(),
            help: None,
            doubtful: false,
            shown: true,
        }
    }

    pub(super) fn warning(
        lint: Lint,
        place: &Place,
        key: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            lint: Some(lint),
            ..Self::error(place, key, message)
        }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        self.maybe_help(Some(help.into()))
    }

    pub(super) fn maybe_help(self, help: Option<String>) -> Self {
        Self { help, ..self }
    }

    /// It may be no more than a consequence of something that could not be read.
    pub(super) fn doubtful(self) -> Self {
        Self {
            doubtful: true,
            ..self
        }
    }

    /// Its line is not to be shown.
    pub(super) fn without_line(self) -> Self {
        Self {
            shown: false,
            ..self
        }
    }
}

/// What is open and what was found.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) environment: Environment,
    files: RefCell<Vec<Rc<File>>>,
    drafts: RefCell<Vec<Draft>>,
    secrets: RefCell<Vec<(usize, Range<usize>)>>,
    uncertain: Cell<bool>,
    headless: RefCell<Vec<usize>>,
}

impl Reading {
    pub(super) fn new(environment: &Environment) -> Self {
        Self {
            environment: environment.clone(),
            files: RefCell::default(),
            drafts: RefCell::default(),
            secrets: RefCell::default(),
            uncertain: Cell::new(false),
            headless: RefCell::default(),
        }
    }

    /// Adds a file and gives its number.
    pub(super) fn add(&self, file: File) -> usize {
        let mut files = self.files.borrow_mut();
        files.push(Rc::new(file));
        files.len() - 1
    }

    pub(super) fn file(&self, index: usize) -> Option<Rc<File>> {
        self.files.borrow().get(index).map(Rc::clone)
    }

    /// The file that a place is in.
    pub(super) fn file_of(&self, place: &Place) -> Option<Rc<File>> {
        match place {
            Place::Span(file, _) | Place::Line(file, ..) | Place::File(file) => self.file(*file),
            Place::Variable(_) | Place::Default => None,
        }
    }

    /// Whether this very file is open already, under whatever name.
    pub(super) fn is_open(&self, path: &Path) -> bool {
        let same = |other: &Path| {
            other == path
                || matches!((other.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b)
        };
        self.files.borrow().iter().any(|file| same(&file.path))
    }

    pub(super) fn note(&self, draft: Draft) {
        self.drafts.borrow_mut().push(draft);
    }

    /// Whether anything is an error so far.
    pub(super) fn has_errors(&self) -> bool {
        self.drafts
            .borrow()
            .iter()
            .any(|draft| draft.lint.is_none())
    }

    /// Some of what is written could not be read, so what seems to be missing
    /// may be there: doubtful mistakes are left out.
    pub(super) fn unsure(&self) {
        self.uncertain.set(true);
    }

    /// What stands here is never shown.
    pub(super) fn hide(&self, place: &Place) {
        if let Place::Span(file, span) = place {
            self.secrets.borrow_mut().push((*file, span.clone()));
        }
    }

    /// A header in this file could not be read, so that keys under it may have
    /// come into another table.
    pub(super) fn distrust_keys(&self, file: usize) {
        self.headless.borrow_mut().push(file);
    }

    pub(super) fn distrusts_keys(&self, place: &Place) -> bool {
        matches!(place, Place::Span(file, _) if self.headless.borrow().contains(file))
    }

    /// Hides a value that is written as such; a table only says where it is kept.
    pub(super) fn hide_value(&self, node: &Node) {
        match &node.value {
            Value::Table(_) => {}
            Value::List(items) => items.iter().for_each(|item| self.hide_value(item)),
            _ => self.hide(&node.place),
        }
    }

    /// Hides every value in what nobody knows the meaning of.
    pub(super) fn hide_all(&self, node: &Node) {
        match &node.value {
            Value::Table(entries) => entries.iter().for_each(|entry| self.hide_all(&entry.node)),
            Value::List(items) => items.iter().for_each(|item| self.hide_all(item)),
            _ => self.hide(&node.place),
        }
    }

    /// Takes what was found, in the order of the files and of their lines.
    pub(super) fn take_problems(&self) -> Vec<Problem> {
        let mut drafts = self.drafts.take();
        if self.uncertain.get() {
            drafts.retain(|draft| !draft.doubtful);
        }
        drafts.sort_by_key(|draft| match &draft.place {
            Place::File(file) => (*file, 0, String::new()),
            Place::Span(file, span) => (*file, span.start, String::new()),
            Place::Line(file, line, ..) => (*file, *line, String::new()),
            Place::Variable(name) => (usize::MAX, 0, name.to_string()),
            Place::Default => (usize::MAX, 1, String::new()),
        });
        drafts.dedup_by(|a, b| a.place == b.place && a.message == b.message);
        drafts.iter().map(|draft| self.finish(draft)).collect()
    }

    fn finish(&self, draft: &Draft) -> Problem {
        let (place, excerpt) = self.show(draft);
        Problem {
            level: draft.lint.map_or(Level::Error, Level::Warning),
            place,
            message: printable(&draft.message),
            key: Some(printable(&draft.key)).filter(|key| !key.is_empty()),
            excerpt,
            help: draft.help.as_deref().map(printable),
        }
    }

    fn show(&self, draft: &Draft) -> (String, Option<Excerpt>) {
        let (index, span) = match &draft.place {
            Place::Variable(name) => return (printable(name), None),
            Place::Span(index, span) => (index, span),
            Place::Line(index, line, span, text) => {
                return self.show_line(*index, *line, span, text.as_deref());
            }
            // A default is wrong for want of something in the main file.
            Place::File(_) | Place::Default => return (self.whole_file(&draft.place), None),
        };
        let Some(file) = self.file(*index) else {
            return (String::new(), None);
        };
        let (line, column) = position(&file.text, span.start);
        let secrets: Vec<Range<usize>> = self
            .secrets
            .borrow()
            .iter()
            .filter(|(other, _)| other == index)
            .map(|(_, span)| span.clone())
            .collect();
        let excerpt = draft
            .shown
            .then(|| Excerpt::new(&file.text, span, &secrets));
        (
            format!("{}:{line}:{column}", file.path.display()),
            excerpt.flatten(),
        )
    }

    fn show_line(
        &self,
        index: usize,
        line: usize,
        span: &Range<usize>,
        text: Option<&str>,
    ) -> (String, Option<Excerpt>) {
        let path = self.file(index).map(|file| file.path.display().to_string());
        let path = path.unwrap_or_default();
        let Some(text) = text else {
            return (format!("{path}:{line}:1"), None);
        };
        let (_, column) = position(text, span.start);
        let excerpt = Excerpt::new(text, span, &[]);
        (format!("{path}:{line}:{column}"), excerpt)
    }

    /// A place in words, to refer to it from another.
    pub(super) fn describe(&self, place: &Place) -> String {
        self.show(&Draft::error(place, "", "").without_line()).0
    }

    fn whole_file(&self, place: &Place) -> String {
        let file = self.file_of(place).or_else(|| self.file(0));
        file.map_or_else(String::new, |file| format!("{}:1:1", file.path.display()))
    }
}

/// Text that cannot move the cursor of the terminal that it is printed on.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}
