mod environment;
mod excerpts;
mod lints;
mod lists;
mod mistakes;
mod queries;
mod receivers;
mod robust;
mod secrets;
mod whole;

use super::{Config, Environment, Problem, Problems, load};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with a configuration.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn load(&self, variables: &[(&str, &str)]) -> Result<(Config, Vec<Problem>), Problems> {
        let state = [("STATE_DIRECTORY", "/var/lib/wirewatch")];
        let variables = state.iter().chain(variables).copied();
        load(&self.path("wirewatch.toml"), &Environment::of(variables))
    }

    /// Text with the paths as they are inside the folder.
    fn inside(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// Loads a configuration of one file.
fn load_text(text: &str) -> Result<(Config, Vec<Problem>), Problems> {
    Folder::new(&[("wirewatch.toml", text)]).load(&[])
}
