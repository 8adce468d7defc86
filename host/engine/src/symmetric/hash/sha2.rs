//! SHA-2 (FIPS 180-4).

use super::fixed;
use crate::contract::Crates;
use crate::contract::symmetric::Algorithm;

const SHA2: Algorithm = Algorithm {
    fips_approved: true,
    standard: "FIPS 180-4",
    crates: Crates::everywhere("sha2"),
    ..Algorithm::UNKEYED
};

pub(super) const ROWS: &[Algorithm] = &[
    fixed::<sha2::Sha256>("SHA-256", SHA2),
    fixed::<sha2::Sha384>("SHA-384", SHA2),
    fixed::<sha2::Sha512>("SHA-512", SHA2),
    fixed::<sha2::Sha512_256>("SHA-512/256", SHA2),
];
