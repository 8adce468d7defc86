//! What an operation will give and take, known before it runs: a caller can find room for its result first.

use super::State;
use crate::contract::symmetric::{Algorithm, Operation};
use crate::engine::Engine;
use crate::{Error, Result};

/// What starting an operation takes, in nanoseconds.
const START: u64 = 60;

impl State {
    /// The exact length of what [`State::encrypt`] would make of `len` bytes now.
    ///
    /// # Errors
    ///
    /// As [`State::encrypt`].
    pub fn check_encrypt(&self, len: usize) -> Result<usize> {
        let len = self.ciphertext_len(len)?;
        self.inner.check_encrypt()?;
        Ok(len)
    }

    /// Whether [`State::encrypt_detached`] would encrypt now.
    ///
    /// # Errors
    ///
    /// As [`State::encrypt_detached`].
    pub fn check_encrypt_detached(&self) -> Result<()> {
        self.check(Operation::EncryptDetached)?;
        self.inner.check_encrypt()
    }

    /// Whether [`State::squeeze`] would give `len` bytes; returns `len` as the length of a buffer.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidLength`], [`Error::Overflow`], and [`Error::InvalidOperation`] for an algorithm that does not
    /// squeeze. What else can fail shows when squeezing.
    pub fn check_squeeze(&self, len: u64) -> Result<usize> {
        self.check(Operation::Squeeze)?;
        let bytes = self.engine.check_squeeze(len, self.inner.squeeze_limit())?;
        self.check_cost(len)?;
        Ok(bytes)
    }

    /// Refuses an output of `len` bytes that takes more than the limits allow, before anything is allocated.
    pub(crate) fn check_cost(&self, len: u64) -> Result<()> {
        if self.inner.password_work(len) > 1.0
            || self.inner.repeated_bytes(len) > self.engine.limits().repeated_bytes
        {
            return Err(Error::Overflow);
        }
        Ok(())
    }

    /// How long it takes to squeeze, encrypt or decrypt `bytes`, in nanoseconds: a rough estimate for the native back end
    /// and a current processor, to decide whether some work is worth handing to another thread.
    pub fn estimated_nanoseconds(&self, bytes: usize) -> u64 {
        self.algorithm.estimated_nanoseconds(bytes)
    }

    /// The memory that squeezing a password hash fills, in bytes; 0 for all other algorithms.
    pub fn squeeze_memory(&self) -> u64 {
        self.inner.password_memory()
    }
}

impl Engine {
    /// Whether something that has an output of at most `longest` bytes, if it has an end, may give `len` bytes.
    pub(crate) fn check_squeeze(&self, len: u64, longest: Option<usize>) -> Result<usize> {
        if longest.is_some_and(|longest| len > longest as u64) {
            return Err(Error::InvalidLength);
        }
        if len > self.limits().squeeze_bytes {
            return Err(Error::Overflow);
        }
        usize::try_from(len).map_err(|_| Error::Overflow)
    }
}

impl Algorithm {
    /// As [`State::estimated_nanoseconds`], for a state of the algorithm or one call with a key.
    pub fn estimated_nanoseconds(&self, bytes: usize) -> u64 {
        START.saturating_add((bytes as u64 / 64).saturating_mul(self.ns_per_kib) / 16)
    }
}
