//! PBKDF2 (RFC 8018, section 5.2) with HMAC.

use std::marker::PhantomData;

use digest::{FixedOutput, KeyInit, OutputSizeUser, Update};
use hmac::Hmac;
use zeroize::Zeroizing;

use super::phc::{Form, Stored};
use super::{Function, PASSWORD_HASH};
use crate::contract::Crates;
use crate::contract::symmetric::{Algorithm, Opening, StateImpl};
use crate::options::OptionName;
use crate::{Error, Result};

const PBKDF2: Algorithm = Algorithm {
    options: &[OptionName::Salt, OptionName::Phc, OptionName::OpsLimit],
    fips_approved: true,
    standard: "RFC 8018, section 5.2, SP 800-132",
    crates: Crates::everywhere("pbkdf2"),
    ..PASSWORD_HASH
};

pub(super) const ROWS: &[Algorithm] = &[
    Algorithm {
        name: "PBKDF2/SHA-256",
        open: open::<Sha256>,
        ..PBKDF2
    },
    Algorithm {
        name: "PBKDF2/SHA-512",
        open: open::<Sha512>,
        ..PBKDF2
    },
];

const fn form(ident: &'static str) -> Form {
    Form {
        ident,
        versioned: false,
        params: &["i", "l"],
    }
}

/// A hash function with what PBKDF2 needs to know of it.
trait Hash: Send + Sync + 'static {
    type Hmac: KeyInit + Update + FixedOutput + Clone;
    const FORM: Form;
    const DEFAULT_ITERATIONS: u64;
}

/// PBKDF2 with HMAC-SHA-256.
enum Sha256 {}

impl Hash for Sha256 {
    type Hmac = Hmac<sha2::Sha256>;
    const FORM: Form = form("pbkdf2-sha256");
    const DEFAULT_ITERATIONS: u64 = 600_000;
}

/// PBKDF2 with HMAC-SHA-512.
enum Sha512 {}

impl Hash for Sha512 {
    type Hmac = Hmac<sha2::Sha512>;
    const FORM: Form = form("pbkdf2-sha512");
    const DEFAULT_ITERATIONS: u64 = 210_000;
}

/// Opens PBKDF2.
fn open<H: Hash>(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let stored = Stored::parse(opening, &H::FORM)?;
    let iterations = match &stored {
        Some(stored) => iterations_of(stored)?,
        None => opening
            .options
            .integer(OptionName::OpsLimit)
            .unwrap_or(H::DEFAULT_ITERATIONS),
    };
    let limit = opening.limits.pbkdf2_iterations;
    if iterations > limit {
        return Err(Error::Overflow);
    }
    let small = u32::try_from(iterations)
        .ok()
        .filter(|&iterations| iterations > 0);
    let function = Pbkdf2::<H> {
        iterations: small.ok_or(Error::UnsupportedOption)?,
        limit,
        hash: PhantomData,
    };
    opening
        .options
        .put_integer(OptionName::OpsLimit, iterations);
    super::open(opening, function, stored)
}

fn iterations_of(stored: &Stored) -> Result<u64> {
    // The length is there twice.
    if stored.has("l") && stored.decimal("l")? != stored.output_len as u64 {
        return Err(Error::UnsupportedEncoding);
    }
    stored.decimal("i")
}

struct Pbkdf2<H> {
    iterations: u32,
    /// The most iterations over all blocks of one output.
    limit: u64,
    hash: PhantomData<H>,
}

impl<H> Clone for Pbkdf2<H> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<H: Hash> Function for Pbkdf2<H> {
    fn form(&self) -> &'static Form {
        &H::FORM
    }

    fn params(&self, output_len: usize) -> Zeroizing<String> {
        Zeroizing::new(format!("i={},l={output_len}", self.iterations))
    }

    fn work(&self, len: u64) -> f64 {
        let blocks = len.div_ceil(H::Hmac::output_size() as u64).max(1);
        f64::from(self.iterations) * blocks as f64 / self.limit as f64
    }

    fn repeated_bytes(&self, salt: u64, len: u64) -> u64 {
        salt.saturating_mul(len.div_ceil(H::Hmac::output_size() as u64))
    }

    fn hash(&self, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<()> {
        ::pbkdf2::pbkdf2::<H::Hmac>(password, salt, self.iterations, out)
            .map_err(|_| Error::InternalError)
    }
}
