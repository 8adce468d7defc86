//! Managed keys, on each kind of store.

mod bed;
mod file;
mod hosts;
mod operator;
mod rekey;
mod rules;
mod sealing;
mod server;
mod tls;
mod worker;
