//! HMAC_DRBG (SP 800-90A, section 10.1.2), with SHA-256.
//!
//! The key is the seed material: entropy input, nonce and personalization string after each other. An absorb reseeds, with
//! entropy input and additional input after each other. A squeeze is one request without additional input.

use digest::{KeyInit, Mac};
use hmac::Hmac;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::contract::symmetric::{Absorb, Algorithm, Kind, Opening, StateImpl};
use crate::contract::{Crates, KeyRule};
use crate::{Error, Result};

pub(super) const ROWS: &[Algorithm] = &[Algorithm {
    name: "HMAC-DRBG/SHA-256",
    kind: Kind::Generator,
    key: KeyRule::at_least(32, 48),
    absorb: Absorb::Delimits,
    fips_approved: true,
    standard: "SP 800-90A, section 10.1.2",
    crates: Crates::everywhere("hmac"),
    open,
    ..Algorithm::UNKEYED
}];

/// Bytes of the hash, of the key and of the value.
const LEN: usize = 32;
/// Bytes that one request may ask for (SP 800-90A, table 2).
const MAX_REQUEST: usize = 1 << 16;
/// Requests between two reseedings (SP 800-90A, table 2).
const RESEED_INTERVAL: u64 = 1 << 48;

/// Opens the generator.
fn open(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    let mut generator = HmacDrbg {
        key: [0; LEN],
        value: [1; LEN],
        requests: 0,
    };
    generator.update(opening.required_key()?.raw())?;
    Ok(Box::new(generator))
}

#[derive(Zeroize, ZeroizeOnDrop)]
struct HmacDrbg {
    key: [u8; LEN],
    value: [u8; LEN],
    requests: u64,
}

impl HmacDrbg {
    fn hmac(&self) -> Result<Hmac<Sha256>> {
        <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key).map_err(|_| Error::InternalError)
    }

    /// HMAC of the value and `more`.
    fn authenticate(&self, more: &[&[u8]]) -> Result<[u8; LEN]> {
        let mut hmac = self.hmac()?;
        hmac.update(&self.value);
        for part in more {
            hmac.update(part);
        }
        Ok(hmac.finalize().into_bytes().into())
    }

    /// HMAC_DRBG_Update, section 10.1.2.2.
    fn update(&mut self, provided: &[u8]) -> Result<()> {
        self.key = self.authenticate(&[&[0], provided])?;
        self.value = self.authenticate(&[])?;
        if !provided.is_empty() {
            self.key = self.authenticate(&[&[1], provided])?;
            self.value = self.authenticate(&[])?;
        }
        Ok(())
    }
}

impl StateImpl for HmacDrbg {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.update(data)?;
        self.requests = 0;
        Ok(())
    }

    fn squeeze_limit(&self) -> Option<usize> {
        Some(MAX_REQUEST)
    }

    fn squeeze(&mut self, out: &mut [u8]) -> Result<()> {
        if self.requests >= RESEED_INTERVAL {
            return Err(Error::AlgorithmFailure);
        }
        let hmac = self.hmac()?;
        for chunk in out.chunks_mut(LEN) {
            let mut next = hmac.clone();
            next.update(&self.value);
            self.value = next.finalize().into_bytes().into();
            chunk.copy_from_slice(&self.value[..chunk.len()]);
        }
        self.update(&[])?;
        self.requests += 1;
        Ok(())
    }

    /// A copy could only repeat what the original generates.
    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Err(Error::UnsupportedFeature)
    }
}
