//! What came of the calls.

use std::collections::BTreeMap;

use wasi_crypto_test_guests::common::CryptoErrno;
use wasi_crypto_test_guests::{Result, name};

/// What came of all calls.
#[derive(Default)]
pub struct Record {
    /// By function: how often it succeeded, and failed.
    pub counts: BTreeMap<&'static str, (u64, u64)>,
    pub digest: u64,
}

impl Record {
    /// Adds a call's outcome, and `size`, to the digest (FNV-1a).
    pub fn add<T>(
        &mut self,
        function: &'static str,
        result: &Result<T>,
        size: impl Fn(&T) -> usize,
    ) {
        let (succeeded, failed) = self.counts.entry(function).or_default();
        match result {
            Ok(_) => *succeeded += 1,
            Err(_) => *failed += 1,
        }
        self.mix(function.as_bytes());
        match result {
            Ok(value) => self.mix(&size(value).to_le_bytes()),
            Err(errno) => self.mix(name(*errno).as_bytes()),
        }
    }

    /// Adds a call whose success depends on bytes that may be the host's choice.
    pub fn add_verified<T>(&mut self, function: &'static str, result: &Result<T>) {
        let (succeeded, failed) = self.counts.entry(function).or_default();
        match result {
            Ok(_) => *succeeded += 1,
            Err(_) => *failed += 1,
        }
        match result {
            Ok(_) | Err(CryptoErrno::InvalidTag) => {}
            Err(errno) => self.mix(name(*errno).as_bytes()),
        }
    }

    fn mix(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.digest = (self.digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
