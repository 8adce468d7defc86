//! `aead::AeadInOut` by the host.

use std::fmt;
use std::marker::PhantomData;

use aead::array::ArraySize;
use aead::consts::{U12, U16, U24, U32};
use aead::inout::InOutBuf;
use aead::{AeadCore, AeadInOut, Buffer, Error, KeyInit, KeySizeUser, Nonce, Tag, TagPosition};

use super::or_panic;
use crate::{Aead, Result};

/// The name and the sizes of an AEAD.
pub trait AeadAlgorithm {
    /// What the host calls it.
    const NAME: &'static str;
    /// Bytes of the key.
    type KeySize: ArraySize;
    /// Bytes of the nonce.
    type NonceSize: ArraySize;
    /// Bytes of the tag.
    type TagSize: ArraySize;
}

/// An AEAD by the host, with the traits that make up [`aead::Aead`].
///
/// See [the module](super) about panics.
pub struct HostAead<A> {
    aead: Aead,
    algorithm: PhantomData<fn() -> A>,
}

impl<A: AeadAlgorithm> HostAead<A> {
    /// Takes a key, or says why the host will not.
    pub fn try_new(key: &[u8]) -> Result<Self> {
        Ok(Self {
            aead: Aead::import(A::NAME, key)?,
            algorithm: PhantomData,
        })
    }

    fn seal(&self, nonce: &[u8], data: &[u8], associated_data: &[u8]) -> aead::Result<Vec<u8>> {
        self.aead
            .seal_with_nonce(nonce, data, associated_data)
            .map_err(|_| Error)
    }

    fn open(
        &self,
        nonce: &[u8],
        ciphertext: &[u8],
        associated_data: &[u8],
    ) -> aead::Result<Vec<u8>> {
        self.aead
            .open(nonce, ciphertext, associated_data)
            .map_err(|_| Error)
    }
}

impl<A: AeadAlgorithm> fmt::Debug for HostAead<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostAead({})", A::NAME)
    }
}

impl<A: AeadAlgorithm> KeySizeUser for HostAead<A> {
    type KeySize = A::KeySize;
}

impl<A: AeadAlgorithm> KeyInit for HostAead<A> {
    fn new(key: &aead::Key<Self>) -> Self {
        or_panic(Self::try_new(key))
    }
}

impl<A: AeadAlgorithm> AeadCore for HostAead<A> {
    type NonceSize = A::NonceSize;
    type TagSize = A::TagSize;
    const TAG_POSITION: TagPosition = TagPosition::Postfix;
}

impl<A: AeadAlgorithm> AeadInOut for HostAead<A> {
    fn encrypt_inout_detached(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        mut buffer: InOutBuf<'_, '_, u8>,
    ) -> aead::Result<Tag<Self>> {
        let sealed = self.seal(nonce, buffer.get_in(), associated_data)?;
        let (ciphertext, tag) = sealed.split_at_checked(buffer.len()).ok_or(Error)?;
        let tag = Tag::<Self>::try_from(tag).map_err(|_| Error)?;
        buffer.get_out().copy_from_slice(ciphertext);
        Ok(tag)
    }

    fn decrypt_inout_detached(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        mut buffer: InOutBuf<'_, '_, u8>,
        tag: &Tag<Self>,
    ) -> aead::Result<()> {
        let ciphertext = [buffer.get_in(), tag].concat();
        let plaintext = self.open(nonce, &ciphertext, associated_data)?;
        buffer.get_out().copy_from_slice(&plaintext);
        Ok(())
    }

    // The tag is in the buffer already: no need to take it off and put it back on.
    fn decrypt_in_place(
        &self,
        nonce: &Nonce<Self>,
        associated_data: &[u8],
        buffer: &mut dyn Buffer,
    ) -> aead::Result<()> {
        let plaintext = self.open(nonce, buffer.as_ref(), associated_data)?;
        buffer.truncate(plaintext.len());
        buffer.as_mut().copy_from_slice(&plaintext);
        Ok(())
    }
}

macro_rules! aeads {
    ($($(#[$doc:meta])* $name:ident, $marker:ident: $host:literal, $key:ty, $nonce:ty;)*) => {$(
        $(#[$doc])*
        pub type $name = HostAead<$marker>;

        #[doc(hidden)]
        pub enum $marker {}

        impl AeadAlgorithm for $marker {
            const NAME: &'static str = $host;
            type KeySize = $key;
            type NonceSize = $nonce;
            type TagSize = U16;
        }
    )*};
}

aeads! {
    /// AES-128-GCM (SP 800-38D).
    Aes128Gcm, Aes128GcmAlgorithm: "AES-128-GCM", U16, U12;
    /// AES-256-GCM (SP 800-38D).
    Aes256Gcm, Aes256GcmAlgorithm: "AES-256-GCM", U32, U12;
    /// AES-256-GCM-SIV (RFC 8452).
    Aes256GcmSiv, Aes256GcmSivAlgorithm: "AES-256-GCM-SIV", U32, U12;
    /// ChaCha20-Poly1305 (RFC 8439).
    ChaCha20Poly1305, ChaCha20Poly1305Algorithm: "CHACHA20-POLY1305", U32, U12;
    /// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha).
    XChaCha20Poly1305, XChaCha20Poly1305Algorithm: "XCHACHA20-POLY1305", U32, U24;
}
