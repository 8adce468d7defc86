//! Key derivation.

mod hkdf;

use crate::contract::symmetric::Algorithm;

pub(super) const ROWS: &[&[Algorithm]] = &[hkdf::ROWS];
