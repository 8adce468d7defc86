//! AES in Galois/Counter Mode (SP 800-38D).

use aes_gcm::{Aes128Gcm, Aes256Gcm};

use super::{AEAD, aws_lc_or};
use crate::contract::symmetric::{Algorithm, NonceRule};
use crate::contract::{Crates, KeyRule};

const AES_GCM: Algorithm = Algorithm {
    nonce: NonceRule::Required(12),
    fips_approved: true,
    standard: "SP 800-38D",
    crates: Crates::aws_lc_or("aes-gcm"),
    ns_per_kib: 90,
    ..AEAD
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "AES-128-GCM",
        key: KeyRule::exactly(16),
        prepare: aws_lc_or!(AES_128_GCM, Aes128Gcm),
        ..AES_GCM
    },
    Algorithm {
        name: "AES-256-GCM",
        key: KeyRule::exactly(32),
        prepare: aws_lc_or!(AES_256_GCM, Aes256Gcm),
        ..AES_GCM
    },
];
