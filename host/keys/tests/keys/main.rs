//! Managed keys, on each kind of store.

mod file;
mod fixture;
mod hosts;
mod liar;
mod lies;
mod obstacles;
mod operator;
mod pooled;
mod pooler;
mod rekey;
mod rules;
mod sealing;
mod server;
mod sink;
mod tls;
mod trail;
mod twisted;
mod worker;
mod writer;
