//! Keys, and what can be done with one in a single call.

use std::fmt;

use crate::bindings::wasi_ephemeral::crypto::{symmetric, symmetric_oneshot};
use crate::{Error, Options, Result};

/// A key that the host holds, for one algorithm.
///
/// The methods that take data are one call each. To feed data piece by piece, open a [`Mac`](crate::Mac), a
/// [`Hash`](struct@crate::Hash) or a [`State`](crate::State) with the key.
///
/// Dropping it closes it; what has been opened with it stays usable.
pub struct Key {
    algorithm: Box<str>,
    raw: symmetric::SymmetricKey,
}

impl Key {
    /// Has the host make up a key, of the algorithm's usual length.
    pub fn generate(algorithm: &str) -> Result<Self> {
        Self::generate_with(algorithm, &Options::new())
    }

    /// Like [`generate`](Self::generate), with options.
    pub fn generate_with(algorithm: &str, options: &Options) -> Result<Self> {
        let options = options.to_raw()?;
        symmetric::SymmetricKey::generate(algorithm, options.as_ref())
            .map(|raw| Self::from_raw(algorithm, raw))
            .map_err(Error::about(algorithm))
    }

    /// Hands the host a key. Wipe your own copy when you no longer need it.
    ///
    /// A length that the algorithm does not take is [`InvalidKey`](crate::CryptoErrno::InvalidKey).
    pub fn import(algorithm: &str, bytes: impl AsRef<[u8]>) -> Result<Self> {
        symmetric::SymmetricKey::import(algorithm, bytes.as_ref())
            .map(|raw| Self::from_raw(algorithm, raw))
            .map_err(Error::about(algorithm))
    }

    /// The key itself.
    ///
    /// A host can forbid it ([`ProhibitedOperation`](crate::CryptoErrno::ProhibitedOperation)), and does by default for
    /// managed keys.
    pub fn export(&self) -> Result<Vec<u8>> {
        self.raw.export().map_err(Error::about(&self.algorithm))
    }

    /// The tag of `data`, for a key of a MAC. Its length is the algorithm's.
    pub fn authenticate(&self, data: impl AsRef<[u8]>) -> Result<Vec<u8>> {
        symmetric_oneshot::authenticate(&self.raw, data.as_ref())
            .map_err(Error::about(&self.algorithm))
    }

    /// Checks the tag of `data`, in constant time. An error for which [`is_mismatch`](Error::is_mismatch) holds says that
    /// it is not the one.
    pub fn verify(&self, data: impl AsRef<[u8]>, tag: impl AsRef<[u8]>) -> Result<()> {
        symmetric_oneshot::verify(&self.raw, data.as_ref(), tag.as_ref())
            .map_err(Error::about(&self.algorithm))
    }

    /// `len` bytes derived from the key for one purpose, which `context` names: opens the algorithm with the key, absorbs
    /// the context, squeezes.
    pub fn derive(&self, context: impl AsRef<[u8]>, len: usize) -> Result<Vec<u8>> {
        symmetric_oneshot::derive(&self.raw, context.as_ref(), len as u64)
            .map_err(Error::about(&self.algorithm))
    }

    /// The name of the key's algorithm, as it was given.
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// A key of the raw level, for the algorithm that it was made for.
    pub fn from_raw(algorithm: &str, raw: symmetric::SymmetricKey) -> Self {
        Self {
            algorithm: algorithm.into(),
            raw,
        }
    }

    /// The key at the raw level.
    pub fn as_raw(&self) -> &symmetric::SymmetricKey {
        &self.raw
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
