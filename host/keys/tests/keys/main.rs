//! Managed keys, on each kind of store.

mod bed;
mod rules;
mod server;
