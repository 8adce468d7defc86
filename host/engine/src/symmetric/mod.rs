//! Symmetric algorithms: their families, their keys and states, and what an engine does with them.
//!
//! A family is a folder, or the file `drbg`. Its files with `ROWS` have algorithms; the others have what those share.

mod aead;
mod call_cost;
mod drbg;
mod engine;
mod hash;
mod kdf;
mod mac;
mod oneshot;
mod password;
mod preflight;
mod session;
mod state;
mod unauthenticated;

pub use crate::contract::symmetric::{Absorb, Algorithm, Key, Kind, NonceRule, Operation, Tag};
pub use call_cost::CallCost;
pub use oneshot::{Encryption, Hashing, Sealed};
pub use state::State;

/// The rows of all families, in the order of the registry.
pub(crate) const FAMILIES: &[&[&[Algorithm]]] = &[
    hash::ROWS,
    mac::ROWS,
    kdf::ROWS,
    password::ROWS,
    aead::ROWS,
    unauthenticated::ROWS,
    session::ROWS,
    &[drbg::ROWS],
];
