//! Allocators that tests need: one that fails, and one that looks at what is freed. A test makes one of them its global
//! allocator.

#![deny(missing_docs)]
// An allocator cannot be written without.
#![allow(unsafe_code)]

mod failing;
mod watching;

pub use failing::{Failing, SMALL, with_failing};
pub use watching::{Watching, left_behind, repeated, taken};
