//! The traits that `bindgen!` generates, on the engine: one module for each interface.

mod batch;
mod common;
mod oneshot;
mod secrets;
mod symmetric;

#[cfg(feature = "direct-lowering")]
pub(crate) use batch::Taken;
pub(crate) use batch::{BatchCost, entry, put_back, take_states};
pub(crate) use secrets::Job;
