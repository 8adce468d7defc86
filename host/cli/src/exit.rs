//! How the command ends.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use crate::signals;

/// The exit codes, as `--help` shows them.
pub const HELP: &str = "\
Exit codes:
  0 to 124  of `run`: the guest's own
  1         of `keys`: there is no such key or version, or what was asked of it is refused
  2         the command line is wrong
  125       the command itself failed
  126       the file cannot be run: malformed, no command, or an import is missing
  127       the file cannot be read
  134       the guest trapped
  128 + N   as a shell shows it: signal N ended the command, such as 130 SIGINT, 141 SIGPIPE, 143 SIGTERM";

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

/// What there is to say of an error that is for want of memory.
pub fn out_of_memory(error: &wasmtime::Error) -> Option<Failure> {
    if !is_out_of_memory(error) {
        return None;
    }
    let cause = match address_space() {
        Some(bytes) => format!(
            "this process is limited to {} KiB of addresses (ulimit -v, RLIMIT_AS), and for each memory of a guest more than \
             4 GiB are reserved, of addresses and not of RAM; raise that limit, and limit the guest with --max-memory",
            bytes >> 10
        ),
        None => format!(
            "the system gives this process no more memory: {}",
            one_line(error)
        ),
    };
    Some(Failure::Host(format!(
        "the guest cannot be started: {cause}"
    )))
}

/// Whether memory was asked for in vain.
fn is_out_of_memory(error: &wasmtime::Error) -> bool {
    error.chain().any(|cause| {
        let of_system = cause.downcast_ref::<std::io::Error>();
        of_system.is_some_and(|error| error.kind() == ErrorKind::OutOfMemory)
            // wasmtime's own type of it is hidden.
            || cause.to_string().contains("Cannot allocate memory")
    })
}

/// The most addresses that this process may use, in bytes, if there is a limit.
#[cfg(unix)]
fn address_space() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

#[cfg(not(unix))]
fn address_space() -> Option<u64> {
    None
}

/// Prints what a command was asked for.
pub fn print(text: &str) -> Result<(), Failure> {
    print_bytes(format!("{text}\n").as_bytes())
}

/// Writes to standard output. Where nobody reads it any more, the process ends as others do then.
pub fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => signals::broken_pipe(),
        _ => Failure::Host(format!("cannot write to standard output: {error}")),
    })
}

/// Says on standard error what is wrong, on one line.
pub fn complain(text: &str) {
    let written = writeln!(std::io::stderr(), "wasi-crypto: {}", printable(text));
    if written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        signals::broken_pipe();
    }
}

/// The text on one line, without what a terminal would obey: names in a component are anybody's.
pub fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_debug());
        } else {
            line.push(c);
        }
    }
    line
}
