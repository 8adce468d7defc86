//! Ascon-Hash256 (SP 800-232, section 5.1).

use ascon_hash256::AsconHash256;

use super::fixed;
use crate::contract::Crates;
use crate::contract::symmetric::Algorithm;

const ASCON: Algorithm = Algorithm {
    fips_approved: true,
    standard: "SP 800-232, section 5.1",
    crates: Crates::everywhere("ascon-hash256"),
    ..Algorithm::UNKEYED
};

pub(super) const ROWS: &[Algorithm] = &[fixed::<AsconHash256>("ASCON-HASH", ASCON)];
