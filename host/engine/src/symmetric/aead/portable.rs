//! AEADs in pure Rust.

use aes_gcm::aead::{AeadInOut, KeyInit, inout::InOutBuf};

use crate::contract::symmetric::{AeadKey, PreparedKey};
use crate::{Backend, Error, Result};

/// Prepares a key of one of RustCrypto's AEADs.
pub(super) fn prepare<A>(key: &[u8], _: Backend) -> Result<PreparedKey>
where
    A: AeadInOut + KeyInit + Send + Sync + 'static,
{
    let aead = A::new_from_slice(key).map_err(|_| Error::InvalidKey)?;
    Ok(PreparedKey::Aead(Box::new(Portable(aead))))
}

struct Portable<A>(A);

impl<A: AeadInOut + Send + Sync> AeadKey for Portable<A> {
    fn seal(
        &self,
        nonce: &[u8],
        ad: &[u8],
        data: &[u8],
        out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<()> {
        let nonce = nonce.try_into().map_err(|_| Error::InvalidNonce)?;
        let buffer = InOutBuf::new(data, out).map_err(|_| Error::InvalidLength)?;
        let computed = self
            .0
            .encrypt_inout_detached(nonce, ad, buffer)
            // The only failure is a message or associated data longer than the algorithm allows.
            .map_err(|_| Error::Overflow)?;
        if tag.len() != computed.len() {
            return Err(Error::InternalError);
        }
        tag.copy_from_slice(&computed);
        Ok(())
    }

    fn open(&self, nonce: &[u8], ad: &[u8], data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        let nonce = nonce.try_into().map_err(|_| Error::InvalidNonce)?;
        let tag = tag.try_into().map_err(|_| Error::InvalidTag)?;
        let buffer = InOutBuf::new(data, out).map_err(|_| Error::InvalidLength)?;
        self.0
            .decrypt_inout_detached(nonce, ad, buffer, tag)
            .map_err(|_| Error::InvalidTag)
    }
}
