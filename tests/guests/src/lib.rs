//! What the guests share: the WIT package as `wit-bindgen` translates it, and how they print.
//!
//! They speak to the host directly, without the SDK, so that a test says what the host does and nothing else; only
//! `associated` is about the SDK. On other
//! targets than wasm they compile, but there is no host: every call panics.

#![deny(missing_docs)]

mod bindings;

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

pub use bindings::wasi_ephemeral::crypto::{
    common, secrets, symmetric, symmetric_batch, symmetric_oneshot,
};

use common::{AlgorithmType, CryptoErrno, Options};

/// What a call to the host gives.
pub type Result<T> = std::result::Result<T, CryptoErrno>;

/// A routine of a guest, by the name that its command line has for it.
pub type Routine = (&'static str, fn() -> Result<()>);

/// Runs the routine that the first argument names. An errno that it returns goes to standard error, and the exit code is
/// 1; it is 2 for a name that there is not.
pub fn main(routines: &[Routine]) -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, routine)) = routines.iter().find(|(known, _)| *known == name) else {
        eprintln!("no routine is called `{name}`");
        return ExitCode::from(2);
    };
    match routine() {
        Ok(()) => ExitCode::SUCCESS,
        Err(errno) => {
            eprintln!("{name}: {}", errno.name());
            ExitCode::FAILURE
        }
    }
}

/// Prints `label: value`.
pub fn say(label: impl Display, value: impl Display) {
    writeln!(io::stdout(), "{label}: {value}").expect("standard output takes a line");
}

/// Prints `label: ` and the bytes in hexadecimal.
pub fn say_hex(label: impl Display, bytes: &[u8]) {
    say(label, hex(bytes));
}

/// Prints `label: ok`, or the errno's name.
pub fn say_result<T>(label: impl Display, result: &Result<T>) {
    say(label, outcome(result));
}

/// `ok`, or the errno's name.
pub fn outcome<T>(result: &Result<T>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(errno) => name(*errno),
    }
}

/// The name that the WIT has for an errno.
pub fn name(errno: CryptoErrno) -> &'static str {
    errno.name()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An empty set of options for symmetric algorithms.
pub fn options() -> Result<Options> {
    Options::open(AlgorithmType::Symmetric)
}

/// A set of options that holds a nonce.
pub fn with_nonce(nonce: &[u8]) -> Result<Options> {
    let options = options()?;
    options.set("nonce", nonce)?;
    Ok(options)
}
