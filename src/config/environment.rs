//! What the process was given besides its arguments, read once.

use etcetera::BaseStrategy;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The name of the main file in every folder that it is looked for.
const FILE_NAME: &str = "wirewatch.toml";
/// The folder of ours in the XDG directories.
const FOLDER: &str = "wirewatch";

/// The environment: variables and the user's directories.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    config_dir: Option<PathBuf>,
    state_dir: Option<PathBuf>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Variables hold secrets: their names are enough.
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys())
            .field("config_dir", &self.config_dir)
            .field("state_dir", &self.state_dir)
            .finish()
    }
}

impl Environment {
    /// The environment of this process; variables that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        let base = etcetera::choose_base_strategy().ok();
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self {
            variables,
            config_dir: base.as_ref().map(BaseStrategy::config_dir),
            state_dir: base.as_ref().and_then(BaseStrategy::state_dir),
        }
    }

    /// An environment of these variables alone, with no user directories.
    pub fn of<N: Into<String>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            ..Self::default()
        }
    }

    /// The value of a variable that is set and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Every variable whose name begins so, in the order of the names.
    pub(super) fn with_prefix<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.variables.iter().filter_map(move |(name, value)| {
            let rest = name.strip_prefix(prefix)?;
            Some((rest, value.as_str()))
        })
    }

    /// A folder that systemd names in a variable; of several, the first.
    pub(super) fn folder(&self, variable: &str) -> Option<&Path> {
        let first = self.get(variable)?.split(':').next()?;
        Some(Path::new(first))
    }

    /// Where state is kept unless the configuration says otherwise.
    pub(super) fn state_dir(&self) -> Option<PathBuf> {
        match self.folder("STATE_DIRECTORY") {
            Some(folder) => Some(folder.to_owned()),
            None => self.state_dir.as_ref().map(|dir| dir.join(FOLDER)),
        }
    }
}

/// There is no configuration in any of the places where it is looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no configuration found; looked for {}\n  help: `wirewatch init` writes one, `--config FILE` names one",
    shown(.0)
)]
pub struct NotFound(pub Vec<PathBuf>);

fn shown(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(", ")
}

/// Finds the main file.
///
/// The order is: `--config`, `$WIREWATCH_CONFIG`, `wirewatch.toml` in
/// `$CONFIGURATION_DIRECTORY`, in the working directory, in its folder
/// `config`, and in the XDG configuration directory. The first two are taken as
/// given, so that a wrong name is reported and not passed over.
///
/// # Errors
/// When no file is named and none of the others exists.
pub fn find(flag: Option<&Path>, environment: &Environment) -> Result<PathBuf, NotFound> {
    let named = flag.or_else(|| environment.get("WIREWATCH_CONFIG").map(Path::new));
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let candidates = candidates(environment);
    match candidates.iter().find(|path| path.is_file()) {
        Some(path) => Ok(path.clone()),
        None => Err(NotFound(candidates)),
    }
}

fn candidates(environment: &Environment) -> Vec<PathBuf> {
    let systemd = environment
        .folder("CONFIGURATION_DIRECTORY")
        .map(|folder| folder.join(FILE_NAME));
    let user = environment
        .config_dir
        .as_ref()
        .map(|folder| folder.join(FOLDER).join(FILE_NAME));
    systemd
        .into_iter()
        .chain([
            PathBuf::from(FILE_NAME),
            Path::new("config").join(FILE_NAME),
        ])
        .chain(user)
        .collect()
}
