//! What a family of algorithms implements, and what it gets to work with. Nothing here depends on a family's code.
//!
//! The types beside this file are for families of any kind, those in [`symmetric`] for symmetric ones.

mod backend;
mod key_rule;
pub(crate) mod symmetric;

pub use backend::{Backend, Crates};
pub use key_rule::KeyRule;
