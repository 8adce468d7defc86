//! Symmetric keys.

use std::fmt;
use std::sync::Arc;

use crate::Backend;
use crate::aead::AeadKey;
use crate::limits::Reservation;
use crate::mac::MacKey;
use crate::registry::Algorithm;
use crate::secret::SecretBuffer;

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
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.inner.algorithm.name)
    }
}
