//! Nonces that encrypt once.

use crate::{Error, Result};

/// Whether a state may still encrypt under its nonce: once at most, and not if it is a clone, whose original may.
pub(crate) struct NonceGuard(bool);

impl NonceGuard {
    pub(crate) fn new() -> Self {
        Self(true)
    }

    /// Whether the nonce may encrypt.
    pub(crate) fn check(&self) -> Result<()> {
        if self.0 {
            Ok(())
        } else {
            Err(Error::NonceRequired)
        }
    }

    /// Says that the nonce encrypts now.
    pub(crate) fn encrypts(&mut self) -> Result<()> {
        self.check()?;
        self.0 = false;
        Ok(())
    }

    /// Says that the nonce decrypts. Whether or not the message verifies, its sender may have encrypted under it.
    pub(crate) fn decrypts(&mut self) {
        self.0 = false;
    }
}

impl Clone for NonceGuard {
    fn clone(&self) -> Self {
        Self(false)
    }
}
