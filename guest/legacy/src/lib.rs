//! Core modules that import the witx functions of wasi-crypto, for the adapter to be tested with.
//!
//! They call the raw imports, so that what is passed is what can be read here: addresses, lengths, handles.

#![deny(missing_docs)]
// Imports of a core module cannot be declared otherwise; nothing else here needs it.
#![allow(unsafe_code)]

pub mod raw;

pub mod errno;
pub mod lent;
pub mod state;

use std::process::ExitCode;

/// A routine of a guest, by the name that its command line has for it. It panics where something is not as it should be.
pub type Routine = (&'static str, fn());

/// Runs the routine that the first argument names; the exit code is 2 for a name that there is not.
pub fn main(routines: &[Routine]) -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, routine)) = routines.iter().find(|(known, _)| *known == name) else {
        eprintln!("no routine is called `{name}`");
        return ExitCode::from(2);
    };
    routine();
    ExitCode::SUCCESS
}
