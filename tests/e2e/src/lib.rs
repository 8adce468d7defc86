//! Runs the guests of the tests in process: a `wasi:cli` component on wasmtime, with WASI and our cryptography.
//!
//! ```no_run
//! use wasi_crypto_tests::{Linking, Run};
//!
//! let outcome = Run::new("patterns", Linking::ZeroCopy).args(["hashing"]).finish();
//! outcome.assert_success();
//! println!("{}", outcome.value("out"));
//! ```

#![deny(missing_docs)]

mod host;
mod outcome;
mod run;

pub use host::Host;
pub use outcome::{End, Outcome};
pub use run::{Linking, Run, built, compile, guest_path, store_and_linker};

/// The code that the README shows, so that it is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
