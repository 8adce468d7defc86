//! HMAC (FIPS 198-1, RFC 2104).

use hmac::Hmac;

use super::{MAC, prepare};
use crate::contract::symmetric::Algorithm;
use crate::contract::{Crates, KeyRule};

const HMAC: Algorithm = Algorithm {
    standard: "FIPS 198-1, RFC 2104",
    crates: Crates::everywhere("hmac"),
    ..MAC
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "HMAC/SHA-256",
        key: KeyRule::at_least(0, 32),
        tag_len: 32,
        prepare: prepare::<Hmac<sha2::Sha256>>,
        ..HMAC
    },
    Algorithm {
        name: "HMAC/SHA-384",
        key: KeyRule::at_least(0, 48),
        tag_len: 48,
        prepare: prepare::<Hmac<sha2::Sha384>>,
        ..HMAC
    },
    Algorithm {
        name: "HMAC/SHA-512",
        key: KeyRule::at_least(0, 64),
        tag_len: 64,
        prepare: prepare::<Hmac<sha2::Sha512>>,
        ..HMAC
    },
];
