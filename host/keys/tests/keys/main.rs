//! Managed keys, on each kind of store.

mod bed;
mod operator;
mod rekey;
mod rules;
mod sealing;
mod server;
