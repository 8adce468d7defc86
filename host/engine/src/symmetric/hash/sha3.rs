//! SHA-3 with outputs of fixed size (FIPS 202, section 6.1).

use super::fixed;
use crate::contract::Crates;
use crate::contract::symmetric::Algorithm;

const SHA3: Algorithm = Algorithm {
    fips_approved: true,
    standard: "FIPS 202",
    crates: Crates::everywhere("sha3"),
    ..Algorithm::UNKEYED
};

pub(super) const ROWS: &[Algorithm] = &[
    fixed::<sha3::Sha3_256>("SHA3-256", SHA3),
    fixed::<sha3::Sha3_384>("SHA3-384", SHA3),
    fixed::<sha3::Sha3_512>("SHA3-512", SHA3),
];
