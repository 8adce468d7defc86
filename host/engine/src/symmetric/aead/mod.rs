//! Authenticated encryption with associated data.

mod aegis;
mod aes_gcm;
mod aes_gcm_siv;
mod aes_siv;
mod ascon;
#[cfg(feature = "native")]
mod aws_lc;
mod chacha20_poly1305;
mod portable;

use crate::contract::symmetric::{
    AeadKey, Algorithm, Key, Kind, NonceGuard, Opening, Operation, StateImpl,
};
use crate::options::OptionName;
use crate::secret::SecretBuffer;
use crate::{Error, Result};

pub(super) const ROWS: &[&[Algorithm]] = &[
    aes_gcm::ROWS,
    chacha20_poly1305::ROWS,
    aes_gcm_siv::ROWS,
    aes_siv::ROWS,
    aegis::ROWS,
    ascon::ROWS,
];

/// What the rows have in common.
const AEAD: Algorithm = Algorithm {
    kind: Kind::Aead,
    tag_len: 16,
    options: &[OptionName::Nonce],
    operations: &[
        Operation::Absorb,
        Operation::MaxTagLen,
        Operation::Encrypt,
        Operation::EncryptDetached,
        Operation::Decrypt,
        Operation::DecryptDetached,
    ],
    open,
    ..Algorithm::UNKEYED
};

/// How a row prepares its keys that has an algorithm of aws-lc on the native back end, where the build has one, and a crate
/// of RustCrypto's on the portable one.
macro_rules! aws_lc_or {
    ($algorithm:ident, $portable:ty) => {
        |key, backend| match backend {
            #[cfg(feature = "native")]
            $crate::Backend::Native => super::aws_lc::prepare(&aws_lc_rs::aead::$algorithm, key),
            _ => super::portable::prepare::<$portable>(key, backend),
        }
    };
}
use aws_lc_or;

/// Decrypts, and leaves nothing of the plaintext behind when the tag does not verify.
fn open_verified(
    key: &dyn AeadKey,
    nonce: &[u8],
    ad: &[u8],
    data: &[u8],
    tag: &[u8],
    out: &mut [u8],
) -> Result<()> {
    let opened = key.open(nonce, ad, data, tag, out);
    if opened.is_err() {
        out.fill(0);
    }
    opened
}

/// Opens an AEAD.
fn open(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    opening.settle_nonce()?;
    // Only AEGIS has a choice.
    let tag_len = opening.settle_tag_len(|len| matches!(len, 16 | 32))?;
    let key = opening.required_key()?.clone();
    key.aead()?;
    let nonce = opening.nonce().ok_or(Error::NonceRequired)?;
    Ok(Box::new(Aead {
        nonce: opening.secret(nonce)?,
        nonce_guard: NonceGuard::new(),
        ad: opening.secret(&[])?,
        tag_len,
        key,
    }))
}

struct Aead {
    key: Key,
    nonce: SecretBuffer,
    nonce_guard: NonceGuard,
    ad: SecretBuffer,
    tag_len: usize,
}

impl StateImpl for Aead {
    fn absorb(&mut self, data: &[u8]) -> Result<()> {
        self.ad.append(data)
    }

    fn tag_len(&self) -> usize {
        self.tag_len
    }

    fn repeated_bytes(&self, _len: u64) -> u64 {
        self.ad.len() as u64
    }

    fn decrypts(&mut self) {
        self.nonce_guard.decrypts();
    }

    fn check_encrypt(&self) -> Result<()> {
        self.nonce_guard.check()
    }

    fn encrypt_detached(&mut self, data: &[u8], out: &mut [u8], tag: &mut [u8]) -> Result<()> {
        self.nonce_guard.encrypts()?;
        self.key.aead()?.seal(&self.nonce, &self.ad, data, out, tag)
    }

    fn decrypt_detached(&mut self, data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        self.nonce_guard.decrypts();
        open_verified(self.key.aead()?, &self.nonce, &self.ad, data, tag, out)
    }

    fn try_clone(&self) -> Result<Box<dyn StateImpl>> {
        Ok(Box::new(Self {
            key: self.key.clone(),
            nonce: self.nonce.try_clone()?,
            nonce_guard: self.nonce_guard.clone(),
            ad: self.ad.try_clone()?,
            tag_len: self.tag_len,
        }))
    }
}
