//! What the engine promises, for every row of its registry and on both back ends.

mod clones;
mod costs;
mod differential;
mod fixture;
mod keys;
mod limits;
mod nonces;
mod operations;
mod options;
mod password;
mod sequences;
mod squeezing;
mod stored;
mod subject;
mod tags;
mod vectors;
