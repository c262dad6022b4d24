//! A folder of a test's own, in which the program runs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Ended, Program};

/// Goes away with the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.at(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// A file that its owner alone may read, as a secret should be.
    pub fn write_secret(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, bytes);
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at(name)).unwrap()
    }

    /// The program, started here: `sharetrail.toml` and `sharetrail.db` are those of this folder.
    pub fn program(&self) -> Program {
        Program::in_folder(self.path())
    }

    /// A program of the system, started here, if it is there.
    #[cfg(unix)]
    pub fn program_of(&self, name: &str) -> Option<Program> {
        let is_there = std::process::Command::new(name).arg("--version").output().is_ok();
        is_there.then(|| Program::of(name, self.path()))
    }

    /// Runs the program to its end.
    pub fn run<const N: usize>(&self, arguments: [&str; N]) -> Ended {
        self.program().run(arguments)
    }

    /// The rows of a report.
    pub fn report(&self, kind: &str) -> Vec<Value> {
        let report = self.run(["report", kind, "--format", "json"]).with_code(0).json();
        report.as_array().unwrap().clone()
    }

    /// `status --json`.
    pub fn status(&self) -> Value {
        self.run(["status", "--json"]).with_code(0).json()
    }
}
