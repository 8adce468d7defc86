//! Ascon-AEAD128 (SP 800-232, section 4).

use ascon_aead::AsconAead128;

use super::{AEAD, portable};
use crate::contract::symmetric::{Algorithm, NonceRule};
use crate::contract::{Crates, KeyRule};

pub(super) const ROWS: &[Algorithm] = &[Algorithm {
    name: "ASCON-AEAD",
    key: KeyRule::exactly(16),
    nonce: NonceRule::Generated(16),
    fips_approved: true,
    standard: "SP 800-232, section 4",
    crates: Crates::everywhere("ascon-aead"),
    prepare: portable::prepare::<AsconAead128>,
    ns_per_kib: 5000,
    ..AEAD
}];
