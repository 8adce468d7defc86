//! Key derivation by extracting and expanding (RFC 5869).

use crate::{Key, Result, State};

/// HKDF (RFC 5869) with the hash function that you name.
///
/// It holds the pseudorandom key, PRK, which stays with the host: extract once, then expand for each purpose.
#[derive(Debug)]
pub struct Hkdf {
    prk: Key,
}

impl Hkdf {
    /// HKDF-Extract (section 2.2): the PRK of the keying material `ikm`. The salt may be empty.
    pub fn extract(hash: &str, salt: impl AsRef<[u8]>, ikm: impl AsRef<[u8]>) -> Result<Self> {
        let ikm = Key::import(&format!("HKDF-EXTRACT/{hash}"), ikm)?;
        Self::extract_from(hash, salt, &ikm)
    }

    /// Like [`extract`](Self::extract), from keying material that is a key of `HKDF-EXTRACT/…` already.
    pub fn extract_from(hash: &str, salt: impl AsRef<[u8]>, ikm: &Key) -> Result<Self> {
        let state = State::keyed(ikm)?;
        state.absorb(salt)?;
        let prk = state.squeeze_key(&format!("HKDF-EXPAND/{hash}"))?;
        Ok(Self { prk })
    }

    /// Starts from a PRK: uniformly random bytes, at least as many as the hash function's output has.
    pub fn from_prk(hash: &str, prk: impl AsRef<[u8]>) -> Result<Self> {
        let prk = Key::import(&format!("HKDF-EXPAND/{hash}"), prk)?;
        Ok(Self { prk })
    }

    /// HKDF-Expand (section 2.3): `len` bytes for the purpose that `info` names, at most 255 times the hash function's
    /// output.
    pub fn expand(&self, info: impl AsRef<[u8]>, len: usize) -> Result<Vec<u8>> {
        self.prk.derive(info, len)
    }

    /// Like [`expand`](Self::expand), into a key for `algorithm` that never leaves the host.
    pub fn expand_key(&self, info: impl AsRef<[u8]>, algorithm: &str) -> Result<Key> {
        let state = State::keyed(&self.prk)?;
        state.absorb(info)?;
        state.squeeze_key(algorithm)
    }

    /// The pseudorandom key.
    pub fn prk(&self) -> &Key {
        &self.prk
    }
}
