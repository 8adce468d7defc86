//! Authenticated encryption with associated data.

pub(crate) mod aegis;
#[cfg(feature = "native")]
mod native;
mod portable;
pub(crate) mod siv;

use aes_gcm::aead::{AeadInOut, KeyInit};

use crate::key::{Key, PreparedKey};
use crate::nonce::NonceGuard;
use crate::opening::Opening;
use crate::options::OptionName;
use crate::secret::SecretBuffer;
use crate::state::StateImpl;
use crate::{Backend, Error, Result};

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

    /// A failure may leave anything in `out`; [`open_verified`] wipes it.
    fn open(&self, nonce: &[u8], ad: &[u8], data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()>;
}

/// Decrypts, and leaves nothing of the plaintext behind when the tag does not verify.
pub(crate) fn open_verified(
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

/// An AEAD with its two implementations.
pub(crate) trait Cipher {
    fn native(key: &[u8]) -> Result<Box<dyn AeadKey>>;
    fn portable(key: &[u8]) -> Result<Box<dyn AeadKey>>;
}

/// Prepares a key.
pub(crate) fn prepare<C: Cipher>(key: &[u8], backend: Backend) -> Result<PreparedKey> {
    match backend {
        Backend::Native => C::native(key),
        Backend::Portable => C::portable(key),
    }
    .map(PreparedKey::Aead)
}

/// Prepares a key of one of RustCrypto's AEADs, which both back ends use.
pub(crate) fn prepare_portable<A>(key: &[u8], _: Backend) -> Result<PreparedKey>
where
    A: AeadInOut + KeyInit + Send + Sync + 'static,
{
    portable::key::<A>(key).map(PreparedKey::Aead)
}

macro_rules! ciphers {
    ($($(#[$doc:meta])* $name:ident: $native:expr, $portable:ty;)*) => {$(
        $(#[$doc])*
        pub(crate) enum $name {}

        impl Cipher for $name {
            #[cfg(feature = "native")]
            fn native(key: &[u8]) -> Result<Box<dyn AeadKey>> {
                $native(key)
            }

            #[cfg(not(feature = "native"))]
            fn native(key: &[u8]) -> Result<Box<dyn AeadKey>> {
                Self::portable(key)
            }

            fn portable(key: &[u8]) -> Result<Box<dyn AeadKey>> {
                portable::key::<$portable>(key)
            }
        }
    )*};
}

ciphers! {
    /// AES-128 in Galois/Counter Mode.
    Aes128Gcm: native::aes_128_gcm, aes_gcm::Aes128Gcm;
    /// AES-256 in Galois/Counter Mode.
    Aes256Gcm: native::aes_256_gcm, aes_gcm::Aes256Gcm;
    /// AES-128-GCM-SIV.
    Aes128GcmSiv: native::aes_128_gcm_siv, aes_gcm_siv::Aes128GcmSiv;
    /// AES-256-GCM-SIV.
    Aes256GcmSiv: native::aes_256_gcm_siv, aes_gcm_siv::Aes256GcmSiv;
    /// ChaCha20-Poly1305.
    ChaCha20Poly1305: native::chacha20_poly1305, chacha20poly1305::ChaCha20Poly1305;
    /// XChaCha20-Poly1305.
    XChaCha20Poly1305: native::xchacha20_poly1305, chacha20poly1305::XChaCha20Poly1305;
}

/// Opens an AEAD.
pub(crate) fn open(opening: &mut Opening<'_>) -> Result<Box<dyn StateImpl>> {
    opening.settle_nonce()?;
    let tag_len = settle_tag_len(opening)?;
    let key = opening.required_key()?.clone();
    prepared(&key)?;
    let nonce = opening.nonce().ok_or(Error::NonceRequired)?;
    Ok(Box::new(Aead {
        nonce: opening.secret(nonce)?,
        nonce_guard: NonceGuard::new(),
        ad: opening.secret(&[])?,
        tag_len,
        key,
    }))
}

/// Puts in force how long tags are. Only AEGIS has a choice, of 16 or 32 bytes.
fn settle_tag_len(opening: &mut Opening<'_>) -> Result<usize> {
    let algorithm = opening.algorithm;
    if !algorithm.options.contains(&OptionName::TagLen) {
        return Ok(algorithm.tag_len);
    }
    let tag_len = match opening.options.integer(OptionName::TagLen) {
        None => algorithm.tag_len,
        Some(16) => 16,
        Some(32) => 32,
        Some(_) => return Err(Error::InvalidLength),
    };
    opening
        .options
        .put_integer(OptionName::TagLen, tag_len as u64);
    Ok(tag_len)
}

/// An AEAD's key, prepared for use.
pub(crate) fn prepared(key: &Key) -> Result<&dyn AeadKey> {
    match key.prepared() {
        PreparedKey::Aead(prepared) => Ok(&**prepared),
        _ => Err(Error::InternalError),
    }
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
        prepared(&self.key)?.seal(&self.nonce, &self.ad, data, out, tag)
    }

    fn decrypt_detached(&mut self, data: &[u8], tag: &[u8], out: &mut [u8]) -> Result<()> {
        self.nonce_guard.decrypts();
        open_verified(prepared(&self.key)?, &self.nonce, &self.ad, data, tag, out)
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
