//! The traits that `bindgen!` generates, on the engine: one module for each interface.

mod batch;
mod common;
mod oneshot;
mod secrets;
mod symmetric;

pub(crate) use batch::{BatchCost, Taken, entry, put_back, take_states};
pub(crate) use secrets::Job;
