//! Secrets with a mark of their own each, and the search for them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;

/// How much of a mark must be found: a text that is cut may still say enough.
const NEEDLE_CHARS: usize = 14;

/// A secret that was planted.
#[derive(Debug)]
struct Plant {
    /// What it is.
    what: String,
    /// Every form in which it would be found.
    needles: Vec<String>,
}

/// Everything that was planted, and everything that was said.
#[derive(Debug, Default)]
pub(super) struct Garden {
    plants: Vec<Plant>,
    outputs: Vec<(String, Vec<u8>)>,
}

impl Garden {
    /// A secret of this kind, as a text without anything that is ever escaped.
    pub(super) fn plant(&mut self, what: &str) -> String {
        let number = self.plants.len();
        let mark = format!("zq{number:02}planted{number:02}secret");
        self.add(what, vec![mark.clone()]);
        mark
    }

    /// The same as a password, which is also sent in the form of a header.
    pub(super) fn plant_password(&mut self, what: &str, user: &str) -> String {
        let mark = self.plant(what);
        let header = STANDARD.encode(format!("{user}:{mark}"));
        let plant = self.plants.last_mut().expect("a plant");
        // What stands before the password is no secret of its own.
        let secret_from = user.len().div_ceil(3) * 4;
        plant
            .needles
            .push(header[secret_from..][..NEEDLE_CHARS].to_owned());
        mark
    }

    /// A key to sign with, in its written form.
    pub(super) fn plant_key(&mut self, what: &str) -> String {
        let mark = self.plant(what);
        let key = STANDARD.encode(format!("{mark} makes a key"));
        let plant = self.plants.last_mut().expect("a plant");
        plant.needles.push(key[..NEEDLE_CHARS].to_owned());
        format!("whsec_{key}")
    }

    /// A secret that wirewatch made.
    pub(super) fn add_made(&mut self, what: &str, secret: &str) {
        self.add(what, vec![secret.to_owned()]);
    }

    fn add(&mut self, what: &str, marks: Vec<String>) {
        let cut = |mark: String| mark.chars().take(NEEDLE_CHARS).collect();
        self.plants.push(Plant {
            what: what.to_owned(),
            needles: marks.into_iter().map(cut).collect(),
        });
    }

    /// Keeps what was said, and by whom.
    pub(super) fn heard(&mut self, by: impl Into<String>, what: impl Into<Vec<u8>>) {
        self.outputs.push((by.into(), what.into()));
    }

    /// Keeps every file below a folder that `may_be_read` lets through.
    pub(super) fn heard_files(&mut self, folder: &Path, may_be_read: &impl Fn(&Path) -> bool) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.heard_files(&path, may_be_read);
            } else if may_be_read(&path) {
                let bytes = std::fs::read(&path).expect("a file");
                self.heard(path.display().to_string(), bytes);
            }
        }
    }

    /// Where a text was said.
    pub(super) fn said(&self, text: &str) -> Vec<&str> {
        let says = |bytes: &[u8]| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        let by = self.outputs.iter().filter(|(_, bytes)| says(bytes));
        by.map(|(by, _)| by.as_str()).collect()
    }

    /// Counts what was found, but for what may stand there: nothing is to be.
    pub(super) fn count(&self, may: impl Fn(&str, &str) -> bool) {
        let mut found = Vec::new();
        for plant in &self.plants {
            for needle in &plant.needles {
                for by in self.said(needle) {
                    if !may(&plant.what, by) {
                        found.push(format!("{} ({needle}) by {by}", plant.what));
                    }
                }
            }
        }
        println!(
            "secrets {}, outputs {}, found {}",
            self.plants.len(),
            self.outputs.len(),
            found.len()
        );
        assert!(found.is_empty(), "{found:#?}");
    }
}
