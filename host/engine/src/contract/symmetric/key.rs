//! Symmetric keys.

use std::fmt;
use std::sync::Arc;

use super::Algorithm;
use crate::contract::Backend;
use crate::limits::Reservation;
use crate::secret::{SecretBuffer, SecretBytes};
use crate::{Error, Result};

/// A symmetric key of one algorithm, prepared for use. Wiped when the last clone is dropped.
#[derive(Clone)]
pub struct Key {
    inner: Arc<Inner>,
    /// What it takes from the engine that it was admitted to; that of the engine that made it is in the buffer.
    _charge: Option<Arc<Reservation>>,
}

struct Inner {
    algorithm: &'static Algorithm,
    raw: SecretBuffer,
    prepared: PreparedKey,
    backend: Backend,
}

/// What an algorithm computes once for a key.
pub(crate) enum PreparedKey {
    /// Nothing: the raw bytes are what it works with.
    Raw,
    Aead(Box<dyn AeadKey>),
    Mac(Box<dyn MacKey>),
}

/// A key of an AEAD, prepared for use.
///
/// The caller has checked the lengths: the nonce has what the algorithm's row says, `out` is as long as `data`, `tag` has
/// the row's tag length, or 32 bytes for AEGIS.
pub(crate) trait AeadKey: Send + Sync {
    fn seal(
        &self,
        nonce: &[u8],
        ad: &[u8],
        data: &[u8],
        out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<()>;

    /// A failure may leave anything in `out`; the caller wipes it.
    fn open(&self, nonce: &[u8], ad: &[u8], data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()>;
}

/// A key of a MAC, from which computations start.
pub(crate) trait MacKey: Send + Sync {
    fn start(&self) -> Box<dyn Running>;

    /// The whole tag of `data`.
    fn tag_of(&self, data: &[u8]) -> SecretBytes;
}

/// A MAC that is being computed.
pub(crate) trait Running: Send + Sync {
    fn update(&mut self, data: &[u8]);

    /// The whole tag of all that was added so far; more can be added afterwards.
    fn tag(&self) -> SecretBytes;

    fn boxed_clone(&self) -> Box<dyn Running>;
}

impl Key {
    pub(crate) fn new(
        algorithm: &'static Algorithm,
        raw: SecretBuffer,
        prepared: PreparedKey,
        backend: Backend,
    ) -> Self {
        let inner = Inner {
            algorithm,
            raw,
            prepared,
            backend,
        };
        Self {
            inner: Arc::new(inner),
            _charge: None,
        }
    }

    /// The same key, counted against another budget for as long as the copy lives.
    pub(crate) fn charged_to(&self, reservation: Reservation) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            _charge: Some(Arc::new(reservation)),
        }
    }

    /// The algorithm that the key belongs to.
    pub fn algorithm(&self) -> &'static Algorithm {
        self.inner.algorithm
    }

    pub(crate) fn raw(&self) -> &[u8] {
        &self.inner.raw
    }

    pub(crate) fn backend(&self) -> Backend {
        self.inner.backend
    }

    pub(crate) fn prepared(&self) -> &PreparedKey {
        &self.inner.prepared
    }

    /// The key of an AEAD.
    pub(crate) fn aead(&self) -> Result<&dyn AeadKey> {
        match self.prepared() {
            PreparedKey::Aead(prepared) => Ok(&**prepared),
            _ => Err(Error::InternalError),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.inner.algorithm.name)
    }
}
