//! An auditing wrapper: it imports the package `wasi-ephemeral:crypto`, and exports it to somebody else.
//!
//! It counts operations, writes down each key and each state that is made, and refuses one algorithm, as a policy would.
//! Everything else it passes on.

#![deny(missing_docs)]

mod audit;
mod batch;
mod bindings;
mod oneshot;
mod secrets;
mod symmetric;

/// What the component's interfaces are implemented for.
struct Interposer;
