//! How the command ends.

use std::fmt;
use std::process::ExitCode;

/// The exit codes, as `--help` shows them.
pub const HELP: &str = "\
Exit codes:
  0 to 124  of `run`: the guest's own
  1         of `keys`: there is no such key or version, or what was asked of it is refused
  2         the command line is wrong
  125       the command itself failed
  126       the file cannot be run: malformed, no command, or an import is missing
  127       the file cannot be read
  134       the guest trapped";

/// Why the command failed, on one line.
#[derive(Debug)]
pub enum Failure {
    /// There is no such key, or not what was asked for can be done with it.
    Refused(String),
    /// The command line asks for what does not go together.
    Usage(String),
    /// The command itself failed.
    Host(String),
    /// The file is not one that can be run.
    NotRunnable(String),
    /// The file cannot be read.
    Unreadable(String),
    /// The guest trapped.
    Trap(String),
}

impl Failure {
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Host(_) => 125,
            Self::NotRunnable(_) => 126,
            Self::Unreadable(_) => 127,
            Self::Trap(_) => 134,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Refused(message)
        | Self::Usage(message)
        | Self::Host(message)
        | Self::NotRunnable(message)
        | Self::Unreadable(message)
        | Self::Trap(message)) = self;
        f.write_str(message)
    }
}

/// An error and its causes on one line.
pub fn one_line(error: &wasmtime::Error) -> String {
    let causes: Vec<String> = error.chain().map(|cause| cause.to_string()).collect();
    causes
        .join(": ")
        .lines()
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
}
