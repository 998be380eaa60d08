//! A disk that is watched and that fails on command; `tests/power/disk.c` says how.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// What one daemon finds below its folder.
#[derive(Debug)]
pub(crate) struct Disk {
    dir: TempDir,
    below: PathBuf,
}

impl Disk {
    /// Compiles it, once; where a row needs it and it cannot be had, the row fails.
    pub(crate) fn build() -> &'static Path {
        static BUILT: OnceLock<PathBuf> = OnceLock::new();
        BUILT.get_or_init(|| {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/power/disk.c");
            let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("disk.so");
            let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
            // Under a name of its own first: another run may be using it.
            let built = library.with_extension(std::process::id().to_string());
            let status = Command::new(compiler)
                .args(["-O1", "-shared", "-fPIC", "-pthread", "-o"])
                .args([&built, &source])
                .arg("-ldl")
                .status();
            assert!(status.expect("a C compiler").success(), "it compiles");
            std::fs::rename(&built, &library).expect("a file");
            library
        })
    }

    /// A disk for files below this folder.
    pub(crate) fn below(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).expect("a folder");
        Self {
            dir: tempfile::tempdir().expect("a folder"),
            below: folder.canonicalize().expect("a folder"),
        }
    }

    /// Has a command use it.
    pub(crate) fn under(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", Self::build())
            .env("DISK_BELOW", &self.below)
            .env("DISK_FAULTS", self.dir.path());
    }

    /// Has a command use it, and records what it does.
    pub(crate) fn recording(&self, command: &mut Command) {
        self.under(command);
        command.env("DISK_LOG", self.log());
    }

    /// Where the record is.
    pub(crate) fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// The folder that is watched.
    pub(crate) fn folder(&self) -> &Path {
        &self.below
    }

    /// Orders a fault from now on.
    pub(crate) fn order(&self, fault: &str, how: &str) {
        let draft = self.dir.path().join("draft");
        std::fs::write(&draft, how).expect("a file");
        std::fs::rename(draft, self.dir.path().join(fault)).expect("a file");
    }

    /// Orders that the process is killed before it has done so many operations
    /// more. Needed from within a script of a server, where the disk is not.
    pub(crate) fn killer(&self) -> impl Fn(usize) + Send + Sync + use<> {
        let (draft, order) = (self.dir.path().join("draft"), self.dir.path().join("die"));
        move |operations| {
            std::fs::write(&draft, operations.to_string()).expect("a file");
            std::fs::rename(&draft, &order).expect("a file");
        }
    }

    /// Orders a fault when it is called, from where the disk is not.
    pub(crate) fn orderer(&self, fault: &str) -> impl Fn() + Send + use<> {
        let order = self.dir.path().join(fault);
        move || std::fs::write(&order, "").expect("a file")
    }

    /// Takes an order back.
    pub(crate) fn mend(&self, fault: &str) {
        let _missing = std::fs::remove_file(self.dir.path().join(fault));
    }
}
