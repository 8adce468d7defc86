//! What came of a run, or of a command.

use std::process::{Command, Output};

use wasmtime_wasi::I32Exit;

use crate::Host;

/// The exit code of the command `wasi-crypto run` where a guest traps, and so of a run in process.
const TRAPPED: i32 = 134;

/// What a guest or a command printed, how it ended, and what it left behind.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code.
    pub code: i32,
    /// Why it was stopped, for a guest that was.
    pub trap: Option<String>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
    /// Options, keys, states and tags that it did not close; 0 for a command.
    pub open_handles: usize,
    /// Bytes that the engine still holds for it; 0 for a command.
    pub buffered_bytes: u64,
    /// The size that its largest memory has come to, in bytes; 0 for a command.
    pub memory: usize,
}

impl Outcome {
    /// Runs a command to its end.
    ///
    /// # Panics
    ///
    /// If it does not start, is ended by a signal, or prints what is not text.
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("the command starts"))
    }

    /// What came of a guest, of which `returned` is what its run gave.
    pub(crate) fn in_process(
        returned: wasmtime::Result<Result<(), ()>>,
        stdout: String,
        stderr: String,
        host: &Host,
    ) -> Self {
        let (code, trap) = match returned {
            Ok(Ok(())) => (0, None),
            Ok(Err(())) => (1, None),
            Err(error) => match error.downcast_ref::<I32Exit>() {
                Some(exit) => (exit.0, None),
                None => (TRAPPED, Some(format!("{error:?}"))),
            },
        };
        Self {
            code,
            trap,
            stdout,
            stderr,
            open_handles: host.context().open_handles(),
            buffered_bytes: host.context().engine().buffered_bytes(),
            memory: host.memory(),
        }
    }

    /// Returns whether it succeeded and left nothing open.
    pub fn is_success(&self) -> bool {
        self.code == 0 && self.open_handles == 0 && self.buffered_bytes == 0
    }

    /// Checks that it succeeded and left nothing open.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn assert_success(&self) {
        assert_eq!(self.code, 0, "it failed: {self:#?}");
        assert!(
            self.is_success(),
            "what the guest has closed is not given back: {self:#?}"
        );
    }

    /// As [`Outcome::assert_success`]; gives what was printed.
    ///
    /// # Panics
    ///
    /// If it did not succeed.
    #[track_caller]
    pub fn success(self) -> String {
        self.assert_success();
        self.stdout
    }

    /// The one line on standard error of what failed with `code`.
    ///
    /// # Panics
    ///
    /// If it did not, or complained in more lines than one.
    #[track_caller]
    pub fn failure(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.stderr.lines().count(), 1, "{self:#?}");
        self.stderr
    }

    /// All that was printed.
    pub fn printed(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The lines `label: value`.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.stdout.lines().filter_map(|line| line.split_once(": "))
    }

    /// What was printed for a label, once for each time.
    pub fn values<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines()
            .filter_map(move |(printed, value)| (printed == label).then_some(value))
    }

    /// What was printed for a label, once.
    ///
    /// # Panics
    ///
    /// If it was not printed, or more than once.
    #[track_caller]
    pub fn value<'a>(&'a self, label: &'a str) -> &'a str {
        let mut values = self.values(label);
        match (values.next(), values.next()) {
            (Some(value), None) => value,
            _ => panic!("not exactly one line for `{label}`: {self:#?}"),
        }
    }

    /// Checks that it succeeded, and that these are all the lines `label: value` that it printed, in this order.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn assert_lines(&self, expected: &[(&str, &str)]) {
        self.assert_success();
        let lines: Vec<_> = self.lines().collect();
        assert_eq!(lines, expected, "stderr: {}", self.stderr);
    }
}

impl From<Output> for Outcome {
    #[track_caller]
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("an exit code, not a signal"),
            trap: None,
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
            open_handles: 0,
            buffered_bytes: 0,
            memory: 0,
        }
    }
}
