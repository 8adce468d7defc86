//! Symmetric keys.

use std::fmt;
use std::sync::Arc;

use crate::aead::AeadKey;
use crate::mac::MacKey;
use crate::registry::Algorithm;
use crate::secret::SecretBuffer;

/// A symmetric key of one algorithm, with its schedule prepared. Wiped when the last clone is dropped.
#[derive(Clone)]
pub struct Key(Arc<Inner>);

struct Inner {
    algorithm: &'static Algorithm,
    raw: SecretBuffer,
    schedule: Schedule,
}

/// What an algorithm computes once for a key.
pub(crate) enum Schedule {
    /// Nothing: the raw bytes are what it works with.
    Raw,
    Aead(Box<dyn AeadKey>),
    Mac(Box<dyn MacKey>),
}

impl Key {
    pub(crate) fn new(
        algorithm: &'static Algorithm,
        raw: SecretBuffer,
        schedule: Schedule,
    ) -> Self {
        Self(Arc::new(Inner {
            algorithm,
            raw,
            schedule,
        }))
    }

    /// The algorithm that the key belongs to.
    pub fn algorithm(&self) -> &'static Algorithm {
        self.0.algorithm
    }

    pub(crate) fn raw(&self) -> &[u8] {
        &self.0.raw
    }

    pub(crate) fn schedule(&self) -> &Schedule {
        &self.0.schedule
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.0.algorithm.name)
    }
}
