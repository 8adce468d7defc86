//! CMAC with AES (SP 800-38B, RFC 4493).

use cmac::Cmac;

use super::{MAC, prepare};
use crate::contract::symmetric::Algorithm;
use crate::contract::{Crates, KeyRule};

const CMAC: Algorithm = Algorithm {
    tag_len: 16,
    standard: "SP 800-38B, RFC 4493",
    crates: Crates::everywhere("cmac"),
    ..MAC
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "AES-128-CMAC",
        key: KeyRule::exactly(16),
        prepare: prepare::<Cmac<aes::Aes128>>,
        ..CMAC
    },
    Algorithm {
        name: "AES-256-CMAC",
        key: KeyRule::exactly(32),
        prepare: prepare::<Cmac<aes::Aes256>>,
        ..CMAC
    },
];
