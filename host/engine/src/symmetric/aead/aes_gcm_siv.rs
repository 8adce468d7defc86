//! AES-GCM-SIV (RFC 8452).

use aes_gcm_siv::{Aes128GcmSiv, Aes256GcmSiv};

use super::{AEAD, aws_lc_or};
use crate::contract::symmetric::{Algorithm, NonceRule};
use crate::contract::{Crates, KeyRule};

const AES_GCM_SIV: Algorithm = Algorithm {
    nonce: NonceRule::Generated(12),
    standard: "RFC 8452",
    crates: Crates::aws_lc_or("aes-gcm-siv"),
    ns_per_kib: 250,
    ..AEAD
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "AES-128-GCM-SIV",
        key: KeyRule::exactly(16),
        prepare: aws_lc_or!(AES_128_GCM_SIV, Aes128GcmSiv),
        ..AES_GCM_SIV
    },
    Algorithm {
        name: "AES-256-GCM-SIV",
        key: KeyRule::exactly(32),
        prepare: aws_lc_or!(AES_256_GCM_SIV, Aes256GcmSiv),
        ..AES_GCM_SIV
    },
];
