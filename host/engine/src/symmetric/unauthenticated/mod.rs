//! Encryption without authentication.

pub(crate) mod cbc;
pub(crate) mod ctr;
