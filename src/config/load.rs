//! Loading: every file, one tree, one configuration, all mistakes.

use super::environment::Environment;
use super::excerpt::position;
use super::item::{Item, Table};
use super::problem::{Problem, Problems};
use super::reading::{Draft, File, Place, Reading};
use super::tree::{self, Entry};
use super::{
    Config, feeds, hosts, later, lint, merge, opml, routes, settings, sinks, watchlists, websub,
};
use crate::watchlist::TopicId;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// The largest file of a configuration, in bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Loads a configuration; its warnings come beside it.
///
/// # Errors
/// Every problem of every file, warnings included, if one of them is an error.
///
/// ```no_run
/// use std::path::Path;
/// use wirewatch::config::{Environment, load};
///
/// match load(Path::new("wirewatch.toml"), &Environment::of_process()) {
///     Ok((config, warnings)) => println!("{} feeds, {} warnings", config.feeds.len(), warnings.len()),
///     Err(problems) => eprintln!("{problems}"),
/// }
/// ```
pub fn load(path: &Path, environment: &Environment) -> Result<(Config, Vec<Problem>), Problems> {
    read(path, environment).map(|loaded| (loaded.config, loaded.warnings))
}

/// A configuration with what is needed to speak about its files later.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// What loads but may not do what its author expects.
    pub warnings: Vec<Problem>,
    /// What was passed over in lists of actors, since it is none: a line a list.
    pub skipped: Vec<String>,
    reading: Reading,
    tests: HashMap<TopicId, Vec<(Place, String)>>,
}

/// What is learned beside the configuration.
#[derive(Default)]
struct Beside {
    tests: HashMap<TopicId, Vec<(Place, String)>>,
    skipped: Vec<String>,
}

impl Loaded {
    /// Problems at tests of topics, each given by its topic, its number in
    /// [`Topic::tests`](crate::watchlist::Topic::tests), and what is wrong; in
    /// the order of the files.
    pub fn test_problems<'a>(
        &self,
        failures: impl IntoIterator<Item = (&'a TopicId, usize, String)>,
    ) -> Vec<Problem> {
        for (topic, index, message) in failures {
            let place = self.tests.get(topic).and_then(|places| places.get(index));
            if let Some((place, path)) = place {
                self.reading.note(Draft::error(place, path, message));
            }
        }
        self.reading.take_problems()
    }
}

/// Loads a configuration and keeps the places of the tests in its watchlists.
///
/// # Errors
/// As [`load`].
pub fn read(path: &Path, environment: &Environment) -> Result<Loaded, Problems> {
    match read_file(path) {
        Ok(file) => of_file(file, environment),
        Err(message) => {
            // What is there and cannot be read is no reason to begin anew.
            let missing = matches!(path.try_exists(), Ok(false));
            let help = "`wirewatch init` writes a configuration to begin with";
            let problem = Problem {
                help: missing.then(|| help.to_owned()),
                ..Problem::of_file(path, message)
            };
            Err(Problems(vec![problem]))
        }
    }
}

/// Loads a configuration as it would be if its file held this text.
///
/// # Errors
/// As [`load`].
pub fn load_text(
    path: &Path,
    text: String,
    environment: &Environment,
) -> Result<(Config, Vec<Problem>), Problems> {
    let file = File {
        path: path.to_owned(),
        text,
        world_readable: std::fs::metadata(path).is_ok_and(|metadata| world_readable(&metadata)),
    };
    of_file(file, environment).map(|loaded| (loaded.config, loaded.warnings))
}

fn of_file(file: File, environment: &Environment) -> Result<Loaded, Problems> {
    let reading = Reading::new(environment);
    let mut beside = Beside::default();
    let path = file.path.clone();
    reading.add(file);
    let config = check(&path, &reading, &mut beside);
    if let Some(config) = config.as_ref().filter(|_| !reading.has_errors()) {
        lint::whole(config, &reading);
    }
    let problems = Problems(reading.take_problems());
    match config {
        Some(config) if problems.errors() == 0 => Ok(Loaded {
            config,
            warnings: problems.0,
            skipped: beside.skipped,
            reading,
            tests: beside.tests,
        }),
        _ => Err(problems),
    }
}

/// Reads a file that is text and of a sensible size, or says why not.
pub(super) fn read_file(path: &Path) -> Result<File, String> {
    let cannot = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let file = std::fs::File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(format!("{} is larger than 16 MiB", path.display()));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let sound = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        let (line, column) = position(&text, sound);
        let path = path.display();
        format!("{path} is not UTF-8 from line {line}, column {column} on")
    })?;
    Ok(File {
        path: path.to_owned(),
        text,
        world_readable: world_readable(&metadata),
    })
}

#[cfg(unix)]
fn world_readable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o004 != 0
}

#[cfg(not(unix))]
fn world_readable(_: &std::fs::Metadata) -> bool {
    false
}

/// The tree of a file that is open.
pub(super) fn parse(index: usize, reading: &Reading) -> Vec<Entry> {
    match reading.file(index) {
        Some(file) => tree::parse(index, &file.text, reading),
        None => Vec::new(),
    }
}

fn check(path: &Path, reading: &Reading, beside: &mut Beside) -> Option<Config> {
    let entries = merge::merge(parse(0, reading), reading);
    let root = Table::root(&entries, &Place::File(0), reading);
    let opened = root
        .get("watchlists")
        .map(|item: Item<'_>| watchlists::open(&item));
    let mut opened = opened.unwrap_or_default();
    let placed = watchlists::read(&mut opened, reading);
    let daemon_table = root.section("daemon");
    let notices = daemon_table.get("notices");
    let daemon = settings::daemon(&daemon_table);
    let store = settings::store(&root.section("store"));
    let http = settings::http(&root.section("http"));
    let reach = root.get("websub");
    let websub = reach.as_ref().and_then(websub::websub);
    let poll = feeds::poll(&root.section("poll"), reach.is_some());
    let feed_table = root.section("feed");
    let lists = root.get("opml").map(|item: Item<'_>| opml::open(&item));
    let feeds = feeds::feeds(&feed_table, &poll, &lists.unwrap_or_default());
    let hosts = hosts::hosts(&root.section("host"));
    let sink_table = root.section("sink");
    let sinks = sinks::sinks(&sink_table);
    let names = routes::Names::new(&feed_table, &feeds, &sink_table, &placed.watchlist);
    let routes = routes::routes(&root.section("route"), &names);
    let notices = routes::notice_sinks(notices.as_ref(), &names);
    lint::unrouted(&sink_table, &routes, notices.as_deref().unwrap_or_default());
    let notices = notices.unwrap_or_else(|| sinks.iter().map(|sink| sink.name.clone()).collect());
    later::refuse_keys(&root, "");
    root.finish();
    // What was not understood would be linted as something else.
    if !reading.has_errors() {
        placed.lint(&routes, reading);
    }
    beside.tests = placed.tests;
    beside.skipped = placed.skipped;
    Some(Config {
        file: path.to_owned(),
        daemon: daemon?,
        store: store?,
        http: http?,
        feeds,
        hosts,
        websub,
        sinks,
        routes,
        notices,
        watchlist: placed.watchlist,
    })
}
