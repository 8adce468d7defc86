//! AEADs of aws-lc.

use aws_lc_rs::aead::{Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};

use crate::contract::symmetric::{AeadKey, PreparedKey};
use crate::secret::overwrite;
use crate::{Error, Result};

/// Prepares a key.
pub(super) fn prepare(algorithm: &'static Algorithm, key: &[u8]) -> Result<PreparedKey> {
    Ok(PreparedKey::Aead(Box::new(AwsLc::new(algorithm, key)?)))
}

pub(super) struct AwsLc {
    key: LessSafeKey,
}

impl AwsLc {
    pub(super) fn new(algorithm: &'static Algorithm, key: &[u8]) -> Result<Self> {
        Ok(Self {
            key: bind(algorithm, key)?,
        })
    }
}

fn bind(algorithm: &'static Algorithm, key: &[u8]) -> Result<LessSafeKey> {
    let key = UnboundKey::new(algorithm, key).map_err(|_| Error::InvalidKey)?;
    Ok(LessSafeKey::new(key))
}

impl AeadKey for AwsLc {
    fn seal(
        &self,
        nonce: &[u8],
        ad: &[u8],
        data: &[u8],
        out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<()> {
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::InvalidNonce)?;
        self.key
            .seal_out_of_place_scatter(nonce, Aad::from(ad), data, out, &[], tag)
            // The lengths fit, so what fails is a message longer than the algorithm allows.
            .map_err(|_| Error::Overflow)
    }

    fn open(&self, nonce: &[u8], ad: &[u8], data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Error::InvalidNonce)?;
        self.key
            .open_separate_gather(nonce, Aad::from(ad), data, tag, out)
            .map_err(|_| Error::InvalidTag)
    }
}

impl Drop for AwsLc {
    fn drop(&mut self) {
        // aws-lc keeps the schedule inside of the key, and does not wipe it.
        let algorithm = self.key.algorithm();
        let zeros = [0; 32];
        if let Some(zeros) = zeros.get(..algorithm.key_len())
            && let Ok(blank) = bind(algorithm, zeros)
        {
            overwrite(&mut self.key, blank);
        }
    }
}
