//! Encryption without authentication.

mod aes_cbc;
mod aes_ctr;

use crate::contract::symmetric::Algorithm;
use crate::options::OptionName;

pub(super) const ROWS: &[&[Algorithm]] = &[aes_ctr::ROWS, aes_cbc::ROWS];

/// What the rows have in common.
const UNAUTHENTICATED: Algorithm = Algorithm {
    options: &[OptionName::Nonce],
    fips_approved: true,
    standard: "SP 800-38A",
    ..Algorithm::UNKEYED
};
