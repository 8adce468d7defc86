//! What symmetric families implement: rows that say what an algorithm takes, keys prepared for use, states.

mod algorithm;
mod key;
mod nonce;
mod opening;
mod state;
mod tag;

pub(crate) use algorithm::Digest;
pub use algorithm::{Absorb, Algorithm, Kind, NonceRule, Operation};
pub use key::Key;
pub(crate) use key::{AeadKey, MacKey, PreparedKey, Running};
pub(crate) use nonce::NonceGuard;
pub(crate) use opening::{MAX_GENERATED, Opening};
pub(crate) use state::StateImpl;
pub use tag::Tag;
pub(crate) use tag::verify;
