//! Runs the command as a user would.

// Each test file uses a part of this.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The command under test.
pub const WASI_CRYPTO: &str = env!("CARGO_BIN_EXE_wasi-crypto");

/// A folder that is gone after the test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder in a certain place.
    pub fn within(place: &Path) -> Self {
        Self(tempfile::tempdir_in(place).expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).expect("a file to write");
        path
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("a file to read")
    }

    /// The names of all files in the folder.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder to read");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// `wasi-crypto`, to be run in the folder.
    pub fn command(&self) -> Command {
        let mut command = Command::new(WASI_CRYPTO);
        command
            .current_dir(self.0.path())
            .env("XDG_CACHE_HOME", target().join("tmp/cache"));
        command
    }

    /// Runs `wasi-crypto` with these arguments.
    pub fn wasi_crypto<S: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Outcome {
        Outcome::of(self.command().args(args))
    }

    /// Runs `wcrypt` with these arguments; it sees the folder.
    pub fn wcrypt(&self, args: &[&str]) -> Outcome {
        Outcome::of(self.wcrypt_command().args(args))
    }

    /// `wcrypt`, with a password in its environment.
    pub fn wcrypt_command(&self) -> Command {
        let mut command = self.command();
        command
            .env("WCRYPT_PASSWORD", "correct horse")
            .args([
                "run",
                "--max-memory",
                "64",
                "--dir",
                ".",
                "--env",
                "WCRYPT_PASSWORD",
            ])
            .arg(guest("wcrypt.wasm"));
        command
    }
}

/// A guest that `just guests` has built.
pub fn guest(name: &str) -> PathBuf {
    built(&format!("wasm32-wasip2/release/{name}"))
}

/// The target folder.
pub fn target() -> &'static Path {
    Path::new(WASI_CRYPTO)
        .ancestors()
        .nth(2)
        .expect("the command is two folders deep in the target folder")
}

/// A file in the target folder that `just guests` has built.
pub fn built(path: &str) -> PathBuf {
    let path = target().join(path);
    assert!(
        path.exists(),
        "{} is missing: run ./just test, which builds the guests first",
        path.display()
    );
    path
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("the command starts"))
    }

    /// All that was printed.
    pub fn printed(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    #[track_caller]
    pub fn success(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }

    /// The one line on standard error of a command that failed with `code`.
    #[track_caller]
    pub fn failure(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:?}");
        self.stderr
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("an exit code, not a signal"),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }
}
