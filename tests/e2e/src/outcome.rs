//! What came of a run.

use wasmtime_wasi::I32Exit;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The guest returned, or exited with this code.
    Exit(i32),
    /// The guest was stopped, for this reason.
    Trap(String),
}

/// What a guest printed, how it ended, and what it left behind.
#[derive(Debug)]
pub struct Outcome {
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
    /// How it ended.
    pub end: End,
    /// Options, keys, states and tags that it did not close.
    pub open_handles: usize,
    /// Bytes that the engine still holds for it.
    pub buffered_bytes: u64,
    /// The size that its largest memory has come to, in bytes.
    pub memory: usize,
}

impl End {
    pub(crate) fn of(returned: wasmtime::Result<Result<(), ()>>) -> Self {
        match returned {
            Ok(Ok(())) => Self::Exit(0),
            Ok(Err(())) => Self::Exit(1),
            Err(error) => match error.downcast_ref::<I32Exit>() {
                Some(exit) => Self::Exit(exit.0),
                None => Self::Trap(format!("{error:?}")),
            },
        }
    }
}

impl Outcome {
    /// Holds that the guest came to its end, and gave everything back.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn assert_success(&self) {
        assert!(self.end == End::Exit(0), "the guest failed: {self:#?}");
        assert_eq!(
            (self.open_handles, self.buffered_bytes),
            (0, 0),
            "what the guest has closed is not given back: {self:#?}"
        );
    }

    /// As [`Outcome::assert_success`]; gives what the guest printed.
    ///
    /// # Panics
    ///
    /// If not.
    #[track_caller]
    pub fn success(self) -> String {
        self.assert_success();
        self.stdout
    }

    /// The lines `label: value`.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.stdout.lines().filter_map(|line| line.split_once(": "))
    }

    /// What the guest printed for a label, once for each time.
    pub fn values<'a>(&'a self, label: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines()
            .filter_map(move |(printed, value)| (printed == label).then_some(value))
    }

    /// What the guest printed for a label, which it printed once.
    ///
    /// # Panics
    ///
    /// If it did not print it, or more than once.
    pub fn value<'a>(&'a self, label: &'a str) -> &'a str {
        let mut values = self.values(label);
        match (values.next(), values.next()) {
            (Some(value), None) => value,
            _ => panic!("not exactly one line for `{label}`: {self:#?}"),
        }
    }

    /// Holds that these are all the lines that the guest printed, in this order.
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
