//! AEADs of aws-lc.

use aws_lc_rs::aead::{
    AES_128_GCM, AES_128_GCM_SIV, AES_256_GCM, AES_256_GCM_SIV, Aad, Algorithm, CHACHA20_POLY1305,
    LessSafeKey, Nonce, UnboundKey,
};
use chacha20::{R20, hchacha};
use zeroize::{Zeroize, Zeroizing};

use super::AeadKey;
use crate::secret::overwrite;
use crate::{Error, Result};

pub(super) fn aes_128_gcm(key: &[u8]) -> Result<Box<dyn AeadKey>> {
    boxed(&AES_128_GCM, key)
}

pub(super) fn aes_256_gcm(key: &[u8]) -> Result<Box<dyn AeadKey>> {
    boxed(&AES_256_GCM, key)
}

pub(super) fn aes_128_gcm_siv(key: &[u8]) -> Result<Box<dyn AeadKey>> {
    boxed(&AES_128_GCM_SIV, key)
}

pub(super) fn aes_256_gcm_siv(key: &[u8]) -> Result<Box<dyn AeadKey>> {
    boxed(&AES_256_GCM_SIV, key)
}

pub(super) fn chacha20_poly1305(key: &[u8]) -> Result<Box<dyn AeadKey>> {
    boxed(&CHACHA20_POLY1305, key)
}

pub(super) fn xchacha20_poly1305(key: &[u8]) -> Result<Box<dyn AeadKey>> {
    let key = key.try_into().map_err(|_| Error::InvalidKey)?;
    Ok(Box::new(Extended {
        key: Zeroizing::new(key),
    }))
}

fn boxed(algorithm: &'static Algorithm, key: &[u8]) -> Result<Box<dyn AeadKey>> {
    Ok(Box::new(AwsLc::new(algorithm, key)?))
}

struct AwsLc {
    key: LessSafeKey,
}

impl AwsLc {
    fn new(algorithm: &'static Algorithm, key: &[u8]) -> Result<Self> {
        Ok(Self {
            key: prepare(algorithm, key)?,
        })
    }
}

fn prepare(algorithm: &'static Algorithm, key: &[u8]) -> Result<LessSafeKey> {
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
            && let Ok(blank) = prepare(algorithm, zeros)
        {
            overwrite(&mut self.key, blank);
        }
    }
}

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03, section 2.3): HChaCha20 makes a ChaCha20-Poly1305 key for each nonce.
struct Extended {
    key: Zeroizing<[u8; 32]>,
}

impl Extended {
    fn derive(&self, nonce: &[u8]) -> Result<(AwsLc, [u8; 12])> {
        let (input, rest) = nonce.split_first_chunk::<16>().ok_or(Error::InvalidNonce)?;
        let mut inner_nonce = [0; 12];
        let tail = &mut inner_nonce[4..];
        if rest.len() != tail.len() {
            return Err(Error::InvalidNonce);
        }
        tail.copy_from_slice(rest);
        let mut key = hchacha::<R20>((&*self.key).into(), input.into());
        let derived = AwsLc::new(&CHACHA20_POLY1305, &key);
        key.as_mut_slice().zeroize();
        Ok((derived?, inner_nonce))
    }
}

impl AeadKey for Extended {
    fn seal(
        &self,
        nonce: &[u8],
        ad: &[u8],
        data: &[u8],
        out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<()> {
        let (key, nonce) = self.derive(nonce)?;
        key.seal(&nonce, ad, data, out, tag)
    }

    fn open(&self, nonce: &[u8], ad: &[u8], data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        let (key, nonce) = self.derive(nonce)?;
        key.open(&nonce, ad, data, tag, out)
    }
}
