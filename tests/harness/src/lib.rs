//! What the tests run guests with: one store, one outcome, one way to find what was built.
//!
//! A [`Run`] runs a `wasi:cli` component in process, on wasmtime, with WASI and our cryptography. An [`Outcome`] is what came
//! of it, or of a command.
//!
//! ```no_run
//! use wasi_crypto_test_harness::{Linking, Run};
//!
//! let outcome = Run::new("patterns", Linking::Direct).args(["hashing"]).finish();
//! outcome.assert_success();
//! println!("{}", outcome.value("out"));
//! ```
//!
//! `tests/README.md` says where tests are, and how to add one.

#![deny(missing_docs)]

mod files;
mod host;
#[cfg(feature = "run")]
mod outcome;
#[cfg(feature = "run")]
mod run;

pub use files::{built, guest};
pub use host::Host;
#[cfg(feature = "run")]
pub use outcome::Outcome;
#[cfg(feature = "run")]
pub use run::{Linking, Run, compile, store_and_linker};
